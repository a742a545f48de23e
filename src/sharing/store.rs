//! Rows of `share_links` and `share_visitors`. Which links hold is said once, by the view `live_shares`.

use time::OffsetDateTime;

use super::{Access, Invitation, ShareLink, ShareVisitor, over::OverLink};
use crate::{
    db::Connection,
    ids::{DesktopId, ShareId, UserId},
};

/// Makes the links of one desktop wait for each other, so that they can be counted; whether it still runs since that
/// start. For the beginning of a transaction.
pub(super) async fn lock_running(
    db: &mut Connection,
    desktop: DesktopId,
    generation: i32,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        "select true from desktops where id = $1 and generation = $2 and state = 'running' for no key update",
        desktop as DesktopId,
        generation
    )
    .fetch_optional(db)
    .await
    .map(|found| found.is_some())
}

/// A link to be made.
#[derive(Debug)]
pub(super) struct NewLink<'a> {
    pub desktop: DesktopId,
    pub generation: i32,
    pub access: Access,
    pub key_hash: &'a [u8],
    pub lifetime: time::Duration,
}

/// Makes a link, or `None` when the desktop has `most` already; its id and its end.
pub(super) async fn insert(
    db: &mut Connection,
    link: NewLink<'_>,
    most: i64,
) -> Result<Option<(ShareId, OffsetDateTime)>, sqlx::Error> {
    let made = sqlx::query!(
        r#"insert into share_links (id, desktop_id, generation, access, key_hash, expires_at)
           select $1, $2, $3, $4, $5, now() + make_interval(secs => $6)
           where (select count(*) from live_shares where desktop_id = $2) < $7
           returning id as "id: ShareId", expires_at"#,
        ShareId::new() as ShareId,
        link.desktop as DesktopId,
        link.generation,
        link.access as Access,
        link.key_hash,
        link.lifetime.as_seconds_f64(),
        most
    )
    .fetch_optional(db)
    .await?;
    Ok(made.map(|row| (row.id, row.expires_at)))
}

/// The links of `owner` that hold, newest first; with `desktop` only those to this one. Their visitors are empty.
pub(super) async fn links_of(
    db: &mut Connection,
    owner: UserId,
    desktop: Option<DesktopId>,
) -> Result<Vec<ShareLink>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id!: ShareId", access as "access!: Access", created_at as "created_at!",
                  expires_at as "expires_at!", desktop_name as "desktop_name!", type_slug as "type_slug!"
           from live_shares where owner_id = $1 and ($2::uuid is null or desktop_id = $2)
           order by created_at desc, id desc"#,
        owner as UserId,
        desktop as Option<DesktopId>
    )
    .fetch_all(db)
    .await?;
    let link = rows.into_iter().map(|row| ShareLink {
        id: row.id,
        desktop_name: row.desktop_name,
        desktop_type: row.type_slug,
        access: row.access,
        created_at: row.created_at,
        expires_at: row.expires_at,
        visitors: Vec::new(),
    });
    Ok(link.collect())
}

/// Who joined by these links, in that order of time.
pub(super) async fn visitors(
    db: &mut Connection,
    links: &[ShareId],
) -> Result<Vec<(ShareId, ShareVisitor)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select v.share_id as "share_id: ShareId", u.display_name, v.joined_at
           from share_visitors v join users u on u.id = v.user_id
           where v.share_id = any($1) order by v.joined_at, u.id"#,
        links as &[ShareId]
    )
    .fetch_all(db)
    .await?;
    let visitor = rows.into_iter().map(|row| {
        let visitor = ShareVisitor {
            name: row.display_name,
            joined_at: row.joined_at,
        };
        (row.share_id, visitor)
    });
    Ok(visitor.collect())
}

/// Ends a link of `owner` that was not ended before; whether there was one.
pub(super) async fn end(
    db: &mut Connection,
    owner: UserId,
    id: ShareId,
) -> Result<bool, sqlx::Error> {
    let ended = sqlx::query!(
        "update share_links s set ended_at = now(), ended_by = o.display_name
         from desktops d join users o on o.id = d.owner_id
         where s.id = $1 and s.ended_at is null and d.id = s.desktop_id and d.owner_id = $2",
        id as ShareId,
        owner as UserId
    )
    .execute(db)
    .await?;
    Ok(ended.rows_affected() > 0)
}

/// What the link with this key leads to, if it holds.
pub(super) async fn find_by_key(
    db: &mut Connection,
    key_hash: &[u8],
) -> Result<Option<Invitation>, sqlx::Error> {
    sqlx::query_as!(
        Invitation,
        r#"select id as "share!: ShareId", access as "access!: Access", owner_id as "owner!: UserId",
                  owner_name as "owner_name!", desktop_name as "desktop_name!", title as "title!",
                  expires_at as "expires_at!"
           from live_shares where key_hash = $1"#,
        key_hash
    )
    .fetch_optional(db)
    .await
}

/// Random bytes, made once in the life of a database.
pub(super) async fn shared_bytes(db: &mut Connection) -> Result<Vec<u8>, sqlx::Error> {
    sqlx::query_scalar!("select page_key from installation")
        .fetch_one(db)
        .await
}

/// Whether `owner` has an open desktop whose settings let it be shared.
pub(super) async fn has_shareable(db: &mut Connection, owner: UserId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from desktops where owner_id = $1 and state in ('starting', 'running')
               and (client_settings ->> 'allow_sharing')::boolean) as "has!""#,
        owner as UserId
    )
    .fetch_one(db)
    .await
}

/// Notes that `user` came by this link, once. A link that is removed at the same moment lets nobody in.
pub(super) async fn join(
    db: &mut Connection,
    share: ShareId,
    user: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into share_visitors (share_id, user_id)
             select id, $2 from share_links where id = $1 for key share
         on conflict do nothing",
        share as ShareId,
        user as UserId
    )
    .execute(db)
    .await
    .map(drop)
}

/// By which link `user` may look at `desktop` now: the one that allows most and lasts longest.
pub(super) async fn invitation_to(
    db: &mut Connection,
    desktop: DesktopId,
    user: UserId,
) -> Result<Option<Invitation>, sqlx::Error> {
    sqlx::query_as!(
        Invitation,
        r#"select l.id as "share!: ShareId", l.access as "access!: Access", l.owner_id as "owner!: UserId",
                  l.owner_name as "owner_name!", l.desktop_name as "desktop_name!", l.title as "title!",
                  l.expires_at as "expires_at!"
           from live_shares l join share_visitors v on v.share_id = l.id
           where l.desktop_id = $1 and v.user_id = $2
           order by l.access desc, l.expires_at desc limit 1"#,
        desktop as DesktopId,
        user as UserId
    )
    .fetch_optional(db)
    .await
}

/// Which of these links hold for the visitor beside them.
pub(super) async fn still_live(
    db: &mut Connection,
    links: &[ShareId],
    users: &[UserId],
) -> Result<Vec<(ShareId, UserId)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select v.share_id as "share: ShareId", v.user_id as "user: UserId"
           from unnest($1::uuid[], $2::uuid[]) as asked(share_id, user_id)
               join share_visitors v on v.share_id = asked.share_id and v.user_id = asked.user_id
               join live_shares l on l.id = v.share_id"#,
        links as &[ShareId],
        users as &[UserId]
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.share, row.user)).collect())
}

/// The link with this key, whether it holds or not: ask for one that holds first.
pub(super) async fn over_by_key(
    db: &mut Connection,
    key_hash: &[u8],
) -> Result<Option<OverLink>, sqlx::Error> {
    sqlx::query_as!(
        OverLink,
        r#"select o.display_name as owner_name, s.ended_by, s.expires_at <= now() as "ran_out!",
                  o.disabled_at is not null as "owner_off!",
                  case when d.generation = s.generation then d.end_code end as end_code
           from share_links s join desktops d on d.id = s.desktop_id join users o on o.id = d.owner_id
           where s.key_hash = $1"#,
        key_hash
    )
    .fetch_optional(db)
    .await
}

/// The newest link to `desktop` by which `visitor` came, whether it holds or not: ask for one that holds first.
pub(super) async fn over_for(
    db: &mut Connection,
    desktop: DesktopId,
    visitor: UserId,
) -> Result<Option<OverLink>, sqlx::Error> {
    sqlx::query_as!(
        OverLink,
        r#"select o.display_name as owner_name, s.ended_by, s.expires_at <= now() as "ran_out!",
                  o.disabled_at is not null as "owner_off!",
                  case when d.generation = s.generation then d.end_code end as end_code
           from share_links s join share_visitors v on v.share_id = s.id join desktops d on d.id = s.desktop_id
               join users o on o.id = d.owner_id
           where s.desktop_id = $1 and v.user_id = $2
           order by v.joined_at desc, s.id desc limit 1"#,
        desktop as DesktopId,
        visitor as UserId
    )
    .fetch_optional(db)
    .await
}

/// Forgets links that ended longer ago than their visitors will ask. A link lasts a week at most, so none stays longer
/// than two.
pub(super) async fn sweep(db: &mut Connection) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from share_links where expires_at <= now() - interval '7 days' or ended_at <= now() - interval '7 days'"
    )
    .execute(db)
    .await
    .map(drop)
}
