//! The pool, the migrations, and what SQL errors mean.
//!
//! Every wait has a limit: two seconds for a connection, four for a statement, so that no request hangs on a
//! database that is away (fault F10).

use std::{str::FromStr, time::Duration};

use sqlx::{
    PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::ids::InstallationId;

/// How long a request waits for a free connection.
const ACQUIRE: Duration = Duration::from_secs(2);

static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// Opens the pool without connecting yet: a server may start while its database is away.
pub fn pool(url: &str, max_connections: u32) -> Result<PgPool, sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?
        .application_name("deskcast")
        .options([
            ("statement_timeout", "4s"),
            ("lock_timeout", "3s"),
            ("idle_in_transaction_session_timeout", "10s"),
            ("tcp_user_timeout", "5000"),
            // What is asked all day is in memory: a page of rows is found by key, not by reading a whole table.
            ("random_page_cost", "1.1"),
        ]);
    Ok(PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(ACQUIRE)
        .idle_timeout(Duration::from_mins(5))
        .connect_lazy_with(options))
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
pub async fn installation(db: &mut PgConnection) -> Result<InstallationId, sqlx::Error> {
    Ok(InstallationId(
        sqlx::query_scalar!("select id from installation")
            .fetch_one(db)
            .await?,
    ))
}

/// Whether the database answers at all.
pub async fn answers(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("select 1").execute(pool).await.map(drop)
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
