//! Guests: let in by a link for one desktop, and removed some hours after it ended.

use axum::http::Request;
use deskcast::{
    desktops::{Desktop, StopReason, guests},
    ids::{GroupId, UserId},
    people::{Role, User},
};
use hyper::StatusCode;
use kasm_standin::Flavour;
use secrecy::ExposeSecret;
use serde_json::json;
use sqlx::PgPool;

use crate::{
    proxy::{Scene, Socket, start},
    support::{Client, Credential, TestApp},
};

/// Somebody a link lets in, and the browser they came with.
async fn guest(app: &TestApp, group: Option<GroupId>) -> (User, Client) {
    let head = Request::new(()).into_parts().0;
    let (user, session) = app.state.sign_in.admit_guest(group, &head).await.unwrap();
    let id = session.id.expose_secret().to_owned();
    (user, Client::new(app.address, Credential::Cookie(id)))
}

/// The same with a desktop that runs.
async fn at_work(scene: &Scene) -> (User, Client, Desktop) {
    let (user, client) = guest(&scene.app, None).await;
    let desktop = start(&scene.app, &user.username, &scene.kind).await;
    (user, client, desktop)
}

async fn there(app: &TestApp, guest: &User) -> bool {
    app.state.people.user(guest.id).await.unwrap().is_some()
}

/// As if `guest` had come, and what they had had ended, so long ago.
async fn aged(app: &TestApp, guest: &User, hours: f64) {
    for statement in [
        "update users set created_at = created_at - make_interval(secs => $2) where id = $1",
        "update desktops set ended_at = ended_at - make_interval(secs => $2) where owner_id = $1",
    ] {
        sqlx::query(statement)
            .bind(guest.id)
            .bind(hours * 3_600.0)
            .execute(&app.pool)
            .await
            .unwrap();
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn a_guest_has_one_desktop_and_nothing_else(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let (user, client, desktop) = at_work(&scene).await;
    let page = format!("/desktop/{}/", desktop.name);

    let viewer = client.open(&page).await;
    assert_eq!(viewer.status, StatusCode::OK, "{}", viewer.text());
    assert!(viewer.text().contains("/stop?page=desktop"));
    assert!(
        !viewer.text().contains("href=\"/\""),
        "no way to a dashboard"
    );
    let mut handshake = scene.handshake(&client, "websockify");
    *handshake.uri_mut() = format!("{page}websockify").parse().unwrap();
    assert!(Socket::open(&scene.app, handshake).await.is_ok());
    let session = client.get("/session").await.json();
    assert_eq!(session["user"]["role"], "guest", "{session}");
    let status = client.get("/api/container/status").await.json();
    assert_eq!(status["container"]["proxy_path"], desktop.name, "{status}");

    let of_another = client.open(&scene.at("")).await;
    assert_eq!(of_another.status, StatusCode::NOT_FOUND);
    let start = json!({"desktop_type": "debian-desktop"});
    for refused in [
        client.post_json("/api/container/start", &start).await,
        client.post("/desktops/debian-desktop/start").await,
        client.get("/api/container/list").await,
        client.get("/api/tokens").await,
        client.open("/account").await,
        client.get("/api/admin/users").await,
    ] {
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());
    }
    // The dashboard knows no guests: they find the sign-in page there.
    assert!(client.open("/").await.text().contains("name=\"password\""));

    let stopped = client
        .post("/desktops/debian-desktop/stop?page=desktop")
        .await;
    assert_eq!(stopped.header("location"), page);
    let ended = client.open(&page).await;
    assert!(
        ended.text().contains("nothing of it is kept"),
        "{}",
        ended.text()
    );
    assert!(
        !ended.text().contains("/start\""),
        "a link starts it, not this page"
    );
    let home_of = |id| scene.app.engine.container_of(id).unwrap().spec.home;
    assert_eq!(
        home_of(desktop.id),
        None,
        "no volume is left behind for {}",
        user.username
    );
    assert!(home_of(scene.desktop.id).is_some());
}

#[sqlx::test(migrations = "./migrations")]
async fn a_guest_goes_some_hours_after_their_desktop(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let (app, desktops) = (&scene.app, &scene.app.state.desktops);
    let (working, ..) = at_work(&scene).await;
    let (done, browser, ended) = at_work(&scene).await;
    let (lately, _, stopped) = at_work(&scene).await;
    let (idle, _) = guest(app, None).await;
    let (fresh, _) = guest(app, None).await;
    for desktop in [ended.id, stopped.id] {
        desktops.stop(desktop, StopReason::Owner).await.unwrap();
    }
    for guest in [&working, &done, &idle] {
        aged(app, guest, 4.1).await;
    }
    aged(app, &lately, 3.9).await;
    sqlx::query("update users set created_at = now() - interval '9 days' where role <> 'guest'")
        .execute(&app.pool)
        .await
        .unwrap();
    let people = count(app).await;

    let mut removed = guests::remove_done(desktops).await.unwrap();
    removed.sort();
    let mut expected = vec![done.id, idle.id];
    expected.sort();
    assert_eq!(removed, expected);
    for (guest, stays) in [
        (&working, true),
        (&lately, true),
        (&fresh, true),
        (&done, false),
        (&idle, false),
    ] {
        assert_eq!(there(app, guest).await, stays, "{}", guest.username);
    }
    assert_eq!(count(app).await, people - 2, "nobody else is removed");
    assert_eq!(
        browser.get("/session").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert!(desktops.find(ended.id).await.unwrap().is_none());
    assert!(
        app.engine.container_of(ended.id).is_none(),
        "its container is gone as well"
    );
    assert_eq!(guests::remove_done(desktops).await.unwrap(), []);
}

#[sqlx::test(migrations = "./migrations")]
async fn a_guest_whose_container_cannot_be_removed_stays_for_the_next_look(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let (app, desktops) = (&scene.app, &scene.app.state.desktops);
    let (done, _, ended) = at_work(&scene).await;
    desktops.stop(ended.id, StopReason::Owner).await.unwrap();
    aged(app, &done, 4.1).await;
    app.engine.set_away(true);
    assert_eq!(guests::remove_done(desktops).await.unwrap(), []);
    assert!(there(app, &done).await);
    app.engine.set_away(false);
    assert_eq!(guests::remove_done(desktops).await.unwrap(), [done.id]);
}

#[sqlx::test(migrations = "./migrations")]
async fn nobody_becomes_a_guest_and_a_guest_nobody_else(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let group: GroupId = sqlx::query_scalar(
        "insert into user_groups (id, name) values (gen_random_uuid(), 'Link') returning id",
    )
    .fetch_one(&app.pool)
    .await
    .unwrap();
    let (user, client) = guest(&app, Some(group)).await;
    let (gone, _) = guest(&app, Some(GroupId::new())).await;
    assert!(
        there(&app, &gone).await,
        "a group that is gone refuses nobody"
    );
    let session = client.get("/session").await.json();
    assert_eq!(session["user"]["groups"][0]["name"], "Link", "{session}");

    // Nobody can sign in as one, whatever they type.
    let body = json!({"username": user.username, "password": ""});
    let signed_in = app.stranger().post_json("/api/login", &body).await;
    assert_eq!(signed_in.status, StatusCode::UNAUTHORIZED);

    // Not in the administration, neither to read nor to change.
    let admin = app.admin().await;
    let list = admin.get("/api/admin/users").await;
    assert!(!list.text().contains(&user.username), "{}", list.text());
    let path = format!("/api/admin/users/{}", user.id);
    assert_eq!(admin.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(admin.delete(&path).await.status, StatusCode::NOT_FOUND);

    let jana = app.account("jana", Role::User).await;
    for (who, role) in [(user.id, "user"), (user.id, "admin"), (jana, "guest")] {
        let changed = set_role(&app, who, role).await;
        assert!(changed.is_err(), "{role}");
    }
    set_role(&app, jana, "teacher").await.unwrap();
}

async fn set_role(app: &TestApp, who: UserId, role: &str) -> Result<(), sqlx::Error> {
    sqlx::query("update users set role = $2::user_role where id = $1")
        .bind(who)
        .bind(role)
        .execute(&app.pool)
        .await
        .map(drop)
}

async fn count(app: &TestApp) -> i64 {
    sqlx::query_scalar("select count(*) from users")
        .fetch_one(&app.pool)
        .await
        .unwrap()
}
