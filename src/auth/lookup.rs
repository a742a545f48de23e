//! Telling who a request comes from.
//!
//! A caller presents a session id or an API token (see [`super::presented`]). Answers are remembered for [`CACHE`],
//! so that steady use of a desktop costs no SQL; signing out forgets at once here, and on other replicas as soon as
//! they hear of it. While the database is away, pages and desktops go by the last answer for at most [`GRANT`]
//! (fault F9); everything else hears so within [`LOOKUP`].

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::http::request::Parts;
use moka::future::Cache;
use time::OffsetDateTime;
use tokio::time::Instant;

use super::{
    login::{Caller, Login, NoCaller},
    presented::{self, Accepts, Credential},
    store::{self, Found},
    user::User,
};
use crate::{db, error::Unauthenticated};

/// How long an answer is remembered.
pub const CACHE: Duration = Duration::from_secs(3);

/// How long the last answer still opens a desktop while the database is away.
pub const GRANT: Duration = Duration::from_mins(15);

/// How long the database may take to say who is calling.
pub const LOOKUP: Duration = Duration::from_secs(2);

/// Most answers that are remembered.
const MOST: u64 = 20_000;

/// What the database said.
pub(super) struct Answers {
    /// In the last [`CACHE`].
    recent: Cache<[u8; 32], Known>,
    /// The last time, for when it is away.
    granted: Cache<[u8; 32], Known>,
    /// When it was last found to be away.
    away: Mutex<Option<Instant>>,
}

/// Whose session or token it is.
#[derive(Clone)]
struct Known {
    user: Arc<User>,
    expires_at: OffsetDateTime,
}

impl Answers {
    pub(super) fn new() -> Self {
        let remember = |time| {
            Cache::builder()
                .max_capacity(MOST)
                .time_to_live(time)
                .build()
        };
        Self {
            recent: remember(CACHE),
            granted: remember(GRANT),
            away: Mutex::default(),
        }
    }

    fn away(&self) -> MutexGuard<'_, Option<Instant>> {
        self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A page of a desktop asks for dozens of files: only one of them waits for a database that is away.
    fn was_just_away(&self) -> bool {
        self.away().is_some_and(|at| at.elapsed() < CACHE)
    }

    pub(super) async fn forget(&self, hash: &[u8; 32]) {
        self.recent.invalidate(hash).await;
        self.granted.invalidate(hash).await;
    }

    /// The database is asked again about everybody.
    pub(super) fn forget_recent(&self) {
        self.recent.invalidate_all();
    }
}

impl Login {
    /// Who sent the request with this head.
    pub async fn caller(&self, head: &Parts, accepts: Accepts) -> Result<Caller, NoCaller> {
        let shown =
            presented::shown(head, accepts, &self.inner.http).map_err(NoCaller::Unauthenticated)?;
        let credential = shown.credential().map_err(NoCaller::Unauthenticated)?;
        let session = credential.hash();
        let known = self.known(credential, accepts).await?;
        // Ended while we looked: what we remember of it must not outlive that.
        if self.inner.ended.is_gone(&session) {
            self.inner.answers.forget(&session).await;
            return Err(NoCaller::Unauthenticated(Unauthenticated::Unknown));
        }
        Ok(Caller {
            user: known.user,
            presented: shown.how,
            session,
            expires_at: known.expires_at,
        })
    }

    async fn known(&self, credential: Credential, accepts: Accepts) -> Result<Known, NoCaller> {
        let hash = credential.hash();
        if let Some(known) = self.inner.answers.recent.get(&hash).await {
            return Ok(known);
        }
        if accepts == Accepts::CookieOnly
            && self.inner.answers.was_just_away()
            && let Some(known) = self.granted(&hash).await
        {
            return Ok(known);
        }
        match self.look_up(credential).await {
            Ok(Found::Live {
                user, expires_at, ..
            }) => {
                let known = Known {
                    user: user.into(),
                    expires_at,
                };
                self.inner.answers.recent.insert(hash, known.clone()).await;
                self.inner.answers.granted.insert(hash, known.clone()).await;
                Ok(known)
            }
            Ok(Found::Expired) => Err(self.lapsed(&hash, Unauthenticated::Expired).await),
            Ok(Found::Unknown) => Err(self.lapsed(&hash, Unauthenticated::Unknown).await),
            Err(error) if db::is_away(&error) => {
                *self.inner.answers.away() = Some(Instant::now());
                match self.granted(&hash).await {
                    Some(known) if accepts == Accepts::CookieOnly => Ok(known),
                    _ => Err(error.into()),
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn look_up(&self, credential: Credential) -> Result<Found, sqlx::Error> {
        let work = async {
            let mut db = self.inner.db.acquire().await?;
            let hash = credential.hash();
            let found = match credential {
                Credential::Session(_) => store::find_session(&mut db, &hash).await?,
                Credential::Token(_) => store::find_token(&mut db, &hash).await?,
            };
            if matches!(found, Found::Live { due: true, .. }) {
                let marked = match credential {
                    Credential::Session(_) => store::slide_session(&mut db, &hash).await,
                    Credential::Token(_) => store::touch_token(&mut db, &hash).await,
                };
                // The answer is good without it; the next request tries again.
                if let Err(error) = marked {
                    tracing::debug!(%error, "the use of a session could not be written down");
                }
            }
            Ok(found)
        };
        tokio::time::timeout(LOOKUP, work)
            .await
            .unwrap_or(Err(sqlx::Error::PoolTimedOut))
    }

    async fn granted(&self, hash: &[u8; 32]) -> Option<Known> {
        let known = self.inner.answers.granted.get(hash).await?;
        (known.expires_at > self.inner.clock.now()).then_some(known)
    }

    async fn lapsed(&self, hash: &[u8; 32], why: Unauthenticated) -> NoCaller {
        self.inner.ended.lapse(hash);
        self.inner.answers.forget(hash).await;
        NoCaller::Unauthenticated(why)
    }

    /// Ends a session on this replica: what it opened is closed, and it opens nothing any more.
    pub(super) async fn end_here(&self, hash: &[u8; 32]) {
        self.inner.ended.end(hash);
        self.inner.answers.forget(hash).await;
    }
}
