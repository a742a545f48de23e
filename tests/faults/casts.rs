//! `kill -9` of servers while a link is used by many: never more are served than there are, and what a start took is
//! given back once, whoever notices that it failed.

use std::{collections::HashSet, time::Duration};

use futures_util::future::join_all;
use hyper::Method;
use serde_json::json;

use crate::support::{
    eventually,
    http::{self, By},
    installation::{Installation, Kind},
    server::Server,
};

/// Sessions of the link.
const SESSIONS: usize = 6;
/// Who wants one, at once.
const VISITORS: usize = 60;
const ROUNDS: usize = 3;
/// From a kill until rows and containers agree again.
const CONVERGES_WITHIN: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn killed_servers_serve_never_more_than_there_are() {
    let installation = Installation::new().await;
    // Host ports are few; the desktops are reached at their own addresses.
    let settings = [("DESKTOP_CONNECT", "auto"), ("START_WAIT", "1s")];
    let mut servers = [
        Server::start_on(&installation, &settings).await,
        Server::start_on(&installation, &settings).await,
    ];
    installation
        .add(&Kind::with_fault("slow", "slow-start=500"))
        .await;
    make_cast(&servers[0]).await;
    for round in 0..ROUNDS {
        sqlx::query("update casts set sessions_remaining = $1")
            .bind(i32::try_from(SESSIONS).unwrap())
            .execute(&installation.database)
            .await
            .unwrap();
        let before = live(&installation).await;
        assert_eq!(before, 0, "round {round} begins with nothing");

        let at = [servers[0].address, servers[1].address];
        let visits = join_all((0..VISITORS).map(|n| launch(at[n % 2])));
        let killed = async {
            eventually("somebody is served", CONVERGES_WITHIN, async || {
                (live(&installation).await > round).then_some(())
            })
            .await;
            for server in dying(&mut servers, round) {
                server.process.kill().unwrap();
                server.process.wait().unwrap();
            }
        };
        let (visits, ()) = tokio::join!(visits, killed);
        let served: HashSet<_> = visits.into_iter().flatten().collect();
        assert!(
            served.len() <= SESSIONS,
            "round {round}: {} were told that they have one",
            served.len()
        );
        for server in dying(&mut servers, round) {
            server.start_again().await;
        }
        eventually(
            &format!("round {round}: rows and containers agree"),
            CONVERGES_WITHIN,
            async || agreed(&installation).await.then_some(()),
        )
        .await;
        let (running, remaining) = count(&installation).await;
        assert_eq!(
            running + remaining,
            SESSIONS,
            "round {round}: {running} run"
        );
        // Who was told so has one.
        for name in &served {
            assert!(runs(&installation, name).await, "round {round}: {name}");
        }
        stop_all(&servers[0], &installation).await;
    }
}

/// One server, then the other, then both.
fn dying(servers: &mut [Server], round: usize) -> &mut [Server] {
    match round {
        0 => &mut servers[..1],
        1 => &mut servers[1..],
        _ => servers,
    }
}

async fn make_cast(server: &Server) {
    let session = server.sign_in().await;
    let cast = json!({
        "name": "Many at once", "key": "many", "desktop_type": "slow", "allow_anonymous": true,
        "limit_total_sessions": true, "sessions_remaining": SESSIONS,
    });
    let made = http::send(
        server.address,
        By::Program(&session),
        Method::POST,
        "/api/admin/casts",
        &[("Content-Type", "application/json")],
        &cast.to_string(),
    )
    .await;
    assert_eq!(made.status, 201, "{}", made.text);
}

/// Opens the link's page and sends it, as a browser does; the desktop it leads to, if it is served.
async fn launch(at: std::net::SocketAddr) -> Option<String> {
    let page = http::try_send(at, By::Nobody, Method::GET, "/cast/many", &[], "").await;
    let text = page.ok()?.text;
    let (_, rest) = text.split_once("name=\"ticket\" value=\"")?;
    let (ticket, _) = rest.split_once('"')?;
    let origin = format!("http://{at}");
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Origin", origin.as_str()),
        ("Sec-Fetch-Site", "same-origin"),
        ("Accept", "text/html"),
    ];
    let body = format!("ticket={ticket}");
    let sent = http::try_send(at, By::Nobody, Method::POST, "/cast/many", &headers, &body).await;
    let there = sent
        .ok()?
        .headers
        .get("location")?
        .to_str()
        .ok()?
        .to_owned();
    let name = there.strip_prefix("/desktop/")?.strip_suffix('/')?;
    Some(name.to_owned())
}

/// Desktops that hold a session of the link.
async fn live(installation: &Installation) -> usize {
    number(
        installation,
        "select count(*) from desktops where state in ('starting', 'running', 'stopping')",
    )
    .await
}

/// Desktops that run, and sessions that are left.
async fn count(installation: &Installation) -> (usize, usize) {
    (
        number(
            installation,
            "select count(*) from desktops where state = 'running'",
        )
        .await,
        number(installation, "select sessions_remaining::bigint from casts").await,
    )
}

async fn number(installation: &Installation, query: &'static str) -> usize {
    let number: i64 = sqlx::query_scalar(query)
        .fetch_one(&installation.database)
        .await
        .unwrap();
    usize::try_from(number).unwrap()
}

async fn runs(installation: &Installation, name: &str) -> bool {
    sqlx::query_scalar("select exists (select from desktops where name = $1 and state = 'running')")
        .bind(name)
        .fetch_one(&installation.database)
        .await
        .unwrap()
}

/// Nothing is under way any more, and exactly the desktops that run have a container.
async fn agreed(installation: &Installation) -> bool {
    let running: Vec<String> = sqlx::query_scalar(
        "select 'deskcast-' || id from desktops where state = 'running' order by 1",
    )
    .fetch_all(&installation.database)
    .await
    .unwrap();
    let containers = installation.containers().await;
    let mut there: Vec<_> = containers.into_iter().map(|(name, _)| name).collect();
    there.sort();
    running == there && live(installation).await == running.len()
}

async fn stop_all(server: &Server, installation: &Installation) {
    let session = server.sign_in().await;
    let by = By::Program(&session);
    let ids: Vec<String> =
        sqlx::query_scalar("select id::text from desktops where state = 'running'")
            .fetch_all(&installation.database)
            .await
            .unwrap();
    let stops = ids.iter().map(|id| async move {
        let path = format!("/api/admin/container/{id}/stop");
        server.send(by, Method::POST, &path).await
    });
    for stopped in join_all(stops).await {
        assert_eq!(stopped.status, 200, "{}", stopped.text);
    }
    eventually("all are stopped", CONVERGES_WITHIN, async || {
        (live(installation).await == 0).then_some(())
    })
    .await;
}
