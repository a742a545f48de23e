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
