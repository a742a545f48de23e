//! A person's own account: where they are signed in, their API tokens, their password, how pages look to them.
//!
//! Everything here is the caller's own; what is somebody else's answers as what does not exist.

mod api;
mod look;
mod pages;
mod password;
mod program;
mod sign_ins;
mod store;
mod view;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use self::{
    password::{PasswordError, password_problem},
    program::Program,
    sign_ins::SignIn,
};
use crate::{app::AppState, web::routes::Routes};

/// `/account` with its forms, and `/look`.
pub(super) fn pages() -> Routes<AppState> {
    Routes::new()
        .get("/account", pages::show)
        .post("/account/sign-ins/{id}/end", pages::end_sign_in)
        .post("/account/sign-ins/end", pages::end_sign_ins)
        .post("/account/tokens", pages::create_token)
        .post("/account/tokens/{id}/revoke", pages::revoke_token)
        .post("/account/password", pages::change_password)
        .post("/look", look::choose)
}

/// `/api/sessions`.
pub(super) fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(api::list, api::end_others))
        .routes(routes!(api::end))
}
