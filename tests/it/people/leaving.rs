//! Accounts that are switched off, removed or demoted: what goes with them, and that one administrator stays.

use std::time::Duration;

use deskcast::{
    desktops::DesktopState,
    runtime::{RuntimeError, fake::Call},
};
use secrecy::ExposeSecret;

use super::*;

#[sqlx::test]
async fn switching_off_ends_sessions_tokens_and_streams_and_stops_nothing_else(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let app = &scene.app;
    let admin = app.admin().await;
    let jane: UserId = scene.desktop.owner;
    let token = app.state.tokens.create(jane, "script", None).await.unwrap();
    let script = Client::new(
        app.address,
        Credential::Header(token.secret.expose_secret().to_owned()),
    );
    assert_eq!(script.get("/session").await.status, StatusCode::OK);
    let mut socket = scene.socket(&scene.jane, "websockify").await;
    socket.begin(Flavour::New).await;

    let off = put(&admin, &of(jane), &json!({"disabled": true})).await;
    assert_eq!(off.json()["user"]["disabled"], true, "{}", off.text());
    let closed = tokio::time::timeout(Duration::from_secs(5), socket.closed()).await;
    assert_eq!(closed.expect("within five seconds").0, 4001);
    for client in [&script, &scene.jane] {
        let answer = client.get("/session").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.json()["error"], "Invalid session");
    }
    let desktop = app
        .state
        .desktops
        .find(scene.desktop.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(desktop.state, DesktopState::Running, "it runs on");
    assert_eq!(
        sign_in(app, "jane", "x").await.status,
        StatusCode::UNAUTHORIZED
    );

    put(&admin, &of(jane), &json!({"disabled": false})).await;
    let back = app.user("jane").await;
    assert_eq!(back.get("/session").await.status, StatusCode::OK);
}

#[sqlx::test]
async fn removing_a_person_takes_their_containers_along_first(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let app = &scene.app;
    let admin = app.admin().await;
    let jane = scene.desktop.owner;

    let away = RuntimeError::Away {
        call: "stop".into(),
        source: None,
    };
    app.engine.fail_next(Call::Stop, away);
    let refused = admin.delete(&of(jane)).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    let kept = admin.get(&of(jane)).await.json();
    assert_eq!(kept["user"]["disabled"], true, "it stays, switched off");

    // A stop that was begun is finished by upkeep; the test need not wait for its lease.
    sqlx::query("update desktops set lease_until = now() - interval '1 second'")
        .execute(&app.pool)
        .await
        .unwrap();
    deskcast::desktops::upkeep::take_over(&app.state.desktops)
        .await
        .unwrap();
    let removed = admin.delete(&of(jane)).await;
    assert_eq!(removed.status, StatusCode::OK, "{}", removed.text());
    assert!(app.engine.containers().is_empty());
    assert_eq!(admin.get(&of(jane)).await.status, StatusCode::NOT_FOUND);
    let left: i64 = sqlx::query_scalar("select count(*) from desktops")
        .fetch_one(&app.pool)
        .await
        .unwrap();
    assert_eq!(left, 0);
    assert_eq!(admin.delete(&of(jane)).await.status, StatusCode::NOT_FOUND);
}

#[sqlx::test]
async fn the_last_administrator_stays_and_nobody_removes_themselves(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let first = admin_id(&app).await;
    let code = |answer: &Answer| (answer.status.as_u16(), answer.json()["code"].clone());

    // Somebody else's administrator is no local one: it does not count.
    app.account("provided", Role::Admin).await;
    sqlx::query(
        "update users set issuer = 'https://id.test', subject = '1' where username = 'provided'",
    )
    .execute(&app.pool)
    .await
    .unwrap();
    let provided = app.account("provided", Role::Admin).await;
    let by_provided = Client::new(app.address, Credential::Cookie(app.session(provided).await));
    let last = (409, json!("last_administrator"));
    assert_eq!(
        code(&put(&by_provided, &of(first), &json!({"disabled": true})).await),
        last
    );
    assert_eq!(
        code(&put(&by_provided, &of(first), &json!({"role": "user"})).await),
        last
    );
    assert_eq!(code(&by_provided.delete(&of(first)).await), last);
    assert_eq!(
        code(&put(&admin, &of(first), &json!({"role": "user"})).await),
        last
    );
    let yourself = (409, json!("yourself"));
    assert_eq!(
        code(&put(&admin, &of(first), &json!({"disabled": true})).await),
        yourself
    );
    assert_eq!(code(&admin.delete(&of(first)).await), yourself);
    let named = put(&admin, &of(first), &json!({"display_name": "Boss"})).await;
    assert_eq!(
        named.status,
        StatusCode::OK,
        "anything else of it may change"
    );

    // With a second one, the first is no longer the last.
    let (_, root) = second_admin(&app).await;
    assert_eq!(root.delete(&of(first)).await.status, StatusCode::OK);
}

#[sqlx::test]
async fn two_administrators_who_demote_each_other_leave_one(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let first = admin_id(&app).await;
    let second = app.account("root", Role::Admin).await;
    let sign_in = &app.state.sign_in;
    let demoted = async |id: UserId, by: UserId| {
        let change = deskcast::people::AccountChange {
            details: deskcast::people::Details {
                display_name: "A".into(),
                email: None,
                role: Role::User,
                disabled: false,
            },
            password: None,
        };
        sign_in.change_account(id, &change, None, by).await.is_ok()
    };
    for round in 0..30 {
        sqlx::query("update users set role = 'admin', disabled_at = null")
            .execute(&app.pool)
            .await
            .unwrap();
        let both = tokio::join!(demoted(second, first), demoted(first, second));
        assert!(both.0 != both.1, "round {round}: {both:?}");
    }
}
