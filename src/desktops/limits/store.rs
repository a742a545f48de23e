//! What is used, counted by the database.

use std::time::Duration;

use super::{Running, Use};
use crate::{
    db::Connection,
    ids::{DesktopId, DesktopTypeId, UserId},
};

/// Until the transaction ends, nobody else claims a start for this person.
pub(in crate::desktops) async fn lock(
    db: &mut Connection,
    owner: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('deskcast starts of ' || $1::uuid::text, 0))",
        owner as _
    )
    .execute(db)
    .await
    .map(drop)
}

/// A desktop that is being stopped is still open. A day goes from midnight to midnight in UTC.
pub(super) async fn used(
    db: &mut Connection,
    owner: UserId,
    kind: DesktopTypeId,
) -> Result<Use, sqlx::Error> {
    sqlx::query_as!(
        Use,
        r#"select count(*) as "open!", count(*) filter (where type_id = $2) as "open_of_type!",
               (select coalesce(sum(extract(epoch from
                       coalesce(ended_at, now()) - greatest(began_at, date_trunc('day', now(), 'UTC')))), 0)::double precision
                   from desktop_runs
                   where user_id = $1 and (ended_at is null or ended_at > date_trunc('day', now(), 'UTC'))
               ) as "seconds_today!"
           from desktops where owner_id = $1 and state in ('starting', 'running', 'stopping')"#,
        owner as _,
        kind as _
    )
    .fetch_one(db)
    .await
}

/// Of a web application nobody can tell what of its traffic is somebody's doing.
pub(super) async fn running(db: &mut Connection) -> Result<Vec<Running>, sqlx::Error> {
    sqlx::query_as!(
        Running,
        r#"select d.id as "id: _", d.owner_id as "owner: _",
               extract(epoch from now() - d.ready_at)::double precision as "seconds!",
               case when t.client = 'vnc' then
                   extract(epoch from now() - greatest(d.ready_at, d.last_input_at))::double precision
               end as idle_seconds
           from desktops d join desktop_types t on t.id = d.type_id
           where d.state = 'running' and d.ready_at is not null"#
    )
    .fetch_all(db)
    .await
}

/// The last input of this start; what another replica saw later stays.
pub(super) async fn note_input(
    db: &mut Connection,
    id: DesktopId,
    generation: i32,
    age: Duration,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update desktops set last_input_at = greatest(last_input_at, now() - make_interval(secs => $3))
         where id = $1 and generation = $2 and state = 'running'",
        id as _,
        generation,
        age.as_secs_f64()
    )
    .execute(db)
    .await
    .map(drop)
}
