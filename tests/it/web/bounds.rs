//! What is too large or too slow is refused, and the server goes on.

use super::*;

#[tokio::test]
async fn what_is_too_large_is_refused_and_said() {
    let router = Router::new().route(
        "/api/echo",
        axum::routing::post(async |body: String| body.len().to_string()),
    );
    let small = Small::start(router).await;
    let client = small.client();
    let post = |length: usize| {
        let mut request = client.request(Method::POST, "/api/echo");
        *request.body_mut() = Body::from("a".repeat(length));
        client.send(request)
    };
    assert_eq!(post(layers::BODY_LIMIT).await.text(), "65536");
    let refused = post(layers::BODY_LIMIT + 1).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(refused.json()["code"], "too_large");

    let long = client.get(&format!("/api/{}", "a".repeat(8 * 1024))).await;
    assert_eq!(long.status, StatusCode::URI_TOO_LONG);
    assert_eq!(long.json()["code"], "address_too_long");
}

/// The status line of the answer to a request that only bytes can make.
async fn status_of(address: SocketAddr, request: String) -> String {
    raw(address, request.as_bytes())
        .await
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn heads_and_bodies_without_end_are_cut_off() {
    let router = Router::new().route(
        "/api/echo",
        axum::routing::post(async |body: String| body.len().to_string()),
    );
    let small = Small::start(router).await;
    let host = small.address;
    let many: String = (0..200).fold(String::new(), |all, n| all + &format!("X-{n}: a\r\n"));
    let many = format!("GET / HTTP/1.1\r\nHost: {host}\r\n{many}\r\n");
    assert!(status_of(host, many).await.contains(" 431 "));
    let wide = format!(
        "GET / HTTP/1.1\r\nHost: {host}\r\nX: {}\r\n\r\n",
        "a".repeat(64 * 1024)
    );
    assert!(status_of(host, wide).await.contains(" 431 "));
    // Chunks do not say how much is to come: the count does.
    let chunk = format!("4000\r\n{}\r\n", "a".repeat(0x4000));
    let chunked = format!(
        "POST /api/echo HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\
         Connection: close\r\n\r\n{}0\r\n\r\n",
        chunk.repeat(5)
    );
    assert!(status_of(host, chunked).await.contains(" 413 "));
}

#[tokio::test]
async fn a_head_that_drips_is_not_waited_for() {
    let limits = ServeLimits {
        head: Duration::from_millis(200),
        ..ServeLimits::default()
    };
    let router = Router::new().route("/", get(async || "works"));
    let small = Small::start_with(router, Duration::from_secs(30), limits).await;
    let mut slow = TcpStream::connect(small.address).await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nHost: ").await.unwrap();
    let mut answer = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(10), slow.read_to_end(&mut answer)).await;
    closed.expect("the connection is closed").ok();
    assert!(!String::from_utf8_lossy(&answer).contains("200 OK"));
    assert_eq!(small.client().get("/").await.text(), "works");
}

#[tokio::test]
async fn a_handler_that_hangs_is_given_up() {
    let router = Router::new().route(
        "/api/hangs",
        get(async || std::future::pending::<String>().await),
    );
    let limit = Duration::from_millis(100);
    let small = Small::start_with(router, limit, ServeLimits::default()).await;
    let answer = small.client().get("/api/hangs").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json()["code"], "too_slow");
    assert!(!answer.header("retry-after").is_empty());
}

#[tokio::test]
async fn what_locks_somebody_out_is_taken_away_and_said() {
    let router = Router::new().route("/page", axum::routing::get(async || "served"));
    let small = Small::start(router).await;
    let host = small.address;
    let ask = async |lines: String| {
        let request =
            format!("GET /page HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{lines}\r\n");
        raw(host, request.as_bytes()).await
    };
    let many: Vec<String> = (0..12)
        .map(|number| format!("b{number}={}", "x".repeat(4_000)))
        .collect();
    let bomb = ask(format!("Cookie: {}\r\n", many.join("; "))).await;
    assert!(bomb.starts_with("HTTP/1.1 431 "), "{bomb}");
    assert!(bomb.contains("clear-site-data: \"cookies\""), "{bomb}");
    assert!(bomb.contains("they have now been removed"), "{bomb}");

    let wide = ask(format!("X: {}\r\n", "x".repeat(40_000))).await;
    assert!(wide.starts_with("HTTP/1.1 431 "), "{wide}");
    assert!(!wide.contains("clear-site-data"), "{wide}");

    let two = ask("Cookie: deskcast=1; deskcast=2\r\n".into()).await;
    assert!(two.starts_with("HTTP/1.1 400 "), "{two}");
    for away in ["Path=/page;", "Path=/page/;"] {
        assert!(
            two.contains(&format!("set-cookie: deskcast=; {away} Max-Age=0")),
            "{two}"
        );
    }
    assert!(!two.contains("Path=/;"), "our own stays: {two}");

    let ahead = ask("Sec-Purpose: prefetch;prerender\r\n".into()).await;
    assert!(ahead.starts_with("HTTP/1.1 403 "), "{ahead}");
    assert!(ahead.contains("no-store"), "{ahead}");
}
