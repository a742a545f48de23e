//! What is measured on each way.

use std::time::Duration;

use anyhow::ensure;
use futures_util::{StreamExt, TryStreamExt};
use kasm_standin::{Standin, messages};
use tokio::{
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval_at, sleep},
};

use super::{
    processes::Family,
    sheet::Column,
    ways::{STREAMS_OF_A_DESKTOP, Way},
};
use crate::common::{
    figures::{micros, quantile},
    viewer::Viewer,
};

/// The row of memory, which is judged.
pub(crate) const MEMORY: &str = "memory of an idle stream, KiB";

/// How long each measure takes.
const LONG: Duration = Duration::from_millis(2500);
/// Before it counts.
const WARM_UP: Duration = Duration::from_millis(300);
/// For streams to be gone after the last measure.
const QUIET_LIMIT: Duration = Duration::from_secs(10);
const IDLE_STREAMS: usize = 500;
const BUSY_STREAMS: usize = 50;
/// Messages a second on each of them: as often as a screen shows where the pointer is.
const PACE: u32 = 60;
/// People who open and leave at the same time.
const OPENERS: usize = 4;
/// The longest frame a real desktop sends has this payload.
const PICTURE: u16 = 49_132;
/// What the stand-in has to send at least, so that it never waits for us.
const AHEAD: usize = 16 << 20;

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    Memory,
    Throughput,
    One,
    Many,
    Openings,
}

impl Measure {
    /// All of them, by the words that choose one.
    pub(crate) const ALL: [(&str, Self); 5] = [
        // Memory first: what other streams leave in an allocator is no part of an idle one.
        ("memory", Self::Memory),
        ("throughput", Self::Throughput),
        ("one", Self::One),
        ("many", Self::Many),
        ("openings", Self::Openings),
    ];

    /// How often each way has its turn.
    pub(crate) fn rounds(self) -> usize {
        match self {
            // A second round would find the memory of the first.
            Self::Memory => 1,
            _ => 3,
        }
    }
}

pub(crate) struct Bench<'s> {
    pub(crate) standin: &'s Standin,
}

impl Bench<'_> {
    /// One turn of one way.
    pub(crate) async fn measure(
        &self,
        what: Measure,
        way: &Way,
        column: &mut Column<'_>,
    ) -> anyhow::Result<()> {
        match what {
            Measure::Memory => self.memory(way, column).await,
            Measure::Throughput => self.throughput(way, column).await,
            Measure::One => self.one_stream(way, column).await,
            Measure::Many => self.many_streams(way, column).await,
            Measure::Openings => self.openings(way, column).await,
        }
    }

    /// How much memory the proxy needs more with many idle streams, each after its protocol's handshake.
    async fn memory(&self, way: &Way, column: &mut Column<'_>) -> anyhow::Result<()> {
        let Some(family) = way.family() else {
            column.put(MEMORY, f64::NAN);
            return Ok(());
        };
        way.open(0).await?.shake_hands().await?;
        self.quiet()?;
        let before = family.memory()?;
        let idle = open_all(way, IDLE_STREAMS).await?;
        sleep(Duration::from_secs(1)).await;
        ensure!(self.standin.websocket_count() == IDLE_STREAMS, "lost some");
        let more = family.memory()? - before;
        column.put(MEMORY, more / share(IDLE_STREAMS));
        drop(idle);
        self.quiet()
    }

    /// Pictures, as fast as they get through.
    async fn throughput(&self, way: &Way, column: &mut Column<'_>) -> anyhow::Result<()> {
        let mut viewer = way.open(0).await?;
        viewer.shake_hands().await?;
        let mut picture = vec![0x82, 126];
        picture.extend(PICTURE.to_be_bytes());
        picture.resize(picture.len() + usize::from(PICTURE), 0x55);
        let mut buffer = vec![0; 256 * 1024];
        let (mut sent, mut seen) = (0, 0);
        let mut flow = async |until: Instant| -> anyhow::Result<usize> {
            while Instant::now() < until {
                while sent < seen + AHEAD {
                    self.standin.send_raw(&picture);
                    sent += picture.len();
                }
                seen += viewer.raw(&mut buffer).await?;
            }
            Ok(seen)
        };
        let before = flow(Instant::now() + WARM_UP).await?;
        let work = Work::begins(way)?;
        let after = flow(Instant::now() + LONG).await?;
        let (took, processor) = work.ends()?;
        let megabytes = share(after - before) / 1e6;
        column.put("one stream to the browser, MB/s", megabytes / took);
        column.put(
            "processor of the proxy, ms for 100 MB",
            processor * 1e5 / megabytes,
        );
        drop(viewer);
        self.quiet()
    }

    /// One message after the other.
    async fn one_stream(&self, way: &Way, column: &mut Column<'_>) -> anyhow::Result<()> {
        let mut viewer = way.open(0).await?;
        viewer.shake_hands().await?;
        let message = messages::echo(&[7; 27]);
        let begin = Instant::now() + WARM_UP;
        let mut times = Vec::new();
        while Instant::now() < begin + LONG {
            let took = viewer.round_trip(&message).await?;
            if Instant::now() > begin {
                times.push(micros(took));
            }
        }
        column.put("round trip, 1 stream, µs, p50", quantile(&mut times, 0.5));
        column.put("round trip, 1 stream, µs, p99", quantile(&mut times, 0.99));
        drop(viewer);
        self.quiet()
    }

    /// Messages at the pace of pointers on many streams.
    async fn many_streams(&self, way: &Way, column: &mut Column<'_>) -> anyhow::Result<()> {
        let mut streams = JoinSet::new();
        let viewers = open_all(way, BUSY_STREAMS).await?;
        let work = Work::begins(way)?;
        let pace = Duration::from_secs(1) / PACE;
        for (number, viewer) in (0_u32..).zip(viewers) {
            let first = Instant::now() + pace * number / u32::try_from(BUSY_STREAMS)?;
            streams.spawn(paced(viewer, first, pace));
        }
        let mut times = Vec::new();
        for stream in streams.join_all().await {
            times.extend(stream?);
        }
        let (_, processor) = work.ends()?;
        column.put("round trip, 50 streams, µs, p50", quantile(&mut times, 0.5));
        column.put(
            "round trip, 50 streams, µs, p99",
            quantile(&mut times, 0.99),
        );
        column.put(
            "processor of the proxy, µs for a round trip",
            processor * 1e6 / share(times.len()),
        );
        self.quiet()
    }

    /// Opening: a browser's handshake, TLS and a handshake with the desktop, the answer; then leaving.
    async fn openings(&self, way: &Way, column: &mut Column<'_>) -> anyhow::Result<()> {
        let mut openers = JoinSet::new();
        let work = Work::begins(way)?;
        let until = Instant::now() + LONG;
        for opener in 0..OPENERS {
            let way = way.clone();
            openers.spawn(async move {
                let mut opened = 0;
                while Instant::now() < until {
                    // Other desktops each time: who has left may be counted there for another moment.
                    let turn = opener + OPENERS * opened;
                    drop(way.open(turn * STREAMS_OF_A_DESKTOP).await?);
                    opened += 1;
                }
                anyhow::Ok(opened)
            });
        }
        let mut opened = 0;
        for opener in openers.join_all().await {
            opened += opener?;
        }
        let (took, processor) = work.ends()?;
        column.put("openings per second", share(opened) / took);
        column.put(
            "processor of the proxy, µs for an opening",
            processor * 1e6 / share(opened),
        );
        self.quiet()
    }

    /// Everybody has left.
    fn quiet(&self) -> anyhow::Result<()> {
        let gone = self.standin.wait_for_websockets(0, QUIET_LIMIT);
        ensure!(gone, "streams are still open");
        Ok(())
    }
}

/// So many streams after their protocol's handshake, opened a few at a time.
async fn open_all(way: &Way, count: usize) -> anyhow::Result<Vec<Viewer>> {
    futures_util::stream::iter(0..count)
        .map(|number| async move {
            let mut viewer = way.open(number).await?;
            viewer.shake_hands().await?;
            anyhow::Ok(viewer)
        })
        .buffer_unordered(2 * OPENERS)
        .try_collect()
        .await
}

async fn paced(mut viewer: Viewer, first: Instant, pace: Duration) -> anyhow::Result<Vec<f64>> {
    let message = messages::echo(&[7; 27]);
    let mut ticks = interval_at(first, pace);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut times = Vec::new();
    while first.elapsed() < LONG {
        ticks.tick().await;
        times.push(micros(viewer.round_trip(&message).await?));
    }
    Ok(times)
}

/// Time and processor between two moments.
struct Work {
    began: Instant,
    family: Option<Family>,
    before: f64,
}

impl Work {
    fn begins(way: &Way) -> anyhow::Result<Self> {
        let family = way.family();
        Ok(Self {
            family,
            before: family.map_or(Ok(f64::NAN), Family::processor)?,
            began: Instant::now(),
        })
    }

    /// Seconds on the clock, and of the proxy's processor.
    fn ends(self) -> anyhow::Result<(f64, f64)> {
        let took = self.began.elapsed().as_secs_f64();
        let now = self.family.map_or(Ok(f64::NAN), Family::processor)?;
        Ok((took, now - self.before))
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of bytes and messages within seconds"
)]
fn share(count: usize) -> f64 {
    count as f64
}
