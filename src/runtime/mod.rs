//! What runs containers, in words that fit every engine.
//!
//! [`DesktopRuntime`] is implemented by [`docker::DockerEngine`] and, for rare paths in tests, by
//! `fake::FakeRuntime`, which is compiled for tests only; both must pass the same `runtime_contract`. Every call has a
//! named limit inside ([`Limits`]); a call that timed out may still succeed later, which is why
//! [`DesktopRuntime::create`] is found by a fixed name and a generation, and `desktops::upkeep` removes what nobody
//! wants.

pub mod docker;
pub mod egress;
#[cfg(any(test, feature = "fake-runtime"))]
pub mod fake;
pub mod pulls;
pub mod spec;
pub mod way;

use std::{net::SocketAddr, time::Duration};

use async_trait::async_trait;
use futures_util::stream::BoxStream;

pub use pulls::{PullNews, PullOverview, Pulls};
pub use spec::{ContainerSpec, Labels, container_name};
pub use way::{Way, WayInForce, Ways};

use crate::{config::Egress, language::Sentence, say};

/// How long each call on an engine may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Is it there at all.
    pub ping: Duration,
    /// How much every container has written: the engine walks through their files.
    pub sizes: Duration,
    /// Reading: inspect, list, image look-up, logs.
    pub read: Duration,
    /// Creating a container, making a network or volume.
    pub create: Duration,
    /// Starting a created container.
    pub start: Duration,
    /// On top of the stop's own grace.
    pub stop: Duration,
    /// Removing a container.
    pub remove: Duration,
    /// Between two messages of a pull.
    pub pull_silence: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            ping: Duration::from_secs(2),
            read: Duration::from_secs(5),
            sizes: Duration::from_mins(2),
            create: Duration::from_mins(1),
            start: Duration::from_mins(1),
            stop: Duration::from_secs(15),
            remove: Duration::from_secs(30),
            pull_silence: Duration::from_mins(2),
        }
    }
}

/// Why a call on the engine failed, as far as a person can act on it.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// The engine does not answer, or not in time (which call, after how long).
    #[error("the container engine does not answer ({call})")]
    Away {
        /// The call and its limit.
        call: String,
        /// For the log.
        #[source]
        source: Option<crate::error::BoxError>,
    },
    /// This process may not use the socket of the engine (its address).
    #[error("this server may not use the container engine at {0}: permission denied")]
    NotPermitted(String),
    /// The image is not on this host.
    #[error("the image {0} is not on this server")]
    ImageMissing(String),
    /// A process outside holds the host port.
    #[error("port {0} is in use by another program")]
    PortTaken(u16),
    /// The container is not there (any more).
    #[error("the container does not exist")]
    Gone,
    /// An image could not be fetched; a whole sentence that says why and what to do.
    #[error("{0}")]
    PullFailed(Sentence),
    /// The engine refused, in its own words.
    #[error("the container engine refused: {0}")]
    Refused(String),
}

impl RuntimeError {
    /// For people; what the engine itself said stays in its own words.
    #[must_use]
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::Away { call, .. } => say!("engine-silent", call = call),
            Self::NotPermitted(engine) => say!("engine-not-permitted", engine = engine),
            Self::ImageMissing(image) => say!("engine-no-image", image = image),
            Self::PortTaken(port) => say!("engine-port-taken", port = port),
            Self::Gone => say!("engine-gone"),
            Self::PullFailed(why) => why.clone(),
            Self::Refused(words) => say!("engine-refused", words = words),
        }
    }

    /// Whether the engine itself cannot be reached, so that nothing is known of what was asked about.
    #[must_use]
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Away { .. } | Self::NotPermitted(_))
    }

    /// Somebody else's container has the name; it is never touched.
    fn name_taken(name: &str) -> Self {
        Self::Refused(format!(
            "a container called {name} that this server did not make is in the way"
        ))
    }

    /// The caller works on a start that has been overtaken.
    fn newer_start() -> Self {
        Self::Refused("a newer start of this desktop has its container already".into())
    }
}

/// What a container is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContainerState {
    /// Made, not started.
    Created,
    /// Up.
    Running,
    /// Frozen from outside.
    Paused,
    /// Ended, with its exit code and whether memory ran out.
    Exited {
        /// As the process gave it; says nothing about success for Kasm images (rule R7).
        code: i64,
        /// The memory limit was hit.
        out_of_memory: bool,
    },
}

impl ContainerState {
    /// Docker's own word, as the original's API shows it in `docker_status`.
    #[must_use]
    pub fn docker_word(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Exited { .. } => "exited",
        }
    }
}

/// A container of this installation, as the engine sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// The engine's id.
    pub id: String,
    /// Read back from its labels.
    pub labels: Labels,
    /// What it is doing.
    pub state: ContainerState,
    /// The image's id (digest), by which its client files are trusted.
    pub image_id: String,
    /// Where it answers: the published port on 127.0.0.1, or its own address; known while it runs.
    pub address: Option<SocketAddr>,
}

/// How much a running container has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskUse {
    /// Whose it is.
    pub labels: Labels,
    /// Its own files, without its image and without the home, which is a volume.
    pub bytes: i64,
}

/// An image on this host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The id (digest).
    pub id: String,
    /// In bytes, unpacked.
    pub size: u64,
}

/// One message of a pull.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PullProgress {
    /// The layer it is about, if any.
    pub layer: Option<String>,
    /// What is happening, in the engine's words.
    pub status: String,
    /// Bytes done of this layer.
    pub current: Option<u64>,
    /// Bytes in all of this layer.
    pub total: Option<u64>,
}

/// Something happened to a container of this installation. A hint: it may be lost, doubled or late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerEvent {
    /// Whose container.
    pub labels: Labels,
    /// `die`, `destroy`, `oom`, `pause`, `unpause`, `start`.
    pub action: String,
}

/// What runs containers. All calls are safe to repeat. `id` is the engine's id, or the container's name. A container
/// this installation did not make is never touched: [`DesktopRuntime::inspect`] and [`DesktopRuntime::list`] do not see
/// it, every other call refuses.
#[async_trait]
pub trait DesktopRuntime: std::fmt::Debug + Send + Sync {
    /// Whether the engine answers.
    async fn ping(&self) -> Result<(), RuntimeError>;

    /// Why the engine cannot be used, by its last answer; nothing is asked, so a page may call it.
    fn trouble(&self) -> Option<RuntimeError> {
        None
    }

    /// Whether this server is on the `network` of the desktops itself, so that a container's own address leads to
    /// it without a published port. Looked up anew each time; makes the network when it is missing.
    async fn is_near(&self, network: &str) -> Result<bool, RuntimeError>;

    /// Makes the network of desktops that may reach `egress`, when it is missing. One that is there stays as it is.
    async fn ensure_network(&self, network: &str, egress: Egress) -> Result<(), RuntimeError>;

    /// The interface of the engine's host that the bridge `network` is; `None` while there is no such network.
    async fn bridge(&self, network: &str) -> Result<Option<String>, RuntimeError>;

    /// How much each running container of this installation has written. Costly for the engine.
    async fn disk_use(&self) -> Result<Vec<DiskUse>, RuntimeError>;

    /// Makes the container of `spec`, or finds it: the name is fixed per desktop, so a call that timed out and
    /// succeeded later is found by the next one. One of an older start, or with another host port, is removed first;
    /// one of a *newer* start stays and the call is refused, because its caller has been overtaken (fault F7). A
    /// stranger's container of that name is never touched. Also makes the network and the home volume when missing.
    /// Does not start it.
    async fn create(&self, spec: &ContainerSpec) -> Result<Container, RuntimeError>;

    /// Starts it and answers it with its address; an already started one is fine.
    async fn start(&self, id: &str) -> Result<Container, RuntimeError>;

    /// The container, or `None` when it is gone.
    async fn inspect(&self, id: &str) -> Result<Option<Container>, RuntimeError>;

    /// Asks it to end, and ends it after `grace`. A stopped or missing one is fine.
    async fn stop(&self, id: &str, grace: Duration) -> Result<(), RuntimeError>;

    /// Removes it, running or not, with its anonymous volumes; a missing one is fine. The home volume stays.
    async fn remove(&self, id: &str) -> Result<(), RuntimeError>;

    /// Every container of this installation, in any state.
    async fn list(&self) -> Result<Vec<Container>, RuntimeError>;

    /// The last lines of its output, for the reason of a failed start.
    async fn logs(&self, id: &str, lines: usize) -> Result<String, RuntimeError>;

    /// The image `reference` on this host, or `None`.
    async fn image(&self, reference: &str) -> Result<Option<Image>, RuntimeError>;

    /// Fetches `reference`; the stream ends after success, or with the error that says why not.
    async fn pull(&self, reference: &str)
    -> BoxStream<'static, Result<PullProgress, RuntimeError>>;

    /// The files below `folder` of an image, as a tar archive, read from a container that is never started. The names
    /// are relative to the folder and may begin with `./`; a folder that is a symbolic link is followed.
    async fn read_folder(&self, image_id: &str, folder: &str) -> Result<Vec<u8>, RuntimeError>;

    /// Runs `argv` in the container as its default user, without waiting for it.
    async fn run_detached(&self, id: &str, argv: &[&str]) -> Result<(), RuntimeError>;

    /// What happens to containers from now on; the stream ends when the connection to the engine does.
    async fn events(&self) -> Result<BoxStream<'static, ContainerEvent>, RuntimeError>;
}
