//! Rows of `looks`.

use time::Duration;

use super::{Look, LookRole, Looker, OverLook};
use crate::{
    db::Connection,
    ids::{DesktopId, LookId, UserId},
};

/// Who comes to look at what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coming {
    pub id: LookId,
    pub desktop: DesktopId,
    pub user: UserId,
    pub role: LookRole,
}

/// Begins a look that holds for `lease`, or goes on with the one that this person has; `None` when the desktop or the
/// person has gone. The look is new when it has the id of `coming`. Control does not outlive a look that had run out, nor
/// the role it was taken in.
pub(super) async fn begin(
    db: &mut Connection,
    coming: Coming,
    lease: Duration,
) -> Result<Option<Look>, sqlx::Error> {
    sqlx::query_as!(
        Look,
        r#"insert into looks (id, desktop_id, generation, desktop_name, owner_id, owner_name, user_id, user_name, role,
                             holds_until)
           select $1, d.id, d.generation, d.name, o.id, o.display_name, u.id, u.display_name, $4,
                  now() + make_interval(secs => $5)
           from desktops d join users o on o.id = d.owner_id join users u on u.id = $3
           where d.id = $2
           on conflict (desktop_id, generation, user_id) do update
               set seen_at = now(), holds_until = greatest(looks.holds_until, excluded.holds_until), role = excluded.role,
                   controls = looks.controls and looks.holds_until > now() and excluded.role = 'administrator'
           returning id as "id: LookId", desktop_id as "desktop: DesktopId", desktop_name, owner_id as "owner: UserId",
                     owner_name, user_id as "user: UserId", user_name, role as "role: LookRole", controls"#,
        coming.id as LookId,
        coming.desktop as DesktopId,
        coming.user as UserId,
        coming.role as LookRole,
        lease.as_seconds_f64()
    )
    .fetch_optional(db)
    .await
}

/// Says that these looks go on for another `lease`; those that are still there, with whether they control.
pub(super) async fn renew(
    db: &mut Connection,
    looks: &[LookId],
    lease: Duration,
) -> Result<Vec<(LookId, bool)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"update looks set seen_at = now(), holds_until = now() + make_interval(secs => $2) where id = any($1)
           returning id as "id: LookId", controls"#,
        looks as &[LookId],
        lease.as_seconds_f64()
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.controls)).collect())
}

/// Their last stream here has ended: they are over after `grace`, unless somebody says that they go on.
pub(super) async fn leave(
    db: &mut Connection,
    looks: &[LookId],
    grace: Duration,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update looks set seen_at = now(), holds_until = now() + make_interval(secs => $2) where id = any($1)",
        looks as &[LookId],
        grace.as_seconds_f64()
    )
    .execute(db)
    .await
    .map(drop)
}

/// Takes away the looks that are over, at most `most`. Replicas that do this at once take different ones.
pub(super) async fn take_over(
    db: &mut Connection,
    most: i64,
) -> Result<Vec<OverLook>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"delete from looks where id in (
               select id from looks where holds_until <= now() order by holds_until limit $1 for update skip locked)
           returning id as "id: LookId", desktop_id as "desktop: DesktopId", desktop_name, owner_id as "owner: UserId",
                     owner_name, user_id as "user: UserId", user_name, role as "role: LookRole", controls,
                     began_at, seen_at"#,
        most
    )
    .fetch_all(db)
    .await?;
    let over = rows.into_iter().map(|row| OverLook {
        look: Look {
            id: row.id,
            desktop: row.desktop,
            desktop_name: row.desktop_name,
            owner: row.owner,
            owner_name: row.owner_name,
            user: row.user,
            user_name: row.user_name,
            role: row.role,
            controls: row.controls,
        },
        took: row.seen_at - row.began_at,
    });
    Ok(over.collect())
}

/// Lets the administrator `user`, who looks at `desktop`, control, or not any more; the look, if that changed something.
pub(super) async fn set_control(
    db: &mut Connection,
    (desktop, generation): (DesktopId, i32),
    user: UserId,
    controls: bool,
) -> Result<Option<Look>, sqlx::Error> {
    sqlx::query_as!(
        Look,
        r#"update looks set controls = $4
           where desktop_id = $1 and generation = $2 and user_id = $3 and controls <> $4
               and (role = 'administrator' or not $4)
           returning id as "id: LookId", desktop_id as "desktop: DesktopId", desktop_name, owner_id as "owner: UserId",
                     owner_name, user_id as "user: UserId", user_name, role as "role: LookRole", controls"#,
        desktop as DesktopId,
        generation,
        user as UserId,
        controls
    )
    .fetch_optional(db)
    .await
}

/// Whether `user`, who looks at `desktop`, has taken control.
pub(super) async fn controls(
    db: &mut Connection,
    desktop: DesktopId,
    generation: i32,
    user: UserId,
) -> Result<bool, sqlx::Error> {
    let found = sqlx::query_scalar!(
        "select controls from looks where desktop_id = $1 and generation = $2 and user_id = $3 and holds_until > now()",
        desktop as DesktopId,
        generation,
        user as UserId
    )
    .fetch_optional(db)
    .await?;
    Ok(found == Some(true))
}

/// Who looks at these desktops now, in the order in which they came.
pub(super) async fn at(
    db: &mut Connection,
    desktops: &[DesktopId],
) -> Result<Vec<(DesktopId, Looker)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select desktop_id as "desktop: DesktopId", user_name, role as "role: LookRole", controls, began_at
           from looks where desktop_id = any($1) and holds_until > now() order by began_at, id"#,
        desktops as &[DesktopId]
    )
    .fetch_all(db)
    .await?;
    let looker = rows.into_iter().map(|row| {
        let looker = Looker {
            name: row.user_name,
            role: row.role,
            controls: row.controls,
            since: row.began_at,
        };
        (row.desktop, looker)
    });
    Ok(looker.collect())
}
