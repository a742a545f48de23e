//! Where a provider's endpoints and keys are: what the administrator wrote goes before what the provider says itself.
//!
//! Both are remembered for a while, and asked for once however many people sign in at that moment.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use moka::future::Cache;
use serde::Deserialize;
use tokio::time::Instant;
use url::Url;

use super::{Fault, id_token::Issuer, jwt::KeySet};
use crate::{
    calls::{HttpClient, PlainHttp},
    providers::Provider,
};

/// How long documents and keys are remembered.
const REMEMBERED: Duration = Duration::from_mins(10);

/// A discovery that is away and can be done without is not asked again for so long: nobody who signs in waits for it.
const DONE_WITHOUT: Duration = Duration::from_mins(1);

/// Keys are asked for again because of an unknown one at most this often.
pub(crate) const NEW_KEYS: Duration = Duration::from_secs(10);

/// Most documents and key sets that are remembered.
const MOST: u64 = 1_000;

/// Below the issuer.
const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// Everything needed to sign somebody in with a provider.
#[derive(Clone, Debug)]
pub(crate) struct Endpoints {
    /// Who makes its tokens.
    pub issuer: Issuer,
    pub authorization: Url,
    pub token: Url,
    pub userinfo: Option<Url>,
    /// None: its signatures cannot be checked; only what comes straight from the token endpoint counts.
    pub jwks: Option<Url>,
    pub end_session: Option<Url>,
    /// It promises to send `iss` with every answer (RFC 9207).
    pub sends_iss: bool,
    pub plain: PlainHttp,
}

/// What a provider says of itself, as far as it matters here.
#[derive(Debug, Deserialize)]
pub(super) struct Document {
    issuer: String,
    authorization_endpoint: Option<ReadUrl>,
    token_endpoint: Option<ReadUrl>,
    userinfo_endpoint: Option<ReadUrl>,
    jwks_uri: Option<ReadUrl>,
    end_session_endpoint: Option<ReadUrl>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// An address in a document.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
struct ReadUrl(Url);

impl TryFrom<String> for ReadUrl {
    type Error = url::ParseError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Url::parse(&text).map(Self)
    }
}

/// Keys, and how often they were asked for before.
#[derive(Debug)]
pub(crate) struct Keys {
    pub set: KeySet,
    version: u64,
}

/// Asks and remembers.
#[derive(Debug)]
pub(crate) struct Discovery {
    http: Arc<HttpClient>,
    documents: Cache<Url, Option<Arc<Document>>>,
    /// Those that were away.
    away: Cache<Url, ()>,
    keys: Cache<(Url, u64), Arc<Keys>>,
    versions: Mutex<HashMap<Url, Version>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Version {
    number: u64,
    since: Option<Instant>,
}

impl Discovery {
    pub(crate) fn new(http: Arc<HttpClient>) -> Self {
        Self {
            http,
            documents: Cache::builder()
                .max_capacity(MOST)
                .time_to_live(REMEMBERED)
                .build(),
            away: Cache::builder()
                .max_capacity(MOST)
                .time_to_live(DONE_WITHOUT)
                .build(),
            keys: Cache::builder()
                .max_capacity(MOST)
                .time_to_live(REMEMBERED)
                .build(),
            versions: Mutex::default(),
        }
    }

    /// The endpoints of `provider`.
    pub(crate) async fn endpoints(&self, provider: &Provider) -> Result<Endpoints, Fault> {
        let plain = plain_http(provider);
        let (issuer, document) = match &provider.issuer {
            Some(issuer) => self.by_issuer(provider, issuer, plain).await?,
            None => self.by_token_endpoint(provider, plain).await?,
        };
        endpoints(provider, issuer, document.as_deref(), plain)
    }

    /// Forgets what `provider` said, so that an administrator who tries something sees it now.
    pub(crate) async fn forget(&self, provider: &Provider) {
        if let Ok(document) = place(provider) {
            self.documents.invalidate(&document).await;
            self.away.invalidate(&document).await;
        }
        if let Ok(Endpoints {
            jwks: Some(jwks), ..
        }) = self.endpoints(provider).await
        {
            self.next_version(&jwks, None);
        }
    }

    async fn by_issuer(
        &self,
        provider: &Provider,
        issuer: &str,
        plain: PlainHttp,
    ) -> Result<(Issuer, Option<Arc<Document>>), Fault> {
        let complete = provider.authorization_url.is_some()
            && provider.token_url.is_some()
            && provider.jwks_url.is_some();
        let named = || Issuer::Named(issuer.to_owned());
        let at = document_of(issuer)?;
        if complete && self.away.contains_key(&at) {
            return Ok((named(), None));
        }
        match self.document(&at, plain).await {
            Ok(Some(document)) if alike(&document.issuer, issuer) => {
                Ok((Issuer::Named(document.issuer.clone()), Some(document)))
            }
            Ok(Some(document)) => Err(Fault::Untrusted(format!(
                "discovery at {issuer} names another issuer, {:?}",
                document.issuer
            ))),
            // The administrator wrote everything that is needed.
            Ok(None) if complete => Ok((named(), None)),
            Err(Fault::Away(_)) if complete => {
                self.away.insert(at, ()).await;
                Ok((named(), None))
            }
            Ok(None) => Err(Fault::Unusable(format!(
                "there is no discovery at {issuer}"
            ))),
            Err(fault) => Err(fault),
        }
    }

    /// Nobody named the issuer. If there is a discovery at the token endpoint's origin that is that origin's own, its
    /// keys are used; if there is none, the tokens of that endpoint itself must do.
    async fn by_token_endpoint(
        &self,
        provider: &Provider,
        plain: PlainHttp,
    ) -> Result<(Issuer, Option<Arc<Document>>), Fault> {
        let token = provider
            .token_url
            .as_ref()
            .ok_or_else(|| Fault::Unusable("neither issuer nor token URL".into()))?;
        let origin = token.origin().ascii_serialization();
        let Some(document) = self.document(&document_of(&origin)?, plain).await? else {
            return Ok((Issuer::At(token.clone()), None));
        };
        if !alike(&document.issuer, &origin) {
            return Err(Fault::Untrusted(format!(
                "discovery at {origin} names another issuer, {:?}",
                document.issuer
            )));
        }
        let elsewhere = [
            &document.authorization_endpoint,
            &document.token_endpoint,
            &document.userinfo_endpoint,
            &document.jwks_uri,
        ]
        .into_iter()
        .flatten()
        .any(|ReadUrl(url)| url.origin() != token.origin());
        if elsewhere {
            return Err(Fault::Untrusted(format!(
                "discovery at {origin} leads to another server; name the issuer if that is right"
            )));
        }
        Ok((Issuer::Named(document.issuer.clone()), Some(document)))
    }

    async fn document(&self, at: &Url, plain: PlainHttp) -> Result<Option<Arc<Document>>, Fault> {
        let asked = async {
            let reply = self.http.get(at, None, plain).await?;
            if reply.status.is_client_error() && reply.status != http::StatusCode::TOO_MANY_REQUESTS
            {
                return Ok(None);
            }
            reply.must_be_ok("discovery")?;
            // A site that answers every address with its start page has no discovery.
            if reply.kind == "text/html" {
                return Ok(None);
            }
            Ok(Some(Arc::new(reply.json("discovery")?)))
        };
        self.documents
            .try_get_with_by_ref(at, asked)
            .await
            .map_err(|fault: Arc<Fault>| (*fault).clone())
    }

    /// The keys at `url`.
    pub(crate) async fn keys(&self, url: &Url, plain: PlainHttp) -> Result<Arc<Keys>, Fault> {
        let version = self.versions().get(url).copied().unwrap_or_default().number;
        let asked = async {
            let reply = self.http.get(url, None, plain).await?;
            reply.must_be_ok("keys")?;
            let set = reply.json("keys")?;
            Ok(Arc::new(Keys { set, version }))
        };
        self.keys
            .try_get_with((url.clone(), version), asked)
            .await
            .map_err(|fault: Arc<Fault>| (*fault).clone())
    }

    /// Keys that are newer than `old`, which did not fit: a provider changes its keys when it likes. `None` when they
    /// were asked for a moment ago.
    pub(crate) async fn newer_keys(
        &self,
        url: &Url,
        old: &Keys,
        plain: PlainHttp,
    ) -> Result<Option<Arc<Keys>>, Fault> {
        if !self.next_version(url, Some(old.version)) {
            return Ok(None);
        }
        self.keys(url, plain).await.map(Some)
    }

    /// Moves on from version `old`, or from whatever there is; whether there is a newer one now.
    fn next_version(&self, url: &Url, old: Option<u64>) -> bool {
        let mut versions = self.versions();
        let version = versions.entry(url.clone()).or_default();
        if old.is_some_and(|old| old != version.number) {
            return true;
        }
        if old.is_some()
            && version
                .since
                .is_some_and(|since| since.elapsed() < NEW_KEYS)
        {
            return false;
        }
        version.number += 1;
        version.since = old.map(|_| Instant::now());
        true
    }

    fn versions(&self) -> MutexGuard<'_, HashMap<Url, Version>> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an administrator wrote an http address of this provider.
fn plain_http(provider: &Provider) -> PlainHttp {
    let issuer = provider
        .issuer
        .as_deref()
        .is_some_and(|issuer| issuer.starts_with("http:"));
    let token = provider
        .token_url
        .as_ref()
        .is_some_and(|url| url.scheme() == "http");
    if issuer || token {
        PlainHttp::Anywhere
    } else {
        PlainHttp::ThisMachine
    }
}

/// Where the provider describes itself, if it does.
fn place(provider: &Provider) -> Result<Url, Fault> {
    match (&provider.issuer, &provider.token_url) {
        (Some(issuer), _) => document_of(issuer),
        (None, Some(token)) => document_of(&token.origin().ascii_serialization()),
        (None, None) => Err(Fault::Unusable("neither issuer nor token URL".into())),
    }
}

fn document_of(issuer: &str) -> Result<Url, Fault> {
    let text = format!("{}{WELL_KNOWN}", issuer.trim_end_matches('/'));
    Url::parse(&text).map_err(|error| Fault::Unusable(format!("issuer {issuer:?}: {error}")))
}

/// A closing slash is what people forget or add; everything else is another issuer.
fn alike(one: &str, two: &str) -> bool {
    one.trim_end_matches('/') == two.trim_end_matches('/')
}

pub(super) fn endpoints(
    provider: &Provider,
    issuer: Issuer,
    document: Option<&Document>,
    plain: PlainHttp,
) -> Result<Endpoints, Fault> {
    let either = |written: &Option<Url>, said: fn(&Document) -> &Option<ReadUrl>| {
        let said = document.and_then(|document| said(document).clone());
        written.clone().or(said.map(|ReadUrl(url)| url))
    };
    let missing = |what| Fault::Unusable(format!("no {what} endpoint is known"));
    let found = Endpoints {
        authorization: either(&provider.authorization_url, |document| {
            &document.authorization_endpoint
        })
        .ok_or_else(|| missing("authorization"))?,
        token: either(&provider.token_url, |document| &document.token_endpoint)
            .ok_or_else(|| missing("token"))?,
        userinfo: either(&provider.userinfo_url, |document| {
            &document.userinfo_endpoint
        }),
        jwks: either(&provider.jwks_url, |document| &document.jwks_uri),
        end_session: either(&provider.end_session_url, |document| {
            &document.end_session_endpoint
        })
        .filter(|url| plain.lets_pass(url)),
        sends_iss: document
            .is_some_and(|document| document.authorization_response_iss_parameter_supported),
        issuer,
        plain,
    };
    // The person's browser goes there with nothing secret, and comes back with a code.
    if !plain.lets_pass(&found.authorization) {
        return Err(Fault::Unusable(
            "the authorization endpoint is plain http".into(),
        ));
    }
    Ok(found)
}
