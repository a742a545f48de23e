//! Rows of `desktops`: reading. The moves between states are in `moves/store.rs`.

use std::{collections::HashMap, net::SocketAddr, time::Duration};

use sqlx::types::Json;
use time::OffsetDateTime;

use super::{
    Desktop, DesktopState, EndReason, OwnedDesktop, Today,
    desktop::{CastOptions, OfCast, PhaseTimes},
};
use crate::{
    db::Connection,
    groups::ClientSettings,
    ids::{CastId, DesktopId, DesktopTypeId, UserId},
};

pub(in crate::desktops) struct DesktopRow {
    pub(in crate::desktops) id: DesktopId,
    pub(in crate::desktops) name: String,
    pub(in crate::desktops) owner_id: UserId,
    pub(in crate::desktops) of_guest: bool,
    pub(in crate::desktops) type_id: DesktopTypeId,
    pub(in crate::desktops) state: DesktopState,
    pub(in crate::desktops) generation: i32,
    pub(in crate::desktops) vnc_password: String,
    pub(in crate::desktops) container_id: Option<String>,
    pub(in crate::desktops) image_id: Option<String>,
    pub(in crate::desktops) host_port: Option<i32>,
    pub(in crate::desktops) endpoint: Option<String>,
    pub(in crate::desktops) start_url: Option<String>,
    pub(in crate::desktops) network: Option<String>,
    pub(in crate::desktops) with_home: bool,
    pub(in crate::desktops) kept: bool,
    pub(in crate::desktops) cast_id: Option<CastId>,
    pub(in crate::desktops) cast_title: Option<String>,
    pub(in crate::desktops) cast_options: Json<CastOptions>,
    pub(in crate::desktops) client_settings: Json<ClientSettings>,
    pub(in crate::desktops) preparing_at: OffsetDateTime,
    pub(in crate::desktops) creating_at: Option<OffsetDateTime>,
    pub(in crate::desktops) starting_at: Option<OffsetDateTime>,
    pub(in crate::desktops) waiting_at: Option<OffsetDateTime>,
    pub(in crate::desktops) ready_at: Option<OffsetDateTime>,
    pub(in crate::desktops) created_at: OffsetDateTime,
    pub(in crate::desktops) last_accessed_at: OffsetDateTime,
    pub(in crate::desktops) ended_at: Option<OffsetDateTime>,
    pub(in crate::desktops) end_code: Option<String>,
    pub(in crate::desktops) end_reason: Option<String>,
    pub(in crate::desktops) type_slug: String,
    pub(in crate::desktops) type_title: String,
    pub(in crate::desktops) username: String,
    pub(in crate::desktops) display_name: String,
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
            network: row.network,
            with_home: row.with_home,
            kept: row.kept,
            cast: of_cast(row.cast_id, row.cast_title, row.cast_options),
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
                .map(|(code, sentence)| EndReason {
                    code: code.into(),
                    sentence,
                }),
        };
        Ok(Self {
            desktop,
            username: row.username,
            display_name: row.display_name,
            type_title: row.type_title,
        })
    }
}

fn of_cast(
    id: Option<CastId>,
    title: Option<String>,
    Json(options): Json<CastOptions>,
) -> Option<OfCast> {
    let (id, title) = id.zip(title)?;
    Some(OfCast { id, title, options })
}

/// One list of columns for every reading statement. `with` reads the rows that a statement in front has just written;
/// `with … then` has others in front of that one.
macro_rules! select_desktops {
    (with $others:tt then $written:tt, $($argument:expr),*) => {
        select_desktops!(@ ["with " $others ", d as (" $written ") "] "d", "" $(, $argument)*)
    };
    (with $written:tt, $($argument:expr),*) => {
        select_desktops!(@ ["with d as (" $written ") "] "d", "" $(, $argument)*)
    };
    (@ [$($with:tt)*] $from:tt, $tail:tt $(, $argument:expr)*) => {
        sqlx::query_as!(
            $crate::desktops::store::DesktopRow,
            $($with +)* r#"select d.id as "id: _", d.name, d.owner_id as "owner_id: _", u.role = 'guest' as "of_guest!", d.type_id as "type_id: _",
                   d.state as "state: _", d.generation, d.vnc_password, d.container_id, d.image_id, d.host_port,
                   d.endpoint, d.start_url, d.client_settings as "client_settings: _",
                   d.network, d.with_home, d.kept_at is not null as "kept!", d.cast_id as "cast_id: _", d.cast_title, d.cast_options as "cast_options: _", d.preparing_at, d.creating_at, d.starting_at, d.waiting_at, d.ready_at,
                   d.created_at, d.last_accessed_at, d.ended_at, d.end_code, d.end_reason, t.slug as type_slug, t.title as type_title,
                   u.username, u.display_name
               from "# + $from + " join desktop_types t on t.id = d.type_id join users u on u.id = d.owner_id " + $tail,
            $($argument),*
        )
    };
    ($tail:tt $(, $argument:expr)*) => {
        select_desktops!(@ [] "desktops d", $tail $(, $argument)*)
    };
}
pub(in crate::desktops) use select_desktops;

fn desktop(row: Option<DesktopRow>) -> Result<Option<Desktop>, sqlx::Error> {
    row.map(|row| OwnedDesktop::try_from(row).map(|owned| owned.desktop))
        .transpose()
}

pub(super) async fn list_of_owner(
    db: &mut Connection,
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

/// Those that may have a container: starting, running, stopping. A row that cannot be read stops nobody else: it is
/// logged and left out.
pub(super) async fn list_live(db: &mut Connection) -> Result<Vec<Desktop>, sqlx::Error> {
    let rows =
        select_desktops!("where d.state in ('starting', 'running', 'stopping') order by d.id")
            .fetch_all(db)
            .await?;
    let read = rows.into_iter().filter_map(|row| {
        let id = row.id;
        match OwnedDesktop::try_from(row) {
            Ok(owned) => Some(owned.desktop),
            Err(error) => {
                tracing::error!(desktop.id = %id, %error, "the row of a desktop cannot be read");
                None
            }
        }
    });
    Ok(read.collect())
}

/// What a row says of its container.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub(super) id: DesktopId,
    pub(super) state: DesktopState,
    pub(super) generation: i32,
    pub(super) was_ready: bool,
}

/// The same of every row that is live: starting, running or stopping.
pub(super) async fn live_claims(db: &mut Connection) -> Result<Vec<Claim>, sqlx::Error> {
    sqlx::query_as!(
        Claim,
        r#"select id as "id: _", state as "state: _", generation, ready_at is not null as "was_ready!"
           from desktops where state in ('starting', 'running', 'stopping')"#
    )
    .fetch_all(db)
    .await
}

/// The rows of these desktops, as far as they say which container they want.
pub(super) async fn claims(
    db: &mut Connection,
    ids: &[DesktopId],
) -> Result<Vec<Claim>, sqlx::Error> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Claim,
        r#"select id as "id: _", state as "state: _", generation, ready_at is not null as "was_ready!"
           from desktops where id = any($1)"#,
        &ids
    )
    .fetch_all(db)
    .await
}

pub(super) async fn find(
    db: &mut Connection,
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
    db: &mut Connection,
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
    db: &mut Connection,
    name: &str,
) -> Result<Option<Desktop>, sqlx::Error> {
    desktop(
        select_desktops!("where d.name = $1", name)
            .fetch_optional(db)
            .await?,
    )
}

/// `owner`'s most recently used one, of the type with this slug if one is named. What casts launched is named by itself
/// and no desktop of its type, but for guests, who have nothing else.
pub(super) async fn find_of_owner(
    db: &mut Connection,
    owner: UserId,
    type_slug: Option<&str>,
) -> Result<Option<Desktop>, sqlx::Error> {
    let row = select_desktops!(
        "where d.owner_id = $1 and ($2::text is null or t.slug = $2 and (d.cast_id is null or u.role = 'guest'))
         order by d.last_accessed_at desc limit 1",
        owner as _,
        type_slug
    );
    desktop(row.fetch_optional(db).await?)
}

pub(super) async fn newest_of_type(
    db: &mut Connection,
    owner: UserId,
    kind: DesktopTypeId,
) -> Result<Option<Desktop>, sqlx::Error> {
    let row = select_desktops!(
        "where d.owner_id = $1 and d.type_id = $2 and d.cast_id is null
         order by d.state in ('starting', 'running', 'stopping') desc, d.last_accessed_at desc limit 1",
        owner as _,
        kind as _
    );
    desktop(row.fetch_optional(db).await?)
}

pub(super) async fn touch(db: &mut Connection, id: DesktopId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update desktops set last_accessed_at = now() where id = $1",
        id as _
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The one with this name, if a cast launched it for `owner`.
pub(super) async fn find_of_cast(
    db: &mut Connection,
    owner: UserId,
    name: &str,
) -> Result<Option<Desktop>, sqlx::Error> {
    let row = select_desktops!(
        "where d.name = $2 and d.owner_id = $1 and d.cast_id is not null",
        owner as _,
        name
    );
    desktop(row.fetch_optional(db).await?)
}

/// Median of the newest starts of each type, from the click to the first answer, as the moves wrote it down.
pub(super) async fn usual_start_times(
    db: &mut Connection,
) -> Result<HashMap<DesktopTypeId, Duration>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select type_id as "type_id: DesktopTypeId", usual_seconds from desktop_type_starts"#
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.type_id, Duration::from_secs_f64(row.usual_seconds)))
        .collect())
}

/// The same for one type.
pub(super) async fn usual_start_time(
    db: &mut Connection,
    kind: DesktopTypeId,
) -> Result<Option<Duration>, sqlx::Error> {
    let seconds = sqlx::query_scalar!(
        "select usual_seconds from desktop_type_starts where type_id = $1",
        kind as _
    );
    Ok(seconds
        .fetch_optional(db)
        .await?
        .map(Duration::from_secs_f64))
}

/// Midnight is that of UTC.
pub(super) async fn today(db: &mut Connection) -> Result<Today, sqlx::Error> {
    let today = sqlx::query_as!(
        Today,
        "select started, failed from desktop_days where day = (now() at time zone 'UTC')::date"
    );
    Ok(today.fetch_optional(db).await?.unwrap_or_default())
}
