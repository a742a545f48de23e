//! Rows of `captcha_used`.

use crate::{db::Connection, ids::LaunchId};

/// Notes that a solution counts for `page`; whether it does. It counts for no other page any more, whoever asks at the
/// same moment.
pub(super) async fn claim(
    db: &mut Connection,
    token: &[u8],
    page: LaunchId,
) -> Result<bool, sqlx::Error> {
    let claimed = sqlx::query!(
        "insert into captcha_used as c (token, page) values ($1, $2)
         on conflict (token) do update set used_at = c.used_at where c.page = excluded.page",
        token,
        page as LaunchId
    )
    .execute(db)
    .await?;
    Ok(claimed.rows_affected() == 1)
}

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
