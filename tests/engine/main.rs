//! The same contract on the fake and on a real Docker Engine, so that tests which use the fake tell the truth; and
//! what only a real engine can show: what a container may really do.
//!
//! The engine is the one of `DOCKER_HOST`, or the usual socket. Everything made is labelled with an installation of
//! its own for each test, and removed when the test ends, also when it fails.

#![expect(
    clippy::unwrap_used,
    reason = "a test's helpers fail the test, as its own lines do"
)]

mod confinement;
mod contract;
mod egress;
#[path = "../support/eventually.rs"]
mod eventually;
mod faults;
mod scene;

use scene::{DockerScene, FakeScene};

/// One test of each name on both.
macro_rules! runtime_contract {
    ($($name:ident)*) => {
        mod fake {
            $(
                #[tokio::test]
                async fn $name() {
                    super::contract::$name(&super::FakeScene::new()).await;
                }
            )*
        }

        mod docker {
            $(
                #[tokio::test]
                async fn $name() {
                    super::DockerScene::play(async |scene| super::contract::$name(&scene).await).await;
                }
            )*
        }
    };
}

runtime_contract! {
    creating_twice_makes_one_container
    an_older_start_is_replaced
    a_newer_start_stays
    another_port_makes_another_container
    each_way_leads_to_its_container
    the_other_way_makes_another_container
    an_address_is_read_anew_at_each_start
    auto_takes_the_address_where_this_machine_is_on_the_network
    starting_twice_is_fine
    stopping_twice_is_fine
    removing_twice_is_fine
    a_stranger_with_our_name_is_never_touched
    a_failed_start_says_why
    a_port_another_program_holds_is_named
    an_image_that_is_not_there_is_named
    unknown_containers_are_gone
    what_happens_is_told
    a_folder_of_an_image_is_read
    a_program_runs_beside_the_desktop
    the_home_outlives_the_container
}
