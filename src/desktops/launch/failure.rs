//! What is left of a start that did not succeed: its container goes, its reason stays.

use super::{LEASE, LaunchError};
use crate::{
    desktops::{
        Desktop, EndCode, EndReason, Inner,
        moves::{self, Worker},
        ports, store,
    },
    runtime::RuntimeError,
};

/// Lines of output kept of a failed start.
const LOG_LINES: usize = 20;

/// Cleans up and says why. First the container, then the row: a crash in between repeats the start. A worker that lost
/// its lease meanwhile leaves the container to whoever has it now.
pub(super) async fn fail(inner: &Inner, desktop: &Desktop, worker: Worker, error: LaunchError) {
    let name = &desktop.name;
    let held = async { moves::renew_lease(&mut inner.db.acquire().await?, worker, LEASE).await };
    if !held.await.unwrap_or(false) {
        tracing::info!(desktop.name = %name, error.cause = %error, "a start of desktop {name} failed after it was taken over");
        return clean_up_if_unwanted(inner, desktop).await;
    }
    let by_name = crate::runtime::spec::container_name(desktop.id);
    let log = inner
        .runtime
        .logs(&by_name, LOG_LINES)
        .await
        .unwrap_or_default();
    tracing::warn!(desktop.name = %name, error.cause = %error, container.log = %log, "desktop {name} did not start");
    clean_up(inner, desktop).await;
    let end = end_reason(&error);
    let marked = async {
        ports::release(&inner.db, desktop.id).await?;
        moves::mark_start_failed(&mut inner.db.acquire().await?, worker, &end).await
    };
    if let Err(error) = marked.await {
        tracing::warn!(desktop.name = %name, %error, "the failed start of desktop {name} cannot be written down yet");
    }
}

/// After the lease is lost: whoever took over needs the container; nobody does when the start was called off.
pub(super) async fn clean_up_if_unwanted(inner: &Inner, desktop: &Desktop) {
    let row = async { store::find(&mut inner.db.acquire().await?, desktop.id).await };
    match row.await {
        Ok(Some(row)) if row.state.is_live() && row.generation == desktop.generation => {}
        Ok(_) => clean_up(inner, desktop).await,
        Err(error) => {
            tracing::warn!(desktop.name = %desktop.name, %error, "upkeep will look after its container");
        }
    }
}

/// Removes the container of this generation, if it is there. One that comes later (a late answer of the engine) is
/// found by `upkeep`.
async fn clean_up(inner: &Inner, desktop: &Desktop) {
    let by_name = crate::runtime::spec::container_name(desktop.id);
    let removed = async {
        match inner.runtime.inspect(&by_name).await? {
            Some(container) if container.labels.generation == desktop.generation => {
                inner.runtime.remove(&container.id).await
            }
            _ => Ok(()),
        }
    };
    if let Err(error) = removed.await {
        tracing::warn!(desktop.name = %desktop.name, %error, "its container could not be removed yet");
    }
}

fn end_reason(error: &LaunchError) -> EndReason {
    let code = match error {
        LaunchError::Runtime(RuntimeError::ImageMissing(_)) => EndCode::ImageMissing,
        LaunchError::Runtime(error) if error.is_away() => EndCode::DockerUnavailable,
        LaunchError::NoPort | LaunchError::Runtime(RuntimeError::PortTaken(_)) => {
            EndCode::NoCapacity
        }
        LaunchError::Ended {
            out_of_memory: true,
        } => EndCode::OutOfMemory,
        LaunchError::Ended { .. } => EndCode::EndedByItself,
        LaunchError::TooSlow | LaunchError::Silent => EndCode::TooSlow,
        LaunchError::Runtime(_)
        | LaunchError::WrongPassword
        | LaunchError::Lost
        | LaunchError::Database(_) => EndCode::StartFailed,
    };
    EndReason::new(code, false)
}
