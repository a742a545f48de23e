//! Telling who a request comes from, and the one place where a finished identity becomes a session.
//!
//! A caller presents a session id or an API token (see [`super::presented`]). Answers are remembered for [`CACHE`],
//! so that steady use of a desktop costs no SQL; signing out forgets at once here, and on other replicas as soon as
//! they hear of it. While the database is away, pages and desktops go by the last answer for at most [`GRANT`]
//! (fault F9); everything else hears so within [`LOOKUP`].

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::http::{HeaderValue, request::Parts};
use moka::future::Cache;
use secrecy::SecretString;
use sqlx::PgPool;
use time::OffsetDateTime;
use tokio::time::Instant;
use tower_sessions::ExpiredDeletion;
use url::Url;

pub use super::presented::{Accepts, Presented};
use super::{
    ended::Ended,
    local::Passwords,
    presented::{self, Credential},
    sessions::{ABSOLUTE, Sessions},
    store::{self, Found},
    tries::Tries,
    user::User,
};
use crate::{
    clock::Clock,
    config::HttpConfig,
    db,
    error::{AppError, Unauthenticated},
    ids::UserId,
};

/// How long an answer is remembered.
pub const CACHE: Duration = Duration::from_secs(3);

/// How long the last answer still opens a desktop while the database is away.
pub const GRANT: Duration = Duration::from_mins(15);

/// How long the database may take to say who is calling.
pub const LOOKUP: Duration = Duration::from_secs(2);

/// Most answers that are remembered.
const REMEMBERED: u64 = 20_000;

/// Who is calling, and how they showed it.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The person.
    pub user: Arc<User>,
    /// How they showed it.
    pub presented: Presented,
    /// SHA-256 of the session id or token: names the sign-in without being able to use it.
    pub session: [u8; 32],
    /// When the session ends if it is not used before; for a token, when it ends.
    pub expires_at: OffsetDateTime,
}

/// Why a request has no caller.
#[derive(Debug, thiserror::Error)]
pub enum NoCaller {
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    Unauthenticated(Unauthenticated),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<NoCaller> for AppError {
    fn from(error: NoCaller) -> Self {
        match error {
            NoCaller::Unauthenticated(why) => Self::SignInRequired(why),
            NoCaller::Database(error) => error.into(),
        }
    }
}

/// A session that has just begun.
#[derive(Debug)]
pub struct NewSession {
    /// For a script: the id, shown this once.
    pub id: SecretString,
    /// When it ends if it is not used before.
    pub expires_at: OffsetDateTime,
    /// For a browser: the value of `Set-Cookie`; it cannot be printed either.
    pub cookie: HeaderValue,
}

/// The handle on sign-in.
#[derive(Clone)]
pub struct Login {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) db: PgPool,
    pub(super) http: HttpConfig,
    pub(super) passwords: Passwords,
    pub(super) tries: Tries,
    pub(super) ended: Ended,
    clock: Clock,
    sessions: Sessions,
    /// What the database said in the last [`CACHE`].
    recent: Cache<[u8; 32], Known>,
    /// What it said last, for when it is away.
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

impl fmt::Debug for Login {
    /// Says nothing: what is inside is other people's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").finish_non_exhaustive()
    }
}

impl Login {
    /// A handle on the accounts and sessions in `db`.
    #[must_use]
    pub fn new(db: PgPool, clock: Clock, http: HttpConfig) -> Self {
        let remember = |time| {
            Cache::builder()
                .max_capacity(REMEMBERED)
                .time_to_live(time)
                .build()
        };
        Self {
            inner: Arc::new(Inner {
                sessions: Sessions::new(db.clone()),
                passwords: Passwords::default(),
                tries: Tries::new(),
                ended: Ended::default(),
                recent: remember(CACHE),
                granted: remember(GRANT),
                away: Mutex::default(),
                db,
                clock,
                http,
            }),
        }
    }

    /// Who sent the request with this head.
    pub async fn caller(&self, head: &Parts, accepts: Accepts) -> Result<Caller, NoCaller> {
        let shown =
            presented::shown(head, accepts, &self.inner.http).map_err(NoCaller::Unauthenticated)?;
        let credential = shown.credential().map_err(NoCaller::Unauthenticated)?;
        let session = credential.hash();
        let known = self.known(credential, accepts).await?;
        // Ended while we looked: what we remember of it must not outlive that.
        if self.inner.ended.is_gone(&session) {
            self.forget(&session).await;
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
        if let Some(known) = self.inner.recent.get(&hash).await {
            return Ok(known);
        }
        if accepts == Accepts::CookieOnly
            && self.was_just_away()
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
                self.inner.recent.insert(hash, known.clone()).await;
                self.inner.granted.insert(hash, known.clone()).await;
                Ok(known)
            }
            Ok(Found::Expired) => Err(self.lapsed(&hash, Unauthenticated::Expired).await),
            Ok(Found::Unknown) => Err(self.lapsed(&hash, Unauthenticated::Unknown).await),
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

    fn away(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.inner
            .away
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// A page of a desktop asks for dozens of files: only one of them waits for a database that is away.
    fn was_just_away(&self) -> bool {
        self.away().is_some_and(|at| at.elapsed() < CACHE)
    }

    async fn granted(&self, hash: &[u8; 32]) -> Option<Known> {
        let known = self.inner.granted.get(hash).await?;
        (known.expires_at > self.inner.clock.now()).then_some(known)
    }

    async fn lapsed(&self, hash: &[u8; 32], why: Unauthenticated) -> NoCaller {
        self.inner.ended.lapse(hash);
        self.forget(hash).await;
        NoCaller::Unauthenticated(why)
    }

    pub(super) async fn forget(&self, hash: &[u8; 32]) {
        self.inner.recent.invalidate(hash).await;
        self.inner.granted.invalidate(hash).await;
    }

    pub(super) fn forget_recent(&self) {
        self.inner.recent.invalidate_all();
    }

    /// Ends a session on this replica: what it opened is closed, and it opens nothing any more.
    pub(super) async fn end_here(&self, hash: &[u8; 32]) {
        self.inner.ended.end(hash);
        self.forget(hash).await;
    }

    /// Begins a session of `user` with a new id, whatever way they proved who they are. The session the request
    /// already had ends: an id known before signing in must never become somebody's (threat T2).
    pub async fn sign_in(&self, user: &User, head: &Parts) -> Result<NewSession, sqlx::Error> {
        for accepts in [Accepts::All, Accepts::CookieOnly] {
            let old = presented::shown(head, accepts, &self.inner.http);
            if let Ok(Credential::Session(old)) = old.and_then(|old| old.credential()) {
                self.end(&old).await?;
            }
        }
        let begun = self.inner.sessions.begin(user.id).await?;
        store::touch_sign_in(&mut *self.inner.db.acquire().await?, user.id).await?;
        tracing::info!(user.id = %user.id, "signed in");
        let id = begun.id.to_string();
        Ok(NewSession {
            cookie: self.cookie(&id, ABSOLUTE),
            id: id.into(),
            expires_at: begun.expires_at,
        })
    }

    /// Ends the caller's session on every replica and closes what it opened. An API token is not a session: it stays.
    pub async fn sign_out(&self, caller: &Caller) -> Result<(), sqlx::Error> {
        self.end(&caller.session).await?;
        tracing::info!(user.id = %caller.user.id, "signed out");
        Ok(())
    }

    async fn end(&self, hash: &[u8; 32]) -> Result<(), sqlx::Error> {
        store::end_session(&mut *self.inner.db.acquire().await?, hash).await?;
        self.end_here(hash).await;
        Ok(())
    }

    /// Ends every session of `user` on every replica, and makes every replica look at their tokens: after an account
    /// was switched off or lost a role.
    pub async fn sign_out_everywhere(&self, user: UserId) -> Result<(), sqlx::Error> {
        let ended = store::end_sessions_of(&mut *self.inner.db.acquire().await?, user).await?;
        for hash in ended
            .iter()
            .filter_map(|hash| hash.as_slice().try_into().ok())
        {
            self.end_here(hash).await;
        }
        self.forget_recent();
        Ok(())
    }

    /// The person with this id.
    pub async fn user(&self, id: UserId) -> Result<Option<User>, sqlx::Error> {
        store::find_user(&mut *self.inner.db.acquire().await?, id).await
    }

    /// Forgets what no longer matters: budgets that are full again, sessions and tokens that ran out long ago. For
    /// upkeep, about once a minute.
    pub async fn sweep(&self) -> Result<(), tower_sessions::session_store::Error> {
        self.inner.tries.sweep();
        self.inner.ended.sweep();
        self.inner.sessions.delete_expired().await
    }

    /// The id that a request carries, for a caller who is known by it.
    pub(super) fn sent_id(&self, head: &Parts) -> Option<String> {
        let shown = presented::shown(head, Accepts::All, &self.inner.http).ok()?;
        Some(shown.text().to_owned())
    }

    /// Whether a request carries an API token and not a session id.
    pub(super) fn sent_token(&self, head: &Parts) -> bool {
        presented::shown(head, Accepts::All, &self.inner.http)
            .and_then(|shown| shown.credential())
            .is_ok_and(|credential| matches!(credential, Credential::Token(_)))
    }

    /// `Set-Cookie` that takes the cookie away.
    #[must_use]
    pub fn no_cookie(&self) -> HeaderValue {
        self.cookie("", time::Duration::ZERO)
    }

    /// Where this server is, as browsers see it.
    #[must_use]
    pub fn public_url(&self) -> &Url {
        &self.inner.http.public_url
    }

    fn cookie(&self, id: &str, age: time::Duration) -> HeaderValue {
        let name = presented::cookie_name(&self.inner.http);
        let secure = if self.inner.http.secure() {
            "; Secure"
        } else {
            ""
        };
        let age = age.whole_seconds();
        let text = format!("{name}={id}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}");
        // An id is base64url: the text always fits a header.
        let mut value = HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
        value.set_sensitive(true);
        value
    }
}
