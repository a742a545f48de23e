//! Whose a container is, and how a desktop gets exactly one.

use std::time::Duration;

use bollard::{
    models::ContainerInspectResponse,
    query_parameters::{
        CreateContainerOptionsBuilder, InspectContainerOptions, RemoveContainerOptionsBuilder,
    },
};
use tokio::time::Instant;

use super::{DockerEngine, body, link::CallError, network, refusals::About, seen};
use crate::runtime::{Container, ContainerSpec, RuntimeError};

/// How often a creation or removal that is under way elsewhere is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Who has the name a new container should get.
enum Name {
    /// The container that is wanted.
    Ours(Container),
    /// One of an older start had it, and is gone now.
    Cleared,
    /// Nobody who can be seen: a create that was given up holds the name before its container is there (fault F2).
    Promised,
}

impl DockerEngine {
    /// The container of `spec`, made or adopted.
    pub(super) async fn claim(&self, spec: &ContainerSpec) -> Result<Container, RuntimeError> {
        let network = self.network(&spec.network, spec.egress).await?;
        let network = network::id(&spec.network, &network)?;
        self.home(spec).await?;
        let until = Instant::now() + self.limits.create;
        loop {
            match self.make(spec, &network).await {
                Ok(id) => return self.found(&id).await,
                Err(error) if error.is(409) => match self.settle_name(spec).await? {
                    Name::Ours(adopted) => return Ok(adopted),
                    Name::Cleared => continue,
                    Name::Promised => {}
                },
                Err(error) => return Err(error.about(About::Image(&spec.image))),
            }
            if Instant::now() >= until {
                return Err(RuntimeError::Away {
                    call: "create container: an earlier one is still under way".into(),
                    source: None,
                });
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// What the engine says about `id`, ours or not.
    pub(super) async fn look(
        &self,
        id: &str,
    ) -> Result<Option<ContainerInspectResponse>, RuntimeError> {
        // It becomes part of a path: what is neither id nor name must not reach the engine.
        if !is_id_or_name(id) {
            return Ok(None);
        }
        let looked = self
            .link
            .call("inspect container", self.limits.read, |docker| async move {
                docker
                    .inspect_container(id, None::<InspectContainerOptions>)
                    .await
            })
            .await;
        match looked.map_err(|error| error.about(About::Container)) {
            Ok(answer) => Ok(Some(answer)),
            Err(RuntimeError::Gone) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The container `id` if it is there; somebody else's is refused.
    pub(super) async fn ours(
        &self,
        id: &str,
    ) -> Result<Option<(Container, ContainerInspectResponse)>, RuntimeError> {
        let Some(answer) = self.look(id).await? else {
            return Ok(None);
        };
        let container = seen::inspected(&answer, self.installation)
            .ok_or_else(|| RuntimeError::name_taken(id))?;
        Ok(Some((container, answer)))
    }

    pub(super) async fn found(&self, id: &str) -> Result<Container, RuntimeError> {
        Ok(self.ours(id).await?.ok_or(RuntimeError::Gone)?.0)
    }

    async fn make(&self, spec: &ContainerSpec, network: &str) -> Result<String, CallError> {
        let options = CreateContainerOptionsBuilder::new()
            .name(&spec.name())
            .build();
        let limited = self.limits_disk().await;
        let body = body::create_body(spec, network, limited);
        let made = self
            .link
            .call(
                "create container",
                self.limits.create,
                |docker| async move { docker.create_container(Some(options), body).await },
            )
            .await;
        match made {
            Ok(made) => Ok(made.id),
            Err(error) if limited && error.is_about_storage() => {
                self.refused_size();
                Box::pin(self.make(spec, network)).await
            }
            Err(error) => Err(error),
        }
    }

    /// Decides about the container that has the name.
    async fn settle_name(&self, spec: &ContainerSpec) -> Result<Name, RuntimeError> {
        let name = spec.name();
        let Some((known, answer)) = self.ours(&name).await? else {
            return Ok(Name::Promised);
        };
        if known.labels.desktop != spec.labels.desktop {
            return Err(RuntimeError::name_taken(&name));
        }
        if known.labels.generation > spec.labels.generation {
            return Err(RuntimeError::newer_start());
        }
        if known.labels == spec.labels && seen::host_port(&answer) == spec.host_port {
            return Ok(Name::Ours(known));
        }
        self.remove_ours(&known.id).await?;
        Ok(Name::Cleared)
    }

    pub(super) async fn remove_ours(&self, id: &str) -> Result<(), RuntimeError> {
        let options = RemoveContainerOptionsBuilder::new()
            .force(true)
            .v(true)
            .build();
        let limit = self.limits.remove;
        let removed = self
            .link
            .call("remove container", limit, |docker| async move {
                docker.remove_container(id, Some(options)).await
            })
            .await;
        match removed {
            Ok(()) => Ok(()),
            // Somebody else is removing it: gone is what was wanted.
            Err(error) if error.is(409) => self.wait_until_gone(id, limit).await,
            Err(error) => match error.about(About::Container) {
                RuntimeError::Gone => Ok(()),
                error => Err(error),
            },
        }
    }

    async fn wait_until_gone(&self, id: &str, limit: Duration) -> Result<(), RuntimeError> {
        let gone = async {
            while self.look(id).await?.is_some() {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            Ok(())
        };
        tokio::time::timeout(limit, gone).await.unwrap_or_else(|_| {
            Err(RuntimeError::Away {
                call: format!("remove container: still there after {limit:?}"),
                source: None,
            })
        })
    }
}

fn is_id_or_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=128).contains(&text.len()) && text.bytes().all(plain)
}
