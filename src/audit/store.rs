//! Rows of `audit_events`.

use time::OffsetDateTime;
use uuid::Uuid;

use super::{Event, Filter, Kind, NewEvent, Newest};
use crate::{
    db::Connection,
    ids::{DesktopId, UserId},
    paging::{PageRequest, Place},
};

/// Writes all of them down, in one statement.
pub(super) async fn insert(
    db: &mut Connection,
    events: &[NewEvent<'_>],
) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = events.iter().map(|_| Uuid::now_v7()).collect();
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.code()).collect();
    let actors: Vec<UserId> = events.iter().map(|event| event.actor.0).collect();
    let actor_names: Vec<&str> = events.iter().map(|event| event.actor.1).collect();
    let (desktops, desktop_names): (Vec<Option<DesktopId>>, Vec<Option<&str>>) =
        events.iter().map(|event| event.desktop.unzip()).unzip();
    let (people, person_names): (Vec<Option<UserId>>, Vec<Option<&str>>) =
        events.iter().map(|event| event.person.unzip()).unzip();
    let details: Vec<&serde_json::Value> = events.iter().map(|event| &event.details).collect();
    sqlx::query!(
        "insert into audit_events (id, kind, actor_id, actor_name, desktop_id, desktop_name, person_id, person_name,
                                   details)
         select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::uuid[],
                              $8::text[], $9::jsonb[])",
        &ids,
        &kinds as &[&str],
        &actors as &[UserId],
        &actor_names as &[&str],
        &desktops as &[Option<DesktopId>],
        &desktop_names as &[Option<&str>],
        &people as &[Option<UserId>],
        &person_names as &[Option<&str>],
        &details as &[&serde_json::Value]
    )
    .execute(db)
    .await
    .map(drop)
}

/// A row as it is read.
#[derive(Debug)]
struct Row {
    id: Uuid,
    at: OffsetDateTime,
    kind: String,
    actor_id: UserId,
    actor_name: String,
    desktop_id: Option<DesktopId>,
    desktop_name: Option<String>,
    person_id: Option<UserId>,
    person_name: Option<String>,
    details: serde_json::Value,
}

impl From<Row> for Event {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            at: row.at,
            kind: Kind::read(&row.kind),
            code: row.kind,
            actor: (row.actor_id, row.actor_name),
            desktop: row.desktop_id.zip(row.desktop_name),
            person: row.person_id.zip(row.person_name),
            details: row.details,
        }
    }
}

/// The rows of one page, from its place on: newest first, or oldest first for [`Place::Before`].
pub(super) async fn page(
    db: &mut Connection,
    filter: &Filter,
    request: &PageRequest<Newest>,
) -> Result<Vec<Event>, sqlx::Error> {
    let kind = filter.kind.map(Kind::code);
    let person = filter.person;
    let (at, id, backwards) = match &request.place {
        Place::First => (None, None, false),
        Place::After(cursor) => (Some(cursor.key.0), Some(cursor.id), false),
        Place::Before(cursor) => (Some(cursor.key.0), Some(cursor.id), true),
    };
    let rows = if backwards {
        sqlx::query_as!(
            Row,
            r#"select id, at, kind, actor_id as "actor_id: UserId", actor_name, desktop_id as "desktop_id: DesktopId",
                      desktop_name, person_id as "person_id: UserId", person_name, details
               from audit_events
               where (at, id) > ($1::timestamptz, $2::uuid) and ($3::text is null or kind = $3)
                   and ($4::uuid is null or actor_id = $4 or person_id = $4)
               order by at, id limit $5"#,
            at,
            id,
            kind,
            person as Option<UserId>,
            request.rows()
        )
        .fetch_all(db)
        .await?
    } else {
        sqlx::query_as!(
            Row,
            r#"select id, at, kind, actor_id as "actor_id: UserId", actor_name, desktop_id as "desktop_id: DesktopId",
                      desktop_name, person_id as "person_id: UserId", person_name, details
               from audit_events
               where ($1::timestamptz is null or (at, id) < ($1, $2::uuid)) and ($3::text is null or kind = $3)
                   and ($4::uuid is null or actor_id = $4 or person_id = $4)
               order by at desc, id desc limit $5"#,
            at,
            id,
            kind,
            person as Option<UserId>,
            request.rows()
        )
        .fetch_all(db)
        .await?
    };
    Ok(rows.into_iter().map(Event::from).collect())
}

/// Forgets the oldest events, at most `most`. Replicas that do this at once take different ones.
pub(super) async fn forget(db: &mut Connection, days: u16, most: i64) -> Result<u64, sqlx::Error> {
    let done = sqlx::query!(
        "delete from audit_events where id in (
             select id from audit_events where at < now() - make_interval(days => $1)
             order by at limit $2 for update skip locked)",
        i32::from(days),
        most
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
