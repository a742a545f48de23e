//! Rows that change hands when a guest's desktop is kept.

use crate::{
    db::Connection,
    desktops::{Desktop, OwnedDesktop, store::select_desktops},
    groups::{Applied, Limit},
    ids::{DesktopId, UserId},
    sessions::Caller,
};

/// What came of taking a desktop over.
#[derive(Debug)]
pub(super) enum Taking {
    /// It is the person's.
    Taken(Box<Desktop>),
    /// It is not the guest's any more, or has ended.
    Missed,
    /// The person may not have one more. The transaction is of no more use.
    Limit,
}

/// The open desktops of casts that `guest` has, newest first, while the caller's session remembers that guest.
pub(super) async fn keepable(
    db: &mut Connection,
    caller: &Caller,
    guest: UserId,
) -> Result<Vec<OwnedDesktop>, sqlx::Error> {
    let rows = select_desktops!(
        "where d.owner_id = $1 and u.role = 'guest' and d.cast_id is not null and d.state in ('starting', 'running')
             and exists (select from login_sessions where id_hash = $2 and user_id = $3 and guest_id = $1)
         order by d.id desc",
        guest as UserId,
        &caller.session[..],
        caller.user.id as UserId
    )
    .fetch_all(db)
    .await?;
    rows.into_iter().map(OwnedDesktop::try_from).collect()
}

/// Gives `desktop`, if it is open and `guest`'s, to the caller, whose session remembers that guest, unless that is more
/// than they may have.
pub(super) async fn take(
    db: &mut Connection,
    caller: &Caller,
    guest: UserId,
    desktop: DesktopId,
    applied: &Applied,
) -> Result<Taking, sqlx::Error> {
    let limit = |limit| applied.limit(limit).value;
    let taken = select_desktops!(
        with "update desktops d set owner_id = $1, kept_at = now(), last_accessed_at = now()
              where d.id = $2 and d.owner_id = $3 and d.cast_id is not null and d.state in ('starting', 'running')
                  and exists (select from login_sessions
                      where id_hash = $4 and user_id = $1 and guest_id = $3 and expires_at > now())
                  and desktops_allowed($1, d.type_id, $5, $6, $7)
              returning *",
        caller.user.id as UserId,
        desktop as DesktopId,
        guest as UserId,
        &caller.session[..],
        limit(Limit::DesktopsAtOnce),
        limit(Limit::DesktopsPerType),
        limit(Limit::HoursPerDay)
    )
    .fetch_optional(db)
    .await;
    match taken {
        Ok(Some(row)) => Ok(Taking::Taken(OwnedDesktop::try_from(row)?.desktop.into())),
        Ok(None) => Ok(Taking::Missed),
        Err(sqlx::Error::Database(error))
            if error.constraint() == Some("desktops_limit_reached") =>
        {
            Ok(Taking::Limit)
        }
        Err(error) => Err(error),
    }
}

/// What hangs on the desktop goes along: the page that made it, the time it has run, the link it was opened by,
/// who looks on. The name of the guest.
pub(super) async fn belongings(
    db: &mut Connection,
    desktop: DesktopId,
    guest: UserId,
    person: UserId,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "with page as (update cast_launches set owner_id = $3 where desktop_id = $1 and owner_id = $2),
              runs as (update desktop_runs set user_id = $3 where desktop_id = $1 and user_id = $2),
              link as (update cast_links set user_id = $3, user_name = p.username from users p
                  where p.id = $3 and desktop_id = $1),
              seen as (update looks set owner_id = $3, owner_name = p.display_name from users p
                  where p.id = $3 and desktop_id = $1)
         select username from users where id = $2",
        desktop as DesktopId,
        guest as UserId,
        person as UserId
    )
    .fetch_optional(db)
    .await
}

/// Removes the guest, unless something else is theirs: then upkeep does, some hours later.
pub(super) async fn end_guest(db: &mut Connection, guest: UserId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from users where id = $1 and role = 'guest'
             and not exists (select from desktops where owner_id = $1)",
        guest as UserId
    )
    .execute(db)
    .await
    .map(drop)
}
