//! Session safety through the whole server, over the wire (threats T2, T11, T12).

use std::fmt::Write;

use super::*;
use crate::support::raw;

/// One request to a server that browsers reach as `https://desk.test`, and its answer.
async fn over_tls(app: &TestApp, line: &str, headers: &[&str], body: &str) -> String {
    let mut text = format!("{line} HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\n");
    for header in headers {
        text.push_str(header);
        text.push_str("\r\n");
    }
    if !body.is_empty() {
        let length = body.len();
        text.push_str(
            "Origin: https://desk.test\r\nContent-Type: application/x-www-form-urlencoded\r\n",
        );
        write!(text, "Content-Length: {length}\r\n").unwrap();
    }
    raw(app.address, format!("{text}\r\n{body}").as_bytes()).await
}

/// Whoever is signed in when the server is updated stays so.
#[sqlx::test]
async fn the_cookie_of_an_older_version_is_accepted_once_and_replaced(pool: PgPool) {
    let app = TestApp::start_with(pool.clone(), &[("PUBLIC_URL", "https://desk.test")]).await;
    let body = format!(
        "username=admin&password={}",
        ADMIN_PASSWORD.replace(' ', "+")
    );
    let answer = over_tls(&app, "POST /login", &[], &body).await;
    let id = |answer: &str| {
        let (_, rest) = answer.split_once("set-cookie: __Host-Http-deskcast=")?;
        Some(rest.split_once(';')?.0.to_owned())
    };
    let first = id(&answer).unwrap();
    let old = format!("Cookie: __Host-deskcast={first}");
    let open = async |cookie: &str| over_tls(&app, "GET /account?a=b%20c", &[cookie], "").await;
    // A session of this version: somebody planted it by the old name.
    let planted = open(&old).await;
    assert_eq!(id(&planted), None, "{planted}");
    assert!(planted.contains("location: /login"), "{planted}");

    sqlx::query("update login_sessions set created_at = created_at - interval '1 day'")
        .execute(&pool)
        .await
        .unwrap();
    let answer = over_tls(&app, "GET /api/tokens", &[&old], "").await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let answer = open(&old).await;
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    assert!(
        answer.contains("location: /account?a=b%20c\r\n"),
        "{answer}"
    );
    assert!(
        answer.contains("set-cookie: __Host-deskcast=; "),
        "{answer}"
    );
    let second = id(&answer).unwrap();
    assert_ne!(second, first);
    let page = open(&format!("Cookie: __Host-Http-deskcast={second}")).await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    for used in [old, format!("Cookie: __Host-Http-deskcast={first}")] {
        let answer = open(&used).await;
        assert!(answer.contains("location: /login"), "{answer}");
        assert_eq!(id(&answer), None, "{answer}");
    }
}

#[sqlx::test]
async fn behind_tls_only_the_cookie_that_is_bound_to_the_host_counts(pool: PgPool) {
    let app = TestApp::start_with(pool, &[("PUBLIC_URL", "https://desk.test")]).await;
    let body = format!(
        "username=admin&password={}",
        ADMIN_PASSWORD.replace(' ', "+")
    );
    // What a proxy in front says of the way to it changes nothing.
    let forged = [
        "X-Forwarded-Proto: http",
        "X-Forwarded-Host: evil.test",
        "Forwarded: proto=http;host=evil.test",
    ];
    let answer = over_tls(&app, "POST /login", &forged, &body).await;
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    assert!(!answer.contains("evil.test"), "{answer}");
    let (_, rest) = answer
        .split_once("set-cookie: __Host-Http-deskcast=")
        .unwrap();
    let (id, rest) = rest.split_once(';').unwrap();
    let attributes = rest.lines().next().unwrap();
    assert_eq!(
        attributes,
        " HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=604800"
    );
    let other = "A".repeat(22);
    for (cookie, status) in [
        (format!("__Host-Http-deskcast={id}"), 200),
        (format!("deskcast={id}"), 400),
        // Of older versions: scripts can plant it, so it counts for older sessions alone.
        (format!("__Host-deskcast={id}"), 400),
        (format!("__Secure-deskcast={id}"), 400),
        (format!("__host-deskcast={id}"), 400),
        (
            format!("__Host-Http-deskcast={id}; __Host-Http-deskcast={id}"),
            400,
        ),
        (
            format!("__Host-Http-deskcast={other}; __Host-Http-deskcast={id}"),
            400,
        ),
        // Planted by a sibling host, which cannot plant the right one.
        (format!("deskcast={other}; __Host-Http-deskcast={id}"), 200),
    ] {
        let header = format!("Cookie: {cookie}");
        let answer = over_tls(&app, "GET /session", &[&header], "").await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{cookie}: {answer}"
        );
    }
}

#[sqlx::test]
async fn signing_in_and_out_give_new_ids_and_end_the_old_ones(pool: PgPool) {
    let app = server(&pool).await;
    let mut seen = std::collections::HashSet::new();
    let mut browser = app.stranger();
    for _ in 0..3 {
        let form = [("username", "admin"), ("password", ADMIN_PASSWORD)];
        let answer = browser.submit("/login", &form).await;
        let cookie = answer.header("set-cookie");
        let id = cookie
            .strip_prefix("deskcast=")
            .unwrap()
            .split(';')
            .next()
            .unwrap();
        assert!(seen.insert(id.to_owned()), "an id that was there before");
        browser = Client::new(app.address, Credential::Cookie(id.to_owned()));
        assert_eq!(
            rows(&pool, "login_sessions").await,
            1,
            "the one before has ended"
        );
    }
    assert_eq!(browser.post("/logout").await.status, StatusCode::OK);
    for id in seen {
        let browser = Client::new(app.address, Credential::Cookie(id));
        assert_says(&browser.get("/session").await, 401, "Invalid session");
    }
    assert_eq!(rows(&pool, "login_sessions").await, 0);
}

/// What a script says of its address, request by request.
async fn tries_from(app: &TestApp, number: u32, lines: &[&str]) -> u16 {
    let body = r#"{"username":"admin","password":"x"}"#;
    let mut text = format!(
        "POST /api/login HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
        app.address,
        body.len()
    );
    for line in lines {
        text.push_str(&line.replace('N', &number.to_string()));
        text.push_str("\r\n");
    }
    let answer = raw(app.address, format!("{text}\r\n{body}").as_bytes()).await;
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[sqlx::test]
async fn who_guesses_is_slowed_whatever_they_say_of_their_address(pool: PgPool) {
    let app = server(&pool).await;
    let spoofs: [&[&str]; 6] = [
        &["X-Forwarded-For: 203.0.113.N"],
        &["X-Real-IP: 203.0.113.N"],
        &["Forwarded: for=203.0.113.N"],
        &[
            "X-Forwarded-For: 203.0.113.N",
            "X-Forwarded-For: 198.51.100.N",
        ],
        &["X-Forwarded-For: ::ffff:203.0.113.N, 127.0.0.1"],
        &[
            "True-Client-IP: 203.0.113.N",
            "CF-Connecting-IP: 203.0.113.N",
            "X-Client-IP: 203.0.113.N",
        ],
    ];
    let mut refused = 0;
    for number in 0..30_u32 {
        let lines = spoofs[usize::try_from(number).unwrap() % spoofs.len()];
        refused += u32::from(tries_from(&app, number, lines).await == 429);
    }
    assert!(refused >= 5, "{refused}");
}

#[sqlx::test]
async fn a_sign_in_notes_the_address_a_believed_proxy_says_and_no_other(pool: PgPool) {
    let noted = async |app: &TestApp| {
        let client = app.stranger();
        let mut request = client.request(Method::POST, "/api/login");
        let headers = request.headers_mut();
        headers.insert("x-forwarded-for", "6.6.6.6, 203.0.113.40".parse().unwrap());
        headers.insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
        let body = json!({"username": "admin", "password": ADMIN_PASSWORD});
        *request.body_mut() = Body::from(body.to_string());
        assert_eq!(client.send(request).await.status, StatusCode::OK);
        sqlx::query_scalar::<_, String>(
            "select client_ip from login_sessions order by created_at desc limit 1",
        )
        .fetch_one(&pool)
        .await
        .unwrap()
    };
    let alone = server(&pool).await;
    assert_eq!(noted(&alone).await, "127.0.0.1");
    let behind = TestApp::start_with(pool.clone(), &[("TRUSTED_PROXIES", "127.0.0.1/32")]).await;
    assert_eq!(noted(&behind).await, "203.0.113.40");
}
