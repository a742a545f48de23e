//! The addresses of sign-in: pages for people, data for programs.

use utoipa_axum::{router::OpenApiRouter, routes};

pub use super::pages::sign_in_page;
pub(crate) use super::pages::{secret, with_cookie};
use super::{account, api, oidc, pages};
use crate::{app::AppState, web::routes::Routes};

/// `/login`, and the question before signing out.
#[must_use]
pub fn pages() -> Routes<AppState> {
    Routes::new()
        .get("/login", pages::show_login)
        .post("/login", pages::sign_in)
        .get("/logout", pages::show_logout)
        .merge(account::pages())
        .merge(oidc::routes::pages())
}

/// `/api/login`, `/session`, `POST /logout`, `/api/tokens`. A browser's form may post to `/logout` too.
#[must_use]
pub fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(api::login))
        .routes(routes!(api::session))
        .routes(routes!(api::logout))
        .routes(routes!(api::tokens, api::create_token))
        .routes(routes!(api::delete_token))
        .merge(account::api())
        .merge(oidc::routes::api())
}
