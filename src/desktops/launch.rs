//! The slow half of a start: run the container → wait until it answers → mark it running.
//!
//! Everything here may be repeated: a worker that takes over after a crash runs the same steps with the same
//! generation, finds what is there by its name, and goes on. Each write to the row is bound to the lease, so a worker
//! that lost it can do nothing but clean up.

use std::{sync::Arc, time::Duration};

use secrecy::ExposeSecret;
use tokio::time::Instant;

use super::{
    Desktop, EndReason, Inner, Phase,
    desktop::READY_LIMIT,
    moves::{self, Found, Worker},
    ports, store,
};
use crate::{
    catalog::{ClientKind, DesktopType},
    config::DesktopConnect,
    ids::WorkerId,
    runtime::{Container, ContainerSpec, ContainerState, Labels, RuntimeError, spec::SpecInput},
    upstream::{Account, Endpoint, NotReady},
};

/// How long nobody else touches a start or stop whose worker does not report.
pub(super) const LEASE: Duration = Duration::from_secs(10);
/// How often its worker reports.
const RENEW: Duration = Duration::from_secs(3);
/// How often the container is asked whether it still lives while its desktop does not answer.
const LOOK_AT_CONTAINER: Duration = Duration::from_secs(1);
/// Ports tried when foreign processes hold them.
const PORT_ATTEMPTS: u32 = 5;
/// Lines of output kept of a failed start.
const LOG_LINES: usize = 20;

/// Why a start did not succeed.
#[derive(Debug, thiserror::Error)]
enum LaunchError {
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    #[error("no port of DESKTOP_PORTS is free")]
    NoPort,
    #[error("the container ended (out of memory: {out_of_memory})")]
    Ended { out_of_memory: bool },
    #[error("the desktop did not answer within {READY_LIMIT:?}")]
    TooSlow,
    #[error("the desktop refuses its own password")]
    WrongPassword,
    #[error("somebody else stopped or took over this start")]
    Lost,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Brings `desktop`, whose lease `holder` has, to running or failed.
pub(super) async fn run(inner: Arc<Inner>, desktop: Desktop, kind: DesktopType, holder: WorkerId) {
    let worker = Worker {
        desktop: desktop.id,
        generation: desktop.generation,
        holder,
    };
    let began = Instant::now();
    let launch = Launch {
        inner: &inner,
        desktop: &desktop,
        kind: &kind,
        worker,
    };
    let outcome = tokio::select! {
        outcome = launch.steps() => outcome,
        () = keep_lease(&inner, worker) => Err(LaunchError::Lost),
    };
    let name = &desktop.name;
    match outcome {
        Ok(()) => {
            let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            tracing::info!(desktop.name = %name, duration_ms, "desktop {name} is ready");
        }
        Err(LaunchError::Lost) => {
            tracing::info!(desktop.name = %name, "the start of desktop {name} was called off");
            clean_up_if_unwanted(&inner, &desktop).await;
        }
        // The row cannot be written now. The lease runs out, and whoever takes over repeats these steps.
        Err(LaunchError::Database(error)) => {
            tracing::warn!(desktop.name = %name, %error, "the start of desktop {name} waits for the database");
        }
        Err(error) => fail(&inner, &desktop, worker, error).await,
    }
}

/// Ends when the lease is lost. A database that is away does not end it: the work goes on, and the next write tells.
async fn keep_lease(inner: &Inner, worker: Worker) {
    loop {
        tokio::time::sleep(RENEW).await;
        let renewed =
            async { moves::renew_lease(&mut *inner.db.acquire().await?, worker, LEASE).await };
        if let Ok(false) = renewed.await {
            return;
        }
    }
}

struct Launch<'a> {
    inner: &'a Inner,
    desktop: &'a Desktop,
    kind: &'a DesktopType,
    worker: Worker,
}

impl Launch<'_> {
    async fn steps(&self) -> Result<(), LaunchError> {
        let image = self.inner.runtime.image(&self.kind.image).await?;
        let image = image.ok_or_else(|| RuntimeError::ImageMissing(self.kind.image.clone()))?;
        let container = self.container_on_a_port(&image.id).await?;
        if let ContainerState::Exited { out_of_memory, .. } = container.state {
            return Err(LaunchError::Ended { out_of_memory });
        }
        let address = container.address.ok_or(RuntimeError::Gone)?;
        let found = Found {
            container_id: Some(&container.id),
            endpoint: Some(address),
            ..Found::default()
        };
        self.enter(Phase::Waiting, &found).await?;
        self.wait_until_ready(&container, &endpoint(self.desktop, self.kind, address))
            .await?;
        let mut db = self.inner.db.acquire().await?;
        if moves::mark_running(&mut db, self.worker).await? {
            Ok(())
        } else {
            Err(LaunchError::Lost)
        }
    }

    async fn enter(&self, phase: Phase, found: &Found<'_>) -> Result<(), LaunchError> {
        let mut db = self.inner.db.acquire().await?;
        if moves::enter_phase(&mut db, self.worker, phase, found).await? {
            Ok(())
        } else {
            Err(LaunchError::Lost)
        }
    }

    /// A started container; tries other ports when foreign processes hold the reserved one.
    async fn container_on_a_port(&self, image_id: &str) -> Result<Container, LaunchError> {
        for _ in 0..PORT_ATTEMPTS {
            let host_port = match self.inner.config.connect {
                DesktopConnect::ContainerAddress => None,
                DesktopConnect::HostPort => {
                    let port =
                        ports::reserve(&self.inner.db, self.desktop.id, self.inner.config.ports)
                            .await?;
                    Some(port.ok_or(LaunchError::NoPort)?)
                }
            };
            match self.create_and_start(image_id, host_port).await {
                Err(LaunchError::Runtime(RuntimeError::PortTaken(port))) => {
                    tracing::warn!(
                        port,
                        "port {port} is held by another program; another one is tried"
                    );
                    ports::quarantine(&self.inner.db, port).await?;
                    // Its port is part of a container: the next one is made anew.
                    self.inner
                        .runtime
                        .remove(&container_ref(self.desktop))
                        .await?;
                }
                settled => return settled,
            }
        }
        Err(LaunchError::NoPort)
    }

    async fn create_and_start(
        &self,
        image_id: &str,
        host_port: Option<u16>,
    ) -> Result<Container, LaunchError> {
        self.enter(
            Phase::Creating,
            &Found {
                image_id: Some(image_id),
                host_port,
                ..Found::default()
            },
        )
        .await?;
        let spec = ContainerSpec::for_desktop(
            self.kind,
            &SpecInput {
                labels: labels(self.inner, self.desktop),
                vnc_password: self.desktop.vnc_password.expose_secret(),
                host_port,
                network: &self.inner.config.network,
                start_url: self.desktop.start_url.as_deref(),
                settings: self.desktop.client_settings,
                keeps_home: !self.desktop.of_guest,
            },
        );
        let created = self.inner.runtime.create(&spec).await?;
        self.enter(
            Phase::Starting,
            &Found {
                container_id: Some(&created.id),
                ..Found::default()
            },
        )
        .await?;
        Ok(self.inner.runtime.start(&created.id).await?)
    }

    async fn wait_until_ready(
        &self,
        container: &Container,
        at: &Endpoint,
    ) -> Result<(), LaunchError> {
        let until = Instant::now() + READY_LIMIT;
        let mut look = Instant::now() + LOOK_AT_CONTAINER;
        let mut pause = Duration::from_millis(20);
        loop {
            match self.inner.upstream.probe(at).await {
                Ok(()) => return Ok(()),
                Err(NotReady::WrongPassword) => return Err(LaunchError::WrongPassword),
                Err(NotReady::NotYet) => {}
            }
            if Instant::now() >= look {
                self.still_runs(container).await?;
                look = Instant::now() + LOOK_AT_CONTAINER;
            }
            if Instant::now() >= until {
                return Err(LaunchError::TooSlow);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(160));
        }
    }

    /// Any exit is a failure: Kasm's exit codes say nothing (rule R7).
    async fn still_runs(&self, container: &Container) -> Result<(), LaunchError> {
        match self.inner.runtime.inspect(&container.id).await {
            Ok(Some(Container {
                state: ContainerState::Exited { out_of_memory, .. },
                ..
            })) => Err(LaunchError::Ended { out_of_memory }),
            Ok(None) => Err(LaunchError::Ended {
                out_of_memory: false,
            }),
            // An engine that does not answer right now says nothing about the desktop.
            Ok(Some(_)) | Err(_) => Ok(()),
        }
    }
}

/// Where a desktop answers, with the account of its owner.
pub(super) fn endpoint(
    desktop: &Desktop,
    kind: &DesktopType,
    address: std::net::SocketAddr,
) -> Endpoint {
    let account = (kind.client == ClientKind::Vnc).then(|| Account {
        user: kind.vnc_user.clone(),
        password: desktop.vnc_password.clone(),
    });
    Endpoint {
        address,
        tls: kind.container_tls,
        account,
    }
}

fn labels(inner: &Inner, desktop: &Desktop) -> Labels {
    Labels {
        installation: inner.installation,
        desktop: desktop.id,
        generation: desktop.generation,
        owner: desktop.owner,
    }
}

/// The engine's id if known, else the fixed name.
pub(super) fn container_ref(desktop: &Desktop) -> String {
    desktop
        .container_id
        .clone()
        .unwrap_or_else(|| crate::runtime::spec::container_name(desktop.id))
}

/// Cleans up and says why. First the container, then the row: a crash in between repeats the start. A worker that lost
/// its lease meanwhile leaves the container to whoever has it now.
async fn fail(inner: &Inner, desktop: &Desktop, worker: Worker, error: LaunchError) {
    let name = &desktop.name;
    let held = async { moves::renew_lease(&mut *inner.db.acquire().await?, worker, LEASE).await };
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
        moves::mark_start_failed(&mut *inner.db.acquire().await?, worker, &end).await
    };
    if let Err(error) = marked.await {
        tracing::warn!(desktop.name = %name, %error, "the failed start of desktop {name} cannot be written down yet");
    }
}

/// After the lease is lost: whoever took over needs the container; nobody does when the start was called off.
async fn clean_up_if_unwanted(inner: &Inner, desktop: &Desktop) {
    let row = async { store::find(&mut *inner.db.acquire().await?, desktop.id).await };
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
        LaunchError::Runtime(RuntimeError::ImageMissing(_)) => "image_missing",
        LaunchError::Runtime(RuntimeError::Away { .. }) => "docker_unavailable",
        LaunchError::NoPort | LaunchError::Runtime(RuntimeError::PortTaken(_)) => "no_capacity",
        LaunchError::Ended {
            out_of_memory: true,
        } => "out_of_memory",
        LaunchError::Ended { .. } => "ended_by_itself",
        LaunchError::TooSlow => "too_slow",
        LaunchError::Runtime(_)
        | LaunchError::WrongPassword
        | LaunchError::Lost
        | LaunchError::Database(_) => "start_failed",
    };
    EndReason::new(code, false)
}
