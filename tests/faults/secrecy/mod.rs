//! What a container gets to see of the person in front of it, and what anybody gets to see of a secret (threats T1,
//! T13, T22).

mod provider;

use hyper::Method;

use crate::{
    canaries::{Canaries, Home},
    support::{
        docker::docker,
        http::{self, Answer, By},
        installation::{Installation, Kind},
        server::{ADMIN, Server},
        written_provider::SECRET_KEY,
    },
    tunnel::{Tunnel, upgrade},
};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_ours_reaches_the_container() {
    let server = Server::start().await;
    let session = server.sign_in().await;
    let plain = Kind {
        image: "deskcast/kasm-standin:plain",
        plain: true,
        ..Kind::stand_in("plain")
    };
    server.installation.add(&plain).await;
    let started = server.start_desktop(&session, "plain").await;
    let started = started.json_with(201);
    let name = started["container"]["proxy_path"].as_str().unwrap();

    // The application answers with the head of the request as it arrived there.
    let echo = http::send(
        server.address,
        By::Browser(&session),
        Method::GET,
        &format!("/desktop/{name}/echo?kept=1"),
        &[
            ("Authorization", &format!("Bearer {session}")),
            ("X-Session-ID", &session),
            ("X-Forwarded-User", "somebody-else"),
        ],
        "",
    )
    .await;
    assert_eq!(echo.status, 200, "{}", echo.text);
    assert!(echo.text.starts_with("GET /echo?kept=1 "), "{}", echo.text);
    shows_nothing(&echo.text, &session);

    let container = started["container"]["container_name"].as_str().unwrap();
    upgrade(&server, &session, &format!("/desktop/{name}/ws"))
        .await
        .expect("the application's own WebSocket opens");
    shows_nothing(&docker(&["inspect", container]), &session);
    shows_nothing(&docker(&["logs", container]), &session);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desktops_container_knows_its_own_password_and_nobody_elses() {
    let server = Server::start().await;
    let session = server.sign_in().await;
    server.installation.add(&Kind::stand_in("vnc")).await;
    let started = server.start_desktop(&session, "vnc").await;
    let started = started.json_with(201);
    let container = started["container"]["container_name"].as_str().unwrap();
    let inspected = docker(&["inspect", container]);
    assert!(inspected.contains("VNC_PW="), "{inspected}");
    shows_nothing(&inspected, &session);

    // And nobody in a browser learns the container's.
    let password: String = sqlx::query_scalar("select vnc_password from desktops")
        .fetch_one(&server.installation.database)
        .await
        .unwrap();
    let name = started["container"]["proxy_path"].as_str().unwrap();
    for path in [
        "/".to_owned(),
        format!("/desktop/{name}/"),
        format!("/desktop/{name}/client/"),
        "/api/container/list".to_owned(),
        "/api/admin/containers".to_owned(),
    ] {
        let answer = server.get(By::Browser(&session), &path).await;
        assert_ne!(answer.status, 500, "{path}");
        assert!(!answer.text.contains(&password), "{path}");
    }
}

fn shows_nothing(seen: &str, session: &str) {
    let lower = seen.to_lowercase();
    for ours in [session, ADMIN.1] {
        assert!(!seen.contains(ours), "{seen}");
    }
    for name in [
        "\ncookie:",
        "\nauthorization:",
        "x-session-id",
        "somebody-else",
    ] {
        assert!(!lower.contains(name), "{name:?} in {seen}");
    }
}

const CLIENT_SECRET: &str = "canary-client-secret-of-the-provider";
const NEW_PASSWORD: &str = "canary another long password";
const MISTYPED: &str = "canary password in the wrong field";

/// What the configuration may know of a provider; nobody answers there.
const SETTINGS: [(&str, &str); 9] = [
    // More than anybody should ask for.
    ("LOG_LEVEL", "trace,bollard::docker=trace"),
    ("SECRET_KEY", SECRET_KEY),
    ("OAUTH_CLIENT_ID", "deskcast"),
    ("OAUTH_CLIENT_SECRET", CLIENT_SECRET),
    ("OAUTH_AUTHORIZE_URL", "https://idp.invalid/auth"),
    ("OAUTH_TOKEN_URL", "https://idp.invalid/token"),
    ("OAUTH_USERINFO_URL", "https://idp.invalid/userinfo"),
    ("OAUTH_JWKS_URI", "https://idp.invalid/jwk"),
    // Named, so that nothing must be asked for before a browser is sent there.
    ("OIDC_ISSUER", "https://idp.invalid"),
];

/// A whole run: signing in each way, tokens, a desktop with its stream, mistakes, a new password, a provider that does
/// not answer, one that does and whose tokens are renewed, signing out. No secret of it is seen anywhere but with whoever it was given to.
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_a_whole_run_is_seen_anywhere() {
    let server = Server::start_on(&Installation::new().await, &SETTINGS).await;
    let mut canaries = Canaries::default();
    canaries.add("SECRET_KEY", SECRET_KEY, Home::Nowhere);
    canaries.add("the client secret", CLIENT_SECRET, Home::Nowhere);
    canaries.add("the first password", ADMIN.1, Home::Nowhere);
    canaries.add("the new password", NEW_PASSWORD, Home::Nowhere);
    canaries.add("a mistyped password", MISTYPED, Home::Nowhere);

    let browser = signs_in_on_the_page(&server, &mut canaries).await;
    let script = server.sign_in().await;
    canaries.add("a script's session", &script, Home::Nowhere);
    let token = makes_tokens(&server, &mut canaries, &browser).await;
    mistypes(&server, &mut canaries).await;
    let name = uses_a_desktop(&server, &mut canaries, &browser, &script).await;
    for path in [
        "/",
        "/account",
        "/logout",
        "/login?next=/account",
        "/no/such/page",
        "/api/sessions",
        "/api/tokens",
        "/session",
        "/api/admin/containers",
        "/api/openapi.json",
        "/api/container/no-such-thing",
        &format!("/desktop/{name}/no-such-thing"),
        "/desktop/nobody-vnc/",
    ] {
        let answer = server.get(By::Browser(&browser), path).await;
        canaries.saw(path, &answer);
    }
    for secret in [&script, &token, &"A".repeat(22)] {
        let in_query = format!("/api/tokens?session_id={secret}");
        canaries.saw(
            "a read with the key in its address",
            &server.get(By::Nobody, &in_query).await,
        );
        let headers = [("Authorization", &*format!("Bearer {secret}"))];
        let answer = http::send(
            server.address,
            By::Nobody,
            Method::GET,
            "/api/container/list",
            &headers,
            "",
        )
        .await;
        canaries.saw("a read with Bearer", &answer);
    }
    provider::does_not_answer(&server, &mut canaries).await;
    provider::signs_somebody_in(&server, &mut canaries, &browser).await;
    signs_out(&server, &mut canaries, &browser, &script).await;
    canaries.scan(&server).await;
}

async fn form(server: &Server, by: By<'_>, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let kind = [("Content-Type", "application/x-www-form-urlencoded")];
    http::send(server.address, by, Method::POST, path, &kind, &body).await
}

async fn signs_in_on_the_page(server: &Server, canaries: &mut Canaries) -> String {
    let fields = [
        ("username", ADMIN.0),
        ("password", ADMIN.1),
        ("next", "/account"),
    ];
    let answer = form(server, By::Nobody, "/login", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    canaries.saw_body("the answer to signing in", &answer);
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    let id = cookie
        .strip_prefix("deskcast=")
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    canaries.add("a browser's session", id, Home::Nowhere);
    id.to_owned()
}

/// One by the page, one by the API; answers the second.
async fn makes_tokens(server: &Server, canaries: &mut Canaries, browser: &str) -> String {
    let page = form(
        server,
        By::Browser(browser),
        "/account/tokens",
        &[("name", "page"), ("days", "30")],
    )
    .await;
    let (_, rest) = page.text.split_once("<code id=\"made\">").unwrap();
    canaries.add(
        "a token of the page",
        rest.split('<').next().unwrap(),
        Home::Nowhere,
    );
    let json = [("Content-Type", "application/json")];
    let made = http::send(
        server.address,
        By::Browser(browser),
        Method::POST,
        "/api/tokens",
        &json,
        r#"{"name":"api"}"#,
    )
    .await;
    let token = made.json_with(201)["token"].as_str().unwrap().to_owned();
    canaries.add("a token of the API", &token, Home::Nowhere);
    token
}

/// Passwords where none belongs, and bodies that cannot be read.
async fn mistypes(server: &Server, canaries: &mut Canaries) {
    let fields = [("username", ADMIN.0), ("password", MISTYPED)];
    canaries.saw(
        "a wrong password",
        &form(server, By::Nobody, "/login", &fields).await,
    );
    let json = [("Content-Type", "application/json")];
    for body in [
        format!(r#"{{"username":"admin","password":"{MISTYPED}""#),
        format!(r#"{{"username":5,"password":"{MISTYPED}"}}"#),
        format!(r#"{{"username":"admin","password":["{MISTYPED}"]}}"#),
        format!(r#"{{"username":"admin","password":"{MISTYPED}"}}"#),
    ] {
        let answer = http::send(
            server.address,
            By::Nobody,
            Method::POST,
            "/api/login",
            &json,
            &body,
        )
        .await;
        assert!(answer.status.is_client_error(), "{}", answer.text);
        canaries.saw("a body that cannot be read", &answer);
    }
    // The name is shown again to whoever typed it, and nowhere else.
    drop(server.try_sign_in((MISTYPED, "x")).await);
}

async fn uses_a_desktop(
    server: &Server,
    canaries: &mut Canaries,
    browser: &str,
    script: &str,
) -> String {
    server.installation.add(&Kind::stand_in("vnc")).await;
    sqlx::query("update user_groups set settings = '{\"allow_sharing\": true}' where everybody")
        .execute(&server.installation.database)
        .await
        .unwrap();
    let started = server.start_desktop(script, "vnc").await;
    canaries.saw("a start", &started);
    let name = started.json_with(201)["container"]["proxy_path"]
        .as_str()
        .unwrap()
        .to_owned();
    let password: String = sqlx::query_scalar("select vnc_password from desktops")
        .fetch_one(&server.installation.database)
        .await
        .unwrap();
    canaries.add("the desktop's password", password, Home::Desktop);
    for rest in ["", "client/", "client/index.html"] {
        let path = format!("/desktop/{name}/{rest}");
        canaries.saw(&path, &server.get(By::Browser(browser), &path).await);
    }
    Tunnel::open(server, browser, &name).await.close().await;
    shares_it(server, canaries, browser).await;
    name
}

/// The key of a link is a secret, too: whoever has it sees the desktop.
async fn shares_it(server: &Server, canaries: &mut Canaries, browser: &str) {
    let json = [("Content-Type", "application/json")];
    let by = By::Browser(browser);
    let made = http::send(server.address, by, Method::POST, "/api/shares", &json, "{}").await;
    let made = made.json_with(201);
    let (_, key) = made["url"].as_str().unwrap().rsplit_once('/').unwrap();
    canaries.add("the key of a link", key, Home::Nowhere);
    let path = format!("/share/{key}");
    // Whoever is not signed in is led back to the link afterwards: their browser knows the key anyway.
    let nobody = server.get(By::Nobody, &path).await;
    assert_eq!(nobody.status, 303, "{}", nobody.text);
    canaries.saw(
        "one's own link",
        &server.get(By::Browser(browser), &path).await,
    );
    let wrong = format!("{path}x");
    let unknown = server.get(By::Browser(browser), &wrong).await;
    assert_eq!(unknown.status, 404, "{}", unknown.text);
    canaries.saw(
        "the list of links",
        &server.get(By::Browser(browser), "/api/shares").await,
    );
    let page = "/desktops/vnc/share";
    canaries.saw(page, &server.get(By::Browser(browser), page).await);
}

async fn signs_out(server: &Server, canaries: &mut Canaries, browser: &str, script: &str) {
    let fields = [("old", ADMIN.1), ("new", NEW_PASSWORD), ("again", MISTYPED)];
    let refused = form(server, By::Browser(browser), "/account/password", &fields).await;
    assert_eq!(refused.status, 422);
    canaries.saw("a refused new password", &refused);
    let fields = [
        ("old", ADMIN.1),
        ("new", NEW_PASSWORD),
        ("again", NEW_PASSWORD),
    ];
    let changed = form(server, By::Browser(browser), "/account/password", &fields).await;
    assert_eq!(changed.status, 303, "{}", changed.text);
    canaries.saw("a new password", &changed);
    canaries.saw(
        "a session that has ended",
        &server.get(By::Program(script), "/session").await,
    );
    let ended = form(
        server,
        By::Browser(browser),
        "/account/sign-ins/end",
        &[("which", "all")],
    )
    .await;
    assert_eq!(ended.status, 303);
    canaries.saw("signing out", &ended);
    canaries.saw(
        "a page of nobody",
        &server.get(By::Browser(browser), "/account").await,
    );
}
