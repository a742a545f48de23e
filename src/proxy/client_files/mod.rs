//! The trusted copy of a VNC client's files: read once per image, kept in memory, served by us.
//!
//! What a browser executes comes from the image, which an administrator chose, and never from the running container,
//! which its user controls. Everything is addressed below `client/v-<version>/`, and the version follows from the
//! image's digest, so a browser may keep files for good.

mod answer;
mod folder;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod kinds;

use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use sha2::{Digest, Sha256};

pub(crate) use answer::answer;
pub(crate) use folder::Folder;

use crate::{
    catalog::DesktopType,
    desktops::Desktop,
    error::AppError,
    lifecycle::Tasks,
    runtime::{DesktopRuntime, RuntimeError},
    say,
};

/// Kept in memory in all, compressed forms included (about half of the plain ones on top).
const ROOM_KIB: u64 = 256 * 1024;
/// However small they are, there are no more folders than this.
const MOST_FOLDERS: u64 = 64;
/// How long it is remembered that an image has no client files: reading makes a container each time.
const MISSING_FOR: Duration = Duration::from_mins(1);

/// The handle on client files: cheap to clone.
#[derive(Clone, Debug)]
pub struct ClientFiles {
    runtime: Arc<dyn DesktopRuntime>,
    tasks: Tasks,
    folders: Cache<Key, Arc<Folder>>,
    missing: Cache<Key, ()>,
}

/// Image id and folder.
type Key = (String, String);

/// Why there are no client files.
#[derive(Clone, Debug, thiserror::Error)]
enum NoFiles {
    #[error("the image has no such folder")]
    Missing,
    #[error("the client files cannot be read")]
    Unreadable(#[source] Arc<dyn std::error::Error + Send + Sync>),
    #[error("the container engine does not answer")]
    EngineAway(#[source] Arc<RuntimeError>),
}

impl ClientFiles {
    /// Reads from images through `runtime`; compression runs on `tasks`.
    #[must_use]
    pub fn new(runtime: Arc<dyn DesktopRuntime>, tasks: Tasks) -> Self {
        let weigh = |_: &Key, folder: &Arc<Folder>| {
            let kib = (folder.bytes() as u64 * 3 / 2) >> 10;
            u32::try_from(kib.max(ROOM_KIB / MOST_FOLDERS)).unwrap_or(u32::MAX)
        };
        Self {
            runtime,
            tasks,
            folders: Cache::builder()
                .max_capacity(ROOM_KIB)
                .weigher(weigh)
                .build(),
            missing: Cache::builder()
                .max_capacity(1024)
                .time_to_live(MISSING_FOR)
                .build(),
        }
    }

    /// Reads the files of a desktop's image ahead of the first visit, if they are not here yet. What goes wrong will
    /// be told to the first visitor.
    pub fn warm(&self, image_id: String, client_folder: String) {
        let files = self.clone();
        self.tasks.spawn(async move {
            if let Err(error) = files.folder((image_id, client_folder)).await {
                tracing::debug!(%error, "client files are not read ahead");
            }
        });
    }

    /// The files of this desktop's client, and their [`version`].
    pub(crate) async fn of(
        &self,
        desktop: &Desktop,
        kind: &DesktopType,
    ) -> Result<(Arc<Folder>, String), AppError> {
        let Some(image_id) = desktop.image_id.clone() else {
            return Err(no_files(&NoFiles::Missing, kind));
        };
        let key = (image_id, kind.client_folder.clone());
        let version = version(&key.0, &key.1);
        match self.folder(key).await {
            Ok(folder) => Ok((folder, version)),
            Err(error) => Err(no_files(&error, kind)),
        }
    }

    /// However many ask at once, one of them reads.
    async fn folder(&self, key: Key) -> Result<Arc<Folder>, NoFiles> {
        if self.missing.contains_key(&key) {
            return Err(NoFiles::Missing);
        }
        let read = self
            .folders
            .try_get_with(key.clone(), self.read(&key))
            .await;
        read.map_err(|error| NoFiles::clone(&error))
    }

    async fn read(&self, (image_id, client_folder): &Key) -> Result<Arc<Folder>, NoFiles> {
        let archive = match self.runtime.read_folder(image_id, client_folder).await {
            Ok(archive) => archive,
            Err(error) if error.is_away() => {
                return Err(NoFiles::EngineAway(Arc::new(error)));
            }
            Err(error) => {
                tracing::info!(%error, image.id = %image_id, "no client files in {client_folder}");
                self.remember_missing(image_id, client_folder).await;
                return Err(NoFiles::Missing);
            }
        };
        let name = client_folder.clone();
        let folder = tokio::task::spawn_blocking(move || Folder::read(&archive, &name))
            .await
            .map_err(|error| NoFiles::Unreadable(Arc::new(error)))?
            .map_err(|error| NoFiles::Unreadable(Arc::new(error)))?;
        if folder.is_empty() {
            self.remember_missing(image_id, client_folder).await;
            return Err(NoFiles::Missing);
        }
        let folder = Arc::new(folder);
        self.compress(Arc::clone(&folder));
        Ok(folder)
    }

    async fn remember_missing(&self, image_id: &str, client_folder: &str) {
        let key = (image_id.to_owned(), client_folder.to_owned());
        self.missing.insert(key, ()).await;
    }

    /// Beside the first requests: a visitor would rather have the files now than small.
    fn compress(&self, folder: Arc<Folder>) {
        let stop = self.tasks.soft();
        self.tasks.spawn(async move {
            let done = tokio::task::spawn_blocking(move || folder.compress(&stop)).await;
            if let Err(error) = done {
                tracing::warn!(%error, "client files stay uncompressed");
            }
        });
    }
}

/// Names the files of an image in addresses: `v-` and twelve hexadecimal digits.
fn version(image_id: &str, client_folder: &str) -> String {
    let digest = Sha256::new()
        .chain_update(image_id)
        .chain_update([0])
        .chain_update(client_folder)
        .finalize();
    format!("v-{}", hex::encode(&digest[..6]))
}

/// Whether a segment looks like a [`version`].
pub(crate) fn is_version(segment: &str) -> bool {
    segment.strip_prefix("v-").is_some_and(|hex| {
        hex.len() == 12
            && hex
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

fn no_files(error: &NoFiles, kind: &DesktopType) -> AppError {
    let DesktopType {
        image,
        client_folder,
        title,
        ..
    } = kind;
    match error {
        NoFiles::Missing => AppError::Conflict {
            code: "no_client_files",
            sentence: say!(
                "client-missing",
                image = image,
                folder = client_folder,
                title = title
            ),
        },
        NoFiles::EngineAway(source) => AppError::Unavailable {
            code: "docker_unavailable",
            sentence: say!("client-engine-away"),
            source: Some(source.to_string().into()),
        },
        NoFiles::Unreadable(source) => AppError::BadGateway {
            sentence: say!("client-unreadable", image = image),
            source: Some(source.to_string().into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_follow_from_image_and_folder() {
        let one = version("sha256:0123", "/www");
        assert!(is_version(&one), "{one}");
        assert_eq!(one, version("sha256:0123", "/www"));
        assert_ne!(one, version("sha256:0124", "/www"));
        assert_ne!(one, version("sha256:0123", "/other"));
        for no in [
            "v-",
            "v-0123456789aB",
            "v-0123456789ab0",
            "0123456789ab",
            "v-0123456789a/",
        ] {
            assert!(!is_version(no), "{no}");
        }
    }
}
