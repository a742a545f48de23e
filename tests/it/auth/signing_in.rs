//! Becoming somebody: forms, guessing, foreign pages, the first administrator.

use super::*;

#[sqlx::test]
async fn an_id_known_before_signing_in_is_worth_nothing_after(pool: PgPool) {
    let app = server(&pool).await;
    let planted = session(&app).await;
    let browser = Client::new(app.address, Credential::Cookie(planted.clone()));
    let form = [("username", "admin"), ("password", ADMIN_PASSWORD)];
    let answer = browser.submit("/login", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let cookie = answer.header("set-cookie").to_owned();
    assert!(!cookie.contains(&planted));
    assert_says(&browser.get("/session").await, 401, "Invalid session");
    assert_eq!(rows(&pool, "login_sessions").await, 1, "its row is gone");
    // An id nobody ever gave out does not become one either.
    let browser = Client::new(app.address, Credential::Cookie("A".repeat(22)));
    let answer = browser.submit("/login", &form).await;
    assert!(!answer.header("set-cookie").contains("AAAAAA"));
    assert_says(&browser.get("/session").await, 401, "Invalid session");
}

#[sqlx::test]
async fn the_sign_in_form_leads_where_one_wanted_to_go(pool: PgPool) {
    let app = server(&pool).await;
    let stranger = app.stranger();
    let page = stranger
        .open("/login?next=/desktop/jana-ubuntu/?a%3Db")
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("value=\"/desktop/jana-ubuntu/?a=b\""));
    for (next, location) in [
        ("/desktop/jana-ubuntu/?a=b", "/desktop/jana-ubuntu/?a=b"),
        ("//evil.test", "/"),
        ("/\\evil.test", "/"),
        ("https://evil.test", "/"),
        ("", "/"),
    ] {
        let form = [
            ("username", " Admin "),
            ("password", ADMIN_PASSWORD),
            ("next", next),
        ];
        let answer = stranger.submit("/login", &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_eq!(answer.header("location"), location, "{next}");
        let cookie = answer.header("set-cookie");
        let id = cookie.strip_prefix("deskcast=").unwrap();
        let (id, attributes) = id.split_once(';').unwrap();
        assert_eq!(
            attributes,
            " HttpOnly; SameSite=Lax; Path=/; Max-Age=604800"
        );
        let browser = Client::new(app.address, Credential::Cookie(id.into()));
        let again = browser.open("/login?next=/admin").await;
        assert_eq!(again.status, StatusCode::SEE_OTHER, "signed in already");
        assert_eq!(again.header("location"), "/admin");
    }
}

#[sqlx::test]
async fn behind_tls_the_cookie_is_bound_to_the_host(pool: PgPool) {
    let app = TestApp::start_with(pool, &[("PUBLIC_URL", "https://desk.test")]).await;
    let (people, sessions) = (&app.state.people, &app.state.sessions);
    let user = app.account("jana", Role::User).await;
    let user = people.user(user).await.unwrap().unwrap();
    let head = Request::new(()).into_parts().0;
    let session = sessions.begin(&user, None, &head).await.unwrap();
    let id = session.id.expose_secret();
    assert_eq!(
        session.cookie.to_str().unwrap(),
        format!(
            "__Host-Http-deskcast={id}; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=604800"
        )
    );
    assert_eq!(
        sessions.no_cookie().to_str().unwrap(),
        "__Host-Http-deskcast=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0"
    );
}

#[sqlx::test]
async fn a_wrong_password_and_an_unknown_name_are_told_the_same(pool: PgPool) {
    const SENTENCE: &str = "User name or password is not right.";
    let app = server(&pool).await;
    app.account("jana", Role::User).await;
    run(
        &pool,
        "insert into users (id, slug, username, display_name, password_hash, disabled_at)
         select gen_random_uuid(), 'ivo', 'ivo', 'Ivo', password_hash, now() from users where username = 'admin'",
    )
    .await;
    for (username, password) in [
        ("admin", "wrong"),
        ("nobody", ADMIN_PASSWORD),
        ("jana", ""),
        ("ivo", ADMIN_PASSWORD),
        ("' or 1=1 --", "x"),
    ] {
        let answer = signs_in(&app, username, password).await;
        assert_says(&answer, 401, SENTENCE);
        let form = [("username", username), ("password", "pa$$word-typed")];
        let page = app.stranger().submit("/login", &form).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED);
        assert!(page.text().contains(SENTENCE));
        assert!(!page.text().contains("pa$$word-typed"));
        assert!(page.headers.get("set-cookie").is_none());
    }
    let form = [("username", "<b>jana</b>"), ("password", "x")];
    let page = app.stranger().submit("/login", &form).await;
    assert!(page.text().contains("&#60;b&#62;jana"), "kept, as text");
}

#[sqlx::test]
async fn a_foreign_page_cannot_act_for_a_browser(pool: PgPool) {
    let app = server(&pool).await;
    let id = session(&app).await;
    let origin = format!("http://{}", app.address);
    let foreign: &[&[(&'static str, &str)]] = &[
        &[],
        &[("origin", "null")],
        &[("origin", "https://evil.test")],
        &[("origin", "https://127.0.0.1")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "cross-site"), ("origin", &origin)],
        // A Basic of a proxy before us is no id of a script.
        &[("authorization", "Basic YTpi")],
    ];
    for (method, path) in [
        (Method::POST, "/api/tokens".to_owned()),
        (Method::DELETE, format!("/api/tokens/{}", UserId::new())),
        (Method::POST, "/logout".to_owned()),
    ] {
        for headers in foreign {
            let mut request = Request::builder()
                .method(&method)
                .uri(&path)
                .header(header::HOST, app.address.to_string())
                .header(header::COOKIE, format!("deskcast={id}"))
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(r#"{"name":"evil"}"#))
                .unwrap();
            for (name, value) in *headers {
                request.headers_mut().append(*name, value.parse().unwrap());
            }
            let answer = app.stranger().send(request).await;
            assert_eq!(answer.status, 403, "{method} {path} {headers:?}");
        }
    }
    assert_eq!(rows(&pool, "api_tokens").await, 0);
}

#[sqlx::test]
async fn a_foreign_page_cannot_sign_a_browser_in_as_somebody_else(pool: PgPool) {
    let app = server(&pool).await;
    let json = json!({"username": "admin", "password": ADMIN_PASSWORD}).to_string();
    let form = format!(
        "username=admin&password={}",
        ADMIN_PASSWORD.replace(' ', "+")
    );
    let send = async |path: &str, kind: &str, body: &str, from: Option<(&'static str, &str)>| {
        let client = app.stranger();
        let mut request = client.request(Method::POST, path);
        let headers = request.headers_mut();
        headers.remove(header::ORIGIN);
        headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
        if let Some((name, value)) = from {
            headers.insert(name, value.parse().unwrap());
        }
        *request.body_mut() = Body::from(body.to_owned());
        client.send(request).await.status
    };
    let (as_json, as_form) = ("application/json", "application/x-www-form-urlencoded");
    for foreign in [
        ("origin", "https://evil.test"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        assert_eq!(send("/login", as_form, &form, Some(foreign)).await, 403);
        assert_eq!(send("/api/login", as_json, &json, Some(foreign)).await, 403);
    }
    assert_eq!(rows(&pool, "login_sessions").await, 0);
    assert_eq!(
        send("/api/login", as_json, &json, None).await,
        200,
        "a script"
    );
    let ours = format!("http://{}", app.address);
    let ours = Some(("origin", &*ours));
    assert_eq!(send("/login", as_form, &form, ours).await, 303);
}

#[sqlx::test]
async fn two_replicas_make_one_first_administrator(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let replica = TestApp::start(pool.clone()).await;
    run(&pool, "delete from users").await;
    let first = |username: &str| FirstAdmin {
        username: username.into(),
        password: None,
    };
    let (one, two) = (first("Root User"), first("Root User"));
    let (one, two) = tokio::join!(
        app.state.people.ensure_first_admin(&one),
        replica.state.people.ensure_first_admin(&two)
    );
    let made: Vec<_> = [one.unwrap(), two.unwrap()].into_iter().flatten().collect();
    assert_eq!(made.len(), 1);
    assert_eq!(rows(&pool, "users").await, 1);
    let password = made[0].password.as_ref().unwrap().expose_secret();
    let answer = signs_in(&app, "root user", password).await;
    assert_eq!(answer.json()["user"]["role"], "admin");
    let again = app.state.people.ensure_first_admin(&first("other")).await;
    assert!(again.unwrap().is_none(), "there is one");
    let slug: String = sqlx::query_scalar("select slug from users")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(slug, "root-user");
}

#[sqlx::test]
async fn the_first_administrator_keeps_out_of_others_names(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    run(&pool, "delete from users").await;
    let people = &app.state.people;
    app.account("root", Role::User).await;
    let first = |username: &str| FirstAdmin {
        username: username.into(),
        password: Some("correct horse".into()),
    };
    let taken = people.ensure_first_admin(&first("ROOT")).await.unwrap();
    assert!(taken.is_none(), "somebody who is no administrator stays so");
    let made = people.ensure_first_admin(&first("root.")).await.unwrap();
    assert!(made.unwrap().password.is_none(), "it was configured");
    let slug: String = sqlx::query_scalar("select slug from users where role = 'admin'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(slug, "root-2");
}
