//! Signing out on both sides: at the provider when somebody signs out here (RP-initiated), here when they sign out
//! at the provider (back-channel).

use std::time::Duration;

use secrecy::ExposeSecret;
use url::Url;

use super::{OidcSignIn, flow::ID_TOKEN, problem::Problem, store};
use crate::oidc::{
    Fault,
    id_token::{self, Expected, Goodbye, LEEWAY, LOGOUT_AGE},
    jwt::{Claims, Token},
};
use crate::{
    providers::{Provider, StoredProvider},
    sessions::{Caller, EndedHashes, sha256},
    web::urls,
};

/// How long somebody who signs out waits for their provider's address.
const FOUND_WITHIN: Duration = Duration::from_secs(2);

/// The values of `typ` a logout token may have.
const KINDS: [&str; 2] = ["logout+jwt", "jwt"];

/// How long a logout token that counted is remembered: after that it is too old to be believed.
const REMEMBERED: Duration = Duration::from_secs((LOGOUT_AGE + 2 * LEEWAY).unsigned_abs());

/// Where a person can sign out at their provider too.
#[derive(Clone, Debug)]
pub(in crate::sign_in) struct ProviderSignOut {
    /// The provider's name.
    pub provider: String,
    /// Where to go; it leads back to `/login`.
    pub url: Url,
}

impl OidcSignIn {
    /// Where the caller can sign out at their provider; to be asked before the session ends. Signing out here never
    /// fails because of it: a provider that is away is left out.
    pub(in crate::sign_in) async fn provider_sign_out(
        &self,
        caller: &Caller,
    ) -> Option<ProviderSignOut> {
        match tokio::time::timeout(FOUND_WITHIN, self.find_provider_sign_out(caller)).await {
            Ok(Ok(found)) => found,
            Ok(Err(problem)) => {
                tracing::debug!(%problem, "nobody can sign out at the provider now");
                None
            }
            Err(_) => None,
        }
    }

    async fn find_provider_sign_out(
        &self,
        caller: &Caller,
    ) -> Result<Option<ProviderSignOut>, Problem> {
        let origin = {
            let mut db = self.inner.db.acquire().await?;
            store::origin_of_session(&mut db, &caller.session).await?
        };
        let Some((provider, id_token)) = origin else {
            return Ok(None);
        };
        // Its secret is not needed for this.
        let found = self.inner.sign_in.providers().find(provider).await?;
        let Some(StoredProvider { provider, .. }) = found else {
            return Ok(None);
        };
        let endpoints = self.inner.client.endpoints(&provider).await?;
        let Some(mut url) = endpoints.end_session else {
            return Ok(None);
        };
        // Where the page stays, also if `/login` goes straight to a provider.
        let login = self.inner.sign_in.public_url().join(urls::SIGNED_OUT);
        let mut pairs = url.query_pairs_mut();
        if let Some(sealed) = id_token
            && let Ok(hint) = self.inner.seal.open(ID_TOKEN, &sealed)
        {
            pairs.append_pair("id_token_hint", hint.expose_secret());
        }
        pairs.append_pair("client_id", &provider.client_id);
        if let Ok(login) = login {
            pairs.append_pair("post_logout_redirect_uri", login.as_str());
        }
        drop(pairs);
        Ok(Some(ProviderSignOut {
            provider: provider.name,
            url,
        }))
    }

    /// Ends the sessions that a provider's logout token names, on every replica.
    pub(super) async fn say_goodbye(&self, logout_token: &str) -> Result<(), Problem> {
        let token = Token::read(logout_token, &KINDS)
            .map_err(|fault| Fault::Untrusted(fault.to_string()))?;
        let mut refusal = Problem::from(Fault::Untrusted("no provider of ours made it".into()));
        for provider in self.providers_named(token.unverified()).await? {
            match self.believed(&provider, &token).await {
                Ok(goodbye) => return self.end(&provider, &goodbye).await,
                Err(fault) => refusal = fault.into(),
            }
        }
        Err(refusal)
    }

    /// Those that may have made a token with these claims.
    async fn providers_named(&self, claims: &Claims) -> Result<Vec<Provider>, Problem> {
        let audience: Vec<String> = match claims.get("aud") {
            Some(serde_json::Value::Array(many)) => many
                .iter()
                .filter_map(|one| one.as_str().map(str::to_owned))
                .collect(),
            Some(serde_json::Value::String(one)) => vec![one.clone()],
            _ => Vec::new(),
        };
        let found = self.inner.sign_in.providers().of_clients(&audience).await?;
        // Its secret is not needed for this.
        Ok(found.into_iter().map(|stored| stored.provider).collect())
    }

    async fn believed(&self, provider: &Provider, token: &Token<'_>) -> Result<Goodbye, Fault> {
        let endpoints = self.inner.client.endpoints(provider).await?;
        let expected = Expected {
            issuer: &endpoints.issuer,
            client_id: &provider.client_id,
            now: self.inner.client.now(),
        };
        // Cheap first: a stranger's token makes nobody ask for keys.
        id_token::goodbye(token.unverified(), expected).map_err(Fault::Untrusted)?;
        let claims = self
            .inner
            .client
            .talk(provider, &endpoints)
            .verified(token)
            .await?;
        id_token::goodbye(&claims, expected).map_err(Fault::Untrusted)
    }

    /// A token counts once on all replicas together. When the database fails nothing of it is kept, and the provider
    /// may send it again.
    async fn end(&self, provider: &Provider, goodbye: &Goodbye) -> Result<(), Problem> {
        let mut tx = self.inner.db.begin().await?;
        if !store::count_logout(&mut tx, &hash_of(goodbye), REMEMBERED).await? {
            return Err(Fault::Untrusted("this logout token counted already".into()).into());
        }
        let (subject, sid) = (goodbye.subject.as_deref(), goodbye.sid.as_deref());
        let ended: EndedHashes = store::end_sessions_at(&mut tx, &goodbye.issuer, subject, sid)
            .await?
            .into();
        tx.commit().await?;
        self.inner.sign_in.sessions().were_ended(&ended).await;
        tracing::info!(provider = %provider.name, sessions = ended.count(), "the provider signed somebody out");
        Ok(())
    }
}

/// Names a logout token: its number is its issuer's own.
fn hash_of(goodbye: &Goodbye) -> [u8; 32] {
    // No address has a line break in it.
    sha256(&format!("{}\n{}", goodbye.issuer, goodbye.number))
}
