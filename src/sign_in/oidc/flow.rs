//! From a click on a provider's button to a finished identity (OpenID Connect Core 3.1).
//!
//! A sign-in that is under way is a row, found by the SHA-256 of its state, bound to one browser by a cookie, and gone
//! as soon as an answer with its state comes, whatever that answer is (threat T7).

use std::time::Duration;

use axum::http::request::Parts;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::PkceCodeChallenge;
use secrecy::SecretString;
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::{
    OidcSignIn,
    accounts::{self, Admitted},
    problem::Problem,
    store::{self, NewSignIn, SignIn},
    switch::{Question, Waiting},
};
use crate::oidc::{
    Fault,
    claims::{self, Person},
    discovery::Endpoints,
    exchange::Tokens,
    id_token::Identity,
    jwt::Claims,
};
use crate::{
    calls::cut,
    ids::UserId,
    people::user::User,
    providers::Provider,
    sessions::{Accepts, NewSession, NoCaller, Origin, sha256},
};

/// How long everything that is asked of a provider in one request may take: a person waits.
pub(super) const CONVERSATION: Duration = Duration::from_secs(6);

/// What a sealed ID token and a sealed refresh token are for.
pub(super) const ID_TOKEN: &str = "oidc id token";
pub(super) const REFRESH_TOKEN: &str = "oidc refresh token";

/// Refreshed at the soonest and at the latest after these many seconds.
const REFRESH: (u64, u64) = (300, 3_600);

/// The longest value of the provider's answer that is looked at.
const LONGEST_VALUE: usize = 4_096;

/// What a provider's answer in the browser says.
#[derive(Debug, Default)]
pub(super) struct Callback {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
    iss: Option<String>,
}

impl Callback {
    /// Reads the part of the address after `?`. What is there twice is no answer of a provider.
    pub(super) fn read(query: &str) -> Result<Self, Problem> {
        let mut read = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "state" => &mut read.state,
                "code" => &mut read.code,
                "error" => &mut read.error,
                "error_description" => &mut read.error_description,
                "iss" => &mut read.iss,
                _ => continue,
            };
            if place.is_some() || value.len() > LONGEST_VALUE {
                return Err(Problem::Stale("a parameter that is doubled or too long"));
            }
            *place = Some(value.into_owned());
        }
        Ok(read)
    }
}

/// How a sign-in began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beginning<'b> {
    pub provider: &'b Provider,
    /// The secret of the browser, from its cookie.
    pub browser: &'b str,
    /// A page of ours.
    pub next: &'b str,
    /// The administrator who only wants to see what comes.
    pub tested_by: Option<UserId>,
}

/// A sign-in that came to its end.
#[derive(Debug)]
pub(super) struct Arrived {
    pub provider: Provider,
    pub next: String,
    pub tested_by: Option<UserId>,
    pub answer: Result<Answer, Problem>,
}

/// What a provider said of a person.
#[derive(Debug)]
pub(super) struct Answer {
    pub identity: Identity,
    pub id_claims: Claims,
    pub userinfo: Claims,
    pub person: Result<Person, claims::ClaimsProblem>,
    tokens: Tokens,
}

/// What becomes of a person who may come in.
#[derive(Debug)]
pub(super) enum Admission {
    In(NewSession),
    /// Somebody else is signed in there.
    Asks(Box<Question>),
}

impl OidcSignIn {
    /// Where the browser goes to sign in.
    pub(super) async fn begin(&self, beginning: Beginning<'_>) -> Result<Url, Problem> {
        let Beginning { provider, .. } = beginning;
        if beginning.tested_by.is_some() {
            self.inner.client.forget(provider).await;
        }
        let endpoints = within(self.inner.client.endpoints(provider)).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (state, nonce) = (random(), random());
        let redirect_uri = self.inner.redirect_uri.as_str();
        let sign_in = NewSignIn {
            state_hash: &sha256(&state),
            provider: provider.id,
            browser_hash: &sha256(beginning.browser),
            nonce: &nonce,
            pkce_verifier: verifier.secret(),
            redirect_uri,
            next: beginning.next,
            tested_by: beginning.tested_by,
        };
        store::insert_sign_in(&mut self.inner.db.acquire().await?, &sign_in).await?;
        let mut to = endpoints.authorization;
        to.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &provider.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", &scope(&provider.scopes))
            .append_pair("state", &state)
            .append_pair("nonce", &nonce)
            .append_pair("code_challenge", challenge.as_str())
            .append_pair("code_challenge_method", challenge.method().as_str());
        if provider
            .scopes
            .iter()
            .any(|scope| scope == "offline_access")
        {
            // Without it no refresh token is given (OpenID Connect Core 11).
            to.query_pairs_mut().append_pair("prompt", "consent");
        }
        Ok(to)
    }

    /// What came of the sign-in that `callback` answers. `browser` is the secret of the browser it came from.
    pub(super) async fn arrive(
        &self,
        callback: &Callback,
        browser: Option<&str>,
    ) -> Result<Arrived, Problem> {
        let state = callback
            .state
            .as_deref()
            .ok_or(Problem::Stale("no state"))?;
        let taken = {
            let mut db = self.inner.db.acquire().await?;
            store::take_sign_in(&mut db, &sha256(state)).await?
        };
        let sign_in = taken.ok_or(Problem::Stale("an unknown or used state"))?;
        let here = browser.is_some_and(|browser| sha256(browser)[..] == sign_in.browser_hash);
        if !here {
            return Err(Problem::OtherBrowser);
        }
        if sign_in.expired {
            return Err(Problem::Stale("it took longer than ten minutes"));
        }
        let found = self.provider_by_id(sign_in.provider).await?;
        let provider = found
            .filter(|provider| provider.enabled || sign_in.tested_by.is_some())
            .ok_or(Problem::Stale("the provider was switched off"))?;
        let answer = within(self.ask(&provider, callback, &sign_in)).await;
        Ok(Arrived {
            answer,
            provider,
            next: sign_in.next,
            tested_by: sign_in.tested_by,
        })
    }

    async fn ask(
        &self,
        provider: &Provider,
        callback: &Callback,
        sign_in: &SignIn,
    ) -> Result<Answer, Problem> {
        let endpoints = self.inner.client.endpoints(provider).await?;
        comes_from(&endpoints, callback)?;
        if let Some(error) = &callback.error {
            return Err(refusal(error, callback.error_description.as_deref()));
        }
        let code = callback.code.as_deref().filter(|code| !code.is_empty());
        let code = code.ok_or_else(|| Problem::Said("neither a code nor an error".into()))?;
        let talk = self.inner.client.talk(provider, &endpoints);
        let tokens = talk
            .tokens(&[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", &sign_in.redirect_uri),
                ("code_verifier", &sign_in.pkce_verifier),
            ])
            .await?;
        let id_token = tokens
            .id
            .as_ref()
            .ok_or_else(|| Fault::Unusable("token endpoint: no ID token".into()))?;
        let (identity, id_claims) = talk
            .identity(id_token, &tokens.access, Some(&sign_in.nonce))
            .await?;
        let userinfo = talk.userinfo(&tokens.access, &identity.subject).await?;
        Ok(Answer {
            person: person(provider, &id_claims, &userinfo),
            identity,
            id_claims,
            userinfo,
            tokens,
        })
    }

    /// The session of the person that `answer` describes; where somebody else is signed in, the question whether it shall
    /// begin. `browser` is the secret of the browser, `next` a page of ours.
    pub(super) async fn admit(
        &self,
        provider: &Provider,
        answer: Answer,
        (browser, next): (&str, &str),
        head: &Parts,
    ) -> Result<Admission, Problem> {
        let sessions = self.inner.sign_in.sessions();
        let Admitted { user, lost_role } = {
            let person = answer.person.as_ref().map_err(Clone::clone)?;
            accounts::admit(&self.inner.db, provider, &answer.identity, person).await??
        };
        if lost_role {
            sessions.end_sessions(user.id).await?;
        }
        let origin = self.origin(provider, &answer, &user);
        match sessions.caller(head, Accepts::CookieOnly).await {
            // A guest is nobody yet.
            Ok(here) if here.user.id != user.id && !here.user.is_guest() => {
                let waiting = Waiting {
                    here: &here.user,
                    there: user,
                    provider,
                    origin,
                    browser,
                    next,
                };
                let question = self.wait(waiting).await?;
                Ok(Admission::Asks(Box::new(question)))
            }
            Ok(_) | Err(NoCaller::Unauthenticated(_)) => {
                let session = sessions.begin(&user, Some(origin), head).await?;
                Ok(Admission::In(session))
            }
            // Nobody knows whether somebody is signed in: nobody takes their place.
            Err(NoCaller::Database(error)) => Err(error.into()),
            Err(NoCaller::TooMany(_)) => Err(Problem::TooMany),
        }
    }

    /// What is needed later to sign out at the provider and to read groups and role anew.
    fn origin(&self, provider: &Provider, answer: &Answer, user: &User) -> Origin {
        let sealed = |purpose, token: Option<&SecretString>| {
            let sealed = self.inner.seal.seal(purpose, token?);
            if let Err(error) = &sealed {
                tracing::debug!(user.id = %user.id, %error, "tokens of the provider are not kept");
            }
            sealed.ok()
        };
        Origin {
            provider: provider.id,
            issuer: answer.identity.issuer.clone(),
            subject: answer.identity.subject.clone(),
            sid: answer.identity.sid.clone(),
            id_token: sealed(ID_TOKEN, answer.tokens.id.as_ref()),
            refresh_token: sealed(REFRESH_TOKEN, answer.tokens.refresh.as_ref()),
            refresh_in: refresh_in(answer.tokens.expires_in),
        }
    }
}

/// The person that both answers together describe.
pub(super) fn person(
    provider: &Provider,
    id_claims: &Claims,
    userinfo: &Claims,
) -> Result<Person, claims::ClaimsProblem> {
    let all = claims::merged(id_claims.clone(), userinfo.clone());
    claims::person(&all, &provider.username_claim, &provider.groups_claim)
}

/// When a refresh token is used, in seconds from now.
pub(super) fn refresh_in(expires_in: Option<u64>) -> f64 {
    let (soonest, latest) = REFRESH;
    let seconds = expires_in.unwrap_or(latest).clamp(soonest, latest);
    // At most an hour.
    u32::try_from(seconds).map_or(3_600.0, f64::from)
}

/// Gives up when a provider takes longer than people wait.
async fn within<T, E>(work: impl Future<Output = Result<T, E>>) -> Result<T, Problem>
where
    Problem: From<E>,
{
    match tokio::time::timeout(CONVERSATION, work).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(Fault::Away(format!("not done within {} s", CONVERSATION.as_secs())).into()),
    }
}

/// Another provider's answer must not be taken for this one's (RFC 9207).
fn comes_from(endpoints: &Endpoints, callback: &Callback) -> Result<(), Fault> {
    match &callback.iss {
        Some(issuer) if !endpoints.issuer.is(issuer) => Err(Fault::Untrusted(format!(
            "the answer is of another issuer, {}",
            cut(issuer)
        ))),
        None if endpoints.sends_iss => Err(Fault::Untrusted(
            "the answer does not say its issuer".into(),
        )),
        _ => Ok(()),
    }
}

fn refusal(error: &str, description: Option<&str>) -> Problem {
    let said = format!("{} {}", cut(error), cut(description.unwrap_or_default()));
    match error {
        "access_denied"
        | "interaction_required"
        | "login_required"
        | "consent_required"
        | "account_selection_required" => Problem::Cancelled(said),
        "temporarily_unavailable" | "server_error" => Fault::Away(said).into(),
        "invalid_request"
        | "unauthorized_client"
        | "invalid_scope"
        | "unsupported_response_type" => Fault::Refused(said).into(),
        _ => Problem::Said(said),
    }
}

/// Always with `openid`; each scope once, split where somebody wrote several on one line.
fn scope(scopes: &[String]) -> String {
    let mut all = vec!["openid"];
    for scope in scopes.iter().flat_map(|line| line.split_whitespace()) {
        if !all.contains(&scope) {
            all.push(scope);
        }
    }
    all.join(" ")
}

/// 256 bits nobody can guess.
pub(super) fn random() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// Claims for an administrator to read.
pub(super) fn readable(claims: &Claims) -> String {
    serde_json::to_string_pretty(&Value::Object(claims.clone())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_asked_for_once_and_openid_always() {
        let scopes = |lines: &[&str]| {
            let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            scope(&lines)
        };
        assert_eq!(scopes(&[]), "openid");
        assert_eq!(
            scopes(&["openid profile groups email"]),
            "openid profile groups email"
        );
        assert_eq!(
            scopes(&["profile", "openid", "profile", ""]),
            "openid profile"
        );
    }

    #[test]
    fn an_answer_with_a_doubled_parameter_is_none() {
        let read = Callback::read("state=a&code=b&iss=c&session_state=d&session_state=e").unwrap();
        assert_eq!(read.state.as_deref(), Some("a"));
        for doubled in ["state=a&state=b", "code=a&state=b&code=a", "iss=&iss="] {
            Callback::read(doubled).unwrap_err();
        }
        Callback::read(&format!("state={}", "a".repeat(LONGEST_VALUE + 1))).unwrap_err();
    }

    #[test]
    fn refreshing_is_neither_hectic_nor_forgotten() {
        for (expires, refresh) in [
            (None, 3_600.0),
            (Some(0), 300.0),
            (Some(600), 600.0),
            (Some(u64::MAX), 3_600.0),
        ] {
            assert!((refresh_in(expires) - refresh).abs() < 0.5);
        }
    }
}
