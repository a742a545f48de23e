//! One connection to one desktop: connect, TLS, one HTTP/1.1 request with title-case names, named limits.
//!
//! Used by the proxy (requests and tunnels) and by the start (is it ready?). Never pooled: a connection belongs to
//! one request of one person (contract kasm-image 7: P4, P5, P8).

mod connect;
mod probe;
mod tls;

use std::{net::SocketAddr, time::Duration};

use secrecy::SecretString;

pub use connect::{Upstream, UpstreamError};
pub use probe::NotReady;

/// Where a running desktop answers, and the account the proxy uses there.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Host port on 127.0.0.1, or the container's own address.
    pub address: SocketAddr,
    /// Whether it speaks TLS (with a self-signed certificate).
    pub tls: bool,
    /// Basic credentials; `None` for a plain web application.
    pub account: Option<Account>,
}

/// The proxy's account inside a desktop.
#[derive(Clone, Debug)]
pub struct Account {
    /// `kasm_user`, or `kasm_viewer` for a visitor who may only look.
    pub user: String,
    /// Random, one per start of a desktop.
    pub password: SecretString,
}

/// How long each step towards a desktop may take.
#[derive(Clone, Copy, Debug)]
pub struct UpstreamLimits {
    /// TCP connect.
    pub connect: Duration,
    /// TLS handshake.
    pub handshake: Duration,
    /// From the request sent to the answer's head.
    pub head: Duration,
}

impl Default for UpstreamLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            handshake: Duration::from_secs(5),
            head: Duration::from_secs(30),
        }
    }
}
