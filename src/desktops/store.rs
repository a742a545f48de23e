//! Rows of `desktops`: reading. The moves between states are in `moves/store.rs`.

use std::{collections::HashMap, net::SocketAddr, time::Duration};

use sqlx::{PgConnection, types::Json};
use time::OffsetDateTime;

use super::{Desktop, DesktopState, EndReason, OwnedDesktop, Today, desktop::PhaseTimes};
use crate::{
    groups::ClientSettings,
    ids::{DesktopId, DesktopTypeId, UserId},
};

struct DesktopRow {
    id: DesktopId,
    name: String,
    owner_id: UserId,
    of_guest: bool,
    type_id: DesktopTypeId,
    state: DesktopState,
    generation: i32,
    vnc_password: String,
    container_id: Option<String>,
    image_id: Option<String>,
    host_port: Option<i32>,
    endpoint: Option<String>,
    start_url: Option<String>,
    client_settings: Json<ClientSettings>,
    preparing_at: OffsetDateTime,
    creating_at: Option<OffsetDateTime>,
    starting_at: Option<OffsetDateTime>,
    waiting_at: Option<OffsetDateTime>,
    ready_at: Option<OffsetDateTime>,
    created_at: OffsetDateTime,
    last_accessed_at: OffsetDateTime,
    ended_at: Option<OffsetDateTime>,
    end_code: Option<String>,
    end_reason: Option<String>,
    type_slug: String,
    username: String,
    display_name: String,
}

impl TryFrom<DesktopRow> for OwnedDesktop {
    type Error = sqlx::Error;

    fn try_from(row: DesktopRow) -> Result<Self, sqlx::Error> {
        let impossible = |column: &str| {
            sqlx::Error::Decode(format!("desktops {}: {column} cannot be read", row.id).into())
        };
        let host_port = row
            .host_port
            .map(u16::try_from)
            .transpose()
            .map_err(|_| impossible("host_port"))?;
        let endpoint = row
            .endpoint
            .as_deref()
            .map(str::parse::<SocketAddr>)
            .transpose()
            .map_err(|_| impossible("endpoint"))?;
        let desktop = Desktop {
            id: row.id,
            name: row.name,
            owner: row.owner_id,
            of_guest: row.of_guest,
            type_id: row.type_id,
            type_slug: row.type_slug,
            state: row.state,
            generation: row.generation,
            vnc_password: row.vnc_password.into(),
            container_id: row.container_id,
            image_id: row.image_id,
            host_port,
            endpoint,
            start_url: row.start_url,
            client_settings: row.client_settings.0,
            phases: PhaseTimes {
                preparing: row.preparing_at,
                creating: row.creating_at,
                starting: row.starting_at,
                waiting: row.waiting_at,
                ready: row.ready_at,
            },
            created_at: row.created_at,
            last_accessed_at: row.last_accessed_at,
            ended_at: row.ended_at,
            end: row
                .end_code
                .zip(row.end_reason)
                .map(|(code, sentence)| EndReason { code, sentence }),
        };
        Ok(Self {
            desktop,
            username: row.username,
            display_name: row.display_name,
        })
    }
}

/// One list of columns for every reading statement.
macro_rules! select_desktops {
    ($tail:tt $(, $argument:expr)*) => {
        sqlx::query_as!(
            DesktopRow,
            r#"select d.id as "id: _", d.name, d.owner_id as "owner_id: _", u.role = 'guest' as "of_guest!", d.type_id as "type_id: _",
                   d.state as "state: _", d.generation, d.vnc_password, d.container_id, d.image_id, d.host_port,
                   d.endpoint, d.start_url, d.client_settings as "client_settings: _", d.preparing_at, d.creating_at, d.starting_at, d.waiting_at, d.ready_at,
                   d.created_at, d.last_accessed_at, d.ended_at, d.end_code, d.end_reason, t.slug as type_slug,
                   u.username, u.display_name
               from desktops d join desktop_types t on t.id = d.type_id join users u on u.id = d.owner_id "#
                + $tail,
            $($argument),*
        )
    };
}

fn desktop(row: Option<DesktopRow>) -> Result<Option<Desktop>, sqlx::Error> {
    row.map(|row| OwnedDesktop::try_from(row).map(|owned| owned.desktop))
        .transpose()
}

pub(super) async fn list_of_owner(
    db: &mut PgConnection,
    owner: UserId,
) -> Result<Vec<Desktop>, sqlx::Error> {
    let rows = select_desktops!(
        "where d.owner_id = $1 order by d.last_accessed_at desc",
        owner as _
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| OwnedDesktop::try_from(row).map(|owned| owned.desktop))
        .collect()
}

pub(super) async fn list_all(db: &mut PgConnection) -> Result<Vec<OwnedDesktop>, sqlx::Error> {
    let rows = select_desktops!("order by u.username, d.name")
        .fetch_all(db)
        .await?;
    rows.into_iter().map(OwnedDesktop::try_from).collect()
}

/// Those that may have a container: starting, running, stopping.
pub(super) async fn list_live(db: &mut PgConnection) -> Result<Vec<Desktop>, sqlx::Error> {
    let rows =
        select_desktops!("where d.state in ('starting', 'running', 'stopping') order by d.id")
            .fetch_all(db)
            .await?;
    rows.into_iter()
        .map(|row| OwnedDesktop::try_from(row).map(|owned| owned.desktop))
        .collect()
}

pub(super) async fn find(
    db: &mut PgConnection,
    id: DesktopId,
) -> Result<Option<Desktop>, sqlx::Error> {
    desktop(
        select_desktops!("where d.id = $1", id as _)
            .fetch_optional(db)
            .await?,
    )
}

/// Those of `ids` that are there.
pub(super) async fn find_all(
    db: &mut PgConnection,
    ids: &[DesktopId],
) -> Result<Vec<Desktop>, sqlx::Error> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows = select_desktops!("where d.id = any($1)", &ids)
        .fetch_all(db)
        .await?;
    rows.into_iter()
        .map(|row| OwnedDesktop::try_from(row).map(|owned| owned.desktop))
        .collect()
}

pub(super) async fn find_by_name(
    db: &mut PgConnection,
    name: &str,
) -> Result<Option<Desktop>, sqlx::Error> {
    desktop(
        select_desktops!("where d.name = $1", name)
            .fetch_optional(db)
            .await?,
    )
}

/// `owner`'s most recently used one, of the type with this slug if one is named.
pub(super) async fn find_of_owner(
    db: &mut PgConnection,
    owner: UserId,
    type_slug: Option<&str>,
) -> Result<Option<Desktop>, sqlx::Error> {
    let row = select_desktops!(
        "where d.owner_id = $1 and ($2::text is null or t.slug = $2)
         order by d.last_accessed_at desc limit 1",
        owner as _,
        type_slug
    );
    desktop(row.fetch_optional(db).await?)
}

pub(super) async fn newest_of_type(
    db: &mut PgConnection,
    owner: UserId,
    kind: DesktopTypeId,
) -> Result<Option<Desktop>, sqlx::Error> {
    let row = select_desktops!(
        "where d.owner_id = $1 and d.type_id = $2
         order by d.state in ('starting', 'running', 'stopping') desc, d.last_accessed_at desc limit 1",
        owner as _,
        kind as _
    );
    desktop(row.fetch_optional(db).await?)
}

pub(super) async fn touch(db: &mut PgConnection, id: DesktopId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update desktops set last_accessed_at = now() where id = $1",
        id as _
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Median of the newest starts of each type, from the click to the first answer.
pub(super) async fn usual_start_times(
    db: &mut PgConnection,
) -> Result<HashMap<DesktopTypeId, Duration>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select type_id as "type_id: DesktopTypeId",
               percentile_cont(0.5) within group (order by extract(epoch from ready_at - preparing_at)::double precision)
                   as "seconds!"
           from desktops where ready_at > now() - interval '30 days' group by type_id"#
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.type_id, Duration::from_secs_f64(row.seconds.max(0.0))))
        .collect())
}

/// Midnight is that of UTC.
pub(super) async fn today(db: &mut PgConnection) -> Result<Today, sqlx::Error> {
    sqlx::query_as!(
        Today,
        r#"select (select count(*) from desktop_runs where began_at >= date_trunc('day', now(), 'UTC')) as "started!",
               (select count(*) from desktops where state = 'failed' and ended_at >= date_trunc('day', now(), 'UTC'))
                   as "failed!""#
    )
    .fetch_one(db)
    .await
}
