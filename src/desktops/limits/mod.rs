//! What a person may use at once, in a day, and for how long.
//!
//! The limits of a start are decided by the database while the person's starts take turns. Those of time are looked
//! after here once a minute, on whichever replica comes first: a stop that is under way is not begun twice.

mod store;

use std::time::Duration;

use futures_util::{StreamExt, stream};
use sqlx::PgConnection;

use super::{Desktop, Desktops, StopError, StopReason, upkeep_error::UpkeepError};
use crate::{
    groups::{Applied, Limit, settings::amount},
    ids::{DesktopId, DesktopTypeId, UserId},
    language::Sentence,
    say,
};

pub(super) use store::lock;

/// How often limits of time are looked after, and input is written down.
pub(super) const LOOK: Duration = Duration::from_mins(1);

/// Desktops ended at a time.
const AT_ONCE: usize = 8;

/// A limit that does not let another desktop start.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("{}", self.sentence())]
pub enum LimitReached {
    /// So many are open.
    DesktopsAtOnce(f64),
    /// So many of this type are open.
    DesktopsPerType(f64),
    /// So many hours of today are used up.
    HoursPerDay(f64),
}

impl LimitReached {
    /// Stable word for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::DesktopsAtOnce(_) => "desktops_at_once",
            Self::DesktopsPerType(_) => "desktops_per_type",
            Self::HoursPerDay(_) => "hours_per_day",
        }
    }

    /// The limit, its size, and who can raise it.
    #[must_use]
    pub fn sentence(self) -> Sentence {
        match self {
            Self::DesktopsAtOnce(0.0) | Self::DesktopsPerType(0.0) | Self::HoursPerDay(0.0) => {
                say!("limit-nothing")
            }
            Self::DesktopsAtOnce(most) => say!("limit-desktops-at-once", most = amount(most)),
            Self::DesktopsPerType(most) => say!("limit-desktops-per-type", most = amount(most)),
            Self::HoursPerDay(hours) => say!("limit-hours-per-day", hours = amount(hours)),
        }
    }
}

/// Why a start may not go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum CheckError {
    #[error(transparent)]
    Reached(LimitReached),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// What a person uses at the moment.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Use {
    open: i64,
    open_of_type: i64,
    seconds_today: f64,
}

/// Whether one more desktop of `kind` may start. The caller holds [`lock`] until its claim is committed.
pub(super) async fn check(
    db: &mut PgConnection,
    owner: UserId,
    kind: DesktopTypeId,
    applied: &Applied,
) -> Result<(), CheckError> {
    let at_start = [
        Limit::DesktopsAtOnce,
        Limit::DesktopsPerType,
        Limit::HoursPerDay,
    ];
    if at_start
        .iter()
        .all(|limit| applied.limit(*limit).value.is_none())
    {
        return Ok(());
    }
    let used = store::used(db, owner, kind).await?;
    match reached(applied, used) {
        Some(limit) => Err(CheckError::Reached(limit)),
        None => Ok(()),
    }
}

/// The first limit that is used up (pure).
fn reached(applied: &Applied, used: Use) -> Option<LimitReached> {
    let full = |limit: Limit, used: f64| applied.limit(limit).value.filter(|most| used >= *most);
    #[expect(clippy::cast_precision_loss, reason = "numbers of desktops")]
    let (open, open_of_type) = (used.open as f64, used.open_of_type as f64);
    full(Limit::DesktopsAtOnce, open)
        .map(LimitReached::DesktopsAtOnce)
        .or_else(|| full(Limit::DesktopsPerType, open_of_type).map(LimitReached::DesktopsPerType))
        .or_else(|| {
            full(Limit::HoursPerDay, used.seconds_today / 3_600.0).map(LimitReached::HoursPerDay)
        })
}

/// A running desktop and its times.
#[derive(Clone, Copy, Debug)]
struct Running {
    id: DesktopId,
    owner: UserId,
    seconds: f64,
    /// Since the last input, or since it was ready; `None` when its input cannot be seen.
    idle_seconds: Option<f64>,
}

/// Writes down what input was seen here, then stops what is idle or runs for too long. Answers what was stopped.
pub async fn look_after(desktops: &Desktops) -> Result<Vec<DesktopId>, UpkeepError> {
    note_input(desktops).await?;
    let running = store::running(&mut *desktops.inner.db.acquire().await?).await?;
    if running.is_empty() {
        return Ok(Vec::new());
    }
    let mut owners: Vec<_> = running.iter().map(|desktop| desktop.owner).collect();
    owners.sort_unstable();
    owners.dedup();
    let applied = desktops.inner.groups.applied_to_each(&owners).await?;
    let due = running.iter().filter_map(|desktop| {
        let reason = over(applied.get(&desktop.owner)?, desktop)?;
        Some((desktop.id, reason))
    });
    let stopped = stream::iter(due.collect::<Vec<_>>())
        .map(|(id, reason)| async move { (id, desktops.stop(id, reason).await) })
        .buffer_unordered(AT_ONCE)
        .filter_map(|(id, outcome)| async move {
            match outcome {
                Ok(_) => Some(id),
                Err(StopError::NotRunning) => None,
                Err(error) => {
                    tracing::warn!(desktop.id = %id, %error, "a desktop over its limit could not be stopped yet");
                    None
                }
            }
        });
    Ok(stopped.collect().await)
}

/// Why a running desktop is to be stopped, if it is (pure). Another replica may have seen input that it has not
/// written down yet: an idle desktop gets as long as that takes on top.
fn over(applied: &Applied, desktop: &Running) -> Option<StopReason> {
    let seconds = |limit| applied.limit(limit).value.map(|minutes| minutes * 60.0);
    if seconds(Limit::LifetimeMinutes).is_some_and(|most| desktop.seconds >= most) {
        return Some(StopReason::Lifetime);
    }
    let idle = desktop.idle_seconds?;
    let most = seconds(Limit::IdleMinutes)?;
    (idle >= most + LOOK.as_secs_f64()).then_some(StopReason::Idle)
}

/// What cannot be written down for one desktop stops nobody else from being looked after.
async fn note_input(desktops: &Desktops) -> Result<(), sqlx::Error> {
    let mut db = desktops.inner.db.acquire().await?;
    for live in desktops.live().all() {
        let Some(age) = live.fresh_input() else {
            continue;
        };
        let Desktop { id, generation, .. } = live.desktop;
        if let Err(error) = store::note_input(&mut db, id, generation, age).await {
            tracing::warn!(desktop.id = %id, %error, "the last input of a desktop could not be written down");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::groups::Settings;

    type Set = &'static [(Limit, f64)];

    fn applied(limits: &[(Limit, f64)]) -> Applied {
        let says = limits
            .iter()
            .fold(Settings::default(), |says, (limit, most)| {
                says.with_limit(*limit, Some(*most))
            });
        Applied::of(Vec::new(), &says)
    }

    #[test]
    fn the_first_limit_that_is_used_up_is_named() {
        let used = Use {
            open: 2,
            open_of_type: 1,
            seconds_today: 5_400.0,
        };
        let table: &[(Set, Option<LimitReached>)] = &[
            (&[], None),
            (&[(Limit::DesktopsAtOnce, 3.0)], None),
            (
                &[(Limit::DesktopsAtOnce, 2.0)],
                Some(LimitReached::DesktopsAtOnce(2.0)),
            ),
            (&[(Limit::DesktopsPerType, 2.0)], None),
            (
                &[(Limit::DesktopsPerType, 1.0)],
                Some(LimitReached::DesktopsPerType(1.0)),
            ),
            (&[(Limit::HoursPerDay, 1.6)], None),
            (
                &[(Limit::HoursPerDay, 1.5)],
                Some(LimitReached::HoursPerDay(1.5)),
            ),
            (
                &[(Limit::HoursPerDay, 1.0), (Limit::DesktopsAtOnce, 1.0)],
                Some(LimitReached::DesktopsAtOnce(1.0)),
            ),
        ];
        for (limits, expected) in table {
            assert_eq!(reached(&applied(limits), used), *expected, "{limits:?}");
        }
    }

    #[test]
    fn the_sentence_names_the_limit_its_size_and_who_can_raise_it() {
        let table = [
            (
                LimitReached::DesktopsAtOnce(3.0),
                "You may use 3 desktops at once. Stop one, or ask the administrator for more.",
            ),
            (
                LimitReached::DesktopsAtOnce(1.0),
                "You may use 1 desktop at once. Stop it, or ask the administrator for more.",
            ),
            (
                LimitReached::HoursPerDay(1.5),
                "You may use desktops for 1.5 hours a day, and they are used up for today. Come back tomorrow, or ask the administrator for more.",
            ),
            (
                LimitReached::DesktopsPerType(0.0),
                "You may not start desktops. Ask the administrator to allow it.",
            ),
        ];
        for (limit, words) in table {
            assert_eq!(limit.sentence().to_string(), words);
        }
    }

    #[test]
    fn what_runs_too_long_or_stands_idle_is_stopped() {
        let desktop = |seconds, idle_seconds| Running {
            id: DesktopId::new(),
            owner: UserId::new(),
            seconds,
            idle_seconds,
        };
        let both: Set = &[(Limit::LifetimeMinutes, 60.0), (Limit::IdleMinutes, 10.0)];
        let table: &[(Set, Running, Option<StopReason>)] = &[
            (&[], desktop(1e9, Some(1e9)), None),
            (both, desktop(3_599.0, Some(659.0)), None),
            (
                both,
                desktop(3_600.0, Some(0.0)),
                Some(StopReason::Lifetime),
            ),
            (both, desktop(3_000.0, Some(660.0)), Some(StopReason::Idle)),
            (both, desktop(3_000.0, None), None),
            (
                both,
                desktop(3_600.0, Some(1e9)),
                Some(StopReason::Lifetime),
            ),
        ];
        for (limits, running, expected) in table {
            assert_eq!(over(&applied(limits), running), *expected, "{running:?}");
        }
    }
}
