//! What goes wrong in real life, done to the real binary with a real engine and a real database.
#![expect(
    clippy::unwrap_used,
    reason = "what does not work here is a failed test, also in a helper"
)]

#[path = "../support/fault_proxy.rs"]
mod fault_proxy;
#[path = "../it/oidc/idp/mod.rs"]
#[expect(dead_code, reason = "a provider can do more wrong than is needed here")]
mod idp;
#[path = "../support/mod.rs"]
mod support;

mod canaries;
mod casts;
mod containers;
mod crash;
mod docker_away;
mod memory;
mod postgres_away;
mod provider_tls;
mod secrecy;
mod shutdown;
mod tunnel;
