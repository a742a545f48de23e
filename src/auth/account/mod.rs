//! A person's own account: where they are signed in, their password, how pages look to them. The page that shows it is
//! `crate::account`'s, which knows groups too.
//!
//! Everything here is the caller's own; what is somebody else's answers as what does not exist.

mod api;
mod look;
mod password;
mod program;
mod sign_ins;
mod store;

use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) use self::api::not_there;
pub use self::{
    password::{LONGEST, PasswordError, SHORTEST, password_problem},
    program::Program,
    sign_ins::SignIn,
};
use crate::{app::AppState, web::routes::Routes};

/// `/look`.
pub(super) fn pages() -> Routes<AppState> {
    Routes::new().post("/look", look::choose)
}

/// `/api/sessions`.
pub(super) fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(api::list, api::end_others))
        .routes(routes!(api::end))
}
