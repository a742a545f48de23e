//! Signing in with OpenID providers: begin and finish, accounts and groups, refreshing, signing out on both sides.
//!
//! [`OidcSignIn`] is the handle; the protocol is `crate::oidc`'s. A provider that is away, slow or wrong fails sign-ins
//! within seconds and nothing else: sessions go on.

mod accounts;
mod flow;
#[cfg(any(test, fuzzing))]
pub(super) mod fuzzing;
mod logout;
mod pages;
mod problem;
mod refresh;
pub(super) mod routes;
mod store;
mod switch;

use std::{fmt, net::IpAddr, num::NonZeroU32, sync::Arc};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use url::Url;

use self::problem::Problem;
pub(super) use self::{logout::ProviderSignOut, pages::signed_out};
use super::SignIn;
use crate::{
    db::Db,
    ids::OidcProviderId,
    oidc::OidcClient,
    providers::{Provider, StoredProvider, seal::Seal},
};

/// Sign-ins one household may begin at once, and then every second. A school behind one address begins its day with
/// hundreds; somebody who fills the table with rows needs more.
const BEGIN_BURST: NonZeroU32 = NonZeroU32::new(600).unwrap();
const BEGIN_PER_SECOND: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// The handle on signing in with providers: cheap to clone.
#[derive(Clone)]
pub struct OidcSignIn {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    sign_in: SignIn,
    client: OidcClient,
    seal: Seal,
    redirect_uri: Url,
    begun: DefaultKeyedRateLimiter<IpAddr>,
}

impl fmt::Debug for OidcSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OidcSignIn").finish_non_exhaustive()
    }
}

/// What the handle is made of.
#[derive(Debug)]
pub struct OidcParts {
    /// Sign-ins under way, accounts of providers, and what sessions keep of them.
    pub db: Db,
    /// Providers, and where a finished identity becomes a session.
    pub sign_in: SignIn,
    /// Talks to providers.
    pub client: OidcClient,
    /// For the tokens of providers.
    pub seal: Seal,
    /// Where providers send people back to.
    pub redirect_uri: Url,
}

impl OidcSignIn {
    /// A handle on signing in with the providers in a database.
    #[must_use]
    pub fn new(parts: OidcParts) -> Self {
        Self {
            inner: Arc::new(Inner {
                db: parts.db,
                sign_in: parts.sign_in,
                client: parts.client,
                seal: parts.seal,
                redirect_uri: parts.redirect_uri,
                begun: RateLimiter::keyed(
                    Quota::per_second(BEGIN_PER_SECOND).allow_burst(BEGIN_BURST),
                ),
            }),
        }
    }

    /// Forgets sign-ins that never came back, logout tokens that are too old by now, and budgets that are full again.
    /// For upkeep, about once a minute.
    pub async fn sweep(&self) -> Result<(), sqlx::Error> {
        self.inner.begun.retain_recent();
        let mut db = self.inner.db.acquire().await?;
        store::delete_old_sign_ins(&mut db).await?;
        switch::sweep(&mut db).await?;
        store::delete_old_logouts(&mut db).await
    }

    async fn provider_by_name(&self, name: &str) -> Result<Option<Provider>, Problem> {
        let found = self.inner.sign_in.providers().find_by_name(name).await?;
        Ok(found.map(StoredProvider::usable).transpose()?)
    }

    async fn provider_by_id(&self, id: OidcProviderId) -> Result<Option<Provider>, Problem> {
        let found = self.inner.sign_in.providers().find(id).await?;
        Ok(found.map(StoredProvider::usable).transpose()?)
    }
}
