//! Extractors that say who may call: the signature of a handler is its access rule.
//!
//! Whoever is recognised by a cookie may change state only from our own pages: a browser sends the cookie along
//! whoever made the page (threat T4). Scripts that send their id themselves need no such rule.

use axum::{
    extract::{FromRef, FromRequestParts, OriginalUri},
    http::{HeaderMap, Method, header, request::Parts},
};

use super::{
    Caller, Login, Presented,
    login::{Accepts, NoCaller},
};
use crate::{error::AppError, web::security::same_origin};

/// Somebody is signed in.
#[derive(Clone, Debug)]
pub struct CurrentUser(pub Caller);

/// Somebody may be signed in; a broken or expired session counts as nobody, a failing database does not.
#[derive(Clone, Debug)]
pub struct MaybeUser(pub Option<Caller>);

/// An administrator is signed in.
#[derive(Clone, Debug)]
pub struct AdminUser(pub Caller);

impl<S> FromRequestParts<S> for CurrentUser
where
    S: Send + Sync,
    Login: FromRef<S>,
{
    type Rejection = AppError;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, AppError> {
        let login = Login::from_ref(state);
        let caller = login.caller(head, accepts(head)).await?;
        sent_by_our_page(&login, head, &caller)?;
        Ok(Self(caller))
    }
}

impl<S> FromRequestParts<S> for MaybeUser
where
    S: Send + Sync,
    Login: FromRef<S>,
{
    type Rejection = AppError;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, AppError> {
        let login = Login::from_ref(state);
        match login.caller(head, accepts(head)).await {
            Ok(caller) => {
                sent_by_our_page(&login, head, &caller)?;
                Ok(Self(Some(caller)))
            }
            Err(NoCaller::Unauthenticated(_)) => Ok(Self(None)),
            Err(error @ NoCaller::Database(_)) => Err(error.into()),
        }
    }
}

impl<S> FromRequestParts<S> for AdminUser
where
    S: Send + Sync,
    Login: FromRef<S>,
{
    type Rejection = AppError;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, AppError> {
        let CurrentUser(caller) = CurrentUser::from_request_parts(head, state).await?;
        if caller.user.is_admin() {
            Ok(Self(caller))
        } else {
            Err(AppError::Forbidden("Admin access required".into()))
        }
    }
}

/// The whole path decides, also inside a nested router.
fn accepts(head: &Parts) -> Accepts {
    let whole = head.extensions.get::<OriginalUri>();
    Accepts::at(whole.map_or(head.uri.path(), |whole| whole.path()))
}

pub(super) fn sent_by_our_page(
    login: &Login,
    head: &Parts,
    caller: &Caller,
) -> Result<(), AppError> {
    let safe = matches!(head.method, Method::GET | Method::HEAD | Method::OPTIONS);
    if safe
        || caller.presented != Presented::Cookie
        || same_origin(&head.headers, &login.inner.http.origin())
    {
        return Ok(());
    }
    Err(foreign_page())
}

/// Refuses a sign-in that a foreign page sends: it would sign somebody in as somebody else. A script sends neither
/// `Origin` nor `Sec-Fetch-Site` and is welcome.
pub(super) fn sign_in_by_our_page(login: &Login, headers: &HeaderMap) -> Result<(), AppError> {
    let by_browser = headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site");
    if by_browser && !same_origin(headers, &login.inner.http.origin()) {
        return Err(foreign_page());
    }
    Ok(())
}

fn foreign_page() -> AppError {
    AppError::Forbidden(
        "This request was not sent by a page of this server. Open the page again and repeat what you did.".into(),
    )
}
