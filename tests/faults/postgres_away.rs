//! The database is gone or does not answer (faults F9, F10): 503 within five seconds, streams go on, and it mends
//! itself.

use std::{net::SocketAddr, time::Duration};

use futures_util::future::join_all;
use hyper::Method;
use tokio::net::lookup_host;
use url::Url;

use crate::{
    fault_proxy::{FaultProxy, Mode},
    support::{
        eventually,
        http::By,
        installation::{Installation, Kind},
        server::{ADMIN, Server},
    },
    tunnel::Tunnel,
};

/// No request hangs longer.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// From the database's return until everything works.
const MENDS_WITHIN: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn postgres_away_answers_503_within_5_s_and_streams_live_on() {
    let installation = Installation::new().await;
    let direct = installation.database_url();
    let proxy = FaultProxy::tcp(address_of(&direct).await).await;
    let mut through = direct.clone();
    through.set_ip_host(proxy.address().ip()).unwrap();
    through.set_port(Some(proxy.address().port())).unwrap();
    let settings = [("DATABASE_URL", through.as_str())];
    let server = Server::start_on(&installation, &settings).await;
    let session = server.sign_in().await;
    installation.add(&Kind::stand_in("open")).await;
    let open = server.start_desktop(&session, "open").await.json_with(201);
    let name = open["container"]["proxy_path"].as_str().unwrap();
    let mut tunnel = Tunnel::open(&server, &session, name).await;

    for (round, mode) in [Mode::Cut, Mode::Blackhole].into_iter().enumerate() {
        proxy.set(mode);
        // Twice: what was known a moment ago may answer the first time.
        for _ in 0..2 {
            everything_is_answered(&server, &session, name, mode).await;
            tunnel.echoes("while the database is away").await;
        }
        proxy.set(Mode::Pass);
        everything_works(&server, &session, name, round).await;
        tunnel.echoes("when it is back").await;
    }
}

async fn address_of(url: &Url) -> SocketAddr {
    let host = url.host_str().expect("DATABASE_URL names a host");
    let place = (host, url.port().unwrap_or(5432));
    let mut found = lookup_host(place).await.expect("the host is known");
    found.next().expect("the host has an address")
}

async fn everything_is_answered(server: &Server, session: &str, name: &str, mode: Mode) {
    let browser = By::Browser(session);
    let program = By::Program(session);
    let viewer = format!("/desktop/{name}/");
    let table = [
        (browser, Method::GET, "/", 503),
        (browser, Method::POST, "/desktops/open/stop", 503),
        (browser, Method::GET, "/no/such/page", 404),
        (browser, Method::GET, viewer.as_str(), 503),
        (program, Method::GET, "/session", 503),
        (program, Method::GET, "/api/container/list", 503),
        (program, Method::GET, "/api/container/status", 503),
        (
            program,
            Method::POST,
            "/api/container/start?desktop_type=open",
            503,
        ),
        (program, Method::GET, "/api/admin/containers", 503),
        (By::Nobody, Method::GET, "/login", 200),
        (By::Nobody, Method::GET, "/api/container/list", 400),
        (By::Nobody, Method::GET, "/api/openapi.json", 200),
        (By::Nobody, Method::GET, "/healthz", 200),
        (By::Nobody, Method::GET, "/readyz", 503),
    ];
    let asked = table.map(|(by, method, path, status)| async move {
        let answer = server.send(by, method.clone(), path).await;
        // What was looked up a moment ago may still be known.
        let known = answer.status == 200 && (path == "/session" || path.starts_with("/desktop/"));
        assert!(
            answer.status == status || known,
            "{mode:?}: {method} {path}: {} {}",
            answer.status,
            answer.text
        );
        assert!(
            answer.took < ANSWER_WITHIN,
            "{mode:?}: {method} {path} took {:?}",
            answer.took
        );
        if answer.status == 503 && path.starts_with("/api/") {
            assert_eq!(answer.code(), "database_unavailable", "{path}");
            assert!(answer.headers.contains_key("retry-after"), "{path}");
        }
    });
    let signing_in = async {
        let answer = server.try_sign_in(ADMIN).await;
        assert_eq!(answer.status, 503, "{mode:?}: {}", answer.text);
        assert!(answer.took < ANSWER_WITHIN, "{mode:?}: {:?}", answer.took);
    };
    tokio::join!(join_all(asked), signing_in);
}

async fn everything_works(server: &Server, session: &str, name: &str, round: usize) {
    eventually("the server is ready again", MENDS_WITHIN, async || {
        let ready = server.get(By::Nobody, "/readyz").await;
        (ready.status == 200).then_some(())
    })
    .await;
    assert_eq!(server.get(By::Browser(session), "/").await.status, 200);
    let viewer = server
        .get(By::Browser(session), &format!("/desktop/{name}/"))
        .await;
    assert_eq!(viewer.status, 200);
    assert_eq!(server.try_sign_in(ADMIN).await.status, 200);
    let slug = format!("next-{round}");
    server.installation.add(&Kind::stand_in(&slug)).await;
    let started = server.start_desktop(session, &slug).await;
    assert_eq!(started.status, 201, "{}", started.text);
    Tunnel::open(server, session, name).await.close().await;
}
