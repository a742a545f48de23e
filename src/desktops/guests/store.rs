//! Guests as the desktops see them: whose have ended.

use std::time::Duration;

use crate::{db::Connection, ids::UserId};

/// Guests who came longer than `kept` ago, with no desktop that is open or ended since.
pub(super) async fn done(
    db: &mut Connection,
    kept: Duration,
    most: i64,
) -> Result<Vec<UserId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select u.id as "id: UserId" from users u
           where u.role = 'guest' and u.created_at < now() - make_interval(secs => $1)
             and not exists (select from desktops d where d.owner_id = u.id
                 and (d.state in ('starting', 'running', 'stopping') or d.ended_at > now() - make_interval(secs => $1)))
           order by u.created_at limit $2"#,
        kept.as_secs_f64(),
        most
    )
    .fetch_all(db)
    .await
}

/// Removes a guest without desktops; their sessions go along.
pub(super) async fn delete(db: &mut Connection, guest: UserId) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "delete from users where id = $1 and role = 'guest'
             and not exists (select from desktops where owner_id = $1)",
        guest as UserId
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}
