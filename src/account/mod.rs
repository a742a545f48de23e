//! A person's own account page: where they are signed in, their API tokens, their password, how pages look to them,
//! and what applies to them.
//!
//! It shows what several capabilities know of the caller; each keeps its own rules, and nothing here is somebody
//! else's.

mod pages;
mod view;

use crate::{state::AppState, web::routes::Routes};

/// `/account` with its forms.
pub fn pages() -> Routes<AppState> {
    Routes::new()
        .get("/account", pages::show)
        .post("/account/sign-ins/{id}/end", pages::end_sign_in)
        .post("/account/sign-ins/end", pages::end_sign_ins)
        .post("/account/tokens", pages::create_token)
        .post("/account/tokens/{id}/revoke", pages::revoke_token)
        .post("/account/password", pages::change_password)
}
