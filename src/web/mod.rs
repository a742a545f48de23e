//! HTTP pieces without knowledge of the field.

pub mod branch;
pub mod caps;
pub mod cookie_rule;
pub mod cookies;
pub mod drip;
pub mod error_page;
pub mod extract;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
pub mod health;
pub mod host;
pub mod layers;
pub mod log;
pub mod page;
pub mod permits;
pub mod prefetch;
pub mod routes;
pub mod security;
pub mod serve;
pub mod statics;
pub mod urls;
pub mod visitor;
pub mod words;
