//! Rows of `desktop_runs` and `desktop_days` that are old.

use crate::db::Connection;

/// Forgets the oldest runs, at most `most`. Replicas that do this at once take different ones.
pub(super) async fn forget_runs(
    db: &mut Connection,
    days: u16,
    most: i64,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query!(
        "delete from desktop_runs where id in (
             select id from desktop_runs where ended_at < now() - make_interval(days => $1)
             order by ended_at limit $2 for update skip locked)",
        i32::from(days),
        most
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// One row a day: there is nothing to cut into pieces.
pub(super) async fn forget_days(db: &mut Connection, days: u16) -> Result<u64, sqlx::Error> {
    let done = sqlx::query!(
        "delete from desktop_days where day < (now() at time zone 'UTC')::date - $1::integer",
        i32::from(days)
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
