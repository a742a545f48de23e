//! Who is calling: people, sign-in, sessions, API tokens.
//!
//! [`Login`] is the handle. Handlers say who may call by their arguments: [`guard::CurrentUser`],
//! [`guard::MaybeUser`], [`guard::AdminUser`].

pub mod guard;
pub mod local;
pub mod login;
pub mod routes;
mod sessions;
mod store;
pub mod tokens;
pub mod user;

pub use login::{Caller, Login, Presented};
pub use user::{Role, User};
