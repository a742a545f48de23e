//! What administrators do: everybody's desktops, the catalogue, pulls; and that nobody else can.

use std::time::Duration;

use axum::body::Body;
use deskcast::{
    catalog::DesktopType,
    desktops::{Desktop, DesktopState, StartOptions},
    people::Role,
    runtime::{RuntimeError, fake::Call},
};
use hyper::{Method, StatusCode, header::CONTENT_TYPE};
use kasm_standin::Standin;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, Client, TestApp};

mod catalog;
mod desktops;
mod pulls;

const PASSWORD: &str = "sesame1234567";

/// A server whose debian-desktop can be started.
async fn place(pool: PgPool) -> (TestApp, Standin) {
    let app = TestApp::start_with(pool, &[("VNC_PASSWORD", PASSWORD)]).await;
    let standin = Standin::builder().password(PASSWORD).spawn();
    app.engine.add_image("deskcast/desktop:latest");
    app.engine.set_address(standin.addr());
    (app, standin)
}

/// A desktop of `name` that runs.
async fn running(app: &TestApp, name: &str) -> Desktop {
    let user = app.account(name, Role::User).await;
    let user = app.state.people.user(user).await.unwrap().unwrap();
    let kind = debian(app).await;
    let desktops = &app.state.desktops;
    let started = desktops
        .start(&user, &kind, StartOptions::default())
        .await
        .unwrap();
    let limit = Duration::from_secs(20);
    let desktop = desktops
        .wait_while_starting(started.id, limit)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(desktop.state, DesktopState::Running, "{:?}", desktop.end);
    desktop
}

async fn debian(app: &TestApp) -> DesktopType {
    app.state
        .catalog
        .find_by_slug("debian-desktop")
        .await
        .unwrap()
        .unwrap()
}

async fn state(app: &TestApp, desktop: &Desktop) -> Option<DesktopState> {
    let now = app.state.desktops.find(desktop.id).await.unwrap();
    now.map(|desktop| desktop.state)
}

async fn put(client: &Client, path: &str, body: &Value) -> Answer {
    let mut request = client.request(Method::PUT, path);
    request
        .headers_mut()
        .insert(CONTENT_TYPE, "application/json".parse().unwrap());
    *request.body_mut() = Body::from(body.to_string());
    client.send(request).await
}

/// Every route below `/api/admin`, from the description of the API, with something in place of its parameters.
fn admin_routes() -> Vec<(Method, String)> {
    let description = serde_json::to_value(deskcast::app::description()).unwrap();
    let paths = description["paths"].as_object().unwrap().clone();
    let admin = paths
        .into_iter()
        .filter(|(path, _)| path.starts_with("/api/admin"));
    admin
        .flat_map(|(path, item)| {
            let path = path
                .replace("{id}", "00000000-0000-4000-8000-000000000001")
                .replace("{slug}", "debian-desktop");
            let methods: Vec<_> = item.as_object().unwrap().keys().cloned().collect();
            methods.into_iter().filter_map(move |method| {
                Some((method.to_uppercase().parse::<Method>().ok()?, path.clone()))
            })
        })
        .filter(|(method, _)| ["GET", "POST", "PUT", "DELETE"].contains(&method.as_str()))
        .collect()
}

#[sqlx::test(migrations = "./migrations")]
async fn nobody_else_gets_anywhere(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let jane = running(&app, "jane").await;
    let routes = admin_routes();
    assert!(routes.len() >= 11, "{routes:?}");
    let (stranger, user, script) = (
        app.stranger(),
        app.user("ivo").await,
        app.script("ivo").await,
    );
    let types = app.state.catalog.all().await.unwrap();
    let refusals = [
        (&stranger, StatusCode::BAD_REQUEST, "No session ID provided"),
        (&user, StatusCode::FORBIDDEN, "Admin access required"),
        (&script, StatusCode::FORBIDDEN, "Admin access required"),
    ];
    for (method, path) in routes {
        for (client, status, error) in refusals {
            let answer = client.send(client.request(method.clone(), &path)).await;
            assert_eq!(answer.status, status, "{method} {path}");
            assert_eq!(answer.json()["error"], error, "{method} {path}");
        }
    }
    assert_eq!(state(&app, &jane).await, Some(DesktopState::Running));
    assert_eq!(app.state.catalog.all().await.unwrap(), types);
    assert_eq!(app.engine.count(Call::Pull), 0);
}
