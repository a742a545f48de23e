//! Desktops that casts launch: each stands beside what its person started on the dashboard and is never started again.
//!
//! One statement takes a session of the cast, counts the visitor's address, notes the page that asked and claims the
//! desktop, or does none of it. A start that comes to nothing gives back what was taken; the database does that with the
//! move itself (migration 0063).

mod store;

use std::{net::IpAddr, sync::Arc, time::Duration};

use rand::{Rng, distr::Alphanumeric};
use time::OffsetDateTime;

use self::store::{NotClaimed, Row};
use super::{
    Desktop, DesktopState, Desktops, Inner, LimitReached, StopError, StopReason,
    desktop::{CastOptions, name_of_launch},
    launch, limits, start,
    upkeep_error::UpkeepError,
};
use crate::{
    catalog::DesktopType,
    db,
    groups::{Applied, ClientSettings, Switch, Tightened},
    ids::{CastId, CastLinkId, DesktopId, DesktopTypeId, LaunchId, UserId, WorkerId},
    people::User,
};

/// How often a lost race is looked at again.
const ATTEMPTS: usize = 8;
/// Letters and digits behind the name of a desktop.
const MARK_LENGTH: usize = 6;
/// How often desktops that are done are looked for.
pub(super) const LOOK: Duration = Duration::from_mins(5);
/// How long a desktop is kept after it ended: its page says why.
pub const KEPT: Duration = Duration::from_hours(4);
/// How long it is known which page made which desktop. Pages are taken for less long.
const PAGES_KEPT: Duration = Duration::from_hours(48);
/// How long an address waits for a desktop that starts.
const OPENS_WITHIN: Duration = Duration::from_mins(2);
/// What opens an address in a desktop that runs; the address follows.
const START_SCRIPT: [&str; 4] = [
    "/bin/bash",
    "/dockerstartup/custom_startup.sh",
    "--go",
    "--url",
];
/// Desktops removed in one look; the rest has its turn in the next.
const AT_ONCE: i64 = 200;

/// What a cast asks for.
#[derive(Clone, Debug)]
pub struct CastLaunch<'a> {
    /// The page that was sent.
    pub page: LaunchId,
    /// What shows that the visitor is a person, where that is asked: 32 bytes that stand for one solution. It counts for
    /// one desktop.
    pub solution: Option<&'a [u8]>,
    /// What the new desktop is to be called by; not used when there is one already.
    pub desktop: DesktopId,
    /// The share link it has from its start on, if it has one.
    pub shared: Option<StandingLink>,
    /// The cast.
    pub cast: CastId,
    /// What it is called.
    pub title: &'a str,
    /// A link that serves once and is used up for it; then none of the cast's sessions is taken.
    pub link: Option<CastLinkId>,
    /// Whoever comes again while the desktop is live gets the same one.
    pub resumes: bool,
    /// How often an address is served, if that is limited.
    pub window: Option<Window>,
    /// Opened in the new desktop; already checked.
    pub start_url: Option<&'a str>,
    /// The network of the engine it is on; `None`: the one of all desktops.
    pub network: Option<&'a str>,
    /// What replaces the settings of the person's groups.
    pub settings: Option<ClientSettings>,
    /// For the page around the desktop.
    pub options: &'a CastOptions,
}

/// A link to look on that exists as soon as its desktop does.
#[derive(Clone, Copy, Debug)]
pub struct StandingLink {
    /// SHA-256 of its key.
    pub key_hash: [u8; 32],
    /// A minute or more. It ends with its desktop.
    pub lifetime: time::Duration,
}

/// At most so many desktops of a cast for one household in any stretch of time.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// An IPv4 address, or the first of a /64 of IPv6.
    pub household: IpAddr,
    /// 1 or more.
    pub allowed: i32,
    /// A second or more.
    pub within: Duration,
}

/// When a household was served by a cast.
#[derive(Clone, Debug)]
pub struct Served {
    /// In any order; older times than those that matter may be among them.
    pub times: Vec<OffsetDateTime>,
    /// The present moment, by the clock that noted the times.
    pub now: OffsetDateTime,
    /// What the page made when it was sent before, and whose it is.
    pub before: Option<(DesktopId, UserId)>,
}

/// What came of a launch.
#[derive(Debug)]
pub enum Launched {
    /// This desktop starts.
    New(Desktop),
    /// It is live already, by an earlier page of the same cast.
    /// With it, what only a fresh desktop would have as it is wanted: each switch as it stays.
    Resumed(Desktop, Vec<(Switch, bool)>),
    /// The same page was sent before: it made the desktop with this id, of this person. It may be gone by now.
    Before(DesktopId, UserId),
}

/// Why nothing was launched. Nothing was taken.
#[derive(Debug, thiserror::Error)]
pub enum LaunchRefused {
    /// The server is going down.
    #[error("this server is being stopped")]
    Draining,
    /// The person has used up what they may.
    #[error("{0}")]
    Limit(LimitReached),
    /// The cast has no sessions left, or the link that serves once has served.
    #[error("no sessions of the cast remain")]
    NoneLeft,
    /// The solution of the check counted for another desktop.
    #[error("the solution counted before")]
    SolutionUsed,
    /// The address was served too often.
    #[error("the address was served too often")]
    TooMany,
    /// Races were lost more often than can happen.
    #[error("a launch could not be settled")]
    Unsettled,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl Desktops {
    /// Launches a desktop of `kind` for `user`, or answers the one there is. Returns as soon as the row is claimed; the
    /// slow half goes on by itself. One page makes one desktop however often it is sent, and one person has one live
    /// desktop of a cast that resumes, on whichever replicas.
    pub async fn launch_of_cast(
        &self,
        user: &User,
        kind: &DesktopType,
        asked: &CastLaunch<'_>,
    ) -> Result<Launched, LaunchRefused> {
        let inner = &self.inner;
        if inner.tasks.draining() {
            return Err(LaunchRefused::Draining);
        }
        let password = start::new_password(inner);
        let applied = inner.groups.applied_to(user.id).await?;
        let holder = WorkerId::new();
        for _ in 0..ATTEMPTS {
            if let Some(live) = self.resumable(user.id, asked).await? {
                let wanted = asked.settings.unwrap_or_else(|| applied.client_settings());
                let (live, left) = self.tighten(live, wanted).await?;
                return Ok(Launched::Resumed(live, left));
            }
            let name = name_of_launch(&user.slug, &kind.slug, &mark());
            let row = Row {
                name: &name,
                owner: user.id,
                kind: kind.id,
                vnc_password: &password,
                client_settings: asked.settings.unwrap_or_else(|| applied.client_settings()),
                wants_home: start::wants_home(user, kind),
                applied: &applied,
                holder,
            };
            let claimed = store::claim(&mut inner.db.acquire().await?, &row, asked).await?;
            let refused = match claimed {
                Ok(desktop) => {
                    run(inner, &desktop, kind, holder);
                    return Ok(Launched::New(desktop));
                }
                Err(refused) => refused,
            };
            // Whatever is full may be full because of this very page, sent a moment ago.
            if let Some((desktop, owner)) = self.made_by_page(asked.page).await? {
                return Ok(Launched::Before(desktop, owner));
            }
            match refused {
                NotClaimed::PageUsed | NotClaimed::Raced => {}
                NotClaimed::NoneLeft => return Err(LaunchRefused::NoneLeft),
                NotClaimed::SolutionUsed => return Err(LaunchRefused::SolutionUsed),
                NotClaimed::TooMany => return Err(LaunchRefused::TooMany),
                NotClaimed::Limit => {
                    if let Some(limit) = self.limit_of(user.id, kind.id, &applied).await? {
                        return Err(LaunchRefused::Limit(limit));
                    }
                }
            }
        }
        Err(LaunchRefused::Unsettled)
    }

    /// Opens `address`, which was checked, in a new tab of `desktop`, as soon as it runs: with the start script of its
    /// image (kasm-image 2) and a list of arguments, no shell in between. Returns at once.
    pub fn open_in(&self, desktop: &Desktop, address: String) {
        let (desktops, id) = (self.clone(), desktop.id);
        self.inner.tasks.spawn(async move {
            let waited = desktops.wait_while_starting(id, OPENS_WITHIN).await;
            let Ok(Some(desktop)) = waited else { return };
            if desktop.state != DesktopState::Running {
                return;
            }
            let container = launch::container_ref(&desktop);
            let script = [&START_SCRIPT[..], &[address.as_str()]].concat();
            let opened = desktops.runtime().run_detached(&container, &script).await;
            if let Err(error) = opened {
                tracing::warn!(desktop.name = %desktop.name, %error, "an address could not be opened in desktop {}", desktop.name);
            }
        });
    }

    async fn resumable(
        &self,
        owner: UserId,
        asked: &CastLaunch<'_>,
    ) -> Result<Option<Desktop>, sqlx::Error> {
        if !asked.resumes {
            return Ok(None);
        }
        store::live_of_cast(&mut self.inner.db.acquire().await?, owner, asked.cast).await
    }

    /// Makes a desktop that is live keep what is wanted now, as far as it can; also answers what it cannot. Its streams
    /// are opened anew when something changes.
    async fn tighten(
        &self,
        mut live: Desktop,
        wanted: ClientSettings,
    ) -> Result<(Desktop, Vec<(Switch, bool)>), sqlx::Error> {
        let Tightened { settings, left } = live.client_settings.tightened_to(wanted);
        if settings != live.client_settings {
            store::tighten(&mut self.inner.db.acquire().await?, live.id, settings).await?;
            self.live().forget(live.id);
            live.client_settings = settings;
        }
        Ok((live, left))
    }

    /// Which limit is reached; `None` when there is room again.
    pub(super) async fn limit_of(
        &self,
        owner: UserId,
        kind: DesktopTypeId,
        applied: &Applied,
    ) -> Result<Option<LimitReached>, sqlx::Error> {
        let mut db = self.inner.db.acquire().await?;
        match limits::check(&mut db, owner, kind, applied).await {
            Ok(()) => Ok(None),
            Err(limits::CheckError::Reached(limit)) => Ok(Some(limit)),
            Err(limits::CheckError::Database(error)) => Err(error),
        }
    }

    /// When `household` was served by `cast`, and what `page` made, if it was sent before; one statement.
    pub async fn served_by_cast(
        &self,
        cast: CastId,
        household: IpAddr,
        page: Option<LaunchId>,
    ) -> Result<Served, sqlx::Error> {
        db::reading!(self.inner.db, |db| store::served(db, cast, household, page)
            .await)
    }

    /// What `page` made when it was sent before, and whose it is; it may be gone by now.
    pub async fn made_by_page(
        &self,
        page: LaunchId,
    ) -> Result<Option<(DesktopId, UserId)>, sqlx::Error> {
        db::reading!(self.inner.db, |db| store::made_by(db, page).await)
    }

    /// `owner`'s desktop with this name, if a cast launched it.
    pub async fn find_of_cast(
        &self,
        owner: UserId,
        name: &str,
    ) -> Result<Option<Desktop>, sqlx::Error> {
        db::reading!(self.inner.db, |db| super::store::find_of_cast(
            db, owner, name
        )
        .await)
    }
}

/// On the tracker: a closed browser does not abort it, shutdown waits for it.
fn run(inner: &Arc<Inner>, desktop: &Desktop, kind: &DesktopType, holder: WorkerId) {
    tracing::info!(desktop.name = %desktop.name, user.id = %desktop.owner, "desktop {} is launched by a cast", desktop.name);
    inner.tasks.spawn(launch::run(
        Arc::clone(inner),
        desktop.clone(),
        kind.clone(),
        holder,
    ));
}

fn mark() -> String {
    let letters = rand::rng().sample_iter(Alphanumeric).take(MARK_LENGTH);
    let letters: String = letters.map(char::from).collect();
    letters.to_lowercase()
}

/// Removes desktops of casts that ended some hours ago, with their containers; answers which. Homes stay. Also forgets
/// which pages made what, after two days. One that cannot be removed yet stays for the next look and stops nobody else.
pub async fn remove_done(desktops: &Desktops) -> Result<Vec<DesktopId>, UpkeepError> {
    let mut db = desktops.inner.db.acquire().await?;
    store::forget(&mut db, PAGES_KEPT).await?;
    let done = store::done(&mut db, KEPT, AT_ONCE).await?;
    drop(db);
    let mut removed = Vec::new();
    for id in done {
        match desktops.remove(id, StopReason::Lifetime).await {
            Ok(()) => removed.push(id),
            Err(StopError::NotRunning) => {}
            Err(error) => {
                tracing::warn!(desktop.id = %id, %error, "a desktop of a cast could not be removed yet");
            }
        }
    }
    Ok(removed)
}
