//! Who is calling: people, sign-in, sessions, API tokens.
//!
//! [`Login`] is the handle. Handlers say who may call by their arguments:
//! [`CurrentUser`](crate::auth::guard::CurrentUser), [`MaybeUser`](crate::auth::guard::MaybeUser),
//! [`AdminUser`](crate::auth::guard::AdminUser). However somebody proves who they are,
//! [`Login::sign_in`](crate::auth::Login::sign_in) is the one place where that becomes a session.

pub mod account;
mod api;
mod ended;
pub mod guard;
mod guests;
pub mod local;
pub mod login;
mod lookup;
pub mod next;
pub mod oidc;
mod pages;
pub mod people;
mod presented;
pub mod providers;
pub mod routes;
pub mod seal;
mod sessions;
mod store;
pub mod tokens;
mod tries;
pub mod user;
mod ways;
mod whence;

pub use login::{Accepts, Caller, Login, NewSession, NoCaller, Presented, SessionEnd};
pub use user::{Role, User};
