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
