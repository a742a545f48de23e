//! Rows of `cast_links`.

use time::OffsetDateTime;
use uuid::Uuid;

use super::{CastLink, LinkState, OneTime};
use crate::{
    db::Connection,
    ids::{CastId, CastLinkId, DesktopId, UserId},
    paging::{Cursor, PageRequest, Place},
};

/// A link to be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewLink<'a> {
    pub(super) id: CastLinkId,
    pub(super) name: &'a str,
    pub(super) secret_hash: &'a [u8; 32],
}

/// Makes those who write links of this cast take turns; how many it has, `None` when there is no such cast. For the
/// beginning of a transaction.
pub(super) async fn lock(db: &mut Connection, cast: CastId) -> Result<Option<i64>, sqlx::Error> {
    let there = sqlx::query_scalar!(
        "select true from casts where id = $1 for no key update",
        cast as CastId
    )
    .fetch_optional(&mut *db)
    .await?;
    if there.is_none() {
        return Ok(None);
    }
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from cast_links where cast_id = $1"#,
        cast as CastId
    )
    .fetch_one(db)
    .await
    .map(Some)
}

/// Writes all of them, in one statement.
pub(super) async fn insert(
    db: &mut Connection,
    cast: CastId,
    links: &[NewLink<'_>],
    by: UserId,
) -> Result<(), sqlx::Error> {
    let ids: Vec<CastLinkId> = links.iter().map(|link| link.id).collect();
    let names: Vec<&str> = links.iter().map(|link| link.name).collect();
    let hashes: Vec<&[u8]> = links.iter().map(|link| &link.secret_hash[..]).collect();
    sqlx::query!(
        "insert into cast_links (id, cast_id, name, secret_hash, created_by)
         select id, $1, name, hash, $5 from unnest($2::uuid[], $3::text[], $4::bytea[]) as new (id, name, hash)",
        cast as CastId,
        &ids as &[CastLinkId],
        &names as &[&str],
        &hashes as &[&[u8]],
        by as UserId
    )
    .execute(db)
    .await
    .map(drop)
}

struct LinkRow {
    id: CastLinkId,
    name: String,
    created_at: OffsetDateTime,
    used_at: Option<OffsetDateTime>,
    user_id: Option<UserId>,
    user_name: Option<String>,
    desktop_id: Option<DesktopId>,
    withdrawn_at: Option<OffsetDateTime>,
    sort_name: String,
}

impl From<LinkRow> for CastLink {
    fn from(row: LinkRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            state: LinkState::of(row.used_at.is_some(), row.withdrawn_at.is_some()),
            created_at: row.created_at,
            used_at: row.used_at,
            user_id: row.user_id,
            user_name: row.user_name,
            desktop_id: row.desktop_id,
            withdrawn_at: row.withdrawn_at,
        }
    }
}

macro_rules! select_links {
    ($tail:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            LinkRow,
            r#"select id as "id: _", name, created_at, used_at, user_id as "user_id: _", user_name,
                   desktop_id as "desktop_id: _", withdrawn_at, lower(normalize(name, NFKC)) as "sort_name!"
               from cast_links "# + $tail,
            $($argument),*
        )
    };
}

/// The links of a page with the words they are ordered by; backwards for [`Place::Before`].
pub(super) async fn page(
    db: &mut Connection,
    cast: CastId,
    request: &PageRequest<String>,
) -> Result<Vec<(CastLink, String)>, sqlx::Error> {
    let rows = match &request.place {
        Place::Before(Cursor { key, id }) => {
            select_links!(
                "where cast_id = $1 and (lower(normalize(name, NFKC)), id) < ($2, $3)
                 order by lower(normalize(name, NFKC)) desc, id desc limit $4",
                cast as CastId,
                key,
                id,
                request.rows()
            )
            .fetch_all(db)
            .await?
        }
        place => {
            let (key, id) = match place {
                Place::After(Cursor { key, id }) => (key.as_str(), *id),
                _ => ("", Uuid::nil()),
            };
            select_links!(
                "where cast_id = $1 and (lower(normalize(name, NFKC)), id) > ($2, $3)
                 order by lower(normalize(name, NFKC)), id limit $4",
                cast as CastId,
                key,
                id,
                request.rows()
            )
            .fetch_all(db)
            .await?
        }
    };
    let with_words = |mut row: LinkRow| {
        let words = std::mem::take(&mut row.sort_name);
        (row.into(), words)
    };
    Ok(rows.into_iter().map(with_words).collect())
}

/// All of a cast's, by name.
pub(super) async fn all(db: &mut Connection, cast: CastId) -> Result<Vec<CastLink>, sqlx::Error> {
    let rows = select_links!(
        "where cast_id = $1 order by lower(normalize(name, NFKC)), id",
        cast as CastId
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(CastLink::from).collect())
}

/// Withdraws a link that has not served; whether it has, `None` when there is no such link.
pub(super) async fn withdraw(
    db: &mut Connection,
    cast: CastId,
    link: CastLinkId,
) -> Result<Option<bool>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"update cast_links set withdrawn_at = case when used_at is null then coalesce(withdrawn_at, now())
               else withdrawn_at end
           where id = $1 and cast_id = $2 returning used_at is not null as "used!""#,
        link as CastLinkId,
        cast as CastId
    )
    .fetch_optional(db)
    .await
}

/// The link whose secret has this hash.
pub(super) async fn by_secret(
    db: &mut Connection,
    hash: &[u8],
) -> Result<Option<OneTime>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select id as "id: CastLinkId", cast_id as "cast_id: CastId", name, used_at is not null as "used!",
               withdrawn_at is not null as "withdrawn!", desktop_id as "desktop_id: DesktopId",
               user_id as "user_id: UserId"
           from cast_links where secret_hash = $1"#,
        hash
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| OneTime {
        id: row.id,
        cast: row.cast_id,
        name: row.name,
        state: LinkState::of(row.used, row.withdrawn),
        served: row.desktop_id.zip(row.user_id),
    }))
}
