//! Stopping and restarting the server (fault F19): streams may finish, desktops stay.

use std::{
    process::{Child, Command, ExitStatus},
    time::Duration,
};

use crate::{
    support::{
        eventually,
        http::{self, By},
        installation::{Installation, Kind},
        server::Server,
    },
    tunnel::{End, Tunnel},
};

/// From the end of the last stream, or the second signal, until the process is gone.
const GONE_WITHIN: Duration = Duration::from_secs(5);
/// From the second signal until a stream is cut.
const CUT_WITHIN: Duration = Duration::from_secs(3);

fn terminate(process: &Child) {
    let sent = Command::new("sh")
        .args(["-c", &format!("kill -TERM {}", process.id())])
        .status();
    assert!(sent.unwrap().success());
}

async fn gone(process: &mut Child) -> ExitStatus {
    eventually("the process ends", GONE_WITHIN, async || {
        process.try_wait().unwrap()
    })
    .await
}

async fn server_with_a_desktop() -> (Server, String, String) {
    let installation = Installation::new().await;
    let server = Server::start_on(&installation, &[("SHUTDOWN_GRACE", "60s")]).await;
    let session = server.sign_in().await;
    installation.add(&Kind::stand_in("stays")).await;
    let started = server.start_desktop(&session, "stays").await;
    let name = started.json_with(201)["container"]["proxy_path"]
        .as_str()
        .unwrap()
        .to_owned();
    (server, session, name)
}

async fn refuses(server: &Server) {
    eventually("no new visitors", GONE_WITHIN, async || {
        let asked = http::try_send(
            server.address,
            By::Nobody,
            hyper::Method::GET,
            "/readyz",
            &[],
            "",
        );
        match asked.await {
            Ok(answer) => (answer.status == 503).then_some(()),
            Err(_) => Some(()),
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_lets_a_stream_finish_and_a_second_signal_cuts_it() {
    let (mut server, session, name) = server_with_a_desktop().await;
    let mut tunnel = Tunnel::open(&server, &session, &name).await;
    terminate(&server.process);
    refuses(&server).await;
    tunnel.echoes("after the first signal").await;
    assert_eq!(server.process.try_wait().unwrap(), None, "it waits for us");
    tunnel.close().await;
    assert!(gone(&mut server.process).await.success());

    server.start_again().await;
    let mut tunnel = Tunnel::open(&server, &session, &name).await;
    terminate(&server.process);
    refuses(&server).await;
    tunnel.echoes("still there").await;
    terminate(&server.process);
    match tunnel.ends_within(CUT_WITHIN).await {
        End::Said(..) => {}
        End::Broken(how) => panic!("the stream ended with {how}, not with a Close frame"),
    }
    gone(&mut server.process).await;
    assert_eq!(
        server.installation.containers().await.len(),
        1,
        "desktops outlive the server"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desktop_survives_a_restart_of_the_server() {
    let mut server = Server::start().await;
    let session = server.sign_in().await;
    let slug = "debian-desktop";
    let before = server.start_desktop(&session, slug).await.json_with(201);
    let name = before["container"]["proxy_path"].as_str().unwrap();
    Tunnel::open(&server, &session, name)
        .await
        .shows_something()
        .await;

    server.process.kill().unwrap();
    server.process.wait().unwrap();
    server.start_again().await;

    let after = server.start_desktop(&session, slug).await.json_with(200);
    assert_eq!(after["message"], "Container already running");
    for fact in ["container_id", "host_port", "started_at"] {
        assert_eq!(after["container"][fact], before["container"][fact]);
    }
    Tunnel::open(&server, &session, name)
        .await
        .shows_something()
        .await;
    assert_eq!(server.installation.containers().await.len(), 1);
}
