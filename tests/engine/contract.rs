//! What every `DesktopRuntime` must do.

use std::{io::Read, time::Duration};

use deskcast::{
    config::DesktopConnect,
    runtime::{
        Container, ContainerState, RuntimeError, Ways,
        way::{Way, Why},
    },
};
use futures_util::StreamExt;

use crate::{eventually::eventually, scene::Scene};

const GRACE: Duration = Duration::from_secs(3);
/// For what a container does by itself, on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(10);

pub(crate) async fn creating_twice_makes_one_container(scene: &impl Scene) {
    let spec = scene.spec(1);
    let first = scene.runtime().create(&spec).await.unwrap();
    let second = scene.runtime().create(&spec).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(first.state, ContainerState::Created);
    assert_eq!(first.labels, spec.labels);
    assert_eq!(first.address, None);
    let image = scene.runtime().image(&spec.image).await.unwrap().unwrap();
    assert_eq!(first.image_id, image.id);
    assert_eq!(scene.runtime().list().await.unwrap(), [first]);
}

pub(crate) async fn an_older_start_is_replaced(scene: &impl Scene) {
    let mut spec = scene.spec(1);
    let old = scene.runtime().create(&spec).await.unwrap();
    scene.runtime().start(&old.id).await.unwrap();
    spec.labels.generation = 2;
    let new = scene.runtime().create(&spec).await.unwrap();
    assert_ne!(new.id, old.id);
    assert_eq!(new.state, ContainerState::Created);
    assert_eq!(scene.runtime().inspect(&old.id).await.unwrap(), None);
    assert_eq!(scene.runtime().list().await.unwrap(), [new]);
}

pub(crate) async fn a_newer_start_stays(scene: &impl Scene) {
    let mut spec = scene.spec(2);
    let newer = scene.runtime().create(&spec).await.unwrap();
    spec.labels.generation = 1;
    let overtaken = scene.runtime().create(&spec).await.unwrap_err();
    assert!(matches!(overtaken, RuntimeError::Refused(_)), "{overtaken}");
    assert_eq!(scene.runtime().list().await.unwrap(), [newer]);
}

pub(crate) async fn another_port_makes_another_container(scene: &impl Scene) {
    let spec = scene.spec(1);
    let first = scene.runtime().create(&spec).await.unwrap();
    let mut moved = spec.clone();
    moved.host_port = scene.spec(1).host_port;
    let second = scene.runtime().create(&moved).await.unwrap();
    assert_ne!(first.id, second.id);
    let started = scene.runtime().start(&second.id).await.unwrap();
    assert_eq!(started.address.unwrap().port(), moved.host_port.unwrap());
}

pub(crate) async fn each_way_leads_to_its_container(scene: &impl Scene) {
    let published = scene.spec(1);
    let mut own = scene.spec(1);
    own.host_port = None;
    for spec in [published, own] {
        let made = scene.runtime().create(&spec).await.unwrap();
        let started = scene.runtime().start(&made.id).await.unwrap();
        let address = started.address.unwrap();
        if let Some(port) = spec.host_port {
            assert_eq!(address, ([127, 0, 0, 1], port).into());
        } else {
            assert!(!address.ip().is_loopback(), "{address}");
            assert_eq!(address.port(), spec.container_port);
        }
        assert!(scene.accepts(address).await, "{address}");
        // Whoever looks later, a server that was restarted for example, finds the same.
        let listed = scene.runtime().list().await.unwrap();
        let listed = listed.iter().find(|container| container.id == made.id);
        assert_eq!(listed.unwrap().address, Some(address));
        let inspected = scene.runtime().inspect(&made.id).await.unwrap();
        assert_eq!(inspected.unwrap().address, Some(address));
    }
}

pub(crate) async fn the_other_way_makes_another_container(scene: &impl Scene) {
    let published = scene.spec(1);
    let mut own = published.clone();
    own.host_port = None;
    for (before, after) in [(&published, &own), (&own, &published)] {
        let first = scene.runtime().create(before).await.unwrap();
        scene.runtime().start(&first.id).await.unwrap();
        let second = scene.runtime().create(after).await.unwrap();
        assert_ne!(second.id, first.id);
        assert_eq!(scene.runtime().inspect(&first.id).await.unwrap(), None);
        let started = scene.runtime().start(&second.id).await.unwrap();
        let address = started.address.unwrap();
        assert_eq!(address.ip().is_loopback(), after.host_port.is_some());
        assert_eq!(scene.runtime().create(after).await.unwrap(), started);
        scene.runtime().remove(&second.id).await.unwrap();
    }
}

pub(crate) async fn an_address_is_read_anew_at_each_start(scene: &impl Scene) {
    let start = async |id: &str| scene.runtime().start(id).await.unwrap().address.unwrap();
    let mut specs = [scene.spec(1), scene.spec(1)];
    for spec in &mut specs {
        spec.host_port = None;
    }
    let first = scene.runtime().create(&specs[0]).await.unwrap();
    let second = scene.runtime().create(&specs[1]).await.unwrap();
    let before = start(&first.id).await;
    scene.runtime().stop(&first.id, GRACE).await.unwrap();
    // What was given back is given away again.
    assert_eq!(start(&second.id).await, before);
    let now = start(&first.id).await;
    assert_ne!(now, before);
    assert!(scene.accepts(now).await, "{now}");
}

pub(crate) async fn auto_takes_the_address_where_this_machine_is_on_the_network(
    scene: &impl Scene,
) {
    let ways = Ways::new(DesktopConnect::Auto, &scene.spec(1).network);
    let way = ways.look(scene.runtime()).await.unwrap();
    assert_eq!(way, Way::ContainerAddress);
    assert_eq!(ways.known().unwrap().why, Why::OnTheirNetwork);
    // Looking leaves nothing behind but the network, which the desktops need anyway.
    assert!(scene.left_over().await.is_empty());
}

pub(crate) async fn starting_twice_is_fine(scene: &impl Scene) {
    let spec = scene.spec(1);
    let made = scene.runtime().create(&spec).await.unwrap();
    let first = scene.runtime().start(&made.id).await.unwrap();
    let second = scene.runtime().start(&spec.name()).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(first.state, ContainerState::Running);
    let address = ([127, 0, 0, 1], spec.host_port.unwrap()).into();
    assert_eq!(first.address, Some(address));
    for asked in [made.id, spec.name()] {
        let seen = scene.runtime().inspect(&asked).await.unwrap();
        assert_eq!(seen.as_ref(), Some(&first), "{asked}");
    }
    let listed = scene.runtime().list().await.unwrap();
    assert_eq!(listed.as_slice(), std::slice::from_ref(&first));
    // The next claim of the same start finds it running.
    assert_eq!(scene.runtime().create(&spec).await.unwrap(), first);
}

pub(crate) async fn stopping_twice_is_fine(scene: &impl Scene) {
    let started = started(scene).await;
    scene.runtime().stop(&started.id, GRACE).await.unwrap();
    scene.runtime().stop(&started.id, GRACE).await.unwrap();
    let stopped = scene.runtime().inspect(&started.id).await.unwrap().unwrap();
    let ended = ContainerState::Exited {
        code: 0,
        out_of_memory: false,
    };
    assert_eq!((&stopped.state, stopped.address), (&ended, None));
    assert_eq!(scene.runtime().list().await.unwrap(), [stopped]);
}

pub(crate) async fn removing_twice_is_fine(scene: &impl Scene) {
    let running = started(scene).await;
    let name = scene.name_of(&running);
    scene.runtime().remove(&name).await.unwrap();
    scene.runtime().remove(&name).await.unwrap();
    scene.runtime().remove(&running.id).await.unwrap();
    assert_eq!(scene.runtime().inspect(&running.id).await.unwrap(), None);
    assert_eq!(scene.runtime().list().await.unwrap(), []);
}

pub(crate) async fn a_stranger_with_our_name_is_never_touched(scene: &impl Scene) {
    let spec = scene.spec(1);
    let name = spec.name();
    scene.stranger(&name).await;
    let refused = |result: Result<(), RuntimeError>| {
        assert!(
            matches!(result, Err(RuntimeError::Refused(_))),
            "{result:?}"
        );
    };
    let runtime = scene.runtime();
    refused(runtime.create(&spec).await.map(drop));
    refused(runtime.start(&name).await.map(drop));
    refused(runtime.stop(&name, GRACE).await);
    refused(runtime.remove(&name).await);
    refused(runtime.logs(&name, 10).await.map(drop));
    refused(runtime.run_detached(&name, &["/bin/true"]).await);
    assert_eq!(runtime.inspect(&name).await.unwrap(), None);
    assert_eq!(runtime.list().await.unwrap(), []);
    assert!(scene.stranger_lives(&name).await);
}

pub(crate) async fn a_failed_start_says_why(scene: &impl Scene) {
    let spec = scene.failing_spec().await;
    let made = scene.runtime().create(&spec).await.unwrap();
    scene.runtime().start(&made.id).await.unwrap();
    let ended = eventually("the container ends", SOON, async || {
        let seen = scene.runtime().inspect(&made.id).await.unwrap().unwrap();
        matches!(seen.state, ContainerState::Exited { .. }).then_some(seen)
    })
    .await;
    let failed = ContainerState::Exited {
        code: 1,
        out_of_memory: false,
    };
    assert_eq!(ended.state, failed);
    assert_eq!(scene.runtime().list().await.unwrap(), [ended]);
    let logs = scene.runtime().logs(&made.id, 20).await.unwrap();
    assert!(
        logs.contains("this container was asked to fail"),
        "{logs:?}"
    );
    assert_eq!(scene.runtime().logs(&made.id, 0).await.unwrap(), "");
}

pub(crate) async fn a_port_another_program_holds_is_named(scene: &impl Scene) {
    let spec = scene.spec(1);
    let port = spec.host_port.unwrap();
    let holder = scene.hold(port).await;
    let made = scene.runtime().create(&spec).await.unwrap();
    let refused = scene.runtime().start(&made.id).await.unwrap_err();
    assert!(
        matches!(refused, RuntimeError::PortTaken(taken) if taken == port),
        "{refused:?}"
    );
    scene.release(port, holder).await;
    scene.runtime().start(&made.id).await.unwrap();
    // A second desktop wants the same port.
    let mut other = scene.spec(1);
    other.host_port = spec.host_port;
    let other = scene.runtime().create(&other).await.unwrap();
    let refused = scene.runtime().start(&other.id).await.unwrap_err();
    assert!(
        matches!(refused, RuntimeError::PortTaken(taken) if taken == port),
        "{refused:?}"
    );
}

pub(crate) async fn an_image_that_is_not_there_is_named(scene: &impl Scene) {
    let mut spec = scene.spec(1);
    spec.image = "deskcast/no-such-image:1".into();
    let missing = scene.runtime().create(&spec).await.unwrap_err();
    assert!(
        matches!(&missing, RuntimeError::ImageMissing(image) if *image == spec.image),
        "{missing:?}"
    );
    assert_eq!(scene.runtime().image(&spec.image).await.unwrap(), None);
    assert_eq!(
        scene
            .runtime()
            .image("../../containers/json?x=")
            .await
            .unwrap(),
        None
    );
    let missing = scene
        .runtime()
        .read_folder(&spec.image, "/")
        .await
        .unwrap_err();
    assert!(
        matches!(missing, RuntimeError::ImageMissing(_)),
        "{missing:?}"
    );
    assert_eq!(scene.runtime().list().await.unwrap(), []);
}

pub(crate) async fn unknown_containers_are_gone(scene: &impl Scene) {
    for unknown in ["0123456789ab", "deskcast-x", "../networks", "", "a b"] {
        let runtime = scene.runtime();
        assert_eq!(runtime.inspect(unknown).await.unwrap(), None, "{unknown}");
        runtime.stop(unknown, GRACE).await.unwrap();
        runtime.remove(unknown).await.unwrap();
        let gone = |result: Result<(), RuntimeError>| {
            assert!(
                matches!(result, Err(RuntimeError::Gone)),
                "{unknown}: {result:?}"
            );
        };
        gone(runtime.start(unknown).await.map(drop));
        gone(runtime.logs(unknown, 1).await.map(drop));
        gone(runtime.run_detached(unknown, &["/bin/true"]).await);
    }
}

pub(crate) async fn what_happens_is_told(scene: &impl Scene) {
    let mut events = scene.runtime().events().await.unwrap();
    let running = started(scene).await;
    scene.runtime().stop(&running.id, GRACE).await.unwrap();
    scene.runtime().remove(&running.id).await.unwrap();
    let mut told = Vec::new();
    while told.last().map(String::as_str) != Some("destroy") {
        let event = tokio::time::timeout(Duration::from_secs(10), events.next());
        let event = event
            .await
            .expect("no event for 10 s")
            .expect("events ended");
        assert_eq!(event.labels, running.labels);
        told.push(event.action);
    }
    assert_eq!(told, ["start", "die", "destroy"]);
}

pub(crate) async fn a_folder_of_an_image_is_read(scene: &impl Scene) {
    let image = scene
        .runtime()
        .image(&scene.spec(1).image)
        .await
        .unwrap()
        .unwrap();
    let folder = scene.client_folder().await;
    let archive = scene
        .runtime()
        .read_folder(&image.id, folder)
        .await
        .unwrap();
    let index = file(&archive, "index.html").expect("index.html is in the folder");
    assert!(index.starts_with("<!DOCTYPE html>"), "{index}");
    assert_eq!(
        scene.runtime().list().await.unwrap(),
        [],
        "nothing is left behind"
    );
    assert!(
        scene.left_over().await.is_empty(),
        "{:?}",
        scene.left_over().await
    );
}

pub(crate) async fn a_program_runs_beside_the_desktop(scene: &impl Scene) {
    let spec = scene.spec(1);
    let made = scene.runtime().create(&spec).await.unwrap();
    let program = [
        "/dockerstartup/custom_startup.sh",
        "--go",
        "--url",
        "https://example.org/",
    ];
    let early = scene
        .runtime()
        .run_detached(&made.id, &program)
        .await
        .unwrap_err();
    assert!(matches!(early, RuntimeError::Refused(_)), "{early:?}");
    scene.runtime().start(&made.id).await.unwrap();
    scene
        .runtime()
        .run_detached(&made.id, &program)
        .await
        .unwrap();
}

pub(crate) async fn the_home_outlives_the_container(scene: &impl Scene) {
    let mut spec = scene.spec(1);
    let first = scene.runtime().create(&spec).await.unwrap();
    scene.runtime().start(&first.id).await.unwrap();
    scene.runtime().remove(&first.id).await.unwrap();
    assert!(scene.home_exists(&spec).await);
    spec.labels.generation = 2;
    let second = scene.runtime().create(&spec).await.unwrap();
    let running = scene.runtime().start(&second.id).await.unwrap();
    assert_eq!(running.state, ContainerState::Running);
}

async fn started(scene: &impl Scene) -> Container {
    let made = scene.runtime().create(&scene.spec(1)).await.unwrap();
    scene.runtime().start(&made.id).await.unwrap()
}

/// The text of `name` in an archive whose names may begin with `./`.
pub(crate) fn file(archive: &[u8], name: &str) -> Option<String> {
    for entry in tar::Archive::new(archive).entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().into_owned();
        if path.strip_prefix("./").unwrap_or(&path) == std::path::Path::new(name) {
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            return Some(text);
        }
    }
    None
}
