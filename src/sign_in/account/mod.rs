//! A person's own account, as programs and forms change it: where they are signed in, their password, how pages look
//! to them. The page that shows it is `crate::account`'s, which knows groups too.
//!
//! Everything here is the caller's own; what is somebody else's answers as what does not exist.

pub(super) mod api;
pub(super) mod look;
mod password;

pub use self::{api::not_there, password::PasswordError};
