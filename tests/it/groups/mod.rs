//! Groups: their settings, what comes of them at a start, in the container and in the viewer, and their pages.

use std::time::Duration;

use deskcast::{
    catalog::DesktopType,
    desktops::{Desktop, DesktopState, StartError, StartOptions},
    ids::{GroupId, UserId},
    people::{Role, User},
};
use hyper::StatusCode;
use kasm_standin::{Flavour, Standin};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    people::{provided_groups, put, wrong},
    proxy::Scene,
    support::{Client, TestApp},
};

mod pages;
mod settings;
mod start_limits;
mod time_limits;
mod types;
mod viewer;

const PASSWORD: &str = "sesame1234567";

fn at(group: impl std::fmt::Display) -> String {
    format!("/api/admin/groups/{group}")
}

/// Makes a group and answers its id.
async fn make(admin: &Client, body: &Value) -> String {
    let made = admin.post_json("/api/admin/groups", body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    made.json()["group"]["id"].as_str().unwrap().to_owned()
}

async fn everybody(app: &TestApp) -> String {
    let id: GroupId = sqlx::query_scalar("select id from user_groups where everybody")
        .fetch_one(&app.pool)
        .await
        .unwrap();
    id.to_string()
}

/// A server on which every type can be started.
async fn place(pool: PgPool) -> (TestApp, Standin) {
    place_with(pool, &[]).await
}

async fn place_with(pool: PgPool, variables: &[(&str, &str)]) -> (TestApp, Standin) {
    let variables = [&[("VNC_PASSWORD", PASSWORD)], variables].concat();
    let app = TestApp::start_with(pool, &variables).await;
    let standin = Standin::builder().password(PASSWORD).spawn();
    for kind in app.state.catalog.all().await.unwrap() {
        app.engine.add_image(&kind.image);
    }
    app.engine.set_address(standin.addr());
    (app, standin)
}

async fn user(app: &TestApp, name: &str) -> User {
    let id = app.account(name, Role::User).await;
    app.state.people.user(id).await.unwrap().unwrap()
}

async fn kind(app: &TestApp, slug: &str) -> DesktopType {
    app.state.catalog.find_by_slug(slug).await.unwrap().unwrap()
}

async fn start(app: &TestApp, user: &User, slug: &str) -> Result<Desktop, StartError> {
    let kind = kind(app, slug).await;
    app.state
        .desktops
        .start(user, &kind, StartOptions::default())
        .await
}

async fn running(app: &TestApp, user: &User, slug: &str) -> Desktop {
    let claimed = start(app, user, slug).await.unwrap();
    let limit = Duration::from_secs(20);
    let desktop = app
        .state
        .desktops
        .wait_while_starting(claimed.id, limit)
        .await;
    let desktop = desktop.unwrap().unwrap();
    assert_eq!(desktop.state, DesktopState::Running, "{:?}", desktop.end);
    desktop
}
