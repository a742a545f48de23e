//! The language and the theme of pages: for whoever looks, and for an account.

use super::*;

/// The cookies of an answer, as name and value.
fn cookies(answer: &Answer) -> Vec<String> {
    let all = answer.headers.get_all(header::SET_COOKIE).iter();
    all.map(|cookie| {
        cookie
            .to_str()
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .to_owned()
    })
    .collect()
}

#[sqlx::test]
async fn a_stranger_chooses_and_comes_back_to_the_page(pool: PgPool) {
    let app = server(&pool).await;
    let stranger = app.stranger();
    let page = stranger.open("/login?next=/admin").await;
    assert!(
        page.text().contains("action=\"/look\""),
        "the switch at the foot"
    );
    assert!(
        page.text().contains("value=\"/login?next=%2Fadmin\""),
        "and its way back"
    );
    let form = [("language", "de"), ("next", "/login?next=%2Fadmin")];
    let answer = stranger.submit("/look", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("location"), "/login?next=%2Fadmin");
    assert_eq!(cookies(&answer), ["deskcast-language=de"]);
    let attributes = answer.header("set-cookie");
    assert!(
        attributes.ends_with("; SameSite=Lax; Path=/; Max-Age=31536000"),
        "{attributes}"
    );

    let cookie = [("cookie", "deskcast-language=de; deskcast-theme=dark")];
    let page = get(&app, "/login", &cookie).await;
    assert!(
        page.text()
            .contains("<html lang=\"de\" data-theme=\"dark\">")
    );
    let answer = stranger.submit("/look", &[("theme", "light")]).await;
    assert_eq!(cookies(&answer), ["deskcast-theme=light"]);
    assert_eq!(answer.header("location"), "/");
    for wrong in [
        ("language", "fr"),
        ("theme", "\"><script>"),
        ("language", ""),
    ] {
        let answer = stranger.submit("/look", &[wrong]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
        assert_eq!(cookies(&answer), [""; 0]);
    }
    let chosen: i64 = sqlx::query_scalar("select count(*) from users where language is not null")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(chosen, 0, "nobody's account");
}

#[sqlx::test]
async fn what_a_person_chose_is_there_in_their_next_browser(pool: PgPool) {
    let app = server(&pool).await;
    let form = [("username", "admin"), ("password", ADMIN_PASSWORD)];
    let first = app.stranger().submit("/login", &form).await;
    let names = |answer: &Answer| -> Vec<String> {
        cookies(answer)
            .into_iter()
            .filter(|cookie| !cookie.starts_with("deskcast="))
            .filter(|cookie| !cookie.starts_with("deskcast-device="))
            .collect()
    };
    assert_eq!(
        names(&first),
        ["deskcast-theme=device"],
        "the browser says the language"
    );

    let admin = app.admin().await;
    let chosen = [("language", "de"), ("theme", "dark"), ("next", "/account")];
    let answer = admin.submit("/look", &chosen).await;
    assert_eq!(answer.header("location"), "/account");
    assert_eq!(
        cookies(&answer),
        ["deskcast-language=de", "deskcast-theme=dark"]
    );
    let next = app.stranger().submit("/login", &form).await;
    assert_eq!(
        names(&next),
        ["deskcast-language=de", "deskcast-theme=dark"]
    );
    // One of them does not touch the other.
    admin.submit("/look", &[("language", "en")]).await;
    let next = app.stranger().submit("/login", &form).await;
    assert_eq!(
        names(&next),
        ["deskcast-language=en", "deskcast-theme=dark"]
    );
}

#[sqlx::test]
async fn behind_tls_the_looks_travel_with_tls_only(pool: PgPool) {
    let app = TestApp::start_with(pool, &[("PUBLIC_URL", "https://desk.test")]).await;
    let answer = crate::support::raw(
        app.address,
        b"POST /look HTTP/1.1\r\nHost: desk.test\r\nOrigin: https://desk.test\r\nConnection: close\r\n\
          Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\n\r\ntheme=dark",
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    assert!(
        answer.contains("__Host-Http-deskcast-theme=dark; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=31536000"),
        "{answer}"
    );
}

#[sqlx::test]
async fn a_foreign_page_does_not_change_how_ours_look(pool: PgPool) {
    let app = server(&pool).await;
    let client = app.stranger();
    let mut request = client.request(Method::POST, "/look");
    let headers = request.headers_mut();
    headers.insert(header::ORIGIN, "https://evil.test".parse().unwrap());
    headers.insert(
        header::CONTENT_TYPE,
        "application/x-www-form-urlencoded".parse().unwrap(),
    );
    *request.body_mut() = Body::from("theme=dark");
    let answer = client.send(request).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(cookies(&answer), [""; 0]);
}
