//! One-time links of a cast: data for programs (`api`), pages for people (`pages`), and both as a table (`sheet`).

pub(super) mod api;
pub(super) mod pages;
mod sheet;

use secrecy::{ExposeSecret, SecretString};

use crate::casting::{
    Cast,
    links::{MadeLink, PARAMETER},
};

/// A link that was just made, with its whole address: shown this once.
#[derive(Debug)]
struct Given {
    name: String,
    address: SecretString,
}

impl Given {
    /// `origin`: where this server is, without a slash at the end.
    fn of(cast: &Cast, made: &MadeLink, origin: &str) -> Self {
        let link = super::body::address(cast, origin);
        Self {
            name: made.name.clone(),
            address: format!("{link}?{PARAMETER}={}", made.secret.expose_secret()).into(),
        }
    }

    fn text(&self) -> &str {
        self.address.expose_secret()
    }
}
