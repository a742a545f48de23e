//! The end of the server: what is under way is finished, what takes too long is cut off.

use tokio::sync::Notify;

use super::*;
use crate::support::Answer;

#[sqlx::test(migrations = "./migrations")]
async fn live_views_do_not_hold_the_end_of_the_server_up(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let jane = app.user("jane").await;
    let view = app
        .tasks()
        .spawn(async move { jane.get("/api/events").await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!view.is_finished(), "events go on");
    let in_time = app
        .tasks()
        .finish(
            Duration::from_secs(10),
            std::future::pending(),
            Duration::ZERO,
        )
        .await;
    assert!(in_time);
    assert_eq!(
        view.await.unwrap().header("content-type"),
        "text/event-stream"
    );
}

#[tokio::test]
async fn at_shutdown_a_request_under_way_is_finished_and_no_other_begun() {
    let gate = std::sync::Arc::new((Notify::new(), Notify::new()));
    let inside = gate.clone();
    let router = Router::new().route(
        "/api/slow",
        get(async move || {
            inside.0.notify_one();
            inside.1.notified().await;
            "finished"
        }),
    );
    let small = Small::start(router).await;
    let client = small.client();
    let request = small
        .tasks
        .spawn(async move { client.get("/api/slow").await });
    gate.0.notified().await;

    small.tasks.begin_shutdown();
    let refused = async {
        while TcpStream::connect(small.address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), refused)
        .await
        .expect("the listener is closed");
    gate.1.notify_one();
    let answer: Answer = request.await.unwrap();
    assert_eq!(answer.text(), "finished");
    let in_time = small
        .tasks
        .finish(
            Duration::from_secs(5),
            std::future::pending(),
            Duration::ZERO,
        )
        .await;
    assert!(in_time, "idle connections do not hold the server up");
}

#[tokio::test]
async fn what_outlasts_the_grace_period_is_cut_off() {
    let router = Router::new().route(
        "/api/endless",
        get(async || std::future::pending::<String>().await),
    );
    let small = Small::start(router).await;
    let mut open = TcpStream::connect(small.address).await.unwrap();
    let request = format!(
        "GET /api/endless HTTP/1.1\r\nHost: {}\r\n\r\n",
        small.address
    );
    open.write_all(request.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let in_time = small
        .tasks
        .finish(
            Duration::from_millis(50),
            std::future::pending(),
            Duration::from_secs(5),
        )
        .await;
    assert!(!in_time);
    let mut answer = Vec::new();
    tokio::time::timeout(Duration::from_secs(5), open.read_to_end(&mut answer))
        .await
        .expect("the connection is closed")
        .ok();
    assert!(answer.is_empty());
}
