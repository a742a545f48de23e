//! Rows of `desktop_ports`.

use std::time::Duration;

use crate::{db::Connection, ids::DesktopId};

/// One free port of the range for `desktop`: the one it has already, or any; `None` when all are taken. Two that
/// choose the same port are settled by the primary key: the slower one chooses again.
pub(super) async fn reserve(
    db: &mut Connection,
    desktop: DesktopId,
    range: (u16, u16),
) -> Result<Option<u16>, sqlx::Error> {
    let (low, high) = (i32::from(range.0), i32::from(range.1));
    sqlx::query!("delete from desktop_ports where quarantined_until < now()")
        .execute(&mut *db)
        .await?;
    let mine = sqlx::query_scalar!(
        "select port from desktop_ports where desktop_id = $1",
        desktop as _
    );
    if let Some(port) = mine.fetch_optional(&mut *db).await? {
        return Ok(u16::try_from(port).ok());
    }
    loop {
        let free = sqlx::query_scalar!(
            r#"select candidate as "port!" from generate_series($1::integer, $2) candidate
               where not exists (select from desktop_ports where port = candidate) order by random() limit 1"#,
            low,
            high,
        );
        let Some(port) = free.fetch_optional(&mut *db).await? else {
            return Ok(None);
        };
        let taken = sqlx::query!(
            "insert into desktop_ports (port, desktop_id) values ($1, $2) on conflict (port) do nothing",
            port,
            desktop as _,
        );
        if taken.execute(&mut *db).await?.rows_affected() == 1 {
            return Ok(u16::try_from(port).ok());
        }
    }
}

/// A process outside holds `port`: nobody gets it for a while.
pub(super) async fn quarantine(
    db: &mut Connection,
    port: u16,
    length: Duration,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into desktop_ports (port, quarantined_until) values ($1, now() + $2 * interval '1 second')
         on conflict (port) do update set desktop_id = null, quarantined_until = excluded.quarantined_until",
        i32::from(port),
        length.as_secs_f64(),
    )
    .execute(db)
    .await?;
    Ok(())
}

pub(super) async fn release(db: &mut Connection, desktop: DesktopId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from desktop_ports where desktop_id = $1",
        desktop as _
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Releases the ports of desktops that are not live.
pub(super) async fn release_unused(db: &mut Connection) -> Result<u64, sqlx::Error> {
    let done = sqlx::query!(
        "delete from desktop_ports p where desktop_id is not null and not exists (
             select from desktops d where d.id = p.desktop_id and d.state in ('starting', 'running', 'stopping'))"
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
