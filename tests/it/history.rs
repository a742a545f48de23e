//! What the moves of desktops write down about starts and days, and how it is forgotten.

use deskcast::{desktops::history, people::Role};
use sqlx::PgPool;

use crate::support::TestApp;

/// Makes a desktop that is being started since `seconds`.
async fn starting(app: &TestApp, name: &str, seconds: f64) {
    let owner = app.account(name, Role::User).await;
    sqlx::query(
        "insert into desktops (id, name, owner_id, type_id, state, vnc_password, lease_until, preparing_at)
         select gen_random_uuid(), $1, $2, id, 'starting', 'x', now() + interval '1 hour', now() - make_interval(secs => $3)
         from desktop_types where slug = 'debian-desktop'",
    )
    .bind(name)
    .bind(owner)
    .bind(seconds)
    .execute(&app.pool)
    .await
    .unwrap();
}

/// Moves it on, as `moves` does.
async fn becomes(app: &TestApp, name: &str, columns: &str) {
    let statement = format!("update desktops set {columns} where name = $1");
    let done = sqlx::query(sqlx::AssertSqlSafe(statement)).bind(name);
    assert_eq!(done.execute(&app.pool).await.unwrap().rows_affected(), 1);
}

const RUNNING: &str = "state = 'running', ready_at = now()";
const FAILED: &str = "state = 'failed', ended_at = now()";
const STARTING: &str =
    "state = 'starting', ended_at = null, ready_at = null, generation = generation + 1";

async fn today(app: &TestApp) -> (i64, i64) {
    let today = app.state.desktops.today().await.unwrap();
    (today.started, today.failed)
}

#[sqlx::test]
async fn moves_count_the_starts_and_failures_of_a_day(pool: PgPool) {
    let app = TestApp::start(pool).await;
    // The server's own comparison would end what has no container.
    app.tasks().soft().cancel();
    assert_eq!(today(&app).await, (0, 0));
    for name in ["a", "b", "c"] {
        starting(&app, name, 1.0).await;
    }
    becomes(&app, "a", RUNNING).await;
    becomes(&app, "b", RUNNING).await;
    becomes(&app, "c", FAILED).await;
    assert_eq!(today(&app).await, (2, 1));
    becomes(&app, "b", FAILED).await;
    assert_eq!(today(&app).await, (2, 2));
    // Started again: it is no failure of today any more.
    becomes(&app, "c", STARTING).await;
    assert_eq!(today(&app).await, (2, 1));
    // Removed: neither.
    sqlx::query("delete from desktops where name = 'b'")
        .execute(&app.pool)
        .await
        .unwrap();
    assert_eq!(today(&app).await, (2, 0));
    // A failure of yesterday was never one of today.
    becomes(
        &app,
        "c",
        "state = 'failed', ended_at = now() - interval '1 day'",
    )
    .await;
    sqlx::query("update desktop_days set failed = 0")
        .execute(&app.pool)
        .await
        .unwrap();
    becomes(&app, "c", STARTING).await;
    assert_eq!(today(&app).await, (2, 0));
}

#[sqlx::test]
async fn the_usual_start_is_the_median_of_the_newest_fifty(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.tasks().soft().cancel();
    let kind = app.state.catalog.find_by_slug("debian-desktop").await;
    let kind = kind.unwrap().unwrap().id;
    let usual = async || {
        let usual = app.state.desktops.usual_start_time(kind).await.unwrap();
        let all = app.state.desktops.usual_start_times().await.unwrap();
        assert_eq!(all.get(&kind).copied(), usual);
        usual.map(|usual| usual.as_secs_f64().round())
    };
    assert_eq!(usual().await, None);
    starting(&app, "a", 100.0).await;
    becomes(&app, "a", RUNNING).await;
    assert_eq!(usual().await, Some(100.0));
    for seconds in [10.0, 20.0] {
        becomes(&app, "a", STARTING).await;
        let began = format!("preparing_at = now() - interval '{seconds} seconds'");
        becomes(&app, "a", &began).await;
        becomes(&app, "a", RUNNING).await;
    }
    assert_eq!(usual().await, Some(20.0), "of 100, 10 and 20");
    for _ in 0..50 {
        becomes(
            &app,
            "a",
            &format!("{STARTING}, preparing_at = now() - interval '5 seconds'"),
        )
        .await;
        becomes(&app, "a", RUNNING).await;
    }
    assert_eq!(usual().await, Some(5.0));
    let kept: i32 = sqlx::query_scalar("select cardinality(newest) from desktop_type_starts")
        .fetch_one(&app.pool)
        .await
        .unwrap();
    assert_eq!(kept, 50);
}

#[sqlx::test]
async fn what_is_older_than_the_setting_is_forgotten_and_nothing_else(pool: PgPool) {
    let app = TestApp::start_with(pool, &[("HISTORY_DAYS", "30")]).await;
    let user = app.account("jana", Role::User).await;
    // More than one statement removes.
    sqlx::query(
        "insert into desktop_runs (user_id, desktop_id, generation, began_at, ended_at)
         select $1, gen_random_uuid(), 1, now() - interval '100 days', now() - make_interval(days => days)
         from generate_series(1, 2500), unnest(array[0, 29, 31, 90]) days",
    )
    .bind(user)
    .execute(&app.pool)
    .await
    .unwrap();
    sqlx::query(
        "insert into desktop_runs (user_id, desktop_id, generation, began_at) values ($1, gen_random_uuid(), 1, now() - interval '100 days')",
    )
    .bind(user)
    .execute(&app.pool)
    .await
    .unwrap();
    sqlx::query("insert into desktop_days (day, started) select (now() at time zone 'UTC')::date - n, n from generate_series(0, 99) n")
        .execute(&app.pool)
        .await
        .unwrap();
    let forgotten = history::prune(&app.state.desktops).await.unwrap();
    // The server's own first look may come in between.
    assert!(forgotten <= 5_000);
    let left: (i64, i64) = sqlx::query_as(
        "select (select count(*) from desktop_runs), (select count(*) from desktop_days)",
    )
    .fetch_one(&app.pool)
    .await
    .unwrap();
    assert_eq!(left, (5_001, 31));
}
