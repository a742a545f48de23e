//! What a container gets to see of the person in front of it (threats T13, T22).

use hyper::Method;

use crate::{
    support::{
        docker::docker,
        http::{self, By},
        installation::Kind,
        server::{ADMIN, Server},
    },
    tunnel::upgrade,
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
