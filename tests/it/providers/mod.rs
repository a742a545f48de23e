//! OpenID providers as administrators and the sign-in page have them, through the whole server.

use axum::body::Body;
use deskcast::{
    config::{Config, ConfigProblems, EnvSource},
    providers::{ProviderFault, SecretState, StoredProvider, seal::SealError},
};
use hyper::{Method, StatusCode, header::CONTENT_TYPE};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, Client, TestApp};

mod api;
mod checking;
mod first_start;
mod pages;
mod secrets;
mod sign_in_page;

const LIST: &str = "/api/admin/oidc-providers";
const KEY: (&str, &str) = ("SECRET_KEY", "a secret key of thirty-two characters");
const SECRET: &str = "insecure_secret";

/// A server that can keep secrets.
async fn place(pool: &PgPool) -> TestApp {
    TestApp::start_with(pool.clone(), &[KEY]).await
}

/// Authelia's example, as its guide writes it.
fn authelia() -> Value {
    json!({
        "name": "Authelia",
        "client_id": "kasm",
        "client_secret": SECRET,
        "authorization_url": "https://auth.example.com/api/oidc/authorization",
        "token_url": "https://auth.example.com/api/oidc/token",
        "userinfo_url": "https://auth.example.com/api/oidc/userinfo",
        "scopes": "openid profile groups email",
        "username_claim": "preferred_username",
    })
}

/// `of`, with these fields.
fn with(mut of: Value, fields: &Value) -> Value {
    for (name, value) in fields.as_object().unwrap() {
        of[name] = value.clone();
    }
    of
}

async fn put(client: &Client, path: &str, body: &Value) -> Answer {
    let mut request = client.request(Method::PUT, path);
    let kind = "application/json".parse().unwrap();
    request.headers_mut().insert(CONTENT_TYPE, kind);
    *request.body_mut() = Body::from(body.to_string());
    client.send(request).await
}

/// Adds a provider and answers its address in the API.
async fn add(app: &TestApp, body: &Value) -> String {
    let made = app.admin().await.post_json(LIST, body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let id = made.json()["oidc_provider"]["id"].clone();
    format!("{LIST}/{}", id.as_str().unwrap())
}

async fn all(app: &TestApp) -> Vec<StoredProvider> {
    app.state.providers.all().await.unwrap()
}

async fn only(app: &TestApp) -> StoredProvider {
    let mut all = all(app).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// The fields that a 422 names, in order of their names.
fn named(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 422, "{}", answer.text());
    let body = answer.json();
    let fields = body["fields"].as_array().unwrap().iter();
    let mut fields: Vec<_> = fields
        .map(|field| field["field"].as_str().unwrap().to_owned())
        .collect();
    fields.sort();
    fields
}
