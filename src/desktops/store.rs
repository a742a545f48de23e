//! Rows of `desktops`: reading, and the moves between states.
//!
//! Every move is one conditional update. The worker on a start or a stop holds a lease and writes its replica and
//! generation into the condition, so that a worker that was paused or cut off cannot undo what came after it.

use std::{collections::HashMap, net::SocketAddr, time::Duration};

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{Desktop, DesktopState, EndReason, OwnedDesktop, Phase, desktop::PhaseTimes};
use crate::{
    db::OnConstraint,
    ids::{DesktopId, DesktopTypeId, UserId, WorkerId},
};

struct DesktopRow {
    id: DesktopId,
    name: String,
    owner_id: UserId,
    type_id: DesktopTypeId,
    state: DesktopState,
    generation: i32,
    vnc_password: String,
    container_id: Option<String>,
    image_id: Option<String>,
    host_port: Option<i32>,
    endpoint: Option<String>,
    start_url: Option<String>,
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
        })
    }
}

/// One list of columns for every reading statement.
macro_rules! select_desktops {
    ($tail:tt $(, $argument:expr)*) => {
        sqlx::query_as!(
            DesktopRow,
            r#"select d.id as "id: _", d.name, d.owner_id as "owner_id: _", d.type_id as "type_id: _",
                   d.state as "state: _", d.generation, d.vnc_password, d.container_id, d.image_id, d.host_port,
                   d.endpoint, d.start_url, d.preparing_at, d.creating_at, d.starting_at, d.waiting_at, d.ready_at,
                   d.created_at, d.last_accessed_at, d.ended_at, d.end_code, d.end_reason, t.slug as type_slug,
                   u.username
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

/// Who claims a start, and what it needs.
#[derive(Debug)]
pub(super) struct NewStart<'a> {
    pub(super) owner: UserId,
    pub(super) kind: DesktopTypeId,
    pub(super) vnc_password: &'a str,
    pub(super) start_url: Option<&'a str>,
    pub(super) holder: WorkerId,
    pub(super) lease: Duration,
}

/// Why a row was not inserted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotInserted {
    /// The name belongs to a desktop already.
    NameTaken,
    /// This person has a live one of this type by now.
    AlreadyLive,
}

pub(super) async fn insert_starting(
    db: &mut PgConnection,
    id: DesktopId,
    name: &str,
    start: &NewStart<'_>,
) -> Result<Result<(), NotInserted>, sqlx::Error> {
    let inserted = sqlx::query!(
        "insert into desktops (id, name, owner_id, type_id, state, lease_holder, lease_until, vnc_password, start_url)
         values ($1, $2, $3, $4, 'starting', $5, now() + $6 * interval '1 second', $7, $8)",
        id as _,
        name,
        start.owner as _,
        start.kind as _,
        start.holder as _,
        start.lease.as_secs_f64(),
        start.vnc_password,
        start.start_url,
    )
    .execute(db)
    .await
    .map(|_| ());
    match inserted.on_constraint("desktop_name_key", || NotInserted::NameTaken) {
        Err(error) => {
            Err(error).on_constraint("desktop_one_live_per_type", || NotInserted::AlreadyLive)
        }
        settled => settled,
    }
}

/// The next start of a desktop that is stopped or failed; `false` when somebody else was faster.
pub(super) async fn claim_start(
    db: &mut PgConnection,
    id: DesktopId,
    start: &NewStart<'_>,
) -> Result<bool, sqlx::Error> {
    let claimed = sqlx::query!(
        "update desktops set state = 'starting', generation = generation + 1, lease_holder = $2,
             lease_until = now() + $3 * interval '1 second', vnc_password = $4, start_url = $5, container_id = null,
             image_id = null, host_port = null, endpoint = null, preparing_at = now(), creating_at = null,
             starting_at = null, waiting_at = null, ready_at = null, last_accessed_at = now(), ended_at = null,
             end_code = null, end_reason = null
         where id = $1 and state in ('stopped', 'failed')",
        id as _,
        start.holder as _,
        start.lease.as_secs_f64(),
        start.vnc_password,
        start.start_url,
    )
    .execute(db)
    .await
    .on_constraint("desktop_one_live_per_type", || ())?;
    Ok(claimed.is_ok_and(|done| done.rows_affected() == 1))
}

/// Who works on a row: part of the condition of every move below.
#[derive(Clone, Copy, Debug)]
pub(super) struct Worker {
    pub(super) desktop: DesktopId,
    pub(super) generation: i32,
    pub(super) holder: WorkerId,
}

/// Keeps the lease; `false`: it is lost, stop working.
pub(super) async fn renew_lease(
    db: &mut PgConnection,
    worker: Worker,
    lease: Duration,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update desktops set lease_until = now() + $4 * interval '1 second'
         where id = $1 and generation = $2 and lease_holder = $3 and state in ('starting', 'stopping')",
        worker.desktop as _,
        worker.generation,
        worker.holder as _,
        lease.as_secs_f64(),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What a phase brought.
#[derive(Clone, Debug, Default)]
pub(super) struct Found<'a> {
    pub(super) container_id: Option<&'a str>,
    pub(super) image_id: Option<&'a str>,
    pub(super) host_port: Option<u16>,
    pub(super) endpoint: Option<SocketAddr>,
}

/// Enters a phase of the start and notes what is known by now; `false`: the start is not ours any more.
pub(super) async fn enter_phase(
    db: &mut PgConnection,
    worker: Worker,
    phase: Phase,
    found: &Found<'_>,
) -> Result<bool, sqlx::Error> {
    let reached = |wanted: Phase| phase == wanted;
    let done = sqlx::query!(
        "update desktops set
             creating_at = case when $4 then coalesce(creating_at, now()) else creating_at end,
             starting_at = case when $5 then coalesce(starting_at, now()) else starting_at end,
             waiting_at = case when $6 then coalesce(waiting_at, now()) else waiting_at end,
             container_id = coalesce($7, container_id), image_id = coalesce($8, image_id),
             host_port = coalesce($9, host_port), endpoint = coalesce($10, endpoint)
         where id = $1 and generation = $2 and lease_holder = $3 and state = 'starting'",
        worker.desktop as _,
        worker.generation,
        worker.holder as _,
        reached(Phase::Creating),
        reached(Phase::Starting),
        reached(Phase::Waiting),
        found.container_id,
        found.image_id,
        found.host_port.map(i32::from),
        found.endpoint.map(|address| address.to_string()),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// starting → running; `false`: the start is not ours any more.
pub(super) async fn mark_running(
    db: &mut PgConnection,
    worker: Worker,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update desktops set state = 'running', ready_at = now(), last_accessed_at = now(), lease_holder = null,
             lease_until = null
         where id = $1 and generation = $2 and lease_holder = $3 and state = 'starting'",
        worker.desktop as _,
        worker.generation,
        worker.holder as _,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// starting → failed, by its worker.
pub(super) async fn mark_start_failed(
    db: &mut PgConnection,
    worker: Worker,
    end: &EndReason,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update desktops set state = 'failed', ended_at = now(), end_code = $4, end_reason = $5, endpoint = null,
             host_port = null, lease_holder = null, lease_until = null
         where id = $1 and generation = $2 and lease_holder = $3 and state = 'starting'",
        worker.desktop as _,
        worker.generation,
        worker.holder as _,
        end.code,
        end.sentence,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// running → failed: its container ended by itself.
pub(super) async fn mark_ended(
    db: &mut PgConnection,
    id: DesktopId,
    generation: i32,
    end: &EndReason,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update desktops set state = 'failed', ended_at = now(), end_code = $3, end_reason = $4, endpoint = null,
             host_port = null
         where id = $1 and generation = $2 and state = 'running'",
        id as _,
        generation,
        end.code,
        end.sentence,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// starting or running → stopping; the reason is shown once it has stopped. `false`: it is neither.
pub(super) async fn mark_stopping(
    db: &mut PgConnection,
    id: DesktopId,
    holder: WorkerId,
    lease: Duration,
    end: &EndReason,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update desktops set state = 'stopping', lease_holder = $2, lease_until = now() + $3 * interval '1 second',
             end_code = $4, end_reason = $5
         where id = $1 and state in ('starting', 'running')",
        id as _,
        holder as _,
        lease.as_secs_f64(),
        end.code,
        end.sentence,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// stopping → stopped.
pub(super) async fn mark_stopped(
    db: &mut PgConnection,
    worker: Worker,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update desktops set state = 'stopped', ended_at = now(), endpoint = null, host_port = null,
             lease_holder = null, lease_until = null
         where id = $1 and generation = $2 and lease_holder = $3 and state = 'stopping'",
        worker.desktop as _,
        worker.generation,
        worker.holder as _,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes over starts and stops whose worker is gone; a few at a time, so that replicas share them.
pub(super) async fn take_over(
    db: &mut PgConnection,
    holder: WorkerId,
    lease: Duration,
) -> Result<Vec<DesktopId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"update desktops set lease_holder = $1, lease_until = now() + $2 * interval '1 second'
           where id in (
               select id from desktops
               where state in ('starting', 'stopping') and (lease_until is null or lease_until < now())
               order by lease_until limit 8 for update skip locked)
           returning id as "id: DesktopId""#,
        holder as _,
        lease.as_secs_f64(),
    )
    .fetch_all(db)
    .await
}

/// Removes the row of a desktop that is not live; `false`: it is live, or gone.
pub(super) async fn delete(
    db: &mut PgConnection,
    id: DesktopId,
    generation: i32,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "delete from desktops where id = $1 and generation = $2 and state in ('stopped', 'failed')",
        id as _,
        generation,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}
