//! What happens around every request, whatever it asks for.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, body::Body, routing::get};
use deskcast::{
    config::{Config, EnvSource, HttpConfig},
    lifecycle::Tasks,
    people::Role,
    runtime::fake::Call,
    web::{
        error_page, layers,
        serve::{ServeLimits, serve},
        statics,
    },
};
use hyper::{Method, StatusCode};
use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

use super::support::{ADMIN_PASSWORD, Answer, Client, Credential, Logs, TestApp, raw};

#[sqlx::test(migrations = "./migrations")]
async fn every_page_says_what_it_may_load(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let page = app.stranger().open("/login").await;
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.header("content-security-policy");
    for rule in [
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(rule), "{rule} is not in {policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin-allow-popups"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "private, no-store"),
        ("strict-transport-security", ""),
    ] {
        assert_eq!(page.header(name), value, "{name}");
    }
    assert!(page.header("permissions-policy").contains("camera=()"));
    let again = app.stranger().open("/login").await;
    assert_ne!(
        policy,
        again.header("content-security-policy"),
        "a nonce is used once"
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn the_scripts_of_a_page_carry_its_nonce(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let page = app.user("jane").await.open("/").await;
    let policy = page.header("content-security-policy");
    let (_, rest) = policy.split_once("'nonce-").unwrap();
    let (nonce, _) = rest.split_once('\'').unwrap();
    assert_eq!(nonce.len(), 22, "128 bits");
    let scripts: Vec<_> = page.text().split("<script").skip(1).collect();
    assert!(!scripts.is_empty());
    for script in scripts {
        let tag = script.split_once('>').unwrap().0;
        assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "<script{tag}>");
    }
    assert!(
        !page.text().contains(" style=\""),
        "the policy forbids inline styles"
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn over_tls_browsers_are_told_to_stay(pool: PgPool) {
    let app = TestApp::start_with(pool, &[("PUBLIC_URL", "https://desk.example.org")]).await;
    let answer = raw(
        app.address,
        b"GET /login HTTP/1.1\r\nHost: desk.example.org\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age=31536000"));
}

/// Every route that changes something, forms of pages too, with its parameters filled in.
fn mutating_routes() -> Vec<(Method, String)> {
    let filled = |path: &str| -> String {
        path.split('/')
            .map(|part| {
                if part.starts_with('{') {
                    "018f0000-0000-7000-8000-000000000001"
                } else {
                    part
                }
            })
            .collect::<Vec<_>>()
            .join("/")
    };
    // Of every method are only those of desktops, whose own rules `proxy` tests.
    let routes: Vec<_> = deskcast::app::routes()
        .into_iter()
        .filter_map(|route| Some((route.method?, filled(&route.path))))
        .filter(|(method, _)| !method.is_safe())
        .collect();
    assert!(routes.len() >= 20, "there are more: {routes:?}");
    routes
}

async fn everything_stored(pool: &PgPool) -> String {
    sqlx::query_scalar(
        "select concat_ws('|',
            (select json_agg(d order by id)::text from desktops d),
            (select json_agg(t order by id)::text from api_tokens t),
            (select json_agg(u order by id)::text from users u),
            (select json_agg(k order by id)::text from desktop_types k),
            (select count(*)::text from login_sessions))",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}

#[sqlx::test(migrations = "./migrations")]
async fn no_other_site_changes_anything(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let ours = format!("http://{}", app.address);
    let foreign: [&[(&str, &str)]; 12] = [
        &[],
        &[("origin", "null")],
        &[("origin", "https://evil.example")],
        &[("origin", &ours.replace("http", "https"))],
        &[("origin", "http://127.0.0.1:1")],
        &[("origin", "http://127.0.0.1")],
        &[("origin", &format!("{ours}.evil.example"))],
        &[("origin", &format!("{ours}/"))],
        &[("sec-fetch-site", "same-site"), ("origin", &ours)],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "none")],
        &[("sec-fetch-site", "same-origin"), ("origin", "null")],
    ];
    let bodies = [
        (
            "application/x-www-form-urlencoded",
            "desktop_type=debian-desktop",
        ),
        ("text/plain", "{\"desktop_type\":\"debian-desktop\"}"),
        ("application/json", "{\"desktop_type\":\"debian-desktop\"}"),
    ];
    let before = everything_stored(&pool).await;
    for (method, path) in mutating_routes() {
        for headers in foreign {
            for (kind, body) in bodies {
                let mut request = admin.request(method.clone(), &path);
                request.headers_mut().remove("origin");
                for (name, value) in headers {
                    let name: hyper::header::HeaderName = name.parse().unwrap();
                    request.headers_mut().insert(name, value.parse().unwrap());
                }
                request
                    .headers_mut()
                    .insert("content-type", kind.parse().unwrap());
                *request.body_mut() = Body::from(body);
                let answer = admin.send(request).await;
                assert_eq!(
                    answer.status,
                    StatusCode::FORBIDDEN,
                    "{method} {path} {headers:?} {kind}: {}",
                    answer.text()
                );
            }
        }
    }
    assert_eq!(everything_stored(&pool).await, before);
    assert_eq!(app.engine.count(Call::Create), 0);
}

#[sqlx::test(migrations = "./migrations")]
async fn a_page_of_ours_and_a_script_may_change_something(pool: PgPool) {
    let app = TestApp::start(pool).await;
    for client in [app.user("jane").await, app.script("jane").await] {
        let stopped = client.post("/api/container/stop").await;
        assert_eq!(stopped.json()["error"], "No running container found");
        let removed = client.delete("/api/container/remove").await;
        assert_eq!(removed.json()["error"], "No container found");
    }
    let form = [("username", "admin"), ("password", ADMIN_PASSWORD)];
    let signed_in = app.stranger().submit("/login", &form).await;
    assert_eq!(signed_in.status, StatusCode::SEE_OTHER);
    assert!(signed_in.header("set-cookie").starts_with("deskcast="));
}

#[sqlx::test(migrations = "./migrations")]
async fn a_forged_host_reaches_nothing_and_is_never_repeated(pool: PgPool) {
    const OURS: &str = "Host: desk.example.org\r\n";
    let app = TestApp::start_with(pool, &[("PUBLIC_URL", "https://desk.example.org")]).await;
    let table = [
        ("GET / HTTP/1.1", "Host: evil.example\r\n", 421),
        ("GET / HTTP/1.1", "Host: evil.example:443\r\n", 421),
        ("GET / HTTP/1.1", "Host: desk.example.org:8443\r\n", 421),
        ("GET / HTTP/1.1", "Host: desk.example.org.\r\n", 421),
        (
            "GET / HTTP/1.1",
            "Host: desk.example.org.evil.example\r\n",
            421,
        ),
        (
            "GET / HTTP/1.1",
            "Host: evil.example@desk.example.org\r\n",
            421,
        ),
        ("GET / HTTP/1.1", "Host: 127.0.0.1\r\n", 421),
        ("GET / HTTP/1.1", "Host: localhost\r\n", 421),
        ("GET / HTTP/1.1", "", 400),
        ("GET / HTTP/1.1", "Host:\r\n", 400),
        (
            "GET / HTTP/1.1",
            "Host: desk.example.org, evil.example\r\n",
            400,
        ),
        (
            "GET / HTTP/1.1",
            "Host: desk.example.org/evil.example\r\n",
            400,
        ),
        (
            "GET / HTTP/1.1",
            "Host: desk.example.org\r\nHost: evil.example\r\n",
            400,
        ),
        (
            "GET / HTTP/1.1",
            "Host: evil.example\r\nHost: desk.example.org\r\n",
            400,
        ),
        ("GET http://evil.example/ HTTP/1.1", OURS, 421),
        (
            "GET https://desk.example.org/ HTTP/1.1",
            "Host: evil.example\r\n",
            421,
        ),
        ("POST /api/login HTTP/1.1", "Host: evil.example\r\n", 421),
        (
            "GET /desktop/jane-ubuntu/ HTTP/1.1",
            "Host: evil.example\r\n",
            421,
        ),
        (
            "GET /static/x/favicon.svg HTTP/1.1",
            "Host: evil.example\r\n",
            421,
        ),
        ("GET /readyz HTTP/1.1", "Host: evil.example\r\n", 421),
        // Headers of proxies change nothing: the page is ours, and so is every link on it.
        (
            "GET /login HTTP/1.1",
            "Host: desk.example.org\r\nX-Forwarded-Host: evil.example\r\n",
            200,
        ),
        (
            "GET /login HTTP/1.1",
            "Host: desk.example.org\r\nForwarded: host=evil.example\r\n",
            200,
        ),
        (
            "GET /login HTTP/1.1",
            "Host: desk.example.org\r\nX-Original-URL: //evil.example\r\n",
            200,
        ),
    ];
    for (line, headers, status) in table {
        let request = format!("{line}\r\n{headers}Connection: close\r\n\r\n");
        let answer = raw(app.address, request.as_bytes()).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{line} {headers:?}: {answer}"
        );
        assert!(
            !answer.contains("evil.example"),
            "{line} {headers:?}: {answer}"
        );
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn a_request_is_one_line_and_nothing_secret_is_in_it(pool: PgPool) {
    let logs = Logs::capture();
    let app = TestApp::start(pool).await;
    let jane = app.user("jane").await;
    let mut request = jane.request(
        Method::GET,
        "/api/container/one-line?session_id=canary-query&password=canary-too",
    );
    for (name, value) in [
        ("authorization", "Bearer canary-bearer"),
        ("user-agent", "canary-agent"),
        ("referer", "https://canary.example/?canary"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let answer = jane.send(request).await;
    let lines = logs.requests("/api/container/one-line").await;
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert_eq!(line["method"], "GET");
    assert_eq!(line["status"], 404);
    assert_eq!(line["client.ip"], "127.0.0.1");
    assert_eq!(line["error.code"], "not_found");
    assert_eq!(line["reference"], answer.header("x-request-id"));
    assert!(line["duration_ms"].is_u64());
    let all = logs.text();
    assert!(!all.contains("canary"), "{all}");
}

#[sqlx::test(migrations = "./migrations")]
async fn the_line_of_a_request_names_who_called(pool: PgPool) {
    let logs = Logs::capture();
    let app = TestApp::start(pool).await;
    let id = app.account("jane", Role::User).await;
    let answer = app.user("jane").await.get("/api/container/status").await;
    assert_eq!(answer.status, StatusCode::OK);
    let line = &logs.requests("/api/container/status").await[0];
    assert_eq!(line["user.id"], id.to_string());
}

#[sqlx::test(migrations = "./migrations")]
async fn live_views_do_not_hold_the_end_of_the_server_up(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let jane = app.user("jane").await;
    let view = app
        .tasks()
        .spawn(async move { jane.get("/api/events").await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!view.is_finished(), "events go on");
    let in_time = app
        .tasks()
        .finish(
            Duration::from_secs(10),
            std::future::pending(),
            Duration::ZERO,
        )
        .await;
    assert!(in_time);
    assert_eq!(
        view.await.unwrap().header("content-type"),
        "text/event-stream"
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn a_caller_s_address_is_not_what_they_say_it_is(pool: PgPool) {
    let logs = Logs::capture();
    let trusting = TestApp::start_with(pool, &[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let stranger = trusting.stranger();
    for (path, chain, client) in [
        ("/api/address-1", "203.0.113.7", "203.0.113.7"),
        ("/api/address-2", "10.9.9.9, 203.0.113.7", "203.0.113.7"),
        ("/api/address-3", "rubbish", "127.0.0.1"),
    ] {
        let mut request = stranger.request(Method::GET, path);
        request
            .headers_mut()
            .insert("x-forwarded-for", chain.parse().unwrap());
        stranger.send(request).await;
        assert_eq!(logs.requests(path).await[0]["client.ip"], client, "{chain}");
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn programs_hear_of_errors_in_json(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (stranger, jane) = (app.stranger(), app.user("jane").await);
    let expired = Client::new(app.address, Credential::Header("unknown".into()));
    let table = [
        (
            stranger.open("/api/container/list").await,
            400,
            "No session ID provided",
        ),
        (
            stranger.open("/session").await,
            400,
            "No session ID provided",
        ),
        (
            expired.get("/api/container/list").await,
            401,
            "Invalid session",
        ),
        (
            jane.get("/api/admin/containers").await,
            403,
            "Admin access required",
        ),
    ];
    for (answer, status, sentence) in table {
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
        assert_eq!(answer.header("content-type"), "application/json");
        let body = answer.json();
        assert_eq!(body["error"], sentence);
        assert_eq!(body["success"], false);
        assert!(body["code"].is_string());
        assert_eq!(body.as_object().unwrap().len(), 3, "{body}");
    }
    for (answer, status, code) in [
        (stranger.open("/api").await, 404, "not_found"),
        (stranger.open("/api/nowhere").await, 404, "not_found"),
        (
            jane.get("/api/container/stop").await,
            405,
            "method_not_allowed",
        ),
    ] {
        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(answer.json()["code"], code);
    }
    let wrong = jane.get("/api/container/stop").await;
    assert!(
        wrong.header("allow").contains("POST"),
        "{:?}",
        wrong.headers
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn people_hear_of_errors_on_a_page(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let stranger = app.stranger();
    let nowhere = "/nowhere/%3Csvg%20onload=alert(1)%3E?a=%22%3E%3Csvg%20onload=alert(2)%3E";
    let page = stranger.open(nowhere).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.text().contains("There is nothing here"));
    assert!(page.text().contains(page.header("x-request-id")));
    assert!(
        !page.text().contains("onload"),
        "the address is not repeated"
    );
    assert!(page.header("content-security-policy").contains("'nonce-"));
}

#[sqlx::test(migrations = "./migrations")]
async fn who_is_not_signed_in_is_sent_to_sign_in_and_back(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let stranger = app.stranger();
    let page = stranger
        .open("/desktops/debian-desktop/remove?a=b&x=%26")
        .await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
    assert_eq!(
        page.header("location"),
        "/login?next=%2Fdesktops%2Fdebian-desktop%2Fremove%3Fa%3Db%26x%3D%2526"
    );
    // What was to be changed is not repeated after signing in.
    let change = stranger
        .submit("/desktops/debian-desktop/remove", &[])
        .await;
    assert_eq!(change.header("location"), "/login?next=%2F");

    let desktop = stranger.open("/desktop/jane-debian-desktop/").await;
    assert_eq!(desktop.status, StatusCode::SEE_OTHER, "{}", desktop.text());
    let file = stranger
        .get("/desktop/jane-debian-desktop/client/ui.js")
        .await;
    assert_eq!(file.status, StatusCode::UNAUTHORIZED);
    assert!(file.header("content-type").starts_with("text/plain"));
    assert!(
        file.header("content-security-policy")
            .contains("default-src 'none'")
    );
}

/// A server of two routes behind the real layers, for what no route of ours does on purpose.
struct Small {
    address: SocketAddr,
    tasks: Tasks,
}

impl Small {
    async fn start(router: Router) -> Self {
        Self::start_with(router, Duration::from_secs(30), ServeLimits::default()).await
    }

    async fn start_with(router: Router, limit: Duration, limits: ServeLimits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let http = http_config(address);
        let router =
            layers::around_pages_and_api(router.fallback(error_page::nothing_here), &http, limit)
                .merge(statics::routes().into_router());
        let router = layers::around_all(router, &http, deskcast::app::branches::branch);
        let tasks = Tasks::new();
        tasks.spawn(serve(listener, router, tasks.clone(), limits));
        Self { address, tasks }
    }

    fn client(&self) -> Client {
        Client::new(self.address, Credential::None)
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        self.tasks.soft().cancel();
        self.tasks.hard().cancel();
    }
}

fn http_config(address: SocketAddr) -> HttpConfig {
    let env: EnvSource = [
        ("DATABASE_URL", "postgres://unused".to_owned()),
        ("LISTEN", address.to_string()),
        ("DESKTOP_PORTS", "7000-7001".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into_iter()
    .collect();
    Config::from_env(env).0.unwrap().http
}

#[tokio::test]
async fn a_panic_is_an_error_page_and_a_line_and_the_server_goes_on() {
    let logs = Logs::capture();
    let router = Router::new()
        .route("/api/breaks", get(async || -> String { panic!("teapot") }))
        .route("/breaks", get(async || -> String { panic!("kettle") }))
        .route("/works", get(async || "works"));
    let small = Small::start(router).await;
    let client = small.client();
    let answer = client.get("/api/breaks").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.json()["code"], "internal");
    let page = client.open("/breaks").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    for answer in [&answer, &page] {
        assert!(!answer.text().contains("teapot") && !answer.text().contains("kettle"));
    }
    assert_eq!(client.get("/works").await.text(), "works");
    let line = &logs.requests("/api/breaks").await[0];
    assert_eq!(line["error.cause"], "panic: teapot");
    assert_eq!(line["level"], "WARN");
}

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
async fn a_caller_who_leaves_is_still_in_the_log() {
    let logs = Logs::capture();
    let router = Router::new().route(
        "/api/left",
        get(async || std::future::pending::<String>().await),
    );
    let small = Small::start(router).await;
    let mut impatient = TcpStream::connect(small.address).await.unwrap();
    let request = format!("GET /api/left HTTP/1.1\r\nHost: {}\r\n\r\n", small.address);
    impatient.write_all(request.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(impatient);
    assert_eq!(logs.requests("/api/left").await[0]["status"], 499);
}

#[tokio::test]
async fn at_shutdown_a_request_under_way_is_finished_and_no_other_begun() {
    let gate = std::sync::Arc::new((Notify::new(), Notify::new()));
    let inside = gate.clone();
    let router = Router::new().route(
        "/api/slow",
        get(async move || {
            inside.0.notify_one();
            inside.1.notified().await;
            "finished"
        }),
    );
    let small = Small::start(router).await;
    let client = small.client();
    let request = small
        .tasks
        .spawn(async move { client.get("/api/slow").await });
    gate.0.notified().await;

    small.tasks.begin_shutdown();
    let refused = async {
        while TcpStream::connect(small.address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), refused)
        .await
        .expect("the listener is closed");
    gate.1.notify_one();
    let answer: Answer = request.await.unwrap();
    assert_eq!(answer.text(), "finished");
    let in_time = small
        .tasks
        .finish(
            Duration::from_secs(5),
            std::future::pending(),
            Duration::ZERO,
        )
        .await;
    assert!(in_time, "idle connections do not hold the server up");
}

#[tokio::test]
async fn what_outlasts_the_grace_period_is_cut_off() {
    let router = Router::new().route(
        "/api/endless",
        get(async || std::future::pending::<String>().await),
    );
    let small = Small::start(router).await;
    let mut open = TcpStream::connect(small.address).await.unwrap();
    let request = format!(
        "GET /api/endless HTTP/1.1\r\nHost: {}\r\n\r\n",
        small.address
    );
    open.write_all(request.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let in_time = small
        .tasks
        .finish(
            Duration::from_millis(50),
            std::future::pending(),
            Duration::from_secs(5),
        )
        .await;
    assert!(!in_time);
    let mut answer = Vec::new();
    tokio::time::timeout(Duration::from_secs(5), open.read_to_end(&mut answer))
        .await
        .expect("the connection is closed")
        .ok();
    assert!(answer.is_empty());
}

#[tokio::test]
async fn files_are_kept_for_ever_and_sent_small() {
    let small = Small::start(Router::new()).await;
    let client = small.client();
    let path = format!("{}/favicon.svg", statics::base());
    let mut request = client.request(Method::GET, &path);
    request
        .headers_mut()
        .insert("accept-encoding", "br, gzip".parse().unwrap());
    let file = client.send(request).await;
    assert_eq!(file.status, StatusCode::OK);
    assert_eq!(file.header("content-encoding"), "br");
    assert_eq!(
        file.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    let mut request = client.request(Method::GET, &path);
    request
        .headers_mut()
        .insert("if-none-match", file.header("etag").parse().unwrap());
    assert_eq!(client.send(request).await.status, StatusCode::NOT_MODIFIED);
    let other = client.get("/static/another-version/favicon.svg").await;
    assert_eq!(other.header("cache-control"), "no-cache");
    for path in [
        "/static",
        "/static/",
        "/static/x/nothing.css",
        "/static/x/../../Cargo.toml",
    ] {
        assert_eq!(
            client.get(path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    assert_eq!(
        client.get("/favicon.ico").await.header("content-type"),
        "image/svg+xml"
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn ready_means_that_everything_needed_answers(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let client = app.stranger();
    assert_eq!(client.get("/healthz").await.text(), "ok");
    let ready = client.get("/readyz").await;
    assert_eq!(ready.status, StatusCode::OK);
    assert_eq!(
        ready.json()["parts"],
        serde_json::json!({"database": "ok", "runtime": "ok", "draining": "ok"})
    );

    app.engine.set_away(true);
    let away = client.get("/readyz").await;
    assert_eq!(away.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(away.json()["parts"]["database"], "ok");
    assert_ne!(away.json()["parts"]["runtime"], "ok");
    assert_eq!(client.get("/healthz").await.status, StatusCode::OK);
    app.engine.set_away(false);
    assert_eq!(client.get("/readyz").await.status, StatusCode::OK);
}

#[sqlx::test(migrations = "./migrations")]
async fn the_api_describes_itself(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let answer = app.stranger().get("/api/openapi.json").await;
    assert_eq!(answer.header("content-type"), "application/json");
    let description = answer.json();
    assert_eq!(description["openapi"], "3.1.0");
    assert_eq!(description["info"]["title"], "Deskcast");
    for path in [
        "/api/container/start",
        "/api/container/list",
        "/api/login",
        "/session",
        "/logout",
        "/api/admin/containers",
    ] {
        assert!(description["paths"][path].is_object(), "{path}");
    }
    let schemes = description["components"]["securitySchemes"]
        .as_object()
        .unwrap();
    for scheme in ["cookie", "header", "bearer", "query"] {
        assert!(schemes.contains_key(scheme), "{scheme}");
    }
}
