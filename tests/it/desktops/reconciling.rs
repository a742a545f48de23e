//! Upkeep: rows and containers are made to agree again, whatever happened to either.

use super::*;

#[sqlx::test]
async fn a_late_container_of_a_failed_start_is_removed(pool: PgPool) {
    let place = Place::new(pool).await;
    place.engine.late(Call::Create);
    place.starts(&place.user("jane").await).await;
    // The engine made it after all.
    place.has_containers(1).await;
    assert_eq!(upkeep::reconcile(&place.desktops).await.unwrap().removed, 1);
    assert_eq!(place.engine.containers().len(), 0);
}

#[sqlx::test]
async fn a_desktop_that_ends_by_itself_says_so_and_its_streams_are_cut(pool: PgPool) {
    let place = Place::new(pool).await;
    upkeep::spawn(&place.desktops, &place.tasks);
    let desktop = place.starts(&place.user("jane").await).await;
    let endpoint = Endpoint {
        address: place.standin.addr(),
        tls: true,
        account: None,
    };
    let live = place.desktops.live().put(LiveDesktop::new(
        desktop.clone(),
        place.kind.clone(),
        endpoint,
    ));
    place.engine.die(desktop.id, 137);
    tokio::time::timeout(Duration::from_secs(3), live.cut().cancelled())
        .await
        .expect("streams are cut within 3 s");
    let ended = place.find(desktop.id).await.unwrap();
    assert_eq!(ended.state, DesktopState::Failed);
    assert_eq!(ended.end.unwrap().code.as_str(), "ended_by_itself");
    assert!(place.desktops.live().get(&desktop.name).is_none());
}

#[sqlx::test]
async fn after_a_restart_running_desktops_are_adopted_and_leftovers_removed(pool: PgPool) {
    let place = Place::new(pool).await;
    let kept = place.starts(&place.user("kept").await).await;
    let gone = place.starts(&place.user("gone").await).await;
    place
        .engine
        .remove(gone.container_id.as_deref().unwrap())
        .await
        .unwrap();
    place.engine.add_foreign("deskcast-of-somebody-else");
    let stray = place.starts(&place.user("stray").await).await;
    sqlx::query("delete from desktops where id = $1")
        .bind(stray.id)
        .execute(&place.pool)
        .await
        .unwrap();
    let next = place.replica().await;
    let summary = upkeep::reconcile(&next).await.unwrap();
    assert_eq!((summary.ended, summary.removed), (1, 1));
    assert_eq!(
        place.find(kept.id).await.unwrap().state,
        DesktopState::Running
    );
    let gone = place.find(gone.id).await.unwrap();
    assert_eq!(gone.state, DesktopState::Stopped);
    assert_eq!(gone.end.unwrap().code.as_str(), "ended_meanwhile");
    assert_eq!(
        upkeep::reconcile(&next).await.unwrap(),
        upkeep::Summary::default(),
        "a second look finds nothing to do"
    );
}
