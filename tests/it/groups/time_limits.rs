//! Limits that stop a running desktop: how long it may run, and how long without input.

use deskcast::desktops::limits;

use super::*;
use crate::support::eventually;

async fn age(app: &TestApp, desktop: &Desktop, by: &str) {
    let text = format!(
        "update desktops set ready_at = ready_at - interval '{by}', last_input_at = last_input_at - interval '{by}' where id = $1"
    );
    sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(desktop.id)
        .execute(&app.pool)
        .await
        .unwrap();
}

async fn end_code(app: &TestApp, desktop: &Desktop) -> Option<String> {
    let now = app.state.desktops.find(desktop.id).await.unwrap().unwrap();
    let end = now.end.filter(|_| now.state == DesktopState::Stopped);
    end.map(|end| end.code.to_string())
}

#[sqlx::test]
async fn a_desktop_that_runs_too_long_is_stopped_and_says_why(pool: PgPool) {
    let (app, _standin) = place_with(pool, &[("MAX_LIFETIME", "2h")]).await;
    let admin = app.admin().await;
    let (jane, ivo) = (user(&app, "jane").await, user(&app, "ivo").await);
    make(
        &admin,
        &json!({"name": "Long", "members": [ivo.id], "settings": {"lifetime_minutes": 240}}),
    )
    .await;
    let (of_jane, of_ivo) = (
        running(&app, &jane, "debian-desktop").await,
        running(&app, &ivo, "debian-desktop").await,
    );
    for desktop in [&of_jane, &of_ivo] {
        age(&app, desktop, "119 minutes").await;
    }
    assert!(
        limits::look_after(&app.state.desktops)
            .await
            .unwrap()
            .is_empty()
    );
    for desktop in [&of_jane, &of_ivo] {
        age(&app, desktop, "2 minutes").await;
    }
    assert_eq!(
        limits::look_after(&app.state.desktops).await.unwrap(),
        [of_jane.id],
        "a group goes first"
    );
    assert_eq!(
        end_code(&app, &of_jane).await.as_deref(),
        Some("lifetime_limit")
    );
    assert_eq!(end_code(&app, &of_ivo).await, None);
    let page = app
        .user("jane")
        .await
        .open(&format!("/desktop/{}/", of_jane.name))
        .await;
    assert!(
        page.text()
            .contains("It ran as long as a desktop of yours may"),
        "{}",
        page.text()
    );
}

#[sqlx::test]
async fn only_real_input_keeps_a_desktop_from_being_idle(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let app = &scene.app;
    let admin = app.admin().await;
    let body = json!({"settings": {"idle_minutes": 10}});
    put(&admin, &at(everybody(app).await), &body).await;
    let look = async || limits::look_after(&app.state.desktops).await.unwrap();
    let noted = async || {
        sqlx::query_scalar::<_, bool>(
            "select last_input_at is not null from desktops where id = $1",
        )
        .bind(scene.desktop.id)
        .fetch_one(&app.pool)
        .await
        .unwrap()
    };
    // An open window that asks for pictures and keeps its connection: nobody is there.
    let mut socket = scene.socket(&scene.jane, "websockify").await;
    socket.begin(Flavour::New).await;
    let keep_alive = [4, 0, 0, 0, 0, 0, 0, 1];
    socket.send(2, &keep_alive).await;
    socket.send(2, &[3, 1, 0, 0, 0, 0, 4, 0, 3, 0]).await;
    let reached = async |keys: u32| {
        eventually(
            "it reached the desktop",
            Duration::from_secs(5),
            async || (scene.standin.input().keys >= keys).then_some(()),
        )
        .await;
    };
    reached(1).await;
    age(app, &scene.desktop, "9 minutes").await;
    assert!(look().await.is_empty());
    assert!(!noted().await, "nothing of that is input");

    // Somebody types: another ten minutes.
    socket.send(2, &[4, 1, 0, 0, 0, 0, 0, b'a']).await;
    reached(2).await;
    age(app, &scene.desktop, "20 minutes").await;
    assert!(look().await.is_empty(), "the key was a moment ago");
    assert!(noted().await);
    age(app, &scene.desktop, "10 minutes").await;
    assert!(
        look().await.is_empty(),
        "another replica may know more, for a minute"
    );
    age(app, &scene.desktop, "2 minutes").await;
    assert_eq!(look().await, [scene.desktop.id]);
    assert_eq!(
        end_code(app, &scene.desktop).await.as_deref(),
        Some("idle_limit")
    );
    assert_eq!(socket.closed().await.0, 4000);
}

#[sqlx::test]
async fn a_web_application_is_never_idle(pool: PgPool) {
    let scene = Scene::plain(pool).await;
    let admin = scene.app.admin().await;
    put(
        &admin,
        &at(everybody(&scene.app).await),
        &json!({"settings": {"idle_minutes": 1}}),
    )
    .await;
    age(&scene.app, &scene.desktop, "10 hours").await;
    assert!(
        limits::look_after(&scene.app.state.desktops)
            .await
            .unwrap()
            .is_empty()
    );
}
