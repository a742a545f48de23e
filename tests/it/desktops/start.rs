//! A start that succeeds: what the desktop is called, which password and port it gets.

use deskcast::config::DesktopConnect;
use secrecy::ExposeSecret;

use super::*;

#[sqlx::test]
async fn a_desktop_starts_and_can_be_reached(pool: PgPool) {
    let place = Place::new(pool).await;
    let desktop = place.starts(&place.user("jane").await).await;
    assert_eq!(desktop.state, DesktopState::Running);
    assert_eq!(desktop.name, "jane-debian-desktop");
    assert_eq!(desktop.endpoint, Some(place.standin.addr()));
    assert!(desktop.phases.ready.is_some());
    assert!((7000..=8000).contains(&desktop.host_port.unwrap()));
    // Rule R4: not one request without credentials, not one wrong one.
    assert_eq!(place.standin.auth_failures(), 0);
    assert!(
        place
            .standin
            .requests()
            .iter()
            .all(|request| request.user.as_deref() == Some("kasm_user"))
    );
}

#[sqlx::test]
async fn colliding_names_get_a_suffix_and_stay_apart(pool: PgPool) {
    let place = Place::new(pool).await;
    // "a-debian" + "desktop" and "a" + "debian-desktop" are the same text (threat T28).
    let mut short = place.kind.clone();
    sqlx::query("update desktop_types set slug = 'desktop' where slug = 'debian-browser'")
        .execute(&place.pool)
        .await
        .unwrap();
    short.slug = "desktop".into();
    short.id = sqlx::query_scalar("select id from desktop_types where slug = 'desktop'")
        .fetch_one(&place.pool)
        .await
        .unwrap();
    let first = place.starts(&place.user("a").await).await;
    let second = place
        .desktops
        .start(
            &place.user("a-debian").await,
            &short,
            StartOptions::default(),
        )
        .await
        .unwrap();
    assert_eq!(first.name, "a-debian-desktop");
    assert_eq!(second.name, "a-debian-desktop-2");
    assert_ne!(first.owner, second.owner);
}

#[sqlx::test]
async fn a_stopped_desktop_starts_again_under_its_name_with_another_password(pool: PgPool) {
    let mut place = Place::new(pool).await;
    place.config.fixed_vnc_password = None;
    let jane = place.user("jane").await;
    let (desktops, _tasks) = replica(&place.pool, &place.engine, &place.config).await;
    // The stand-in knows another password: the start itself does not matter here.
    let first = desktops
        .start(&jane, &place.kind, StartOptions::default())
        .await
        .unwrap();
    desktops.stop(first.id, StopReason::Owner).await.unwrap();
    let second = desktops
        .start(&jane, &place.kind, StartOptions::default())
        .await
        .unwrap();
    assert_eq!((second.id, &second.name), (first.id, &first.name));
    assert_eq!(second.generation, first.generation + 1);
    assert_ne!(
        second.vnc_password.expose_secret(),
        first.vnc_password.expose_secret()
    );
    assert_eq!(second.vnc_password.expose_secret().len(), 32);
}

#[sqlx::test]
async fn a_port_held_by_another_program_is_left_alone_and_the_next_one_taken(pool: PgPool) {
    let place = Place::with_ports(pool, "7100-7101").await;
    place.engine.occupy_port(7100);
    let desktop = place.starts(&place.user("jane").await).await;
    assert_eq!(desktop.state, DesktopState::Running);
    assert_eq!(desktop.host_port, Some(7101));
    assert_eq!(place.engine.containers().len(), 1);
}

#[sqlx::test]
async fn without_host_ports_none_is_reserved(pool: PgPool) {
    let mut place = Place::new(pool).await;
    place.config.connect = DesktopConnect::ContainerAddress;
    let jane = place.user("jane").await;
    let (desktops, _tasks) = replica(&place.pool, &place.engine, &place.config).await;
    let claimed = desktops
        .start(&jane, &place.kind, StartOptions::default())
        .await
        .unwrap();
    let desktop = place.settled(claimed.id).await;
    assert_eq!(
        (desktop.state, desktop.host_port),
        (DesktopState::Running, None)
    );
    assert_eq!(place.ports_in_use().await, 0);
}
