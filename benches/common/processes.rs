//! What a process and its children cost, read from `/proc`.

use std::{fs, time::Instant};

use anyhow::Context;

/// The kernel counts processor time in these for every program, whatever its own tick.
const TICKS_A_SECOND: f64 = 100.0;

/// A process with all its children (nginx works in those).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Family(u32);

impl Family {
    pub(crate) fn of(process: u32) -> Self {
        Self(process)
    }

    /// Resident memory, in KiB.
    pub(crate) fn memory(self) -> anyhow::Result<f64> {
        self.members()?.into_iter().try_fold(0.0, |sum, member| {
            let status = fs::read_to_string(format!("/proc/{member}/status"))?;
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
            let words = line.context("no VmRSS")?.trim_end_matches("kB");
            Ok(sum + words.trim().parse::<f64>()?)
        })
    }

    /// Processor time so far, in seconds.
    pub(crate) fn processor(self) -> anyhow::Result<f64> {
        self.members()?.into_iter().try_fold(0.0, |sum, member| {
            let stat = fs::read_to_string(format!("/proc/{member}/stat"))?;
            // The name stands in brackets and may contain anything; the state follows.
            let (_, after) = stat.rsplit_once(')').context("no name")?;
            let mut fields = after.split_whitespace().skip(11);
            let mut ticks = || anyhow::Ok(fields.next().context("short")?.parse::<f64>()?);
            Ok(sum + (ticks()? + ticks()?) / TICKS_A_SECOND)
        })
    }

    /// How often its threads have gone to sleep so far: each time somebody has to wake them.
    pub(crate) fn sleeps(self) -> anyhow::Result<f64> {
        let mut sum = 0.0;
        for member in self.members()? {
            for thread in fs::read_dir(format!("/proc/{member}/task"))? {
                let status = fs::read_to_string(thread?.path().join("status"))?;
                let prefix = "voluntary_ctxt_switches:";
                let line = status.lines().find_map(|line| line.strip_prefix(prefix));
                sum += line.context("no switches")?.trim().parse::<f64>()?;
            }
        }
        Ok(sum)
    }

    fn members(self) -> anyhow::Result<Vec<u32>> {
        let Self(parent) = self;
        let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"))?;
        let children = children.split_whitespace().map(str::parse);
        std::iter::once(Ok(parent))
            .chain(children)
            .map(|member| Ok(member?))
            .collect()
    }
}

/// What was needed between two moments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Seconds on the clock.
    pub(crate) took: f64,
    /// Seconds of the proxy's processor; not a number without a proxy, as in the next.
    pub(crate) processor: f64,
    /// How often its threads went to sleep.
    pub(crate) sleeps: f64,
}

/// Time and processor between two moments.
pub(crate) struct Work {
    began: Instant,
    family: Option<Family>,
    processor: f64,
    sleeps: f64,
}

impl Work {
    pub(crate) fn begins(family: Option<Family>) -> anyhow::Result<Self> {
        Ok(Self {
            family,
            processor: family.map_or(Ok(f64::NAN), Family::processor)?,
            sleeps: family.map_or(Ok(f64::NAN), Family::sleeps)?,
            began: Instant::now(),
        })
    }

    /// How much of both there was.
    pub(crate) fn ends(self) -> anyhow::Result<Cost> {
        let took = self.began.elapsed().as_secs_f64();
        let processor = self.family.map_or(Ok(f64::NAN), Family::processor)?;
        let sleeps = self.family.map_or(Ok(f64::NAN), Family::sleeps)?;
        Ok(Cost {
            took,
            processor: processor - self.processor,
            sleeps: sleeps - self.sleeps,
        })
    }
}
