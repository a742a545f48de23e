//! The slow half of a start: run the container → wait until it answers → mark it running.
//!
//! Everything here may be repeated: a worker that takes over after a crash runs the same steps with the same
//! generation, finds what is there by its name, and goes on. Each write to the row is bound to the lease, so a worker
//! that lost it can do nothing but clean up.

mod failure;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use secrecy::ExposeSecret;
use tokio::time::Instant;

use super::{
    Desktop, Inner, Phase,
    end::READY_LIMIT,
    moves::{self, Found, Worker},
    ports,
};
use crate::{
    catalog::{ClientKind, DesktopType},
    config::Egress,
    ids::WorkerId,
    runtime::{
        Container, ContainerSpec, ContainerState, Labels, RuntimeError, Way, egress,
        spec::SpecInput,
    },
    upstream::{Account, Endpoint, NotReady},
};

/// How long nobody else touches a start or stop whose worker does not report: after a crash somebody waits for it. A
/// worker that was only slow finds itself overtaken and changes nothing more.
pub(super) const LEASE: Duration = Duration::from_secs(3);
/// How often its worker reports.
const RENEW: Duration = Duration::from_secs(1);
/// How often the container is asked whether it still lives while its desktop does not answer.
const LOOK_AT_CONTAINER: Duration = Duration::from_secs(1);
/// So long nobody is at a container's own address before a port is tried instead (`auto`). The kernel answers for a
/// container that runs, whatever its programs do.
const SILENCE: Duration = Duration::from_secs(5);
/// Ports tried when foreign processes hold them.
const PORT_ATTEMPTS: u32 = 5;

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
    #[error("nobody answers at the container's address")]
    Silent,
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
            failure::clean_up_if_unwanted(&inner, &desktop).await;
        }
        // The row cannot be written now. The lease runs out, and whoever takes over repeats these steps.
        Err(LaunchError::Database(error)) => {
            tracing::warn!(desktop.name = %name, %error, "the start of desktop {name} waits for the database");
        }
        Err(error) => failure::fail(&inner, &desktop, worker, error).await,
    }
}

/// Keeps the lease of a start or a stop, and ends when it is lost. A database that is away does not end it: the work goes on, and the next write tells.
pub(super) async fn keep_lease(inner: &Inner, worker: Worker) {
    loop {
        tokio::time::sleep(RENEW).await;
        let renewed =
            async { moves::renew_lease(&mut inner.db.acquire().await?, worker, LEASE).await };
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
        let image = self.inner.runtime.image(self.kind.starts_from()).await?;
        let image = image.ok_or_else(|| RuntimeError::ImageMissing(self.kind.image.clone()))?;
        let way = self.way().await?;
        match self.reach(&image.id, way).await {
            // The next way, with a container of its own.
            Err(LaunchError::Silent) if self.egress() != Egress::Nothing => {
                self.inner.ways.was_silent();
                self.reach(&image.id, Way::HostPort).await?;
            }
            settled => settled?,
        }
        let mut db = self.inner.db.acquire().await?;
        if moves::mark_running(&mut db, self.worker).await? {
            Ok(())
        } else {
            Err(LaunchError::Lost)
        }
    }

    /// How its container is reached: as all are, or as its own network allows.
    async fn way(&self) -> Result<Way, RuntimeError> {
        if self.egress() == Egress::Nothing {
            // The engine publishes no port of a network that leads nowhere.
            return Ok(Way::ContainerAddress);
        }
        let usual = self.inner.ways.get(&*self.inner.runtime).await?;
        match (&self.desktop.network, usual) {
            (Some(own), Way::ContainerAddress) if !self.inner.runtime.is_near(own).await? => {
                Ok(Way::HostPort)
            }
            _ => Ok(usual),
        }
    }

    /// A container that is started and answers, reached by `way`.
    async fn reach(&self, image_id: &str, way: Way) -> Result<(), LaunchError> {
        let container = match way {
            Way::HostPort => self.container_on_a_port(image_id).await?,
            Way::ContainerAddress => self.container_without_port(image_id).await?,
        };
        if let ContainerState::Exited { out_of_memory, .. } = container.state {
            return Err(LaunchError::Ended { out_of_memory });
        }
        let address = container.address.ok_or(RuntimeError::Gone)?;
        if way == Way::ContainerAddress {
            self.take_address(address).await?;
        }
        let found = Found {
            container_id: Some(&container.id),
            endpoint: Some(address),
            ..Found::default()
        };
        self.enter(Phase::Waiting, &found).await?;
        let endpoint = endpoint(self.desktop, self.kind, address);
        let other_way = way == Way::ContainerAddress && self.inner.ways.may_change();
        self.wait_until_ready(&container, &endpoint, other_way)
            .await
    }

    /// The engine gives an address away again as soon as its container has ended. Whoever is still written down at
    /// this one is not there any more: nobody is led to it under another desktop's name.
    async fn take_address(&self, address: SocketAddr) -> Result<(), LaunchError> {
        let mut db = self.inner.db.acquire().await?;
        for former in moves::take_address(&mut db, self.worker, address).await? {
            tracing::warn!(desktop.id = %former, "{address} belongs to another desktop by now");
            self.inner.live.forget(former);
        }
        Ok(())
    }

    /// What it may reach. A network of its own was listed by an administrator, whose rules hold there.
    fn egress(&self) -> Egress {
        if self.desktop.network.is_some() {
            return Egress::Everything;
        }
        self.kind.egress.unwrap_or(self.inner.config.egress)
    }

    async fn enter(&self, phase: Phase, found: &Found<'_>) -> Result<(), LaunchError> {
        let mut db = self.inner.db.acquire().await?;
        if moves::enter_phase(&mut db, self.worker, phase, found).await? {
            Ok(())
        } else {
            Err(LaunchError::Lost)
        }
    }

    /// A started container that publishes nothing. What an earlier attempt reserved is given back, after its container
    /// is gone.
    async fn container_without_port(&self, image_id: &str) -> Result<Container, LaunchError> {
        let container = self.create_and_start(image_id, None).await?;
        if self.desktop.host_port.is_some() {
            ports::release(&self.inner.db, self.desktop.id).await?;
        }
        Ok(container)
    }

    /// A started container; tries other ports when foreign processes hold the reserved one.
    async fn container_on_a_port(&self, image_id: &str) -> Result<Container, LaunchError> {
        for _ in 0..PORT_ATTEMPTS {
            let range = self.inner.config.ports;
            let port = ports::reserve(&self.inner.db, self.desktop.id, range).await?;
            let host_port = Some(port.ok_or(LaunchError::NoPort)?);
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
        let usual = egress::names::network(&self.inner.config.network, self.egress());
        let spec = ContainerSpec::for_desktop(
            self.kind,
            &SpecInput {
                labels: labels(self.inner, self.desktop),
                vnc_password: self.desktop.vnc_password.expose_secret(),
                host_port,
                network: self.desktop.network.as_deref().unwrap_or(&usual),
                egress: self.egress(),
                disk_mb: self.kind.disk_mb.unwrap_or(self.inner.config.disk_mb),
                start_url: self.desktop.start_url.as_deref(),
                settings: self.desktop.client_settings,
                keeps_home: self.desktop.with_home,
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
        other_way: bool,
    ) -> Result<(), LaunchError> {
        let until = Instant::now() + READY_LIMIT;
        let mut look = Instant::now() + LOOK_AT_CONTAINER;
        let mut pause = Duration::from_millis(20);
        let mut heard = Instant::now();
        loop {
            match self.inner.upstream.probe(at).await {
                Ok(()) => return Ok(()),
                Err(NotReady::WrongPassword) => return Err(LaunchError::WrongPassword),
                Err(NotReady::NotYet) => heard = Instant::now(),
                Err(NotReady::Silent) => {}
            }
            if Instant::now() >= look {
                self.still_runs(container).await?;
                look = Instant::now() + LOOK_AT_CONTAINER;
            }
            if other_way && heard.elapsed() >= SILENCE {
                return Err(LaunchError::Silent);
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
