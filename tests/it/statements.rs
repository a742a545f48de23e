//! How many statements a click costs: the numbers are promises, and a new statement has to earn its place.

use deskcast::{desktops::StartOptions, people::Role};
use hyper::StatusCode;
use kasm_standin::Flavour;
use sqlx::PgPool;

use crate::{
    proxy::{Scene, client::framed},
    support::{ADMIN_PASSWORD, Logs, Statements, TestApp},
};

/// The first start of a type by a person whose group limits what is open and how long it runs in a day.
#[sqlx::test]
async fn claiming_a_start_takes_at_most_eight_statements(pool: PgPool) {
    Logs::capture();
    let app = TestApp::start(pool).await;
    sqlx::query("update user_groups set settings = $1 where everybody")
        .bind(serde_json::json!({"desktops_at_once": 3, "hours_per_day": 8}))
        .execute(&app.pool)
        .await
        .unwrap();
    let kind = app.state.catalog.all().await.unwrap().remove(0);
    app.engine.add_image(&kind.image);
    let id = app.account("jana", Role::User).await;
    let user = app.state.people.user(id).await.unwrap().unwrap();
    let start = || {
        app.state
            .desktops
            .start(&user, &kind, StartOptions::default())
    };
    let (first, claimed) = Statements::during(start()).await;
    let first = first.unwrap();
    claimed.at_most(8);
    assert!(claimed.count() >= 3, "nothing was counted: {claimed:?}");
    let (second, resumed) = Statements::during(start()).await;
    assert_eq!(second.unwrap().id, first.id);
    resumed.at_most(1);
}

/// A form and a program sign in: the account, the session with everything that begins or ends with it, and the groups.
#[sqlx::test]
async fn signing_in_with_a_password_takes_three_statements_and_asking_who_one_is_none(
    pool: PgPool,
) {
    Logs::capture();
    let app = TestApp::start(pool).await;
    let body = serde_json::json!({"username": "admin", "password": ADMIN_PASSWORD});
    let signed_in = app.stranger().post_json("/api/login", &body).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.text());
    let counted = Statements::of(&signed_in).await;
    counted.at_most(3);
    assert!(counted.count() >= 2, "nothing was counted: {counted:?}");
    let jana = app.user("jana").await;
    let first = jana.get("/session").await;
    Statements::of(&first).await.at_most(2);
    Statements::of(&jana.get("/session").await).await.at_most(0);
}

#[sqlx::test]
async fn what_others_send_meanwhile_is_not_counted(pool: PgPool) {
    Logs::capture();
    let app = TestApp::start(pool).await;
    let jana = app.user("jana").await;
    jana.get("/session").await;
    let elsewhere = || async { sqlx::query("select 1").execute(&app.pool).await };
    let (_, (_, counted)) = tokio::join!(elsewhere(), Statements::during(elsewhere()));
    assert_eq!(counted.count(), 1, "{counted:?}");
    let listed = Statements::of(&jana.get("/api/container/list").await).await;
    assert_eq!(listed.count(), 1, "{listed:?}");
}

#[sqlx::test]
async fn a_live_desktop_takes_none_while_the_session_is_remembered(pool: PgPool) {
    Logs::capture();
    let scene = Scene::vnc(pool, Flavour::New).await;
    let client = framed(&scene.jane.open(&scene.at("")).await);
    for path in [String::new(), client] {
        // A session is remembered for a moment only, and the machine may be slow.
        let mut fewest = usize::MAX;
        for _ in 0..5 {
            let answer = scene.jane.open(&scene.at(&path)).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            fewest = fewest.min(Statements::of(&answer).await.count());
        }
        assert_eq!(fewest, 0, "{path}");
    }
}
