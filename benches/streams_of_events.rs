//! What a change costs while thousands of streams of events are open, and whether they slow a start down.
//!
//! The peer is the same server without streams, in the same run: starts take turns in blocks, before the streams are
//! opened, beside them, and after they were closed. Each stream is another person's, as on a busy day; the change is one
//! of a desktop of one of them.
//!
//! The number of streams is the first argument (3000 without one).
#![expect(
    clippy::unwrap_used,
    reason = "what does not work here leaves nothing to measure"
)]

#[path = "common/figures.rs"]
#[expect(dead_code, reason = "the benchmark of streams needs more of it")]
mod figures;
#[path = "common/processes.rs"]
#[expect(dead_code, reason = "the benchmark of streams needs more of it")]
mod processes;
#[path = "../tests/support/mod.rs"]
#[expect(dead_code, reason = "the tests of faults need more of it")]
mod support;

use std::{process::ExitCode, time::Duration};

use anyhow::{Context, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::{StreamExt, TryStreamExt, stream};
use hyper::Method;
use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep},
};

use figures::{Table, judge, median, quantile};
use processes::Family;
use support::{
    http::By,
    installation::{Installation, Kind},
    server::Server,
};

const STREAMS: usize = 3_000;
/// Changes that are measured together: the kernel counts processor time in steps of ten milliseconds.
const CHANGES: usize = 200;
/// Starts in each of the three blocks.
const STARTS: usize = 8;
/// Of one change, in milliseconds of the server's processor.
const CHANGE_GOAL: f64 = 20.0;
/// Of the median of a start beside the streams to that without.
const START_GOAL: f64 = 1.2;
/// How many streams are opened at once.
const TOGETHER: usize = 8;
/// No event takes longer.
const LIMIT: Duration = Duration::from_secs(30);
/// For what happens in the server without any change: looks at sessions, upkeep.
const QUIET: Duration = Duration::from_secs(6);
const TYPE: &str = "stand-in";

#[tokio::main]
async fn main() -> ExitCode {
    // cargo says `--bench` as well.
    let streams = std::env::args().skip(1).find_map(|word| word.parse().ok());
    let streams = streams.unwrap_or(STREAMS);
    let installation = Installation::new().await;
    let server = Server::start_on(&installation, &[("LOG_LEVEL", "warn")]).await;
    let figures = measure(&server, streams).await.unwrap();
    report(&figures, streams)
}

/// What was measured.
struct Figures {
    /// Seconds of each start.
    alone: Vec<f64>,
    beside: Vec<f64>,
    /// Milliseconds of the server's processor for one change, with one stream and with all.
    change_of_one: f64,
    change_of_all: f64,
    /// Milliseconds from the change to its event.
    told: Vec<f64>,
    /// KiB of the server's memory for one stream.
    memory: f64,
}

async fn measure(server: &Server, count: usize) -> anyhow::Result<Figures> {
    server.installation.add(&Kind::stand_in(TYPE)).await;
    let database = &server.installation.database;
    let people = people(database, count).await?;
    let family = Family::of(server.process.id());
    let starter = server.sign_in().await;
    start(server, &starter).await?;
    let mut alone = starts(server, &starter).await?;

    let mut one = Stream::open(server, &people[0]).await?;
    let (change_of_one, _) = changes(server, family, &mut one).await?;
    let before = family.memory()?;
    let others: Vec<Stream> = stream::iter(&people[1..])
        .map(|session| Stream::open(server, session))
        .buffer_unordered(TOGETHER)
        .try_collect()
        .await?;
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let memory = (family.memory()? - before) / others.len() as f64;
    let (change_of_all, told) = changes(server, family, &mut one).await?;
    let beside = starts(server, &starter).await?;
    drop(others);
    alone.extend(starts(server, &starter).await?);
    Ok(Figures {
        alone,
        beside,
        change_of_one,
        change_of_all,
        told,
        memory,
    })
}

/// So many accounts with a session each; the first has a desktop that is starting, and nobody takes its start over.
async fn people(database: &PgPool, count: usize) -> anyhow::Result<Vec<String>> {
    let sessions: Vec<_> = (0..count)
        .map(|_| URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()))
        .collect();
    sqlx::query(
        "with made as (
             insert into users (id, slug, username, display_name, role)
             select gen_random_uuid(), 'person-' || n, 'person-' || n, 'Person ' || n, 'user'
             from generate_series(1, cardinality($1)) n returning id, username)
         insert into login_sessions (id_hash, user_id, data, expires_at, ends_at)
         select sha256(convert_to(session, 'UTF8')), made.id, '{}', now() + interval '2 hours', now() + interval '2 hours'
         from unnest($1) with ordinality as given (session, n) join made on made.username = 'person-' || n",
    )
    .bind(&sessions)
    .execute(database)
    .await?;
    sqlx::query(
        "insert into desktops (id, name, owner_id, type_id, state, lease_holder, lease_until, vnc_password)
         select gen_random_uuid(), 'person-1-desktop', u.id, t.id, 'starting', gen_random_uuid(),
             now() + interval '1 hour', 'x'
         from users u, desktop_types t where u.username = 'person-1' and t.slug = $1",
    )
    .bind(TYPE)
    .execute(database)
    .await?;
    Ok(sessions)
}

/// One open stream of events.
struct Stream(TcpStream);

impl Stream {
    /// Open as soon as its first event is here.
    async fn open(server: &Server, session: &str) -> anyhow::Result<Self> {
        let mut stream = Self(TcpStream::connect(server.address).await?);
        let head = format!(
            "GET /api/events HTTP/1.1\r\nHost: {}\r\nX-Session-ID: {session}\r\n\r\n",
            server.address
        );
        stream.0.write_all(head.as_bytes()).await?;
        stream.reads("event: now").await?;
        Ok(stream)
    }

    /// Reads until `words` have come.
    async fn reads(&mut self, words: &str) -> anyhow::Result<()> {
        let mut text = String::new();
        let mut part = [0; 4096];
        let reading = async {
            while !text.contains(words) {
                let read = self.0.read(&mut part).await?;
                ensure!(read > 0, "the stream has ended: {text}");
                text += &String::from_utf8_lossy(&part[..read]);
            }
            Ok(())
        };
        tokio::time::timeout(LIMIT, reading)
            .await
            .context("no event in time")?
    }
}

/// Milliseconds of the processor for one change, and from each change to its event.
async fn changes(
    server: &Server,
    family: Family,
    stream: &mut Stream,
) -> anyhow::Result<(f64, Vec<f64>)> {
    let quiet = family.processor()?;
    sleep(QUIET).await;
    let by_itself = (family.processor()? - quiet) / QUIET.as_secs_f64();
    let (began, before) = (Instant::now(), family.processor()?);
    let mut told = Vec::with_capacity(CHANGES);
    for _ in 0..CHANGES {
        let changed = Instant::now();
        sqlx::query("update desktops set waiting_at = now() where name = 'person-1-desktop'")
            .execute(&server.installation.database)
            .await?;
        stream.reads("event: desktop").await?;
        told.push(changed.elapsed().as_secs_f64() * 1e3);
    }
    let used = family.processor()? - before - by_itself * began.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "some hundreds")]
    let each = used.max(0.0) * 1e3 / CHANGES as f64;
    Ok((each, told))
}

async fn starts(server: &Server, session: &str) -> anyhow::Result<Vec<f64>> {
    let mut all = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        all.push(start(server, session).await?);
    }
    Ok(all)
}

/// Seconds from the click until the desktop answers.
async fn start(server: &Server, session: &str) -> anyhow::Result<f64> {
    let began = Instant::now();
    let started = server.start_desktop(session, TYPE).await;
    ensure!(started.status == 201, "{}", started.text);
    let took = began.elapsed().as_secs_f64();
    let by = By::Program(session);
    let removed = server.send(by, Method::POST, "/api/container/remove").await;
    ensure!(removed.status == 200, "{}", removed.text);
    Ok(took)
}

fn report(figures: &Figures, count: usize) -> ExitCode {
    let mut told = figures.told.clone();
    let mut table = Table::new(["1 stream", &format!("{count} streams")]);
    table.row(
        "processor of the server for a change, ms",
        &[figures.change_of_one, figures.change_of_all],
    );
    table.row(
        "from a change to its event, median, ms",
        &[f64::NAN, quantile(&mut told, 0.5)],
    );
    table.row("the same, p99, ms", &[f64::NAN, quantile(&mut told, 0.99)]);
    table.row("memory of a stream, KiB", &[f64::NAN, figures.memory]);
    table.print("A change while streams of events are open");
    let mut starts = Table::new(["fastest", "median"]);
    for (name, block) in [
        ("without streams", &figures.alone),
        ("beside them", &figures.beside),
    ] {
        let mut block = block.clone();
        starts.row(name, &[0.0, 0.5].map(|share| quantile(&mut block, share)));
    }
    starts.print("A start, in seconds");
    let ratio = median(&figures.beside) / median(&figures.alone);
    println!("  ratio of the medians: {ratio:.2}");
    let goals = [
        (
            format!("a change takes at most {CHANGE_GOAL} ms of the processor"),
            figures.change_of_all <= CHANGE_GOAL,
        ),
        (
            format!("a start beside {count} streams takes at most {START_GOAL} x its time without"),
            ratio <= START_GOAL,
        ),
    ];
    for (goal, met) in &goals {
        judge(goal, *met);
    }
    if goals.iter().all(|(_, met)| *met) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
