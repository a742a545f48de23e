//! The pool of connections: what is dead is noticed before a request is, and nothing is asked in steady use.

use std::time::Duration;

use deskcast::db::{self, Db};
use hyper::StatusCode;
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::support::{TestApp, eventually};

/// Connections of a server.
const CONNECTIONS: u32 = 6;

/// Ends every connection of the server, as a restart of Postgres does, and waits until they are gone.
async fn end_connections(other: &PgPool) -> Vec<i32> {
    let ended: Vec<(i32, bool)> = sqlx::query_as(
        "select pid, pg_terminate_backend(pid, 5000) from pg_stat_activity
         where datname = current_database() and application_name = 'deskcast'",
    )
    .fetch_all(other)
    .await
    .unwrap();
    assert!(ended.len() > 1, "there was something to end: {ended:?}");
    ended.into_iter().map(|(pid, _)| pid).collect()
}

async fn listens_again(other: &PgPool, ended: &[i32]) {
    eventually(
        "hints are listened to again",
        Duration::from_secs(10),
        async || {
            let listening: bool = sqlx::query_scalar(
                "select exists (select from pg_stat_activity where datname = current_database()
                 and application_name = 'deskcast' and query like 'LISTEN%' and not pid = any($1))",
            )
            .bind(ended)
            .fetch_one(other)
            .await
            .unwrap();
            listening.then_some(())
        },
    )
    .await;
}

#[sqlx::test]
async fn the_first_request_after_a_restart_of_postgres_succeeds(
    options: PgPoolOptions,
    connect: PgConnectOptions,
) {
    let other = options.connect_with(connect.clone()).await.unwrap();
    let app = TestApp::start(db::pool_at(connect, CONNECTIONS)).await;
    let jane = app.user("jane").await;
    for round in 0..3 {
        // All of them in use at once, so that each of them is idle and dead afterwards.
        let used: Vec<_> = futures_util::future::join_all((0..3).map(|_| app.pool.acquire())).await;
        assert!(used.iter().all(Result::is_ok));
        drop(used);
        let ended = end_connections(&other).await;
        listens_again(&other, &ended).await;
        let page = jane.open("/").await;
        assert_eq!(
            page.status,
            StatusCode::OK,
            "round {round}: {}",
            page.text()
        );
        let changed = jane.post("/desktops/debian-desktop/remove").await;
        assert_eq!(changed.status, StatusCode::SEE_OTHER, "round {round}");
    }
}

/// Nobody noticed yet, and the connection was in use a moment ago: the reading itself is done again.
#[sqlx::test]
async fn reading_meets_a_dead_connection_with_one_retry(
    options: PgPoolOptions,
    connect: PgConnectOptions,
) {
    let other = options.connect_with(connect.clone()).await.unwrap();
    let pool = db::pool_at(connect, CONNECTIONS);
    let catalog = deskcast::catalog::Catalog::new(Db::new(pool.clone()));
    deskcast::db::migrate(&pool).await.unwrap();
    for round in 0..3 {
        let used = futures_util::future::join_all((0..CONNECTIONS).map(|_| pool.acquire())).await;
        assert!(used.iter().all(Result::is_ok));
        drop(used);
        end_connections(&other).await;
        catalog
            .all()
            .await
            .unwrap_or_else(|error| panic!("round {round}: {error}"));
    }
}
