//! Sessions: who is calling, where somebody is signed in, and how that ends. [`Sessions`] is the handle.
//!
//! Handlers say who may call by their arguments: [`guard::CurrentUser`], [`guard::MaybeUser`], [`guard::AdminUser`].
//! However somebody proves who they are (`sign_in`), [`Sessions::begin`] is the one place where that becomes a session.

mod cache;
mod caller;
mod device;
mod ended;
mod ending;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
pub mod guard;
mod presented;
mod program;
pub(crate) mod renamed;
mod session_store;
mod sign_ins;
mod store;
#[cfg(test)]
mod tests;
pub mod tokens;
mod watch;

use std::{fmt, sync::Arc};

use axum::{
    http::{HeaderValue, request::Parts},
    response::{IntoResponse, Response},
};
use secrecy::SecretString;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;
use tower_sessions::{ExpiredDeletion, SessionStore};

pub(crate) use self::presented::sha256;
pub use self::{
    cache::{CACHE, GRANT, LOOKUP},
    caller::{Caller, NoCaller},
    ended::SessionEnd,
    presented::{Accepts, Presented},
    program::Program,
    session_store::{MOST_SESSIONS, Origin},
    sign_ins::SignIn,
    store::ENDED,
    tokens::Tokens,
};
use self::{
    cache::{CallerCache, Known},
    device::Device,
    ended::{EndedSessions, Needs},
    presented::Credential,
    session_store::{ABSOLUTE, Begin, Look, SessionRows, database},
    watch::Watch,
};
use crate::{
    clock::Clock,
    config::HttpConfig,
    db::Db,
    error::Unauthenticated,
    hints::HintsOf,
    ids::OidcProviderId,
    people::User,
    web::{
        caps::UnderWay,
        cookies::{self, Readable, with_cookies},
        log::RequestNotes,
        page::look_cookies,
    },
};

/// A session that has just begun.
#[derive(Debug)]
pub struct NewSession {
    /// For a script: the id, shown this once.
    pub id: SecretString,
    /// When it ends if it is not used before.
    pub expires_at: OffsetDateTime,
    /// For a browser: the value of `Set-Cookie`; it cannot be printed either.
    pub cookie: HeaderValue,
    /// For a browser: more of them, with the language and the theme the person chose.
    pub look: Vec<HeaderValue>,
}

impl NewSession {
    /// The answer that signs a browser in.
    pub fn onto(self, answer: impl IntoResponse) -> Response {
        with_cookies(answer, [self.cookie].into_iter().chain(self.look))
    }
}

/// Sessions that were ended in the database, by their hashes: [`Sessions::were_ended`] closes what they opened here.
/// Other replicas hear it from the database when the transaction is committed.
#[must_use]
#[derive(Debug, Default)]
pub struct EndedHashes(Vec<Vec<u8>>);

impl EndedHashes {
    /// How many.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl Extend<EndedHashes> for EndedHashes {
    fn extend<I: IntoIterator<Item = Self>>(&mut self, more: I) {
        self.0.extend(more.into_iter().flat_map(|ended| ended.0));
    }
}

impl From<Vec<Vec<u8>>> for EndedHashes {
    fn from(hashes: Vec<Vec<u8>>) -> Self {
        Self(hashes)
    }
}

/// The handle on sessions: cheap to clone.
#[derive(Clone)]
pub struct Sessions {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    http: HttpConfig,
    rows: SessionRows,
    cache: CallerCache,
    ended: EndedSessions,
}

impl fmt::Debug for Sessions {
    /// Says nothing: what is inside is other people's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}

impl Sessions {
    /// A handle on the sessions in `db`.
    #[must_use]
    pub fn new(db: Db, clock: Clock, http: HttpConfig) -> Self {
        let rows = SessionRows::new(db.clone());
        Self {
            inner: Arc::new(Inner {
                cache: CallerCache::new(db.clone(), rows.clone(), clock),
                rows,
                db,
                http,
                ended: EndedSessions::default(),
            }),
        }
    }

    /// Who sent the request with this head.
    pub async fn caller(&self, head: &Parts, accepts: Accepts) -> Result<Caller, NoCaller> {
        let inner = &self.inner;
        let shown =
            presented::shown(head, accepts, &inner.http).map_err(NoCaller::Unauthenticated)?;
        let credential = shown.credential().map_err(NoCaller::Unauthenticated)?;
        let session = credential.hash();
        let known = inner.cache.whose(credential, accepts).await;
        let Known {
            user,
            was_guest,
            expires_at,
            groups,
        } = match known {
            Ok(known) => known,
            Err(error @ NoCaller::Unauthenticated(_)) => {
                inner.ended.lapse(&session);
                inner.cache.forget(&session).await;
                return Err(error);
            }
            Err(error) => return Err(error),
        };
        // Ended while we looked: what we remember of it must not outlive that.
        if inner.ended.is_gone(&session) {
            inner.cache.forget(&session).await;
            return Err(NoCaller::Unauthenticated(Unauthenticated::Unknown));
        }
        if let Some(notes) = head.extensions.get::<RequestNotes>() {
            notes.caller(user.id);
        }
        if let Some(under_way) = head.extensions.get::<UnderWay>() {
            under_way.is_of(user.id)?;
        }
        Ok(Caller {
            user,
            was_guest,
            presented: shown.how,
            session,
            expires_at,
            groups,
        })
    }

    /// Begins a session of `user` with a new id, whatever way they proved who they are; `origin` says at which
    /// provider. The session the request already had ends: an id known before signing in must never become
    /// somebody's (threat T2). Only that of a guest goes on when a person signs in, as long as the guest is there: the
    /// new session remembers them ([`Caller::was_guest`]). All of it is one statement.
    pub async fn begin(
        &self,
        user: &User,
        origin: Option<Origin>,
        head: &Parts,
    ) -> Result<NewSession, sqlx::Error> {
        let http = &self.inner.http;
        let old: Vec<[u8; 32]> = [Accepts::All, Accepts::CookieOnly]
            .into_iter()
            .filter_map(|accepts| {
                presented::shown(head, accepts, http)
                    .ok()?
                    .credential()
                    .ok()
            })
            .filter(|old| matches!(old, Credential::Session(_)))
            .map(Credential::hash)
            .collect();
        let begin = Begin {
            user: user.id,
            device: Device::of(head),
            origin,
            replaces: old.iter().map(|hash| hash.to_vec()).collect(),
        };
        let mut record = begin.record().map_err(database)?;
        self.inner
            .rows
            .create(&mut record)
            .await
            .map_err(database)?;
        self.were_ended(&session_store::ended(&record).into()).await;
        tracing::info!(user.id = %user.id, "signed in");
        let id = record.id.to_string();
        let Look { language, theme } = Look::read(&record);
        Ok(NewSession {
            cookie: self.cookie(&id, ABSOLUTE),
            look: look_cookies(language, theme, http.secure()),
            id: id.into(),
            expires_at: record.expiry_date,
        })
    }

    /// A role or an account changed: the database is asked again about everybody.
    pub fn people_changed(&self) {
        self.inner.cache.forget_recent();
    }

    /// Where the caller is signed in: here first, then the most recently used.
    pub async fn sign_ins(&self, caller: &Caller) -> Result<Vec<SignIn>, sqlx::Error> {
        let mut db = self.inner.db.acquire().await?;
        let rows = store::sign_ins_of(&mut db, caller.user.id, &caller.session).await?;
        Ok(rows.into_iter().map(SignIn::from).collect())
    }

    /// How many sessions began with this provider and still live.
    pub async fn count_of_provider(&self, provider: OidcProviderId) -> Result<i64, sqlx::Error> {
        store::count_sessions_of_provider(&mut self.inner.db.acquire().await?, provider).await
    }

    /// Cancelled when the caller's session ends: signed out here or on another replica, run out, the account
    /// switched off. Streams that were opened with it end with it.
    #[must_use]
    pub fn ended(&self, caller: &Caller) -> SessionEnd {
        self.inner.ended.watch(caller.session, Needs::Session)
    }

    /// The same for what shows more to an administrator than to others: cancelled also when the caller was one and is
    /// one no more.
    #[must_use]
    pub fn ended_or_demoted(&self, caller: &Caller) -> SessionEnd {
        let needs = if caller.user.is_admin() {
            Needs::Administrator
        } else {
            Needs::Session
        };
        self.inner.ended.watch(caller.session, needs)
    }

    /// Hears by `hints`, those of the channel [`ENDED`], which sessions other replicas ended, and looks for itself,
    /// until `stop`.
    pub async fn listen(self, hints: HintsOf, stop: CancellationToken) {
        stop.run_until_cancelled(Box::pin(self.watch().always(hints)))
            .await;
    }

    /// Forgets what no longer matters: sessions and tokens that ran out long ago. For upkeep, about once a minute.
    pub async fn sweep(&self) -> Result<(), sqlx::Error> {
        self.inner.ended.sweep();
        self.inner.rows.delete_expired().await.map_err(database)
    }

    /// The id that a request carries, for a caller who is known by it.
    pub(crate) fn sent_id(&self, head: &Parts) -> Option<String> {
        let shown = presented::shown(head, Accepts::All, &self.inner.http).ok()?;
        Some(shown.text().to_owned())
    }

    /// Whether a request carries an API token and not a session id.
    pub(crate) fn sent_token(&self, head: &Parts) -> bool {
        presented::shown(head, Accepts::All, &self.inner.http)
            .and_then(|shown| shown.credential())
            .is_ok_and(|credential| matches!(credential, Credential::Token(_)))
    }

    /// `Set-Cookie` that takes the cookie away.
    #[must_use]
    pub fn no_cookie(&self) -> HeaderValue {
        self.cookie("", time::Duration::ZERO)
    }

    fn cookie(&self, id: &str, age: time::Duration) -> HeaderValue {
        let secure = self.inner.http.secure();
        cookies::set(presented::COOKIE, id, age, secure, Readable::ByServer)
    }

    fn watch(&self) -> Watch<'_> {
        Watch {
            db: &self.inner.db,
            cache: &self.inner.cache,
            ended: &self.inner.ended,
        }
    }
}
