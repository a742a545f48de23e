//! Links with a real engine. `kill -9` of servers while one is used by many: never more are served than there are, and
//! what a start took is given back once, whoever notices that it failed. And a network that the link chooses.

use std::{collections::HashSet, net::SocketAddr, time::Duration};

use futures_util::future::join_all;
use hyper::Method;
use serde_json::json;

use crate::{
    support::{
        docker::{docker, try_docker},
        eventually,
        http::{self, By},
        installation::{Installation, Kind},
        server::Server,
    },
    tunnel::Tunnel,
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
    let cast = json!({
        "name": "Many at once", "key": "many", "desktop_type": "slow", "allow_anonymous": true,
        "limit_total_sessions": true, "sessions_remaining": SESSIONS,
    });
    make_cast(&servers[0], &cast).await;
    for round in 0..ROUNDS {
        refill(&installation).await;
        let before = live(&installation).await;
        assert_eq!(before, 0, "round {round} begins with nothing");

        let at = [servers[0].address, servers[1].address];
        let visits = join_all((0..VISITORS).map(|n| launch(at[n % 2], "/cast/many")));
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
        let served = visits.into_iter().flatten();
        let served: HashSet<_> = served.map(|(name, _)| name).collect();
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
            async || agreed(&installation).await,
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

/// A network of the operator's; gone when dropped, if nothing is on it any more.
struct Network(String);

impl Network {
    fn new(name: String) -> Self {
        docker(&["network", "create", &name]);
        Self(name)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        if let Err(said) = try_docker(&["network", "rm", &self.0]) {
            eprintln!("{said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_chooses_the_network_of_its_desktop() {
    let installation = Installation::new().await;
    // Dropped after the installation, whose containers are on it.
    let network = Network::new(format!("{}-class", installation.name));
    let (other, settings) = (&network.0, [("DESKTOP_CONNECT", "auto")]);
    let server = Server::start_on(&installation, &settings).await;
    installation.add(&Kind::stand_in("choosing")).await;
    sqlx::query("update desktop_types set allow_network_selection = true, networks = array[$1], takes_address = true where slug = 'choosing'")
        .bind(other)
        .execute(&installation.database)
        .await
        .unwrap();
    let cast = json!({
        "name": "Of the class", "key": "class", "desktop_type": "choosing", "allow_anonymous": true,
        "allow_dynamic_docker_network": true, "kasm_url": "https://school.example/",
        "allow_dynamic_kasm_url": true,
    });
    make_cast(&server, &cast).await;
    let usual = ("/cast/class".to_owned(), &installation.name);
    let chosen = (
        format!("/cast/class?docker_network={other}&kasm_url=https://other.example/a"),
        other,
    );
    let addresses = ["https://school.example/", "https://other.example/a"];
    for ((link, network), address) in [usual, chosen].into_iter().zip(addresses) {
        let (name, session) = launch(server.address, &link).await.expect("a desktop");
        eventually("it runs", CONVERGES_WITHIN, async || {
            runs(&installation, &name).await.then_some(())
        })
        .await;
        let container: String =
            sqlx::query_scalar("select 'deskcast-' || id from desktops where name = $1")
                .bind(&name)
                .fetch_one(&installation.database)
                .await
                .unwrap();
        let format = "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}";
        let on = docker(&["inspect", "--format", format, &container]);
        assert_eq!(on.trim(), *network, "that one and no other");
        let variables = docker(&["inspect", "--format", "{{json .Config.Env}}", &container]);
        assert!(
            variables.contains(&format!("\"KASM_URL={address}\"")),
            "{variables}"
        );
        let mut tunnel = Tunnel::open(&server, &session, &name).await;
        tunnel.echoes("reached on its network").await;
    }
    drop(server);
    drop(installation);
}

async fn make_cast(server: &Server, cast: &serde_json::Value) {
    let session = server.sign_in().await;
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

/// Opens the link's page and sends it, as a browser does; the desktop it leads to and the guest's session, if it is
/// served.
async fn launch(at: SocketAddr, link: &str) -> Option<(String, String)> {
    let page = http::try_send(at, By::Nobody, Method::GET, link, &[], "").await;
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
    let sent = http::try_send(at, By::Nobody, Method::POST, link, &headers, &body).await;
    let sent = sent.ok()?;
    let there = sent.headers.get("location")?.to_str().ok()?;
    let name = there.strip_prefix("/desktop/")?.strip_suffix('/')?;
    let cookies = sent.headers.get_all("set-cookie").iter();
    let mut cookies = cookies.filter_map(|cookie| cookie.to_str().ok()?.strip_prefix("deskcast="));
    let (session, _) = cookies.next()?.split_once(';')?;
    Some((name.to_owned(), session.to_owned()))
}

async fn refill(installation: &Installation) {
    sqlx::query("update casts set sessions_remaining = $1")
        .bind(i32::try_from(SESSIONS).unwrap())
        .execute(&installation.database)
        .await
        .unwrap();
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

/// Nothing is under way any more, and exactly the desktops that run have a container; or what there is instead.
async fn agreed(installation: &Installation) -> Result<(), String> {
    let live: Vec<(String, String)> = sqlx::query_as(
        "select 'deskcast-' || id, state::text from desktops
         where state in ('starting', 'running', 'stopping') order by 1",
    )
    .fetch_all(&installation.database)
    .await
    .unwrap();
    // What was stopped keeps its container for a while.
    let mut containers = installation.containers().await;
    containers.retain(|(_, state)| state != "exited");
    containers.sort();
    if live == containers {
        return Ok(());
    }
    Err(format!("{live:?} beside {containers:?}"))
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
