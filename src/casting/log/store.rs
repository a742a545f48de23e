//! Rows of `cast_log` and `cast_days`.

use std::net::IpAddr;

use time::OffsetDateTime;
use uuid::Uuid;

use super::{LogEntry, LogFilter, LogLine, Newest};
use crate::{
    casting::{refusal::Refusal, rules::referrer},
    db::Connection,
    ids::{CastId, CastLogId, DesktopId, UserId},
    paging::{Cursor, PageRequest, Place},
};

/// Longest key that is kept; a cast has none that is longer.
const LONGEST_KEY: usize = 64;

/// Writes a line and counts it for its day. A cast that was deleted meanwhile is no reason to write nothing.
pub(super) async fn append(
    db: &mut Connection,
    id: CastLogId,
    entry: &LogEntry<'_>,
) -> Result<(), sqlx::Error> {
    let referrer = entry.referrer.and_then(referrer::host_of);
    sqlx::query!(
        "with counted as (
             insert into cast_days as d (cast_id, day, served, refused)
                 select c.id, (now() at time zone 'UTC')::date, ($4::text is null)::int, ($4::text is not null)::int
                 from casts c where c.id = $2
             on conflict (cast_id, day) do update
                 set served = d.served + excluded.served, refused = d.refused + excluded.refused)
         insert into cast_log (id, cast_id, cast_key, refusal, address, referrer, user_id, user_name, desktop_id,
             reference, link_name)
         values ($1, $2, $3, $4, $5::text::inet, $6, $7, $8, $9, $10, $11)",
        id as CastLogId,
        entry.cast as Option<CastId>,
        printable(entry.key, LONGEST_KEY),
        entry.refusal.map(Refusal::code),
        entry.address.to_string(),
        referrer.filter(|host| host.len() <= 255),
        entry.person.map(|(user, _)| user) as Option<UserId>,
        entry.person.map(|(_, name)| printable(name, 200)),
        entry.desktop as Option<DesktopId>,
        entry.reference.map(|text| printable(text, 40)),
        entry.link.map(|name| printable(name, 200))
    )
    .execute(db)
    .await
    .map(drop)
}

/// The beginning of `text` without what no page can show and the database does not take.
fn printable(text: &str, most: usize) -> String {
    let plain = |letter: &char| !letter.is_control();
    text.chars().filter(plain).take(most).collect()
}

struct LogRow {
    id: CastLogId,
    at: OffsetDateTime,
    cast_id: Option<CastId>,
    cast_key: String,
    refusal: Option<String>,
    address: String,
    referrer: Option<String>,
    user_id: Option<UserId>,
    user_name: Option<String>,
    link_name: Option<String>,
    desktop_id: Option<DesktopId>,
    reference: Option<String>,
}

impl TryFrom<LogRow> for LogLine {
    type Error = sqlx::Error;

    fn try_from(row: LogRow) -> Result<Self, sqlx::Error> {
        let read = |code: &str| {
            let unknown = || format!("cast_log {}: refusal {code:?}", row.id);
            Refusal::from_code(code).ok_or_else(|| sqlx::Error::Decode(unknown().into()))
        };
        Ok(Self {
            id: row.id,
            at: row.at,
            cast: row.cast_id,
            key: row.cast_key,
            refusal: row.refusal.as_deref().map(read).transpose()?,
            address: row.address,
            referrer: row.referrer,
            user_id: row.user_id,
            user_name: row.user_name,
            link_name: row.link_name,
            desktop_id: row.desktop_id,
            reference: row.reference,
        })
    }
}

/// The lines that `condition` is true of, by key from the place on: newest first, oldest first for [`Place::Before`].
macro_rules! lines {
    ($db:expr, $request:expr, $condition:literal $(, $argument:expr)*) => {
        match &$request.place {
            Place::Before(Cursor { id, .. }) => {
                lines!(@ $condition " and id > $1 order by id limit $2", id, $request.rows() $(, $argument)*)
                    .fetch_all($db)
                    .await?
            }
            place => {
                let id = match place {
                    Place::After(Cursor { id, .. }) => *id,
                    _ => Uuid::max(),
                };
                lines!(@ $condition " and id < $1 order by id desc limit $2", id, $request.rows() $(, $argument)*)
                    .fetch_all($db)
                    .await?
            }
        }
    };
    (@ $condition:literal $tail:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            LogRow,
            r#"select id as "id: _", at, cast_id as "cast_id: _", cast_key, refusal,
                   case when address_shortened then network(address)::text else host(address) end as "address!",
                   referrer, user_id as "user_id: _", user_name, link_name, desktop_id as "desktop_id: _", reference
               from cast_log where "# + $condition + $tail,
            $($argument),*
        )
    };
}

/// The lines of a page, as the database answers for it. Each filter has an index in the order of the list.
pub(super) async fn page(
    db: &mut Connection,
    filter: LogFilter,
    request: &PageRequest<Newest>,
) -> Result<Vec<LogLine>, sqlx::Error> {
    let rows = match (filter.cast, filter.refused) {
        (None, false) => lines!(db, request, "true"),
        (None, true) => lines!(db, request, "refusal is not null"),
        (Some(cast), false) => lines!(db, request, "cast_id = $3", cast as CastId),
        (Some(cast), true) => {
            lines!(
                db,
                request,
                "cast_id = $3 and refusal is not null",
                cast as CastId
            )
        }
    };
    rows.into_iter().map(LogLine::try_from).collect()
}

/// When sessions of this cast were served to the household (an address, or a /64 of IPv6) within this time, and what
/// time it is for the database.
pub(in crate::casting) async fn served(
    db: &mut Connection,
    cast: CastId,
    household: IpAddr,
    within: time::Duration,
) -> Result<(Vec<OffsetDateTime>, OffsetDateTime), sqlx::Error> {
    let row = sqlx::query!(
        r#"select now() as "now!", array(select at from cast_addresses a, unnest(a.served) at
               where a.cast_id = $1 and a.household = $2::text::inet
                   and at > now() - make_interval(secs => $3)) as "served!""#,
        cast as CastId,
        household.to_string(),
        within.as_seconds_f64()
    )
    .fetch_one(db)
    .await?;
    Ok((row.served, row.now))
}

/// Keeps of the oldest whole addresses only the network they are in: /24, or /48 of IPv6. Replicas that do this at
/// once take different rows.
pub(super) async fn shorten(db: &mut Connection, days: u16, most: i64) -> Result<u64, sqlx::Error> {
    let done = sqlx::query!(
        "update cast_log set address_shortened = true,
             address = network(set_masklen(address, case family(address) when 4 then 24 else 48 end))
         where id in (select id from cast_log where not address_shortened and at < now() - make_interval(days => $1)
             order by at limit $2 for update skip locked)",
        i32::from(days),
        most
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Forgets the oldest lines, at most `most`.
pub(super) async fn forget(db: &mut Connection, days: u16, most: i64) -> Result<u64, sqlx::Error> {
    let done = sqlx::query!(
        "delete from cast_log where id in (select id from cast_log where at < now() - make_interval(days => $1)
             order by at limit $2 for update skip locked)",
        i32::from(days),
        most
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// One row a cast and a day.
pub(super) async fn forget_days(db: &mut Connection, days: u16) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from cast_days where day < (now() at time zone 'UTC')::date - $1::integer",
        i32::from(days)
    )
    .execute(db)
    .await
    .map(drop)
}
