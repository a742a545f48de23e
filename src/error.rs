//! What leaves a handler when it does not succeed.
//!
//! Rules of the field have small enums of their own whose variants are reasons a person could act on; they become an
//! [`AppError`] at the edge, in `routes.rs` or `api.rs`. [`AppError`] renders nothing itself: its response carries
//! [`ErrorFacts`], which `web::error_page` turns into a page or into JSON, once, by the branch of the router.

use std::{error::Error as StdError, sync::Arc, time::Duration};

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{language::Sentence, say};

/// Any error, kept for the log.
pub type BoxError = Box<dyn StdError + Send + Sync + 'static>;

/// What handlers return.
pub type Result<T, E = AppError> = std::result::Result<T, E>;

/// Why a request was not served. The sentences are for people and say what to do.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Nobody is signed in: a page sends to the sign-in page, the API answers as the contract says.
    #[error("sign-in required")]
    SignInRequired(Unauthenticated),
    /// 403: signed in, but not allowed.
    #[error("{0}")]
    Forbidden(Sentence),
    /// 404, also for what exists but belongs to somebody else.
    #[error("{0}")]
    NotFound(Sentence),
    /// 422: the fields named are wrong; nothing was changed.
    #[error("{}", sentences(.0))]
    Invalid(Vec<FieldProblem>),
    /// 409: the present state does not allow it.
    #[error("{sentence}")]
    Conflict {
        /// Stable word for programs.
        code: &'static str,
        /// What to do, for people.
        sentence: Sentence,
    },
    /// 429 with `Retry-After`.
    #[error("{sentence}")]
    SlowDown {
        /// What to do, for people.
        sentence: Sentence,
        /// When it may be tried again.
        retry_after: Duration,
    },
    /// 503: something this server needs does not answer, or there is no room.
    #[error("{sentence}")]
    Unavailable {
        /// Stable word for programs: `database_unavailable`, `docker_unavailable`, `no_capacity`, `draining`.
        code: &'static str,
        /// What still works and what to do, for people.
        sentence: Sentence,
        /// For the log.
        source: Option<BoxError>,
    },
    /// 502: the desktop did not answer, or not as it should.
    #[error("{sentence}")]
    BadGateway {
        /// What to do, for people.
        sentence: Sentence,
        /// For the log.
        source: Option<BoxError>,
    },
    /// A request that is malformed as such, with its status: 400, 405, 413, 415, 421.
    #[error("{sentence}")]
    BadRequest {
        /// A 4xx status.
        status: StatusCode,
        /// Stable word for programs.
        code: &'static str,
        /// What to do, for people.
        sentence: Sentence,
    },
    /// 500: one fixed sentence outside, the cause in the log.
    #[error("internal error")]
    Internal(#[source] BoxError),
}

/// Why nobody is signed in (contract http-api 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unauthenticated {
    /// No session id came along.
    Missing,
    /// It is not known.
    Unknown,
    /// It was known and has run out.
    Expired,
}

/// One field of a form or body that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct FieldProblem {
    /// The field's key.
    pub field: String,
    /// What is wrong and what to do, for people.
    #[schema(value_type = String)]
    pub problem: Sentence,
}

impl FieldProblem {
    /// Names a wrong field.
    pub fn new(field: impl Into<String>, problem: Sentence) -> Self {
        Self {
            field: field.into(),
            problem,
        }
    }
}

/// The facts a renderer needs; an extension of the response.
#[derive(Clone, Debug)]
pub struct ErrorFacts {
    /// The status of the response.
    pub status: StatusCode,
    /// Stable word for programs.
    pub code: &'static str,
    /// For people.
    pub sentence: Sentence,
    /// Wrong fields, for 422.
    pub fields: Vec<FieldProblem>,
    /// When to try again, for 429 and 503.
    pub retry_after: Option<Duration>,
    /// Set when signing in would help.
    pub unauthenticated: Option<Unauthenticated>,
    /// For the request's one log line, never for the caller.
    pub cause: Option<Arc<str>>,
}

impl AppError {
    /// 404 with `sentence`.
    #[must_use]
    pub fn not_found(sentence: Sentence) -> Self {
        Self::NotFound(sentence)
    }

    /// 400 with `sentence`.
    #[must_use]
    pub fn bad_request(code: &'static str, sentence: Sentence) -> Self {
        Self::BadRequest {
            status: StatusCode::BAD_REQUEST,
            code,
            sentence,
        }
    }

    /// 500; `cause` is logged.
    pub fn internal(cause: impl Into<BoxError>) -> Self {
        Self::Internal(cause.into())
    }

    fn facts(&self) -> ErrorFacts {
        let facts = |status, code, sentence: &Sentence| ErrorFacts {
            status,
            code,
            sentence: sentence.clone(),
            fields: Vec::new(),
            retry_after: None,
            unauthenticated: None,
            cause: self.source().map(|source| chain(source).into()),
        };
        match self {
            Self::SignInRequired(why) => {
                let (status, sentence) = match why {
                    Unauthenticated::Missing => (StatusCode::BAD_REQUEST, say!("session-missing")),
                    Unauthenticated::Unknown => (StatusCode::UNAUTHORIZED, say!("session-unknown")),
                    Unauthenticated::Expired => (StatusCode::UNAUTHORIZED, say!("session-expired")),
                };
                ErrorFacts {
                    unauthenticated: Some(*why),
                    ..facts(status, "sign_in_required", &sentence)
                }
            }
            Self::Forbidden(sentence) => facts(StatusCode::FORBIDDEN, "forbidden", sentence),
            Self::NotFound(sentence) => facts(StatusCode::NOT_FOUND, "not_found", sentence),
            Self::Invalid(fields) => ErrorFacts {
                fields: fields.clone(),
                ..facts(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "invalid",
                    &sentences(fields),
                )
            },
            Self::Conflict { code, sentence } => facts(StatusCode::CONFLICT, code, sentence),
            Self::SlowDown {
                sentence,
                retry_after,
            } => ErrorFacts {
                retry_after: Some(*retry_after),
                ..facts(StatusCode::TOO_MANY_REQUESTS, "slow_down", sentence)
            },
            Self::Unavailable { code, sentence, .. } => ErrorFacts {
                retry_after: Some(Duration::from_secs(10)),
                ..facts(StatusCode::SERVICE_UNAVAILABLE, code, sentence)
            },
            Self::BadGateway { sentence, .. } => {
                facts(StatusCode::BAD_GATEWAY, "desktop_unreachable", sentence)
            }
            Self::BadRequest {
                status,
                code,
                sentence,
            } => facts(*status, code, sentence),
            Self::Internal(_) => facts(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                &say!("error-internal"),
            ),
        }
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let facts = self.facts();
        let mut response = facts.status.into_response();
        if let Some(after) = facts.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, after.as_secs().max(1).into());
        }
        response.extensions_mut().insert(facts);
        response
    }
}

impl From<sqlx::Error> for AppError {
    /// A database that is away is 503, everything else a fault of ours.
    fn from(error: sqlx::Error) -> Self {
        if crate::db::is_away(&error) {
            Self::Unavailable {
                code: "database_unavailable",
                sentence: say!("error-database-away"),
                source: Some(error.into()),
            }
        } else {
            Self::Internal(error.into())
        }
    }
}

fn sentences(problems: &[FieldProblem]) -> Sentence {
    Sentence::several(problems.iter().map(|FieldProblem { field, problem }| {
        say!("error-field", field = field, problem = problem)
    }))
}

fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    text
}
