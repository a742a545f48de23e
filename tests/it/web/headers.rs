//! What a browser is told with every page and file: what it may load, and what it may keep.

use super::*;

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
