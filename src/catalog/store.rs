//! Rows of `desktop_types`.

use std::collections::BTreeMap;

use sqlx::types::Json;
use uuid::Uuid;

use super::{
    ClientKind, DesktopType, DesktopTypeDraft, ServerProtocol, TypeKind, listing::TypePlace,
};
use crate::{
    config::Egress,
    db::Connection,
    ids::{DesktopTypeId, GroupId, UserId},
    paging::{Cursor, PageRequest, Place, anywhere},
};

#[expect(clippy::struct_excessive_bools, reason = "as the table has them")]
struct DesktopTypeRow {
    id: DesktopTypeId,
    slug: String,
    title: String,
    description: String,
    icon: String,
    image: String,
    image_id: Option<String>,
    client: ClientKind,
    container_port: i32,
    container_tls: bool,
    vnc_user: String,
    client_folder: String,
    memory_mb: i64,
    cpus: f64,
    shm_mb: i64,
    pids_limit: i64,
    disk_mb: Option<i64>,
    egress: Option<Egress>,
    cap_add: Vec<String>,
    env: Json<BTreeMap<String, String>>,
    home_path: String,
    start_url: Option<String>,
    kind: TypeKind,
    server_host: Option<String>,
    server_port: Option<i32>,
    server_protocol: Option<ServerProtocol>,
    takes_address: bool,
    allow_network_selection: bool,
    networks: Vec<String>,
    enabled: bool,
    position: i32,
    groups: Vec<GroupId>,
    only_groups: bool,
}

impl TryFrom<DesktopTypeRow> for DesktopType {
    type Error = sqlx::Error;

    fn try_from(row: DesktopTypeRow) -> Result<Self, sqlx::Error> {
        let port = |column: &str, value: i32| {
            u16::try_from(value).map_err(|_| {
                sqlx::Error::Decode(format!("desktop_types {}: {column} {value}", row.id).into())
            })
        };
        let server_port = row.server_port.map(|value| port("server_port", value));
        Ok(Self {
            container_port: port("container_port", row.container_port)?,
            server_port: server_port.transpose()?,
            id: row.id,
            slug: row.slug,
            title: row.title,
            description: row.description,
            icon: row.icon,
            image: row.image,
            image_id: row.image_id,
            client: row.client,
            container_tls: row.container_tls,
            vnc_user: row.vnc_user,
            client_folder: row.client_folder,
            memory_mb: row.memory_mb,
            cpus: row.cpus,
            shm_mb: row.shm_mb,
            pids_limit: row.pids_limit,
            disk_mb: row.disk_mb,
            egress: row.egress,
            cap_add: row.cap_add,
            env: row.env.0,
            home_path: row.home_path,
            start_url: row.start_url,
            kind: row.kind,
            server_host: row.server_host,
            server_protocol: row.server_protocol,
            takes_address: row.takes_address,
            allow_network_selection: row.allow_network_selection,
            networks: row.networks,
            enabled: row.enabled,
            position: row.position,
            groups: row.groups,
            for_everybody: !row.only_groups,
        })
    }
}

/// One list of columns for every reading statement.
macro_rules! select_types {
    ($($tail:literal)+ $(, $argument:expr)*) => {
        sqlx::query_as!(
            DesktopTypeRow,
            r#"select t.id as "id: _", t.slug, t.title, t.description, t.icon, t.image, t.image_id, t.client as "client: _",
                   t.container_port, t.container_tls, t.vnc_user, t.client_folder, t.memory_mb, t.cpus, t.shm_mb,
                   t.pids_limit, t.disk_mb, t.egress as "egress: _", t.cap_add, t.env as "env: _", t.home_path, t.start_url, t.kind as "kind: _",
                   t.server_host, t.server_port, t.server_protocol as "server_protocol: _", t.takes_address,
                   t.allow_network_selection, t.networks, t.enabled, t.position,
                   array(select g.group_id from desktop_type_groups g where g.type_id = t.id order by g.group_id) as "groups!: _",
                   t.only_groups
               from desktop_types t "# $(+ $tail)+ + " order by t.position, t.title, t.id",
            $($argument),*
        )
    };
}

/// The types that are switched on and that the person $1, an administrator or not ($2), may start: the one place that
/// says so.
macro_rules! select_startable {
    ($which:literal, $user:expr, $admin:expr, $argument:expr) => {
        select_types!(
            $which
            "(t.enabled and ($2 or not t.only_groups or exists (
                 select from desktop_type_groups allowed join user_groups g on g.id = allowed.group_id
                 where allowed.type_id = t.id and (g.everybody
                     or exists (select from group_members m where m.group_id = g.id and m.user_id = $1)))))",
            $user as UserId,
            $admin,
            $argument
        )
    };
}

pub(super) async fn all(db: &mut Connection) -> Result<Vec<DesktopType>, sqlx::Error> {
    let rows = select_types!("").fetch_all(db).await?;
    rows.into_iter().map(DesktopType::try_from).collect()
}

/// The types of a page, in the order of the dashboard; one more than asked for at the end away from its place.
pub(super) async fn list(
    db: &mut Connection,
    search: &str,
    enabled: Option<bool>,
    request: &PageRequest<TypePlace>,
) -> Result<Vec<DesktopType>, sqlx::Error> {
    let pattern = anywhere(search);
    let rows = match &request.place {
        Place::Before(Cursor { key, id }) => {
            select_types!(
                "where t.id in (select id from desktop_types
                     where lower(slug || ' ' || title) like lower($1) and ($2::boolean is null or enabled = $2)
                         and (position, title, id) < ($3, $4, $5)
                     order by position desc, title desc, id desc limit $6)",
                pattern,
                enabled,
                key.position,
                key.title,
                id,
                request.rows()
            )
            .fetch_all(db)
            .await?
        }
        Place::First | Place::After(_) => {
            let (position, title, id) = match &request.place {
                Place::After(Cursor { key, id }) => (key.position, key.title.as_str(), *id),
                _ => (i32::MIN, "", Uuid::nil()),
            };
            select_types!(
                "where t.id in (select id from desktop_types
                     where lower(slug || ' ' || title) like lower($1) and ($2::boolean is null or enabled = $2)
                         and (position, title, id) > ($3, $4, $5)
                     order by position, title, id limit $6)",
                pattern,
                enabled,
                position,
                title,
                id,
                request.rows()
            )
            .fetch_all(db)
            .await?
        }
    };
    rows.into_iter().map(DesktopType::try_from).collect()
}

/// Those that are switched on and that `user` may start, and `besides` in any case.
pub(super) async fn visible(
    db: &mut Connection,
    user: UserId,
    admin: bool,
    besides: &[DesktopTypeId],
) -> Result<Vec<DesktopType>, sqlx::Error> {
    let besides: Vec<_> = besides.iter().map(|id| id.0).collect();
    let rows = select_startable!("where t.id = any($3) or ", user, admin, &besides)
        .fetch_all(db)
        .await?;
    rows.into_iter().map(DesktopType::try_from).collect()
}

/// The type `slug`, if it is switched on and `user` may start it.
pub(super) async fn usable(
    db: &mut Connection,
    user: UserId,
    admin: bool,
    slug: &str,
) -> Result<Option<DesktopType>, sqlx::Error> {
    let row = select_startable!("where t.slug = $3 and ", user, admin, slug)
        .fetch_optional(db)
        .await?;
    row.map(DesktopType::try_from).transpose()
}

pub(super) async fn find(
    db: &mut Connection,
    id: DesktopTypeId,
) -> Result<Option<DesktopType>, sqlx::Error> {
    let row = select_types!("where t.id = $1", id as DesktopTypeId);
    let row = row.fetch_optional(db).await?;
    row.map(DesktopType::try_from).transpose()
}

pub(super) async fn find_by_slug(
    db: &mut Connection,
    slug: &str,
) -> Result<Option<DesktopType>, sqlx::Error> {
    let row = select_types!("where t.slug = $1", slug);
    let row = row.fetch_optional(db).await?;
    row.map(DesktopType::try_from).transpose()
}

/// Inserts those whose slug is not there yet; what an administrator changed stays.
pub(super) async fn insert_missing(
    db: &mut Connection,
    types: &[DesktopTypeDraft],
) -> Result<(), sqlx::Error> {
    for kind in types {
        insert(db, DesktopTypeId::new(), kind).await?;
    }
    Ok(())
}

/// Whether the slug was free.
pub(super) async fn insert(
    db: &mut Connection,
    id: DesktopTypeId,
    kind: &DesktopTypeDraft,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "insert into desktop_types (id, slug, title, description, icon, image, client, container_port, container_tls,
             vnc_user, client_folder, memory_mb, cpus, shm_mb, pids_limit, cap_add, env, home_path, start_url, enabled,
             position, kind, server_host, server_port, server_protocol, takes_address, allow_network_selection, networks,
             disk_mb, egress)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
             $23, $24, $25, $26, $27, $28, $29, $30)
         on conflict (slug) do nothing",
        id as _,
        kind.slug,
        kind.title,
        kind.description,
        kind.icon,
        kind.image,
        kind.client as ClientKind,
        i32::from(kind.container_port),
        kind.container_tls,
        kind.vnc_user,
        kind.client_folder,
        kind.memory_mb,
        kind.cpus,
        kind.shm_mb,
        kind.pids_limit,
        &kind.cap_add,
        Json(&kind.env) as _,
        kind.home_path,
        kind.start_url,
        kind.enabled,
        kind.position,
        kind.kind as TypeKind,
        kind.server_host,
        kind.server_port.map(i32::from),
        kind.server_protocol as Option<ServerProtocol>,
        kind.takes_address,
        kind.allow_network_selection,
        &kind.networks,
        kind.disk_mb,
        kind.egress as Option<Egress>,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Pins the type to an image, unless its reference is another one by now.
pub(super) async fn publish(
    db: &mut Connection,
    id: DesktopTypeId,
    reference: &str,
    image_id: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update desktop_types set image_id = $3, updated_at = now()
         where id = $1 and image = $2 and image_id is distinct from $3",
        id as _,
        reference,
        image_id
    )
    .execute(db)
    .await
    .map(drop)
}

/// Whether there was a type with the draft's slug, which never changes.
pub(super) async fn update(
    db: &mut Connection,
    kind: &DesktopTypeDraft,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update desktop_types set title = $2, description = $3, icon = $4, image = $5,
             image_id = case when image = $5 then image_id end, client = $6,
             container_port = $7, container_tls = $8, vnc_user = $9, client_folder = $10, memory_mb = $11, cpus = $12,
             shm_mb = $13, pids_limit = $14, cap_add = $15, env = $16, home_path = $17, start_url = $18, enabled = $19,
             position = $20, kind = $21, server_host = $22, server_port = $23, server_protocol = $24,
             takes_address = $25, allow_network_selection = $26, networks = $27, disk_mb = $28, egress = $29,
             updated_at = now()
         where slug = $1",
        kind.slug,
        kind.title,
        kind.description,
        kind.icon,
        kind.image,
        kind.client as ClientKind,
        i32::from(kind.container_port),
        kind.container_tls,
        kind.vnc_user,
        kind.client_folder,
        kind.memory_mb,
        kind.cpus,
        kind.shm_mb,
        kind.pids_limit,
        &kind.cap_add,
        Json(&kind.env) as _,
        kind.home_path,
        kind.start_url,
        kind.enabled,
        kind.position,
        kind.kind as TypeKind,
        kind.server_host,
        kind.server_port.map(i32::from),
        kind.server_protocol as Option<ServerProtocol>,
        kind.takes_address,
        kind.allow_network_selection,
        &kind.networks,
        kind.disk_mb,
        kind.egress as Option<Egress>,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether there was one; desktops of it are refused by the database.
pub(super) async fn delete(db: &mut Connection, slug: &str) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!("delete from desktop_types where slug = $1", slug)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}
