//! The pool, the migrations, and what SQL errors mean.
//!
//! Every wait has a limit: two seconds for a connection, three and a half for a statement (`connection`), so that no
//! request hangs on a database that is away (fault F10).

mod connection;

use std::{
    str::FromStr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sqlx::{
    Connection as _, PgExecutor, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

pub use self::connection::{Connection, Db, Transaction};
use crate::ids::InstallationId;

/// How long a request waits for a free connection.
const ACQUIRE: Duration = Duration::from_secs(2);

/// A connection that was idle for less than this is taken as it is; another is asked whether it still lives.
const SURELY_ALIVE: Duration = Duration::from_secs(1);

/// How long it counts that the database answered on any connection. Short, because a statement sent to a database
/// that has just gone silent would wait for its answer.
const PROVEN: Duration = Duration::from_millis(50);

/// What is known of the connections of this server.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// When one was found dead; see [`doubt_idle_connections`].
    doubted: Option<Instant>,
    /// When the database last answered on one of them.
    proven: Option<Instant>,
}

static KNOWN: Mutex<Known> = Mutex::new(Known {
    doubted: None,
    proven: None,
});

static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// Opens the pool without connecting yet: a server may start while its database is away.
pub fn pool(url: &str, max_connections: u32) -> Result<PgPool, sqlx::Error> {
    Ok(pool_at(PgConnectOptions::from_str(url)?, max_connections))
}

/// The same for a place that has been read already.
#[must_use]
pub fn pool_at(place: PgConnectOptions, max_connections: u32) -> PgPool {
    let options = place.application_name("deskcast").options([
        ("statement_timeout", "3200ms"),
        ("lock_timeout", "3s"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("tcp_user_timeout", "5000"),
        // What is asked all day is in memory: a page of rows is found by key, not by reading a whole table.
        ("random_page_cost", "1.1"),
    ]);
    PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(ACQUIRE)
        .idle_timeout(Duration::from_mins(5))
        // Instead of a ping before every use: in steady use there is none.
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                // A connection answers when it is given back, before it waits here.
                if is_doubtful(meta.idle_for, proven(meta.idle_for), since_doubted()) {
                    // One that does not answer is thrown away, and the pool goes on with the next or a new one.
                    connection.ping().await?;
                    proven(Duration::ZERO);
                }
                Ok(true)
            })
        })
        .connect_lazy_with(options)
}

/// Has every connection that is idle now asked once whether it lives before it is used again. Called when one was
/// found dead: a restart of Postgres ends all of them together, and only the next of them need fail.
pub fn doubt_idle_connections() {
    known().doubted = Some(Instant::now());
}

fn known() -> MutexGuard<'static, Known> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn since_doubted() -> Option<Duration> {
    known().doubted.map(|at| at.elapsed())
}

/// Notes that the database answered so long `ago`; answers how long ago it last did.
fn proven(ago: Duration) -> Duration {
    let mut known = known();
    let at = Instant::now().checked_sub(ago);
    known.proven = known.proven.max(at);
    known.proven.map_or(ago, |last| last.elapsed())
}

/// Whether a connection that was idle for so long is asked before it is used, when the database last answered so long
/// ago on any, and one was found dead so long ago (pure).
fn is_doubtful(idle_for: Duration, proven: Duration, doubted: Option<Duration>) -> bool {
    idle_for >= SURELY_ALIVE || proven >= PROVEN || doubted.is_some_and(|ago| idle_for >= ago)
}

/// Reads on one connection, and once more on another when the first turns out to be dead: it may have died while it
/// was idle. Only for what changes nothing, because it may happen twice. Needs a function that answers `sqlx::Error`.
///
/// A macro, because a function that takes such a future could not promise axum that it can move between threads.
macro_rules! reading {
    ($pool:expr, |$db:ident| $read:expr) => {{
        let first = {
            let mut connection = $pool.acquire().await?;
            let $db = &mut connection;
            async { $read }.await
        };
        if first.as_ref().is_err_and($crate::db::was_dead) {
            let mut connection = $pool.acquire().await?;
            let $db = &mut connection;
            async { $read }.await
        } else {
            first
        }
    }};
}
pub(crate) use reading;

/// Whether `error` says that its connection is gone. All that are idle now are then asked before they are used.
pub(crate) fn was_dead(error: &sqlx::Error) -> bool {
    let dead = is_dead(error);
    if dead {
        doubt_idle_connections();
    }
    dead
}

/// Whether `error` says that its connection is gone (pure).
fn is_dead(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        // The database ended it: asked to, or because all of it restarts.
        sqlx::Error::Database(error) => {
            matches!(error.code().as_deref(), Some("57P01" | "57P02"))
        }
        _ => false,
    }
}

/// Brings the schema up to date; replicas that start together take turns (sqlx holds an advisory lock).
pub async fn migrate(pool: &PgPool) -> Result<(), sqlx::migrate::MigrateError> {
    // Migrations may take longer than a request's statement.
    let mut connection = pool.acquire().await?;
    sqlx::query("set statement_timeout = '10min'; set lock_timeout = '10min'")
        .execute(&mut *connection)
        .await
        .ok();
    let done = MIGRATOR.run(&mut *connection).await;
    connection.close().await.ok();
    done
}

/// Which installation this database is.
pub async fn installation(db: &mut Connection) -> Result<InstallationId, sqlx::Error> {
    Ok(InstallationId(
        sqlx::query_scalar!("select id from installation")
            .fetch_one(db)
            .await?,
    ))
}

/// Whether the database answers at all.
pub async fn answers(db: impl PgExecutor<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("select 1").execute(db).await.map(drop)
}

/// Where the database is, for messages: never the account or the password.
#[must_use]
pub fn place(pool: &PgPool) -> String {
    let options = pool.connect_options();
    format!("{}:{}", options.get_host(), options.get_port())
}

/// Whether `error` means that the database cannot be reached or cannot take work now, as opposed to a fault of ours.
#[must_use]
pub fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_) => true,
        // 08 connection, 53 resources, 57 operator (shutdown, cancel by timeout), 25006 read-only standby, 55P03 lock.
        sqlx::Error::Database(db) => db.code().is_some_and(|code| {
            code.starts_with("08")
                || code.starts_with("53")
                || code.starts_with("57")
                || code == "25006"
                || code == "55P03"
        }),
        _ => false,
    }
}

/// Names one constraint's violation, lets every other error pass.
pub trait OnConstraint<T> {
    /// `Ok(Err(refusal))` when exactly the constraint `name` refused; other errors stay errors.
    fn on_constraint<R>(
        self,
        name: &str,
        refusal: impl FnOnce() -> R,
    ) -> Result<Result<T, R>, sqlx::Error>;
}

impl<T> OnConstraint<T> for Result<T, sqlx::Error> {
    fn on_constraint<R>(
        self,
        name: &str,
        refusal: impl FnOnce() -> R,
    ) -> Result<Result<T, R>, sqlx::Error> {
        match self {
            Ok(value) => Ok(Ok(value)),
            Err(sqlx::Error::Database(error)) if error.constraint() == Some(name) => {
                Ok(Err(refusal()))
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_be_dead_is_asked() {
        let seconds = Duration::from_secs_f64;
        let table = [
            (0.0, 0.0, None, false),
            (0.9, 0.01, None, false),
            (0.9, 0.05, None, true),
            (1.0, 0.0, None, true),
            (300.0, 0.0, None, true),
            (0.5, 0.0, Some(0.4), true),
            (0.5, 0.0, Some(0.5), true),
            (0.5, 0.0, Some(0.6), false),
        ];
        for (idle_for, proven, doubted, asked) in table {
            let answer = is_doubtful(seconds(idle_for), seconds(proven), doubted.map(seconds));
            assert_eq!(answer, asked, "{idle_for} {proven} {doubted:?}");
        }
    }
}
