//! Casts as administrators keep them: every field saved and refused, the list, the log, the dry run, the pages.

use deskcast::{
    casting::{Refusal, log::LogEntry},
    ids::{CastId, DesktopId, UserId},
};
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    people::wrong,
    support::{Answer, Client, Logs, Statements, TestApp},
};

mod list;
mod pages;
mod saving;
mod try_it;
mod types;

const CASTS: &str = "/api/admin/casts";

/// What a cast needs at least. Of the seeded types, `debian-browser` takes an address.
fn biology() -> Value {
    json!({"name": "Biology 7b", "key": "biology-7b", "desktop_type": "debian-browser"})
}

/// `body` with some fields changed.
fn with(mut body: Value, changes: &Value) -> Value {
    for (key, value) in changes.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

async fn make(admin: &Client, body: &Value) -> Value {
    let made = admin.post_json(CASTS, body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    made.json()["cast"].clone()
}

fn at(cast: &Value) -> String {
    format!("{CASTS}/{}", cast["id"].as_str().unwrap())
}

fn id_of(cast: &Value) -> CastId {
    cast["id"].as_str().unwrap().parse().unwrap()
}

async fn put(admin: &Client, path: &str, body: &Value) -> Answer {
    let mut request = admin.request(Method::PUT, path);
    let headers = request.headers_mut();
    headers.insert("content-type", "application/json".parse().unwrap());
    *request.body_mut() = axum::body::Body::from(body.to_string());
    admin.send(request).await
}

async fn count(app: &TestApp, table: &'static str) -> i64 {
    let statement: &'static str = match table {
        "casts" => "select count(*) from casts",
        _ => "select count(*) from cast_log",
    };
    sqlx::query_scalar(statement)
        .fetch_one(&app.pool)
        .await
        .unwrap()
}

/// Writes a line of the log as a launch does.
async fn append(
    app: &TestApp,
    cast: Option<&Value>,
    key: &str,
    refusal: Option<Refusal>,
    address: &str,
) {
    let entry = LogEntry {
        cast: cast.map(id_of),
        key,
        refusal,
        address: address.parse().unwrap(),
        referrer: Some("https://moodle.school.example/course?id=7"),
        person: Some((UserId::new(), "jana")),
        link: None,
        desktop: refusal.is_none().then(DesktopId::new),
        reference: Some("QF7-3M2K"),
    };
    let db = deskcast::db::Db::new(app.pool.clone());
    let mut connection = db.acquire().await.unwrap();
    deskcast::casting::log::append(&mut connection, &entry)
        .await
        .unwrap();
}
