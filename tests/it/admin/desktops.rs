//! Everybody's desktops: listed, stopped and removed.

use deskcast::runtime::ContainerState;

use super::*;

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
    assert_eq!(seen.end.unwrap().code.as_str(), "stopped_by_admin");

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
