//! A start that fails says why, leaves nothing behind, and the next one works.

use super::*;

#[sqlx::test]
async fn a_missing_image_fails_with_its_reason_and_leaves_nothing(pool: PgPool) {
    let place = Place::new(pool).await;
    place.engine.remove_image(&place.kind.image);
    let desktop = place.starts(&place.user("jane").await).await;
    assert_eq!(desktop.state, DesktopState::Failed);
    assert_eq!(desktop.end.unwrap().code.as_str(), "image_missing");
    assert_eq!(place.engine.containers().len(), 0);
    assert_eq!(place.ports_in_use().await, 0);
}

#[sqlx::test]
async fn a_container_that_dies_during_the_start_fails_it_and_is_removed(pool: PgPool) {
    let place = Place::new(pool).await;
    place.engine.exit_at_start(Some(0));
    place.engine.set_address("127.0.0.1:9".parse().unwrap());
    let desktop = place.starts(&place.user("jane").await).await;
    assert_eq!(
        desktop.state,
        DesktopState::Failed,
        "exit code 0 is a failure, too (rule R7)"
    );
    assert_eq!(place.engine.containers().len(), 0);
    assert_eq!(place.ports_in_use().await, 0);
    // The next click works.
    place.engine.exit_at_start(None);
    place.engine.set_address(place.standin.addr());
    let jane_again = User {
        id: desktop.owner,
        ..place.user("other").await
    };
    assert_eq!(place.starts(&jane_again).await.state, DesktopState::Running);
}

#[sqlx::test]
async fn a_desktop_that_refuses_its_password_is_asked_once(pool: PgPool) {
    let place = Place::new(pool).await;
    place.standin.set_password("kasm_user", "something-else");
    let desktop = place.starts(&place.user("jane").await).await;
    assert_eq!(desktop.state, DesktopState::Failed);
    assert_eq!(
        place.standin.auth_failures(),
        1,
        "asking on would only lock everybody out (rule R4)"
    );
    assert_eq!(place.engine.containers().len(), 0);
}

#[sqlx::test]
async fn a_used_up_range_says_that_there_is_no_room(pool: PgPool) {
    let place = Place::with_ports(pool, "7100-7101").await;
    for name in ["a", "b"] {
        assert_eq!(
            place.starts(&place.user(name).await).await.state,
            DesktopState::Running
        );
    }
    let third = place.starts(&place.user("c").await).await;
    assert_eq!(third.end.unwrap().code.as_str(), "no_capacity");
    assert_eq!(place.ports_in_use().await, 2);
    // A place that becomes free is given to the next one.
    let first = place.desktops.list_live().await.unwrap().remove(0);
    place
        .desktops
        .stop(first.id, StopReason::Owner)
        .await
        .unwrap();
    assert_eq!(
        place
            .starts(&User {
                id: third.owner,
                ..place.user("x").await
            })
            .await
            .state,
        DesktopState::Running
    );
}

#[sqlx::test]
async fn an_engine_that_is_away_fails_the_start_and_says_so(pool: PgPool) {
    let place = Place::new(pool).await;
    place.engine.set_away(true);
    let desktop = place.starts(&place.user("jane").await).await;
    assert_eq!(desktop.end.unwrap().code.as_str(), "docker_unavailable");
    place.engine.set_away(false);
    assert_eq!(
        place
            .starts(&User {
                id: desktop.owner,
                ..place.user("x").await
            })
            .await
            .state,
        DesktopState::Running
    );
}

#[sqlx::test]
async fn a_create_that_succeeds_after_its_limit_is_not_doubled(pool: PgPool) {
    let place = Place::new(pool).await;
    let jane = place.user("jane").await;
    place.engine.late(Call::Create);
    let failed = place.starts(&jane).await;
    assert_eq!(failed.state, DesktopState::Failed);
    // The late container comes after all; the next start replaces it.
    place.has_containers(1).await;
    assert_eq!(place.starts(&jane).await.state, DesktopState::Running);
    upkeep::reconcile(&place.desktops).await.unwrap();
    assert_eq!(place.engine.containers().len(), 1);
}

#[sqlx::test]
async fn a_server_that_is_going_down_starts_nothing(pool: PgPool) {
    let place = Place::new(pool).await;
    place.tasks.begin_shutdown();
    let refused = place
        .desktops
        .start(
            &place.user("jane").await,
            &place.kind,
            StartOptions::default(),
        )
        .await;
    assert!(matches!(refused, Err(StartError::Draining)));
    assert!(place.desktops.list_live().await.unwrap().is_empty());
}
