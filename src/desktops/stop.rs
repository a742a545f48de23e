//! Stop and remove.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};

use super::{
    Desktop, DesktopState, Desktops, EndCode, EndReason, Inner,
    launch::{self, LEASE, container_ref},
    moves::{self, Worker},
    ports, store,
};
use crate::{
    ids::{DesktopId, UserId, WorkerId},
    language::Sentence,
    runtime::RuntimeError,
    say,
};

/// How long the programs of a desktop get to end by themselves.
const GRACE: Duration = Duration::from_secs(10);
/// How long a second caller waits for a stop that is under way.
const WAIT_FOR_OTHER: Duration = Duration::from_secs(30);
/// Desktops ended at a time when everything is stopped.
const AT_ONCE: usize = 8;

/// Who ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// Its owner.
    Owner,
    /// An administrator.
    Admin(UserId),
    /// It ran as long as it may.
    Lifetime,
    /// Nobody used it for as long as it may stand idle.
    Idle,
    /// It wrote more than it may.
    Disk,
}

impl StopReason {
    fn end(self) -> EndReason {
        let code = match self {
            Self::Owner => EndCode::StoppedByUser,
            Self::Admin(_) => EndCode::StoppedByAdmin,
            Self::Lifetime => EndCode::LifetimeLimit,
            Self::Idle => EndCode::IdleLimit,
            Self::Disk => EndCode::DiskLimit,
        };
        EndReason::new(code, true)
    }
}

/// Why it was not stopped.
#[derive(Debug, thiserror::Error)]
pub enum StopError {
    /// It is not there, or not running.
    #[error("{}", self.sentence())]
    NotRunning,
    /// It was started again meanwhile.
    #[error("{}", self.sentence())]
    StartedAgain,
    /// The engine failed; the desktop goes on stopping as soon as it answers.
    #[error("{}", self.sentence())]
    Runtime(#[from] RuntimeError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl StopError {
    /// What to do, for people.
    #[must_use]
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::NotRunning => say!("stop-not-running"),
            Self::StartedAgain => say!("stop-started-again"),
            Self::Runtime(_) => say!("stop-engine-away"),
            Self::Database(_) => say!("error-internal"),
        }
    }
}

/// What came of stopping everything.
#[derive(Debug, Default)]
pub struct StopReport {
    /// Ended.
    pub stopped: usize,
    /// Did not end: the desktop's name and why, for people.
    pub failed: Vec<(String, Sentence)>,
}

pub(super) async fn stop(
    inner: &Arc<Inner>,
    id: DesktopId,
    reason: StopReason,
) -> Result<Desktop, StopError> {
    let holder = WorkerId::new();
    let marked = moves::mark_stopping(
        &mut inner.db.acquire().await?,
        id,
        holder,
        LEASE,
        &reason.end(),
    )
    .await?;
    let desktop = find(inner, id).await?.ok_or(StopError::NotRunning)?;
    if !marked {
        return wait_for_other(inner, desktop).await;
    }
    tracing::info!(desktop.name = %desktop.name, user.id = %desktop.owner, stop.reason = ?reason, "desktop {} stops", desktop.name);
    // On the tracker: the stop is finished also when the caller leaves.
    let finishing = inner
        .tasks
        .spawn(finish(Arc::clone(inner), desktop, holder));
    let finished = finishing
        .await
        .unwrap_or_else(|_| Err(StopError::NotRunning))?;
    let desktop = find(inner, id).await?.ok_or(StopError::NotRunning)?;
    if finished == Finished::ByAnother && desktop.state == DesktopState::Stopping {
        return wait_for_other(inner, desktop).await;
    }
    Ok(desktop)
}

/// Who brought a stop to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finished {
    /// This worker.
    Here,
    /// Whoever has the lease by now does, or did.
    ByAnother,
}

/// The slow half: may be repeated by whoever takes over. Programs may take [`GRACE`] to end, longer than a lease lasts,
/// so it is renewed meanwhile: nobody takes over a stop that is under way.
pub(super) async fn finish(
    inner: Arc<Inner>,
    desktop: Desktop,
    holder: WorkerId,
) -> Result<Finished, StopError> {
    inner.live.forget(desktop.id);
    let worker = Worker {
        desktop: desktop.id,
        generation: desktop.generation,
        holder,
    };
    let ended = tokio::select! {
        ended = end_container(&inner, &desktop) => ended,
        () = launch::keep_lease(&inner, worker) => return Ok(Finished::ByAnother),
    };
    ended?;
    ports::release(&inner.db, desktop.id).await?;
    let marked = moves::mark_stopped(&mut inner.db.acquire().await?, worker).await?;
    Ok(if marked {
        Finished::Here
    } else {
        Finished::ByAnother
    })
}

async fn end_container(inner: &Inner, desktop: &Desktop) -> Result<(), RuntimeError> {
    let container = container_ref(desktop);
    inner.runtime.stop(&container, GRACE).await?;
    if desktop.phases.ready.is_none() {
        // A start that was called off: nothing in it is worth keeping.
        inner.runtime.remove(&container).await?;
    }
    Ok(())
}

async fn wait_for_other(inner: &Inner, desktop: Desktop) -> Result<Desktop, StopError> {
    let until = tokio::time::Instant::now() + WAIT_FOR_OTHER;
    let mut desktop = desktop;
    if desktop.state != DesktopState::Stopping {
        return Err(StopError::NotRunning);
    }
    while desktop.state == DesktopState::Stopping && tokio::time::Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(200)).await;
        desktop = find(inner, desktop.id)
            .await?
            .ok_or(StopError::NotRunning)?;
    }
    if desktop.state == DesktopState::Stopping {
        let call = format!("a stop, {} s", WAIT_FOR_OTHER.as_secs());
        return Err(RuntimeError::Away { call, source: None }.into());
    }
    Ok(desktop)
}

pub(super) async fn remove(
    inner: &Arc<Inner>,
    id: DesktopId,
    reason: StopReason,
) -> Result<(), StopError> {
    let mut desktop = find(inner, id).await?.ok_or(StopError::NotRunning)?;
    if desktop.state.is_live() {
        desktop = stop(inner, id, reason).await?;
    }
    // By its id: a container that carries this desktop's name by now may belong to a newer start.
    if let Some(container) = &desktop.container_id {
        inner.runtime.remove(container).await?;
    }
    let deleted = moves::delete(&mut inner.db.acquire().await?, id, desktop.generation).await?;
    if !deleted && find(inner, id).await?.is_some() {
        return Err(StopError::StartedAgain);
    }
    tracing::info!(desktop.name = %desktop.name, user.id = %desktop.owner, stop.reason = ?reason, "desktop {} is removed", desktop.name);
    Ok(())
}

pub(super) async fn stop_all(
    desktops: &Desktops,
    reason: StopReason,
) -> Result<StopReport, StopError> {
    let live = store::list_live(&mut desktops.inner.db.acquire().await?).await?;
    let outcomes = stream::iter(live)
        .map(|desktop| async move {
            (
                desktop.name,
                stop(&desktops.inner, desktop.id, reason).await,
            )
        })
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>()
        .await;
    let mut report = StopReport::default();
    for (name, outcome) in outcomes {
        match outcome {
            // One that ended by itself meanwhile is what was wanted.
            Ok(_) | Err(StopError::NotRunning) => report.stopped += 1,
            Err(error) => report.failed.push((name, error.sentence())),
        }
    }
    Ok(report)
}

async fn find(inner: &Inner, id: DesktopId) -> Result<Option<Desktop>, sqlx::Error> {
    store::find(&mut inner.db.acquire().await?, id).await
}

/// Takes over a stop whose worker is gone.
pub(super) async fn take_over(inner: Arc<Inner>, desktop: Desktop, holder: WorkerId) {
    let name = desktop.name.clone();
    if let Err(error) = finish(inner, desktop, holder).await {
        tracing::warn!(desktop.name = %name, %error, "desktop {name} could not be stopped yet");
    }
}

/// Takes over a start whose worker is gone.
pub(super) async fn take_over_start(inner: Arc<Inner>, desktop: Desktop, holder: WorkerId) {
    match inner.catalog.find(desktop.type_id).await {
        Ok(Some(kind)) => launch::run(inner, desktop, kind, holder).await,
        Ok(None) => tracing::error!(desktop.name = %desktop.name, "its type is gone"),
        Err(error) => {
            tracing::warn!(desktop.name = %desktop.name, %error, "its start cannot be taken over yet");
        }
    }
}
