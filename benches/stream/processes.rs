//! What a process and its children cost, read from `/proc`.

use std::fs;

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
