//! What administrators do: everybody's desktops, the catalogue, pulls; and that nobody else can.

use std::time::Duration;

use axum::body::Body;
use deskcast::{
    catalog::DesktopType,
    desktops::{Desktop, DesktopState, StartOptions},
    language::Sentence,
    people::Role,
    runtime::{ContainerState, PullProgress, RuntimeError, fake::Call},
};
use hyper::{Method, StatusCode, header::CONTENT_TYPE};
use kasm_standin::Standin;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, Client, TestApp};

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

#[sqlx::test(migrations = "./migrations")]
async fn the_list_shows_everybodys_desktops(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let (jane, ivo) = (running(&app, "jane").await, running(&app, "ivo").await);
    app.engine.pause(ivo.id, true);
    let list = app.admin().await.get("/api/admin/containers").await.json();
    assert_eq!(list["success"], true);
    let of = |name: &str| {
        let all = list["containers"].as_array().unwrap();
        all.iter()
            .find(|container| container["username"] == name)
            .cloned()
            .unwrap()
    };
    let container = of("jane");
    assert_eq!(container["id"], jane.id.to_string());
    assert_eq!(container["container_id"], jane.container_id.unwrap());
    assert_eq!(container["container_name"], format!("deskcast-{}", jane.id));
    assert_eq!(container["desktop_type"], "debian-desktop");
    assert_eq!(container["status"], "running");
    assert_eq!(container["docker_status"], "running");
    assert_eq!(container["proxy_path"], "jane-debian-desktop");
    assert!(
        container["url"]
            .as_str()
            .unwrap()
            .ends_with("/desktop/jane-debian-desktop")
    );
    assert_eq!(of("ivo")["docker_status"], "paused");
}

#[sqlx::test(migrations = "./migrations")]
async fn the_list_is_there_while_the_engine_is_away(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    running(&app, "jane").await;
    app.engine.set_away(true);
    let list = app.admin().await.get("/api/admin/containers").await;
    assert_eq!(list.status, StatusCode::OK);
    assert_eq!(list.json()["containers"][0]["docker_status"], "unknown");
}

#[sqlx::test(migrations = "./migrations")]
async fn stopping_and_removing_anybodys_desktop(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let jane = running(&app, "jane").await;
    let admin = app.admin().await;
    let stop = format!("/api/admin/container/{}/stop", jane.id);
    for _ in 0..2 {
        let stopped = admin.post(&stop).await;
        assert_eq!(stopped.status, StatusCode::OK, "{}", stopped.text());
        assert_eq!(
            stopped.json(),
            json!({"success": true, "message": "Container stopped successfully"})
        );
    }
    assert_eq!(state(&app, &jane).await, Some(DesktopState::Stopped));
    let seen = app.state.desktops.find(jane.id).await.unwrap().unwrap();
    assert_eq!(seen.end.unwrap().code, "stopped_by_admin");

    let remove = format!("/api/admin/container/{}/remove", jane.id);
    let removed = admin.delete(&remove).await;
    assert_eq!(
        removed.json(),
        json!({"success": true, "message": "Container removed successfully"})
    );
    assert_eq!(state(&app, &jane).await, None);
    assert!(app.engine.containers().is_empty());
    for answer in [
        admin.delete(&remove).await,
        admin.post(&remove).await,
        admin.post(&stop).await,
    ] {
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.json()["error"], "Container not found");
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn a_running_desktop_can_be_removed_by_post(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let jane = running(&app, "jane").await;
    let path = format!("/api/admin/container/{}/remove", jane.id);
    assert_eq!(app.admin().await.post(&path).await.status, StatusCode::OK);
    assert!(app.engine.containers().is_empty());
}

#[sqlx::test(migrations = "./migrations")]
async fn only_our_own_ids_name_a_desktop(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let jane = running(&app, "jane").await;
    let admin = app.admin().await;
    let engine_id = jane.container_id.clone().unwrap();
    let uuid = jane.id.to_string();
    let touched = || app.engine.count(Call::Stop) + app.engine.count(Call::Remove);
    let before = touched();
    for id in [
        &*engine_id,
        &engine_id[..12],
        &format!("deskcast-{uuid}"),
        "jane-debian-desktop",
        &uuid[..8],
        "0",
        "-1",
        "..%2f..",
        "00000000-0000-0000-0000-000000000000",
        &"9".repeat(400),
    ] {
        for (method, verb) in [
            (Method::POST, "stop"),
            (Method::POST, "remove"),
            (Method::DELETE, "remove"),
        ] {
            let request = admin.request(method, &format!("/api/admin/container/{id}/{verb}"));
            let answer = admin.send(request).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{id} {verb}");
        }
    }
    assert_eq!(touched(), before, "the engine was not asked for anything");
    assert_eq!(state(&app, &jane).await, Some(DesktopState::Running));
}

#[sqlx::test(migrations = "./migrations")]
async fn stop_all_stops_what_runs_and_leaves_strangers_alone(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    app.engine.add_foreign("deskcast-of-somebody-else");
    let all = [
        running(&app, "jane").await,
        running(&app, "ivo").await,
        running(&app, "mia").await,
    ];
    let admin = app.admin().await;
    let stopped = admin.post("/api/admin/containers/stop-all").await.json();
    assert_eq!(
        stopped,
        json!({"success": true, "message": "Stopped 3 containers", "stopped_count": 3, "failed": []})
    );
    for desktop in &all {
        assert_eq!(state(&app, desktop).await, Some(DesktopState::Stopped));
    }
    assert!(app.engine.has_foreign("deskcast-of-somebody-else"));
    let again = admin.post("/api/admin/containers/stop-all").await.json();
    assert_eq!(again["message"], "Stopped 0 containers");
}

#[sqlx::test(migrations = "./migrations")]
async fn stop_all_names_what_did_not_stop(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    running(&app, "jane").await;
    running(&app, "ivo").await;
    app.engine
        .fail_next(Call::Stop, RuntimeError::Refused("no".into()));
    let stopped = app
        .admin()
        .await
        .post("/api/admin/containers/stop-all")
        .await
        .json();
    assert_eq!(stopped["stopped_count"], 1, "{stopped}");
    let failed = stopped["failed"].as_array().unwrap();
    assert_eq!(failed.len(), 1, "{stopped}");
    let name = failed[0]["desktop"].as_str().unwrap();
    assert!(
        ["jane-debian-desktop", "ivo-debian-desktop"].contains(&name),
        "{name}"
    );
    assert!(!failed[0]["reason"].as_str().unwrap().is_empty());
}

#[sqlx::test(migrations = "./migrations")]
async fn an_engine_that_is_away_is_named(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let jane = running(&app, "jane").await;
    app.engine.set_away(true);
    let path = format!("/api/admin/container/{}/stop", jane.id);
    let refused = app.admin().await.post(&path).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.json()["code"], "docker_unavailable");
    assert_eq!(
        app.engine.container_of(jane.id).unwrap().state,
        ContainerState::Running
    );
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

#[sqlx::test(migrations = "./migrations")]
async fn the_catalogue_says_which_images_are_there(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let admin = app.admin().await;
    let list = admin.get("/api/admin/desktop-types").await.json();
    let all = list["desktop_types"].as_array().unwrap();
    assert_eq!(all.len(), 5);
    let of = |slug: &str| all.iter().find(|kind| kind["slug"] == slug).unwrap();
    assert_eq!(of("debian-desktop")["image_present"], true);
    assert_eq!(of("debian-desktop")["image_size"], 1 << 20);
    assert_eq!(of("ubuntu-vscode")["image_present"], false);
    assert_eq!(of("ubuntu-vscode")["image_size"], Value::Null);
    app.engine.set_away(true);
    let one = admin
        .get("/api/admin/desktop-types/debian-desktop")
        .await
        .json();
    assert_eq!(one["desktop_type"]["image_present"], Value::Null);
    let unknown = admin.get("/api/admin/desktop-types/nothing").await;
    assert_eq!(
        (unknown.status, &unknown.json()["error"]),
        (StatusCode::NOT_FOUND, &json!("Desktop type not found"))
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn a_type_is_added_changed_and_removed(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let admin = app.admin().await;
    let draft = json!({
        "slug": "gimp", "title": "GIMP", "image": "kasmweb/gimp:1.15.0", "env": {"LANG": "de_DE.UTF-8"},
        "cap_add": ["SYS_CHROOT"], "cpus": 1.5,
    });
    let made = admin.post_json("/api/admin/desktop-types", &draft).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let mut read = made.json()["desktop_type"].clone();
    assert_eq!(
        (&read["memory_mb"], &read["cpus"]),
        (&json!(2048), &json!(1.5))
    );

    let twice = admin.post_json("/api/admin/desktop-types", &draft).await;
    assert_eq!(
        (twice.status, &twice.json()["code"]),
        (StatusCode::CONFLICT, &json!("slug_taken"))
    );

    // What was read can be sent back changed.
    read["title"] = json!("GIMP 2");
    read["start_url"] = json!("https://example.org/");
    let path = "/api/admin/desktop-types/gimp";
    let changed = put(&admin, path, &read).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text());
    let read = admin.get(path).await.json()["desktop_type"].clone();
    assert_eq!(read["title"], "GIMP 2");
    assert_eq!(
        (&read["env"]["LANG"], &read["cap_add"][0]),
        (&json!("de_DE.UTF-8"), &json!("SYS_CHROOT"))
    );
    let cleared = put(&admin, path, &json!({"start_url": null, "enabled": false}))
        .await
        .json();
    assert_eq!(
        (
            &cleared["desktop_type"]["start_url"],
            &cleared["desktop_type"]["title"]
        ),
        (&Value::Null, &json!("GIMP 2"))
    );

    assert_eq!(
        admin.delete(path).await.json(),
        json!({"success": true, "message": "Desktop type removed"})
    );
    assert_eq!(admin.delete(path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        put(&admin, path, &json!({})).await.status,
        StatusCode::NOT_FOUND
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn wrong_fields_are_named_all_at_once_and_change_nothing(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let admin = app.admin().await;
    let before = app.state.catalog.all().await.unwrap();
    let wrong = json!({
        "slug": "A B", "title": 7, "image": "--privileged", "privileged": true, "cap_add": ["SYS_ADMIN"],
        "start_url": "https://example.org --proxy-server=evil", "memory_mb": 1,
    });
    let expected = [
        "cap_add",
        "image",
        "memory_mb",
        "privileged",
        "slug",
        "start_url",
        "title",
    ];
    let refused = admin.post_json("/api/admin/desktop-types", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(fields(&refused), expected);
    let path = "/api/admin/desktop-types/debian-desktop";
    assert_eq!(fields(&put(&admin, path, &wrong).await), expected);
    let renamed = put(&admin, path, &json!({"slug": "other"})).await;
    assert_eq!(fields(&renamed), ["slug"]);
    let no_object = put(&admin, path, &json!([1])).await;
    assert_eq!(no_object.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(app.state.catalog.all().await.unwrap(), before);
}

fn fields(answer: &Answer) -> Vec<String> {
    let body = answer.json();
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

#[sqlx::test(migrations = "./migrations")]
async fn a_type_with_desktops_stays(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let jane = running(&app, "jane").await;
    let admin = app.admin().await;
    let path = "/api/admin/desktop-types/debian-desktop";
    let refused = admin.delete(path).await;
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (StatusCode::CONFLICT, &json!("in_use"))
    );
    admin
        .delete(&format!("/api/admin/container/{}/remove", jane.id))
        .await;
    assert_eq!(admin.delete(path).await.status, StatusCode::OK);
}

fn step(layer: &str, status: &str, bytes: Option<(u64, u64)>) -> PullProgress {
    PullProgress {
        layer: Some(layer.into()),
        status: status.into(),
        current: bytes.map(|(current, _)| current),
        total: bytes.map(|(_, total)| total),
    }
}

/// The events of a stream that ended: name and data.
fn events(answer: &Answer) -> Vec<(String, Value)> {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "text/event-stream");
    let blocks = answer
        .text()
        .split("\n\n")
        .filter(|block| block.starts_with("event:"));
    blocks
        .map(|block| {
            let (name, data) = block.split_once('\n').unwrap();
            let name = name.trim_start_matches("event:").trim();
            let data = data.trim_start_matches("data:");
            (name.to_owned(), serde_json::from_str(data).unwrap())
        })
        .collect()
}

#[sqlx::test(migrations = "./migrations")]
async fn two_administrators_watch_one_pull(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let admin = app.admin().await;
    app.engine.delay(Call::Pull, Duration::from_millis(400));
    app.engine.set_pull(vec![
        Ok(step("1.15.0", "Pulling from kasmweb/vs-code", None)),
        Ok(step("a", "Downloading", Some((5, 10)))),
    ]);
    let path = "/api/admin/desktop-types/ubuntu-vscode";
    let pull = format!("{path}/pull");
    let (first, (second, meanwhile)) = tokio::join!(admin.post(&pull), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        tokio::join!(admin.post(&pull), admin.get(path))
    });
    let expected = [
        (
            "progress".to_owned(),
            json!({"layer": "1.15.0", "status": "Pulling from kasmweb/vs-code", "current": null, "total": null}),
        ),
        (
            "progress".to_owned(),
            json!({"layer": "a", "status": "Downloading", "current": 5, "total": 10}),
        ),
        ("done".to_owned(), json!({})),
    ];
    assert_eq!(events(&first), expected);
    assert_eq!(events(&second), expected);
    assert_eq!(app.engine.count(Call::Pull), 1);
    assert_eq!(meanwhile.json()["desktop_type"]["pull"]["percent"], 0);
    let after = admin.get(path).await.json()["desktop_type"].clone();
    assert_eq!(
        (&after["image_present"], &after["pull"]),
        (&json!(true), &Value::Null)
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn a_failed_pull_says_why(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let admin = app.admin().await;
    let why =
        "The image kasmweb/vs-code:1.15.0 does not exist in its registry. Check its name and tag.";
    app.engine.set_pull(vec![
        Ok(step("a", "Waiting", None)),
        Err(RuntimeError::PullFailed(Sentence::plain(why))),
    ]);
    let failed = admin
        .post("/api/admin/desktop-types/ubuntu-vscode/pull")
        .await;
    assert_eq!(
        events(&failed).last(),
        Some(&("failed".to_owned(), json!({ "error": why, "words": why })))
    );
    let unknown = admin.post("/api/admin/desktop-types/nothing/pull").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}
