//! The same thing several times at once, or again after a server that died: one container, one stop, one note of an
//! opening, and nobody undoes what another did.

use super::*;

#[sqlx::test]
async fn fifty_parallel_starts_make_one_container(pool: PgPool) {
    let place = Place::new(pool).await;
    let other = place.replica().await;
    let jane = place.user("jane").await;
    place.engine.delay(Call::Create, Duration::from_millis(100));
    let starts = (0..50).map(|n| {
        let desktops = if n % 2 == 0 { &place.desktops } else { &other };
        desktops.start(&jane, &place.kind, StartOptions::default())
    });
    let claimed = futures_util::future::join_all(starts).await;
    let ids: std::collections::HashSet<_> = claimed
        .into_iter()
        .map(|desktop| desktop.unwrap().id)
        .collect();
    assert_eq!(ids.len(), 1, "every click got the same desktop");
    let desktop = place.settled(ids.into_iter().next().unwrap()).await;
    assert_eq!(desktop.state, DesktopState::Running);
    assert_eq!(place.engine.containers().len(), 1);
    assert_eq!(place.engine.count(Call::Create), 1);
}

#[sqlx::test]
async fn a_start_whose_server_was_killed_is_finished_by_the_next_one(pool: PgPool) {
    for call in [Call::Image, Call::Create, Call::Start] {
        let place = Place::new(pool.clone()).await;
        let jane = place.user(&format!("jane-{call:?}").to_lowercase()).await;
        place.engine.hang(call);
        let (killed, tasks) = replica(&place.pool, &place.engine, &place.config).await;
        let claimed = killed
            .start(&jane, &place.kind, StartOptions::default())
            .await
            .unwrap();
        place.is_asked(call).await;
        // The dead server writes nothing more.
        drop((killed, tasks));
        sqlx::query("update desktops set lease_holder = gen_random_uuid() where id = $1")
            .bind(claimed.id)
            .execute(&place.pool)
            .await
            .unwrap();
        place.leases_run_out().await;
        place.engine.release(call);
        let next = place.replica().await;
        upkeep::take_over(&next).await.unwrap();
        let desktop = next
            .wait_while_starting(claimed.id, Duration::from_secs(20))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            desktop.state,
            DesktopState::Running,
            "killed during {call:?}"
        );
        upkeep::reconcile(&next).await.unwrap();
        let mine: Vec<_> = place
            .engine
            .containers()
            .into_iter()
            .filter(|c| c.labels().desktop == claimed.id)
            .collect();
        assert_eq!(mine.len(), 1, "killed during {call:?}");
        let again = next
            .start(&jane, &place.kind, StartOptions::default())
            .await
            .unwrap();
        assert_eq!(again.id, claimed.id);
        sqlx::query("delete from desktops")
            .execute(&place.pool)
            .await
            .unwrap();
    }
}

#[sqlx::test]
async fn a_worker_that_lost_its_lease_changes_nothing_and_removes_nothing(pool: PgPool) {
    let place = Place::new(pool).await;
    let jane = place.user("jane").await;
    place.engine.delay(Call::Start, Duration::from_millis(500));
    let claimed = place
        .desktops
        .start(&jane, &place.kind, StartOptions::default())
        .await
        .unwrap();
    place.is_asked(Call::Start).await;
    // Paused for longer than its lease: another replica takes over and finishes.
    place.leases_run_out().await;
    let other = place.replica().await;
    upkeep::take_over(&other).await.unwrap();
    let desktop = place.settled(claimed.id).await;
    assert_eq!(desktop.state, DesktopState::Running);
    // Only the first worker is on this server's tasks: it has come back and found its lease lost.
    place.work_ends().await;
    assert_eq!(
        place.find(claimed.id).await.unwrap().state,
        DesktopState::Running
    );
    assert_eq!(
        place.engine.containers().len(),
        1,
        "the first worker did not clean up what the second one uses"
    );
}

#[sqlx::test]
async fn openings_right_after_each_other_are_noted_once(pool: PgPool) {
    let place = Place::new(pool).await;
    let desktop = place.starts(&place.user("jane").await).await;
    let endpoint = Endpoint {
        address: place.standin.addr(),
        tls: true,
        account: None,
    };
    let live = LiveDesktop::new(desktop, place.kind.clone(), endpoint);
    let hour = Duration::from_hours(1);
    assert!(live.notes(hour), "the first");
    assert!(!live.notes(hour), "one right after it");
    assert!(live.notes(Duration::ZERO), "one later");
    assert!(!live.notes(hour), "one right after that");
}

#[sqlx::test]
async fn two_stops_at_once_are_one(pool: PgPool) {
    let place = Place::new(pool).await;
    let desktop = place.starts(&place.user("jane").await).await;
    let other = place.replica().await;
    // Long enough that the second comes while the first is under way, however slow its connection is.
    place.engine.delay(Call::Stop, Duration::from_millis(300));
    let (first, second) = tokio::join!(
        place.desktops.stop(desktop.id, StopReason::Owner),
        other.stop(desktop.id, StopReason::Owner)
    );
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(place.engine.count(Call::Stop), 1);
}
