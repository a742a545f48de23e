//! Start: claim the row. The database decides who starts; the slow half is in `launch.rs`.

use std::{sync::Arc, time::Duration};

use rand::{Rng, distr::Alphanumeric};
use secrecy::ExposeSecret;
use tokio::time::Instant;

use super::{
    Desktop, DesktopChange, DesktopState, Desktops, Inner,
    desktop::name_of,
    launch,
    limits::{self, LimitReached},
    moves::{self, NewStart, NotInserted},
    store,
};
use crate::{
    catalog::{DesktopType, TypeKind},
    db::Connection,
    groups::Applied,
    ids::{DesktopId, WorkerId},
    language::Sentence,
    people::User,
    say,
};

/// How many names are tried for one desktop, and how often a lost race is looked at again.
const ATTEMPTS: u32 = 32;

/// Letters and digits of a desktop's password: passes every image's shell unharmed, about 190 bits (kasm-image 1.3).
const PASSWORD_LENGTH: usize = 32;

/// What a start may be told beyond the type.
#[derive(Clone, Debug, Default)]
pub struct StartOptions {
    /// Opened in the new desktop; already checked by the caller.
    pub start_url: Option<String>,
}

/// Why a start was refused. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It is being stopped right now.
    #[error("{}", self.sentence())]
    Stopping,
    /// The server is going down.
    #[error("{}", self.sentence())]
    Draining,
    /// It is a server, which this version cannot open.
    #[error("{}", self.sentence())]
    NotOffered,
    /// The person has used up what they may.
    #[error("{0}")]
    Limit(#[from] LimitReached),
    /// Names or races were lost more often than can happen.
    #[error("{}", self.sentence())]
    Unsettled,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl StartError {
    /// What to do, for people.
    #[must_use]
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::Stopping => say!("start-stopping"),
            Self::Draining => say!("start-draining"),
            Self::Unsettled => say!("start-unsettled"),
            Self::NotOffered => say!("start-not-offered"),
            Self::Database(_) => say!("error-internal"),
            Self::Limit(limit) => limit.sentence(),
        }
    }
}

impl From<limits::CheckError> for StartError {
    fn from(error: limits::CheckError) -> Self {
        match error {
            limits::CheckError::Reached(limit) => Self::Limit(limit),
            limits::CheckError::Database(error) => Self::Database(error),
        }
    }
}

pub(super) async fn start(
    inner: &Arc<Inner>,
    user: &User,
    kind: &DesktopType,
    options: StartOptions,
) -> Result<Desktop, StartError> {
    if inner.tasks.draining() {
        return Err(StartError::Draining);
    }
    if kind.kind == TypeKind::Server {
        return Err(StartError::NotOffered);
    }
    // Most clicks find it there: they need not take turns, and a class that clicks at once keeps few connections.
    let known = store::newest_of_type(&mut inner.db.acquire().await?, user.id, kind.id).await?;
    let is_there = |desktop: &Desktop| {
        matches!(
            desktop.state,
            DesktopState::Starting | DesktopState::Running
        )
    };
    if let Some(desktop) = known.filter(is_there) {
        return Ok(desktop);
    }
    let password = new_password(inner);
    let applied = inner.groups.applied_to(user.id).await?;
    let start = NewStart {
        owner: user.id,
        kind: kind.id,
        vnc_password: &password,
        start_url: options.start_url.as_deref(),
        client_settings: applied.client_settings(),
        wants_home: wants_home(user, kind),
        holder: WorkerId::new(),
        lease: launch::LEASE,
    };
    match claim(inner, user, kind, &start, &applied).await? {
        Claim::There(desktop) => Ok(desktop),
        Claim::Mine(desktop) => {
            tracing::info!(desktop.name = %desktop.name, user.id = %user.id, "desktop {} starts", desktop.name);
            // On the tracker: a closed browser does not abort it, shutdown waits for it.
            inner.tasks.spawn(launch::run(
                Arc::clone(inner),
                desktop.clone(),
                kind.clone(),
                start.holder,
            ));
            Ok(desktop)
        }
    }
}

enum Claim {
    /// This caller starts it.
    Mine(Desktop),
    /// It is starting or running already.
    There(Desktop),
}

/// Claims the desktop for this start. Starts of one person take turns here, so that two of different types do not
/// both find the last place free; nothing but statements happens in between.
async fn claim(
    inner: &Inner,
    user: &User,
    kind: &DesktopType,
    start: &NewStart<'_>,
    applied: &Applied,
) -> Result<Claim, StartError> {
    let mut name_attempt = 1;
    for _ in 0..ATTEMPTS {
        let mut tx = inner.db.begin().await?;
        limits::lock(&mut tx, user.id).await?;
        let name = name_of(&user.slug, &kind.slug, name_attempt);
        match attempt(&mut tx, &name, start, applied).await? {
            Attempt::Settled(claim) => {
                tx.commit().await?;
                return Ok(*claim);
            }
            // Either this person's own second click, which the next look finds, or somebody else's name.
            Attempt::NameTaken => name_attempt += 1,
            Attempt::Again => {}
        }
        tx.rollback().await?;
    }
    Err(StartError::Unsettled)
}

/// How one look at the rows went.
enum Attempt {
    Settled(Box<Claim>),
    NameTaken,
    Again,
}

async fn attempt(
    db: &mut Connection,
    name: &str,
    start: &NewStart<'_>,
    applied: &Applied,
) -> Result<Attempt, StartError> {
    let known = store::newest_of_type(db, start.owner, start.kind).await?;
    let claimed = match known.map(|desktop| (desktop.state, desktop)) {
        Some((DesktopState::Starting | DesktopState::Running, desktop)) => {
            return Ok(Attempt::Settled(Claim::There(desktop).into()));
        }
        Some((DesktopState::Stopping, _)) => return Err(StartError::Stopping),
        Some((DesktopState::Stopped | DesktopState::Failed, desktop)) => {
            limits::check(db, start.owner, start.kind, applied).await?;
            moves::claim_start(db, desktop.id, start).await?
        }
        None => {
            limits::check(db, start.owner, start.kind, applied).await?;
            match moves::insert_starting(db, DesktopId::new(), name, start).await? {
                Ok(inserted) => Some(inserted),
                Err(NotInserted::NameTaken) => return Ok(Attempt::NameTaken),
                Err(NotInserted::AlreadyLive) => None,
            }
        }
    };
    Ok(match claimed {
        Some(claimed) => Attempt::Settled(Claim::Mine(claimed).into()),
        None => Attempt::Again,
    })
}

/// Whether files of `user` are to be mounted in a desktop of `kind`: nothing of a guest is kept.
pub(super) fn wants_home(user: &User, kind: &DesktopType) -> bool {
    !user.is_guest() && !kind.home_path.is_empty()
}

pub(super) fn new_password(inner: &Inner) -> String {
    match &inner.config.fixed_vnc_password {
        Some(fixed) => fixed.expose_secret().to_owned(),
        None => rand::rng()
            .sample_iter(Alphanumeric)
            .take(PASSWORD_LENGTH)
            .map(char::from)
            .collect(),
    }
}

pub(super) async fn wait_while_starting(
    desktops: &Desktops,
    id: DesktopId,
    limit: Duration,
) -> Result<Option<Desktop>, sqlx::Error> {
    let until = Instant::now() + limit;
    let mut changes = desktops.events().subscribe();
    loop {
        let desktop = desktops.find(id).await?;
        let starting = desktop
            .as_ref()
            .is_some_and(|desktop| desktop.state == DesktopState::Starting);
        if !starting || Instant::now() >= until {
            return Ok(desktop);
        }
        // Hints may be lost: look again every second all the same.
        let next = until.min(Instant::now() + Duration::from_secs(1));
        let _ = tokio::time::timeout_at(next, async {
            loop {
                match changes.recv().await {
                    Ok(DesktopChange::Changed { desktop, .. }) if desktop != id => {}
                    Ok(_) | Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => return,
                    Err(tokio::sync::broadcast::error::RecvError::Closed) => {
                        std::future::pending::<()>().await;
                    }
                }
            }
        })
        .await;
    }
}
