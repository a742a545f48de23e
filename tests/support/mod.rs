//! What the tests with a real server share: the server itself, its database and engine, and people who use it.

pub(crate) mod docker;
mod eventually;
pub(crate) mod http;
pub(crate) mod installation;
pub(crate) mod server;
pub(crate) mod written_provider;

pub(crate) use eventually::eventually;

/// A variable of the environment the tests run in.
#[expect(
    clippy::disallowed_methods,
    reason = "the tests' own surroundings, not the server's configuration"
)]
pub(crate) fn surroundings(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
