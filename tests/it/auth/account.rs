//! The account page and `/api/sessions`: where one is signed in, tokens, the password.

use super::*;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const PHONE: &str = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36";
const NEW: &str = "a brand new password";

/// Signs in on the page as a browser with these words; answers the browser.
async fn browser(app: &TestApp, user_agent: &str) -> Client {
    let client = app.stranger();
    let mut request = client.request(Method::POST, "/login");
    let headers = request.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        "application/x-www-form-urlencoded".parse().unwrap(),
    );
    headers.insert(header::USER_AGENT, user_agent.parse().unwrap());
    let password = ADMIN_PASSWORD.replace(' ', "+");
    *request.body_mut() = Body::from(format!("username=admin&password={password}"));
    let answer = client.send(request).await;
    let cookies = answer.headers.get_all(header::SET_COOKIE).iter();
    let id = cookies
        .filter_map(|cookie| cookie.to_str().unwrap().strip_prefix("deskcast="))
        .map(|rest| rest.split(';').next().unwrap().to_owned())
        .next()
        .unwrap();
    Client::new(app.address, Credential::Cookie(id))
}

async fn sessions(client: &Client) -> Vec<Value> {
    let answer = client.get("/api/sessions").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()["sessions"].as_array().unwrap().clone()
}

/// What follows `before` up to `after` in a page.
fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let (_, rest) = text
        .split_once(before)
        .unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split_once(after).unwrap().0
}

#[sqlx::test]
async fn a_person_sees_where_they_are_signed_in_and_never_a_key(pool: PgPool) {
    let app = server(&pool).await;
    let here = browser(&app, FIREFOX).await;
    let _phone = browser(&app, PHONE).await;
    app.user("ivo").await;
    let list = sessions(&here).await;
    assert_eq!(list.len(), 2, "nobody else's: {list:?}");
    assert_eq!(
        (&list[0]["current"], &list[0]["program"]),
        (&json!(true), &json!("Firefox on Linux"))
    );
    assert_eq!(
        (&list[1]["current"], &list[1]["program"]),
        (&json!(false), &json!("Chrome on Android"))
    );
    assert_eq!(list[0]["client_ip"], "127.0.0.1");
    assert_eq!(list[0]["provider"], Value::Null);
    let page = here.open("/account").await;
    for words in [
        "This browser",
        "Firefox on Linux",
        "Chrome on Android",
        "Address 127.0.0.1",
        "Signed in as admin",
    ] {
        assert!(page.text().contains(words), "{words}");
    }
    let hashes: Vec<String> =
        sqlx::query_scalar("select encode(id_hash, 'hex') from login_sessions")
            .fetch_all(&pool)
            .await
            .unwrap();
    let api = here.get("/api/sessions").await;
    for hash in hashes {
        assert!(!page.text().contains(&hash) && !api.text().contains(&hash));
    }
}

#[sqlx::test]
async fn a_sign_in_notes_where_it_came_from_and_words_without_end_are_cut(pool: PgPool) {
    let app = server(&pool).await;
    browser(&app, &"<b>".repeat(1_000)).await;
    let (address, words): (String, String) =
        sqlx::query_as("select client_ip, user_agent from login_sessions")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(address, "127.0.0.1");
    assert_eq!(words.len(), 200);
    let script = signs_in(&app, "admin", ADMIN_PASSWORD).await;
    assert_eq!(script.status, StatusCode::OK);
    let silent: i64 =
        sqlx::query_scalar("select count(*) from login_sessions where user_agent is null")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(silent, 1, "a program that says nothing of itself");
}

#[sqlx::test]
async fn using_a_session_notes_when_at_most_once_a_minute(pool: PgPool) {
    let app = server(&pool).await;
    let here = browser(&app, FIREFOX).await;
    let used = async || {
        sqlx::query_scalar::<_, time::OffsetDateTime>("select last_used_at from login_sessions")
            .fetch_one(&pool)
            .await
            .unwrap()
    };
    let first = used().await;
    asks_the_database_again(&app).await;
    here.open("/account").await;
    assert_eq!(used().await, first, "a moment ago");
    // Also when its end does not move any more.
    run(
        &pool,
        "update login_sessions set last_used_at = now() - interval '61 seconds', ends_at = now() + interval '1 hour',
                expires_at = now() + interval '1 hour'",
    )
    .await;
    asks_the_database_again(&app).await;
    here.open("/account").await;
    assert!(used().await > first);
}

#[sqlx::test]
async fn signing_out_there_ends_it_there_and_nobody_elses(pool: PgPool) {
    let app = server(&pool).await;
    let (here, phone) = (browser(&app, FIREFOX).await, browser(&app, PHONE).await);
    let there = text(&sessions(&here).await[1]["id"]);
    let ivo = app.user("ivo").await;
    let path = format!("/api/sessions/{there}");
    let foreign = ivo.delete(&path).await;
    let unknown = ivo
        .delete(&format!("/api/sessions/{}", UserId::new()))
        .await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert_eq!(
        foreign.text(),
        unknown.text(),
        "somebody else's is like none"
    );
    let form = format!("/account/sign-ins/{there}/end");
    assert_eq!(ivo.post(&form).await.status, StatusCode::NOT_FOUND);
    assert_eq!(phone.get("/session").await.status, StatusCode::OK);

    let answer = here.post(&form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("location"), "/account?done=signed-out");
    assert_says(&phone.get("/session").await, 401, "Invalid session");
    assert!(
        here.open("/account?done=signed-out")
            .await
            .text()
            .contains("Signed out there.")
    );
    assert_eq!(
        here.delete(&path).await.status,
        StatusCode::NOT_FOUND,
        "it has ended"
    );

    let own = text(&sessions(&here).await[0]["id"]);
    let answer = here.delete(&format!("/api/sessions/{own}")).await;
    assert_eq!(
        answer.json(),
        json!({"success": true, "message": "Signed out", "ended": 1})
    );
    assert_says(&here.get("/session").await, 401, "Invalid session");
}

#[sqlx::test]
async fn signing_out_everywhere_else_and_everywhere(pool: PgPool) {
    let app = server(&pool).await;
    let here = browser(&app, FIREFOX).await;
    let (phone, ivo) = (browser(&app, PHONE).await, app.user("ivo").await);
    let answer = here
        .submit("/account/sign-ins/end", &[("which", "others")])
        .await;
    assert_eq!(answer.header("location"), "/account?done=signed-out");
    assert_says(&phone.get("/session").await, 401, "Invalid session");
    assert_eq!(here.get("/session").await.status, StatusCode::OK);
    let (one, two) = (browser(&app, PHONE).await, browser(&app, PHONE).await);
    let answer = here.delete("/api/sessions").await;
    assert_eq!(
        answer.json(),
        json!({"success": true, "message": "Signed out", "ended": 2})
    );
    for gone in [&one, &two] {
        assert_says(&gone.get("/session").await, 401, "Invalid session");
    }
    // A token is no session: it ends them all and stays itself.
    let admin: UserId = sqlx::query_scalar("select id from users where role = 'admin'")
        .fetch_one(&pool)
        .await
        .unwrap();
    let token = app
        .state
        .tokens
        .create(admin, "script", None)
        .await
        .unwrap();
    let script = Client::new(
        app.address,
        Credential::Header(token.secret.expose_secret().to_owned()),
    );
    assert_eq!(script.delete("/api/sessions").await.json()["ended"], 1);
    assert_eq!(sessions(&script).await.len(), 0);
    let here = browser(&app, FIREFOX).await;
    let answer = here
        .submit("/account/sign-ins/end", &[("which", "all")])
        .await;
    assert_eq!(answer.header("location"), "/login");
    assert!(answer.header("set-cookie").starts_with("deskcast=; "));
    assert_says(&here.get("/session").await, 401, "Invalid session");
    assert_eq!(
        ivo.get("/session").await.status,
        StatusCode::OK,
        "nobody else"
    );
    assert_eq!(
        here.submit("/account/sign-ins/end", &[]).await.status,
        StatusCode::SEE_OTHER,
        "to the sign-in page"
    );
}

#[sqlx::test]
async fn a_new_token_is_on_one_page_and_in_no_address(pool: PgPool) {
    let app = server(&pool).await;
    let here = app.user("jana").await;
    let page = here
        .submit(
            "/account/tokens",
            &[("name", "Morning <script>"), ("days", "30")],
        )
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.header("cache-control"), "private, no-store");
    assert_eq!(page.header("location"), "");
    let token = between(page.text(), "<code id=\"made\">", "</code>").to_owned();
    assert!(token.starts_with("dct_") && token.len() == 47, "{token}");
    assert!(page.text().contains("Morning &#60;script&#62;"));
    assert!(
        page.text().contains("name=\"next\" value=\"/account\""),
        "the language switch does not post again"
    );
    let script = Client::new(app.address, Credential::Header(token.clone()));
    assert_eq!(script.get("/session").await.status, StatusCode::OK);
    let again = here.open("/account").await;
    assert!(again.text().contains("Morning") && !again.text().contains(&token));
    let days: f64 = sqlx::query_scalar(
        "select extract(epoch from expires_at - created_at)::float8 / 86400 from api_tokens",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert!((days - 30.0).abs() < 0.001, "{days}");

    let form = format!(
        "/account/tokens/{}/revoke",
        between(again.text(), "/account/tokens/", "/revoke")
    );
    let foreign = app.user("ivo").await.post(&form).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert_eq!(script.get("/session").await.status, StatusCode::OK);
    let answer = here.post(&form).await;
    assert_eq!(answer.header("location"), "/account?done=revoked#tokens");
    assert_says(&script.get("/session").await, 401, "Invalid session");
}

#[sqlx::test]
async fn a_refused_token_says_why_and_keeps_what_was_typed(pool: PgPool) {
    let app = server(&pool).await;
    let here = app.user("jana").await;
    let long = "x".repeat(101);
    for (name, days, field) in [
        ("", "90", "name"),
        (&long, "365", "name"),
        ("Laptop", "17", "expires_in"),
    ] {
        let page = here
            .submit("/account/tokens", &[("name", name), ("days", days)])
            .await;
        assert_eq!(
            page.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{name} {days}"
        );
        assert!(page.text().contains("Not saved: 1 field needs a change."));
        assert!(
            page.text().contains(&format!("href=\"#token-{field}\"")),
            "{field}"
        );
        assert!(page.text().contains(&format!("value=\"{name}\"")), "kept");
    }
    for number in 0..50 {
        let user = app.account("jana", Role::User).await;
        let name = format!("token {number}");
        app.state.tokens.create(user, &name, None).await.unwrap();
    }
    let page = here
        .submit("/account/tokens", &[("name", "one more"), ("days", "90")])
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text().contains("You have 50 tokens."));
    assert_eq!(rows(&pool, "api_tokens").await, 50);
}

#[sqlx::test]
async fn changing_the_password_needs_the_old_one_and_ends_the_other_sign_ins(pool: PgPool) {
    let app = server(&pool).await;
    let (here, phone) = (browser(&app, FIREFOX).await, browser(&app, PHONE).await);
    let change = async |old: &str, new: &str, again: &str| {
        here.submit(
            "/account/password",
            &[("old", old), ("new", new), ("again", again)],
        )
        .await
    };
    for (old, new, again, field) in [
        ("wrong", NEW, NEW, "old"),
        (ADMIN_PASSWORD, "short", "short", "new"),
        (ADMIN_PASSWORD, NEW, "another password", "again"),
    ] {
        let page = change(old, new, again).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(
            page.text().contains(&format!("href=\"#password-{field}\"")),
            "{field}"
        );
        for typed in [ADMIN_PASSWORD, NEW, "another password"] {
            assert!(!page.text().contains(typed), "nothing typed is shown again");
        }
    }
    assert_eq!(phone.get("/session").await.status, StatusCode::OK);

    let answer = change(ADMIN_PASSWORD, NEW, NEW).await;
    assert_eq!(answer.header("location"), "/account?done=password#password");
    assert_says(&phone.get("/session").await, 401, "Invalid session");
    assert_eq!(here.get("/session").await.status, StatusCode::OK);
    assert_eq!(
        signs_in(&app, "admin", ADMIN_PASSWORD).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(signs_in(&app, "admin", NEW).await.status, StatusCode::OK);
}

#[sqlx::test]
async fn guessing_the_old_password_is_slowed_like_signing_in(pool: PgPool) {
    let app = server(&pool).await;
    let here = browser(&app, FIREFOX).await;
    let form = [("old", "wrong"), ("new", NEW), ("again", NEW)];
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(here.submit("/account/password", &form).await.status);
    }
    assert!(
        statuses.contains(&StatusCode::TOO_MANY_REQUESTS),
        "{statuses:?}"
    );
    let answer = here.submit("/account/password", &form).await;
    assert!(!answer.header("retry-after").is_empty());
    assert!(answer.text().contains("Too many tries."));
}

#[sqlx::test]
async fn who_signs_in_with_a_provider_has_no_password_here(pool: PgPool) {
    let app = server(&pool).await;
    let jana = app.account("jana", Role::User).await;
    let here = app.user("jana").await;
    run(
        &pool,
        "update users set issuer = 'https://idp.test', subject = 's', password_hash = (select password_hash from users where username = 'admin')
         where username = 'jana'",
    )
    .await;
    run(
        &pool,
        "with p as (insert into oidc_providers (id, name, client_id) values (gen_random_uuid(), 'IServ', 'x') returning id)
         update login_sessions set provider_id = p.id from p where user_id = (select id from users where username = 'jana')",
    )
    .await;
    let page = here.open("/account").await;
    assert!(page.text().contains("signed in with IServ"));
    assert!(!page.text().contains("/account/password"));
    assert_eq!(sessions(&here).await[0]["provider"], "IServ");
    let form = [("old", ADMIN_PASSWORD), ("new", NEW), ("again", NEW)];
    assert_eq!(
        here.submit("/account/password", &form).await.status,
        StatusCode::NOT_FOUND
    );
    assert!(!app.state.sign_in.has_password(jana).await.unwrap());
}

#[sqlx::test]
async fn the_page_speaks_german_too(pool: PgPool) {
    let app = server(&pool).await;
    let here = app.user("jana").await;
    let mut request = here.request(Method::GET, "/account");
    request
        .headers_mut()
        .insert("accept-language", "de".parse().unwrap());
    let page = here.send(request).await;
    for words in [
        "<html lang=\"de\">",
        "Wo Sie angemeldet sind",
        "Dieser Browser",
        "Überall abmelden",
        "API-Token",
        "1 Jahr",
    ] {
        assert!(page.text().contains(words), "{words}");
    }
    assert!(
        !page.text().contains(">account-"),
        "a key without words: {}",
        page.text()
    );
}
