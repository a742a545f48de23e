//! What hears of changes as they happen, so that upkeep need not look for them: the engine's events, and moves of
//! desktops that this server serves.

use std::time::Duration;

use futures_util::StreamExt;
use tokio_util::sync::CancellationToken;

use super::{Desktop, DesktopChange, DesktopState, Desktops, upkeep::look_at};
use crate::{ids::DesktopId, lifecycle::Tasks};

/// Before the engine's events are asked for again.
const EVENTS_AGAIN: Duration = Duration::from_secs(1);

/// Starts both; they end with the soft phase of shutdown.
pub(super) fn spawn(desktops: &Desktops, tasks: &Tasks) {
    let stop = tasks.soft();
    tasks.spawn_critical(
        "engine-events",
        watch_engine(desktops.clone(), stop.clone()),
    );
    tasks.spawn_critical("live-table", watch_changes(desktops.clone(), stop));
}

/// Looks at a desktop as soon as the engine says that its container ended or began. Whenever the engine is there
/// again, the way to its containers is looked for anew: it may be another engine.
async fn watch_engine(desktops: Desktops, stop: CancellationToken) {
    loop {
        if let Ok(mut events) = desktops.inner.runtime.events().await {
            if let Err(error) = desktops.inner.ways.look(&*desktops.inner.runtime).await {
                tracing::warn!(%error, "how desktops are reached cannot be found out yet");
            }
            loop {
                let event = tokio::select! {
                    () = stop.cancelled() => return,
                    event = events.next() => event,
                };
                let Some(event) = event else { break };
                if !matches!(event.action.as_str(), "die" | "oom" | "destroy" | "start") {
                    continue;
                }
                let looked = async {
                    match desktops.find(event.labels.desktop).await? {
                        Some(desktop) if desktop.state == DesktopState::Running => {
                            look_at(&desktops.inner, &desktop, false).await
                        }
                        _ => Ok(false),
                    }
                };
                if let Err(error) = looked.await {
                    tracing::debug!(%error, "the next comparison will find it");
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVENTS_AGAIN) => {}
        }
    }
}

/// Drops entries of the live table whose desktop ended or was tightened, here or on another replica, and so cuts their
/// streams. One that is in other hands by now keeps them.
async fn watch_changes(desktops: Desktops, stop: CancellationToken) {
    let mut changes = desktops.events().subscribe();
    loop {
        let change = tokio::select! {
            () = stop.cancelled() => return,
            change = changes.recv() => change,
        };
        let live = desktops.live().all();
        let live = live.iter().map(|entry| entry.desktop.id);
        let ids: Vec<DesktopId> = match change {
            // What is not live here has no streams to cut, and is not looked up.
            Ok(DesktopChange::Changed { desktop, .. }) => {
                live.filter(|id| *id == desktop).collect()
            }
            Ok(DesktopChange::LookAgain)
            | Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => live.collect(),
            Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
        };
        for id in ids {
            // A database that does not answer cuts nobody off.
            if let Ok(row) = desktops.find(id).await {
                follow(&desktops, id, row);
            }
        }
    }
}

fn follow(desktops: &Desktops, id: DesktopId, row: Option<Desktop>) {
    let live = desktops.live().all();
    let Some(entry) = live.iter().find(|entry| entry.desktop.id == id) else {
        return;
    };
    match row.filter(|row| entry.is_start_of(row)) {
        Some(row) if row.owner != entry.owner() => drop(desktops.live().update(row)),
        Some(_) => {}
        None => desktops.live().forget(id),
    }
}
