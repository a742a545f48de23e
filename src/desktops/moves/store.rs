//! Rows of `desktops`: the moves between states.

use std::{net::SocketAddr, time::Duration};

use sqlx::types::Json;

use crate::{
    db::{Connection, OnConstraint},
    desktops::{Desktop, DesktopState, EndReason, OwnedDesktop, Phase, store::select_desktops},
    groups::ClientSettings,
    ids::{DesktopId, DesktopTypeId, UserId, WorkerId},
};

/// Who claims a start, and what it needs.
#[derive(Debug)]
pub(in crate::desktops) struct NewStart<'a> {
    pub(in crate::desktops) owner: UserId,
    pub(in crate::desktops) kind: DesktopTypeId,
    pub(in crate::desktops) vnc_password: &'a str,
    pub(in crate::desktops) start_url: Option<&'a str>,
    pub(in crate::desktops) client_settings: ClientSettings,
    /// Its files are mounted, unless another live desktop of theirs has them.
    pub(in crate::desktops) wants_home: bool,
    pub(in crate::desktops) holder: WorkerId,
    pub(in crate::desktops) lease: Duration,
}

/// Why a row was not inserted.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::desktops) enum NotInserted {
    /// The name belongs to a desktop already.
    NameTaken,
    /// This person has a live one of this type by now, or one that took their files meanwhile.
    AlreadyLive,
}

/// The constraint that lets no two running containers share a person's files.
pub(in crate::desktops) const ONE_PER_HOME: &str = "desktop_one_live_per_home";

/// The first start of a desktop; answers its row.
pub(in crate::desktops) async fn insert_starting(
    db: &mut Connection,
    id: DesktopId,
    name: &str,
    start: &NewStart<'_>,
) -> Result<Result<Desktop, NotInserted>, sqlx::Error> {
    let inserted = select_desktops!(
        with "insert into desktops (id, name, owner_id, type_id, state, lease_holder, lease_until, vnc_password, start_url,
                  client_settings, with_home)
              values ($1, $2, $3, $4, 'starting', $5, now() + $6 * interval '1 second', $7, $8, $9,
                  $10 and not exists (select from desktops h where h.owner_id = $3 and h.type_id = $4 and h.with_home
                      and h.state in ('starting', 'running', 'stopping'))) returning *",
        id as _,
        name,
        start.owner as _,
        start.kind as _,
        start.holder as _,
        start.lease.as_secs_f64(),
        start.vnc_password,
        start.start_url,
        Json(start.client_settings) as _,
        start.wants_home
    )
    .fetch_one(db)
    .await;
    match inserted.on_constraint("desktop_name_key", || NotInserted::NameTaken) {
        Ok(Ok(row)) => Ok(Ok(OwnedDesktop::try_from(row)?.desktop)),
        Ok(Err(refusal)) => Ok(Err(refusal)),
        Err(error) => {
            let error =
                Err(error).on_constraint("desktop_one_live_per_type", || NotInserted::AlreadyLive);
            match error {
                Ok(settled) => Ok(settled),
                Err(error) => Err(error).on_constraint(ONE_PER_HOME, || NotInserted::AlreadyLive),
            }
        }
    }
}

/// The next start of a desktop that is stopped or failed; `None` when somebody else was faster.
pub(in crate::desktops) async fn claim_start(
    db: &mut Connection,
    id: DesktopId,
    start: &NewStart<'_>,
) -> Result<Option<Desktop>, sqlx::Error> {
    let claimed = select_desktops!(
        with "update desktops d set state = 'starting', generation = generation + 1, lease_holder = $2,
                  lease_until = now() + $3 * interval '1 second', vnc_password = $4, start_url = $5, container_id = null,
                  image_id = null, host_port = null, endpoint = null, preparing_at = now(), creating_at = null,
                  starting_at = null, waiting_at = null, ready_at = null, last_accessed_at = now(), ended_at = null,
                  end_code = null, end_reason = null, client_settings = $6, last_input_at = null,
                  with_home = $7 and not exists (select from desktops h where h.owner_id = d.owner_id
                      and h.type_id = d.type_id and h.with_home and h.state in ('starting', 'running', 'stopping'))
              where id = $1 and state in ('stopped', 'failed') returning *",
        id as _,
        start.holder as _,
        start.lease.as_secs_f64(),
        start.vnc_password,
        start.start_url,
        Json(start.client_settings) as _,
        start.wants_home
    )
    .fetch_optional(db)
    .await
    .on_constraint("desktop_one_live_per_type", || ());
    let claimed = match claimed {
        Ok(claimed) => claimed,
        Err(error) => Err(error).on_constraint(ONE_PER_HOME, || ())?,
    };
    claimed
        .ok()
        .flatten()
        .map(|row| OwnedDesktop::try_from(row).map(|owned| owned.desktop))
        .transpose()
}

/// Who works on a row: part of the condition of every move below.
#[derive(Clone, Copy, Debug)]
pub(in crate::desktops) struct Worker {
    pub(in crate::desktops) desktop: DesktopId,
    pub(in crate::desktops) generation: i32,
    pub(in crate::desktops) holder: WorkerId,
}

/// Keeps the lease; `false`: it is lost, stop working.
pub(in crate::desktops) async fn renew_lease(
    db: &mut Connection,
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
pub(in crate::desktops) struct Found<'a> {
    pub(in crate::desktops) container_id: Option<&'a str>,
    pub(in crate::desktops) image_id: Option<&'a str>,
    pub(in crate::desktops) host_port: Option<u16>,
    pub(in crate::desktops) endpoint: Option<SocketAddr>,
}

/// Enters a phase of the start and notes what is known by now; [`Phase::Creating`] begins with a new container, so its
/// port is the one named here or none, and its address is open; `false`: the start is not ours any more.
pub(in crate::desktops) async fn enter_phase(
    db: &mut Connection,
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
             host_port = case when $4 then $9 else host_port end,
             endpoint = case when $4 then null else coalesce($10, endpoint) end
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

/// `address` belongs to the container of `worker` from now on; answers the desktops that were written down at it.
pub(in crate::desktops) async fn take_address(
    db: &mut Connection,
    worker: Worker,
    address: SocketAddr,
) -> Result<Vec<DesktopId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"update desktops set endpoint = null
           where endpoint = $1 and id <> $2 and state in ('starting', 'running', 'stopping')
           returning id as "id: DesktopId""#,
        address.to_string(),
        worker.desktop as _,
    )
    .fetch_all(db)
    .await
}

/// Running desktops that answer elsewhere now; answers those whose address has changed.
pub(in crate::desktops) async fn move_endpoints(
    db: &mut Connection,
    here: &[(DesktopId, i32, SocketAddr)],
) -> Result<Vec<DesktopId>, sqlx::Error> {
    let ids: Vec<_> = here.iter().map(|(id, ..)| id.0).collect();
    let generations: Vec<_> = here.iter().map(|(_, generation, _)| *generation).collect();
    let addresses: Vec<_> = here
        .iter()
        .map(|(.., address)| address.to_string())
        .collect();
    sqlx::query_scalar!(
        r#"update desktops d set endpoint = c.address
           from unnest($1::uuid[], $2::int4[], $3::text[]) as c (id, generation, address)
           where d.id = c.id and d.generation = c.generation and d.state = 'running' and d.endpoint is distinct from c.address
           returning d.id as "id: DesktopId""#,
        &ids,
        &generations,
        &addresses
    )
    .fetch_all(db)
    .await
}

/// starting → running; `false`: the start is not ours any more.
pub(in crate::desktops) async fn mark_running(
    db: &mut Connection,
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
pub(in crate::desktops) async fn mark_start_failed(
    db: &mut Connection,
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
        end.code.as_str(),
        end.sentence,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// running → failed: its container ended by itself; or running → stopped: it was ended while no server looked.
pub(in crate::desktops) async fn mark_ended(
    db: &mut Connection,
    id: DesktopId,
    generation: i32,
    becomes: DesktopState,
    end: &EndReason,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update desktops set state = $5, ended_at = now(), end_code = $3, end_reason = $4, endpoint = null,
             host_port = null
         where id = $1 and generation = $2 and state = 'running'",
        id as _,
        generation,
        end.code.as_str(),
        end.sentence,
        becomes as DesktopState
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// starting or running → stopping; the reason is shown once it has stopped. `false`: it is neither.
pub(in crate::desktops) async fn mark_stopping(
    db: &mut Connection,
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
        end.code.as_str(),
        end.sentence,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// stopping → stopped.
pub(in crate::desktops) async fn mark_stopped(
    db: &mut Connection,
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
pub(in crate::desktops) async fn take_over(
    db: &mut Connection,
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
pub(in crate::desktops) async fn delete(
    db: &mut Connection,
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
