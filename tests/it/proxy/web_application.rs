//! A plain web application as a desktop: requests, answers, sockets.

use axum::body::{Body, Bytes};
use hyper::{Method, StatusCode};
use kasm_standin::Fault;
use sqlx::PgPool;

use super::{Scene, Socket};

#[sqlx::test(migrations = "./migrations")]
async fn requests_and_answers_pass(pool: PgPool) {
    let scene = Scene::plain(pool).await;
    let page = scene.jane.open(&scene.at("")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("It works"));
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("frame-ancestors 'none'") && policy.starts_with("sandbox "),
        "{policy}"
    );
    assert_eq!(
        page.header("cross-origin-opener-policy"),
        "noopener-allow-popups"
    );
    assert_eq!(page.header("cache-control"), "private, no-store");
    let path = scene.desktop.name.clone();
    assert_eq!(
        page.header("set-cookie"),
        format!("plain=1; Path=/desktop/{path}/; SameSite=Lax; HttpOnly")
    );
    let echo = scene.jane.get(&scene.at("echo?a=%2F&b=c")).await;
    assert!(
        echo.text().starts_with("GET /echo?a=%2F&b=c HTTP/1.1\r\n"),
        "{}",
        echo.text()
    );
    assert_eq!(
        scene.jane.get(&scene.at("missing")).await.status,
        StatusCode::NOT_FOUND
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn bodies_of_every_size_pass_both_ways(pool: PgPool) {
    let scene = Scene::plain(pool).await;
    for size in [1, 1000, 70_000, 5 << 20] {
        let sent: Bytes = (0..251_u8).cycle().take(size).collect();
        let mut request = scene.jane.request(Method::POST, &scene.at("echo"));
        request.headers_mut().insert("content-length", size.into());
        *request.body_mut() = Body::from(sent.clone());
        assert!(
            scene.jane.send(request).await.body == sent,
            "{size} with a length"
        );
        let mut request = scene.jane.request(Method::POST, &scene.at("echo"));
        let pieces: Vec<Result<Bytes, std::io::Error>> = sent
            .chunks(40_000)
            .map(|piece| Ok(Bytes::copy_from_slice(piece)))
            .collect();
        *request.body_mut() = Body::from_stream(futures_util::stream::iter(pieces));
        assert!(
            scene.jane.send(request).await.body == sent,
            "{size} in pieces"
        );
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn nothing_of_ours_reaches_the_application(pool: PgPool) {
    let scene = Scene::plain(pool).await;
    let mut request = scene.jane.request(Method::GET, &scene.at("echo"));
    let ours = request.headers()["cookie"].to_str().unwrap().to_owned();
    let session = ours.split_once('=').unwrap().1.to_owned();
    let headers = request.headers_mut();
    headers.insert(
        "cookie",
        format!("theme=dark; {ours}; __Host-x=canary")
            .parse()
            .unwrap(),
    );
    for n in 0..60 {
        let name: hyper::header::HeaderName = format!("x-canary-{n}").parse().unwrap();
        headers.insert(name, "canary".parse().unwrap());
    }
    for (name, value) in [
        ("authorization", "Bearer canary"),
        ("referer", "http://canary/"),
        ("x-forwarded-for", "6.6.6.6"),
        ("x-forwarded-host", "canary"),
        ("forwarded", "for=6.6.6.6"),
        ("x_forwarded_for", "6.6.6.6"),
        ("sec-fetch-dest", "empty"),
        ("connection", "X-Forwarded-For, Host"),
        ("te", "trailers"),
        ("accept-language", "de"),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    assert_eq!(scene.jane.send(request).await.status, StatusCode::OK);
    let requests = scene.standin.requests();
    let arrived = requests.last().unwrap();
    for secret in ["canary", "6.6.6.6", &session, "deskcast"] {
        assert!(
            !arrived.contains(secret),
            "{secret} in {:?}",
            arrived.headers
        );
    }
    let mut names: Vec<_> = arrived
        .headers
        .iter()
        .map(|(name, _)| name.to_lowercase())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["accept-language", "cookie", "host", "x-forwarded-for"]
    );
    assert_eq!(arrived.header("cookie"), Some("theme=dark"));
    assert_eq!(arrived.header("x-forwarded-for"), Some("127.0.0.1"));
    assert_eq!(
        arrived.header("host"),
        Some(scene.standin.addr().to_string().as_str())
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn hostile_answers_are_harmless(pool: PgPool) {
    let scene = Scene::plain(pool).await;
    let hostile = [
        ("Set-Cookie", "deskcast=evil; Path=/"),
        ("Set-Cookie", "__Host-deskcast=evil; Path=/; Secure"),
        ("Set-Cookie", "=deskcast=evil"),
        ("Clear-Site-Data", "\"*\""),
        ("X-Accel-Redirect", "/internal"),
        ("Service-Worker-Allowed", "/"),
        ("Content-Security-Policy", "default-src *"),
        ("Cross-Origin-Opener-Policy", "unsafe-none"),
        ("Access-Control-Allow-Origin", "*"),
        ("Refresh", "0; url=/api"),
        ("Link", "</api>; rel=preload"),
        ("WWW-Authenticate", "Basic realm=\"give me your password\""),
        ("Strict-Transport-Security", "max-age=0"),
        ("Alt-Svc", "h2=\"evil:443\""),
        ("NEL", "{}"),
        ("Server", "evil"),
        ("Location", "https://evil.test/"),
    ];
    scene.standin.set_response_headers(&hostile);
    for status in [200, 401, 403, 500] {
        scene.standin.set_route(
            "/hostile",
            status,
            &[("Content-Type", "text/html")],
            b"<p>hostile",
        );
        let answer = scene.jane.get(&scene.at("hostile")).await;
        assert_eq!(answer.status.as_u16(), status);
        let text = format!("{:?}", answer.headers);
        for word in [
            "evil",
            "internal",
            "password",
            "default-src *",
            "unsafe-none",
            "rel=preload",
            "0; url",
            "max-age=0",
        ] {
            assert!(!text.contains(word), "{word} in {text}");
        }
        assert!(
            answer
                .header("content-security-policy")
                .starts_with("sandbox")
        );
        assert!(answer.headers.get("set-cookie").is_none());
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn redirects_stay_in_the_desktop_or_do_not_happen(pool: PgPool) {
    let scene = Scene::plain(pool).await;
    let (name, own) = (scene.desktop.name.clone(), scene.standin.addr());
    let stays = [
        ("/echo", format!("/desktop/{name}/echo")),
        ("echo?x", format!("/desktop/{name}/echo?x")),
        (&format!("http://{own}/a"), format!("/desktop/{name}/a")),
        ("/api/admin", format!("/desktop/{name}/api/admin")),
        (
            &format!("http://{}/desktop/{name}/b", scene.app.address),
            format!("/desktop/{name}/b"),
        ),
    ];
    for (to, seen) in stays {
        let answer = scene
            .jane
            .get(&scene.at(&format!("redirect?to={}", encoded(to))))
            .await;
        assert_eq!(answer.status, StatusCode::FOUND, "{to}");
        assert_eq!(answer.header("location"), seen, "{to}");
    }
    let leaves = [
        format!("http://{}/api/admin/containers", scene.app.address),
        format!("http://{}/desktop/{name}/../../api", scene.app.address),
        format!("http://{}/desktop/somebody-else/", scene.app.address),
        "//evil.test/".into(),
        "/\\evil.test/".into(),
        "https://evil.test/".into(),
        "javascript:alert(1)".into(),
        "/a/%2e%2e%2f%2e%2e%2fapi".into(),
    ];
    for to in leaves {
        for status in [301, 302, 303, 307, 308] {
            scene
                .standin
                .set_route("/leave", status, &[("Location", &to)], b"");
            let answer = scene.jane.get(&scene.at("leave")).await;
            assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{to}");
            assert_eq!(answer.header("location"), "");
        }
    }
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[sqlx::test(migrations = "./migrations")]
async fn foreign_pages_cannot_use_the_application(pool: PgPool) {
    let scene = Scene::plain(pool).await;
    let reached = scene.reached();
    let refused: [&[(&str, &str)]; 6] = [
        &[("origin", "http://evil.test")],
        &[("origin", "null")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "none")],
        &[],
    ];
    for lines in refused {
        let mut request = scene.jane.request(Method::POST, &scene.at("echo"));
        request.headers_mut().remove("origin");
        for (name, value) in lines {
            let name: hyper::header::HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        assert_eq!(
            scene.jane.send(request).await.status,
            StatusCode::FORBIDDEN,
            "{lines:?}"
        );
    }
    let mut image = scene.jane.request(Method::GET, &scene.at("echo"));
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "no-cors"),
    ] {
        image.headers_mut().insert(name, value.parse().unwrap());
    }
    assert_eq!(scene.jane.send(image).await.status, StatusCode::FORBIDDEN);
    assert_eq!(scene.reached(), reached);
}

#[sqlx::test(migrations = "./migrations")]
async fn an_application_that_fails_is_named_as_the_cause(pool: PgPool) {
    let scene = Scene::plain(pool).await;
    for fault in [
        Fault::CloseAtOnce,
        Fault::CloseAfterRequest,
        Fault::Reset,
        Fault::Raw(b"\x16\x03\x01 this is no HTTP\r\n\r\n".to_vec()),
        Fault::Raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n".to_vec()),
    ] {
        scene.standin.fault_once(fault.clone());
        let page = scene.jane.open(&scene.at("")).await;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{fault:?}");
        assert!(page.text().contains("<html"), "{fault:?}");
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn sockets_of_the_application_pass_with_its_own_subprotocols(pool: PgPool) {
    let scene = Scene::plain(pool).await;
    let mut request = scene.handshake(&scene.jane, "ws?room=1");
    let offered = "chat.v2, chat".parse().unwrap();
    request
        .headers_mut()
        .insert("sec-websocket-protocol", offered);
    let opened = Socket::open(&scene.app, request).await;
    let mut socket = opened.unwrap_or_else(|(status, text)| panic!("{status}: {text}"));
    assert_eq!(socket.headers["sec-websocket-protocol"], "chat.v2");
    let requests = scene.standin.requests();
    let arrived = requests.last().unwrap();
    assert_eq!(arrived.path, "/ws?room=1");
    assert!(!arrived.contains("deskcast"));
    for (opcode, text) in [(1, "hello"), (2, "bytes"), (9, "ping")] {
        socket.send(opcode, text.as_bytes()).await;
        let frame = socket.next().await.unwrap();
        assert_eq!(frame.opcode, if opcode == 9 { 10 } else { opcode });
        assert_eq!(frame.payload, text.as_bytes());
    }
    // It answers Close itself, so that answer is the only one.
    socket
        .send(8, &[&4321_u16.to_be_bytes()[..], b"bye"].concat())
        .await;
    assert_eq!(socket.closed().await, (4321, "bye".into()));
    scene.has_sockets(0).await;
}
