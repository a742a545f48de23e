//! Stopping and removing: what stays, what goes, whose streams are cut, and that a stop is not lost.

use deskcast::{
    clock::Clock,
    desktops::{StopError, feed},
    hints::Hints,
    runtime::{ContainerState, RuntimeError},
};

use super::*;

#[sqlx::test]
async fn cancelling_a_start_leaves_no_container(pool: PgPool) {
    let place = Place::new(pool).await;
    place.engine.delay(Call::Create, Duration::from_millis(300));
    let claimed = place
        .desktops
        .start(
            &place.user("jane").await,
            &place.kind,
            StartOptions::default(),
        )
        .await
        .unwrap();
    place.is_asked(Call::Create).await;
    let stopped = place
        .desktops
        .stop(claimed.id, StopReason::Owner)
        .await
        .unwrap();
    assert_eq!(stopped.state, DesktopState::Stopped);
    // The create that was under way has come through, and its worker has ended.
    place.work_ends().await;
    upkeep::reconcile(&place.desktops).await.unwrap();
    assert_eq!(place.engine.containers().len(), 0);
    assert_eq!(place.ports_in_use().await, 0);
    assert_eq!(
        place.find(claimed.id).await.unwrap().state,
        DesktopState::Stopped
    );
}

#[sqlx::test]
async fn a_stop_on_one_server_cuts_the_streams_of_another(pool: PgPool) {
    let place = Place::new(pool).await;
    let (other, other_tasks) = replica(&place.pool, &place.engine, &place.config).await;
    upkeep::spawn(&other, &other_tasks);
    let mut hints = Hints::new();
    feed::spawn(&other, &mut hints, &Clock::system(), &other_tasks);
    other_tasks.spawn(hints.listen(place.pool.clone(), other_tasks.soft()));
    let listens = "select true from pg_stat_activity
         where datname = current_database() and query like 'LISTEN%\"deskcast_desktop\"%'";
    eventually("the other server listens", SOON, async || {
        let found = sqlx::query_scalar::<_, bool>(listens).fetch_optional(&place.pool);
        found.await.unwrap()
    })
    .await;
    let desktop = place.starts(&place.user("jane").await).await;
    let endpoint = Endpoint {
        address: place.standin.addr(),
        tls: true,
        account: None,
    };
    let live = other.live().put(LiveDesktop::new(
        desktop.clone(),
        place.kind.clone(),
        endpoint,
    ));
    place
        .desktops
        .stop(desktop.id, StopReason::Owner)
        .await
        .unwrap();
    tokio::time::timeout(Duration::from_secs(5), live.cut().cancelled())
        .await
        .expect("cut within 5 s");
    other_tasks.begin_shutdown();
}

#[sqlx::test]
async fn stopping_keeps_the_container_and_removing_takes_it_away(pool: PgPool) {
    let place = Place::new(pool).await;
    let desktop = place.starts(&place.user("jane").await).await;
    let stopped = place
        .desktops
        .stop(desktop.id, StopReason::Owner)
        .await
        .unwrap();
    assert_eq!(stopped.state, DesktopState::Stopped);
    assert_eq!(stopped.end.unwrap().code.as_str(), "stopped_by_user");
    let container = place
        .engine
        .inspect(desktop.container_id.as_deref().unwrap())
        .await
        .unwrap()
        .unwrap();
    assert!(matches!(container.state, ContainerState::Exited { .. }));
    assert_eq!(place.ports_in_use().await, 0);
    assert!(matches!(
        place.desktops.stop(desktop.id, StopReason::Owner).await,
        Err(StopError::NotRunning)
    ));
    place
        .desktops
        .remove(desktop.id, StopReason::Owner)
        .await
        .unwrap();
    assert!(place.find(desktop.id).await.is_none());
    assert!(place.engine.containers().is_empty());
    assert!(matches!(
        place.desktops.remove(desktop.id, StopReason::Owner).await,
        Err(StopError::NotRunning)
    ));
}

#[sqlx::test]
async fn a_stop_that_the_engine_did_not_hear_is_repeated(pool: PgPool) {
    let place = Place::new(pool).await;
    let desktop = place.starts(&place.user("jane").await).await;
    place.engine.fail_next(
        Call::Stop,
        RuntimeError::Away {
            call: "stop".into(),
            source: None,
        },
    );
    assert!(matches!(
        place.desktops.stop(desktop.id, StopReason::Owner).await,
        Err(StopError::Runtime(_))
    ));
    assert_eq!(
        place.find(desktop.id).await.unwrap().state,
        DesktopState::Stopping
    );
    let blocked = place
        .desktops
        .start(
            &User {
                id: desktop.owner,
                ..place.user("x").await
            },
            &place.kind,
            StartOptions::default(),
        )
        .await;
    assert!(matches!(blocked, Err(StartError::Stopping)));
    place.leases_run_out().await;
    upkeep::take_over(&place.desktops).await.unwrap();
    eventually("it is stopped after all", SOON, async || {
        let state = place.find(desktop.id).await.unwrap().state;
        (state == DesktopState::Stopped).then_some(())
    })
    .await;
}

#[sqlx::test]
async fn one_failure_does_not_stop_the_others_from_stopping(pool: PgPool) {
    let place = Place::new(pool).await;
    for name in ["a", "b", "c"] {
        place.starts(&place.user(name).await).await;
    }
    place
        .engine
        .fail_next(Call::Stop, RuntimeError::Refused("no".into()));
    let report = place
        .desktops
        .stop_all(StopReason::Admin(UserId::new()))
        .await
        .unwrap();
    assert_eq!((report.stopped, report.failed.len()), (2, 1));
}

/// Programs may take longer to end than a lease lasts.
#[sqlx::test]
async fn a_slow_stop_keeps_its_lease_and_nobody_takes_it_over(pool: PgPool) {
    let place = Place::new(pool).await;
    let desktop = place.starts(&place.user("jane").await).await;
    let other = place.replica().await;
    place.engine.delay(Call::Stop, Duration::from_secs(5));
    let removing = place.desktops.remove(desktop.id, StopReason::Owner);
    let meanwhile = async {
        place.is_asked(Call::Stop).await;
        let gone = async || {
            upkeep::take_over(&other).await.unwrap();
            place.find(desktop.id).await.is_none().then_some(())
        };
        eventually("the desktop is removed", Duration::from_secs(15), gone).await;
    };
    let (removed, ()) = tokio::join!(removing, meanwhile);
    removed.unwrap();
    assert_eq!(place.engine.count(Call::Stop), 1, "nobody repeated it");
}

/// A worker whose stop was taken over nevertheless waits for whoever has it now, and says nothing wrong.
#[sqlx::test]
async fn a_stop_that_was_taken_over_is_one_that_succeeded(pool: PgPool) {
    let place = Place::new(pool).await;
    let desktop = place.starts(&place.user("jane").await).await;
    let other = place.replica().await;
    place.engine.delay(Call::Stop, Duration::from_secs(1));
    let removing = place.desktops.remove(desktop.id, StopReason::Owner);
    let meanwhile = async {
        place.is_asked(Call::Stop).await;
        place.leases_run_out().await;
        upkeep::take_over(&other).await.unwrap();
    };
    let (removed, ()) = tokio::join!(removing, meanwhile);
    removed.unwrap();
    assert!(place.find(desktop.id).await.is_none());
}
