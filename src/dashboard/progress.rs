//! How far a start is, ready to be printed (pure).

use std::time::Duration;

use time::OffsetDateTime;

use crate::desktops::{
    Desktop, Phase,
    frames::{PhaseShown, phases_shown},
};
use crate::{language::Sentence, say, web::words};

/// How far a start is.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Of 100.
    pub percent: u8,
    /// Each step.
    pub lines: Vec<PhaseShown>,
    /// How long it usually takes, as a sentence.
    pub usual: Sentence,
    /// Seconds since it began.
    pub elapsed: String,
    /// From how many seconds on it is slower than usual.
    pub late_after: u64,
    /// Whether it is slower than usual already.
    pub late: bool,
    /// "12 s", for the sentence that says so.
    pub elapsed_words: Sentence,
}

impl PhaseShown {
    /// The step's stable word, as in the events.
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
    pub fn took_words(&self) -> Sentence {
        self.seconds
            .map(|seconds| words::took(Duration::from_secs_f64(seconds)))
            .unwrap_or_default()
    }

    /// The same in seconds, for the browser to count on from.
    #[must_use]
    pub fn took_seconds(&self) -> String {
        self.seconds
            .map(|seconds| format!("{seconds:.1}"))
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
            lines: phases_shown(desktop, now),
            usual: usual.map_or_else(|| say!("start-first"), |usual| usually(Some(usual))),
            elapsed: format!("{:.1}", words::tenths(elapsed)),
            late_after: late_after.as_secs(),
            late: elapsed >= late_after,
            elapsed_words: words::took(elapsed),
        }
    }
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
pub fn usually(usual: Option<Duration>) -> Sentence {
    usual
        .map(|usual| say!("start-usual", time = words::about(usual)))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::{dashboard::samples, desktops::DesktopState};

    #[test]
    fn a_start_is_late_when_it_takes_twice_as_long_as_usual() {
        let table = [
            (None, 20),
            (Some(0), 5),
            (Some(2_000), 7),
            (Some(4_000), 9),
            (Some(30_000), 60),
        ];
        for (usual, late) in table {
            let usual = usual.map(Duration::from_millis);
            assert_eq!(late_after(usual), Duration::from_secs(late), "{usual:?}");
        }
    }

    #[test]
    fn progress_follows_the_phase_and_the_usual_time() {
        let begin = datetime!(2026-11-22 14:32:07 UTC);
        let mut desktop = samples::desktop(DesktopState::Starting, begin);
        let at = |desktop: &_, millis, usual: Option<u64>| {
            let usual = usual.map(Duration::from_millis);
            percent(desktop, usual, begin + Duration::from_millis(millis))
        };
        assert_eq!(at(&desktop, 0, None), 5);
        assert_eq!(at(&desktop, 2_000, Some(4_000)), 45);
        assert_eq!(
            at(&desktop, 60_000, Some(4_000)),
            95,
            "full only when it answers"
        );
        assert_eq!(at(&desktop, 60_000, Some(0)), 5);
        desktop.phases.waiting = Some(begin);
        assert_eq!(at(&desktop, 1_000, Some(4_000)), 60);
        desktop.phases.ready = Some(begin);
        assert_eq!(at(&desktop, 0, None), 100);
    }

    #[test]
    fn a_clock_that_went_back_is_no_time_at_all() {
        let begin = datetime!(2026-11-22 14:32:07 UTC);
        let desktop = samples::desktop(DesktopState::Starting, begin);
        let progress = Progress::new(&desktop, None, begin - Duration::from_secs(9));
        assert_eq!(progress.elapsed, "0.0");
        assert!(!progress.late);
    }
}
