//! Docker Engine (20.10 and newer), through bollard: the only folder that knows it.
//!
//! Every call goes through `link`, which limits how long and how many. What a container may do is decided in
//! `body` alone. Before a container is started, stopped, removed, read or run in, its labels are read: what another
//! installation, or nobody we know, made is never touched (threat T40).

mod body;
mod containers;
mod events;
mod folder;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod link;
mod near;
mod network;
mod output;
mod pull;
mod refusals;
mod seen;
mod storage;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bollard::{
    models::ExecConfig,
    query_parameters::{
        ListContainersOptionsBuilder, StartContainerOptions, StopContainerOptionsBuilder,
    },
};
use futures_util::stream::BoxStream;
use tokio::sync::OnceCell;

use super::{
    Container, ContainerEvent, ContainerSpec, DesktopRuntime, DiskUse, Image, Labels, Limits,
    PullProgress, RuntimeError,
};
use crate::{catalog::is_image_reference, config::Egress, ids::InstallationId};
use link::{AWAY_FOR, Link};
use refusals::About;

/// The engine's usual place.
const USUAL_SOCKET: &str = "unix:///var/run/docker.sock";

/// A Docker Engine, seen by one installation.
#[derive(Debug)]
pub struct DockerEngine {
    link: Arc<Link>,
    installation: InstallationId,
    limits: Limits,
    /// Leftovers of earlier processes have been looked for.
    swept: AtomicBool,
    /// Whether the engine seems to be one that can hold a container to a size; asked once.
    sizes_containers: OnceCell<bool>,
    /// It was asked to, and refused.
    refused_size: AtomicBool,
    /// The operator has been told that the network is not safe.
    warned: AtomicBool,
}

impl DockerEngine {
    /// The engine at `host` (`unix://`, `tcp://` or `http://`; its usual socket when `None`). Connects when it is
    /// first needed: the engine may be away now, and come and go. Fails only when `host` cannot mean an engine.
    pub fn connect(
        host: Option<&str>,
        installation: InstallationId,
        limits: Limits,
    ) -> Result<Self, RuntimeError> {
        let host = host.unwrap_or(USUAL_SOCKET);
        if !["unix:///", "tcp://", "http://"]
            .iter()
            .any(|scheme| host.starts_with(scheme))
        {
            return Err(RuntimeError::Refused(format!(
                "{host} is no address of a Docker Engine"
            )));
        }
        Ok(Self {
            link: Arc::new(Link::new(host.to_owned(), limits.ping, AWAY_FOR)),
            installation,
            limits,
            swept: AtomicBool::new(false),
            sizes_containers: OnceCell::new(),
            refused_size: AtomicBool::new(false),
            warned: AtomicBool::new(false),
        })
    }

    /// Once in the life of this process, at the first call that needs more than a look.
    async fn sweep_once(&self) {
        if !self.swept.swap(true, Ordering::Relaxed)
            && let Err(error) = self.sweep().await
        {
            self.swept.store(false, Ordering::Relaxed);
            tracing::warn!(%error, "leftovers of reading client files cannot be removed now");
        }
    }
}

#[async_trait]
impl DesktopRuntime for DockerEngine {
    async fn ping(&self) -> Result<(), RuntimeError> {
        self.link.ping().await
    }

    fn trouble(&self) -> Option<RuntimeError> {
        self.link.trouble()
    }

    async fn is_near(&self, network: &str) -> Result<bool, RuntimeError> {
        Ok(near::is_near(
            &self.network(network, Egress::Internet).await?,
        ))
    }

    async fn ensure_network(&self, network: &str, egress: Egress) -> Result<(), RuntimeError> {
        self.network(network, egress).await.map(drop)
    }

    async fn bridge(&self, network: &str) -> Result<Option<String>, RuntimeError> {
        self.interface(network).await
    }

    async fn disk_use(&self) -> Result<Vec<DiskUse>, RuntimeError> {
        let filter = Labels::filter(self.installation);
        let options = ListContainersOptionsBuilder::new()
            .size(true)
            .filters(&std::collections::HashMap::from([("label", vec![filter])]))
            .build();
        let running = self
            .link
            .call(
                "sizes of containers",
                self.limits.sizes,
                |docker| async move { docker.list_containers(Some(options)).await },
            )
            .await
            .map_err(|error| error.about(About::Other))?;
        Ok(running
            .iter()
            .filter_map(|answer| seen::disk_use(answer, self.installation))
            .collect())
    }

    async fn create(&self, spec: &ContainerSpec) -> Result<Container, RuntimeError> {
        self.claim(spec).await
    }

    async fn start(&self, id: &str) -> Result<Container, RuntimeError> {
        let known = self.found(id).await?;
        let id = known.id.as_str();
        self.link
            .call("start container", self.limits.start, |docker| async move {
                docker
                    .start_container(id, None::<StartContainerOptions>)
                    .await
            })
            .await
            .map_err(|error| error.about(About::Container))?;
        self.found(id).await
    }

    async fn inspect(&self, id: &str) -> Result<Option<Container>, RuntimeError> {
        let answer = self.look(id).await?;
        Ok(answer.and_then(|answer| seen::inspected(&answer, self.installation)))
    }

    async fn stop(&self, id: &str, grace: Duration) -> Result<(), RuntimeError> {
        let Some((known, _)) = self.ours(id).await? else {
            return Ok(());
        };
        let id = known.id.as_str();
        let seconds = i32::try_from(grace.as_secs()).unwrap_or(i32::MAX);
        let options = StopContainerOptionsBuilder::new().t(seconds).build();
        let stopped = self
            .link
            .call(
                "stop container",
                grace + self.limits.stop,
                |docker| async move { docker.stop_container(id, Some(options)).await },
            )
            .await;
        match stopped.map_err(|error| error.about(About::Container)) {
            Ok(()) | Err(RuntimeError::Gone) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn remove(&self, id: &str) -> Result<(), RuntimeError> {
        match self.ours(id).await? {
            None => Ok(()),
            Some((known, _)) => self.remove_ours(&known.id).await,
        }
    }

    async fn list(&self) -> Result<Vec<Container>, RuntimeError> {
        let filter = Labels::filter(self.installation);
        let options = ListContainersOptionsBuilder::new()
            .all(true)
            .filters(&std::collections::HashMap::from([("label", vec![filter])]))
            .build();
        let all = self
            .link
            .call("list containers", self.limits.read, |docker| async move {
                docker.list_containers(Some(options)).await
            })
            .await
            .map_err(|error| error.about(About::Other))?;
        Ok(all
            .iter()
            .filter_map(|answer| seen::listed(answer, self.installation))
            .collect())
    }

    async fn logs(&self, id: &str, lines: usize) -> Result<String, RuntimeError> {
        let (known, answer) = self.ours(id).await?.ok_or(RuntimeError::Gone)?;
        let id = known.id.as_str();
        let raw = self
            .link
            .call("logs", self.limits.read, |docker| async move {
                output::tail(&docker, id, lines).await
            })
            .await
            .map_err(|error| error.about(About::Container))?;
        Ok(output::presentable(
            &raw,
            output::password(&answer).as_deref(),
        ))
    }

    async fn image(&self, reference: &str) -> Result<Option<Image>, RuntimeError> {
        // It becomes part of a path: what is no reference must not reach the engine.
        if !is_image_reference(reference) {
            return Ok(None);
        }
        let found = self
            .link
            .call("inspect image", self.limits.read, |docker| async move {
                docker.inspect_image(reference).await
            })
            .await;
        match found {
            Ok(image) => Ok(image.id.map(|id| Image {
                id,
                size: image
                    .size
                    .and_then(|size| u64::try_from(size).ok())
                    .unwrap_or_default(),
            })),
            Err(error) if error.is(404) => Ok(None),
            Err(error) => Err(error.about(About::Image(reference))),
        }
    }

    async fn pull(
        &self,
        reference: &str,
    ) -> BoxStream<'static, Result<PullProgress, RuntimeError>> {
        self.fetch(reference).await
    }

    async fn read_folder(&self, image_id: &str, folder: &str) -> Result<Vec<u8>, RuntimeError> {
        self.sweep_once().await;
        self.folder(image_id, folder).await
    }

    async fn run_detached(&self, id: &str, argv: &[&str]) -> Result<(), RuntimeError> {
        let known = self.found(id).await?;
        let id = known.id.as_str();
        let config = ExecConfig {
            cmd: Some(argv.iter().map(|word| (*word).to_owned()).collect()),
            attach_stdout: Some(false),
            attach_stderr: Some(false),
            ..ExecConfig::default()
        };
        self.link
            .call("run in container", self.limits.start, |docker| async move {
                let made = docker.create_exec(id, config).await?;
                let detached = bollard::exec::StartExecOptions {
                    detach: true,
                    ..Default::default()
                };
                docker.start_exec(&made.id, Some(detached)).await.map(drop)
            })
            .await
            .map_err(|error| error.about(About::Container))
    }

    async fn events(&self) -> Result<BoxStream<'static, ContainerEvent>, RuntimeError> {
        self.happenings().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_engine_need_not_be_there_yet_but_its_address_must_make_sense() {
        let us = InstallationId::new();
        for host in [
            None,
            Some("unix:///nowhere/docker.sock"),
            Some("tcp://127.0.0.1:9"),
        ] {
            DockerEngine::connect(host, us, Limits::default()).unwrap();
        }
        for host in [
            "",
            "docker.sock",
            "unix://relative",
            "ssh://host",
            "https://host",
        ] {
            let refused = DockerEngine::connect(Some(host), us, Limits::default());
            assert!(matches!(refused, Err(RuntimeError::Refused(_))), "{host}");
        }
        let nowhere = Some("unix:///nowhere/docker.sock");
        let engine = DockerEngine::connect(nowhere, us, Limits::default()).unwrap();
        assert!(matches!(
            engine.list().await,
            Err(RuntimeError::Away { .. })
        ));
    }
}
