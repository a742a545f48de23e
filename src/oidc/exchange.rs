//! What is asked of a provider during a sign-in: tokens for a code or a refresh token, keys, claims.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::form_urlencoded;

use super::{
    Fault,
    discovery::{Discovery, Endpoints},
    id_token::{self, Expected, Identity},
    jwt::{Claims, Token, TokenFault},
};
use crate::{
    calls::{CallFault, HttpClient, Reply, cut},
    config::address::leads_to_this_machine,
    providers::{Provider, TokenAuthMethod},
};

/// The values of `typ` an ID token or a userinfo answer may have.
const KINDS: [&str; 2] = ["jwt", "jose"];

/// What a token endpoint gave.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub access: SecretString,
    pub id: Option<SecretString>,
    pub refresh: Option<SecretString>,
    /// Seconds.
    pub expires_in: Option<u64>,
}

/// Why a token endpoint gave nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError {
    /// It does not answer, or not as it should.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The code or refresh token is not good, or not any more.
    #[error("the code or refresh token was refused: {0}")]
    Grant(String),
    /// It does not know us.
    #[error("the client was refused: {0}")]
    Client(String),
}

impl From<CallFault> for TokenError {
    fn from(fault: CallFault) -> Self {
        Self::Fault(fault.into())
    }
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    token_type: String,
    id_token: Option<String>,
    refresh_token: Option<String>,
    expires_in: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct ErrorAnswer {
    error: String,
    error_description: Option<String>,
}

/// One conversation with one provider.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conversation<'c> {
    pub http: &'c HttpClient,
    pub discovery: &'c Discovery,
    pub provider: &'c Provider,
    pub endpoints: &'c Endpoints,
    /// Seconds since 1970.
    pub now: i64,
}

impl Conversation<'_> {
    fn expected(&self) -> Expected<'_> {
        Expected {
            issuer: &self.endpoints.issuer,
            client_id: &self.provider.client_id,
            now: self.now,
        }
    }

    /// Tokens for a grant: the pairs of its form without the client's own.
    pub(crate) async fn tokens(&self, grant: &[(&str, &str)]) -> Result<Tokens, TokenError> {
        let (form, authorization) = request(self.provider, grant)?;
        let Endpoints { token, plain, .. } = self.endpoints;
        let reply = self
            .http
            .post_form(token, form, authorization, *plain)
            .await?;
        tokens_of(&reply)
    }

    /// Who an ID token from the token endpoint is about, and all it says. `nonce` is the one that was sent.
    pub(crate) async fn identity(
        &self,
        id_token: &SecretString,
        access: &SecretString,
        nonce: Option<&str>,
    ) -> Result<(Identity, Claims), Fault> {
        let untrusted = |why: String| Fault::Untrusted(format!("ID token: {why}"));
        let token = Token::read(id_token.expose_secret(), &KINDS)
            .map_err(|fault| untrusted(fault.to_string()))?;
        let claims = match &self.endpoints.jwks {
            Some(_) => self.verified(&token).await?,
            None if self.came_safely() => token.unverified().clone(),
            None => {
                return Err(untrusted(
                    "no keys are known, and it came over plain http".into(),
                ));
            }
        };
        let identity = id_token::identity(&claims, self.expected(), nonce).map_err(untrusted)?;
        id_token::belongs_to(&claims, token.algorithm(), access.expose_secret())
            .map_err(untrusted)?;
        Ok((identity, claims))
    }

    /// TLS told us who the token endpoint is (OpenID Connect Core 3.1.3.7, number 6).
    fn came_safely(&self) -> bool {
        let token = &self.endpoints.token;
        token.scheme() == "https" || leads_to_this_machine(token)
    }

    /// The claims of `token`, when the provider's keys say so; asks once for newer keys when none fits.
    pub(crate) async fn verified(&self, token: &Token<'_>) -> Result<Claims, Fault> {
        let Endpoints { jwks, plain, .. } = self.endpoints;
        let untrusted = |fault: TokenFault| Fault::Untrusted(fault.to_string());
        let url = jwks
            .as_ref()
            .ok_or_else(|| Fault::Untrusted("no keys are known".into()))?;
        let keys = self.discovery.keys(url, *plain).await?;
        let fault = match token.verified(&keys.set) {
            Ok(claims) => return Ok(claims.clone()),
            Err(fault) => fault,
        };
        match self.discovery.newer_keys(url, &keys, *plain).await? {
            Some(newer) if !Arc::ptr_eq(&newer, &keys) => {
                token.verified(&newer.set).cloned().map_err(untrusted)
            }
            _ => Err(untrusted(fault)),
        }
    }

    /// What userinfo says of the person `subject`; nothing where there is no userinfo.
    pub(crate) async fn userinfo(
        &self,
        access: &SecretString,
        subject: &str,
    ) -> Result<Claims, Fault> {
        let Endpoints {
            userinfo, plain, ..
        } = self.endpoints;
        let Some(url) = userinfo else {
            return Ok(Claims::new());
        };
        let reply = self.http.get(url, Some(access), *plain).await?;
        reply.must_be_ok("userinfo")?;
        let claims = if reply.kind == "application/jwt" {
            self.signed_userinfo(&reply.body).await?
        } else {
            reply.json("userinfo")?
        };
        // Another person's claims on this person's account (threat T8).
        if claims.get("sub").and_then(|sub| sub.as_str()) == Some(subject) {
            Ok(claims)
        } else {
            Err(Fault::Untrusted(
                "userinfo is about somebody else (sub)".into(),
            ))
        }
    }

    async fn signed_userinfo(&self, body: &[u8]) -> Result<Claims, Fault> {
        let untrusted = |why: String| Fault::Untrusted(format!("userinfo: {why}"));
        let text = std::str::from_utf8(body).map_err(|error| untrusted(error.to_string()))?;
        let token =
            Token::read(text.trim(), &KINDS).map_err(|fault| untrusted(fault.to_string()))?;
        let claims = self.verified(&token).await?;
        id_token::userinfo_is_for_us(&claims, self.expected()).map_err(untrusted)?;
        Ok(claims)
    }
}

/// What an answer of a token endpoint gives.
pub(super) fn tokens_of(reply: &Reply) -> Result<Tokens, TokenError> {
    if reply.status == 400 || reply.status == 401 {
        let answer: ErrorAnswer = reply.json("token endpoint")?;
        return Err(refusal(&answer));
    }
    reply.must_be_ok("token endpoint")?;
    let answer: TokenAnswer = reply.json("token endpoint")?;
    if !answer.token_type.eq_ignore_ascii_case("bearer") {
        let unusable = Fault::Unusable("token endpoint: a token that is no bearer".into());
        return Err(unusable.into());
    }
    Ok(Tokens {
        access: answer.access_token.into(),
        id: answer.id_token.map(SecretString::from),
        refresh: answer
            .refresh_token
            .filter(|token| !token.is_empty())
            .map(SecretString::from),
        expires_in: answer.expires_in.as_ref().and_then(seconds),
    })
}

/// The form and the header of a request to the token endpoint (RFC 6749 2.3.1).
fn request(
    provider: &Provider,
    grant: &[(&str, &str)],
) -> Result<(String, Option<HeaderValue>), Fault> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(grant);
    let secret = provider
        .client_secret
        .as_ref()
        .map(ExposeSecret::expose_secret);
    let needed = || Fault::Refused("this provider has no client secret".into());
    match provider.token_auth_method {
        TokenAuthMethod::ClientSecretBasic => {
            let secret = secret.ok_or_else(needed)?;
            let encode = |text: &str| -> String {
                form_urlencoded::byte_serialize(text.as_bytes()).collect()
            };
            let pair = format!("{}:{}", encode(&provider.client_id), encode(secret));
            let value = format!("Basic {}", STANDARD.encode(pair));
            let mut value =
                HeaderValue::try_from(value).map_err(|error| Fault::Refused(error.to_string()))?;
            value.set_sensitive(true);
            Ok((form.finish(), Some(value)))
        }
        TokenAuthMethod::ClientSecretPost => {
            form.append_pair("client_id", &provider.client_id);
            form.append_pair("client_secret", secret.ok_or_else(needed)?);
            Ok((form.finish(), None))
        }
        TokenAuthMethod::None => {
            form.append_pair("client_id", &provider.client_id);
            Ok((form.finish(), None))
        }
    }
}

fn refusal(answer: &ErrorAnswer) -> TokenError {
    let said = format!(
        "{} {}",
        cut(&answer.error),
        cut(answer.error_description.as_deref().unwrap_or_default())
    );
    match answer.error.as_str() {
        "invalid_grant" => TokenError::Grant(said),
        "invalid_client" | "unauthorized_client" => TokenError::Client(said),
        _ => Fault::Unusable(format!("token endpoint: {said}")).into(),
    }
}

/// Some providers write the number as text.
fn seconds(value: &serde_json::Value) -> Option<u64> {
    value
        .as_u64()
        .or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(method: TokenAuthMethod) -> Provider {
        Provider {
            client_id: "a b:c".into(),
            client_secret: Some("p%+&ä".into()),
            token_auth_method: method,
            ..crate::oidc::tests::provider()
        }
    }

    #[test]
    fn the_client_shows_itself_as_the_provider_wants_it() {
        let grant = [("grant_type", "authorization_code"), ("code", "x&y")];
        let (form, header) =
            request(&provider(TokenAuthMethod::ClientSecretBasic), &grant).unwrap();
        assert_eq!(form, "grant_type=authorization_code&code=x%26y");
        let header = header.unwrap();
        assert!(header.is_sensitive());
        let pair = STANDARD
            .decode(header.to_str().unwrap().strip_prefix("Basic ").unwrap())
            .unwrap();
        assert_eq!(pair, b"a+b%3Ac:p%25%2B%26%C3%A4");

        let (form, header) = request(&provider(TokenAuthMethod::ClientSecretPost), &grant).unwrap();
        assert!(header.is_none());
        assert!(form.ends_with("&client_id=a+b%3Ac&client_secret=p%25%2B%26%C3%A4"));

        let (form, header) = request(&provider(TokenAuthMethod::None), &grant).unwrap();
        assert!(header.is_none() && form.ends_with("&client_id=a+b%3Ac"));
    }

    #[test]
    fn a_client_without_its_secret_asks_nobody() {
        for method in [
            TokenAuthMethod::ClientSecretBasic,
            TokenAuthMethod::ClientSecretPost,
        ] {
            let provider = Provider {
                client_secret: None,
                ..provider(method)
            };
            request(&provider, &[]).unwrap_err();
        }
    }
}
