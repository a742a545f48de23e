//! How far a start is, ready to be printed (pure).

use std::{cmp::Ordering, time::Duration};

use time::OffsetDateTime;

use super::{Desktop, DesktopState, Phase};
use crate::web::words;

/// How far a start is.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Of 100.
    pub percent: u8,
    /// Each step.
    pub lines: Vec<PhaseLine>,
    /// How long it usually takes, as a sentence.
    pub usual: String,
    /// Seconds since it began.
    pub elapsed: String,
    /// From how many seconds on it is slower than usual.
    pub late_after: u64,
    /// Whether it is slower than usual already.
    pub late: bool,
    /// "12 s", for the sentence that says so.
    pub elapsed_words: String,
}

/// One step of a start.
#[derive(Clone, Debug, PartialEq)]
pub struct PhaseLine {
    /// Which.
    pub phase: Phase,
    /// `done`, `now`, `next` or `failed`.
    pub state: &'static str,
    /// How long it took or has taken; `None` when it was not reached.
    pub took: Option<Duration>,
}

impl PhaseLine {
    /// The step's stable word.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self.phase {
            Phase::Preparing => "preparing",
            Phase::Creating => "creating",
            Phase::Starting => "starting",
            Phase::Waiting => "waiting",
        }
    }

    /// "1.4 s" beside the step, or nothing.
    #[must_use]
    pub fn took_words(&self) -> String {
        self.took.map(words::took).unwrap_or_default()
    }

    /// The same in seconds, for the browser to count on from.
    #[must_use]
    pub fn took_seconds(&self) -> String {
        self.took
            .map(|took| format!("{:.1}", words::tenths(took)))
            .unwrap_or_default()
    }
}

impl Progress {
    /// Of the newest start of `desktop`, as it is at `now`; of a failed one, as it was when it ended.
    #[must_use]
    pub fn new(desktop: &Desktop, usual: Option<Duration>, now: OffsetDateTime) -> Self {
        let elapsed = Duration::try_from(now - desktop.phases.preparing).unwrap_or_default();
        let late_after = late_after(usual);
        Self {
            percent: percent(desktop, usual, now),
            lines: phase_lines(desktop, now),
            usual: usual.map_or_else(
                || "Not started here before, so it may take a little longer.".to_owned(),
                |usual| usually(Some(usual)),
            ),
            elapsed: format!("{:.1}", words::tenths(elapsed)),
            late_after: late_after.as_secs(),
            late: elapsed >= late_after,
            elapsed_words: words::took(elapsed),
        }
    }
}

/// Each step of the newest start of `desktop`, as it is at `now`.
#[must_use]
pub fn phase_lines(desktop: &Desktop, now: OffsetDateTime) -> Vec<PhaseLine> {
    let times = &desktop.phases;
    let reached = times.phase();
    let failed = desktop.state == DesktopState::Failed && times.ready.is_none();
    let until = desktop.ended_at.filter(|_| failed).unwrap_or(now);
    Phase::ALL
        .into_iter()
        .map(|phase| PhaseLine {
            phase,
            state: match phase.cmp(&reached) {
                Ordering::Greater => "next",
                Ordering::Equal if failed => "failed",
                Ordering::Equal if times.ready.is_none() => "now",
                _ => "done",
            },
            took: times.took(phase, until),
        })
        .collect()
}

/// How much of a start is done, of 100: by its phase, and by its usual time where that says more. Full only when the
/// desktop answers.
#[must_use]
pub fn percent(desktop: &Desktop, usual: Option<Duration>, now: OffsetDateTime) -> u8 {
    if desktop.phases.ready.is_some() {
        return 100;
    }
    let elapsed = Duration::try_from(now - desktop.phases.preparing).unwrap_or_default();
    let by_time = usual.filter(|usual| !usual.is_zero()).map_or(0, |usual| {
        u8::try_from(elapsed.as_millis() * 90 / usual.as_millis().max(1)).unwrap_or(u8::MAX)
    });
    desktop.phases.phase().percent().max(by_time.min(95))
}

/// From when on a start is slower than usual.
fn late_after(usual: Option<Duration>) -> Duration {
    usual.map_or(Duration::from_secs(20), |usual| {
        (usual * 2).max(usual + Duration::from_secs(5))
    })
}

/// "Usually ready after 4 seconds.", or nothing.
#[must_use]
pub fn usually(usual: Option<Duration>) -> String {
    usual
        .map(|usual| format!("Usually ready after {}.", words::about(usual)))
        .unwrap_or_default()
}


