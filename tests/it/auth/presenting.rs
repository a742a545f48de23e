//! Showing who one is, and not being anybody.

use super::*;

#[sqlx::test]
async fn every_way_to_show_an_id_works_and_only_who_sent_it_sees_it(pool: PgPool) {
    let app = server(&pool).await;
    let id = session(&app).await;
    let token = Client::new(app.address, Credential::Header(id.clone()))
        .post_json("/api/tokens", &json!({"name": "script"}))
        .await
        .json();
    let token = text(&token["token"]);
    for key in [&id, &token] {
        let in_query = format!("/session?session_id={key}");
        let bearer = format!("Bearer {key}");
        for answer in [
            get(&app, "/session", &[("x-session-id", key)]).await,
            get(&app, "/session", &[("authorization", &bearer)]).await,
            get(&app, &in_query, &[]).await,
        ] {
            let body = answer.json();
            assert_eq!(answer.status, StatusCode::OK, "{body}");
            assert_eq!(body["authenticated"], true);
            assert_eq!(body["session"]["id"], **key);
            assert_eq!(body["user"]["username"], "admin");
            assert_eq!(body["user"]["role"], "admin");
            assert_eq!(body["user"]["groups"], json!([]));
        }
    }
    let cookie = format!("deskcast={id}");
    let by_cookie = get(&app, "/session", &[("cookie", &cookie)]).await;
    assert_eq!(by_cookie.status, StatusCode::OK);
    assert!(!by_cookie.text().contains(&id), "a page must not read it");
    let planted = format!("deskcast={token}");
    let by_planted = get(&app, "/session", &[("cookie", &planted)]).await;
    assert_says(&by_planted, 401, "Invalid session");
}

#[sqlx::test]
async fn each_case_of_nobody_has_its_words(pool: PgPool) {
    let app = server(&pool).await;
    let id = session(&app).await;
    let other = "AAAAAAAAAAAAAAAAAAAAAA";
    for path in ["/session", "/api/tokens", "/api/container/list"] {
        assert_says(&get(&app, path, &[]).await, 400, "No session ID provided");
        let unknown = get(&app, path, &[("x-session-id", other)]).await;
        assert_says(&unknown, 401, "Invalid session");
        // A wrong key of a script does not act as the browser around it.
        let cookie = format!("deskcast={id}");
        let both = [("x-session-id", other), ("cookie", &*cookie)];
        assert_says(&get(&app, path, &both).await, 401, "Invalid session");
        // Two cookies of our name: one was planted, which is said.
        let two = format!("deskcast={other}; deskcast={id}");
        let two = get(&app, path, &[("cookie", &two)]).await;
        assert_eq!(two.json()["code"], "cookie_doubled");
        assert_eq!(two.status, StatusCode::BAD_REQUEST);
    }
    let page = get(&app, "/logout", &[("accept", "text/html")]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    assert_eq!(page.header("location"), "/login?next=%2Flogout");
    // On a page only the cookie counts.
    let by_header = get(
        &app,
        "/login?next=/x",
        &[("x-session-id", &id), ("accept", "text/html")],
    )
    .await;
    assert_eq!(by_header.status, StatusCode::OK);
}

#[sqlx::test]
async fn a_session_that_ran_out_is_told_from_one_that_never_was(pool: PgPool) {
    let app = server(&pool).await;
    let id = session(&app).await;
    run(&pool, "update login_sessions set expires_at = now()").await;
    let answer = get(&app, "/session", &[("x-session-id", &id)]).await;
    assert_says(&answer, 401, "Session expired");
    app.state.sessions.sweep().await.unwrap();
    let answer = get(&app, "/session", &[("x-session-id", &id)]).await;
    assert_says(&answer, 401, "Session expired");
    run(
        &pool,
        "update login_sessions set expires_at = now() - interval '8 days'",
    )
    .await;
    app.state.sessions.sweep().await.unwrap();
    let answer = get(&app, "/session", &[("x-session-id", &id)]).await;
    assert_says(&answer, 401, "Invalid session");
}

#[sqlx::test]
async fn using_a_session_moves_its_end_at_most_once_a_minute(pool: PgPool) {
    let app = server(&pool).await;
    let id = session(&app).await;
    let end = async || {
        sqlx::query_scalar::<_, time::OffsetDateTime>("select expires_at from login_sessions")
            .fetch_one(&pool)
            .await
            .unwrap()
    };
    let first = end().await;
    get(&app, "/session", &[("x-session-id", &id)]).await;
    assert_eq!(end().await, first);
    run(
        &pool,
        "update login_sessions set expires_at = now() + interval '1 hour'",
    )
    .await;
    asks_the_database_again(&app).await;
    get(&app, "/session", &[("x-session-id", &id)]).await;
    assert!(end().await > first);
    run(
        &pool,
        "update login_sessions set expires_at = now() + interval '1 hour', ends_at = now() + interval '2 hours'",
    )
    .await;
    asks_the_database_again(&app).await;
    get(&app, "/session", &[("x-session-id", &id)]).await;
    let last: bool = sqlx::query_scalar("select expires_at = ends_at from login_sessions")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert!(last, "never past the absolute end");
}

#[sqlx::test]
async fn no_secret_is_kept_or_printed(pool: PgPool) {
    let app = server(&pool).await;
    let deskcast::state::Handles {
        people,
        sessions,
        tokens,
        ..
    } = &*app.state;
    let by_api = session(&app).await;
    let user = app.account("jana", Role::User).await;
    let token = tokens.create(user, "script", None).await.unwrap();
    let jana = people.user(user).await.unwrap().unwrap();
    let head = Request::new(()).into_parts().0;
    let session = sessions.begin(&jana, None, &head).await.unwrap();
    let caller = caller(&app, session.id.expose_secret()).await;
    let printed = format!(
        "{people:?} {sessions:?} {token:?} {jana:?} {session:?} {caller:?} {:?} {:?}",
        app.state, app.state.config
    );
    let kept: String = sqlx::query_scalar(
        "select concat((select string_agg(row_to_json(u)::text, ' ') from users u),
                       (select string_agg(row_to_json(s)::text, ' ') from login_sessions s),
                       (select string_agg(row_to_json(t)::text, ' ') from api_tokens t))",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    for secret in [
        by_api.as_str(),
        session.id.expose_secret(),
        token.secret.expose_secret(),
        ADMIN_PASSWORD,
    ] {
        assert!(!printed.contains(secret), "printed: {printed}");
        assert!(!kept.contains(secret), "kept: {kept}");
    }
    assert!(kept.contains("$argon2id$"), "the dump has what is kept");
}
