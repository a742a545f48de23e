//! What holds for everything by which somebody may say who they are.

use std::time::Duration;

use super::presented::{Accepts, Credential, Presented, shown};
use crate::{config::HttpConfig, web::fuzzing::head};

/// Pages take the cookie alone, a token is no cookie, and one id has one spelling.
///
/// # Panics
///
/// The promise is broken.
pub fn credentials(bytes: &[u8]) {
    let Some(head) = head(bytes) else { return };
    for scheme in ["http", "https"] {
        let http = HttpConfig {
            listen: ([127, 0, 0, 1], 0).into(),
            public_url: format!("{scheme}://desk.example")
                .parse()
                .expect("an address"),
            trusted_proxies: Vec::new(),
            session_id_in_query: true,
            shutdown_grace: Duration::ZERO,
        };
        for accepts in [Accepts::CookieOnly, Accepts::All] {
            let Ok(shown) = shown(&head, accepts, &http) else {
                continue;
            };
            let by_cookie = shown.how == Presented::Cookie;
            assert!(by_cookie || accepts == Accepts::All);
            match shown.credential() {
                Ok(Credential::Session(id)) => assert_eq!(id.to_string(), shown.text()),
                Ok(Credential::Token(_)) => {
                    assert!(!by_cookie);
                    assert!(shown.text().starts_with("dct_") && shown.text().len() == 47);
                }
                Err(_) => {}
            }
        }
    }
}
