//! Which address speaks how: the only place where the layers' and guards' knowledge of paths stands.

use axum::http::Uri;

use crate::web::{branch::Branch, urls};

/// The branch of an address, also of one that leads nowhere.
#[must_use]
pub fn branch(address: &Uri) -> Branch {
    let path = address.path();
    let below = |root: &str| {
        path.strip_prefix(root)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    // A browser on its way back from a provider is below /api, because Authelia's example is.
    if below("/logout") || path == "/api/oidc_callback" {
        Branch::Either
    } else if below("/api") || below("/session") {
        Branch::Api
    } else if below("/static") {
        Branch::Files
    } else if below("/healthz") || below("/readyz") {
        Branch::Machine
    } else if below("/desktop") {
        Branch::Desktop
    } else if urls::WITH_KEY.iter().any(|root| path.starts_with(root))
        || (path == "/login" && address.query().is_some())
    {
        Branch::KeyPage
    } else {
        Branch::Page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_branch() {
        let table = [
            ("/", Branch::Page),
            ("/admin", Branch::Page),
            ("/apiary", Branch::Page),
            ("/apix/login", Branch::Page),
            ("/API/login", Branch::Page),
            ("/sessions", Branch::Page),
            ("/desktops/debian/start", Branch::Page),
            ("/login", Branch::Page),
            ("/login?next=%2Fshare%2Fx", Branch::KeyPage),
            ("/share/abc", Branch::KeyPage),
            ("/cast/abc?kasm_url=x", Branch::KeyPage),
            ("/api", Branch::Api),
            ("/api/login", Branch::Api),
            ("/api/container/list", Branch::Api),
            ("/session", Branch::Api),
            ("/api/oidc_callback?code=x", Branch::Either),
            ("/logout", Branch::Either),
            ("/desktop/jane-ubuntu/", Branch::Desktop),
            ("/desktop/jane-ubuntu/websockify", Branch::Desktop),
            ("/desktop/api/websockify", Branch::Desktop),
            ("/desktop/x/../../api/login", Branch::Desktop),
            ("/static/x/a.css", Branch::Files),
            ("/readyz", Branch::Machine),
        ];
        for (address, expected) in table {
            assert_eq!(branch(&address.parse().unwrap()), expected, "{address}");
        }
    }
}
