//! Another site changes nothing here, and a forged host reaches nothing.

use deskcast::runtime::fake::Call;

use super::*;
use crate::support::ADMIN_PASSWORD;

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
