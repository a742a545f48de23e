//! The addresses of sign-in: pages for people, data for programs.

use axum::{Router, routing::get};
use utoipa_axum::{router::OpenApiRouter, routes};

pub use super::pages::sign_in_page;
use super::{api, oidc, pages};
use crate::app::AppState;

/// `/login`, and the question before signing out.
pub fn pages() -> Router<AppState> {
    Router::new()
        .route("/login", get(pages::show_login).post(pages::sign_in))
        .route("/logout", get(pages::show_logout))
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
        .merge(oidc::routes::api())
}
