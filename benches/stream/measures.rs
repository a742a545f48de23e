//! What is measured on each way.

use std::time::Duration;

use anyhow::ensure;
use futures_util::{StreamExt, TryStreamExt};
use kasm_standin::{Standin, messages};
use tokio::{
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval_at, sleep, sleep_until},
};

use super::ways::{STREAMS_OF_A_DESKTOP, Way};
use crate::common::{
    figures::{micros, quantile},
    processes::{Cost, Work},
    sheet::Column,
    viewer::Viewer,
};

/// The row of memory, which is judged.
pub(crate) const MEMORY: &str = "memory of an idle stream, KiB";

/// The row of pictures, which is judged.
pub(crate) const THROUGHPUT: &str = "one stream to the browser, MB/s";

/// How long each measure takes.
const LONG: Duration = Duration::from_millis(1500);
/// Before it counts.
const WARM_UP: Duration = Duration::from_millis(300);
/// For streams to be gone after the last measure.
const QUIET_LIMIT: Duration = Duration::from_secs(10);
const IDLE_STREAMS: usize = 500;
const PACED_STREAMS: usize = 50;
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
    /// So many streams, each of which waits for nothing but its answer.
    Busy(&'static BusyRows),
    Paced,
    Openings,
}

/// What a number of busy streams is written down as.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BusyRows {
    streams: usize,
    pub(crate) rate: &'static str,
    median: &'static str,
    pub(crate) slow: &'static str,
    processor: &'static str,
    sleeps: &'static str,
}

/// The rows of a number of busy streams.
macro_rules! busy {
    ($streams:literal) => {
        BusyRows {
            streams: $streams,
            rate: concat!("busy streams: ", $streams, ", round trips/s"),
            median: concat!("busy streams: ", $streams, ", round trip, µs, p50"),
            slow: concat!("busy streams: ", $streams, ", round trip, µs, p99"),
            processor: concat!("busy streams: ", $streams, ", processor of the proxy, µs"),
            sleeps: concat!("busy streams: ", $streams, ", sleeps of the proxy"),
        }
    };
}

/// One person, a few, a class.
pub(crate) const BUSY: [BusyRows; 3] = [busy!(1), busy!(16), busy!(50)];

impl Measure {
    /// All of them, by the words that choose one.
    pub(crate) const ALL: [(&str, Self); 7] = [
        // Memory first: what other streams leave in an allocator is no part of an idle one.
        ("memory", Self::Memory),
        ("throughput", Self::Throughput),
        ("one", Self::Busy(&BUSY[0])),
        ("few", Self::Busy(&BUSY[1])),
        ("many", Self::Busy(&BUSY[2])),
        ("paced", Self::Paced),
        ("openings", Self::Openings),
    ];

    /// How often each way has its turn.
    pub(crate) fn rounds(self) -> usize {
        match self {
            // A second round would find the memory of the first.
            Self::Memory => 1,
            _ => 5,
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
            Measure::Busy(rows) => self.busy_streams(rows, way, column).await,
            Measure::Paced => self.paced_streams(way, column).await,
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
        let work = Work::begins(way.family())?;
        let after = flow(Instant::now() + LONG).await?;
        let Cost {
            took, processor, ..
        } = work.ends()?;
        let megabytes = share(after - before) / 1e6;
        column.put(THROUGHPUT, megabytes / took);
        column.put(
            "processor of the proxy, ms for 100 MB",
            processor * 1e5 / megabytes,
        );
        drop(viewer);
        self.quiet()
    }

    /// One message after the other on each of them.
    async fn busy_streams(
        &self,
        rows: &BusyRows,
        way: &Way,
        column: &mut Column<'_>,
    ) -> anyhow::Result<()> {
        let viewers = open_all(way, rows.streams).await?;
        let begin = Instant::now() + WARM_UP;
        let mut streams = JoinSet::new();
        for viewer in viewers {
            streams.spawn(busy(viewer, begin));
        }
        sleep_until(begin).await;
        let work = Work::begins(way.family())?;
        sleep_until(begin + LONG).await;
        let cost = work.ends()?;
        let mut times = Vec::new();
        for stream in streams.join_all().await {
            times.extend(stream?);
        }
        let trips = share(times.len());
        column.put(rows.rate, trips / LONG.as_secs_f64());
        column.put(rows.median, quantile(&mut times, 0.5));
        column.put(rows.slow, quantile(&mut times, 0.99));
        column.put(rows.processor, cost.processor * 1e6 / trips);
        column.put(rows.sleeps, cost.sleeps / trips);
        self.quiet()
    }

    /// Messages at the pace of pointers on many streams.
    async fn paced_streams(&self, way: &Way, column: &mut Column<'_>) -> anyhow::Result<()> {
        let mut streams = JoinSet::new();
        let viewers = open_all(way, PACED_STREAMS).await?;
        let work = Work::begins(way.family())?;
        let pace = Duration::from_secs(1) / PACE;
        for (number, viewer) in (0_u32..).zip(viewers) {
            let first = Instant::now() + pace * number / u32::try_from(PACED_STREAMS)?;
            streams.spawn(paced(viewer, first, pace));
        }
        let mut times = Vec::new();
        for stream in streams.join_all().await {
            times.extend(stream?);
        }
        let Cost { processor, .. } = work.ends()?;
        column.put(
            "pointers on 50 streams: round trip, µs, p50",
            quantile(&mut times, 0.5),
        );
        column.put(
            "pointers on 50 streams: round trip, µs, p99",
            quantile(&mut times, 0.99),
        );
        column.put(
            "pointers on 50 streams: processor of the proxy, µs",
            processor * 1e6 / share(times.len()),
        );
        self.quiet()
    }

    /// Opening: a browser's handshake, TLS and a handshake with the desktop, the answer; then leaving.
    async fn openings(&self, way: &Way, column: &mut Column<'_>) -> anyhow::Result<()> {
        let mut openers = JoinSet::new();
        let work = Work::begins(way.family())?;
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
        let Cost {
            took, processor, ..
        } = work.ends()?;
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

/// Times of all round trips that began and ended between `begin` and [`LONG`] later.
async fn busy(mut viewer: Viewer, begin: Instant) -> anyhow::Result<Vec<f64>> {
    let message = messages::echo(&[7; 27]);
    let mut times = Vec::new();
    loop {
        let now = Instant::now();
        if now > begin + LONG {
            return Ok(times);
        }
        let took = viewer.round_trip(&message).await?;
        if now >= begin {
            times.push(micros(took));
        }
    }
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

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of bytes and messages within seconds"
)]
fn share(count: usize) -> f64 {
    count as f64
}
