//! Rows of desktops that casts launch, of the pages that made them, and of the addresses that were served.

use std::{net::IpAddr, time::Duration};

use sqlx::types::Json;

use super::{CastLaunch, Served};
use crate::{
    db::Connection,
    desktops::{
        Desktop, OwnedDesktop,
        launch::LEASE,
        moves::ONE_PER_HOME,
        store::{DesktopRow, select_desktops},
    },
    groups::{Applied, ClientSettings, Limit},
    ids::{CastId, CastLinkId, DesktopId, DesktopTypeId, LaunchId, ShareId, UserId, WorkerId},
};

/// What a launch needs besides what its cast asks for.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) name: &'a str,
    pub(super) owner: UserId,
    pub(super) kind: DesktopTypeId,
    pub(super) vnc_password: &'a str,
    pub(super) client_settings: ClientSettings,
    pub(super) wants_home: bool,
    pub(super) applied: &'a Applied,
    pub(super) holder: WorkerId,
}

/// Why nothing was claimed; nothing was taken either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotClaimed {
    /// The page was sent before.
    PageUsed,
    /// The visitor's solution counted for another page.
    SolutionUsed,
    /// The name is taken, somebody resumes, or another desktop took the files meanwhile: look again.
    Raced,
    NoneLeft,
    TooMany,
    /// The person may not have one more.
    Limit,
}

impl NotClaimed {
    /// By the constraint that refused.
    fn by(constraint: &str) -> Option<Self> {
        Some(match constraint {
            "cast_launch_once" => Self::PageUsed,
            "captcha_used_pkey" => Self::SolutionUsed,
            "casts_remaining" | "cast_link_used_up" => Self::NoneLeft,
            "cast_address_served_too_often" => Self::TooMany,
            "desktops_limit_reached" => Self::Limit,
            "desktop_name_key" | "desktop_one_live_per_cast" | ONE_PER_HOME => Self::Raced,
            _ => return None,
        })
    }
}

/// Takes a session, counts the address, notes the page and the visitor's solution and claims the desktop with one
/// statement. Whatever refuses is a constraint, so that all of it is undone together.
#[expect(clippy::too_many_lines, reason = "one statement")]
pub(super) async fn claim(
    db: &mut Connection,
    row: &Row<'_>,
    asked: &CastLaunch<'_>,
) -> Result<Result<Desktop, NotClaimed>, sqlx::Error> {
    let limit = |limit| row.applied.limit(limit).value;
    let (window, shared) = (asked.window.as_ref(), asked.shared.as_ref());
    let claimed = select_desktops!(
        with "page as (insert into cast_launches (id, desktop_id, owner_id) values ($1, $2, $3)),
              proof as (insert into captcha_used (token, page) select $27, $1 where $27::bytea is not null),
              visit as (
                  insert into cast_addresses as a (cast_id, household, served, allowed)
                      select $4, $5::text::inet, array[clock_timestamp()], $6 where $5 is not null
                      on conflict (cast_id, household) do update set allowed = excluded.allowed, served = array(
                          select at from unnest(a.served) at
                          where at > clock_timestamp() - make_interval(secs => $7) order by at) || clock_timestamp()
                      returning household, served[cardinality(served)] as at),
              seat as (
                  update casts set sessions_remaining = sessions_remaining - 1
                      where id = $4 and limit_total_sessions and $26::uuid is null and (select count(*) from visit) >= 0
                      returning id),
              shared as (
                  insert into share_links (id, desktop_id, generation, access, key_hash, expires_at)
                      select $23, $2, 1, 'view', $24::bytea, now() + make_interval(secs => $25)
                      where $24::bytea is not null)"
        then "insert into desktops (id, name, owner_id, type_id, state, lease_holder, lease_until, vnc_password, start_url,
                  client_settings, cast_id, cast_title, cast_options, resumes, took_seat, served_at, served_to, network,
                  with_home)
              select $2, $8, $3, $9, 'starting', $10, now() + $11 * interval '1 second', $12, $13,
                  $14, $4, $15, $16, $17, exists (select from seat), (select at from visit), (select household from visit), $22,
                  $18 and not exists (select from desktops h where h.owner_id = $3 and h.type_id = $9 and h.with_home
                      and h.state in ('starting', 'running', 'stopping'))
              where desktops_allowed($3, $9, $19, $20, $21) and use_cast_link($26, $2, $3)
              returning *",
        asked.page as LaunchId,
        asked.desktop as DesktopId,
        row.owner as UserId,
        asked.cast as CastId,
        window.map(|window| window.household.to_string()),
        window.map(|window| window.allowed),
        window.map_or(0.0, |window| window.within.as_secs_f64()),
        row.name,
        row.kind as DesktopTypeId,
        row.holder as WorkerId,
        LEASE.as_secs_f64(),
        row.vnc_password,
        asked.start_url,
        Json(row.client_settings) as _,
        asked.title,
        Json(asked.options) as _,
        asked.resumes,
        row.wants_home,
        limit(Limit::DesktopsAtOnce),
        limit(Limit::DesktopsPerType),
        limit(Limit::HoursPerDay),
        asked.network,
        ShareId::new() as ShareId,
        shared.map(|link| &link.key_hash[..]),
        shared.map_or(0.0, |link| link.lifetime.as_seconds_f64()),
        asked.link as Option<CastLinkId>,
        asked.solution
    )
    .fetch_one(db)
    .await;
    told(claimed)
}

/// What the database said of a claim.
fn told(
    claimed: Result<DesktopRow, sqlx::Error>,
) -> Result<Result<Desktop, NotClaimed>, sqlx::Error> {
    match claimed {
        Ok(row) => Ok(Ok(OwnedDesktop::try_from(row)?.desktop)),
        Err(sqlx::Error::Database(error)) => match error.constraint().and_then(NotClaimed::by) {
            Some(refused) => Ok(Err(refused)),
            None => Err(sqlx::Error::Database(error)),
        },
        Err(error) => Err(error),
    }
}

/// The live one that somebody comes back to; the newest, should there be several from a time when the cast did not
/// resume.
pub(super) async fn live_of_cast(
    db: &mut Connection,
    owner: UserId,
    cast: CastId,
) -> Result<Option<Desktop>, sqlx::Error> {
    let row = select_desktops!(
        "where d.owner_id = $1 and d.cast_id = $2 and d.state in ('starting', 'running')
         order by d.resumes desc, d.id desc limit 1",
        owner as UserId,
        cast as CastId
    )
    .fetch_optional(db)
    .await?;
    row.map(|row| OwnedDesktop::try_from(row).map(|owned| owned.desktop))
        .transpose()
}

/// Other servers hear of it and look again.
pub(super) async fn tighten(
    db: &mut Connection,
    id: DesktopId,
    settings: ClientSettings,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update desktops set client_settings = $2 where id = $1 and state in ('starting', 'running')",
        id as DesktopId,
        Json(settings) as _
    )
    .execute(db)
    .await
    .map(drop)
}

/// Which desktop the page made, and whose it is.
pub(super) async fn made_by(
    db: &mut Connection,
    page: LaunchId,
) -> Result<Option<(DesktopId, UserId)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select desktop_id as "desktop_id: DesktopId", owner_id as "owner_id: UserId"
           from cast_launches where id = $1"#,
        page as LaunchId
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.desktop_id, row.owner_id)))
}

/// When this household was served, the time, and what the page made.
pub(super) async fn served(
    db: &mut Connection,
    cast: CastId,
    household: IpAddr,
    page: Option<LaunchId>,
) -> Result<Served, sqlx::Error> {
    let row = sqlx::query!(
        r#"select clock_timestamp() as "now!", coalesce((select served from cast_addresses
               where cast_id = $1 and household = $2::text::inet), '{}') as "times!",
               l.desktop_id as "desktop_id?: DesktopId", l.owner_id as "owner_id?: UserId"
           from (values (1)) one left join cast_launches l on l.id = $3"#,
        cast as CastId,
        household.to_string(),
        page as Option<LaunchId>
    )
    .fetch_one(db)
    .await?;
    Ok(Served {
        times: row.times,
        now: row.now,
        before: row.desktop_id.zip(row.owner_id),
    })
}

/// Desktops of casts that ended longer than `kept` ago.
pub(super) async fn done(
    db: &mut Connection,
    kept: Duration,
    most: i64,
) -> Result<Vec<DesktopId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select id as "id: DesktopId" from desktops
           where cast_id is not null and state in ('stopped', 'failed')
               and ended_at < now() - make_interval(secs => $1)
           order by ended_at limit $2"#,
        kept.as_secs_f64(),
        most
    )
    .fetch_all(db)
    .await
}

/// Forgets old pages, and addresses that no time of matters any more.
pub(super) async fn forget(db: &mut Connection, kept: Duration) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with pages as (delete from cast_launches where at < now() - make_interval(secs => $1))
         delete from cast_addresses a using casts c
             where c.id = a.cast_id and not exists (select from unnest(a.served) at
                 where at > now() - make_interval(secs => coalesce(c.within_seconds, 0)))",
        kept.as_secs_f64()
    )
    .execute(db)
    .await
    .map(drop)
}
