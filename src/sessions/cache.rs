//! Looking up whose a session id or an API token is, and remembering it.
//!
//! Answers are remembered for [`CACHE`], so that steady use of a desktop costs no SQL; signing out forgets at once
//! here, and on other replicas as soon as they hear of it. While the database is away, pages and desktops go by the
//! last answer for at most [`GRANT`] (fault F9); everything else hears so within [`LOOKUP`].

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use moka::future::Cache;
use time::OffsetDateTime;
use tokio::time::Instant;
use tower_sessions::SessionStore;

use super::{
    caller::{Groups, NoCaller},
    presented::{Accepts, Credential},
    session_store::{self, Live, SessionRows},
    tokens::{store as token_store, store::Found},
};
use crate::{
    clock::Clock,
    db::{self, Db},
    error::Unauthenticated,
    ids::UserId,
    people::User,
};

/// How long an answer is remembered.
pub const CACHE: Duration = Duration::from_secs(3);

/// How long the last answer still opens a desktop while the database is away.
pub const GRANT: Duration = Duration::from_mins(15);

/// How long the database may take to say who is calling.
pub const LOOKUP: Duration = Duration::from_secs(2);

/// Most answers that are remembered.
const MOST: u64 = 20_000;

/// Whose session or token it is.
#[derive(Clone)]
pub(super) struct Known {
    pub user: Arc<User>,
    pub was_guest: Option<UserId>,
    pub expires_at: OffsetDateTime,
    pub groups: Groups,
}

/// What the database said, in front of it.
pub(super) struct CallerCache {
    db: Db,
    rows: SessionRows,
    clock: Clock,
    /// In the last [`CACHE`].
    recent: Cache<[u8; 32], Known>,
    /// The last time, for when it is away.
    granted: Cache<[u8; 32], Known>,
    /// When it was last found to be away.
    away: Mutex<Option<Instant>>,
}

impl CallerCache {
    pub(super) fn new(db: Db, rows: SessionRows, clock: Clock) -> Self {
        let remember = |time| {
            Cache::builder()
                .max_capacity(MOST)
                .time_to_live(time)
                .build()
        };
        Self {
            db,
            rows,
            clock,
            recent: remember(CACHE),
            granted: remember(GRANT),
            away: Mutex::default(),
        }
    }

    /// Whose `credential` is: remembered, or asked.
    pub(super) async fn whose(
        &self,
        credential: Credential,
        accepts: Accepts,
    ) -> Result<Known, NoCaller> {
        let hash = credential.hash();
        if let Some(known) = self.recent.get(&hash).await {
            return Ok(known);
        }
        if accepts == Accepts::CookieOnly
            && self.was_just_away()
            && let Some(known) = self.granted(&hash).await
        {
            return Ok(known);
        }
        let found = tokio::time::timeout(LOOKUP, self.look_up(credential))
            .await
            .unwrap_or(Err(sqlx::Error::PoolTimedOut));
        match found {
            Ok(Ok(known)) => {
                self.remember(hash, known.clone()).await;
                Ok(known)
            }
            Ok(Err(why)) => Err(NoCaller::Unauthenticated(why)),
            Err(error) if db::is_away(&error) => {
                *self.away() = Some(Instant::now());
                match self.granted(&hash).await {
                    Some(known) if accepts == Accepts::CookieOnly => Ok(known),
                    _ => Err(error.into()),
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn remember(&self, hash: [u8; 32], known: Known) {
        self.recent.insert(hash, known.clone()).await;
        self.granted.insert(hash, known).await;
    }

    pub(super) async fn forget(&self, hash: &[u8; 32]) {
        self.recent.invalidate(hash).await;
        self.granted.invalidate(hash).await;
    }

    #[cfg(test)]
    pub(super) async fn recent(&self, hash: &[u8; 32]) -> Option<Known> {
        self.recent.get(hash).await
    }

    /// The database is asked again about everybody.
    pub(super) fn forget_recent(&self) {
        self.recent.invalidate_all();
    }

    async fn look_up(
        &self,
        credential: Credential,
    ) -> Result<Result<Known, Unauthenticated>, sqlx::Error> {
        match credential {
            Credential::Session(id) => self.session(id).await,
            Credential::Token(hash) => self.token(&hash).await,
        }
    }

    async fn session(
        &self,
        id: tower_sessions::session::Id,
    ) -> Result<Result<Known, Unauthenticated>, sqlx::Error> {
        let record = self.rows.load(&id).await.map_err(session_store::database)?;
        let Some(record) = record else {
            let ran_out = self.rows.ran_out(&id).await?;
            return Ok(Err(if ran_out {
                Unauthenticated::Expired
            } else {
                Unauthenticated::Unknown
            }));
        };
        let Some(Live {
            user,
            was_guest,
            due,
        }) = Live::read(&record)
        else {
            return Ok(Err(Unauthenticated::Unknown));
        };
        // The answer is good without it; the next request tries again.
        if due && let Err(error) = self.rows.save(&record).await {
            tracing::debug!(%error, "the use of a session could not be written down");
        }
        Ok(Ok(Known {
            user: user.into(),
            was_guest,
            expires_at: record.expiry_date,
            groups: Groups::default(),
        }))
    }

    async fn token(&self, hash: &[u8; 32]) -> Result<Result<Known, Unauthenticated>, sqlx::Error> {
        let mut db = self.db.acquire().await?;
        Ok(match token_store::find_token(&mut db, hash).await? {
            Found::Unknown => Err(Unauthenticated::Unknown),
            Found::Expired => Err(Unauthenticated::Expired),
            Found::Live {
                user,
                expires_at,
                due,
            } => {
                if due && let Err(error) = token_store::touch_token(&mut db, hash).await {
                    tracing::debug!(%error, "the use of a token could not be written down");
                }
                Ok(Known {
                    user: user.into(),
                    was_guest: None,
                    expires_at,
                    groups: Groups::default(),
                })
            }
        })
    }

    fn away(&self) -> MutexGuard<'_, Option<Instant>> {
        self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A page of a desktop asks for dozens of files: only one of them waits for a database that is away.
    fn was_just_away(&self) -> bool {
        self.away().is_some_and(|at| at.elapsed() < CACHE)
    }

    async fn granted(&self, hash: &[u8; 32]) -> Option<Known> {
        let known = self.granted.get(hash).await?;
        (known.expires_at > self.clock.now()).then_some(known)
    }
}
