//! What desktops reach, from inside, with the rules of each kind on the real firewall (threat T43). As root, on the host
//! of the engine; the rules are taken out again by the script that administrators use.

use std::{
    collections::HashMap,
    io::Write,
    net::{IpAddr, TcpListener, UdpSocket},
    panic::{AssertUnwindSafe, resume_unwind},
    process::{Command, Output, Stdio},
    sync::Arc,
};

use bollard::{
    models::{ContainerCreateBody, HostConfig},
    query_parameters::{InspectContainerOptions, InspectNetworkOptions, StartContainerOptions},
};
use deskcast::{
    config::{Egress, EgressRules},
    runtime::{
        Container, DesktopRuntime, Labels, Limits,
        egress::{EgressGuard, Standing, names, printed},
    },
};
use futures_util::FutureExt;

use crate::{
    confinement::inside,
    scene::{DESKTOP, DockerScene, STANDIN, Scene},
};

/// A machine beyond this host has these addresses: link-local, private, a provider's own, and one that stands for the
/// internet (RFC 5737). This host has the ones before.
const BEYOND: [&str; 4] = ["169.254.77.2", "10.213.77.2", "100.64.77.2", "198.51.100.2"];

/// Whether each is reached: the host at its gateway, its outer address, [`BEYOND`], a neighbour.
const REACHED: [(Egress, [bool; 7]); 3] = [
    (
        Egress::Internet,
        [false, false, false, false, false, true, false],
    ),
    (
        Egress::Everything,
        [true, true, true, true, true, true, false],
    ),
    (Egress::Nothing, [false; 7]),
];

#[tokio::test]
async fn each_kind_reaches_what_it_should_and_the_proxy_reaches_all() {
    DockerScene::play(async |scene| {
        let base = scene.spec(1).network;
        let runtime: Arc<dyn DesktopRuntime> = Arc::new(scene.engine_with(Limits::default()));
        let rules = printed(&*runtime, &base).await.unwrap();
        let tried = AssertUnwindSafe(walk(&scene, &runtime, &base, &rules))
            .catch_unwind()
            .await;
        // The base network is there by now, under the interface it was to get.
        assert_eq!(printed(&*runtime, &base).await.unwrap(), rules);
        assert!(script("remove", &rules).status.success());
        if let Err(panic) = tried {
            resume_unwind(panic);
        }
    })
    .await;
}

async fn walk(scene: &DockerScene, runtime: &Arc<dyn DesktopRuntime>, base: &str, rules: &str) {
    let look = async |task| {
        let guard = EgressGuard::new(Arc::clone(runtime), base, task);
        guard.look().await.unwrap()
    };
    assert_eq!(look(EgressRules::Look).await, Standing::NotSet);
    assert_eq!(look(EgressRules::Set).await, Standing::InForce);
    assert_eq!(look(EgressRules::Set).await, Standing::InForce);
    assert_eq!(look(EgressRules::Look).await, Standing::InForce);

    let host = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = host.local_addr().unwrap().port();
    beyond(scene).await;
    for (egress, expected) in REACHED {
        let start = async || {
            let mut spec = scene.spec(1);
            spec.image = DESKTOP.into();
            spec.host_port = None;
            spec.egress = egress;
            spec.network = names::network(base, egress);
            let made = scene.runtime().create(&spec).await.unwrap();
            scene.runtime().start(&made.id).await.unwrap()
        };
        let (desktop, neighbour) = (start().await, start().await);
        for one in [&desktop, &neighbour] {
            assert!(scene.accepts(one.address.unwrap()).await, "{egress:?}");
        }
        let gateway = gateway(scene, &names::network(base, egress)).await;
        let mut targets = vec![(gateway, port), (outer_address(), port)];
        targets.extend(BEYOND.map(|address| (address.to_owned(), 6901)));
        let at = neighbour.address.unwrap();
        targets.push((at.ip().to_string(), at.port()));
        let reached = reached(scene, &desktop, &targets).await;
        assert_eq!(reached, expected, "{egress:?}: {targets:?}");
        // Nobody answers there on most machines, but clouds give away keys there.
        let metadata = [("169.254.169.254".to_owned(), 80)];
        if egress != Egress::Everything {
            assert_eq!(self::reached(scene, &desktop, &metadata).await, [false]);
        }
    }

    // The script and the server mean the same by "in force", each after the other.
    assert!(script("check", rules).status.success());
    assert!(script("remove", rules).status.success());
    assert_eq!(look(EgressRules::Look).await, Standing::NotSet);
    assert_eq!(script("check", rules).status.code(), Some(1));
    for _ in 0..2 {
        let set = script("set", rules);
        assert!(set.status.success(), "{set:?}");
        assert_eq!(look(EgressRules::Look).await, Standing::InForce);
    }
}

/// Which of `targets` accept a connection from inside `desktop`.
async fn reached(scene: &DockerScene, desktop: &Container, targets: &[(String, u16)]) -> Vec<bool> {
    let tries = targets.iter().map(|(address, port)| {
        format!(
            "timeout 2 bash -c 'exec 3<>/dev/tcp/{address}/{port}' 2>/dev/null && echo yes || echo no; "
        )
    });
    let all: String = tries.collect();
    let said = inside(scene, desktop, &["bash", "-c", &all]).await;
    said.lines().map(|line| line == "yes").collect()
}

/// A machine behind this host, made of a container that has no network but a cable to the host.
async fn beyond(scene: &DockerScene) {
    let (key, value) = Labels::of_installation(scene.installation());
    let body = ContainerCreateBody {
        image: Some(STANDIN.into()),
        env: Some(vec!["VNC_PW=s3cretPassword".into()]),
        labels: Some(HashMap::from([(key, value)])),
        host_config: Some(HostConfig {
            network_mode: Some("none".into()),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    };
    let made = scene.docker.create_container(None, body).await.unwrap();
    let start = None::<StartContainerOptions>;
    scene.docker.start_container(&made.id, start).await.unwrap();
    let seen = scene
        .docker
        .inspect_container(&made.id, None::<InspectContainerOptions>)
        .await
        .unwrap();
    let pid = seen.state.unwrap().pid.unwrap().to_string();
    // It goes with the container's end of it.
    let cable = format!("dcx{pid}");
    ip(&[
        "link", "add", &cable, "type", "veth", "peer", "name", "eth0", "netns", &pid,
    ]);
    ip(&["link", "set", &cable, "up"]);
    let within = |arguments: &[&str]| {
        let enter = ["-t", &pid, "-n", "ip"];
        run("nsenter", &[&enter, arguments].concat());
    };
    within(&["link", "set", "eth0", "up"]);
    for address in BEYOND {
        let before = address.replace(".2", ".1");
        ip(&["addr", "add", &format!("{before}/30"), "dev", &cable]);
        within(&["addr", "add", &format!("{address}/30"), "dev", "eth0"]);
        let at = format!("{address}:6901").parse().unwrap();
        assert!(scene.accepts(at).await, "{address} answers this host");
    }
}

fn ip(arguments: &[&str]) {
    run("ip", arguments);
}

fn run(program: &str, arguments: &[&str]) {
    let done = Command::new(program).args(arguments).output().unwrap();
    assert!(done.status.success(), "{program} {arguments:?}: {done:?}");
}

/// `scripts/egress-rules.sh` with the rules on its standard input.
fn script(verb: &str, rules: &str) -> Output {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/egress-rules.sh");
    let mut running = Command::new(script)
        .args([verb, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = running.stdin.take().unwrap();
    input.write_all(rules.as_bytes()).unwrap();
    drop(input);
    running.wait_with_output().unwrap()
}

async fn gateway(scene: &DockerScene, network: &str) -> String {
    let seen = scene
        .docker
        .inspect_network(network, None::<InspectNetworkOptions>)
        .await
        .unwrap();
    let parts = seen.ipam.unwrap().config.unwrap();
    parts[0].gateway.clone().unwrap()
}

/// The address by which this host leaves, or another of its own where it does not.
fn outer_address() -> String {
    let probe = UdpSocket::bind("0.0.0.0:0").unwrap();
    let left = probe.connect("192.0.2.1:9");
    let address = left.and_then(|()| probe.local_addr()).map(|own| own.ip());
    address
        .unwrap_or(IpAddr::from([10, 213, 77, 1]))
        .to_string()
}

#[tokio::test]
async fn what_a_desktop_writes_is_told_without_its_home() {
    DockerScene::play(async |scene| {
        let mut spec = scene.spec(1);
        spec.image = DESKTOP.into();
        let made = scene.runtime().create(&spec).await.unwrap();
        let running = scene.runtime().start(&made.id).await.unwrap();
        let fill = "dd if=/dev/zero of=/tmp/fill bs=1M count=40 && dd if=/dev/zero of=$HOME/fill bs=1M count=60";
        inside(&scene, &running, &["bash", "-c", fill]).await;
        let used = scene.runtime().disk_use().await.unwrap();
        assert_eq!(used.len(), 1);
        assert_eq!(used[0].labels, spec.labels);
        let mib = used[0].bytes >> 20;
        assert!((40..60).contains(&mib), "{mib} MiB");
    })
    .await;
}
