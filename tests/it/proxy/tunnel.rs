//! The tunnel: every byte, every ending.

use std::time::{Duration, Instant};

use hyper::StatusCode;
use kasm_standin::{Fault, Flavour, messages};
use sqlx::PgPool;

use super::{Scene, Socket};
use crate::support::eventually;

/// Several MiB there and back, in frames of many sizes, while the other direction is busy as well.
async fn relays_every_byte(pool: PgPool, flavour: Flavour) {
    let scene = Scene::vnc(pool, flavour).await;
    let mut socket = scene.socket(&scene.jane, "websockify").await;
    assert_eq!(socket.headers["sec-websocket-protocol"], "binary");
    assert_eq!(
        socket.headers["sec-websocket-accept"],
        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    );
    assert!(!socket.headers.contains_key("sec-websocket-extensions"));
    socket.begin(flavour).await;
    let mut seed = 1_u32;
    let mut byte = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed.to_be_bytes()[0]
    };
    let mut total = 0;
    for size in [0, 1, 120, 125, 126, 4_000, 16_379, 32_000, 60_000] {
        for _ in 0..12 {
            let payload: Vec<u8> = (0..size).map(|_| byte()).collect();
            let message = messages::echo(&payload);
            socket.send(2, &message).await;
            assert!(socket.bytes(message.len()).await == message, "{size} bytes");
            total += message.len();
        }
    }
    assert!(total > 1 << 20);
    let [probe, tunnel] = &scene.standin.requests()[..] else {
        panic!("{:?}", scene.standin.requests());
    };
    assert!(!probe.upgrade && tunnel.upgrade);
    assert_eq!(tunnel.user.as_deref(), Some("kasm_user"));
    assert_eq!(scene.standin.auth_failures(), 0);
}

#[sqlx::test(migrations = "./migrations")]
async fn an_old_server_gets_every_byte(pool: PgPool) {
    relays_every_byte(pool, Flavour::Old).await;
}

#[sqlx::test(migrations = "./migrations")]
async fn a_new_server_gets_every_byte(pool: PgPool) {
    relays_every_byte(pool, Flavour::New).await;
}

#[sqlx::test(migrations = "./migrations")]
async fn eight_mebibytes_at_once_arrive_in_order(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let mut socket = scene.socket(&scene.jane, "websockify").await;
    socket.begin(Flavour::New).await;
    let message = messages::echo(&(0..250_u8).cycle().take(32_000).collect::<Vec<_>>());
    for _ in 0..32 {
        // The answers wait in the tunnel and in the sockets meanwhile.
        for _ in 0..8 {
            socket.send(2, &message).await;
        }
        assert!(socket.bytes(8 * message.len()).await == message.repeat(8));
    }
}

/// The program in the desktop that takes them was told not to, but its user may have told it otherwise.
#[sqlx::test(migrations = "./migrations")]
async fn a_clipboard_that_is_off_does_not_reach_the_desktop(pool: PgPool) {
    sqlx::query("update user_groups set settings = $1 where everybody")
        .bind(serde_json::json!({"allow_clipboard_up": false}))
        .execute(&pool)
        .await
        .unwrap();
    let scene = Scene::vnc(pool, Flavour::New).await;
    let mut socket = scene.socket(&scene.jane, "websockify").await;
    socket.begin(Flavour::New).await;
    let long = messages::clipboard(&vec![b'x'; 30_000]);
    socket.send(2, &messages::key(true, 0x61)).await;
    socket.send(2, &messages::clipboard(b"secret")).await;
    // In two frames, as a client sends what is long.
    let (one, two) = long.split_at(20_000);
    socket.send(2, one).await;
    socket.send(2, two).await;
    // The stand-in ends the connection when it meets this one.
    socket
        .send(2, b"\xb4\x01\x0atext/plain\0\0\0\x06secret")
        .await;
    socket.send(2, &messages::pointer(3, 4)).await;
    socket.send(2, &messages::counts()).await;
    let counts = messages::read_counts(&socket.bytes(messages::COUNTS_LENGTH).await).unwrap();
    assert_eq!((counts.keys, counts.pointers, counts.clipboards), (1, 1, 0));
    // What hides one ends the stream.
    let hidden = [messages::key(true, 0x61), messages::clipboard(b"secret")].concat();
    socket.send(2, &hidden).await;
    while socket.next().await.is_some() {}
}

#[sqlx::test(migrations = "./migrations")]
async fn keys_and_pointer_arrive(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::Old).await;
    let mut socket = scene.socket(&scene.jane, "websockify").await;
    socket.begin(Flavour::Old).await;
    socket.send(2, &messages::key(true, 0x61)).await;
    socket.send(2, &messages::pointer(3, 4)).await;
    socket.send(2, &messages::counts()).await;
    let counts = messages::read_counts(&socket.bytes(messages::COUNTS_LENGTH).await).unwrap();
    assert_eq!((counts.keys, counts.pointers, counts.ignored), (1, 1, 0));
}

#[sqlx::test(migrations = "./migrations")]
async fn a_container_sees_nothing_of_the_browser(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::Old).await;
    let mut request = scene.handshake(&scene.jane, "websockify?secret=canary");
    for (name, value) in [
        ("authorization", "Bearer canary"),
        ("proxy-authorization", "Basic canary"),
        ("cookie2", "canary"),
        ("referer", "http://canary/api/../x"),
        ("user-agent", "canary"),
        ("x-session-id", "canary"),
        ("x-forwarded-for", "6.6.6.6"),
        ("forwarded", "for=canary"),
        ("accept-language", "canary"),
        ("sec-ch-ua", "canary"),
        ("x_forwarded_for", "canary"),
        ("sec-websocket-origin", "http://canary"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let cookie = request.headers()["cookie"].to_str().unwrap().to_owned();
    let session = cookie.split_once('=').unwrap().1.to_owned();
    Socket::open(&scene.app, request).await.map(drop).unwrap();
    let requests = scene.standin.requests();
    let tunnel = requests.last().unwrap();
    for secret in ["canary", "6.6.6.6", &session, "deskcast", "ookie"] {
        assert!(!tunnel.contains(secret), "{secret}");
    }
    let names: Vec<&str> = tunnel
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    for exact in ["Host", "Connection", "Authorization", "Origin"] {
        assert_eq!(
            names.iter().filter(|name| **name == exact).count(),
            1,
            "{exact} in {names:?}"
        );
    }
    assert_eq!(names.len(), 10, "{names:?}");
    assert_eq!(tunnel.path, "/websockify");
    assert_eq!(tunnel.header("x-forwarded-for"), Some("127.0.0.1"));
    assert!(tunnel.head.len() < 4096);
}

#[sqlx::test(migrations = "./migrations")]
async fn subprotocols_are_answered_only_to_whom_offered_them(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    for (offered, answered) in [
        (Some("binary"), Some("binary")),
        (Some("base64, binary"), Some("binary")),
        (Some("chat"), None),
        (None, None),
    ] {
        let mut request = scene.handshake(&scene.jane, "websockify");
        request.headers_mut().remove("sec-websocket-protocol");
        if let Some(offered) = offered {
            let offered = offered.parse().unwrap();
            request
                .headers_mut()
                .insert("sec-websocket-protocol", offered);
        }
        let socket = Socket::open(&scene.app, request)
            .await
            .map_err(|answer| answer.0);
        let headers = socket.unwrap().headers;
        let got = headers
            .get("sec-websocket-protocol")
            .map(|value| value.to_str().unwrap());
        assert_eq!(got, answered, "{offered:?}");
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn a_desktop_that_ends_says_goodbye(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let mut socket = scene.socket(&scene.jane, "websockify").await;
    socket.begin(Flavour::New).await;
    scene.standin.end_sockets();
    assert_eq!(socket.closed().await, (1001, "desktop ended".into()));
}

#[sqlx::test(migrations = "./migrations")]
async fn stopping_a_desktop_cuts_its_streams(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let mut sockets = Vec::new();
    for _ in 0..5 {
        let mut socket = scene.socket(&scene.jane, "websockify").await;
        socket.begin(Flavour::New).await;
        sockets.push(socket);
    }
    scene.stop().await;
    for socket in &mut sockets {
        assert_eq!(socket.closed().await, (4000, "desktop stopped".into()));
    }
    scene.has_sockets(0).await;
    let again = scene.handshake(&scene.jane, "websockify");
    let refused = Socket::open(&scene.app, again).await.map(drop);
    assert_eq!(refused.unwrap_err().0, StatusCode::NOT_FOUND);
}

#[sqlx::test(migrations = "./migrations")]
async fn signing_out_ends_the_streams_of_that_session_and_no_other(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let other = scene.app.user("jane").await;
    let mut here = scene.socket(&scene.jane, "websockify").await;
    let mut there = scene.socket(&other, "websockify").await;
    here.begin(Flavour::New).await;
    there.begin(Flavour::New).await;
    let began = Instant::now();
    assert!(scene.jane.post("/logout").await.status.is_success());
    assert_eq!(here.closed().await, (4001, "signed out".into()));
    assert!(began.elapsed() < Duration::from_secs(5));
    let message = messages::echo(b"still here");
    there.send(2, &message).await;
    assert_eq!(there.bytes(message.len()).await, message);
}

#[sqlx::test(migrations = "./migrations")]
async fn a_server_that_stops_says_so_at_the_end_of_its_patience(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let mut socket = scene.socket(&scene.jane, "websockify").await;
    socket.begin(Flavour::New).await;
    scene.app.tasks().begin_shutdown();
    let message = messages::echo(b"streams go on in the soft phase");
    socket.send(2, &message).await;
    assert_eq!(socket.bytes(message.len()).await, message);
    scene.app.tasks().hard().cancel();
    assert_eq!(socket.closed().await, (1012, "server restarting".into()));
}

#[sqlx::test(migrations = "./migrations")]
async fn a_browser_that_says_close_is_answered(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let mut socket = scene.socket(&scene.jane, "websockify").await;
    socket.begin(Flavour::New).await;
    socket.send(8, &1000_u16.to_be_bytes()).await;
    assert_eq!(socket.closed().await, (1000, String::new()));
    scene.has_sockets(0).await;
}

#[sqlx::test(migrations = "./migrations")]
async fn a_browser_that_vanishes_lets_the_desktop_go(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let mut socket = scene.socket(&scene.jane, "websockify").await;
    socket.begin(Flavour::New).await;
    drop(socket);
    scene.has_sockets(0).await;
    let mut half = scene.socket(&scene.jane, "websockify").await;
    half.begin(Flavour::New).await;
    half.finish().await;
    scene.has_sockets(0).await;
    assert_eq!(half.closed().await.0, 1001);
}

#[sqlx::test(migrations = "./migrations")]
async fn only_a_page_of_this_server_opens_a_stream(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let before = scene.reached();
    let port = scene.app.address.port();
    let origins = [
        None,
        Some("null".to_owned()),
        Some("http://evil.test".to_owned()),
        Some(format!("http://evil.test:{port}")),
        Some(format!("https://127.0.0.1:{port}")),
        Some("http://127.0.0.1".to_owned()),
        Some(format!("http://127.0.0.1:{}", port ^ 1)),
        Some(format!("http://127.0.0.1:{port}.evil.test")),
        Some(format!("http://desk.127.0.0.1:{port}")),
        Some(format!("http://127.0.0.1:{port}/")),
    ];
    for origin in origins {
        let mut request = scene.handshake(&scene.jane, "websockify");
        request.headers_mut().remove("origin");
        if let Some(origin) = &origin {
            let origin = origin.parse().unwrap();
            request.headers_mut().insert("origin", origin);
        }
        let refused = Socket::open(&scene.app, request).await.map(drop);
        assert_eq!(refused.unwrap_err().0, StatusCode::FORBIDDEN, "{origin:?}");
    }
    assert_eq!(scene.reached(), before, "the desktop was not asked");
    assert_eq!(scene.standin.connections(), before, "nor dialled");
}

#[sqlx::test(migrations = "./migrations")]
async fn what_is_no_handshake_is_not_one(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let before = scene.reached();
    for (name, value, status) in [
        ("sec-websocket-version", "8", StatusCode::UPGRADE_REQUIRED),
        ("sec-websocket-key", "short", StatusCode::BAD_REQUEST),
        ("connection", "keep-alive", StatusCode::BAD_REQUEST),
        ("upgrade", "h2c", StatusCode::BAD_REQUEST),
        ("sec-websocket-protocol", "a b", StatusCode::BAD_REQUEST),
    ] {
        let mut request = scene.handshake(&scene.jane, "websockify");
        request.headers_mut().insert(name, value.parse().unwrap());
        let refused = Socket::open(&scene.app, request).await.map(drop);
        assert_eq!(refused.unwrap_err().0, status, "{name}: {value}");
    }
    // An upgrade anywhere else is not one either: the real server would take any path for its socket.
    for rest in ["", "client/", "websockify/", "websockifyx", "api/get_users"] {
        let request = scene.handshake(&scene.jane, rest);
        assert!(Socket::open(&scene.app, request).await.is_err(), "{rest}");
    }
    assert_eq!(scene.reached(), before);
}

#[sqlx::test(migrations = "./migrations")]
async fn a_container_must_agree_properly(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let faults = [
        Fault::WrongAccept,
        Fault::NoAccept,
        Fault::NotSwitching(200),
        Fault::NotSwitching(403),
        Fault::NotSwitching(500),
        Fault::CloseAfterRequest,
        Fault::Redirect("/elsewhere".into()),
        Fault::Raw(b"RFB 003.008\n".to_vec()),
        Fault::Raw(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
                .to_vec(),
        ),
        Fault::CloseAtOnce,
        Fault::Reset,
    ];
    for fault in faults {
        scene.standin.fault_once(fault.clone());
        let request = scene.handshake(&scene.jane, "websockify");
        let refused = Socket::open(&scene.app, request).await.map(drop);
        assert_eq!(refused.unwrap_err().0, StatusCode::BAD_GATEWAY, "{fault:?}");
    }
    // A slow one is fine.
    scene
        .standin
        .fault_once(Fault::Drip(Duration::from_millis(2)));
    scene
        .socket(&scene.jane, "websockify")
        .await
        .begin(Flavour::New)
        .await;
}

#[sqlx::test(migrations = "./migrations")]
async fn hostile_headers_of_a_101_do_not_arrive(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    scene.standin.set_response_headers(&[
        ("Set-Cookie", "deskcast=evil; Path=/"),
        ("X-Accel-Redirect", "/internal"),
        ("Clear-Site-Data", "\"*\""),
        ("Service-Worker-Allowed", "/"),
    ]);
    let socket = scene.socket(&scene.jane, "websockify").await;
    for name in [
        "set-cookie",
        "x-accel-redirect",
        "clear-site-data",
        "service-worker-allowed",
    ] {
        assert!(!socket.headers.contains_key(name), "{name}");
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn a_desktop_has_so_many_streams_and_no_more(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let mut sockets = Vec::new();
    for _ in 0..48 {
        sockets.push(scene.socket(&scene.jane, "websockify").await);
    }
    let one_more = scene.handshake(&scene.jane, "websockify");
    let refused = Socket::open(&scene.app, one_more).await.map(drop);
    assert_eq!(refused.unwrap_err().0, StatusCode::SERVICE_UNAVAILABLE);
    sockets.truncate(47);
    scene.has_sockets(47).await;
    // The tunnel leaves the count when its goodbye is done.
    let live = scene
        .app
        .state
        .desktops
        .live()
        .get(&scene.desktop.name)
        .unwrap();
    eventually(
        "the tunnel is counted out",
        Duration::from_secs(5),
        async || (live.tunnels() <= 47).then_some(()),
    )
    .await;
    scene.socket(&scene.jane, "websockify").await;
}

#[sqlx::test(migrations = "./migrations")]
async fn live_streams_and_reconnects_do_not_need_the_database(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let mut socket = scene.socket(&scene.jane, "websockify").await;
    socket.begin(Flavour::New).await;
    scene.app.pool.close().await;
    let message = messages::echo(b"the stream goes on");
    socket.send(2, &message).await;
    assert_eq!(socket.bytes(message.len()).await, message);
    drop(socket);
    // Who is calling is remembered for a moment, where the desktop is for as long as it runs.
    let mut again = scene.socket(&scene.jane, "websockify").await;
    again.begin(Flavour::New).await;
}
