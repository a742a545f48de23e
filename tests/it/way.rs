//! By which way desktops are reached: what `auto` chooses, and restarts between the ways.

use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    time::Duration,
};

use deskcast::{
    catalog::DesktopType,
    desktops::{Desktop, DesktopState, StartOptions},
    ids::DesktopId,
    runtime::{
        fake::Call,
        way::{Way, WayInForce, Why},
    },
};
use hyper::StatusCode;
use kasm_standin::Standin;
use socket2::{Domain, Socket, Type};
use sqlx::PgPool;

use super::{
    proxy,
    support::{Client, TestApp},
};

const PORT: &[(&str, &str)] = &[("DESKTOP_CONNECT", "host-port")];
const ADDRESS: &[(&str, &str)] = &[("DESKTOP_CONNECT", "container-address")];
const AUTO: &[(&str, &str)] = &[];

/// A server whose desktops are plain web applications that answer at `standin`.
async fn server(pool: PgPool, variables: &[(&str, &str)], standin: &Standin) -> TestApp {
    let app = TestApp::start_with(pool, variables).await;
    sqlx::query("update desktop_types set client = 'passthrough', container_tls = false")
        .execute(&app.pool)
        .await
        .unwrap();
    app.engine.add_image(&kind(&app).await.image);
    app.engine.set_address(standin.addr());
    app
}

async fn kind(app: &TestApp) -> DesktopType {
    let found = app.state.catalog.find_by_slug("debian-desktop").await;
    found.unwrap().unwrap()
}

async fn start(app: &TestApp, name: &str) -> (Desktop, Client) {
    let person = app.user(name).await;
    (proxy::start(app, name, &kind(app).await).await, person)
}

async fn row(app: &TestApp, id: DesktopId) -> Desktop {
    app.state.desktops.find(id).await.unwrap().unwrap()
}

async fn ports(app: &TestApp) -> i64 {
    sqlx::query_scalar("select count(*) from desktop_ports")
        .fetch_one(&app.pool)
        .await
        .unwrap()
}

async fn page(person: &Client, desktop: &Desktop) -> StatusCode {
    let at = format!("/desktop/{}/echo", desktop.name);
    person.get(&at).await.status
}

/// Asks again for at most ten seconds.
async fn until(what: &str, mut come: impl AsyncFnMut() -> bool) {
    for _ in 0..200 {
        if come().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what} did not come");
}

/// An address where nobody says anything: its queue is full, so the kernel drops who knocks.
fn silent() -> (SocketAddr, TcpListener, Vec<TcpStream>) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let any: SocketAddr = ([127, 0, 0, 1], 0).into();
    socket.bind(&any.into()).unwrap();
    socket.listen(0).unwrap();
    let listener = TcpListener::from(socket);
    let address = listener.local_addr().unwrap();
    let patience = Duration::from_millis(200);
    let queued: Vec<_> = std::iter::from_fn(|| TcpStream::connect_timeout(&address, patience).ok())
        .take(8)
        .collect();
    assert!(queued.len() < 8, "the queue is not full");
    (address, listener, queued)
}

#[sqlx::test(migrations = "./migrations")]
async fn nothing_is_published_where_addresses_lead_to_desktops(pool: PgPool) {
    let standin = Standin::builder().plain().spawn();
    let first = server(pool, AUTO, &standin).await;
    first.engine.set_near(true);
    let app = first.replica(AUTO).await;
    let (desktop, jane) = start(&app, "jane").await;
    assert_eq!(desktop.host_port, None);
    assert_eq!(app.engine.containers()[0].spec.host_port, None);
    assert_eq!(ports(&app).await, 0);
    assert_eq!(page(&jane, &desktop).await, StatusCode::OK);
    let force = WayInForce {
        way: Way::ContainerAddress,
        why: Why::OnTheirNetwork,
    };
    assert_eq!(app.state.desktops.way(), Some(force));
    let overview = app.admin().await.open("/admin").await;
    assert!(overview.text().contains("this machine is on their network"));
}

#[sqlx::test(migrations = "./migrations")]
async fn a_silent_address_gives_way_to_a_port_within_the_same_start(pool: PgPool) {
    let standin = Standin::builder().plain().spawn();
    let first = server(pool, AUTO, &standin).await;
    let (silent, _listener, _queued) = silent();
    first.engine.set_own_address(silent);
    first.engine.set_near(true);
    let app = first.replica(AUTO).await;
    let (desktop, jane) = start(&app, "jane").await;
    assert_eq!(desktop.endpoint, Some(standin.addr()));
    let containers = app.engine.containers();
    assert_eq!(containers.len(), 1);
    assert_eq!(containers[0].spec.host_port, desktop.host_port);
    assert!(desktop.host_port.is_some());
    assert_eq!(ports(&app).await, 1);
    assert_eq!(app.state.desktops.way().unwrap().why, Why::Silent);
    assert_eq!(page(&jane, &desktop).await, StatusCode::OK);
    // The next one does not try in vain.
    let made = app.engine.count(Call::Create);
    start(&app, "joe").await;
    assert_eq!(app.engine.count(Call::Create), made + 1);
}

#[sqlx::test(migrations = "./migrations")]
async fn the_engine_is_looked_at_again_when_it_is_back(pool: PgPool) {
    let standin = Standin::builder().plain().spawn();
    let app = server(pool, AUTO, &standin).await;
    until("the first look", async || {
        app.state.desktops.way().is_some()
    })
    .await;
    assert_eq!(app.state.desktops.way().unwrap().way, Way::HostPort);
    app.engine.set_away(true);
    app.engine.set_near(true);
    app.engine.set_away(false);
    until("the second look", async || {
        app.state.desktops.way().unwrap().way == Way::ContainerAddress
    })
    .await;
    assert_eq!(start(&app, "jane").await.0.host_port, None);
}

#[sqlx::test(migrations = "./migrations")]
async fn what_runs_stays_reachable_when_the_server_comes_back_with_the_other_way(pool: PgPool) {
    for (before, after) in [(PORT, ADDRESS), (ADDRESS, PORT)] {
        let standin = Standin::builder().plain().spawn();
        let old = server(pool.clone(), before, &standin).await;
        let (desktop, _) = start(&old, "jane").await;
        let new = old.replica(after).await;
        drop(old);
        let jane = new.user("jane").await;
        assert_eq!(page(&jane, &desktop).await, StatusCode::OK);
        deskcast::desktops::upkeep::reconcile(&new.state.desktops)
            .await
            .unwrap();
        let now = row(&new, desktop.id).await;
        assert_eq!(now.state, DesktopState::Running);
        assert_eq!(
            (now.endpoint, now.host_port),
            (desktop.endpoint, desktop.host_port)
        );
        assert_eq!(ports(&new).await, i64::from(desktop.host_port.is_some()));
        new.state
            .desktops
            .stop(desktop.id, deskcast::desktops::StopReason::Owner)
            .await
            .unwrap();
        assert_eq!(ports(&new).await, 0);
        // The next start goes by the new way, whatever was kept of the old one.
        let (again, jane) = start(&new, "jane").await;
        assert_ne!(again.host_port.is_some(), desktop.host_port.is_some());
        assert_eq!(new.engine.containers().len(), 1);
        assert_eq!(page(&jane, &again).await, StatusCode::OK);
        new.state
            .desktops
            .remove(desktop.id, deskcast::desktops::StopReason::Owner)
            .await
            .unwrap();
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn a_start_of_the_other_way_is_taken_over(pool: PgPool) {
    for call in [Call::Create, Call::Start] {
        for (before, after) in [(PORT, ADDRESS), (ADDRESS, PORT)] {
            let standin = Standin::builder().plain().spawn();
            let old = server(pool.clone(), before, &standin).await;
            let id = old.account("jane", deskcast::people::Role::User).await;
            let jane = old.state.people.user(id).await.unwrap().unwrap();
            let kind = kind(&old).await;
            let reached = old.engine.count(call);
            old.engine.hang(call);
            let begun = old
                .state
                .desktops
                .start(&jane, &kind, StartOptions::default());
            let claimed = begun.await.unwrap();
            until("the killed start", async || {
                old.engine.count(call) > reached
            })
            .await;
            let new = old.replica(after).await;
            drop(old);
            // The dead server writes nothing more, and its lease runs out.
            sqlx::query(
                "update desktops set lease_holder = gen_random_uuid(), lease_until = now() - interval '1 second'",
            )
            .execute(&new.pool)
            .await
            .unwrap();
            new.engine.release(call);
            let settled = new
                .state
                .desktops
                .wait_while_starting(claimed.id, Duration::from_secs(20));
            let desktop = settled.await.unwrap().unwrap();
            assert_eq!(desktop.state, DesktopState::Running, "{:?}", desktop.end);
            let by_port = after == PORT;
            assert_eq!(desktop.host_port.is_some(), by_port, "{call:?}");
            let containers = new.engine.containers();
            assert_eq!(containers.len(), 1);
            assert_eq!(containers[0].spec.host_port, desktop.host_port);
            assert_eq!(ports(&new).await, i64::from(by_port), "{call:?}");
            new.state
                .desktops
                .remove(desktop.id, deskcast::desktops::StopReason::Owner)
                .await
                .unwrap();
        }
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn a_container_restarted_by_hand_is_followed_to_its_new_address(pool: PgPool) {
    let (here, there) = (
        Standin::builder().plain().spawn(),
        Standin::builder().plain().spawn(),
    );
    let app = server(pool, ADDRESS, &here).await;
    let other = app.replica(ADDRESS).await;
    let (desktop, jane) = start(&app, "jane").await;
    let elsewhere = other.user("jane").await;
    for person in [&jane, &elsewhere] {
        assert_eq!(page(person, &desktop).await, StatusCode::OK);
    }
    app.engine.move_to(desktop.id, there.addr());
    until("the new address", async || {
        row(&app, desktop.id).await.endpoint == Some(there.addr())
    })
    .await;
    // Both replicas lead there, and nobody to the old address any more.
    for person in [&jane, &elsewhere] {
        let before = there.requests().len();
        until("the new way", async || {
            page(person, &desktop).await == StatusCode::OK && there.requests().len() > before
        })
        .await;
    }
    let reached = here.requests().len();
    for person in [&jane, &elsewhere] {
        page(person, &desktop).await;
    }
    assert_eq!(here.requests().len(), reached);
    assert_eq!(row(&app, desktop.id).await.state, DesktopState::Running);
}

#[sqlx::test(migrations = "./migrations")]
async fn an_address_given_to_another_desktop_leads_nobody_there(pool: PgPool) {
    let standin = Standin::builder().plain().spawn();
    let app = server(pool, ADDRESS, &standin).await;
    let (janes, jane) = start(&app, "jane").await;
    assert_eq!(page(&jane, &janes).await, StatusCode::OK);
    // Her container ends, and nobody hears of it before the engine gives its address to the next one.
    app.engine.cut_events();
    app.engine.die(janes.id, 137);
    let (joes, joe) = start(&app, "joe").await;
    assert_eq!(joes.endpoint, janes.endpoint);
    let reached = standin.requests().len();
    assert_eq!(page(&jane, &janes).await, StatusCode::NOT_FOUND);
    assert_eq!(standin.requests().len(), reached);
    assert_eq!(page(&joe, &joes).await, StatusCode::OK);
}
