//! The world around a runtime: what a test can see and do behind its back.

use std::{
    collections::{BTreeMap, HashMap},
    net::{SocketAddr, TcpListener, TcpStream},
    panic::{AssertUnwindSafe, resume_unwind},
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

use bollard::{
    Docker,
    models::{ContainerCreateBody, ContainerSummary},
    query_parameters::{
        CreateContainerOptionsBuilder, InspectContainerOptions, ListContainersOptionsBuilder,
        RemoveContainerOptionsBuilder, RemoveVolumeOptionsBuilder, StartContainerOptions,
    },
};
use deskcast::{
    config::Egress,
    ids::{DesktopId, InstallationId, UserId},
    runtime::{
        Container, ContainerSpec, DesktopRuntime, Labels, Limits, docker::DockerEngine,
        fake::FakeRuntime,
    },
};
use futures_util::FutureExt;

/// The image that copies the habits of a kasmweb image.
pub(crate) const STANDIN: &str = "deskcast/kasm-standin:new";

/// Ports the tests of one run use, one each; far from those of a server that runs on this machine.
const PORTS: std::ops::Range<u16> = 21_000..30_000;

/// What a test can see and do behind the back of its runtime.
pub(crate) trait Scene {
    fn runtime(&self) -> &dyn DesktopRuntime;
    fn installation(&self) -> InstallationId;
    /// Whether somebody accepts connections there, within ten seconds.
    async fn accepts(&self, address: SocketAddr) -> bool;
    /// Another program takes a port; what it returns holds it.
    async fn hold(&self, port: u16) -> Option<TcpListener>;
    async fn release(&self, port: u16, holder: Option<TcpListener>);
    /// A container of nobody we know.
    async fn stranger(&self, name: &str);
    async fn stranger_lives(&self, name: &str) -> bool;
    /// A container that ends as soon as it is started.
    async fn failing_spec(&self) -> ContainerSpec;
    /// Where the image has its web client.
    async fn client_folder(&self) -> &'static str;
    async fn home_exists(&self, spec: &ContainerSpec) -> bool;
    /// Every container with our mark, also those that are no desktop's.
    async fn left_over(&self) -> Vec<String>;

    /// A desktop of its own at each call.
    fn spec(&self, generation: i32) -> ContainerSpec {
        let desktop = DesktopId(uuid::Uuid::new_v4());
        ContainerSpec {
            labels: Labels {
                installation: self.installation(),
                desktop,
                generation,
                owner: UserId(uuid::Uuid::new_v4()),
            },
            image: STANDIN.into(),
            env: BTreeMap::from([("VNC_PW".into(), "s3cretPassword".into())]),
            container_port: 6901,
            host_port: Some(free_port()),
            network: format!("deskcast-test-{}", self.installation()),
            egress: Egress::Internet,
            home: Some((format!("deskcast-test-{desktop}"), "/home/kasm-user".into())),
            memory: 256 << 20,
            nano_cpus: 1_000_000_000,
            shm: 64 << 20,
            pids: 256,
            disk: 10 << 30,
            cap_add: Vec::new(),
        }
    }

    fn name_of(&self, container: &Container) -> String {
        deskcast::runtime::container_name(container.labels.desktop)
    }
}

/// A port nothing listens on now and no other test of this process gets.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Test processes run side by side: each begins somewhere else.
    let begin = u16::try_from(std::process::id() * 7 % u32::from(PORTS.end - PORTS.start)).unwrap();
    loop {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = PORTS.start + begin.wrapping_add(step) % (PORTS.end - PORTS.start);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// In memory.
pub(crate) struct FakeScene {
    fake: FakeRuntime,
    installation: InstallationId,
}

impl FakeScene {
    pub(crate) fn new() -> Self {
        let installation = InstallationId::new();
        let fake = FakeRuntime::new(installation);
        fake.add_image(STANDIN);
        // As the engine of the other scene is.
        fake.set_near(true);
        Self { fake, installation }
    }
}

impl Scene for FakeScene {
    fn runtime(&self) -> &dyn DesktopRuntime {
        &self.fake
    }

    fn installation(&self) -> InstallationId {
        self.installation
    }

    async fn accepts(&self, address: SocketAddr) -> bool {
        let there = |container: &Container| container.address == Some(address);
        self.fake.list().await.unwrap().iter().any(there)
    }

    async fn hold(&self, port: u16) -> Option<TcpListener> {
        self.fake.occupy_port(port);
        None
    }

    async fn release(&self, port: u16, _: Option<TcpListener>) {
        self.fake.free_port(port);
    }

    async fn stranger(&self, name: &str) {
        self.fake.add_foreign(name);
    }

    async fn stranger_lives(&self, name: &str) -> bool {
        self.fake.has_foreign(name)
    }

    async fn failing_spec(&self) -> ContainerSpec {
        self.fake.exit_at_start(Some(1));
        self.fake
            .set_logs("exit-at-start: this container was asked to fail");
        self.spec(1)
    }

    async fn client_folder(&self) -> &'static str {
        self.fake.set_folder(&[("index.html", b"<!DOCTYPE html>")]);
        "/anywhere"
    }

    async fn home_exists(&self, _: &ContainerSpec) -> bool {
        true
    }

    async fn left_over(&self) -> Vec<String> {
        self.fake
            .containers()
            .into_iter()
            .map(|container| container.id)
            .collect()
    }
}

/// A real engine, and an installation that leaves nothing behind.
#[derive(Clone)]
pub(crate) struct DockerScene {
    pub(crate) docker: Docker,
    engine: std::sync::Arc<DockerEngine>,
    installation: InstallationId,
}

impl DockerScene {
    /// Plays `test`, cleans up, and only then fails if it failed.
    pub(crate) async fn play(test: impl AsyncFnOnce(Self)) {
        let scene = Self::set().await;
        let ended = AssertUnwindSafe(test(scene.clone())).catch_unwind().await;
        scene.clean().await;
        if let Err(panic) = ended {
            resume_unwind(panic);
        }
    }

    async fn set() -> Self {
        let docker = Docker::connect_with_host(&docker_host()).expect("DOCKER_HOST can be read");
        let docker = docker.negotiate_version().await.unwrap_or_else(|error| {
            panic!(
                "no Docker Engine answers at {} ({error}): run scripts/docker.sh start",
                docker_host()
            )
        });
        for image in [STANDIN, DESKTOP] {
            assert!(
                docker.inspect_image(image).await.is_ok(),
                "the image {image} is missing: run scripts/images.sh"
            );
        }
        let installation = InstallationId(uuid::Uuid::new_v4());
        let engine = DockerEngine::connect(Some(&docker_host()), installation, Limits::default());
        Self {
            docker,
            engine: std::sync::Arc::new(engine.unwrap()),
            installation,
        }
    }

    /// The same installation seen by another server with other limits.
    pub(crate) fn engine_with(&self, limits: Limits) -> DockerEngine {
        DockerEngine::connect(Some(&docker_host()), self.installation, limits).unwrap()
    }

    async fn marked(&self) -> Vec<ContainerSummary> {
        let options = ListContainersOptionsBuilder::new()
            .all(true)
            .filters(&HashMap::from([("label", vec![self.mark()])]))
            .build();
        self.docker.list_containers(Some(options)).await.unwrap()
    }

    fn mark(&self) -> String {
        Labels::filter(self.installation)
    }

    /// Best effort: what cannot be removed is no reason to fail.
    async fn clean(&self) {
        let force = || {
            Some(
                RemoveContainerOptionsBuilder::new()
                    .force(true)
                    .v(true)
                    .build(),
            )
        };
        for container in self.marked().await {
            let id = container.id.unwrap_or_default();
            self.docker.remove_container(&id, force()).await.ok();
        }
        let filter = HashMap::from([("label", vec![self.mark()])]);
        let volumes = bollard::query_parameters::ListVolumesOptionsBuilder::new()
            .filters(&filter)
            .build();
        let volumes = self
            .docker
            .list_volumes(Some(volumes))
            .await
            .ok()
            .and_then(|list| list.volumes);
        for volume in volumes.into_iter().flatten() {
            let force = RemoveVolumeOptionsBuilder::new().force(true).build();
            self.docker
                .remove_volume(&volume.name, Some(force))
                .await
                .ok();
        }
        for network in self.networks().await {
            self.docker.remove_network(&network).await.ok();
        }
    }

    /// Ids of the networks of this installation.
    pub(crate) async fn networks(&self) -> Vec<String> {
        let options = bollard::query_parameters::ListNetworksOptionsBuilder::new()
            .filters(&HashMap::from([("label", vec![self.mark()])]))
            .build();
        let found = self.docker.list_networks(Some(options)).await.unwrap();
        found.into_iter().filter_map(|network| network.id).collect()
    }
}

/// An image with a shell, for looking around inside.
pub(crate) const DESKTOP: &str = "deskcast/desktop:latest";

#[expect(
    clippy::disallowed_methods,
    reason = "tests have no configuration of their own"
)]
fn docker_host() -> String {
    std::env::var("DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".into())
}

impl Scene for DockerScene {
    fn runtime(&self) -> &dyn DesktopRuntime {
        &*self.engine
    }

    fn installation(&self) -> InstallationId {
        self.installation
    }

    async fn accepts(&self, address: SocketAddr) -> bool {
        let limit = Duration::from_millis(500);
        for _ in 0..20 {
            if TcpStream::connect_timeout(&address, limit).is_ok() {
                return true;
            }
            tokio::time::sleep(limit).await;
        }
        false
    }

    async fn hold(&self, port: u16) -> Option<TcpListener> {
        Some(TcpListener::bind(("127.0.0.1", port)).unwrap())
    }

    async fn release(&self, _: u16, holder: Option<TcpListener>) {
        drop(holder);
    }

    async fn stranger(&self, name: &str) {
        // It carries our mark so that it is cleaned up, but it is nobody's desktop.
        let (key, value) = Labels::of_installation(self.installation);
        let body = ContainerCreateBody {
            image: Some(STANDIN.into()),
            labels: Some(HashMap::from([(key, value)])),
            ..ContainerCreateBody::default()
        };
        let options = CreateContainerOptionsBuilder::new().name(name).build();
        self.docker
            .create_container(Some(options), body)
            .await
            .unwrap();
        let start = None::<StartContainerOptions>;
        self.docker.start_container(name, start).await.unwrap();
    }

    async fn stranger_lives(&self, name: &str) -> bool {
        let seen = self
            .docker
            .inspect_container(name, None::<InspectContainerOptions>)
            .await;
        seen.is_ok_and(|seen| seen.state.and_then(|state| state.running) == Some(true))
    }

    async fn failing_spec(&self) -> ContainerSpec {
        let mut spec = self.spec(1);
        spec.env
            .insert("STANDIN_FAULT".into(), "exit-at-start".into());
        spec
    }

    async fn client_folder(&self) -> &'static str {
        "/usr/share/kasmvnc/www"
    }

    async fn home_exists(&self, spec: &ContainerSpec) -> bool {
        let (volume, _) = spec.home.as_ref().unwrap();
        self.docker.inspect_volume(volume).await.is_ok()
    }

    async fn left_over(&self) -> Vec<String> {
        self.marked()
            .await
            .into_iter()
            .filter_map(|container| container.id)
            .collect()
    }
}
