//! OpenID Connect, the protocol alone: discovery, tokens, signatures, claims. [`OidcClient`] is the handle. It knows
//! a provider as it is set up, and neither rows nor pages; signing people in is `sign_in::oidc`'s.
//!
//! Nothing of a provider is believed that was not checked: see `jwt` for signatures, `id_token` for what a token
//! must say, `claims` for what it says about a person. A provider that is away, slow or wrong gives a [`Fault`]
//! within seconds.

mod check;
pub(crate) mod claims;
pub(crate) mod discovery;
pub(crate) mod exchange;
mod fault;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
pub(crate) mod id_token;
pub(crate) mod jwt;

use std::{fmt, sync::Arc};

pub use self::fault::Fault;
use self::{
    discovery::{Discovery, Endpoints},
    exchange::Conversation,
};
use crate::{calls::HttpClient, clock::Clock, providers::Provider};

/// The handle on talking to providers: cheap to clone.
#[derive(Clone)]
pub struct OidcClient {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Clock,
    http: Arc<HttpClient>,
    discovery: Discovery,
}

impl fmt::Debug for OidcClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OidcClient").finish_non_exhaustive()
    }
}

impl OidcClient {
    /// A client that has asked nobody yet; moments in tokens are compared with `clock`.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        let http = Arc::new(HttpClient::new());
        Self {
            inner: Arc::new(Inner {
                discovery: Discovery::new(Arc::clone(&http)),
                http,
                clock,
            }),
        }
    }

    /// The time, in seconds as tokens have it.
    #[must_use]
    pub(crate) fn now(&self) -> i64 {
        self.inner.clock.now().unix_timestamp()
    }

    /// Where the provider answers: as it is set up, else as its discovery says, which is remembered.
    pub(crate) async fn endpoints(&self, provider: &Provider) -> Result<Endpoints, Fault> {
        self.inner.discovery.endpoints(provider).await
    }

    /// What was remembered of the provider counts no more.
    pub(crate) async fn forget(&self, provider: &Provider) {
        self.inner.discovery.forget(provider).await;
    }

    /// A conversation with the provider, for one sign-in.
    #[must_use]
    pub(crate) fn talk<'c>(
        &'c self,
        provider: &'c Provider,
        endpoints: &'c Endpoints,
    ) -> Conversation<'c> {
        Conversation {
            http: &self.inner.http,
            discovery: &self.inner.discovery,
            provider,
            endpoints,
            now: self.now(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        ids::OidcProviderId,
        providers::{Provider, TokenAuthMethod},
    };

    /// Authelia's example.
    pub(super) fn provider() -> Provider {
        let url = |path: &str| {
            format!("https://auth.example.com/api/oidc/{path}")
                .parse()
                .ok()
        };
        Provider {
            id: OidcProviderId::new(),
            name: "Authelia".into(),
            logo_url: None,
            enabled: true,
            auto_provision: true,
            auto_login: false,
            is_default: false,
            issuer: None,
            authorization_url: url("authorization"),
            token_url: url("token"),
            userinfo_url: url("userinfo"),
            jwks_url: None,
            end_session_url: None,
            client_id: "kasm".into(),
            client_secret: Some("insecure_secret".into()),
            token_auth_method: TokenAuthMethod::ClientSecretBasic,
            scopes: vec!["openid profile groups email".into()],
            username_claim: "preferred_username".into(),
            groups_claim: "groups".into(),
            admin_group: None,
            teacher_group: None,
            allowed_groups: Vec::new(),
        }
    }
}
