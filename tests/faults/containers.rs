//! What containers, ports and clicks do to each other (faults F6, F8, F20).

use std::{net::TcpListener, sync::Arc, time::Duration};

use futures_util::future::join_all;
use serde_json::Value;

use crate::{
    support::{
        docker::docker,
        eventually,
        http::By,
        installation::{Installation, Kind},
        server::Server,
    },
    tunnel::{End, Tunnel},
};

/// From a container's end until whoever looks at its desktop knows.
const SEEN_WITHIN: Duration = Duration::from_secs(3);

fn text<'a>(body: &'a Value, path: &str) -> &'a str {
    body.pointer(path)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no {path} in {body}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_killed_by_hand_ends_the_stream_with_a_close_frame_and_the_page_says_why() {
    let server = Server::start().await;
    let session = server.sign_in().await;
    server.installation.add(&Kind::stand_in("victim")).await;
    let started = server
        .start_desktop(&session, "victim")
        .await
        .json_with(201);
    let name = text(&started, "/container/proxy_path");
    let mut tunnel = Tunnel::open(&server, &session, name).await;
    tunnel.echoes("alive").await;

    docker(&["kill", text(&started, "/container/container_name")]);

    match tunnel.ends_within(SEEN_WITHIN).await {
        End::Said(code, reason) => assert!(!reason.is_empty(), "{code}"),
        End::Broken(how) => panic!("the stream ended with {how}, not with a Close frame"),
    }
    eventually("the page says why", SEEN_WITHIN, async || {
        let page = server
            .get(By::Browser(&session), &format!("/desktop/{name}/"))
            .await;
        assert_eq!(page.status, 200);
        page.text.contains("ended by itself").then_some(())
    })
    .await;
    let again = server
        .start_desktop(&session, "victim")
        .await
        .json_with(201);
    assert_eq!(text(&again, "/container/proxy_path"), name);
    Tunnel::open(&server, &session, name)
        .await
        .echoes("alive again")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_parallel_starts_on_two_servers_make_one_container() {
    let installation = Installation::new().await;
    let one = Server::start_on(&installation, &[]).await;
    let other = Server::start_on(&installation, &[]).await;
    let session = one.sign_in().await;
    installation
        .add(&Kind::with_fault("herd", "slow-start=500"))
        .await;

    let clicks = (0..50).map(|number| {
        let server = if number % 2 == 0 { &one } else { &other };
        server.start_desktop(&session, "herd")
    });
    let answers = join_all(clicks).await;

    let mut ids = Vec::new();
    for answer in &answers {
        assert!(
            [200, 201].contains(&answer.status.as_u16()),
            "{} {}",
            answer.status,
            answer.text
        );
        ids.push(text(&answer.json(), "/container/container_id").to_owned());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "everybody is shown the same one");
    assert_eq!(installation.containers().await.len(), 1);
    // Either server leads to it.
    let name = text(&answers[0].json(), "/container/proxy_path").to_owned();
    for server in [&one, &other] {
        Tunnel::open(server, &session, &name)
            .await
            .echoes("here too")
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_program_on_the_port_is_stepped_around() {
    let installation = Installation::new().await;
    let (first, _) = installation.ports;
    let _foreign = TcpListener::bind(("127.0.0.1", first)).unwrap();
    let range = format!("{first}-{}", first + 1);
    let settings = [("DESKTOP_CONNECT", "host-port"), ("DESKTOP_PORTS", &range)];
    let server = Server::start_on(&installation, &settings).await;
    let session = server.sign_in().await;
    for slug in ["fits", "does-not-fit"] {
        installation.add(&Kind::stand_in(slug)).await;
    }

    let started = server.start_desktop(&session, "fits").await.json_with(201);
    assert_eq!(started["container"]["host_port"], first + 1);
    let name = text(&started, "/container/proxy_path");
    Tunnel::open(&server, &session, name)
        .await
        .echoes("round it")
        .await;

    // The range has no third port.
    let refused = server.start_desktop(&session, "does-not-fit").await;
    assert_eq!(refused.status, 503, "{}", refused.text);
    assert_eq!(refused.code(), "no_capacity");
    assert_eq!(installation.containers().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_fails_says_why() {
    let server = Server::start().await;
    let session = server.sign_in().await;
    let installation = Arc::clone(&server.installation);
    installation
        .add(&Kind::with_fault("dies", "exit-at-start"))
        .await;
    let missing = Kind {
        image: "deskcast/kasm-standin:never-built",
        ..Kind::stand_in("missing")
    };
    installation.add(&missing).await;
    let table = [
        ("dies", 503, "ended_by_itself", "It ended right after"),
        (
            "missing",
            409,
            "image_missing",
            "The image is not on this server",
        ),
    ];
    for (slug, status, code, sentence) in table {
        let answer = server.start_desktop(&session, slug).await;
        assert_eq!(answer.status.as_u16(), status, "{slug}: {}", answer.text);
        assert_eq!(answer.code(), code);
        assert!(answer.text.contains(sentence), "{}", answer.text);

        let path = format!("/api/container/status?desktop_type={slug}");
        let body = server.get(By::Program(&session), &path).await.json();
        assert_eq!(text(&body, "/container/status"), "error");
        assert!(text(&body, "/container/reason").contains(sentence));
        let name = text(&body, "/container/proxy_path");
        let page = server
            .get(By::Browser(&session), &format!("/desktop/{name}/"))
            .await;
        assert!(page.text.contains("did not start"), "{}", page.text);
        assert!(page.text.contains(sentence), "{}", page.text);
    }
    assert_eq!(
        installation.containers().await,
        [],
        "nothing is left behind"
    );
}
