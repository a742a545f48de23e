//! Signing in and out: the one place where a finished identity becomes a session, and where a session ends.

use std::{fmt, sync::Arc};

use axum::{
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use secrecy::SecretString;
use sqlx::PgPool;
use time::OffsetDateTime;
use tower_sessions::ExpiredDeletion;
use url::Url;

use super::{
    ended::Ended,
    local::Passwords,
    lookup::Answers,
    presented::{self, Credential},
    providers::Providers,
    seal::Seal,
    sessions::{ABSOLUTE, Sessions},
    store,
    tries::Tries,
    user::User,
    whence::Whence,
};
pub use super::{
    ended::SessionEnd,
    lookup::{CACHE, GRANT, LOOKUP},
    presented::{Accepts, Presented},
};
use crate::{
    clock::Clock,
    config::{Config, HttpConfig},
    error::{AppError, Unauthenticated},
    ids::UserId,
};

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
    /// For a browser: more of them, with the language and the theme the person chose.
    pub look: Vec<HeaderValue>,
}

impl NewSession {
    /// The answer that signs a browser in.
    pub fn onto(self, answer: impl IntoResponse) -> Response {
        let mut response = answer.into_response();
        for cookie in [self.cookie].into_iter().chain(self.look) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
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
    pub(super) clock: Clock,
    pub(super) answers: Answers,
    pub(super) providers: Providers,
    /// Whether a password is enough for people who are no administrators.
    pub(super) local_accounts: bool,
    sessions: Sessions,
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
    pub fn new(db: PgPool, clock: Clock, config: &Config) -> Self {
        let seal = Seal::new(config.secret_key.as_ref());
        Self {
            inner: Arc::new(Inner {
                sessions: Sessions::new(db.clone()),
                passwords: Passwords::default(),
                tries: Tries::new(),
                ended: Ended::default(),
                answers: Answers::new(),
                providers: Providers::new(db.clone(), seal),
                local_accounts: config.oidc.local_accounts,
                http: config.http.clone(),
                db,
                clock,
            }),
        }
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
        let whence = Whence::of(head);
        let begun = self.inner.sessions.begin(user.id, &whence).await?;
        let wants = store::touch_sign_in(&mut *self.inner.db.acquire().await?, user.id).await?;
        tracing::info!(user.id = %user.id, "signed in");
        let id = begun.id.to_string();
        Ok(NewSession {
            cookie: self.cookie(&id, ABSOLUTE),
            look: wants.map_or_else(Vec::new, |(language, theme)| {
                self.look_cookies(language, Some(theme))
            }),
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

    pub(super) async fn end(&self, hash: &[u8; 32]) -> Result<(), sqlx::Error> {
        store::end_session(&mut *self.inner.db.acquire().await?, hash).await?;
        self.end_here(hash).await;
        Ok(())
    }

    /// Ends every session of `user` on every replica, and makes every replica look at their tokens: after an account
    /// was switched off or lost a role.
    pub async fn sign_out_everywhere(&self, user: UserId) -> Result<(), sqlx::Error> {
        let ended = store::end_sessions_of(&mut *self.inner.db.acquire().await?, user).await?;
        self.were_ended(&ended).await;
        self.inner.answers.forget_recent();
        Ok(())
    }

    /// These sessions were ended in the database: what they opened here is closed.
    pub(super) async fn were_ended(&self, hashes: &[Vec<u8>]) {
        for hash in hashes
            .iter()
            .filter_map(|hash| hash.as_slice().try_into().ok())
        {
            self.end_here(hash).await;
        }
    }

    /// The person with this id.
    pub async fn user(&self, id: UserId) -> Result<Option<User>, sqlx::Error> {
        store::find_user(&mut *self.inner.db.acquire().await?, id).await
    }

    /// The groups of a person as programs see them: id (a provider's own, for its groups) and name.
    pub async fn groups_of(&self, user: UserId) -> Result<Vec<(String, String)>, sqlx::Error> {
        store::groups_of(&mut *self.inner.db.acquire().await?, user).await
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

    /// Whether browsers reach us over TLS only.
    pub(super) fn is_secure(&self) -> bool {
        self.inner.http.secure()
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
