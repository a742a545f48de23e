//! Connections to desktops: connect, TLS, HTTP/1.1 requests with title-case names, named limits.
//!
//! Used by the proxy (requests and tunnels) and by the start (is it ready?). A tunnel and the start's look have a
//! connection of their own (contract kasm-image 7: P4, P5, P8); the requests of a plain web application share some, see
//! `pool`.

mod connect;
mod driven;
mod exchange;
mod patience;
pub mod pool;
mod probe;
mod progress;
mod stream;
mod tls;
mod tls_stream;

use std::{net::SocketAddr, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

pub use connect::{Upstream, UpstreamError, answers};
pub use pool::{Pool, PooledBody};
pub use probe::NotReady;
pub use stream::DesktopStream;

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

impl Endpoint {
    /// `Host` of every request: where it goes, never what a browser wrote.
    #[must_use]
    pub fn host(&self) -> HeaderValue {
        ascii(self.address.to_string())
    }

    /// `Origin` of every request; its value is not checked there, but it must be there (rule R2).
    #[must_use]
    pub fn origin(&self) -> HeaderValue {
        ascii(self.base())
    }

    /// `http://address` or `https://address`.
    #[must_use]
    pub fn base(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }
}

/// The proxy's account inside a desktop.
#[derive(Clone, Debug)]
pub struct Account {
    /// `kasm_user`, or `kasm_viewer` for a visitor who may only look.
    pub user: String,
    /// Random, one per start of a desktop.
    pub password: SecretString,
}

/// The account in every `KasmVNC` desktop whose keys and pointer its server ignores. It has the same password.
const VIEWER: &str = "kasm_viewer";

impl Endpoint {
    /// The same desktop for somebody who may only look: the desktop itself sees to it.
    #[must_use]
    pub fn for_viewing(&self) -> Self {
        let viewer = |account: &Account| Account {
            user: VIEWER.into(),
            password: account.password.clone(),
        };
        Self {
            account: self.account.as_ref().map(viewer),
            ..self.clone()
        }
    }
}

impl Account {
    /// `Authorization: Basic …`, marked so that it is not printed.
    #[must_use]
    pub fn basic(&self) -> HeaderValue {
        let pair = format!("{}:{}", self.user, self.password.expose_secret());
        let mut value = ascii(format!("Basic {}", STANDARD.encode(pair)));
        value.set_sensitive(true);
        value
    }
}

fn ascii(text: String) -> HeaderValue {
    HeaderValue::try_from(text).expect("addresses and base64 are printable ASCII")
}

/// How long each step towards a desktop may take.
#[derive(Clone, Copy, Debug)]
pub struct UpstreamLimits {
    /// TCP connect.
    pub connect: Duration,
    /// TLS handshake.
    pub handshake: Duration,
    /// From the last byte of the request that moved to the answer's head.
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
