//! Requests through the server to a desktop that is a web application, beside nginx, `HAProxy` and Caddy in the same run.
//!
//! The application is a web server with TLS at one address. Ours reaches it as a desktop of a `passthrough` type, with a
//! session and every check of the proxy; the others as `common/peers` sets them up. All taking turns. What the figures
//! mean is in `docs/BENCHMARKS.md`.
#![expect(
    clippy::unwrap_used,
    reason = "what does not work here leaves nothing to measure"
)]

mod client;
#[path = "../common/mod.rs"]
#[expect(dead_code, reason = "the benchmark of streams needs more of it")]
mod common;
#[path = "../../tests/support/fault_proxy.rs"]
#[expect(dead_code, reason = "the tests of faults need more of it")]
mod fault_proxy;
#[path = "../../tests/support/mod.rs"]
#[expect(dead_code, reason = "the tests of faults need more of it")]
mod support;

use std::{net::SocketAddr, process::ExitCode, time::Duration};

use kasm_standin::CERTIFICATE_AND_KEY_PEM;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use client::Client;
use common::{
    deskcast::{Deskcast, Kind},
    peers::{Goal as Behind, Peer, nginx::web_server},
    processes::{Family, Work},
    sheet::{Column, Goal, Sheet},
};

const LONG: Duration = Duration::from_secs(2);
const WARM_UP: Duration = Duration::from_millis(500);
const ROUNDS: usize = 5;
/// Beside the best of the peers, which ask nobody who they are.
const GOAL: Goal = Goal::AtLeast(0.9);
/// Columns: ours, the peers.
const OWN: usize = 0;

/// An answer, who asks for it, and the rows it is written into.
struct Answer {
    file: &'static str,
    length: usize,
    clients: usize,
    rate: &'static str,
    processor: &'static str,
}

const ANSWERS: [Answer; 2] = [
    Answer {
        file: "small",
        length: 1_000,
        clients: 16,
        rate: "1 kB, requests/s",
        processor: "1 kB, processor of the proxy, µs",
    },
    Answer {
        file: "large",
        length: 1_000_000,
        clients: 4,
        rate: "1 MB, requests/s",
        processor: "1 MB, processor of the proxy, µs",
    },
];

/// One way to the application.
struct Way {
    name: &'static str,
    address: SocketAddr,
    prefix: String,
    session: String,
    family: Family,
}

// On one thread: the clients share the processor with what is measured, and are the same on every way.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let files = ANSWERS
        .each_ref()
        .map(|answer| (answer.file, answer.length));
    let application = web_server(&files, CERTIFICATE_AND_KEY_PEM).await.unwrap();
    let behind = Behind {
        address: application.address,
        authorization: "Basic bm9ib2R5Om5vdGhpbmc=",
    };
    let peers = Peer::all(behind).await.unwrap();
    let deskcast = Deskcast::start(Kind::Passthrough, application.address, "nothing")
        .await
        .unwrap();
    let mut ways = vec![Way {
        name: "Deskcast",
        address: deskcast.address(),
        prefix: format!("/desktop/{}/", deskcast.desktops[0].name),
        session: deskcast.desktops[0].session.clone(),
        family: deskcast.family(),
    }];
    ways.extend(peers.iter().map(|peer| Way {
        name: peer.name,
        address: peer.address,
        prefix: "/".to_owned(),
        session: "nobody".to_owned(),
        family: peer.family(),
    }));
    let mut sheet = Sheet::new(ways.iter().map(|way| way.name));
    for answer in &ANSWERS {
        for _ in 0..ROUNDS {
            for (column, way) in ways.iter().enumerate() {
                measure(answer, way, &mut sheet.of(column)).await.unwrap();
            }
        }
    }
    sheet.print("Requests to a web application, medians of the rounds");
    let mut met = true;
    for answer in &ANSWERS {
        met &= sheet.judge(answer.rate, OWN, OWN + 1..ways.len(), GOAL);
    }
    if met {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// One turn of one way: every client asks again as soon as it has its answer.
async fn measure(answer: &Answer, way: &Way, column: &mut Column<'_>) -> anyhow::Result<()> {
    let path = format!("{}{}", way.prefix, answer.file);
    // Who is there is remembered for a moment; sixteen who come at once would all ask the database.
    let mut first = Client::connect(way.address, &path, &way.session).await?;
    first.ask(answer.length).await?;
    let begin = Instant::now() + WARM_UP;
    let mut clients = JoinSet::new();
    for _ in 0..answer.clients {
        let client = Client::connect(way.address, &path, &way.session).await?;
        clients.spawn(ask_again(client, answer.length, begin));
    }
    sleep_until(begin).await;
    let work = Work::begins(Some(way.family))?;
    sleep_until(begin + LONG).await;
    let cost = work.ends()?;
    let mut answers = 0;
    for client in clients.join_all().await {
        answers += client?;
    }
    let answers = f64::from(answers);
    column.put(answer.rate, answers / LONG.as_secs_f64());
    column.put(answer.processor, cost.processor * 1e6 / answers);
    Ok(())
}

/// How many answers came between `begin` and [`LONG`] later.
async fn ask_again(mut client: Client, length: usize, begin: Instant) -> anyhow::Result<u32> {
    let mut answers = 0;
    loop {
        client.ask(length).await?;
        let now = Instant::now();
        if now > begin + LONG {
            return Ok(answers);
        }
        answers += u32::from(now >= begin);
    }
}
