//! The addresses of sign-in: pages for people, data for programs.

use utoipa_axum::{router::OpenApiRouter, routes};

use super::{account, api, oidc::routes as oidc, pages};
use crate::{state::AppState, web::routes::Routes};

/// `/login`, the question before signing out, `/look`, `/login/oidc/<name>`, the answer to its question, and the original's callback.
#[must_use]
pub fn pages() -> Routes<AppState> {
    Routes::new()
        .get("/login", pages::show_login)
        .post("/login", pages::sign_in)
        .get("/logout", pages::show_logout)
        .post("/look", account::look::choose)
        .get("/login/oidc/{name}", oidc::begin)
        .post("/login/switch", oidc::switch)
        .get("/authorize", oidc::authorize)
}

/// `/api/login`, `/session`, `POST /logout`, `/api/tokens`, `/api/sessions`, the callback of Authelia's example, and
/// back-channel logout. A browser's form may post to `/logout` too.
#[must_use]
pub fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(api::login))
        .routes(routes!(api::session))
        .routes(routes!(api::logout))
        .routes(routes!(api::tokens, api::create_token))
        .routes(routes!(api::delete_token))
        .routes(routes!(account::api::list, account::api::end_others))
        .routes(routes!(account::api::end))
        .routes(routes!(oidc::oidc_callback))
        .routes(routes!(oidc::oidc_backchannel_logout))
}
