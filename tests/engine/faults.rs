//! Late answers, races and leftovers on a real engine (faults F2, F8).

use std::time::Duration;

use deskcast::runtime::{DesktopRuntime, Limits, RuntimeError};
use futures_util::future::join_all;

use crate::{
    contract::{SOON, file},
    eventually::eventually,
    scene::{DESKTOP, DockerScene, Scene},
};

#[tokio::test]
async fn a_create_that_was_given_up_is_adopted_by_the_next_one() {
    DockerScene::play(async |scene| {
        let mut spec = scene.spec(1);
        spec.home = None;
        // Makes the network, so that the impatient one has only the container to make.
        scene.runtime().create(&spec).await.unwrap();
        let impatient = scene.engine_with(Limits {
            create: Duration::from_millis(4),
            ..Limits::default()
        });
        let given_up = eventually("a create is given up", SOON, async || {
            scene.runtime().remove(&spec.name()).await.unwrap();
            impatient.create(&spec).await.err()
        })
        .await;
        assert!(
            matches!(given_up, RuntimeError::Away { .. }),
            "{given_up:?}"
        );
        let words = given_up.to_string();
        assert!(
            words.contains("create container: no answer within 4ms"),
            "{words}"
        );
        let adopted = scene.runtime().create(&spec).await.unwrap();
        // A second one would be there before a container that is asked for only now.
        let later = scene.runtime().create(&scene.spec(1)).await.unwrap();
        let mut made = scene.runtime().list().await.unwrap();
        made.retain(|container| *container != later);
        assert_eq!(made, [adopted]);
    })
    .await;
}

#[tokio::test]
async fn starts_at_the_same_moment_share_one_network() {
    DockerScene::play(async |scene| {
        let specs: Vec<_> = (0..6).map(|_| scene.spec(1)).collect();
        let servers: Vec<_> = (0..6)
            .map(|_| scene.engine_with(Limits::default()))
            .collect();
        let made = join_all(
            servers
                .iter()
                .zip(&specs)
                .map(|(server, spec)| server.create(spec)),
        )
        .await;
        for container in made {
            scene.runtime().start(&container.unwrap().id).await.unwrap();
        }
        assert_eq!(scene.networks().await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn starts_of_the_same_desktop_make_one_container() {
    DockerScene::play(async |scene| {
        let spec = scene.spec(1);
        let servers: Vec<_> = (0..8)
            .map(|_| scene.engine_with(Limits::default()))
            .collect();
        let made = join_all(servers.iter().map(|server| server.create(&spec))).await;
        let mut ids: Vec<_> = made
            .into_iter()
            .map(|container| container.unwrap().id)
            .collect();
        ids.dedup();
        assert_eq!(ids.len(), 1);
        assert_eq!(scene.left_over().await, ids);
    })
    .await;
}

#[tokio::test]
async fn a_network_of_another_kind_is_refused() {
    DockerScene::play(async |scene| {
        for network in ["host", "none", "bridge"] {
            let mut spec = scene.spec(1);
            spec.network = network.into();
            let refused = scene.runtime().create(&spec).await.unwrap_err().to_string();
            assert!(
                refused.contains("bridge network of their own"),
                "{network}: {refused}"
            );
        }
        assert!(scene.left_over().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_password_is_not_in_the_logs() {
    DockerScene::play(async |scene| {
        let mut spec = scene.spec(1);
        spec.image = DESKTOP.into();
        spec.host_port = None;
        let made = scene.runtime().create(&spec).await.unwrap();
        scene.runtime().start(&made.id).await.unwrap();
        // What runs as the container's own program may write anything to its output.
        let leak =
            "echo password is $(tr '\\0' '\\n' </proc/1/environ | grep VNC_PW) >/proc/1/fd/1";
        scene
            .runtime()
            .run_detached(&made.id, &["bash", "-c", leak])
            .await
            .unwrap();
        let logs = eventually("it says the password", SOON, async || {
            let logs = scene.runtime().logs(&made.id, 100).await.unwrap();
            logs.contains("password is").then_some(logs)
        })
        .await;
        assert!(logs.contains("VNC_PW=(password)"), "{logs}");
        assert!(!logs.contains("s3cretPassword"), "{logs}");
    })
    .await;
}

#[tokio::test]
async fn a_folder_that_is_a_link_is_followed() {
    DockerScene::play(async |scene| {
        // A link to /run in every Debian image.
        let archive = scene
            .runtime()
            .read_folder(DESKTOP, "/var/run")
            .await
            .unwrap();
        let names: Vec<_> = tar::Archive::new(archive.as_slice())
            .entries()
            .unwrap()
            .map(|entry| entry.unwrap().path().unwrap().into_owned())
            .collect();
        assert!(names.iter().any(|name| name.ends_with("lock")), "{names:?}");
        let refused = scene
            .runtime()
            .read_folder(DESKTOP, "/no/such")
            .await
            .unwrap_err();
        assert!(
            refused.to_string().contains("no folder /no/such"),
            "{refused}"
        );
        assert!(file(&archive, "no-such-file").is_none());
        assert!(scene.left_over().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_image_of_an_unreachable_registry_says_so() {
    use futures_util::StreamExt;
    DockerScene::play(async |scene| {
        // Port 9 of this machine: nobody listens.
        let messages: Vec<_> = scene
            .runtime()
            .pull("localhost:9/nobody/nothing:1")
            .await
            .collect()
            .await;
        let last = messages.last().unwrap().as_ref().unwrap_err();
        assert!(matches!(last, RuntimeError::PullFailed(_)), "{last:?}");
        assert!(last.to_string().contains("cannot be reached"), "{last}");
    })
    .await;
}
