//! One installation of its own for each test: database, network of the desktops, range of host ports. Everything in it
//! is taken away at the end, containers and homes included.

use std::{
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use rand::Rng;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, postgres::PgPoolOptions};
use url::Url;

use super::{
    docker::{docker_lines, try_docker},
    surroundings,
};

/// Where ports for tests are looked for: below those the kernel gives to connections.
const PORTS: std::ops::Range<u16> = 20_000..30_000;
/// How many host ports a test's desktops have.
const PORT_COUNT: u16 = 8;
/// For the tests' own statements.
const DATABASE_LIMIT: Duration = Duration::from_secs(10);

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// What several servers may share.
#[derive(Debug)]
pub(crate) struct Installation {
    /// Of the database, the network and the log.
    pub(crate) name: String,
    /// Host ports for desktops.
    pub(crate) ports: (u16, u16),
    /// A way to the database that no fault touches.
    pub(crate) database: PgPool,
    maintenance: Url,
}

/// A desktop type for a test.
#[derive(Clone, Debug)]
pub(crate) struct Kind<'a> {
    /// Names it in every address.
    pub(crate) slug: &'a str,
    /// What is started.
    pub(crate) image: &'a str,
    /// Variables of the container.
    pub(crate) env: Value,
    /// A plain web application instead of a desktop.
    pub(crate) plain: bool,
}

impl<'a> Kind<'a> {
    /// The stand-in for a kasmweb image.
    pub(crate) fn stand_in(slug: &'a str) -> Self {
        Self {
            slug,
            image: "deskcast/kasm-standin:new",
            env: json!({}),
            plain: false,
        }
    }

    /// The stand-in with something to go wrong or to take its time.
    pub(crate) fn with_fault(slug: &'a str, fault: &str) -> Self {
        Self {
            env: json!({ "STANDIN_FAULT": fault }),
            ..Self::stand_in(slug)
        }
    }
}

impl Installation {
    /// A new one. Its database is empty until the first server has started.
    pub(crate) async fn new() -> Arc<Self> {
        let given = surroundings("DATABASE_URL")
            .expect("DATABASE_URL names the Postgres the tests make their databases on");
        let maintenance: Url = given.parse().expect("DATABASE_URL is a URL");
        let name = format!(
            "deskcast-test-{}-{}",
            std::process::id(),
            NUMBER.fetch_add(1, Ordering::Relaxed)
        );
        let mut server = PgConnection::connect(maintenance.as_str()).await.unwrap();
        for statement in [
            format!("drop database if exists \"{name}\" with (force)"),
            format!("create database \"{name}\""),
        ] {
            sqlx::raw_sql(AssertSqlSafe(statement))
                .execute(&mut server)
                .await
                .unwrap();
        }
        let mut own = maintenance.clone();
        own.set_path(&name);
        let database = PgPoolOptions::new()
            .max_connections(2)
            .acquire_timeout(DATABASE_LIMIT)
            .connect_lazy(own.as_str())
            .unwrap();
        Arc::new(Self {
            name,
            ports: free_ports(PORT_COUNT),
            database,
            maintenance,
        })
    }

    /// Where the database is.
    pub(crate) fn database_url(&self) -> Url {
        let mut own = self.maintenance.clone();
        own.set_path(&self.name);
        own
    }

    /// Adds a type everybody may use.
    pub(crate) async fn add(&self, kind: &Kind<'_>) {
        sqlx::query(
            "insert into desktop_types (id, slug, title, image, env, client, container_tls, container_port, home_path, memory_mb, position)
             values (gen_random_uuid(), $1, $1, $2, $3, $4::client_kind, $5, $6, '', 256, 1)",
        )
        .bind(kind.slug)
        .bind(kind.image)
        .bind(&kind.env)
        .bind(if kind.plain { "passthrough" } else { "vnc" })
        .bind(!kind.plain)
        .bind(if kind.plain { 8080 } else { 6901 })
        .execute(&self.database)
        .await
        .unwrap();
    }

    /// Every container of this installation, ended ones included: name and state.
    pub(crate) async fn containers(&self) -> Vec<(String, String)> {
        let filter = self.filter().await;
        let all = docker_lines(&[
            "ps",
            "-a",
            "--filter",
            &filter,
            "--filter",
            "label=deskcast.purpose=desktop",
            "--format",
            "{{.Names}} {{.State}}",
        ]);
        all.iter()
            .filter_map(|line| line.split_once(' '))
            .map(|(name, state)| (name.to_owned(), state.to_owned()))
            .collect()
    }

    async fn filter(&self) -> String {
        let id: sqlx::types::Uuid = sqlx::query_scalar("select id from installation")
            .fetch_one(&self.database)
            .await
            .unwrap();
        format!("label=deskcast.installation={id}")
    }

    async fn take_away(&self) -> anyhow::Result<()> {
        // The pool belongs to a runtime that may be gone.
        let mut own = PgConnection::connect(self.database_url().as_str()).await?;
        let id: Option<sqlx::types::Uuid> = sqlx::query_scalar("select id from installation")
            .fetch_optional(&mut own)
            .await
            .unwrap_or_default();
        own.close().await.ok();
        if let Some(id) = id {
            let filter = format!("label=deskcast.installation={id}");
            remove(&["ps", "-aq", "--filter", &filter], &["rm", "-f", "-v"]);
            remove(
                &["volume", "ls", "-q", "--filter", &filter],
                &["volume", "rm", "-f"],
            );
        }
        drop(try_docker(&["network", "rm", &self.name]));
        let mut server = PgConnection::connect(self.maintenance.as_str()).await?;
        let statement = format!("drop database if exists \"{}\" with (force)", self.name);
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut server)
            .await?;
        Ok(())
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        let taken = thread::scope(|scope| {
            let working = scope.spawn(|| {
                tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()?
                    .block_on(self.take_away())
            });
            working.join()
        });
        match taken {
            Ok(Ok(())) => {}
            other => eprintln!("{} could not be taken away wholly: {other:?}", self.name),
        }
    }
}

fn remove(list: &[&str], remove: &[&str]) {
    let Ok(found) = try_docker(list) else { return };
    let found: Vec<&str> = found.lines().collect();
    if !found.is_empty()
        && let Err(said) = try_docker(&[remove, &found].concat())
    {
        eprintln!("{said}");
    }
}

/// So many free ports beside each other.
fn free_ports(count: u16) -> (u16, u16) {
    for _ in 0..100 {
        let first = rand::rng().random_range(PORTS.start..PORTS.end - count);
        let last = first + count - 1;
        let free = (first..=last).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok());
        if free {
            return (first, last);
        }
    }
    panic!("no {count} free ports beside each other in {PORTS:?}");
}
