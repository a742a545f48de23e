//! Signing in with OpenID providers: begin and finish, accounts and groups, refreshing, signing out on both sides.
//!
//! [`Oidc`] is the handle. Nothing of a provider is believed that was not checked: see `jwt` for signatures,
//! `id_token` for what a token must say, `claims` for what it says about a person. A provider that is away, slow or
//! wrong fails sign-ins within seconds and nothing else: sessions go on.

mod accounts;
mod check;
mod claims;
mod client;
mod discovery;
mod exchange;
mod id_token;
mod jwt;
mod logout;
mod pages;
mod problem;
mod refresh;
pub mod routes;
mod sign_in;
mod store;

use std::{fmt, net::IpAddr, num::NonZeroU32, sync::Arc};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use sqlx::PgPool;
use url::Url;

use self::{
    client::HttpClient,
    discovery::Discovery,
    problem::{Fault, Problem},
};
pub(super) use self::{logout::Farewell, pages::signed_out};
use super::{
    Login,
    providers::{Provider, StoredProvider},
    seal::Seal,
};
use crate::{clock::Clock, ids::OidcProviderId};

/// Sign-ins one household may begin at once, and then every second. A school behind one address begins its day with
/// hundreds; somebody who fills the table with rows needs more.
const BEGIN_BURST: NonZeroU32 = NonZeroU32::new(600).unwrap();
const BEGIN_PER_SECOND: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// The handle on signing in with providers.
#[derive(Clone)]
pub struct Oidc {
    inner: Arc<Inner>,
}

struct Inner {
    db: PgPool,
    login: Login,
    seal: Seal,
    clock: Clock,
    http: Arc<HttpClient>,
    discovery: Discovery,
    redirect_uri: Url,
    begun: DefaultKeyedRateLimiter<IpAddr>,
}

impl fmt::Debug for Oidc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Oidc").finish_non_exhaustive()
    }
}

/// What the handle is made of.
#[derive(Debug)]
pub struct OidcParts {
    /// Providers, accounts, sessions.
    pub db: PgPool,
    /// Where a finished identity becomes a session.
    pub login: Login,
    /// For the secrets of clients and the tokens of providers.
    pub seal: Seal,
    /// For moments in tokens.
    pub clock: Clock,
    /// Where providers send people back to.
    pub redirect_uri: Url,
}

impl Oidc {
    /// A handle on the providers in a database.
    #[must_use]
    pub fn new(parts: OidcParts) -> Self {
        let http = Arc::new(HttpClient::new());
        Self {
            inner: Arc::new(Inner {
                discovery: Discovery::new(Arc::clone(&http)),
                http,
                db: parts.db,
                login: parts.login,
                seal: parts.seal,
                clock: parts.clock,
                redirect_uri: parts.redirect_uri,
                begun: RateLimiter::keyed(
                    Quota::per_second(BEGIN_PER_SECOND).allow_burst(BEGIN_BURST),
                ),
            }),
        }
    }

    /// Forgets sign-ins that never came back, logout tokens that are too old by now, and budgets that are full again. For upkeep, about once a minute.
    pub async fn sweep(&self) -> Result<(), sqlx::Error> {
        self.inner.begun.retain_recent();
        let mut db = self.inner.db.acquire().await?;
        store::delete_old_sign_ins(&mut db).await?;
        store::delete_old_logouts(&mut db).await
    }

    async fn provider_by_name(&self, name: &str) -> Result<Option<Provider>, Problem> {
        let found = self.inner.login.providers().find_by_name(name).await?;
        Ok(found.map(StoredProvider::usable).transpose()?)
    }

    async fn provider_by_id(&self, id: OidcProviderId) -> Result<Option<Provider>, Problem> {
        let found = self.inner.login.providers().find(id).await?;
        Ok(found.map(StoredProvider::usable).transpose()?)
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        auth::providers::{Provider, TokenAuthMethod},
        ids::OidcProviderId,
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
