//! `kill -9` of the server in the middle of a start (fault F1, F2): no orphan, no double, the next click works.

use std::time::Duration;

use futures_util::future::join_all;
use tempfile::TempDir;

use crate::{
    fault_proxy::{FaultProxy, Mode},
    support::{
        docker::engine,
        eventually,
        http::By,
        installation::{Installation, Kind},
        server::Server,
    },
    tunnel::Tunnel,
};

/// From the restart until rows and containers agree.
const CONVERGES_WITHIN: Duration = Duration::from_secs(30);
/// Until a click that came too early is answered by a desktop.
const START_LIMIT: Duration = Duration::from_secs(30);

/// When the server dies.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// The engine has been asked for something, and does not get to know it.
    Asking(&'static str),
    /// The engine has done what it was asked for, and the server does not get to know it.
    Answered(&'static str),
    /// The container runs, its desktop does not answer yet.
    Waiting,
}

const MOMENTS: [Moment; 6] = [
    Moment::Asking("/images/"),
    Moment::Asking("/containers/create"),
    Moment::Answered("/containers/create"),
    Moment::Asking("/start"),
    Moment::Answered("/start"),
    Moment::Waiting,
];

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_during_a_start_leaves_no_orphan_and_the_next_click_works() {
    // Side by side: most of the time is the wait until the dead server's claim runs out.
    join_all(MOMENTS.map(kill_at)).await;
}

async fn kill_at(moment: Moment) {
    let folder = TempDir::new().unwrap();
    let socket = folder.path().join("docker.sock");
    let proxy = FaultProxy::unix(&engine(), &socket);
    let installation = Installation::new().await;
    let host = format!("unix://{}", socket.display());
    let settings = [("DOCKER_HOST", host.as_str()), ("START_WAIT", "1s")];
    let mut server = Server::start_on(&installation, &settings).await;
    let session = server.sign_in().await;
    installation
        .add(&Kind::with_fault("slow", "slow-start=2000"))
        .await;

    proxy.set(match moment {
        Moment::Asking(part) => Mode::HoldRequest(part),
        Moment::Answered(part) => Mode::HoldAnswer(part),
        Moment::Waiting => Mode::Pass,
    });
    let claimed = server.start_desktop(&session, "slow").await;
    assert_eq!(claimed.status, 202, "{moment:?}: {}", claimed.text);
    match moment {
        Moment::Waiting => is_waiting(&installation).await,
        _ => proxy.holds_something().await,
    }
    server.process.kill().unwrap();
    server.process.wait().unwrap();
    // What the dead server had asked for is not held up any longer, as with a slow engine.
    proxy.set(Mode::Pass);

    server.start_again().await;
    eventually(
        &format!("{moment:?}: rows and containers agree"),
        CONVERGES_WITHIN,
        async || (agreed(&installation).await).then_some(()),
    )
    .await;

    let name = eventually("the next click works", START_LIMIT, async || {
        let answer = server.start_desktop(&session, "slow").await;
        assert!(
            [200, 201, 202].contains(&answer.status.as_u16()),
            "{moment:?}: {}",
            answer.text
        );
        let name = answer.json()["container"]["proxy_path"]
            .as_str()?
            .to_owned();
        (answer.status != 202).then_some(name)
    })
    .await;
    let containers = installation.containers().await;
    assert_eq!(containers.len(), 1, "{moment:?}: {containers:?}");
    let mut tunnel = Tunnel::open(&server, &session, &name).await;
    tunnel.echoes("after the crash").await;
    let page = server
        .get(By::Browser(&session), &format!("/desktop/{name}/"))
        .await;
    assert_eq!(page.status, 200);
}

async fn is_waiting(installation: &Installation) {
    eventually("the start waits for the desktop", START_LIMIT, async || {
        let waiting: bool = sqlx::query_scalar("select waiting_at is not null from desktops")
            .fetch_one(&installation.database)
            .await
            .unwrap();
        waiting.then_some(())
    })
    .await;
}

/// Nothing is under way any more, and exactly the desktops that run have a container that runs.
async fn agreed(installation: &Installation) -> bool {
    let rows: Vec<(String, String)> =
        sqlx::query_as("select 'deskcast-' || id, state::text from desktops")
            .fetch_all(&installation.database)
            .await
            .unwrap();
    let containers = installation.containers().await;
    assert!(containers.len() <= 1, "never two: {containers:?}");
    let settled = rows
        .iter()
        .all(|(_, state)| !["starting", "stopping"].contains(&state.as_str()));
    let wanted: Vec<&String> = rows
        .iter()
        .filter(|(_, state)| state == "running")
        .map(|(name, _)| name)
        .collect();
    let there: Vec<&String> = containers.iter().map(|(name, _)| name).collect();
    settled && wanted == there
}
