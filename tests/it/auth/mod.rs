//! Signing in and out, API tokens, and what nobody may do, through the whole server.

use std::time::Duration;

use axum::body::Body;
use deskcast::{
    config::FirstAdmin,
    ids::UserId,
    people::Role,
    sessions::{Accepts, Caller},
};
use hyper::{Method, Request, StatusCode, header};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

use crate::support::{ADMIN_PASSWORD, Answer, Client, Credential, TestApp};

mod account;
mod ending;
mod guessing;
mod look;
mod presenting;
mod revocation;
mod safety;
mod signing_in;
mod tokens;

/// How long a sign-out may take to be heard everywhere (goal G14).
const HEARD: Duration = Duration::from_secs(5);

/// A server with its first administrator.
async fn server(pool: &PgPool) -> TestApp {
    let app = TestApp::start(pool.clone()).await;
    let first = &app.state.config.first_admin;
    app.state.people.ensure_first_admin(first).await.unwrap();
    app
}

async fn signs_in(app: &TestApp, username: &str, password: &str) -> Answer {
    let body = json!({"username": username, "password": password});
    app.stranger().post_json("/api/login", &body).await
}

/// The id of a new session of the first administrator.
async fn session(app: &TestApp) -> String {
    let answer = signs_in(app, "admin", ADMIN_PASSWORD).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    text(&answer.json()["session"]["id"])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// `GET` with these headers.
async fn get(app: &TestApp, path: &str, headers: &[(&'static str, &str)]) -> Answer {
    let client = app.stranger();
    let mut request = client.request(Method::GET, path);
    for (name, value) in headers {
        request.headers_mut().append(*name, value.parse().unwrap());
    }
    client.send(request).await
}

/// Who a browser with this id is, as the rules see it.
async fn caller(app: &TestApp, id: &str) -> Caller {
    let head = Request::get("/")
        .header(header::COOKIE, format!("deskcast={id}"))
        .body(())
        .unwrap()
        .into_parts()
        .0;
    let caller = app.state.sessions.caller(&head, Accepts::CookieOnly).await;
    caller.unwrap()
}

fn assert_says(answer: &Answer, status: u16, sentence: &str) {
    let body = answer.json();
    assert_eq!(answer.status.as_u16(), status, "{body}");
    assert_eq!(body["error"], sentence);
    assert_eq!(body["success"], false);
    assert!(body["code"].is_string());
}

/// Whatever the server remembers of sessions, it looks again: somebody was signed out everywhere.
async fn asks_the_database_again(app: &TestApp) {
    let sessions = &app.state.sessions;
    sessions.sign_out_everywhere(UserId::new()).await.unwrap();
}

async fn rows(pool: &PgPool, table: &'static str) -> i64 {
    let count = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
    sqlx::query_scalar(count).fetch_one(pool).await.unwrap()
}

async fn run(pool: &PgPool, statement: &'static str) {
    sqlx::query(statement).execute(pool).await.unwrap();
}
