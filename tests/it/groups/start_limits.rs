//! Limits that refuse a start: desktops at once and hours per day, and the runs these are counted from.

use std::collections::HashSet;

use deskcast::{
    desktops::{LimitReached, StopReason},
    runtime::fake::Call,
};
use sqlx::postgres::PgPoolOptions;

use super::*;
use crate::support::eventually;

#[sqlx::test]
async fn fifty_parallel_starts_under_a_limit_of_three_make_three(pool: PgPool) {
    // Pools of their own: that of a test is so small that starts would take turns by themselves.
    let roomy = async || {
        let options = PgPoolOptions::new().max_connections(20);
        let pool = options.connect_with((*pool.connect_options()).clone());
        pool.await.unwrap()
    };
    let (app, _standin) = place(roomy().await).await;
    let replica = TestApp::start_with(roomy().await, &[("VNC_PASSWORD", PASSWORD)]).await;
    // All of them stay in the middle of their start: one that failed would make room for another.
    replica.engine.add_image("deskcast/desktop:latest");
    for server in [&app, &replica] {
        server.engine.hang(Call::Create);
    }
    let admin = app.admin().await;
    let jane = user(&app, "jane").await;
    make(
        &admin,
        &json!({"name": "Three", "members": [jane.id], "settings": {"desktops_at_once": 3}}),
    )
    .await;
    let mut kinds = Vec::new();
    for number in 0..50 {
        let body = json!({"slug": format!("type-{number}"), "title": "T", "image": "deskcast/desktop:latest"});
        let made = admin.post_json("/api/admin/desktop-types", &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        kinds.push(kind(&app, &format!("type-{number}")).await);
    }
    let starts = kinds.iter().enumerate().map(|(number, kind)| {
        let server = if number % 2 == 0 { &app } else { &replica };
        server
            .state
            .desktops
            .start(&jane, kind, StartOptions::default())
    });
    let outcomes = futures_util::future::join_all(starts).await;
    let (mut claimed, mut refused) = (HashSet::new(), 0);
    for outcome in outcomes {
        match outcome {
            Ok(desktop) => drop(claimed.insert(desktop.id)),
            Err(StartError::Limit(LimitReached::DesktopsAtOnce(3.0))) => refused += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!((claimed.len(), refused), (3, 47));
    let rows: i64 = sqlx::query_scalar("select count(*) from desktops")
        .fetch_one(&app.pool)
        .await
        .unwrap();
    assert_eq!(rows, 3);
}

#[sqlx::test]
async fn a_refused_start_names_the_limit_its_size_and_who_can_raise_it(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let admin = app.admin().await;
    let jane = user(&app, "jane").await;
    let browser = app.user("jane").await;
    let group = make(
        &admin,
        &json!({"name": "One", "members": [jane.id], "settings": {"desktops_at_once": 1}}),
    )
    .await;
    let first = running(&app, &jane, "debian-desktop").await;
    let start = "/api/container/start?desktop_type=";
    let refused = browser.post(&format!("{start}debian-browser")).await;
    assert_eq!(
        (refused.status, refused.json()),
        (
            StatusCode::CONFLICT,
            json!({"success": false, "code": "desktops_at_once",
                "error": "You may use 1 desktop at once. Stop it, or ask the administrator for more."})
        )
    );
    let page = browser.submit("/desktops/debian-browser/start", &[]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    // The one that runs is resumed, however full it is.
    let again = browser.post(&format!("{start}debian-desktop")).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.text());

    app.state
        .desktops
        .stop(first.id, StopReason::Owner)
        .await
        .unwrap();
    let now = browser.post(&format!("{start}debian-browser")).await;
    assert_eq!(now.status, StatusCode::CREATED, "{}", now.text());
    let stopped_one = browser.post(&format!("{start}debian-desktop")).await;
    assert_eq!(
        stopped_one.status,
        StatusCode::CONFLICT,
        "one that was stopped counts like a new one"
    );

    put(
        &admin,
        &at(&group),
        &json!({"settings": {"desktops_per_type": 0}}),
    )
    .await;
    let none = browser.post(&format!("{start}debian-desktop")).await;
    assert_eq!(
        (none.status, &none.json()["code"]),
        (StatusCode::CONFLICT, &json!("desktops_per_type"))
    );
}

#[sqlx::test]
async fn the_hours_of_a_day_are_counted_from_what_ran(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let admin = app.admin().await;
    let jane = user(&app, "jane").await;
    make(
        &admin,
        &json!({"name": "Two hours", "members": [jane.id], "settings": {"hours_per_day": 2}}),
    )
    .await;
    let run = async |statement: &str| {
        sqlx::query(sqlx::AssertSqlSafe(statement.to_owned()))
            .execute(&app.pool)
            .await
            .unwrap()
    };
    // Midnight is moved far away, so that the test may run at any time of a day: what counts lies after it.
    let midnight = "date_trunc('day', now(), 'UTC')";
    let other = user(&app, "ivo").await;
    let insert = |user: UserId, from: String, to: String| {
        format!(
            "insert into desktop_runs (user_id, desktop_id, generation, began_at, ended_at) values ('{user}', gen_random_uuid(), 1, {from}, {to})"
        )
    };
    // Yesterday's, the part of a night that lies before midnight, and other people's hours do not count.
    run(&insert(
        jane.id,
        format!("{midnight} - interval '20 hours'"),
        format!("{midnight} - interval '10 hours'"),
    ))
    .await;
    run(&insert(
        other.id,
        format!("{midnight} - interval '1 hour'"),
        format!("{midnight} + interval '5 hours'"),
    ))
    .await;
    run(&insert(
        jane.id,
        format!("{midnight} - interval '5 hours'"),
        format!("{midnight} + interval '1 hour'"),
    ))
    .await;
    let desktop = running(&app, &jane, "debian-desktop").await;
    app.state
        .desktops
        .stop(desktop.id, StopReason::Owner)
        .await
        .unwrap();
    run(&insert(
        jane.id,
        format!("{midnight} + interval '1 hour'"),
        format!("{midnight} + interval '2 hours'"),
    ))
    .await;
    let refused = start(&app, &jane, "debian-desktop").await.unwrap_err();
    assert!(
        matches!(refused, StartError::Limit(LimitReached::HoursPerDay(2.0))),
        "{refused:?}"
    );
    let answer = app
        .user("jane")
        .await
        .post("/api/container/start?desktop_type=debian-browser")
        .await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (StatusCode::CONFLICT, &json!("hours_per_day"))
    );
    assert!(start(&app, &other, "debian-desktop").await.is_ok());
}

#[sqlx::test]
async fn each_run_is_written_down_by_the_moves_between_states(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let jane = user(&app, "jane").await;
    let runs = async || {
        sqlx::query_as::<_, (i32, bool)>(
            "select generation, ended_at is not null from desktop_runs order by id",
        )
        .fetch_all(&app.pool)
        .await
        .unwrap()
    };
    let desktop = running(&app, &jane, "debian-desktop").await;
    assert_eq!(runs().await, [(1, false)]);
    app.state
        .desktops
        .stop(desktop.id, StopReason::Owner)
        .await
        .unwrap();
    assert_eq!(runs().await, [(1, true)]);
    running(&app, &jane, "debian-desktop").await;
    app.engine.die(desktop.id, 1);
    deskcast::desktops::upkeep::reconcile(&app.state.desktops)
        .await
        .unwrap();
    eventually("both runs ended", Duration::from_secs(5), async || {
        let now = runs().await;
        let both = now == [(1, true), (2, true)];
        both.then_some(()).ok_or_else(|| format!("{now:?}"))
    })
    .await;
    // A start that comes to nothing is no run, and a removed desktop leaves what it used.
    app.engine.exit_at_start(Some(1));
    let claimed = start(&app, &jane, "debian-desktop").await.unwrap();
    let failed = app
        .state
        .desktops
        .wait_while_starting(claimed.id, Duration::from_secs(20))
        .await;
    assert_eq!(failed.unwrap().unwrap().state, DesktopState::Failed);
    app.state
        .desktops
        .remove(desktop.id, StopReason::Owner)
        .await
        .unwrap();
    assert_eq!(runs().await, [(1, true), (2, true)]);
}
