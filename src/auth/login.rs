//! Signing in and out, and telling who a request comes from.
//!
//! A caller presents a session id or an API token by cookie, `X-Session-ID`, `Authorization: Bearer` or
//! `?session_id=` (contract http-api 1). Answers are remembered for [`CACHE`], so that steady use of a desktop costs
//! no SQL; signing out forgets at once here and within that time on other replicas.

use std::{sync::Arc, time::Duration};

use axum::http::request::Parts;
use sqlx::PgPool;

use super::user::User;
use crate::{
    clock::Clock,
    config::HttpConfig,
    error::{AppError, Unauthenticated},
};

/// How long an answer is remembered.
pub const CACHE: Duration = Duration::from_secs(3);

/// How the caller showed who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presented {
    /// A browser: state-changing calls also need the Origin rule.
    Cookie,
    /// `X-Session-ID` or `Authorization: Bearer`.
    Header,
    /// `?session_id=`.
    Query,
}

/// Where an id may be presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// Pages and `/desktop/*`: the cookie alone.
    CookieOnly,
    /// `/api/*`, `/session`, `/logout`.
    All,
}

/// Who is calling, and how they showed it.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The person.
    pub user: Arc<User>,
    /// How they showed it.
    pub presented: Presented,
    /// SHA-256 of the session id or token: names the sign-in without being able to use it.
    pub session: [u8; 32],
    /// When the session ends at the latest.
    pub expires_at: time::OffsetDateTime,
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

/// The handle on sign-in.
#[derive(Clone, Debug)]
pub struct Login {
    inner: Arc<Inner>,
}

#[derive(Debug)]
#[expect(dead_code, reason = "filled in next")]
struct Inner {
    db: PgPool,
    clock: Clock,
    http: HttpConfig,
}

impl Login {
    /// A handle on the accounts and sessions in `db`.
    #[must_use]
    pub fn new(db: PgPool, clock: Clock, http: HttpConfig) -> Self {
        Self {
            inner: Arc::new(Inner { db, clock, http }),
        }
    }

    /// Who sent the request with this head.
    pub async fn caller(&self, _head: &Parts, _accepts: Accepts) -> Result<Caller, NoCaller> {
        todo!()
    }

    /// Cancelled when the caller's session ends.
    #[must_use]
    pub fn ended(&self, _caller: &Caller) -> tokio_util::sync::CancellationToken {
        tokio_util::sync::CancellationToken::new()
    }
}
