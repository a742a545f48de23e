//! What desktops write besides their homes, and what happens to one that writes too much.
//!
//! Some engines keep a container from growing themselves; most do not. So the sizes are read from the engine, one call
//! for all desktops, and a desktop over its limit is stopped. This is no wall: a desktop may pass its limit for as long as
//! the time between two looks.

mod store;

use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Desktops, StopError, StopReason, upkeep_error::UpkeepError};
use crate::{ids::DesktopId, runtime::DiskUse};

/// Between two looks at least.
const LOOK: Duration = Duration::from_secs(15);
/// The engine walks through the files of every container: it gets so many times the rest that a look took.
const REST: u32 = 10;
/// Desktops ended at a time.
const AT_ONCE: usize = 8;

/// A running desktop, and how much it may write besides its home.
#[derive(Clone, Copy, Debug)]
struct Limited {
    id: DesktopId,
    generation: i32,
    /// In MiB.
    most_mb: i64,
}

/// Looks again and again until `stop`.
pub(super) async fn watch(desktops: Desktops, stop: CancellationToken) {
    let mut pause = LOOK;
    while stop
        .run_until_cancelled(tokio::time::sleep(pause))
        .await
        .is_some()
    {
        let began = Instant::now();
        if let Err(error) = look_after(&desktops).await {
            tracing::debug!(%error, "what desktops write is looked at later");
        }
        pause = rest(began.elapsed());
    }
}

/// How long until the next look (pure).
fn rest(took: Duration) -> Duration {
    LOOK.max(took * REST)
}

/// Stops what is over its limit, and answers what was stopped. Asks the engine nothing while no desktop runs.
pub async fn look_after(desktops: &Desktops) -> Result<Vec<DesktopId>, UpkeepError> {
    let inner = &desktops.inner;
    let limits = store::running(&mut inner.db.acquire().await?, inner.config.disk_mb).await?;
    if limits.is_empty() {
        return Ok(Vec::new());
    }
    let used = inner.runtime.disk_use().await?;
    let stopped = stream::iter(over(&limits, &used))
        .map(|id| async move { (id, desktops.stop(id, StopReason::Disk).await) })
        .buffer_unordered(AT_ONCE)
        .filter_map(|(id, outcome)| async move {
            match outcome {
                Ok(_) => Some(id),
                Err(StopError::NotRunning) => None,
                Err(error) => {
                    tracing::warn!(desktop.id = %id, %error, "a desktop that fills the disk could not be stopped yet");
                    None
                }
            }
        });
    Ok(stopped.collect().await)
}

/// The desktops that wrote more than they may (pure). What is told about an older start says nothing about this one.
fn over(limits: &[Limited], used: &[DiskUse]) -> Vec<DesktopId> {
    let of = |limited: &Limited| {
        used.iter().find(|one| {
            one.labels.desktop == limited.id && one.labels.generation == limited.generation
        })
    };
    limits
        .iter()
        .filter(|limited| of(limited).is_some_and(|one| one.bytes > limited.most_mb << 20))
        .map(|limited| limited.id)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::{InstallationId, UserId},
        runtime::Labels,
    };

    #[test]
    fn only_this_start_over_its_own_limit_is_stopped() {
        let id = DesktopId::new();
        let limited = Limited {
            id,
            generation: 3,
            most_mb: 2,
        };
        let used = |desktop, generation, bytes| DiskUse {
            labels: Labels {
                installation: InstallationId::new(),
                desktop,
                generation,
                owner: UserId::new(),
            },
            bytes,
        };
        let table = [
            (vec![], false),
            (vec![used(id, 3, 2 << 20)], false),
            (vec![used(id, 3, (2 << 20) + 1)], true),
            (vec![used(id, 2, 9 << 20)], false),
            (vec![used(DesktopId::new(), 3, 9 << 20)], false),
            (
                vec![used(DesktopId::new(), 3, 0), used(id, 3, 9 << 20)],
                true,
            ),
        ];
        for (seen, stopped) in table {
            let expected = if stopped { vec![id] } else { vec![] };
            assert_eq!(over(&[limited], &seen), expected, "{seen:?}");
        }
    }

    #[test]
    fn a_look_that_takes_long_comes_rarely() {
        let table = [(0, 15), (1, 15), (2, 20), (30, 300)];
        for (took, pause) in table {
            assert_eq!(
                rest(Duration::from_secs(took)),
                Duration::from_secs(pause),
                "{took}"
            );
        }
    }
}
