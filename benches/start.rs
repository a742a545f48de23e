//! How long until a new person sees their desktop, beside `docker run` of the same image with the same settings.
//!
//! Both begin with nothing but the image: a fresh home, a fresh container. The peer is what somebody with a shell would
//! do: `docker run`, ask until it answers, connect. Ours is a person who has never started anything, from the click to
//! the picture, through the real server and its proxy. They take turns, so that both meet the same machine.
//!
//! The rounds are the first argument (10 without one).
#![expect(
    clippy::unwrap_used,
    reason = "what does not work here leaves nothing to measure"
)]

#[path = "common/mod.rs"]
#[expect(dead_code, reason = "the benchmark of streams needs more of it")]
mod common;
#[path = "../tests/support/fault_proxy.rs"]
#[expect(dead_code, reason = "the tests of faults need more of it")]
mod fault_proxy;
#[path = "../tests/support/mod.rs"]
#[expect(dead_code, reason = "the tests of faults need more of it")]
mod support;

use std::process::ExitCode;

use anyhow::{Context, ensure};
use hyper::Method;
use rand::Rng;
use tokio::time::Instant;

use common::{
    direct::Direct,
    figures::{Table, judge, median, quantile},
    viewer::Viewer,
};
use support::{
    docker::try_docker,
    http::By,
    server::{ADMIN, Server},
};

const ROUNDS: usize = 10;
/// Of our median to the peer's.
const GOAL: f64 = 1.5;
const TYPE: &str = "debian-desktop";
const IMAGE: &str = "deskcast/desktop:latest";
const PASSWORD: &str = "only-for-this-benchmark";

/// Seconds of one round's parts; the last is the whole.
type Round = Vec<f64>;

#[tokio::main]
async fn main() -> ExitCode {
    // cargo says `--bench` as well.
    let rounds = std::env::args().skip(1).find_map(|word| word.parse().ok());
    let rounds = rounds.unwrap_or(ROUNDS);
    let server = Server::start_on(
        &support::installation::Installation::new().await,
        &[("LOG_LEVEL", "info")],
    )
    .await;
    // Ours first: it makes the network both use. And files that are read for the first time come from a disk.
    ours(&server, "warm-up").await.unwrap();
    peer(&server).await.unwrap();
    let (mut peers, mut own) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        if round % 2 == 0 {
            peers.push(peer(&server).await.unwrap());
        }
        own.push(ours(&server, &format!("person-{round}")).await.unwrap());
        if round % 2 == 1 {
            peers.push(peer(&server).await.unwrap());
        }
    }
    report(&peers, &own)
}

/// The same container by hand.
async fn peer(server: &Server) -> anyhow::Result<Round> {
    let port = server.installation.ports.1;
    let began = Instant::now();
    let container = ByHand::run(&server.installation.name, port)?;
    let run = began.elapsed().as_secs_f64();
    let desktop = Direct::to(([127, 0, 0, 1], port).into(), PASSWORD);
    desktop.ready().await?;
    let ready = began.elapsed().as_secs_f64();
    first_picture(&mut desktop.open().await?).await?;
    let took = began.elapsed().as_secs_f64();
    drop(container);
    Ok(vec![run, ready - run, took - ready, took])
}

/// A container with the settings of `runtime/docker`; gone when dropped.
struct ByHand {
    name: String,
}

impl ByHand {
    fn run(network: &str, port: u16) -> anyhow::Result<Self> {
        let name = format!("{network}-peer-{:08x}", rand::rng().random::<u32>());
        let container = Self { name };
        let [environment, publish, mount] = [
            format!("VNC_PW={PASSWORD}"),
            format!("127.0.0.1:{port}:6901"),
            format!(
                "type=volume,source={},target=/home/kasm-user",
                container.name
            ),
        ];
        #[rustfmt::skip]
        let words = [
            "run", "--detach", "--name", &container.name,
            "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--ipc", "private",
            "--memory", "2048m", "--memory-swap", "2048m", "--cpus", "2", "--shm-size", "512m",
            "--pids-limit", "1024", "--ulimit", "core=0:0",
            "--log-driver", "json-file", "--log-opt", "max-size=10m", "--log-opt", "max-file=1",
            "--network", network, "--publish", &publish, "--mount", &mount, "--restart", "no",
            "--env", &environment, IMAGE,
        ];
        try_docker(&words).map_err(anyhow::Error::msg)?;
        Ok(container)
    }
}

impl Drop for ByHand {
    fn drop(&mut self) {
        drop(try_docker(&["rm", "--force", &self.name]));
        drop(try_docker(&["volume", "rm", "--force", &self.name]));
    }
}

/// A person who signs in for the first time, and clicks.
async fn ours(server: &Server, person: &str) -> anyhow::Result<Round> {
    let session = somebody_new(server, person).await?;
    let began = Instant::now();
    let started = server.start_desktop(&session, TYPE).await;
    ensure!(started.status == 201, "{}", started.text);
    let running = began.elapsed().as_secs_f64();
    let container = &started.json()["container"];
    let name = container["proxy_path"].as_str().context("no name")?;
    let path = format!("/desktop/{name}/websockify");
    let mut viewer = Viewer::open(server.address, &path, &session).await?;
    first_picture(&mut viewer).await?;
    let took = began.elapsed().as_secs_f64();
    drop(viewer);
    let phases = phases(server, name).await?;
    let by = By::Program(&session);
    let removed = server.send(by, Method::POST, "/api/container/remove").await;
    ensure!(removed.status == 200, "{}", removed.text);
    Ok([phases, vec![took - running, took]].concat())
}

/// An account with the administrator's password, which spares the hashing of another one.
async fn somebody_new(server: &Server, name: &str) -> anyhow::Result<String> {
    sqlx::query(
        "insert into users (id, slug, username, display_name, role, password_hash)
         select gen_random_uuid(), $1, $1, $1, 'user', password_hash from users where username = $2",
    )
    .bind(name)
    .bind(ADMIN.0)
    .execute(&server.installation.database)
    .await?;
    let signed_in = server.try_sign_in((name, ADMIN.1)).await.json_with(200);
    let id = signed_in["session"]["id"].as_str();
    Ok(id.context("no session")?.to_owned())
}

/// What the server wrote down about the start: preparing, creating, starting, waiting.
async fn phases(server: &Server, name: &str) -> anyhow::Result<Round> {
    let times: [f64; 4] = sqlx::query_as::<_, (f64, f64, f64, f64)>(
        "select extract(epoch from creating_at - preparing_at)::float8, extract(epoch from starting_at - creating_at)::float8,
                extract(epoch from waiting_at - starting_at)::float8, extract(epoch from ready_at - waiting_at)::float8
         from desktops where name = $1",
    )
    .bind(name)
    .fetch_one(&server.installation.database)
    .await?
    .into();
    Ok(times.to_vec())
}

async fn first_picture(viewer: &mut Viewer) -> anyhow::Result<()> {
    let screen = viewer.shake_hands().await?;
    viewer.whole_picture(screen).await
}

fn report(peers: &[Round], own: &[Round]) -> ExitCode {
    let part = |rounds: &[Round], at: usize| -> Vec<f64> {
        rounds.iter().map(|round| round[at]).collect()
    };
    let mut parts = Table::new(["median"]);
    for (at, name) in ["docker run", "until it answers", "until the picture"]
        .into_iter()
        .enumerate()
    {
        parts.row(&format!("by hand: {name}"), &[median(&part(peers, at))]);
    }
    let names = [
        "preparing",
        "creating",
        "starting",
        "waiting",
        "until the picture",
    ];
    for (at, name) in names.into_iter().enumerate() {
        parts.row(&format!("Deskcast: {name}"), &[median(&part(own, at))]);
    }
    parts.print("What the time went into, in seconds");
    let mut table = Table::new(["fastest", "median", "p95"]);
    let (mut by_hand, mut ours) = (part(peers, 3), part(own, 5));
    for (name, whole) in [
        ("docker run by hand", &mut by_hand),
        ("Deskcast", &mut ours),
    ] {
        let figures = [0.0, 0.5, 0.95].map(|share| quantile(whole, share));
        table.row(name, &figures);
    }
    table.print(&format!(
        "A new person's desktop until its first whole picture, in seconds ({} rounds each)",
        own.len()
    ));
    let ratio = median(&ours) / median(&by_hand);
    println!("  ratio of the medians: {ratio:.2}");
    let met = ratio <= GOAL;
    judge(&format!("the ratio is at most {GOAL}"), met);
    if met {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
