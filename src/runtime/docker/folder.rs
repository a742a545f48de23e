//! Reading a folder of an image, through a container that is made and removed but never started.

use std::collections::HashMap;

use bollard::{
    Docker,
    errors::Error,
    models::{ContainerCreateBody, HostConfig},
    query_parameters::{
        CreateContainerOptions, DownloadFromContainerOptionsBuilder, PruneContainersOptionsBuilder,
        RemoveContainerOptionsBuilder,
    },
};
use futures_util::TryStreamExt;

use super::{DockerEngine, body::PORT_LABEL, refusals::About};
use crate::runtime::{
    Labels, RuntimeError,
    spec::{PURPOSE, PURPOSE_CLIENT_FILES},
};

/// The largest folder that is read: a web client has a few megabytes.
const LARGEST: usize = 256 << 20;

/// A read that takes longer than this has been left behind by a process that is gone.
const LEFT_BEHIND: &str = "10m";

impl DockerEngine {
    pub(super) async fn folder(
        &self,
        image_id: &str,
        folder: &str,
    ) -> Result<Vec<u8>, RuntimeError> {
        let id = self.reading_container(image_id).await?;
        let path = inside(folder);
        let wanted = DownloadFromContainerOptionsBuilder::new()
            .path(&path)
            .build();
        let from = id.clone();
        let read = self
            .link
            .call(
                "read a folder of an image",
                self.limits.create,
                |docker| async move { collect(&docker, &from, wanted).await },
            )
            .await;
        self.discard(&id).await;
        match read {
            Ok(Some(archive)) => Ok(archive),
            Ok(None) => Err(RuntimeError::Refused(format!(
                "{folder} of the image is too large to be a web client"
            ))),
            Err(error) if error.is(404) => Err(RuntimeError::Refused(format!(
                "the image has no folder {folder}"
            ))),
            Err(error) => Err(error.about(About::Other)),
        }
    }

    async fn reading_container(&self, image_id: &str) -> Result<String, RuntimeError> {
        // Whatever the image says of itself, this is no desktop.
        let mut labels = Labels::none();
        labels.insert(PORT_LABEL.into(), String::new());
        labels.extend(self.own_labels());
        labels.insert(PURPOSE.into(), PURPOSE_CLIENT_FILES.into());
        let body = ContainerCreateBody {
            image: Some(image_id.to_owned()),
            labels: Some(labels),
            // Never run; an image without a program of its own could not be made into a container otherwise.
            entrypoint: Some(vec!["/never-started".into()]),
            host_config: Some(HostConfig {
                network_mode: Some("none".into()),
                cap_drop: Some(vec!["ALL".into()]),
                ..HostConfig::default()
            }),
            ..ContainerCreateBody::default()
        };
        let made = self
            .link
            .call(
                "create a container to read from",
                self.limits.create,
                |docker| async move {
                    docker
                        .create_container(None::<CreateContainerOptions>, body)
                        .await
                },
            )
            .await
            .map_err(|error| error.about(About::Image(image_id)))?;
        Ok(made.id)
    }

    /// What cannot be removed now goes with the next sweep.
    async fn discard(&self, id: &str) {
        let options = RemoveContainerOptionsBuilder::new()
            .force(true)
            .v(true)
            .build();
        let removed = self
            .link
            .call(
                "remove container",
                self.limits.remove,
                |docker| async move { docker.remove_container(id, Some(options)).await },
            )
            .await;
        if let Err(error) = removed {
            tracing::warn!(
                ?error,
                container.id = id,
                "a container that was only read from is left for later"
            );
        }
    }

    /// Removes reading containers that a killed process left behind. The engine's own clock tells which are old, so
    /// that what another replica reads at this moment stays.
    pub(super) async fn sweep(&self) -> Result<(), RuntimeError> {
        let labels = vec![
            Labels::filter(self.installation),
            format!("{PURPOSE}={PURPOSE_CLIENT_FILES}"),
        ];
        let options = PruneContainersOptionsBuilder::new()
            .filters(&HashMap::from([
                ("label", labels),
                ("until", vec![LEFT_BEHIND.to_owned()]),
            ]))
            .build();
        self.link
            .call("sweep", self.limits.remove, |docker| async move {
                docker.prune_containers(Some(options)).await
            })
            .await
            .map(drop)
            .map_err(|error| error.about(About::Other))
    }
}

/// The archive; `None` when it is too large.
async fn collect(
    docker: &Docker,
    id: &str,
    wanted: bollard::query_parameters::DownloadFromContainerOptions,
) -> Result<Option<Vec<u8>>, Error> {
    let mut stream = std::pin::pin!(docker.download_from_container(id, Some(wanted)));
    let mut archive = Vec::new();
    while let Some(part) = stream.try_next().await? {
        if archive.len() + part.len() > LARGEST {
            return Ok(None);
        }
        archive.extend_from_slice(&part);
    }
    Ok(Some(archive))
}

/// The content of `folder`: with the dot the engine follows a symbolic link and names what is in it.
fn inside(folder: &str) -> String {
    format!("{}/.", folder.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_folder_is_asked_for_by_its_content() {
        for folder in ["/usr/share/www", "/usr/share/www/"] {
            assert_eq!(super::inside(folder), "/usr/share/www/.");
        }
    }
}
