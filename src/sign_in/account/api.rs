//! `/api/sessions`: where the caller is signed in, for programs.

use axum::extract::State;
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{
    error::AppError,
    ids::SignInId,
    sessions::{Sessions, SignIn, guard::CurrentUser},
    web::{
        error_page::ErrorBody,
        extract::{Json, Path},
    },
};

/// A browser or script that is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::sign_in) struct SessionEntry {
    /// Names it, for ending it; not the session's id.
    id: SignInId,
    /// Whether it is the one that asks.
    current: bool,
    /// Browser and system, as far as they tell.
    #[schema(example = "Firefox on Linux")]
    program: String,
    /// The address it came from.
    client_ip: Option<String>,
    /// The provider it came from; none for a password.
    provider: Option<String>,
    /// When it began.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// When it was last used, to the minute.
    #[serde(with = "time::serde::rfc3339")]
    last_used_at: OffsetDateTime,
    /// When it ends if it is not used before.
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

impl From<SignIn> for SessionEntry {
    fn from(sign_in: SignIn) -> Self {
        Self {
            id: sign_in.id,
            current: sign_in.here,
            program: sign_in.program.words().to_string(),
            client_ip: sign_in.client_ip,
            provider: sign_in.provider,
            created_at: sign_in.created_at,
            last_used_at: sign_in.last_used_at,
            expires_at: sign_in.expires_at,
        }
    }
}

/// Where the caller is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::sign_in) struct SessionList {
    success: bool,
    sessions: Vec<SessionEntry>,
}

/// Sign-ins were ended.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::sign_in) struct SignedOut {
    success: bool,
    message: &'static str,
    /// How many.
    ended: usize,
}

impl SignedOut {
    fn answer(ended: usize) -> Json<Self> {
        Json(Self {
            success: true,
            message: "Signed out",
            ended,
        })
    }
}

/// Where the caller is signed in: here first, then the most recently used.
#[utoipa::path(get, path = "/api/sessions", tag = "session", responses(
    (status = 200, description = "Browsers and scripts, never their ids", body = SessionList),
    (status = 400, description = "No session ID provided", body = ErrorBody),
    (status = 401, description = "Invalid session, or session expired", body = ErrorBody),
))]
pub(in crate::sign_in) async fn list(
    CurrentUser(caller): CurrentUser,
    State(sessions): State<Sessions>,
) -> Result<Json<SessionList>, AppError> {
    let sign_ins = sessions.sign_ins(&caller).await?;
    Ok(Json(SessionList {
        success: true,
        sessions: sign_ins.into_iter().map(SessionEntry::from).collect(),
    }))
}

/// Ends one sign-in of the caller on every replica and closes its live streams.
#[utoipa::path(delete, path = "/api/sessions/{id}", tag = "session",
    params(("id" = SignInId, Path, description = "From the list")),
    responses(
        (status = 200, description = "Signed out there", body = SignedOut),
        (status = 400, description = "No session ID provided", body = ErrorBody),
        (status = 401, description = "Invalid session, or session expired", body = ErrorBody),
        (status = 403, description = "Sent by a page of another server", body = ErrorBody),
        (status = 404, description = "The caller is not signed in there", body = ErrorBody),
    )
)]
pub(in crate::sign_in) async fn end(
    CurrentUser(caller): CurrentUser,
    State(sessions): State<Sessions>,
    Path(id): Path<SignInId>,
) -> Result<Json<SignedOut>, AppError> {
    if sessions.end_sign_in(&caller, id).await? {
        Ok(SignedOut::answer(1))
    } else {
        Err(not_there())
    }
}

/// The one answer for a sign-in that does not exist and for one that is somebody else's.
#[must_use]
pub fn not_there() -> AppError {
    AppError::not_found(crate::say!("account-no-such-sign-in"))
}

/// Ends every sign-in of the caller but the one that asks. API tokens stay.
#[utoipa::path(delete, path = "/api/sessions", tag = "session", responses(
    (status = 200, description = "Signed out everywhere else; how many places that were", body = SignedOut),
    (status = 400, description = "No session ID provided", body = ErrorBody),
    (status = 401, description = "Invalid session, or session expired", body = ErrorBody),
    (status = 403, description = "Sent by a page of another server", body = ErrorBody),
))]
pub(in crate::sign_in) async fn end_others(
    CurrentUser(caller): CurrentUser,
    State(sessions): State<Sessions>,
) -> Result<Json<SignedOut>, AppError> {
    Ok(SignedOut::answer(
        sessions.sign_out_elsewhere(&caller).await?,
    ))
}
