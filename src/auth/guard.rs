//! Extractors that say who may call: the signature of a handler is its access rule.

use super::Caller;

/// Somebody is signed in.
#[derive(Clone, Debug)]
pub struct CurrentUser(pub Caller);

/// Somebody may be signed in; a broken or expired session counts as nobody, a failing database does not.
#[derive(Clone, Debug)]
pub struct MaybeUser(pub Option<Caller>);

/// An administrator is signed in.
#[derive(Clone, Debug)]
pub struct AdminUser(pub Caller);

macro_rules! interim {
    ($($guard:ident)*) => {$(
        impl<S> axum::extract::FromRequestParts<S> for $guard
        where
            S: Send + Sync,
            super::Login: axum::extract::FromRef<S>,
        {
            type Rejection = crate::error::AppError;

            async fn from_request_parts(_: &mut axum::http::request::Parts, _: &S) -> Result<Self, Self::Rejection> {
                Err(crate::error::AppError::SignInRequired(crate::error::Unauthenticated::Missing))
            }
        }
    )*};
}
interim!(CurrentUser MaybeUser AdminUser);
