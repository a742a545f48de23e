//! Connections whose every statement ends in time.
//!
//! sqlx waits for an answer as long as the socket lives, and the socket of a database that has gone silent lives for a
//! quarter of an hour. Whoever talks to the database does it on a [`Connection`]: a statement without an answer after
//! [`STATEMENT`] fails as [`sqlx::Error::PoolTimedOut`], the connection is thrown away, and the idle ones are asked
//! whether they live before they are used again.

use std::{
    ops::{Deref, DerefMut},
    time::Duration,
};

use futures_util::{
    StreamExt,
    future::{BoxFuture, FutureExt},
    stream::{self, BoxStream},
};
use sqlx::{
    Describe, Either, Execute, Executor, PgPool, Postgres, SqlStr,
    pool::PoolConnection,
    postgres::{PgQueryResult, PgRow, PgStatement, PgTransactionManager, PgTypeInfo},
};
use sqlx_core::transaction::TransactionManager;
use tokio::time::{Instant, timeout, timeout_at};

use super::doubt_idle_connections;

/// How long a statement may go without its answer. More than the database's own limits, so that a statement which is
/// merely slow gets their error; together with the wait for a connection it is about the five seconds in which
/// everybody has an answer, because a connection is not given out by a database that is known to be silent.
pub(super) const STATEMENT: Duration = Duration::from_millis(3_500);

/// The database: gives out connections. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    pool: PgPool,
}

impl Db {
    /// On the connections of `pool`.
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// A connection, which goes back when it is dropped.
    pub async fn acquire(&self) -> Result<Connection, sqlx::Error> {
        Ok(Connection {
            inner: self.pool.acquire().await?,
            silent: false,
        })
    }

    /// A transaction on a connection of its own.
    pub async fn begin(&self) -> Result<Transaction, sqlx::Error> {
        let on = self.acquire().await?;
        // Open before the statement, so that one that is given up half-way is undone, too.
        let mut new = Transaction { on, open: true };
        let Connection { inner, silent } = &mut new.on;
        in_time(silent, PgTransactionManager::begin(inner, None)).await?;
        Ok(new)
    }
}

/// A connection whose every statement ends within `STATEMENT`.
#[derive(Debug)]
pub struct Connection {
    inner: PoolConnection<Postgres>,
    /// A statement got no answer: nobody may use the connection again.
    silent: bool,
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.silent {
            self.inner.close_on_drop();
        }
    }
}

/// What `answer` brings within [`STATEMENT`]; if nothing, `silent` is set.
async fn in_time<T>(
    silent: &mut bool,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    match timeout(STATEMENT, answer).await {
        Ok(answer) => answer,
        Err(_) => Err(gone_silent(silent)),
    }
}

fn gone_silent(silent: &mut bool) -> sqlx::Error {
    *silent = true;
    doubt_idle_connections();
    sqlx::Error::PoolTimedOut
}

impl<'c> Executor<'c> for &'c mut Connection {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let until = Instant::now() + STATEMENT;
        let steps = self.inner.fetch_many(query);
        stream::unfold(Some((steps, &mut self.silent)), move |open| async move {
            let (mut steps, silent) = open?;
            match timeout_at(until, steps.next()).await {
                Ok(step) => Some((step?, Some((steps, silent)))),
                Err(_) => Some((Err(gone_silent(silent)), None)),
            }
        })
        .boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxFuture<'e, Result<Option<PgRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        in_time(&mut self.silent, self.inner.fetch_optional(query)).boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, sqlx::Error>>
    where
        'c: 'e,
    {
        in_time(&mut self.silent, self.inner.prepare_with(sql, parameters)).boxed()
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, sqlx::Error>>
    where
        'c: 'e,
    {
        in_time(&mut self.silent, self.inner.describe(sql)).boxed()
    }
}

/// A transaction on a connection of its own; undone when it is dropped before [`Transaction::commit`].
#[derive(Debug)]
pub struct Transaction {
    on: Connection,
    open: bool,
}

impl Transaction {
    /// Makes what was done in it last. After an error it may have been kept or not.
    pub async fn commit(mut self) -> Result<(), sqlx::Error> {
        let Connection { inner, silent } = &mut self.on;
        in_time(silent, PgTransactionManager::commit(inner)).await?;
        self.open = false;
        Ok(())
    }

    /// Undoes what was done in it and has let go of its locks when this answers.
    pub async fn rollback(mut self) -> Result<(), sqlx::Error> {
        let Connection { inner, silent } = &mut self.on;
        in_time(silent, PgTransactionManager::rollback(inner)).await?;
        self.open = false;
        Ok(())
    }
}

impl Deref for Transaction {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.on
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.on
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if self.open {
            // The connection's next statement, or its return to the pool, sends it.
            PgTransactionManager::start_rollback(&mut self.on.inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn one(db: &mut Connection) -> Result<i32, sqlx::Error> {
        sqlx::query_scalar("select 1").fetch_one(db).await
    }

    /// Nothing of the database's own ends it sooner: the tests' pool has no `statement_timeout`.
    #[sqlx::test]
    async fn a_statement_without_an_answer_ends_and_its_connection_is_not_used_again(pool: PgPool) {
        let db = Db::new(pool);
        let mut tx = db.begin().await.unwrap();
        let backend: i32 = sqlx::query_scalar("select pg_backend_pid()")
            .fetch_one(&mut *tx)
            .await
            .unwrap();
        let silence = sqlx::query("select pg_sleep(60)").execute(&mut *tx).await;
        assert!(matches!(silence, Err(sqlx::Error::PoolTimedOut)));
        drop(tx);
        let mut next = db.acquire().await.unwrap();
        assert_eq!(one(&mut next).await.unwrap(), 1);
        let other: i32 = sqlx::query_scalar("select pg_backend_pid()")
            .fetch_one(&mut next)
            .await
            .unwrap();
        assert_ne!(other, backend);
        // It sleeps on, and the database of a test cannot be dropped meanwhile.
        let ended = sqlx::query("select pg_terminate_backend($1, 5000)").bind(backend);
        ended.execute(&mut next).await.unwrap();
    }

    #[sqlx::test]
    async fn only_what_was_committed_stays(pool: PgPool) {
        let db = Db::new(pool);
        let count = async || -> i64 {
            let mut db = db.acquire().await.unwrap();
            let count = sqlx::query_scalar("select count(*) from user_groups where name = 'x'");
            count.fetch_one(&mut db).await.unwrap()
        };
        let insert = "insert into user_groups (id, name) values (gen_random_uuid(), 'x')";
        let mut tx = db.begin().await.unwrap();
        sqlx::query(insert).execute(&mut *tx).await.unwrap();
        drop(tx);
        assert_eq!(count().await, 0);
        let mut tx = db.begin().await.unwrap();
        sqlx::query(insert).execute(&mut *tx).await.unwrap();
        tx.rollback().await.unwrap();
        assert_eq!(count().await, 0);
        let mut tx = db.begin().await.unwrap();
        sqlx::query(insert).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(count().await, 1);
    }
}
