//! The container's environment.

/// A variable that is set and not empty.
#[expect(
    clippy::disallowed_methods,
    reason = "a program of its own, with no part in the server's configuration"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
