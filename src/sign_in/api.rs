//! Signing in and out for programs, and API tokens.

use axum::{
    extract::State,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{
    SignIn,
    oidc::{self, OidcSignIn, ProviderSignOut},
    pages::wants_page,
};
use crate::{
    error::AppError,
    ids::{ApiTokenId, UserId},
    people::{Role, User},
    say,
    sessions::{
        Accepts, NoCaller, Presented, Sessions, Tokens,
        guard::{CurrentUser, UserOrGuest, sent_by_our_page, sign_in_by_our_page},
        tokens::{ApiToken, NewToken},
    },
    web::{
        cookies::with_cookie,
        error_page::ErrorBody,
        extract::{Json, Path, secret},
        urls,
        visitor::ClientIp,
    },
};

/// A local account's name and password.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct LoginBody {
    username: String,
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// A session, for whoever holds it.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionBody {
    /// Only for a caller who sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// When it ends if it is not used before.
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

/// A person.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UserBody {
    id: UserId,
    username: String,
    email: Option<String>,
    role: Role,
    groups: Vec<GroupBody>,
    avatar_url: Option<String>,
}

/// A group of people.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GroupBody {
    /// The provider's own id, for a group that comes from one.
    id: String,
    name: String,
}

impl UserBody {
    fn new(user: &User, groups: &[(String, String)]) -> Self {
        let groups = groups.iter().cloned();
        Self {
            id: user.id,
            username: user.username.clone(),
            email: user.email.clone(),
            role: user.role,
            groups: groups.map(|(id, name)| GroupBody { id, name }).collect(),
            avatar_url: user.avatar_url.clone(),
        }
    }
}

/// A session that has just begun.
#[derive(Serialize, ToSchema)]
pub(super) struct SignedIn {
    session: SessionBody,
    user: UserBody,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionAnswer {
    authenticated: bool,
    session: SessionBody,
    user: UserBody,
}

/// Something was done.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Done {
    success: bool,
    message: &'static str,
}

impl Done {
    fn answer(message: &'static str) -> Json<Self> {
        Json(Self {
            success: true,
            message,
        })
    }
}

/// Somebody signed out.
#[derive(Serialize, ToSchema)]
pub(super) struct SignedOut {
    success: bool,
    message: &'static str,
    /// Where to sign out at the provider too; it leads back to `/login`.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_logout_url: Option<String>,
}

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct TokenBody {
    /// What it is for.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// Seconds it lives; 90 days when not given, at most 365 days.
    #[schema(minimum = 1, maximum = 31_536_000)]
    expires_in: Option<i64>,
}

/// A token that was just made.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenMade {
    success: bool,
    /// The token itself. It is never shown again.
    token: String,
    details: ApiToken,
}

/// The caller's tokens.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TokenList {
    success: bool,
    tokens: Vec<ApiToken>,
}

/// Signs in with a local account; for programs. Browsers use the sign-in page.
#[utoipa::path(post, path = "/api/login", tag = "session", request_body = LoginBody, security(()), responses(
    (status = 200, description = "Signed in; the id is shown this once", body = SignedIn),
    (status = 401, description = "User name or password is not right", body = ErrorBody),
    (status = 403, description = "Sent by a page of another server", body = ErrorBody),
    (status = 422, description = "A field is missing or wrong", body = ErrorBody),
    (status = 429, description = "Too many wrong tries from here; see Retry-After", body = ErrorBody),
    (status = 503, description = "Too many people sign in at this moment, or the database does not answer; see Retry-After", body = ErrorBody),
))]
pub(super) async fn login(
    State(sign_in): State<SignIn>,
    client: ClientIp,
    head: Parts,
    Json(body): Json<LoginBody>,
) -> Result<Json<SignedIn>, AppError> {
    let sessions = sign_in.sessions();
    sign_in_by_our_page(sessions, &head.headers)?;
    let visitor = sign_in.visitor(client, &head.headers);
    let user = sign_in
        .check_password(&body.username, &body.password, &visitor)
        .await?;
    let session = sessions.begin(&user, None, &head).await?;
    Ok(Json(SignedIn {
        session: SessionBody {
            id: Some(session.id.expose_secret().to_owned()),
            expires_at: session.expires_at,
        },
        user: UserBody::new(&user, &sign_in.people().groups_of(user.id).await?),
    }))
}

/// Who is signed in.
#[utoipa::path(get, path = "/session", tag = "session", responses(
    (status = 200, description = "Somebody is signed in", body = SessionAnswer),
    (status = 400, description = "No session ID provided", body = ErrorBody),
    (status = 401, description = "Invalid session, or session expired", body = ErrorBody),
))]
pub(super) async fn session(
    UserOrGuest(caller): UserOrGuest,
    State(sign_in): State<SignIn>,
    head: Parts,
) -> Result<Json<SessionAnswer>, AppError> {
    Ok(Json(SessionAnswer {
        authenticated: true,
        session: SessionBody {
            // A page must not be able to read the id out of its own cookie.
            id: sign_in
                .sessions()
                .sent_id(&head)
                .filter(|_| caller.presented != Presented::Cookie),
            expires_at: caller.expires_at,
        },
        user: UserBody::new(&caller.user, caller.groups(sign_in.people()).await?),
    }))
}

/// Ends the session on every replica and closes its live streams.
#[utoipa::path(post, path = "/logout", tag = "session", responses(
    (status = 200, description = "Signed out; a browser's form gets a page that leads on to the provider", body = SignedOut),
    (status = 303, description = "Signed out; for a browser's form"),
    (status = 400, description = "No session ID provided, or an API token", body = ErrorBody),
    (status = 401, description = "Invalid session, or session expired", body = ErrorBody),
    (status = 403, description = "Sent by a page of another server", body = ErrorBody),
))]
pub(super) async fn logout(
    State(sessions): State<Sessions>,
    State(oidc): State<OidcSignIn>,
    head: Parts,
) -> Result<Response, AppError> {
    let page = wants_page(&head.headers);
    let caller = match sessions.caller(&head, Accepts::All).await {
        Ok(caller) => caller,
        // The browser is where it wanted to be.
        Err(NoCaller::Unauthenticated(_)) if page => return Ok(signed_out_page(&sessions)),
        Err(error) => return Err(error.into()),
    };
    sent_by_our_page(&sessions, &head, &caller)?;
    refuse_token(&sessions, &head)?;
    let provider_sign_out = oidc.provider_sign_out(&caller).await;
    sessions.sign_out(&caller).await?;
    Ok(match (caller.presented, provider_sign_out) {
        (Presented::Cookie, Some(provider_sign_out)) if page => with_cookie(
            oidc::signed_out(&head, &provider_sign_out),
            sessions.no_cookie(),
        ),
        (Presented::Cookie, None) if page => signed_out_page(&sessions),
        (Presented::Cookie, provider_sign_out) => {
            with_cookie(signed_out(provider_sign_out), sessions.no_cookie())
        }
        (Presented::Header | Presented::Query, provider_sign_out) => {
            signed_out(provider_sign_out).into_response()
        }
    })
}

fn signed_out(provider_sign_out: Option<ProviderSignOut>) -> Json<SignedOut> {
    Json(SignedOut {
        success: true,
        message: "Successfully logged out",
        provider_logout_url: provider_sign_out
            .map(|provider_sign_out| provider_sign_out.url.to_string()),
    })
}

fn signed_out_page(sessions: &Sessions) -> Response {
    with_cookie(Redirect::to(urls::SIGNED_OUT), sessions.no_cookie())
}

fn refuse_token(sessions: &Sessions, head: &Parts) -> Result<(), AppError> {
    if sessions.sent_token(head) {
        return Err(AppError::bad_request(
            "not_a_session",
            say!("token-is-no-session"),
        ));
    }
    Ok(())
}

/// A token that leaks must not give itself a longer life, nor others one of their own: only somebody who signed in
/// makes tokens.
fn refuse_token_from_token(sessions: &Sessions, head: &Parts) -> Result<(), AppError> {
    if sessions.sent_token(head) {
        return Err(AppError::Forbidden(say!("token-makes-none")));
    }
    Ok(())
}

/// The caller's API tokens, newest first.
#[utoipa::path(get, path = "/api/tokens", tag = "tokens", responses(
    (status = 200, description = "Names and times, never the tokens themselves", body = TokenList),
    (status = 400, description = "No session ID provided", body = ErrorBody),
    (status = 401, description = "Invalid session, or session expired", body = ErrorBody),
))]
pub(super) async fn tokens(
    CurrentUser(caller): CurrentUser,
    State(tokens): State<Tokens>,
) -> Result<Json<TokenList>, AppError> {
    Ok(Json(TokenList {
        success: true,
        tokens: tokens.list(caller.user.id).await?,
    }))
}

/// Makes an API token. A token cannot make one; it ends with a new password of its owner, with their account, and when
/// they sign out everywhere.
#[utoipa::path(post, path = "/api/tokens", tag = "tokens", request_body = TokenBody, responses(
    (status = 201, description = "Made; the token is shown this once", body = TokenMade),
    (status = 400, description = "No session ID provided", body = ErrorBody),
    (status = 401, description = "Invalid session, or session expired", body = ErrorBody),
    (status = 403, description = "Sent by a page of another server, or with an API token", body = ErrorBody),
    (status = 409, description = "The caller has too many tokens", body = ErrorBody),
    (status = 422, description = "A field is wrong", body = ErrorBody),
))]
pub(super) async fn create_token(
    CurrentUser(caller): CurrentUser,
    State(tokens): State<Tokens>,
    State(sessions): State<Sessions>,
    head: Parts,
    Json(body): Json<TokenBody>,
) -> Result<(StatusCode, Json<TokenMade>), AppError> {
    refuse_token_from_token(&sessions, &head)?;
    let NewToken { token, secret } = tokens
        .create(caller.user.id, &body.name, body.expires_in)
        .await?;
    let made = TokenMade {
        success: true,
        token: secret.expose_secret().to_owned(),
        details: token,
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Deletes an API token of the caller.
#[utoipa::path(delete, path = "/api/tokens/{id}", tag = "tokens",
    params(("id" = ApiTokenId, Path, description = "From the list")),
    responses(
        (status = 200, description = "Deleted; it opens nothing any more", body = Done),
        (status = 400, description = "No session ID provided", body = ErrorBody),
        (status = 401, description = "Invalid session, or session expired", body = ErrorBody),
        (status = 403, description = "Sent by a page of another server", body = ErrorBody),
        (status = 404, description = "The caller has no such token", body = ErrorBody),
    )
)]
pub(super) async fn delete_token(
    CurrentUser(caller): CurrentUser,
    State(tokens): State<Tokens>,
    Path(id): Path<ApiTokenId>,
) -> Result<Json<Done>, AppError> {
    if tokens.delete(caller.user.id, id).await? {
        Ok(Done::answer("Token deleted"))
    } else {
        Err(AppError::not_found(say!("token-unknown")))
    }
}
