//! The engine does not answer (fault F3): starts say so, everything else goes on, and it mends itself.

use std::time::Duration;

use hyper::Method;
use tempfile::TempDir;

use crate::{
    fault_proxy::{FaultProxy, Mode},
    support::{
        docker::engine,
        eventually,
        http::By,
        installation::{Installation, Kind},
        server::{ADMIN, Server},
    },
    tunnel::Tunnel,
};

/// For the refusal of a start.
const REFUSED_WITHIN: Duration = Duration::from_secs(10);
/// For pages while the engine is away.
const PAGE_WITHIN: Duration = Duration::from_secs(5);
/// From the engine's return until starts work.
const MENDS_WITHIN: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn docker_away_answers_503_that_says_so_and_streams_live_on() {
    let folder = TempDir::new().unwrap();
    let socket = folder.path().join("docker.sock");
    let proxy = FaultProxy::unix(&engine(), &socket);
    let installation = Installation::new().await;
    let host = format!("unix://{}", socket.display());
    let server = Server::start_on(&installation, &[("DOCKER_HOST", &host)]).await;
    let session = server.sign_in().await;
    installation.add(&Kind::stand_in("open")).await;
    let open = server.start_desktop(&session, "open").await.json_with(201);
    let name = open["container"]["proxy_path"].as_str().unwrap();
    let viewer = format!("/desktop/{name}/");
    assert_eq!(server.get(By::Browser(&session), &viewer).await.status, 200);
    let mut tunnel = Tunnel::open(&server, &session, name).await;

    for (round, mode) in [Mode::Cut, Mode::Blackhole].into_iter().enumerate() {
        let slug = format!("next-{round}");
        installation.add(&Kind::stand_in(&slug)).await;
        proxy.set(mode);
        starts_are_refused(&server, &session, &slug, mode).await;
        the_rest_works(&server, &session, name, mode).await;
        tunnel.echoes("while the engine is away").await;
        Tunnel::open(&server, &session, name).await.close().await;

        proxy.set(Mode::Pass);
        eventually("starts work again", MENDS_WITHIN, async || {
            let answer = server.start_desktop(&session, &slug).await;
            (answer.status == 201).then_some(())
        })
        .await;
        tunnel.echoes("when it is back").await;
    }
    let states: Vec<String> = sqlx::query_scalar("select state::text from desktops")
        .fetch_all(&installation.database)
        .await
        .unwrap();
    assert_eq!(states, ["running"; 3]);
    assert_eq!(installation.containers().await.len(), 3);
}

async fn starts_are_refused(server: &Server, session: &str, slug: &str, mode: Mode) {
    let answer = server.start_desktop(session, slug).await;
    assert_eq!(answer.status, 503, "{mode:?}: {}", answer.text);
    assert_eq!(answer.code(), "docker_unavailable");
    assert!(answer.headers.contains_key("retry-after"));
    assert!(answer.took < REFUSED_WITHIN, "{mode:?}: {:?}", answer.took);
    let sentence = answer.json()["error"].as_str().unwrap().to_owned();
    assert!(sentence.contains("does not answer"), "{sentence}");
}

async fn the_rest_works(server: &Server, session: &str, name: &str, mode: Mode) {
    let by = By::Browser(session);
    let program = By::Program(session);
    let mut taken = Vec::new();
    let dashboard = server.get(by, "/").await;
    assert_eq!(dashboard.status, 200);
    assert!(
        dashboard.text.contains("data-engine=\"away\""),
        "the dashboard says that nothing can start"
    );
    taken.push(("/", dashboard.took));
    let viewer = server.get(by, &format!("/desktop/{name}/")).await;
    assert_eq!(viewer.status, 200);
    assert!(viewer.text.contains("<iframe"), "the open desktop is shown");
    taken.push(("viewer", viewer.took));
    let signed_in = server.try_sign_in(ADMIN).await;
    assert_eq!(signed_in.status, 200);
    taken.push(("sign-in", signed_in.took));
    let status = server
        .get(program, "/api/container/status?desktop_type=open")
        .await;
    assert_eq!(status.json_with(200)["status"]["docker_status"], "unknown");
    taken.push(("status", status.took));
    let ready = server.send(By::Nobody, Method::GET, "/readyz").await;
    assert_eq!(ready.status, 503);
    taken.push(("/readyz", ready.took));
    let alive = server.get(By::Nobody, "/healthz").await;
    assert_eq!(alive.status, 200);
    taken.push(("/healthz", alive.took));
    for (what, took) in taken {
        assert!(took < PAGE_WITHIN, "{mode:?}: {what} took {took:?}");
    }
}
