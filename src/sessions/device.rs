//! Where a sign-in came from, for its owner to recognise it by.

use axum::http::{header, request::Parts};
use serde::{Deserialize, Serialize};

use crate::web::visitor::ClientIp;

/// Characters kept of a browser's own words; every common one is shorter.
const WORDS: usize = 200;

/// The caller's address, and what their program calls itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Device {
    /// As `TRUSTED_PROXIES` lets it be believed.
    pub client_ip: Option<String>,
    /// Anybody may write anything here: it is shown as text and decides nothing.
    pub user_agent: Option<String>,
}

impl Device {
    /// Of the request with this head.
    pub(super) fn of(head: &Parts) -> Self {
        let client = head.extensions.get::<ClientIp>();
        let words = head.headers.get(header::USER_AGENT);
        Self {
            client_ip: client.map(|ClientIp(address)| address.to_string()),
            user_agent: words
                .and_then(|words| words.to_str().ok())
                .map(|words| words.chars().take(WORDS).collect()),
        }
    }
}
