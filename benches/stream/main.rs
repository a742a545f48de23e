//! Streams through the server, beside nginx in the same run and beside no proxy at all.
//!
//! One desktop (the stand-in: TLS, a WebSocket, messages that come back) is reached on four ways: directly; through the
//! real server; through nginx with the usual lines for a WebSocket; through nginx with buffers as large as ours. All on
//! 127.0.0.1, all taking turns. What the figures mean is in `docs/BENCHMARKS.md`.
//!
//! Words after `--` choose measures: memory, throughput, one, many, openings.
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
mod nginx;
mod processes;
mod sheet;
#[path = "../../tests/support/mod.rs"]
#[expect(dead_code, reason = "the tests of faults need more of it")]
mod support;
mod ways;

use std::process::ExitCode;

use kasm_standin::Standin;

use common::{direct::Direct, figures::judge};
use measures::{Bench, Measure};
use nginx::Nginx;
use sheet::Sheet;
use ways::{Deskcast, Way};

/// Resident memory of one idle stream, which is a goal of the project's own.
const IDLE_KIB: f64 = 64.0;
const PASSWORD: &str = "only-for-this-benchmark";

#[tokio::main]
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
    let usual = Nginx::start(&standin, &direct, "").await.unwrap();
    let large = Nginx::start(&standin, &direct, nginx::LARGE_BUFFERS)
        .await
        .unwrap();
    let deskcast = Deskcast::start(standin.addr(), PASSWORD).await.unwrap();
    let ways = [
        Way::Direct(direct),
        deskcast.way(),
        Way::proxy("nginx", usual.address, usual.process_id()),
        Way::proxy("nginx, 32 KiB", large.address, large.process_id()),
    ];
    let bench = Bench { standin: &standin };
    let mut sheet = Sheet::new(&ways);
    for (_, what) in chosen {
        for _ in 0..what.rounds() {
            for (column, way) in ways.iter().enumerate() {
                let mut column = sheet.of(column);
                bench.measure(what, way, &mut column).await.unwrap();
            }
        }
    }
    sheet.print("Streams, medians of the rounds");
    if !sheet.has(measures::MEMORY) {
        return ExitCode::SUCCESS;
    }
    let idle = sheet.figure(measures::MEMORY, 1);
    let met = idle <= IDLE_KIB;
    judge(
        &format!("an idle stream takes at most {IDLE_KIB} KiB of memory"),
        met,
    );
    if met {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
