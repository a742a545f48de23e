//! Keeping rows and containers in step: after a crash, and when containers end by themselves.
//!
//! The engine's events are hints that make it quick; the truth is a list of what runs, compared with the rows.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::{
    Desktop, DesktopState, Desktops, EndCode, EndReason, Inner, casts, disk, guests, history,
    launch, limits, moves, ports, stop,
    store::{self, Claim},
    upkeep_error::UpkeepError,
    watch,
};
use crate::{
    ids::{DesktopId, WorkerId},
    lifecycle::Tasks,
    runtime::{Container, ContainerState},
};

/// How often starts and stops without a worker are looked for: one statement that reads an index of live rows.
const TAKE_OVER: Duration = Duration::from_millis(500);
/// What a crash in the middle of a start adds to it, at most: the next click works within four seconds.
const _: () = assert!(launch::LEASE.as_millis() + TAKE_OVER.as_millis() <= 3_500);
/// How often rows and containers are compared.
const RECONCILE: Duration = Duration::from_secs(15);
/// Desktops looked at in the engine at a time.
const AT_ONCE: usize = 8;

/// What a comparison did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Running desktops whose container had ended.
    pub ended: usize,
    /// Containers nobody wants any more.
    pub removed: usize,
    /// Ports given back.
    pub ports: u64,
}

/// Starts the tasks that keep `desktops` in order; they end with the soft phase of shutdown.
pub fn spawn(desktops: &Desktops, tasks: &Tasks) {
    watch::spawn(desktops, tasks);
    let stop = tasks.soft();
    tasks.spawn_critical(
        "take-over",
        every(
            TAKE_OVER,
            stop.clone(),
            desktops.clone(),
            |desktops| async move { take_over(&desktops).await.map_err(UpkeepError::from) },
        ),
    );
    tasks.spawn_critical(
        "reconcile",
        every(
            RECONCILE,
            stop.clone(),
            desktops.clone(),
            |desktops| async move {
                let summary = reconcile(&desktops).await?;
                if summary != Summary::default() {
                    tracing::info!(?summary, "rows and containers are in step again");
                }
                Ok(())
            },
        ),
    );
    tasks.spawn_critical(
        "limits",
        every(
            limits::LOOK,
            stop,
            desktops.clone(),
            |desktops| async move { limits::look_after(&desktops).await.map(drop) },
        ),
    );
    tasks.spawn_critical("disk", disk::watch(desktops.clone(), tasks.soft()));
    spawn_forgetting(desktops, tasks);
}

/// What removes what is done.
fn spawn_forgetting(desktops: &Desktops, tasks: &Tasks) {
    let stop = tasks.soft();
    tasks.spawn_critical(
        "guests",
        every(
            guests::LOOK,
            stop.clone(),
            desktops.clone(),
            |desktops| async move { guests::remove_done(&desktops).await.map(drop) },
        ),
    );
    tasks.spawn_critical(
        "desktops of casts",
        every(
            casts::LOOK,
            stop.clone(),
            desktops.clone(),
            |desktops| async move { casts::remove_done(&desktops).await.map(drop) },
        ),
    );
    tasks.spawn_critical(
        "history",
        every(
            history::LOOK,
            stop,
            desktops.clone(),
            |desktops| async move { history::prune(&desktops).await.map(drop) },
        ),
    );
}

async fn every<W, F>(period: Duration, stop: CancellationToken, desktops: Desktops, work: W)
where
    W: Fn(Desktops) -> F,
    F: Future<Output = Result<(), UpkeepError>>,
{
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = work(desktops.clone()).await {
            tracing::debug!(%error, "upkeep is tried again later");
        }
    }
}

/// Goes on with starts and stops whose worker is gone.
pub async fn take_over(desktops: &Desktops) -> Result<(), sqlx::Error> {
    let inner = &desktops.inner;
    let holder = WorkerId::new();
    let orphans = moves::take_over(&mut inner.db.acquire().await?, holder, launch::LEASE).await?;
    for id in orphans {
        let desktop = match desktops.find(id).await {
            Ok(Some(desktop)) => desktop,
            Ok(None) => continue,
            // It has its turn again when the lease runs out; the others need not wait for it.
            Err(error) => {
                tracing::warn!(desktop.id = %id, %error, "a desktop could not be taken over yet");
                continue;
            }
        };
        tracing::info!(desktop.name = %desktop.name, "desktop {} is taken over", desktop.name);
        match desktop.state {
            DesktopState::Starting => drop(inner.tasks.spawn(stop::take_over_start(
                Arc::clone(inner),
                desktop,
                holder,
            ))),
            DesktopState::Stopping => drop(inner.tasks.spawn(stop::take_over(
                Arc::clone(inner),
                desktop,
                holder,
            ))),
            _ => {}
        }
    }
    Ok(())
}

/// Compares what runs with what should. Read are the rows that are live and those that a container names, however many
/// there are besides. What is found ended at the first time after the server began was ended while nobody looked: with
/// the host or with the engine, most likely, and not by a fault of its own.
pub async fn reconcile(desktops: &Desktops) -> Result<Summary, UpkeepError> {
    let inner = &desktops.inner;
    // What is live first: what starts while this goes on is not missed in a list that is older than it.
    let live = store::live_claims(&mut inner.db.acquire().await?).await?;
    // Containers before their rows: each was preceded by its row, so one without a row is a leftover for certain.
    let containers = inner.runtime.list().await?;
    let named: Vec<_> = containers
        .iter()
        .map(|container| container.labels.desktop)
        .collect();
    let claims = store::claims(&mut inner.db.acquire().await?, &named).await?;
    let summary = Summary {
        ports: ports::release_unused(&inner.db).await?,
        removed: remove_unwanted(inner, &containers, &claims).await,
        ended: find_ended(desktops, &containers, live).await,
    };
    follow(inner, &places(&containers)).await?;
    inner.compared.store(true, Ordering::Relaxed);
    Ok(summary)
}

/// Removes the containers nobody wants; answers how many.
async fn remove_unwanted(inner: &Inner, containers: &[Container], claims: &[Claim]) -> usize {
    let claims: HashMap<DesktopId, &Claim> = claims.iter().map(|claim| (claim.id, claim)).collect();
    let mut removed = 0;
    for container in containers {
        if wanted(container, claims.get(&container.labels.desktop).copied()) {
            continue;
        }
        tracing::info!(container.id = %container.id, desktop.id = %container.labels.desktop, "a container nobody wants is removed");
        match inner.runtime.remove(&container.id).await {
            Ok(()) => removed += 1,
            // One that cannot be removed never stops the others (fault F4).
            Err(error) => {
                tracing::warn!(container.id = %container.id, %error, "it could not be removed yet");
            }
        }
    }
    removed
}

/// Marks running desktops whose container is not among those that are up; answers how many. One that cannot be looked
/// at never stops the others.
async fn find_ended(desktops: &Desktops, containers: &[Container], live: Vec<Claim>) -> usize {
    let meanwhile = !desktops.inner.compared.load(Ordering::Relaxed);
    let up: HashMap<DesktopId, i32> = containers
        .iter()
        .filter(|container| is_up(container))
        .map(|container| (container.labels.desktop, container.labels.generation))
        .collect();
    let missing = live.into_iter().filter(|row| {
        row.state == DesktopState::Running && up.get(&row.id) != Some(&row.generation)
    });
    let look = async |row: Claim| match desktops.find(row.id).await? {
        Some(desktop) if desktop.state == DesktopState::Running => {
            look_at(&desktops.inner, &desktop, meanwhile).await
        }
        _ => Ok(false),
    };
    let look = &look;
    stream::iter(missing)
        .map(|row| async move {
            match look(row).await {
                Ok(ended) => usize::from(ended),
                Err(error) => {
                    tracing::warn!(desktop.id = %row.id, %error, "a desktop could not be looked at yet");
                    0
                }
            }
        })
        .buffer_unordered(AT_ONCE)
        .fold(0, |sum, ended| async move { sum + ended })
        .await
}

fn is_up(container: &Container) -> bool {
    matches!(
        container.state,
        ContainerState::Running | ContainerState::Paused
    )
}

/// Whether a container belongs to what its row says (pure).
fn wanted(container: &Container, row: Option<&Claim>) -> bool {
    let Some(row) = row else { return false };
    container.labels.generation == row.generation
        && match row.state {
            DesktopState::Starting | DesktopState::Running | DesktopState::Stopping => true,
            // Kept until the next start or its removal; one that runs all the same is a late answer of the engine.
            DesktopState::Stopped => !is_up(container) && row.was_ready,
            DesktopState::Failed => false,
        }
}

/// Marks a running desktop whose container has ended, perhaps while no server looked (`meanwhile`); answers whether it
/// had.
pub(super) async fn look_at(
    inner: &Inner,
    desktop: &Desktop,
    meanwhile: bool,
) -> Result<bool, UpkeepError> {
    let container = inner
        .runtime
        .inspect(&launch::container_ref(desktop))
        .await?;
    let out_of_memory = match container.map(|container| (container.state, container.address)) {
        Some((ContainerState::Exited { out_of_memory, .. }, _)) => out_of_memory,
        None => false,
        Some((_, address)) => {
            let here = address.map(|address| (desktop.id, desktop.generation, address));
            follow(inner, here.as_slice()).await?;
            return Ok(false);
        }
    };
    let (code, becomes) = match (out_of_memory, meanwhile) {
        (true, _) => (EndCode::OutOfMemory, DesktopState::Failed),
        (false, true) => (EndCode::EndedMeanwhile, DesktopState::Stopped),
        (false, false) => (EndCode::EndedByItself, DesktopState::Failed),
    };
    let end = EndReason::new(code, true);
    let marked = moves::mark_ended(
        &mut inner.db.acquire().await?,
        desktop.id,
        desktop.generation,
        becomes,
        &end,
    )
    .await?;
    if marked {
        tracing::warn!(desktop.name = %desktop.name, end.code = %end.code, "desktop {} has ended", desktop.name);
        inner.live.forget(desktop.id);
        ports::release(&inner.db, desktop.id).await?;
    }
    Ok(marked)
}

/// Where running desktops answer.
fn places(containers: &[Container]) -> Vec<(DesktopId, i32, SocketAddr)> {
    containers
        .iter()
        .filter(|container| is_up(container))
        .filter_map(|container| {
            let labels = &container.labels;
            Some((labels.desktop, labels.generation, container.address?))
        })
        .collect()
}

/// Containers that were restarted by hand may have other addresses: rows and the proxy go along. Their streams ended
/// with them. One statement, however many there are.
async fn follow(inner: &Inner, here: &[(DesktopId, i32, SocketAddr)]) -> Result<(), sqlx::Error> {
    if here.is_empty() {
        return Ok(());
    }
    let moved = moves::move_endpoints(&mut inner.db.acquire().await?, here).await?;
    for desktop in moved {
        tracing::info!(desktop.id = %desktop, "a desktop answers at another address now");
        inner.live.forget(desktop);
    }
    Ok(())
}
