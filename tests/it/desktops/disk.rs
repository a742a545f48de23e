//! A desktop that fills the disk, and where desktops are put that may reach more or less than others.

use axum::body::Body;
use deskcast::{
    catalog::DesktopType,
    config::Egress,
    desktops::{Desktop, DesktopState, disk},
    runtime::egress::{EgressGuard, Standing},
};
use hyper::{
    Method, StatusCode,
    header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE},
};
use kasm_standin::Standin;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    proxy,
    support::{Answer, Logs, Statements, TestApp},
};

const PASSWORD: &str = "sesame1234567";

async fn place(pool: PgPool, variables: &[(&str, &str)]) -> (TestApp, Standin) {
    Logs::capture();
    let variables = [variables, &[("VNC_PASSWORD", PASSWORD)]].concat();
    let app = TestApp::start_with(pool, &variables).await;
    let standin = Standin::builder().password(PASSWORD).spawn();
    app.engine.set_address(standin.addr());
    app.engine.add_image(&kind(&app).await.image);
    (app, standin)
}

async fn kind(app: &TestApp) -> DesktopType {
    let found = app.state.catalog.find_by_slug("debian-desktop").await;
    found.unwrap().unwrap()
}

async fn put(app: &TestApp, fields: &Value) -> Answer {
    let admin = app.admin().await;
    let mut request = admin.request(Method::PUT, "/api/admin/desktop-types/debian-desktop");
    let json = "application/json".parse().unwrap();
    request.headers_mut().insert(CONTENT_TYPE, json);
    *request.body_mut() = Body::from(fields.to_string());
    admin.send(request).await
}

async fn change(app: &TestApp, fields: &Value) -> Value {
    let changed = put(app, fields).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text());
    changed.json()["desktop_type"].clone()
}

async fn start(app: &TestApp, name: &str) -> Desktop {
    proxy::start(app, name, &kind(app).await).await
}

#[sqlx::test]
async fn a_desktop_that_fills_the_disk_is_stopped_and_says_why(pool: PgPool) {
    let (app, _standin) = place(pool, &[("DESKTOP_DISK", "300")]).await;
    let jane = app.user("jane").await;
    let desktop = start(&app, "jane").await;
    let made = app.engine.container_of(desktop.id).unwrap();
    assert_eq!(made.spec.disk, 300 << 20, "engines that can limit it do");
    let look = async || {
        let (stopped, cost) = Statements::during(disk::look_after(&app.state.desktops)).await;
        (stopped.unwrap(), cost)
    };
    app.engine.set_written(300 << 20);
    let (stopped, cost) = look().await;
    assert_eq!((stopped, cost.count()), (vec![], 1), "one for all desktops");
    app.engine.set_written((300 << 20) + 1);
    // The type's own limit goes first, also for what runs.
    assert_eq!(change(&app, &json!({"disk_mb": 400})).await["disk_mb"], 400);
    assert!(look().await.0.is_empty());
    change(&app, &json!({"disk_mb": null})).await;
    assert_eq!(look().await.0, [desktop.id]);
    assert!(look().await.0.is_empty(), "it has stopped");

    let now = app.state.desktops.find(desktop.id).await.unwrap().unwrap();
    assert_eq!(now.state, DesktopState::Stopped);
    assert_eq!(now.end.unwrap().code.as_str(), "disk_limit");
    for (language, words) in [
        ("en", "wrote more outside your home folder"),
        ("de", "mehr geschrieben haben"),
    ] {
        let address = format!("/desktop/{}/", desktop.name);
        let mut request = jane.request(Method::GET, &address);
        let headers = request.headers_mut();
        headers.insert(ACCEPT, "text/html".parse().unwrap());
        headers.insert(ACCEPT_LANGUAGE, language.parse().unwrap());
        let page = jane.send(request).await;
        assert!(page.text().contains(words), "{}", page.text());
    }
}

#[sqlx::test]
async fn a_type_may_reach_more_or_less_than_the_server_says(pool: PgPool) {
    let (app, _standin) = place(
        pool,
        &[
            ("DESKTOP_NETWORK", "desks"),
            ("DESKTOP_CONNECT", "host-port"),
        ],
    )
    .await;
    let table = [
        (json!(null), Egress::Internet, "desks", true),
        (
            json!("everything"),
            Egress::Everything,
            "desks-everything",
            true,
        ),
        // Nothing is published of a network that leads nowhere.
        (json!("none"), Egress::Nothing, "desks-none", false),
    ];
    for (at, (says, egress, network, published)) in table.into_iter().enumerate() {
        let kind = change(&app, &json!({"egress": says})).await;
        assert_eq!(kind["egress"], says);
        let name = format!("person{at}");
        app.user(&name).await;
        let desktop = start(&app, &name).await;
        let spec = app.engine.container_of(desktop.id).unwrap().spec;
        assert_eq!((spec.egress, spec.network.as_str()), (egress, network));
        assert_eq!(spec.host_port.is_some(), published, "{network}");
    }
    let refused = put(&app, &json!({"egress": "lan", "disk_mb": 1})).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = refused.json()["fields"].clone();
    let named: Vec<_> = fields
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["field"].clone())
        .collect();
    assert_eq!(named, ["egress", "disk_mb"]);
    assert_eq!(kind(&app).await.egress, Some(Egress::Nothing));
}

#[sqlx::test]
async fn administrators_read_that_nobody_knows_what_desktops_reach(pool: PgPool) {
    let (app, _standin) = place(pool, &[]).await;
    let admin = app.admin().await;
    let words = "the container engine is on another machine";
    assert!(!admin.open("/admin").await.text().contains(words));
    app.engine.set_bridge("nowhere0");
    let guard: &EgressGuard = &app.state.egress;
    assert_eq!(guard.note().await.unwrap(), Standing::Elsewhere);
    let page = admin.open("/admin").await;
    assert!(page.text().contains(words), "{}", page.text());
}
