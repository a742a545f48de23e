//! Rows of `casts`, with what they did today.

use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    cast::{Cast, CastFields, CastState},
    draft::Taken,
    list::ListedCast,
    rules::remote_app::RemoteApp,
};
use crate::{
    db::Connection,
    groups::ClientSettings,
    ids::{CastId, DesktopTypeId, GroupId, UserId},
    paging::{Cursor, PageRequest, Place, anywhere},
};

#[expect(clippy::struct_excessive_bools, reason = "as the table has them")]
struct CastRow {
    id: CastId,
    type_id: DesktopTypeId,
    name: String,
    key: String,
    type_slug: String,
    enabled: bool,
    allow_resume: bool,
    allow_anonymous: bool,
    require_captcha: bool,
    anonymous_group: Option<GroupId>,
    limit_total_sessions: bool,
    sessions_remaining: Option<i32>,
    limit_requests_per_ip: bool,
    sessions_allowed: Option<i32>,
    within_seconds: Option<i32>,
    kasm_url: Option<String>,
    allow_dynamic_kasm_url: bool,
    allow_dynamic_docker_network: bool,
    error_url: Option<String>,
    disable_control_panel: bool,
    disable_tips: bool,
    enable_sharing: bool,
    disable_shared_fixed_resolution: bool,
    restrict_to_referrers: Vec<String>,
    enforce_client_settings: bool,
    client_settings: Json<ClientSettings>,
    remote_app: Option<Json<RemoteApp>>,
    valid_until: Option<OffsetDateTime>,
    expired: bool,
    created_at: OffsetDateTime,
    created_by: Option<UserId>,
    changed_at: OffsetDateTime,
    changed_by: Option<UserId>,
    type_title: String,
    sort_name: String,
    served_today: i64,
    refused_today: i64,
}

impl From<CastRow> for Cast {
    fn from(row: CastRow) -> Self {
        Self {
            id: row.id,
            type_id: row.type_id,
            fields: CastFields {
                name: row.name,
                key: row.key,
                desktop_type: row.type_slug,
                enabled: row.enabled,
                allow_resume: row.allow_resume,
                allow_anonymous: row.allow_anonymous,
                require_captcha: row.require_captcha,
                anonymous_group: row.anonymous_group,
                limit_total_sessions: row.limit_total_sessions,
                sessions_remaining: row.sessions_remaining,
                limit_requests_per_ip: row.limit_requests_per_ip,
                sessions_allowed: row.sessions_allowed,
                within_seconds: row.within_seconds,
                kasm_url: row.kasm_url,
                allow_dynamic_kasm_url: row.allow_dynamic_kasm_url,
                allow_dynamic_docker_network: row.allow_dynamic_docker_network,
                error_url: row.error_url,
                disable_control_panel: row.disable_control_panel,
                disable_tips: row.disable_tips,
                enable_sharing: row.enable_sharing,
                disable_shared_fixed_resolution: row.disable_shared_fixed_resolution,
                restrict_to_referrers: row.restrict_to_referrers,
                enforce_client_settings: row.enforce_client_settings,
                client_settings: row.client_settings.0,
                remote_app: row.remote_app.map(|app| app.0),
                valid_until: row.valid_until,
            },
            expired: row.expired,
            created_at: row.created_at,
            created_by: row.created_by,
            changed_at: row.changed_at,
            changed_by: row.changed_by,
        }
    }
}

/// One list of columns for every reading statement. What happened today is one row by key for each cast.
macro_rules! select_casts {
    ($tail:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            CastRow,
            r#"select c.id as "id: _", c.type_id as "type_id: _", c.name, c.key, t.slug as type_slug, c.enabled,
                   c.allow_resume, c.allow_anonymous, c.require_captcha, c.anonymous_group as "anonymous_group: _",
                   c.limit_total_sessions, c.sessions_remaining, c.limit_requests_per_ip, c.sessions_allowed,
                   c.within_seconds, c.kasm_url, c.allow_dynamic_kasm_url, c.allow_dynamic_docker_network, c.error_url,
                   c.disable_control_panel, c.disable_tips, c.enable_sharing, c.disable_shared_fixed_resolution,
                   c.restrict_to_referrers, c.enforce_client_settings, c.client_settings as "client_settings: _",
                   c.remote_app as "remote_app: _", c.valid_until, coalesce(c.valid_until <= now(), false) as "expired!",
                   c.created_at, c.created_by as "created_by: _", c.changed_at, c.changed_by as "changed_by: _",
                   t.title as type_title, lower(normalize(c.name, NFKC)) as "sort_name!",
                   coalesce(d.served, 0) as "served_today!", coalesce(d.refused, 0) as "refused_today!"
               from casts c join desktop_types t on t.id = c.type_id
                   left join cast_days d on d.cast_id = c.id and d.day = (now() at time zone 'UTC')::date "#
                + $tail,
            $($argument),*
        )
    };
}

pub(super) async fn by_key(db: &mut Connection, key: &str) -> Result<Option<Cast>, sqlx::Error> {
    let row = select_casts!("where c.key = $1", key)
        .fetch_optional(db)
        .await?;
    Ok(row.map(Cast::from))
}

pub(super) async fn by_id(db: &mut Connection, id: CastId) -> Result<Option<Cast>, sqlx::Error> {
    let row = select_casts!("where c.id = $1", id as CastId)
        .fetch_optional(db)
        .await?;
    Ok(row.map(Cast::from))
}

/// The casts of a page with the words they are ordered by; backwards for [`Place::Before`].
pub(super) async fn page(
    db: &mut Connection,
    search: &str,
    state: Option<CastState>,
    request: &PageRequest<String>,
) -> Result<Vec<(ListedCast, String)>, sqlx::Error> {
    let (pattern, state) = (anywhere(search), state.map(CastState::key));
    let rows = match &request.place {
        Place::Before(Cursor { key, id }) => {
            select_casts!(
                "where lower(c.name || ' ' || c.key || ' ' || t.slug || ' ' || t.title) like lower($1)
                     and ($2::text is null or $2 = case when not c.enabled then 'off'
                         when c.valid_until <= now() then 'expired'
                         when c.limit_total_sessions and c.sessions_remaining = 0 then 'used_up' else 'on' end)
                     and (lower(normalize(c.name, NFKC)), c.id) < ($3, $4)
                 order by lower(normalize(c.name, NFKC)) desc, c.id desc limit $5",
                pattern,
                state,
                key,
                id,
                request.rows()
            )
            .fetch_all(db)
            .await?
        }
        Place::First | Place::After(_) => {
            let (key, id) = match &request.place {
                Place::After(Cursor { key, id }) => (key.as_str(), *id),
                _ => ("", Uuid::nil()),
            };
            select_casts!(
                "where lower(c.name || ' ' || c.key || ' ' || t.slug || ' ' || t.title) like lower($1)
                     and ($2::text is null or $2 = case when not c.enabled then 'off'
                         when c.valid_until <= now() then 'expired'
                         when c.limit_total_sessions and c.sessions_remaining = 0 then 'used_up' else 'on' end)
                     and (lower(normalize(c.name, NFKC)), c.id) > ($3, $4)
                 order by lower(normalize(c.name, NFKC)), c.id limit $5",
                pattern,
                state,
                key,
                id,
                request.rows()
            )
            .fetch_all(db)
            .await?
        }
    };
    let listed = |mut row: CastRow| {
        let name = std::mem::take(&mut row.sort_name);
        let listed = ListedCast {
            type_title: std::mem::take(&mut row.type_title),
            served_today: row.served_today,
            refused_today: row.refused_today,
            cast: row.into(),
        };
        (listed, name)
    };
    Ok(rows.into_iter().map(listed).collect())
}

/// How many casts there are in each state, by its name, and what all of them served and refused today.
pub(super) async fn counts(
    db: &mut Connection,
) -> Result<Vec<(String, i64, i64, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select case when not c.enabled then 'off' when c.valid_until <= now() then 'expired'
                  when c.limit_total_sessions and c.sessions_remaining = 0 then 'used_up' else 'on' end as "state!",
               count(*) as "casts!", coalesce(sum(d.served), 0)::bigint as "served!",
               coalesce(sum(d.refused), 0)::bigint as "refused!"
           from casts c left join cast_days d on d.cast_id = c.id and d.day = (now() at time zone 'UTC')::date
           group by 1"#
    )
    .fetch_all(db)
    .await?;
    let count = rows
        .into_iter()
        .map(|row| (row.state, row.casts, row.served, row.refused));
    Ok(count.collect())
}

/// Writes a new row; the type is the one with the slug of the fields. Whether there is such a type.
pub(super) async fn insert(
    db: &mut Connection,
    id: CastId,
    fields: &CastFields,
    by: UserId,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "insert into casts (id, name, key, type_id, enabled, allow_resume, allow_anonymous, require_captcha,
             anonymous_group, limit_total_sessions, sessions_remaining, limit_requests_per_ip, sessions_allowed,
             within_seconds, kasm_url, allow_dynamic_kasm_url, allow_dynamic_docker_network, error_url,
             disable_control_panel, disable_tips, enable_sharing, disable_shared_fixed_resolution,
             restrict_to_referrers, enforce_client_settings, client_settings, remote_app, valid_until, created_by,
             changed_by)
         select $1, $2, $3, id, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
             $23, $24, $25, $26, $27, $28, $28
         from desktop_types where slug = $4",
        id as CastId,
        fields.name,
        fields.key,
        fields.desktop_type,
        fields.enabled,
        fields.allow_resume,
        fields.allow_anonymous,
        fields.require_captcha,
        fields.anonymous_group as Option<GroupId>,
        fields.limit_total_sessions,
        fields.sessions_remaining,
        fields.limit_requests_per_ip,
        fields.sessions_allowed,
        fields.within_seconds,
        fields.kasm_url,
        fields.allow_dynamic_kasm_url,
        fields.allow_dynamic_docker_network,
        fields.error_url,
        fields.disable_control_panel,
        fields.disable_tips,
        fields.enable_sharing,
        fields.disable_shared_fixed_resolution,
        &fields.restrict_to_referrers,
        fields.enforce_client_settings,
        Json(&fields.client_settings) as _,
        fields.remote_app.as_ref().map(Json) as _,
        fields.valid_until,
        by as UserId
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes `fields` over the row; whether there is such a cast and such a type. With `seen`, how many sessions remained
/// when the administrator looked: if they did not change that number, what was served meanwhile counts.
pub(super) async fn replace(
    db: &mut Connection,
    id: CastId,
    fields: &CastFields,
    seen: Option<i32>,
    by: UserId,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update casts c set name = $2, key = $3, type_id = t.id, enabled = $5, allow_resume = $6, allow_anonymous = $7,
             require_captcha = $8, anonymous_group = $9, limit_total_sessions = $10,
             sessions_remaining = case when $11::integer = $29::integer and c.sessions_remaining is not null then c.sessions_remaining
                 else $11::integer end,
             limit_requests_per_ip = $12, sessions_allowed = $13, within_seconds = $14, kasm_url = $15,
             allow_dynamic_kasm_url = $16, allow_dynamic_docker_network = $17, error_url = $18,
             disable_control_panel = $19, disable_tips = $20, enable_sharing = $21,
             disable_shared_fixed_resolution = $22, restrict_to_referrers = $23, enforce_client_settings = $24,
             client_settings = $25, remote_app = $26, valid_until = $27, changed_by = $28, changed_at = now()
         from desktop_types t where c.id = $1 and t.slug = $4",
        id as CastId,
        fields.name,
        fields.key,
        fields.desktop_type,
        fields.enabled,
        fields.allow_resume,
        fields.allow_anonymous,
        fields.require_captcha,
        fields.anonymous_group as Option<GroupId>,
        fields.limit_total_sessions,
        fields.sessions_remaining,
        fields.limit_requests_per_ip,
        fields.sessions_allowed,
        fields.within_seconds,
        fields.kasm_url,
        fields.allow_dynamic_kasm_url,
        fields.allow_dynamic_docker_network,
        fields.error_url,
        fields.disable_control_panel,
        fields.disable_tips,
        fields.enable_sharing,
        fields.disable_shared_fixed_resolution,
        &fields.restrict_to_referrers,
        fields.enforce_client_settings,
        Json(&fields.client_settings) as _,
        fields.remote_app.as_ref().map(Json) as _,
        fields.valid_until,
        by as UserId,
        seen
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether there was one. Its log stays until it is old.
pub(super) async fn delete(db: &mut Connection, id: CastId) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!("delete from casts where id = $1", id as CastId)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// What other casts than `now` have, and whether the group is missing.
pub(super) async fn taken(
    db: &mut Connection,
    name: &str,
    key: &str,
    group: Option<GroupId>,
    now: Option<CastId>,
) -> Result<Taken, sqlx::Error> {
    sqlx::query_as!(
        Taken,
        r#"select exists (select from casts where lower(normalize(name, NFKC)) = lower(normalize($1::text, NFKC))
                   and id is distinct from $4) as "name!",
               exists (select from casts where key = $2 and id is distinct from $4) as "key!",
               $3::uuid is not null and not exists (select from user_groups where id = $3) as "no_group!""#,
        name,
        key,
        group as Option<GroupId>,
        now as Option<CastId>
    )
    .fetch_one(db)
    .await
}

/// `name` with the smallest number behind it that no cast has.
pub(super) async fn free_name(
    db: &mut Connection,
    name: &str,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select $1::text || ' (' || n || ')' as "name!" from generate_series(2, 1000) n
           where not exists (select from casts
               where lower(normalize(name, NFKC)) = lower(normalize($1::text || ' (' || n || ')', NFKC)))
           order by n limit 1"#,
        name
    )
    .fetch_optional(db)
    .await
}
