//! The end of the server: what is under way is finished, what takes too long is cut off.

use deskcast::people::Role;
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;

use super::*;
use crate::support::{Answer, eventually};

/// For what follows by itself, on a busy machine.
const SOON: Duration = Duration::from_secs(5);

#[sqlx::test(migrations = "./migrations")]
async fn live_views_do_not_hold_the_end_of_the_server_up(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let jane = app.user("jane").await;
    let stream = TcpStream::connect(app.address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    app.tasks().spawn(connection);
    let request = jane.request(Method::GET, "/api/events");
    let view = sender.send_request(request).await.unwrap();
    assert_eq!(view.headers()["content-type"], "text/event-stream");
    let mut events = view.into_body();
    // Whoever begins to listen to the database says so, and whoever listens already passes this on.
    let hint = serde_json::json!({
        "desktop": uuid::Uuid::new_v4(),
        "owner": app.account("jane", Role::User).await,
        "gone": true,
    });
    sqlx::query("select pg_notify('deskcast_desktop', $1)")
        .bind(hint.to_string())
        .execute(&app.pool)
        .await
        .unwrap();
    tokio::time::timeout(SOON, events.frame())
        .await
        .expect("events go on")
        .unwrap()
        .unwrap();
    let view = app.tasks().spawn(events.collect());
    assert!(!view.is_finished(), "more may come");
    let in_time = app
        .tasks()
        .finish(
            Duration::from_secs(10),
            std::future::pending(),
            Duration::ZERO,
        )
        .await;
    assert!(in_time);
    view.await.unwrap().expect("the stream ends as it should");
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
    eventually("the listener is closed", SOON, async || {
        TcpStream::connect(small.address).await.err()
    })
    .await;
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
    let inside = Arc::new(Notify::new());
    let router = Router::new().route("/api/endless", endless(&inside));
    let small = Small::start(router).await;
    let mut open = TcpStream::connect(small.address).await.unwrap();
    let request = format!(
        "GET /api/endless HTTP/1.1\r\nHost: {}\r\n\r\n",
        small.address
    );
    open.write_all(request.as_bytes()).await.unwrap();
    inside.notified().await;
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
