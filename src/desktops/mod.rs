//! Desktops: start, stop, remove, find, and hear of changes. [`Desktops`] is the handle others call.

pub mod api;
pub mod body;
pub mod casts;
pub mod desktop;
pub mod disk;
mod end;
pub mod events;
pub mod feed;
pub mod frames;
pub mod guests;
pub mod history;
pub mod keep;
mod launch;
pub mod limits;
pub mod listing;
pub mod live;
pub mod looks;
pub mod lookup;
mod moves;
pub mod of_person;
mod ports;
pub mod stamp;
mod start;
mod stop;
mod store;
pub mod stream;
pub mod upkeep;
mod upkeep_error;
mod watch;

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

pub use casts::{CastLaunch, LaunchRefused, Launched};
pub use desktop::{Addressed, CastOptions, Desktop, DesktopState, Phase};
pub use end::{EndCode, EndReason};
pub use events::{DesktopChange, Events};
pub use keep::KeepError;
pub use limits::LimitReached;
pub use live::{Live, LiveDesktop};
pub use start::{StartError, StartOptions};
pub use stop::{StopError, StopReason, StopReport};

use crate::{
    catalog::Catalog,
    config::RuntimeConfig,
    db::{self, Db},
    groups::Groups,
    ids::{DesktopId, InstallationId, UserId},
    lifecycle::Tasks,
    people::User,
    runtime::{DesktopRuntime, WayInForce, Ways},
    upstream::Upstream,
};

/// The handle on desktops: cheap to clone.
#[derive(Clone, Debug)]
pub struct Desktops {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    db: Db,
    runtime: Arc<dyn DesktopRuntime>,
    upstream: Upstream,
    catalog: Catalog,
    groups: Groups,
    events: Events,
    live: Live,
    /// Who looks at other people's desktops by streams of this server.
    looks: looks::OpenLooks,
    config: RuntimeConfig,
    ways: Ways,
    tasks: Tasks,
    installation: InstallationId,
    /// Whether this server has compared rows and containers since it began.
    compared: AtomicBool,
}

/// What [`Desktops`] is made of.
#[derive(Debug)]
pub struct DesktopsParts {
    /// Where rows live.
    pub db: Db,
    /// What runs containers.
    pub runtime: Arc<dyn DesktopRuntime>,
    /// How desktops are reached.
    pub upstream: Upstream,
    /// The catalogue.
    pub catalog: Catalog,
    /// What applies to whom.
    pub groups: Groups,
    /// Ports, network, limits.
    pub config: RuntimeConfig,
    /// Owner of the slow halves of starts.
    pub tasks: Tasks,
    /// Which installation this is.
    pub installation: InstallationId,
}

/// A desktop with the name of its owner, for administrators.
#[derive(Clone, Debug)]
pub struct OwnedDesktop {
    /// The desktop.
    pub desktop: Desktop,
    /// What its owner signs in with.
    pub username: String,
    /// What others see of its owner.
    pub display_name: String,
    /// The title of its type.
    pub type_title: String,
}

/// What happened since midnight (UTC).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Today {
    /// Starts that came to a running desktop.
    pub started: i64,
    /// Desktops that did not start or ended by themselves, and were not started again since.
    pub failed: i64,
}

impl Desktops {
    /// A handle; nothing runs yet, see [`upkeep`].
    #[must_use]
    pub fn new(parts: DesktopsParts) -> Self {
        let DesktopsParts {
            db,
            runtime,
            upstream,
            catalog,
            groups,
            config,
            tasks,
            installation,
        } = parts;
        Self {
            inner: Arc::new(Inner {
                events: Events::new(),
                live: Live::new(),
                looks: looks::OpenLooks::default(),
                db,
                runtime,
                upstream,
                catalog,
                groups,
                ways: Ways::new(config.connect, &config.network),
                config,
                tasks,
                installation,
                compared: AtomicBool::new(false),
            }),
        }
    }

    /// Every desktop of `owner`, most recently used first.
    pub async fn list_of(&self, owner: UserId) -> Result<Vec<Desktop>, sqlx::Error> {
        db::reading!(self.inner.db, |db| store::list_of_owner(db, owner).await)
    }

    /// Those of everybody that are live: starting, running or stopping.
    pub async fn list_live(&self) -> Result<Vec<Desktop>, sqlx::Error> {
        db::reading!(self.inner.db, |db| store::list_live(db).await)
    }

    /// What happened today.
    pub async fn today(&self) -> Result<Today, sqlx::Error> {
        db::reading!(self.inner.db, |db| store::today(db).await)
    }

    /// The desktop with this id.
    pub async fn find(&self, id: DesktopId) -> Result<Option<Desktop>, sqlx::Error> {
        db::reading!(self.inner.db, |db| store::find(db, id).await)
    }

    /// The desktop with this name, whole.
    pub async fn find_by_name(&self, name: &str) -> Result<Option<Desktop>, sqlx::Error> {
        db::reading!(self.inner.db, |db| store::find_by_name(db, name).await)
    }

    /// `owner`'s desktop that an address of the dashboard names.
    pub async fn addressed(
        &self,
        owner: UserId,
        address: &str,
    ) -> Result<Option<Desktop>, sqlx::Error> {
        match Addressed::read(address) {
            Addressed::Type(slug) => self.find_of(owner, Some(slug)).await,
            Addressed::Name(name) => self.find_of_cast(owner, name).await,
        }
    }

    /// `owner`'s desktop of the type `type_slug`, or their most recently used one. What casts launched is no desktop of
    /// its type, but for guests.
    pub async fn find_of(
        &self,
        owner: UserId,
        type_slug: Option<&str>,
    ) -> Result<Option<Desktop>, sqlx::Error> {
        db::reading!(self.inner.db, |db| store::find_of_owner(
            db, owner, type_slug
        )
        .await)
    }

    /// Notes that `id` was opened now.
    pub async fn touch(&self, id: DesktopId) -> Result<(), sqlx::Error> {
        store::touch(&mut self.inner.db.acquire().await?, id).await
    }

    /// How long a start of each type usually takes (median of what was measured), by type.
    pub async fn usual_start_times(
        &self,
    ) -> Result<std::collections::HashMap<crate::ids::DesktopTypeId, Duration>, sqlx::Error> {
        store::usual_start_times(&mut self.inner.db.acquire().await?).await
    }

    /// The same for one type; `None` until one of it was started.
    pub async fn usual_start_time(
        &self,
        kind: crate::ids::DesktopTypeId,
    ) -> Result<Option<Duration>, sqlx::Error> {
        store::usual_start_time(&mut self.inner.db.acquire().await?, kind).await
    }

    /// Changes of desktops, on this and every other replica.
    #[must_use]
    pub fn events(&self) -> &Events {
        &self.inner.events
    }

    /// The table of open streams.
    #[must_use]
    pub fn live(&self) -> &Live {
        &self.inner.live
    }

    /// The container engine.
    #[must_use]
    pub fn runtime(&self) -> &Arc<dyn DesktopRuntime> {
        &self.inner.runtime
    }

    /// How the next desktop will be reached, as soon as that is decided.
    #[must_use]
    pub fn way(&self) -> Option<WayInForce> {
        self.inner.ways.known()
    }

    /// The server's settings for desktops.
    #[must_use]
    pub fn config(&self) -> &RuntimeConfig {
        &self.inner.config
    }

    /// Starts `user`'s desktop of `kind`, or answers the one that is there. Returns as soon as the row is claimed;
    /// the slow half goes on by itself, also when the caller leaves. However often and wherever it is called at
    /// once, one container comes of it: the database decides.
    pub async fn start(
        &self,
        user: &User,
        kind: &crate::catalog::DesktopType,
        options: StartOptions,
    ) -> Result<Desktop, StartError> {
        start::start(&self.inner, user, kind, options).await
    }

    /// Waits until `id` is no longer starting, at most `limit`; answers it as it then is, `None` when removed.
    pub async fn wait_while_starting(
        &self,
        id: DesktopId,
        limit: Duration,
    ) -> Result<Option<Desktop>, sqlx::Error> {
        start::wait_while_starting(self, id, limit).await
    }

    /// Ends the desktop and cuts its streams; its files are kept. Also cancels a start.
    pub async fn stop(&self, id: DesktopId, reason: StopReason) -> Result<Desktop, StopError> {
        stop::stop(&self.inner, id, reason).await
    }

    /// Stops the desktop if need be and removes its container and its row; the home volume is kept.
    pub async fn remove(&self, id: DesktopId, reason: StopReason) -> Result<(), StopError> {
        stop::remove(&self.inner, id, reason).await
    }

    /// Stops everything that is live, up to eight at a time; one failure does not stop the rest.
    pub async fn stop_all(&self, reason: StopReason) -> Result<StopReport, StopError> {
        stop::stop_all(self, reason).await
    }
}
