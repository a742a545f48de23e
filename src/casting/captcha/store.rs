//! Rows of `captcha_used`.

use crate::db::Connection;

/// Forgets at most `most` of those that are older than `seconds`; how many.
pub(super) async fn forget(
    db: &mut Connection,
    seconds: f64,
    most: i64,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query!(
        "delete from captcha_used where token in (
             select token from captcha_used where used_at < now() - make_interval(secs => $1)
             order by used_at limit $2 for update skip locked)",
        seconds,
        most
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
