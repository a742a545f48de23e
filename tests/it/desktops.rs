//! Start, stop and upkeep at the level of the rules: real Postgres, the fake engine, a stand-in workspace that
//! answers like a kasmweb image.

use std::{sync::Arc, time::Duration};

use deskcast::{
    auth::user::{Role, User},
    catalog::{Catalog, DesktopType},
    clock::Clock,
    config::{Config, DesktopConnect, EnvSource, RuntimeConfig},
    desktops::{
        Desktop, DesktopState, Desktops, DesktopsParts, LiveDesktop, StartError, StartOptions,
        StopError, StopReason, feed, upkeep,
    },
    groups::{Groups, Settings},
    hints::Hints,
    ids::{DesktopId, UserId},
    lifecycle::Tasks,
    runtime::{
        ContainerState, DesktopRuntime, Limits, RuntimeError,
        fake::{Call, FakeRuntime},
    },
    upstream::{Endpoint, Upstream, UpstreamLimits},
};
use kasm_standin::Standin;
use secrecy::ExposeSecret;
use sqlx::PgPool;

const PASSWORD: &str = "sesame1234567";

/// A server's desktops without its web.
struct Place {
    pool: PgPool,
    engine: FakeRuntime,
    standin: Standin,
    desktops: Desktops,
    tasks: Tasks,
    config: RuntimeConfig,
    kind: DesktopType,
}

impl Place {
    async fn new(pool: PgPool) -> Self {
        Self::with_ports(pool, "7000-8000").await
    }

    async fn with_ports(pool: PgPool, ports: &str) -> Self {
        let (config, _) = Config::from_env(EnvSource::from_iter(
            [
                ("DATABASE_URL", "postgres://unused"),
                ("VNC_PASSWORD", PASSWORD),
                ("DESKTOP_PORTS", ports),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        ));
        let config = config.unwrap();
        let catalog = Catalog::new(pool.clone());
        catalog.seed(&config.catalog).await.unwrap();
        let kind = catalog
            .find_by_slug("debian-desktop")
            .await
            .unwrap()
            .unwrap();
        let standin = Standin::builder().password(PASSWORD).spawn();
        let installation = deskcast::db::installation(&mut pool.acquire().await.unwrap())
            .await
            .unwrap();
        let limits = Limits {
            start: Duration::from_millis(800),
            create: Duration::from_millis(800),
            ..Limits::default()
        };
        let engine = FakeRuntime::with_limits(installation, limits);
        engine.add_image(&kind.image);
        engine.set_address(standin.addr());
        let (desktops, tasks) = replica(&pool, &engine, &config.runtime).await;
        Self {
            pool,
            engine,
            standin,
            desktops,
            tasks,
            config: config.runtime,
            kind,
        }
    }

    /// A second server on the same database and engine.
    async fn replica(&self) -> Desktops {
        replica(&self.pool, &self.engine, &self.config).await.0
    }

    async fn user(&self, slug: &str) -> User {
        let id = UserId::new();
        sqlx::query("insert into users (id, slug, username, display_name) values ($1, $2, $2, $2)")
            .bind(id)
            .bind(slug)
            .execute(&self.pool)
            .await
            .unwrap();
        User {
            id,
            slug: slug.into(),
            username: slug.into(),
            display_name: slug.into(),
            email: None,
            role: Role::User,
            avatar_url: None,
            disabled_at: None,
        }
    }

    async fn starts(&self, user: &User) -> Desktop {
        let claimed = self
            .desktops
            .start(user, &self.kind, StartOptions::default())
            .await
            .unwrap();
        self.settled(claimed.id).await
    }

    async fn settled(&self, id: DesktopId) -> Desktop {
        self.desktops
            .wait_while_starting(id, Duration::from_secs(20))
            .await
            .unwrap()
            .unwrap()
    }

    async fn find(&self, id: DesktopId) -> Option<Desktop> {
        self.desktops.find(id).await.unwrap()
    }

    /// As if the worker had been gone for longer than its lease.
    async fn leases_run_out(&self) {
        sqlx::query("update desktops set lease_until = now() - interval '1 second' where lease_until is not null")
            .execute(&self.pool)
            .await
            .unwrap();
    }

    async fn ports_in_use(&self) -> i64 {
        sqlx::query_scalar("select count(*) from desktop_ports where desktop_id is not null")
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }
}

async fn replica(pool: &PgPool, engine: &FakeRuntime, config: &RuntimeConfig) -> (Desktops, Tasks) {
    let tasks = Tasks::new();
    let installation = deskcast::db::installation(&mut pool.acquire().await.unwrap())
        .await
        .unwrap();
    let desktops = Desktops::new(DesktopsParts {
        db: pool.clone(),
        runtime: Arc::new(engine.clone()),
        upstream: Upstream::new(UpstreamLimits::default(), tasks.clone()),
        catalog: Catalog::new(pool.clone()),
        groups: Groups::new(pool.clone(), Settings::default()),
        config: config.clone(),
        tasks: tasks.clone(),
        installation,
    });
    (desktops, tasks)
}

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
async fn a_missing_image_fails_with_its_reason_and_leaves_nothing(pool: PgPool) {
    let place = Place::new(pool).await;
    place.engine.remove_image(&place.kind.image);
    let desktop = place.starts(&place.user("jane").await).await;
    assert_eq!(desktop.state, DesktopState::Failed);
    assert_eq!(desktop.end.unwrap().code, "image_missing");
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
async fn a_port_held_by_another_program_is_left_alone_and_the_next_one_taken(pool: PgPool) {
    let place = Place::with_ports(pool, "7100-7101").await;
    place.engine.occupy_port(7100);
    let desktop = place.starts(&place.user("jane").await).await;
    assert_eq!(desktop.state, DesktopState::Running);
    assert_eq!(desktop.host_port, Some(7101));
    assert_eq!(place.engine.containers().len(), 1);
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
    assert_eq!(third.end.unwrap().code, "no_capacity");
    assert_eq!(place.ports_in_use().await, 2);
    // A place that becomes free is given to the next one.
    let first = place.desktops.list_all().await.unwrap().remove(0).desktop;
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

#[sqlx::test]
async fn an_engine_that_is_away_fails_the_start_and_says_so(pool: PgPool) {
    let place = Place::new(pool).await;
    place.engine.set_away(true);
    let desktop = place.starts(&place.user("jane").await).await;
    assert_eq!(desktop.end.unwrap().code, "docker_unavailable");
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
    // The late container is there by now; the next start replaces it.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(place.starts(&jane).await.state, DesktopState::Running);
    upkeep::reconcile(&place.desktops).await.unwrap();
    assert_eq!(place.engine.containers().len(), 1);
}

#[sqlx::test]
async fn a_late_container_of_a_failed_start_is_removed(pool: PgPool) {
    let place = Place::new(pool).await;
    place.engine.late(Call::Create);
    place.starts(&place.user("jane").await).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(
        place.engine.containers().len(),
        1,
        "the engine made it after all"
    );
    assert_eq!(upkeep::reconcile(&place.desktops).await.unwrap().removed, 1);
    assert_eq!(place.engine.containers().len(), 0);
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
        tokio::time::sleep(Duration::from_millis(100)).await;
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
    tokio::time::sleep(Duration::from_millis(150)).await;
    // Paused for longer than its lease: another replica takes over and finishes.
    place.leases_run_out().await;
    let other = place.replica().await;
    upkeep::take_over(&other).await.unwrap();
    let desktop = place.settled(claimed.id).await;
    assert_eq!(desktop.state, DesktopState::Running);
    tokio::time::sleep(Duration::from_millis(800)).await;
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
    tokio::time::sleep(Duration::from_millis(50)).await;
    let stopped = place
        .desktops
        .stop(claimed.id, StopReason::Owner)
        .await
        .unwrap();
    assert_eq!(stopped.state, DesktopState::Stopped);
    tokio::time::sleep(Duration::from_millis(600)).await;
    upkeep::reconcile(&place.desktops).await.unwrap();
    assert_eq!(place.engine.containers().len(), 0);
    assert_eq!(place.ports_in_use().await, 0);
    assert_eq!(
        place.find(claimed.id).await.unwrap().state,
        DesktopState::Stopped
    );
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
    assert_eq!(ended.end.unwrap().code, "ended_by_itself");
    assert!(place.desktops.live().get(&desktop.name).is_none());
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
async fn a_stop_on_one_server_cuts_the_streams_of_another(pool: PgPool) {
    let place = Place::new(pool).await;
    let (other, other_tasks) = replica(&place.pool, &place.engine, &place.config).await;
    upkeep::spawn(&other, &other_tasks);
    let mut hints = Hints::new();
    feed::spawn(&other, &mut hints, &Clock::system(), &other_tasks);
    other_tasks.spawn(hints.listen(place.pool.clone(), other_tasks.soft()));
    tokio::time::sleep(Duration::from_millis(300)).await;
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
    assert_eq!(gone.end.unwrap().code, "ended_meanwhile");
    assert_eq!(
        upkeep::reconcile(&next).await.unwrap(),
        upkeep::Summary::default(),
        "a second look finds nothing to do"
    );
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
    assert_eq!(stopped.end.unwrap().code, "stopped_by_user");
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
    for _ in 0..50 {
        if place.find(desktop.id).await.unwrap().state == DesktopState::Stopped {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it was not stopped after all");
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
    assert!(place.desktops.list_all().await.unwrap().is_empty());
}
