//! Accounts as administrators see and change them, by API and on pages.

use axum::body::Body;
use deskcast::{
    ids::{GroupId, UserId},
    people::Role,
};
use hyper::{Method, StatusCode, header::CONTENT_TYPE};
use kasm_standin::Flavour;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    proxy::Scene,
    support::{Answer, Client, Credential, TestApp},
};

mod accounts;
mod leaving;
mod pages;

pub(crate) async fn put(client: &Client, path: &str, body: &Value) -> Answer {
    let mut request = client.request(Method::PUT, path);
    request
        .headers_mut()
        .insert(CONTENT_TYPE, "application/json".parse().unwrap());
    *request.body_mut() = Body::from(body.to_string());
    client.send(request).await
}

/// The names of the wrong fields.
pub(crate) fn wrong(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    let fields = body["fields"]
        .as_array()
        .unwrap_or_else(|| panic!("{body}"));
    let mut names: Vec<_> = fields
        .iter()
        .map(|field| field["field"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

pub(crate) fn of(user: impl std::fmt::Display) -> String {
    format!("/api/admin/users/{user}")
}

async fn sign_in(app: &TestApp, username: &str, password: &str) -> Answer {
    let body = json!({"username": username, "password": password});
    app.stranger().post_json("/api/login", &body).await
}

async fn admin_id(app: &TestApp) -> UserId {
    sqlx::query_scalar("select id from users where username = 'admin'")
        .fetch_one(&app.pool)
        .await
        .unwrap()
}

/// A second local administrator, signed in.
async fn second_admin(app: &TestApp) -> (UserId, Client) {
    let id = app.account("root", Role::Admin).await;
    let session = app.session(id).await;
    (id, Client::new(app.address, Credential::Cookie(session)))
}

/// Makes jana's account one of a provider with two groups, and puts her into the first.
pub(crate) async fn provided_groups(pool: &PgPool, jana: UserId) -> (GroupId, GroupId) {
    let provider = uuid::Uuid::now_v7();
    sqlx::query("insert into oidc_providers (id, name, issuer, client_id) values ($1, 'IServ', 'https://iserv.test', 'x')")
        .bind(provider)
        .execute(pool)
        .await
        .unwrap();
    sqlx::query("update users set issuer = 'https://iserv.test', subject = 's', password_hash = null where id = $1")
        .bind(jana)
        .execute(pool)
        .await
        .unwrap();
    let group = async |name: &str, external: &str| {
        let id = GroupId::new();
        sqlx::query(
            "insert into user_groups (id, name, provider_id, external_id) values ($1, $2, $3, $4)",
        )
        .bind(id)
        .bind(name)
        .bind(provider)
        .bind(external)
        .execute(pool)
        .await
        .unwrap();
        id
    };
    let groups = (
        group("Class 10b", "klasse.10b").await,
        group("Choir", "chor").await,
    );
    sqlx::query("insert into group_members (group_id, user_id) values ($1, $2)")
        .bind(groups.0)
        .bind(jana)
        .execute(pool)
        .await
        .unwrap();
    groups
}
