//! What a container may really do, seen from inside and from outside (threats T42, T43).

use std::{
    collections::HashMap,
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use bollard::{
    container::LogOutput,
    exec::StartExecResults,
    models::{ContainerCreateBody, ExecConfig, HostConfig},
    query_parameters::{InspectContainerOptions, StartContainerOptions, WaitContainerOptions},
};
use deskcast::{
    config::DesktopConnect,
    runtime::{Container, Labels, Way, Ways},
};
use futures_util::StreamExt;

use crate::{
    contract::SOON,
    eventually::eventually,
    scene::{DESKTOP, DockerScene, Scene},
};

/// The set with `SYS_CHROOT` alone (bit 18).
const ONLY_CHROOT: &str = "0000000000040000";

#[tokio::test]
async fn a_desktop_has_no_rights_but_those_given_back() {
    DockerScene::play(async |scene| {
        for (given, expected) in [
            (vec![], "0000000000000000"),
            (vec!["SYS_CHROOT".to_owned()], ONLY_CHROOT),
        ] {
            let mut spec = scene.spec(1);
            spec.image = DESKTOP.into();
            spec.cap_add = given;
            let made = scene.runtime().create(&spec).await.unwrap();
            let running = scene.runtime().start(&made.id).await.unwrap();
            let status = inside(&scene, &running, &["cat", "/proc/1/status"]).await;
            let field = |name: &str| {
                let line = status.lines().find(|line| line.starts_with(name));
                line.and_then(|line| line.split_whitespace().nth(1))
                    .unwrap_or_default()
                    .to_owned()
            };
            // The desktop's own user has none; the bounding set is what root in the container could have.
            assert_eq!(field("CapBnd:"), expected, "{status}");
            assert_eq!(field("CapEff:"), "0000000000000000", "{status}");
            assert_eq!(field("NoNewPrivs:"), "1", "{status}");
            assert_eq!(field("Seccomp:"), "2", "{status}");
            assert_eq!(field("Uid:"), "1000", "{status}");
        }
    })
    .await;
}

#[tokio::test]
async fn limits_hold_inside() {
    DockerScene::play(async |scene| {
        let mut spec = scene.spec(1);
        spec.image = DESKTOP.into();
        let made = scene.runtime().create(&spec).await.unwrap();
        let running = scene.runtime().start(&made.id).await.unwrap();
        let files = inside(
            &scene,
            &running,
            &["bash", "-c", "ulimit -c; df -k /dev/shm"],
        )
        .await;
        assert!(files.starts_with("0\n"), "{files}");
        assert!(files.contains(" 65536 "), "/dev/shm has 64 MiB: {files}");
        let seen = scene
            .docker
            .inspect_container(&running.id, None::<InspectContainerOptions>)
            .await
            .unwrap();
        let limits = seen.host_config.unwrap();
        assert_eq!(
            (limits.memory, limits.memory_swap),
            (Some(256 << 20), Some(256 << 20))
        );
        assert_eq!(
            (limits.pids_limit, limits.nano_cpus),
            (Some(256), Some(1_000_000_000))
        );
        assert_eq!((limits.binds, limits.devices), (None, None));
    })
    .await;
}

#[tokio::test]
async fn a_desktop_is_published_on_this_machine_alone() {
    DockerScene::play(async |scene| {
        let spec = scene.spec(1);
        let made = scene.runtime().create(&spec).await.unwrap();
        let running = scene.runtime().start(&made.id).await.unwrap();
        eventually("it listens", SOON, async || {
            TcpStream::connect(running.address.unwrap()).ok()
        })
        .await;
        let seen = scene
            .docker
            .inspect_container(&running.id, None::<InspectContainerOptions>)
            .await
            .unwrap();
        let ports = seen.network_settings.unwrap().ports.unwrap();
        let published: Vec<_> = ports
            .into_values()
            .flatten()
            .flatten()
            .filter_map(|port| port.host_ip)
            .collect();
        assert_eq!(published, ["127.0.0.1"]);
        let port = spec.host_port.unwrap();
        for other in other_addresses() {
            let address = SocketAddr::new(other, port);
            let reached = TcpStream::connect_timeout(&address, Duration::from_secs(1));
            assert!(reached.is_err(), "{address} leads to the desktop");
        }
    })
    .await;
}

#[tokio::test]
async fn without_a_port_nothing_of_a_desktop_is_published() {
    DockerScene::play(async |scene| {
        let mut spec = scene.spec(1);
        spec.host_port = None;
        let made = scene.runtime().create(&spec).await.unwrap();
        let running = scene.runtime().start(&made.id).await.unwrap();
        let seen = scene
            .docker
            .inspect_container(&running.id, None::<InspectContainerOptions>)
            .await
            .unwrap();
        let ports = seen.network_settings.unwrap().ports.unwrap_or_default();
        assert!(ports.into_values().all(|published| published.is_none()));
        let bindings = seen.host_config.unwrap().port_bindings;
        assert!(bindings.unwrap_or_default().is_empty());
        // One that runs and answers is found by the look, too.
        assert!(scene.accepts(running.address.unwrap()).await);
        let ways = Ways::new(DesktopConnect::Auto, &spec.network);
        let way = ways.look(scene.runtime()).await.unwrap();
        assert_eq!(way, Way::ContainerAddress);
    })
    .await;
}

#[tokio::test]
async fn desktops_cannot_reach_each_other() {
    DockerScene::play(async |scene| {
        let start = async |host_port| {
            let mut spec = scene.spec(1);
            spec.host_port = host_port;
            let made = scene.runtime().create(&spec).await.unwrap();
            scene.runtime().start(&made.id).await.unwrap()
        };
        let target = start(None).await;
        let attacker = start(None).await;
        let address = target
            .address
            .expect("without a host port it answers at its own address");
        // This server does reach it …
        eventually("it listens", SOON, async || {
            TcpStream::connect(address).ok()
        })
        .await;
        // … and so does the target itself, so that the refusal below means something …
        assert_eq!(connects_from(&scene, &target, address).await, 0);
        // … but its neighbour does not.
        assert_ne!(connects_from(&scene, &attacker, address).await, 0);
    })
    .await;
}

/// Exit code of a program that connects to `to` from the network of `from`.
async fn connects_from(scene: &DockerScene, from: &Container, to: SocketAddr) -> i64 {
    let (key, value) = Labels::of_installation(scene.installation());
    let connect = format!("exec 3<>/dev/tcp/{}/{}", to.ip(), to.port());
    let body = ContainerCreateBody {
        image: Some(DESKTOP.into()),
        labels: Some(HashMap::from([(key, value)])),
        entrypoint: Some(
            ["timeout", "3", "bash", "-c", &connect]
                .map(str::to_owned)
                .to_vec(),
        ),
        cmd: Some(Vec::new()),
        host_config: Some(HostConfig {
            network_mode: Some(format!("container:{}", from.id)),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    };
    let made = scene.docker.create_container(None, body).await.unwrap();
    scene
        .docker
        .start_container(&made.id, None::<StartContainerOptions>)
        .await
        .unwrap();
    let ended = scene
        .docker
        .wait_container(&made.id, None::<WaitContainerOptions>)
        .next()
        .await
        .unwrap();
    match ended {
        Ok(ended) => ended.status_code,
        Err(bollard::errors::Error::DockerContainerWaitError { code, .. }) => code,
        Err(error) => panic!("{error}"),
    }
}

pub(crate) async fn inside(scene: &DockerScene, container: &Container, argv: &[&str]) -> String {
    let config = ExecConfig {
        cmd: Some(argv.iter().map(|word| (*word).to_owned()).collect()),
        attach_stdout: Some(true),
        ..ExecConfig::default()
    };
    let made = scene
        .docker
        .create_exec(&container.id, config)
        .await
        .unwrap();
    let StartExecResults::Attached { mut output, .. } =
        scene.docker.start_exec(&made.id, None).await.unwrap()
    else {
        panic!("the output was asked for");
    };
    let mut text = String::new();
    while let Some(part) = output.next().await {
        if let LogOutput::StdOut { message } = part.unwrap() {
            text.push_str(&String::from_utf8_lossy(&message));
        }
    }
    text
}

/// Addresses of this machine that others reach it by.
fn other_addresses() -> Vec<std::net::IpAddr> {
    // Which address would be used to leave; nothing is sent.
    let probe = std::net::UdpSocket::bind("0.0.0.0:0").unwrap();
    let outward = probe
        .connect("192.0.2.1:9")
        .and_then(|()| probe.local_addr());
    outward
        .into_iter()
        .map(|address| address.ip())
        .filter(|ip| !ip.is_loopback())
        .collect()
}
