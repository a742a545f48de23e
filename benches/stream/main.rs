//! Streams through the server, beside nginx, `HAProxy` and Caddy in the same run and beside no proxy at all.
//!
//! One desktop (the stand-in: TLS, a WebSocket, messages that come back) is reached at one address on five ways:
//! directly; through the real server; through each of the others, as `common/peers` sets them up. All on this machine,
//! all taking turns. What the figures mean is in `docs/BENCHMARKS.md`.
//!
//! Words after `--` choose measures: memory, throughput, one, few, many, paced, openings.
#![expect(
    clippy::unwrap_used,
    reason = "what does not work here leaves nothing to measure"
)]

#[path = "../common/mod.rs"]
#[expect(dead_code, reason = "the benchmark of starts needs more of it")]
mod common;
#[path = "../../tests/support/fault_proxy.rs"]
#[expect(dead_code, reason = "the tests of faults need more of it")]
mod fault_proxy;
mod measures;
#[path = "../../tests/support/mod.rs"]
#[expect(dead_code, reason = "the tests of faults need more of it")]
mod support;
mod ways;

use std::process::ExitCode;

use kasm_standin::Standin;

use common::{
    deskcast::{Deskcast, Kind},
    direct::Direct,
    figures::judge,
    peers::{Goal as Behind, Peer},
    sheet::{Goal, Sheet},
};
use measures::{BUSY, Bench, Measure};
use ways::Way;

/// Resident memory of one idle stream, which is a goal of the project's own.
const IDLE_KIB: f64 = 24.0;
/// Round trips a second, and bytes, beside the best of the peers.
const FASTER: Goal = Goal::AtLeast(1.1);
/// The slowest of a hundred round trips.
const SLOW: Goal = Goal::AtMost(1.0);
const PASSWORD: &str = "only-for-this-benchmark";
/// Columns: no proxy, ours, the peers.
const OWN: usize = 1;

// On one thread: the client shares the processor with what is measured, and is the same on every way.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let mut chosen = Measure::ALL.to_vec();
    if chosen
        .iter()
        .any(|(word, _)| words.iter().any(|it| it == word))
    {
        chosen.retain(|(word, _)| words.iter().any(|it| it == word));
    }
    let standin = Standin::builder().password(PASSWORD).spawn();
    let direct = Direct::to(standin.addr(), PASSWORD);
    let basic = direct.basic();
    let behind = Behind {
        address: standin.addr(),
        authorization: basic.to_str().unwrap(),
    };
    let peers = Peer::all(behind).await.unwrap();
    let deskcast = Deskcast::start(Kind::Vnc, standin.addr(), PASSWORD)
        .await
        .unwrap();
    let mut ways = vec![Way::Direct(direct), Way::deskcast(&deskcast)];
    ways.extend(peers.iter().map(Way::peer));
    let bench = Bench { standin: &standin };
    let mut sheet = Sheet::new(ways.iter().map(Way::name));
    for (_, what) in chosen {
        for _ in 0..what.rounds() {
            for (column, way) in ways.iter().enumerate() {
                let mut column = sheet.of(column);
                bench.measure(what, way, &mut column).await.unwrap();
            }
        }
    }
    sheet.print("Streams, medians of the rounds");
    if goals(&sheet, ways.len()) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Whether all of them are met.
fn goals(sheet: &Sheet, columns: usize) -> bool {
    let mut met = true;
    if sheet.has(measures::MEMORY) {
        let idle = sheet.figure(measures::MEMORY, OWN);
        met &= idle <= IDLE_KIB;
        let goal = format!("an idle stream takes {idle:.1} KiB of memory, at most {IDLE_KIB}");
        judge(&goal, idle <= IDLE_KIB);
    }
    let mut beside = |row, goal| met &= sheet.judge(row, OWN, OWN + 1..columns, goal);
    beside(measures::THROUGHPUT, FASTER);
    for rows in &BUSY {
        beside(rows.rate, FASTER);
        beside(rows.slow, SLOW);
    }
    met
}
