//! A small provider of our own: a real listener, real keys, and every answer can be made wrong.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::any,
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tokio::{net::TcpListener, task::AbortHandle};
use uuid::Uuid;

pub(crate) use keys::By;
use keys::Keys;

mod keys;

/// How our client is known there.
pub(crate) const CLIENT: (&str, &str) = ("kasm", "insecure_secret");

/// What an endpoint answers.
#[derive(Clone, Debug, Default)]
pub(crate) enum Say {
    /// What it should.
    #[default]
    Right,
    /// This, with this type.
    This(u16, &'static str, String),
    /// A page.
    Html(u16),
    /// Ten megabytes.
    Huge,
    /// Elsewhere.
    Redirect,
    /// Nothing for a minute.
    Nothing,
}

/// How the provider behaves. An object that is laid over another replaces its members; `null` takes them away.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) discovery: Say,
    pub(crate) document: Value,
    pub(crate) keys: Say,
    /// Names of the keys that are published.
    pub(crate) published: Vec<&'static str>,
    pub(crate) token: Say,
    /// Laid over the token endpoint's answer.
    pub(crate) tokens: Value,
    pub(crate) userinfo: Say,
    pub(crate) userinfo_claims: Value,
    /// Userinfo is a token, signed by the same.
    pub(crate) signed_userinfo: bool,
    pub(crate) header: Value,
    pub(crate) claims: Value,
    pub(crate) by: By,
    pub(crate) checks_pkce: bool,
    /// Who signs in.
    pub(crate) subject: String,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            discovery: Say::Right,
            document: json!({}),
            keys: Say::Right,
            published: vec!["k1"],
            token: Say::Right,
            tokens: json!({}),
            userinfo: Say::Right,
            userinfo_claims: json!({
                "preferred_username": "jana", "name": "Jana Petersen", "email": "jana@school.test",
                "groups": ["dev", "admins"],
            }),
            signed_userinfo: false,
            header: json!({}),
            claims: json!({}),
            by: By::Es("k1"),
            checks_pkce: true,
            subject: "0815".into(),
        }
    }
}

/// What was promised for a code.
#[derive(Clone, Debug)]
struct Grant {
    nonce: String,
    challenge: String,
    redirect_uri: String,
}

/// A provider that listens until it is dropped.
#[derive(Debug)]
pub(crate) struct Idp {
    inner: Arc<Inner>,
    serving: AbortHandle,
}

#[derive(Debug)]
struct Inner {
    issuer: String,
    script: Mutex<Script>,
    codes: Mutex<HashMap<String, Grant>>,
    hits: Mutex<HashMap<String, usize>>,
    secrets: Mutex<Vec<(&'static str, String)>>,
    keys: Keys,
}

impl Drop for Idp {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Idp {
    /// A provider that does everything right, but for what `change` makes of its script.
    #[expect(clippy::disallowed_methods, reason = "it ends when it is dropped")]
    pub(crate) async fn start(change: impl FnOnce(&mut Script)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut script = Script::default();
        change(&mut script);
        let inner = Arc::new(Inner {
            issuer: format!("http://{address}"),
            script: Mutex::new(script),
            codes: Mutex::default(),
            hits: Mutex::default(),
            secrets: Mutex::default(),
            keys: Keys::new(),
        });
        let router = Router::new()
            .route("/{*path}", any(answer))
            .with_state(Arc::clone(&inner));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            inner,
            serving: serving.abort_handle(),
        }
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.inner.issuer
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.inner.issuer)
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.inner.script.lock().unwrap()
    }

    /// How often this endpoint was asked.
    pub(crate) fn hits(&self, path: &str) -> usize {
        let hits = self.inner.hits.lock().unwrap();
        hits.get(path).copied().unwrap_or_default()
    }

    /// What nobody but the two of us may ever read: the tokens that were given out, and the proofs that came for them.
    pub(crate) fn secrets(&self) -> Vec<(&'static str, String)> {
        self.inner.secrets.lock().unwrap().clone()
    }

    /// Somebody signed in on the provider's page: a code for the sign-in that `authorize` began.
    pub(crate) fn consent(&self, authorize: &url::Url) -> String {
        let asked: HashMap<_, _> = authorize.query_pairs().into_owned().collect();
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT.0);
        assert_eq!(asked["code_challenge_method"], "S256");
        // Never one that was given before: a number of those still open would come twice when one is redeemed between.
        let code = format!("code-{}", Uuid::new_v4());
        let grant = Grant {
            nonce: asked["nonce"].clone(),
            challenge: asked["code_challenge"].clone(),
            redirect_uri: asked["redirect_uri"].clone(),
        };
        self.inner.codes.lock().unwrap().insert(code.clone(), grant);
        code
    }

    /// A token with these claims and header, signed as the script says.
    pub(crate) fn signed(&self, header: &Value, claims: &Value) -> String {
        let by = self.script().by;
        self.inner.keys.signed(by, header, claims)
    }
}

/// Lays `over` over `under`.
pub(crate) fn laid(mut under: Value, over: &Value) -> Value {
    for (name, value) in over.as_object().unwrap_or(&Map::new()) {
        if value.is_null() {
            under.as_object_mut().unwrap().remove(name);
        } else {
            under[name] = value.clone();
        }
    }
    under
}

async fn answer(
    State(inner): State<Arc<Inner>>,
    Path(path): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Response {
    *inner.hits.lock().unwrap().entry(path.clone()).or_default() += 1;
    let script = inner.script.lock().unwrap().clone();
    let (say, right) = match path.as_str() {
        ".well-known/openid-configuration" => (&script.discovery, inner.document(&script)),
        "jwks" => {
            let keys = inner.keys.published(&script.published);
            (&script.keys, axum::Json(keys).into_response())
        }
        "token" => {
            let form = url::form_urlencoded::parse(body.as_bytes())
                .into_owned()
                .collect();
            (&script.token, inner.tokens(&script, &headers, &form))
        }
        "userinfo" => (&script.userinfo, inner.userinfo(&script, &headers)),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    match say {
        Say::Right => right,
        Say::This(status, kind, body) => {
            let status = StatusCode::from_u16(*status).unwrap();
            (status, [(header::CONTENT_TYPE, *kind)], body.clone()).into_response()
        }
        Say::Html(status) => {
            let status = StatusCode::from_u16(*status).unwrap();
            (status, axum::response::Html("<h1>Welcome</h1>")).into_response()
        }
        Say::Huge => {
            let kind = [(header::CONTENT_TYPE, "application/json")];
            (kind, Body::from(vec![b' '; 10 * 1024 * 1024])).into_response()
        }
        Say::Redirect => {
            let there = [(header::LOCATION, format!("{}/elsewhere", inner.issuer))];
            (StatusCode::TEMPORARY_REDIRECT, there).into_response()
        }
        Say::Nothing => std::future::pending().await,
    }
}

impl Inner {
    fn document(&self, script: &Script) -> Response {
        let at = |path: &str| format!("{}/{path}", self.issuer);
        let document = json!({
            "issuer": self.issuer,
            "authorization_endpoint": at("authorize"),
            "token_endpoint": at("token"),
            "userinfo_endpoint": at("userinfo"),
            "jwks_uri": at("jwks"),
            "end_session_endpoint": at("end"),
        });
        axum::Json(laid(document, &script.document)).into_response()
    }

    fn tokens(
        &self,
        script: &Script,
        headers: &HeaderMap,
        form: &HashMap<String, String>,
    ) -> Response {
        let refused = |status: StatusCode, error: &str| {
            (status, axum::Json(json!({ "error": error }))).into_response()
        };
        if !knows_client(headers, form) {
            return refused(StatusCode::UNAUTHORIZED, "invalid_client");
        }
        let text = |name| form.get(name).map(String::as_str).unwrap_or_default();
        let nonce = match text("grant_type") {
            "authorization_code" => {
                // A code counts once.
                let grant = self.codes.lock().unwrap().remove(text("code"));
                let Some(grant) = grant.filter(|grant| grant.fits(form, script.checks_pkce)) else {
                    return refused(StatusCode::BAD_REQUEST, "invalid_grant");
                };
                Some(grant.nonce)
            }
            "refresh_token" if text("refresh_token").starts_with("refresh-") => None,
            _ => return refused(StatusCode::BAD_REQUEST, "invalid_grant"),
        };
        let now = time::UtcDateTime::now().unix_timestamp();
        let claims = json!({
            "iss": self.issuer, "sub": script.subject, "aud": CLIENT.0, "iat": now, "exp": now + 300, "nonce": nonce,
            "sid": format!("session-of-{}", script.subject),
        });
        let answer = json!({
            "access_token": "access", "token_type": "Bearer", "expires_in": 300,
            "id_token": self.keys.signed(script.by, &script.header, &laid(claims, &script.claims)),
        });
        let answer = laid(answer, &script.tokens);
        let mut secrets = self.secrets.lock().unwrap();
        secrets.push(("the proof of a code", text("code_verifier").to_owned()));
        for (name, key) in [
            ("an ID token", "id_token"),
            ("an access token", "access_token"),
            ("a refresh token", "refresh_token"),
        ] {
            let given = answer[key].as_str();
            secrets.extend(given.map(|given| (name, given.to_owned())));
        }
        axum::Json(answer).into_response()
    }

    fn userinfo(&self, script: &Script, headers: &HeaderMap) -> Response {
        let given = script.tokens["access_token"].as_str().unwrap_or("access");
        let shown = headers.get(header::AUTHORIZATION);
        if shown.is_none_or(|shown| shown != &format!("Bearer {given}")) {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        let claims = laid(json!({"sub": script.subject}), &script.userinfo_claims);
        if script.signed_userinfo {
            let claims = laid(json!({"iss": self.issuer, "aud": CLIENT.0}), &claims);
            let token = self.keys.signed(script.by, &script.header, &claims);
            return ([(header::CONTENT_TYPE, "application/jwt")], token).into_response();
        }
        axum::Json(claims).into_response()
    }
}

impl Grant {
    fn fits(&self, form: &HashMap<String, String>, pkce: bool) -> bool {
        let verifier = form
            .get("code_verifier")
            .map(String::as_str)
            .unwrap_or_default();
        let proved = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == self.challenge;
        form.get("redirect_uri") == Some(&self.redirect_uri) && (proved || !pkce)
    }
}

/// In the header, in the form, or as a client that has no secret: then PKCE is its only proof.
fn knows_client(headers: &HeaderMap, form: &HashMap<String, String>) -> bool {
    let basic = format!(
        "Basic {}",
        STANDARD.encode(format!("{}:{}", CLIENT.0, CLIENT.1))
    );
    match headers.get(header::AUTHORIZATION) {
        Some(sent) => sent == basic.as_str() && !form.contains_key("client_secret"),
        None => {
            form.get("client_id").is_some_and(|id| id == CLIENT.0)
                && form
                    .get("client_secret")
                    .is_none_or(|secret| secret == CLIENT.1)
        }
    }
}
