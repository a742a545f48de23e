//! Trying a provider without signing in: what its documents say, step by step, in words (pure).
//!
//! Whoever asks the provider (`oidc`) hands the answers to [`report`]; [`discovery_address`] and
//! [`keys_address`] say what to ask for.

use serde_json::Value;
use url::Url;

use super::{Provider, SecretState, StoredProvider, TokenAuthMethod};
use crate::{language::Sentence, say};

/// Below the issuer.
const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// Most of a provider's own words that are shown.
const SHOWN: usize = 200;

/// How a step went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// As it should be.
    Pass,
    /// People can sign in, but perhaps not all works as wanted.
    Warn,
    /// Nobody can sign in.
    Fail,
    /// There was nothing to look at.
    Skipped,
}

impl Outcome {
    /// For the page's markup, as in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skipped => "skipped",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct Step {
    /// Stable word for programs.
    pub step: &'static str,
    /// How it went.
    pub outcome: Outcome,
    /// What was found and what to do.
    #[schema(value_type = String)]
    pub says: Sentence,
}

/// All that was looked at, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The steps.
    pub steps: Vec<Step>,
}

impl Report {
    /// Whether people can sign in, as far as can be seen from here.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        self.steps.iter().all(|step| step.outcome != Outcome::Fail)
    }

    fn add(&mut self, step: &'static str, outcome: Outcome, says: Sentence) {
        self.steps.push(Step {
            step,
            outcome,
            says,
        });
    }
}

/// A document that was asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Where.
    pub url: Url,
    /// The status and the body, or why there are none.
    pub answer: Result<(u16, Vec<u8>), String>,
}

impl Asked {
    /// The document, `None` when there is nothing at the address, or why it cannot be read.
    fn document(&self) -> Result<Option<Value>, Sentence> {
        let url = shown(self.url.as_str());
        match &self.answer {
            Err(cause) => Err(say!("check-no-answer", url = url, cause = shown(cause))),
            // As at sign-in: 429 comes from a provider that is only busy.
            Ok((status, _)) if (400..500).contains(status) && *status != 429 => Ok(None),
            Ok((200, body)) => match serde_json::from_slice::<Value>(body) {
                Ok(document) if document.is_object() => Ok(Some(document)),
                _ => Err(say!("check-no-document", url = url)),
            },
            Ok((status, _)) => Err(say!("check-status", url = url, status = u32::from(*status))),
        }
    }
}

/// Where the provider describes itself: below its issuer, or else below the origin of its token URL.
#[must_use]
pub fn discovery_address(provider: &Provider) -> Option<Url> {
    let origin = || Some(provider.token_url.as_ref()?.origin().ascii_serialization());
    let issuer = provider.issuer.clone().or_else(origin)?;
    format!("{}{WELL_KNOWN}", issuer.trim_end_matches('/'))
        .parse()
        .ok()
}

/// Where its keys are: as written, or as it says itself.
#[must_use]
pub fn keys_address(provider: &Provider, discovery: Option<&Asked>) -> Option<Url> {
    let document = discovery.and_then(|asked| asked.document().ok().flatten());
    address(provider.jwks_url.as_ref(), document.as_ref(), "jwks_uri")
}

/// What can be said of `stored` after its documents were asked for.
#[must_use]
pub fn report(stored: &StoredProvider, discovery: Option<&Asked>, keys: Option<&Asked>) -> Report {
    let provider = &stored.provider;
    let mut report = Report::default();
    secret(&mut report, stored);
    let document = described(&mut report, provider, discovery);
    let document = document.as_ref();
    endpoints(&mut report, provider, document);
    found_keys(&mut report, keys);
    if let Some(document) = document {
        method(&mut report, provider, document);
        scopes(&mut report, provider, document);
    }
    signing_out(&mut report, provider, document);
    report
}

fn secret(report: &mut Report, stored: &StoredProvider) {
    let step = "secret";
    match stored.secret {
        _ if stored.provider.token_auth_method == TokenAuthMethod::None => {
            report.add(step, Outcome::Skipped, say!("check-secret-not-needed"));
        }
        SecretState::Kept => report.add(step, Outcome::Pass, say!("check-secret-kept")),
        SecretState::Missing => report.add(step, Outcome::Fail, say!("check-secret-missing")),
        SecretState::Unreadable(cause) => report.add(step, Outcome::Fail, cause.sentence()),
    }
}

/// The provider's description of itself, if there is one that may be believed.
fn described(report: &mut Report, provider: &Provider, discovery: Option<&Asked>) -> Option<Value> {
    let step = "discovery";
    // With all addresses written out, a provider without discovery is as good.
    let complete = provider.authorization_url.is_some() && provider.token_url.is_some();
    let without = if complete && (provider.issuer.is_none() || provider.jwks_url.is_some()) {
        Outcome::Skipped
    } else {
        Outcome::Fail
    };
    let asked = discovery?;
    let document = match asked.document() {
        Ok(Some(document)) => document,
        Ok(None) => {
            let url = shown(asked.url.as_str());
            report.add(step, without, say!("check-discovery-none", url = url));
            return None;
        }
        Err(problem) => {
            // Sign-in goes by what is written, if that is all that is needed.
            let by_hand = without == Outcome::Skipped && provider.issuer.is_some();
            let outcome = if by_hand {
                Outcome::Warn
            } else {
                Outcome::Fail
            };
            report.add(step, outcome, problem);
            return None;
        }
    };
    let read = say!("check-discovery-read", url = shown(asked.url.as_str()));
    report.add(step, Outcome::Pass, read);
    let expected = asked.url.as_str().trim_end_matches(WELL_KNOWN);
    let written = provider.issuer.as_deref().unwrap_or(expected);
    let said = text(&document, "issuer").unwrap_or_default();
    let alike = said.trim_end_matches('/') == written.trim_end_matches('/');
    let (written, said) = (shown(written), shown(said));
    if alike {
        report.add(
            "issuer",
            Outcome::Pass,
            say!("check-issuer-same", issuer = said),
        );
        Some(document)
    } else {
        let other = say!("check-issuer-other", issuer = written, said = said);
        report.add("issuer", Outcome::Fail, other);
        None
    }
}

fn endpoints(report: &mut Report, provider: &Provider, document: Option<&Value>) {
    let token = address(provider.token_url.as_ref(), document, "token_endpoint");
    let authorization = provider.authorization_url.as_ref();
    let authorization = address(authorization, document, "authorization_endpoint");
    let (outcome, says) = match (authorization, token) {
        (Some(authorization), Some(token)) => (
            Outcome::Pass,
            say!(
                "check-endpoints",
                authorization = shown(authorization.as_str()),
                token = shown(token.as_str())
            ),
        ),
        (None, Some(_)) => (Outcome::Fail, say!("check-no-authorization")),
        (Some(_), None) => (Outcome::Fail, say!("check-no-token")),
        (None, None) => (Outcome::Fail, say!("check-no-endpoints")),
    };
    report.add("endpoints", outcome, says);
    let userinfo = provider.userinfo_url.as_ref();
    match address(userinfo, document, "userinfo_endpoint") {
        Some(url) => report.add(
            "userinfo",
            Outcome::Pass,
            say!("check-userinfo", url = shown(url.as_str())),
        ),
        None => report.add("userinfo", Outcome::Skipped, say!("check-no-userinfo")),
    }
}

fn found_keys(report: &mut Report, keys: Option<&Asked>) {
    let step = "keys";
    let Some(asked) = keys else {
        report.add(step, Outcome::Skipped, say!("check-no-keys-address"));
        return;
    };
    let url = shown(asked.url.as_str());
    match asked.document() {
        Ok(Some(document)) => {
            let count = document["keys"].as_array().map_or(0, Vec::len);
            if count == 0 {
                report.add(step, Outcome::Fail, say!("check-keys-none", url = url));
            } else {
                let found = say!("check-keys", count = count, url = url);
                report.add(step, Outcome::Pass, found);
            }
        }
        Ok(None) => report.add(step, Outcome::Fail, say!("check-keys-none", url = url)),
        Err(problem) => report.add(step, Outcome::Fail, problem),
    }
}

/// Only where the provider says which it takes: without a list it takes `client_secret_basic` (Discovery 1.0, 3).
fn method(report: &mut Report, provider: &Provider, document: &Value) {
    let ours = match provider.token_auth_method {
        TokenAuthMethod::ClientSecretBasic => "client_secret_basic",
        TokenAuthMethod::ClientSecretPost => "client_secret_post",
        TokenAuthMethod::None => "none",
    };
    let Some(theirs) = words(document, "token_endpoint_auth_methods_supported") else {
        return;
    };
    if theirs.contains(&ours) {
        report.add(
            "auth_method",
            Outcome::Pass,
            say!("check-method", method = ours),
        );
    } else {
        let other = say!(
            "check-method-other",
            method = ours,
            methods = shown(&theirs.join(", "))
        );
        report.add("auth_method", Outcome::Warn, other);
    }
}

fn scopes(report: &mut Report, provider: &Provider, document: &Value) {
    let Some(theirs) = words(document, "scopes_supported") else {
        return;
    };
    let unknown: Vec<_> = provider
        .scopes
        .iter()
        .map(String::as_str)
        .filter(|scope| !theirs.contains(scope))
        .collect();
    if unknown.is_empty() {
        report.add("scopes", Outcome::Pass, say!("check-scopes"));
    } else {
        let unknown = shown(&unknown.join(", "));
        report.add(
            "scopes",
            Outcome::Warn,
            say!("check-scopes-unknown", scopes = unknown),
        );
    }
}

fn signing_out(report: &mut Report, provider: &Provider, document: Option<&Value>) {
    let written = provider.end_session_url.as_ref();
    match address(written, document, "end_session_endpoint") {
        Some(url) => report.add(
            "end_session",
            Outcome::Pass,
            say!("check-end-session", url = shown(url.as_str())),
        ),
        None => report.add(
            "end_session",
            Outcome::Skipped,
            say!("check-no-end-session"),
        ),
    }
}

/// What the administrator wrote goes before what the provider says.
fn address(written: Option<&Url>, document: Option<&Value>, key: &str) -> Option<Url> {
    let said = || text(document?, key)?.parse().ok();
    written.cloned().or_else(said)
}

fn text<'d>(document: &'d Value, key: &str) -> Option<&'d str> {
    document.get(key)?.as_str()
}

fn words<'d>(document: &'d Value, key: &str) -> Option<Vec<&'d str>> {
    let list = document.get(key)?.as_array()?;
    Some(list.iter().filter_map(Value::as_str).collect())
}

/// The words of a foreign system may be of any length.
fn shown(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(SHOWN)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::OffsetDateTime;

    use super::*;
    use crate::{
        ids::OidcProviderId,
        providers::{ProviderDraft, SecretChange, rules, seal::SealError},
    };

    fn stored(change: impl FnOnce(&mut ProviderDraft)) -> StoredProvider {
        let mut draft = ProviderDraft {
            name: "a".into(),
            issuer: Some("https://id.example".into()),
            client_id: "deskcast".into(),
            client_secret: SecretChange::Set("secret".into()),
            ..ProviderDraft::default()
        };
        change(&mut draft);
        StoredProvider {
            provider: rules::checked(OidcProviderId::new(), draft, false).unwrap(),
            secret: SecretState::Kept,
            created_at: OffsetDateTime::UNIX_EPOCH,
            updated_at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    fn said(url: &str, document: &Value) -> Asked {
        Asked {
            url: url.parse().unwrap(),
            answer: Ok((200, document.to_string().into_bytes())),
        }
    }

    fn document() -> Value {
        json!({
            "issuer": "https://id.example",
            "authorization_endpoint": "https://id.example/auth",
            "token_endpoint": "https://id.example/token",
            "userinfo_endpoint": "https://id.example/me",
            "jwks_uri": "https://id.example/jwks",
            "end_session_endpoint": "https://id.example/end",
            "scopes_supported": ["openid", "profile", "groups", "email"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        })
    }

    /// Steps and their outcomes.
    fn looked(stored: &StoredProvider, discovery: &Asked, keys: Option<&Value>) -> Vec<String> {
        let keys = keys.and_then(|keys| {
            let url = keys_address(&stored.provider, Some(discovery))?;
            Some(said(url.as_str(), keys))
        });
        let report = report(stored, Some(discovery), keys.as_ref());
        let steps = report.steps.iter();
        steps
            .map(|step| format!("{} {}", step.step, step.outcome.word()))
            .collect()
    }

    fn at_issuer(document: &Value) -> Asked {
        said(
            "https://id.example/.well-known/openid-configuration",
            document,
        )
    }

    #[test]
    fn a_provider_that_is_right_passes_every_step() {
        let keys = json!({"keys": [{"kty": "RSA"}, {"kty": "EC"}]});
        let stored = stored(|_| {});
        let steps = looked(&stored, &at_issuer(&document()), Some(&keys));
        assert_eq!(
            steps,
            [
                "secret pass",
                "discovery pass",
                "issuer pass",
                "endpoints pass",
                "userinfo pass",
                "keys pass",
                "auth_method pass",
                "scopes pass",
                "end_session pass",
            ]
        );
        let asked = said("https://id.example/jwks", &keys);
        let all = report(&stored, Some(&at_issuer(&document())), Some(&asked));
        assert!(all.is_fine());
        let keys = all.steps.iter().find(|step| step.step == "keys").unwrap();
        assert!(keys.says.to_string().contains("2 keys"), "{}", keys.says);
    }

    #[test]
    fn another_issuer_is_named_and_nothing_it_says_is_believed() {
        let mut other = document();
        other["issuer"] = json!("https://evil.example");
        let steps = looked(&stored(|_| {}), &at_issuer(&other), None);
        assert!(steps.contains(&"issuer fail".to_owned()), "{steps:?}");
        assert!(steps.contains(&"endpoints fail".to_owned()), "{steps:?}");
        let all = report(&stored(|_| {}), Some(&at_issuer(&other)), None);
        assert!(!all.is_fine());
        let issuer = all.steps.iter().find(|step| step.step == "issuer").unwrap();
        assert!(issuer.says.to_string().contains("https://evil.example"));
        // A slash at the end is no other issuer.
        other["issuer"] = json!("https://id.example/");
        let steps = looked(&stored(|_| {}), &at_issuer(&other), None);
        assert!(steps.contains(&"issuer pass".to_owned()), "{steps:?}");
    }

    #[test]
    fn authelias_example_needs_no_discovery() {
        let stored = stored(|draft| {
            let url = |path| Some(format!("https://auth.example.com/api/oidc/{path}"));
            draft.issuer = None;
            draft.authorization_url = url("authorization");
            draft.token_url = url("token");
            draft.userinfo_url = url("userinfo");
        });
        let address = discovery_address(&stored.provider).unwrap();
        assert_eq!(
            address.as_str(),
            "https://auth.example.com/.well-known/openid-configuration"
        );
        let nothing = Asked {
            url: address,
            answer: Ok((404, Vec::new())),
        };
        let report = report(&stored, Some(&nothing), None);
        assert!(report.is_fine(), "{report:?}");
        let steps = looked(&stored, &nothing, None);
        assert!(steps.contains(&"discovery skipped".to_owned()), "{steps:?}");
        assert!(steps.contains(&"endpoints pass".to_owned()), "{steps:?}");
        assert!(steps.contains(&"keys skipped".to_owned()), "{steps:?}");
    }

    #[test]
    fn whatever_comes_back_is_told_and_nothing_panics() {
        let stored = stored(|_| {});
        let url: Url = "https://id.example/.well-known/openid-configuration"
            .parse()
            .unwrap();
        for answer in [
            Err("connection refused".to_owned()),
            Ok((500, b"oops".to_vec())),
            Ok((302, Vec::new())),
            Ok((404, Vec::new())),
            Ok((200, b"<html>".to_vec())),
            Ok((200, b"[]".to_vec())),
            Ok((200, b"null".to_vec())),
            Ok((
                200,
                br#"{"issuer": 3, "jwks_uri": [], "scopes_supported": {}}"#.to_vec(),
            )),
        ] {
            let asked = Asked {
                url: url.clone(),
                answer: answer.clone(),
            };
            let report = report(&stored, Some(&asked), None);
            assert!(!report.is_fine(), "{answer:?}: {report:?}");
        }
        let keys = looked(&stored, &at_issuer(&document()), Some(&json!({"keys": []})));
        assert!(keys.contains(&"keys fail".to_owned()), "{keys:?}");
    }

    #[test]
    fn what_may_not_work_is_a_warning() {
        let mut picky = document();
        picky["scopes_supported"] = json!(["openid"]);
        picky["token_endpoint_auth_methods_supported"] = json!(["private_key_jwt"]);
        let steps = looked(&stored(|_| {}), &at_issuer(&picky), None);
        assert!(steps.contains(&"scopes warn".to_owned()), "{steps:?}");
        assert!(steps.contains(&"auth_method warn".to_owned()), "{steps:?}");
        let mut lost = stored(|_| {});
        lost.secret = SecretState::Unreadable(SealError::OtherKey);
        let steps = looked(&lost, &at_issuer(&document()), None);
        assert!(steps.contains(&"secret fail".to_owned()), "{steps:?}");
    }
}
