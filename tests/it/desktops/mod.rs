//! Start, stop and upkeep at the level of the rules: real Postgres, the fake engine, a stand-in workspace that
//! answers like a kasmweb image.

use std::{sync::Arc, time::Duration};

use deskcast::{
    catalog::{Catalog, DesktopType},
    config::{Config, EnvSource, RuntimeConfig},
    db::Db,
    desktops::{
        Desktop, DesktopState, Desktops, DesktopsParts, LiveDesktop, StartError, StartOptions,
        StopReason, upkeep,
    },
    groups::{Groups, Settings},
    ids::{DesktopId, UserId},
    lifecycle::Tasks,
    people::{Role, User},
    runtime::{
        DesktopRuntime, Limits,
        fake::{Call, FakeRuntime},
    },
    upstream::{Endpoint, Upstream, UpstreamLimits},
};
use kasm_standin::Standin;
use sqlx::PgPool;

use crate::support::eventually;

mod disk;
mod failed_start;
mod races;
mod reconciling;
mod start;
mod stop;

const PASSWORD: &str = "sesame1234567";
/// For what follows by itself, on a busy machine.
const SOON: Duration = Duration::from_secs(10);

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
        let catalog = Catalog::new(Db::new(pool.clone()));
        catalog.seed(&config.catalog).await.unwrap();
        let kind = catalog
            .find_by_slug("debian-desktop")
            .await
            .unwrap()
            .unwrap();
        let standin = Standin::builder().password(PASSWORD).spawn();
        let installation =
            deskcast::db::installation(&mut Db::new(pool.clone()).acquire().await.unwrap())
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

    /// Waits until the engine was asked for `call`.
    async fn is_asked(&self, call: Call) {
        eventually(&format!("{call:?}"), SOON, async || {
            (self.engine.count(call) > 0).then_some(())
        })
        .await;
    }

    /// Waits until the engine has so many containers.
    async fn has_containers(&self, count: usize) {
        eventually(&format!("{count} containers"), SOON, async || {
            match self.engine.containers().len() {
                now if now == count => Ok(()),
                now => Err(format!("but {now}")),
            }
        })
        .await;
    }

    /// Waits until all work of this server has ended. What it has not done by then it never does. It begins nothing
    /// afterwards.
    async fn work_ends(&self) {
        let ended = self.tasks.finish(SOON, std::future::pending(), SOON).await;
        assert!(ended, "the server's work ends");
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
    let installation =
        deskcast::db::installation(&mut Db::new(pool.clone()).acquire().await.unwrap())
            .await
            .unwrap();
    let desktops = Desktops::new(DesktopsParts {
        db: Db::new(pool.clone()),
        runtime: Arc::new(engine.clone()),
        upstream: Upstream::new(UpstreamLimits::default(), tasks.clone()),
        catalog: Catalog::new(Db::new(pool.clone())),
        groups: Groups::new(Db::new(pool.clone()), Settings::default()),
        config: config.clone(),
        tasks: tasks.clone(),
        installation,
    });
    (desktops, tasks)
}
