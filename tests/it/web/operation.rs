//! What the server tells those who run it and those who write programs for it: a line per request, whether it is
//! ready, what its API is.

use deskcast::people::Role;

use super::*;
use crate::support::eventually;

#[sqlx::test(migrations = "./migrations")]
async fn a_request_is_one_line_and_nothing_secret_is_in_it(pool: PgPool) {
    let logs = Logs::capture();
    let app = TestApp::start(pool).await;
    let jane = app.user("jane").await;
    let mut request = jane.request(
        Method::GET,
        "/api/container/one-line?session_id=canary-query&password=canary-too",
    );
    for (name, value) in [
        ("authorization", "Bearer canary-bearer"),
        ("user-agent", "canary-agent"),
        ("referer", "https://canary.example/?canary"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let answer = jane.send(request).await;
    let lines = logs.requests("/api/container/one-line").await;
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert_eq!(line["method"], "GET");
    assert_eq!(line["status"], 404);
    assert_eq!(line["client.ip"], "127.0.0.1");
    assert_eq!(line["error.code"], "not_found");
    assert_eq!(line["reference"], answer.header("x-request-id"));
    assert!(line["duration_ms"].is_u64());
    let all = logs.text();
    assert!(!all.contains("canary"), "{all}");
}

#[sqlx::test(migrations = "./migrations")]
async fn the_line_of_a_request_names_who_called(pool: PgPool) {
    let logs = Logs::capture();
    let app = TestApp::start(pool).await;
    let id = app.account("jane", Role::User).await;
    let answer = app.user("jane").await.get("/api/container/status").await;
    assert_eq!(answer.status, StatusCode::OK);
    let line = &logs.requests("/api/container/status").await[0];
    assert_eq!(line["user.id"], id.to_string());
}

#[sqlx::test(migrations = "./migrations")]
async fn a_caller_s_address_is_not_what_they_say_it_is(pool: PgPool) {
    let logs = Logs::capture();
    let trusting = TestApp::start_with(pool, &[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let stranger = trusting.stranger();
    for (path, chain, client) in [
        ("/api/address-1", "203.0.113.7", "203.0.113.7"),
        ("/api/address-2", "10.9.9.9, 203.0.113.7", "203.0.113.7"),
        ("/api/address-3", "rubbish", "127.0.0.1"),
    ] {
        let mut request = stranger.request(Method::GET, path);
        request
            .headers_mut()
            .insert("x-forwarded-for", chain.parse().unwrap());
        stranger.send(request).await;
        assert_eq!(logs.requests(path).await[0]["client.ip"], client, "{chain}");
    }
}

#[tokio::test]
async fn a_caller_who_leaves_is_still_in_the_log() {
    let logs = Logs::capture();
    let inside = Arc::new(Notify::new());
    let router = Router::new().route("/api/left", endless(&inside));
    let small = Small::start(router).await;
    let mut impatient = TcpStream::connect(small.address).await.unwrap();
    let request = format!("GET /api/left HTTP/1.1\r\nHost: {}\r\n\r\n", small.address);
    impatient.write_all(request.as_bytes()).await.unwrap();
    inside.notified().await;
    drop(impatient);
    assert_eq!(logs.requests("/api/left").await[0]["status"], 499);
}

#[sqlx::test(migrations = "./migrations")]
async fn ready_means_that_everything_needed_answers(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let client = app.stranger();
    assert_eq!(client.get("/healthz").await.text(), "ok");
    let ready = client.get("/readyz").await;
    assert_eq!(ready.status, StatusCode::OK);
    assert_eq!(
        ready.json()["parts"],
        serde_json::json!({"database": "ok", "runtime": "ok", "draining": "ok"})
    );

    // An answer holds for a moment.
    let becomes = async |status| {
        let answer = async || Some(client.get("/readyz").await).filter(|it| it.status == status);
        eventually("the answer changes", Duration::from_secs(5), answer).await
    };
    app.engine.set_away(true);
    let away = becomes(StatusCode::SERVICE_UNAVAILABLE).await;
    assert_eq!(away.json()["parts"]["database"], "ok");
    assert_ne!(away.json()["parts"]["runtime"], "ok");
    assert_eq!(client.get("/healthz").await.status, StatusCode::OK);
    app.engine.set_away(false);
    becomes(StatusCode::OK).await;
}

#[sqlx::test(migrations = "./migrations")]
async fn the_api_describes_itself(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let answer = app.stranger().get("/api/openapi.json").await;
    assert_eq!(answer.header("content-type"), "application/json");
    let description = answer.json();
    assert_eq!(description["openapi"], "3.1.0");
    assert_eq!(description["info"]["title"], "Deskcast");
    for path in [
        "/api/container/start",
        "/api/container/list",
        "/api/login",
        "/session",
        "/logout",
        "/api/admin/containers",
    ] {
        assert!(description["paths"][path].is_object(), "{path}");
    }
    let schemes = description["components"]["securitySchemes"]
        .as_object()
        .unwrap();
    for scheme in ["cookie", "header", "bearer", "query"] {
        assert!(schemes.contains_key(scheme), "{scheme}");
    }
}
