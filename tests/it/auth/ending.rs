//! What ends with a session, here and on other replicas.

use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use deskcast::hints::Hints;

use super::*;
use crate::support::eventually;

#[sqlx::test]
async fn signing_out_ends_the_session_at_once_and_on_every_replica(pool: PgPool) {
    let app = server(&pool).await;
    let replica = TestApp::start(pool.clone()).await;
    let (id, other) = (session(&app).await, session(&app).await);
    let (here, there) = (caller(&app, &id).await, caller(&replica, &id).await);
    let watched = [
        app.state.sessions.ended(&here),
        replica.state.sessions.ended(&there),
    ];
    let of_other = replica
        .state
        .sessions
        .ended(&caller(&replica, &other).await);

    let script = Client::new(app.address, Credential::Header(id.clone()));
    let answer = script.post("/logout").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.json(),
        json!({"success": true, "message": "Successfully logged out"})
    );
    assert!(watched[0].is_cancelled(), "at once here");
    assert_says(&script.get("/session").await, 401, "Invalid session");
    tokio::time::timeout(HEARD, watched[1].cancelled())
        .await
        .expect("the other replica hears it");
    let script = Client::new(replica.address, Credential::Header(id));
    assert_says(&script.get("/session").await, 401, "Invalid session");
    assert!(!of_other.is_cancelled());
    // A stream that begins a moment too late does not begin.
    assert!(app.state.sessions.ended(&here).is_cancelled());
    assert_says(
        &app.stranger().post("/logout").await,
        400,
        "No session ID provided",
    );
}

#[sqlx::test]
async fn a_browser_signs_out_with_a_form(pool: PgPool) {
    let app = server(&pool).await;
    let browser = app.user("jana").await;
    assert_eq!(browser.open("/logout").await.status, StatusCode::OK);
    let mut request = browser.request(Method::POST, "/logout");
    let accept = "text/html,*/*".parse().unwrap();
    request.headers_mut().insert(header::ACCEPT, accept);
    let answer = browser.send(request).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("location"), "/login?signed_out=1");
    assert_eq!(
        answer.header("set-cookie"),
        "deskcast=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0"
    );
    assert_says(&browser.get("/session").await, 401, "Invalid session");
}

#[sqlx::test]
async fn live_streams_end_with_the_session(pool: PgPool) {
    let app = server(&pool).await;
    let replica = TestApp::start(pool.clone()).await;
    let id = session(&app).await;
    let stream = TcpStream::connect(replica.address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    replica.tasks().spawn(connection);
    let watching = Client::new(replica.address, Credential::Header(id.clone()));
    let request = watching.request(Method::GET, "/api/events");
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "the stream has begun");

    let script = Client::new(app.address, Credential::Header(id));
    assert_eq!(script.post("/logout").await.status, StatusCode::OK);
    let rest = response.into_body().collect();
    tokio::time::timeout(HEARD, rest)
        .await
        .expect("the stream ends within the limit")
        .unwrap();
}

#[sqlx::test]
async fn an_account_that_is_switched_off_is_out_everywhere(pool: PgPool) {
    let app = server(&pool).await;
    let replica = TestApp::start(pool.clone()).await;
    let user = app.account("jana", Role::User).await;
    let id = app.session(user).await;
    let token = app.state.tokens.create(user, "script", None).await;
    let token = token.unwrap().secret.expose_secret().to_owned();
    let stream = replica.state.sessions.ended(&caller(&replica, &id).await);
    let script = Client::new(replica.address, Credential::Header(token));
    assert_eq!(script.get("/session").await.status, StatusCode::OK);

    run(
        &pool,
        "update users set disabled_at = now() where username = 'jana'",
    )
    .await;
    app.state.sessions.sign_out_everywhere(user).await.unwrap();
    tokio::time::timeout(HEARD, stream.cancelled())
        .await
        .expect("the stream is closed");
    eventually("the token is out, too", HEARD, async || {
        let status = script.get("/session").await.status;
        (status == StatusCode::UNAUTHORIZED).then_some(())
    })
    .await;
    assert_says(&script.get("/session").await, 401, "Invalid session");
}

#[sqlx::test]
async fn a_sign_out_is_heard_although_the_hint_was_lost(pool: PgPool) {
    let app = server(&pool).await;
    let id = session(&app).await;
    let stream = app.state.sessions.ended(&caller(&app, &id).await);
    // The row goes without a word, and the listening connection is cut: who connects again looks at everything.
    run(&pool, "delete from login_sessions").await;
    let cut = async || {
        sqlx::query_scalar::<_, i64>(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity
             where datname = current_database() and query like 'LISTEN%\"deskcast_session\"%'",
        )
        .fetch_one(&pool)
        .await
        .unwrap()
    };
    eventually("somebody listens", HEARD, async || {
        (cut().await > 0).then_some(())
    })
    .await;
    tokio::time::timeout(HEARD, stream.cancelled())
        .await
        .expect("the stream is closed");
}

#[sqlx::test]
async fn listening_ends_when_the_server_stops(pool: PgPool) {
    let app = server(&pool).await;
    let stop = CancellationToken::new();
    let hints = Hints::new().on(deskcast::sessions::ENDED);
    let listening = app.state.sessions.clone().listen(hints, stop.clone());
    stop.cancel();
    tokio::time::timeout(HEARD, listening).await.unwrap();
}
