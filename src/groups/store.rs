//! Rows of `user_groups` and `group_members`.

use std::collections::{HashMap, HashSet};

use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Group, GroupChoice, GroupDraft, GroupPlace, OfProvider, Settings, applied::Voice};
use crate::{
    db::Connection,
    ids::{GroupId, OidcProviderId, UserId},
    paging::{Cursor, PageRequest, Place, anywhere},
};

struct GroupRow {
    id: GroupId,
    name: String,
    description: String,
    priority: i32,
    everybody: bool,
    provider_id: Option<OidcProviderId>,
    provider_name: Option<String>,
    external_id: Option<String>,
    settings: Json<Settings>,
    members: i64,
    created_at: OffsetDateTime,
    /// What lists are ordered by, besides priority.
    sort_name: String,
}

impl From<GroupRow> for Group {
    fn from(row: GroupRow) -> Self {
        let provider = row.provider_id.zip(row.provider_name);
        Self {
            id: row.id,
            name: row.name,
            description: row.description,
            priority: row.priority,
            everybody: row.everybody,
            provider: provider.map(|(id, name)| OfProvider { id, name }),
            external_id: row.external_id,
            settings: row.settings.0,
            members: row.members,
            created_at: row.created_at,
        }
    }
}

/// One list of columns for every reading statement. Members are counted up to [`COUNTED`](crate::paging::COUNTED) and one
/// more, whatever the size of the group.
macro_rules! select_groups {
    ($tail:tt $(, $argument:expr)*) => {
        sqlx::query_as!(
            GroupRow,
            r#"select g.id as "id: _", g.name, g.description, g.priority, g.everybody,
                   g.provider_id as "provider_id: _", p.name as "provider_name?", g.external_id,
                   g.settings as "settings: _", g.created_at,
                   case when g.everybody then (select count(*) from (select from users limit 1001) counted)
                       else (select count(*) from (select from group_members m where m.group_id = g.id limit 1001) counted) end
                       as "members!", lower(g.name) as "sort_name!"
               from user_groups g left join oidc_providers p on p.id = g.provider_id "#
                + $tail,
            $($argument),*
        )
    };
}

pub(super) async fn made_here(db: &mut Connection) -> Result<Vec<GroupChoice>, sqlx::Error> {
    sqlx::query_as!(
        GroupChoice,
        r#"select id as "id: _", name, description from user_groups
           where provider_id is null and not everybody
           order by priority, lower(name), id"#
    )
    .fetch_all(db)
    .await
}

pub(super) async fn names(
    db: &mut Connection,
    groups: &[GroupId],
) -> Result<HashMap<GroupId, String>, sqlx::Error> {
    let groups: Vec<_> = groups.iter().map(|group| group.0).collect();
    let rows = sqlx::query!(
        r#"select id as "id: GroupId", name from user_groups where id = any($1)"#,
        &groups
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

pub(super) async fn find(db: &mut Connection, id: GroupId) -> Result<Option<Group>, sqlx::Error> {
    let row = select_groups!("where g.id = $1", id as GroupId)
        .fetch_optional(db)
        .await?;
    Ok(row.map(Group::from))
}

pub(super) async fn of_user(db: &mut Connection, user: UserId) -> Result<Vec<Group>, sqlx::Error> {
    let rows = select_groups!(
        "where g.everybody or exists (select from group_members m where m.group_id = g.id and m.user_id = $1)
         order by g.everybody, g.priority, lower(g.name), g.id",
        user as UserId
    );
    let rows = rows.fetch_all(db).await?;
    Ok(rows.into_iter().map(Group::from).collect())
}

struct VoiceRow {
    id: GroupId,
    name: String,
    priority: i32,
    everybody: bool,
    settings: Json<Settings>,
}

/// What the groups of these people say; nobody is counted for it.
pub(super) async fn voices(
    db: &mut Connection,
    users: &[UserId],
) -> Result<Vec<Voice>, sqlx::Error> {
    let users: Vec<_> = users.iter().map(|user| user.0).collect();
    let rows = sqlx::query_as!(
        VoiceRow,
        r#"select id as "id: _", name, priority, everybody, settings as "settings: _" from user_groups
           where everybody or id in (select group_id from group_members where user_id = any($1))"#,
        &users
    )
    .fetch_all(db)
    .await?;
    let voice = |row: VoiceRow| Voice {
        id: row.id,
        name: row.name,
        priority: row.priority,
        everybody: row.everybody,
        settings: row.settings.0,
    };
    Ok(rows.into_iter().map(voice).collect())
}

/// The groups of a page, each with its name as the list is ordered by it; backwards for [`Place::Before`].
pub(super) async fn list(
    db: &mut Connection,
    search: &str,
    request: &PageRequest<GroupPlace>,
) -> Result<Vec<(Group, String)>, sqlx::Error> {
    let down = |place: &Cursor<GroupPlace>| (place.key.clone(), place.id);
    let rows = match &request.place {
        Place::Before(place) => {
            let (key, id) = down(place);
            select_groups!(
                "where lower(g.name) like lower($1)
                     and (g.everybody, g.priority, lower(g.name), g.id) < ($2, $3, $4, $5)
                 order by g.everybody desc, g.priority desc, lower(g.name) desc, g.id desc limit $6",
                anywhere(search),
                key.everybody,
                key.priority,
                key.name,
                id,
                request.rows()
            )
            .fetch_all(db)
            .await?
        }
        Place::First | Place::After(_) => {
            let (key, id) = match &request.place {
                Place::After(place) => down(place),
                _ => (FIRST, Uuid::nil()),
            };
            select_groups!(
                "where lower(g.name) like lower($1)
                     and (g.everybody, g.priority, lower(g.name), g.id) > ($2, $3, $4, $5)
                 order by g.everybody, g.priority, lower(g.name), g.id limit $6",
                anywhere(search),
                key.everybody,
                key.priority,
                key.name,
                id,
                request.rows()
            )
            .fetch_all(db)
            .await?
        }
    };
    let listed = |mut row: GroupRow| {
        let name = std::mem::take(&mut row.sort_name);
        (Group::from(row), name)
    };
    Ok(rows.into_iter().map(listed).collect())
}

/// Before every group.
const FIRST: GroupPlace = GroupPlace {
    everybody: false,
    priority: i32::MIN,
    name: String::new(),
};

/// Which of these people are in which groups.
pub(super) async fn memberships(
    db: &mut Connection,
    users: &[UserId],
) -> Result<HashSet<(UserId, GroupId)>, sqlx::Error> {
    let users: Vec<_> = users.iter().map(|user| user.0).collect();
    let rows = sqlx::query!(
        r#"select user_id as "user: UserId", group_id as "group: GroupId" from group_members where user_id = any($1)"#,
        &users
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.user, row.group)).collect())
}

pub(super) async fn insert(
    db: &mut Connection,
    id: GroupId,
    draft: &GroupDraft,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into user_groups (id, name, description, priority, settings) values ($1, $2, $3, $4, $5)",
        id as GroupId,
        draft.name.trim(),
        draft.description.trim(),
        draft.priority,
        Json(&draft.settings) as _
    )
    .execute(db)
    .await
    .map(drop)
}

/// Whether there is such a group. The name of one that was not made here stays.
pub(super) async fn update(
    db: &mut Connection,
    id: GroupId,
    draft: &GroupDraft,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update user_groups set name = case when everybody or provider_id is not null then name else $2 end,
             description = $3, priority = $4, settings = $5
         where id = $1",
        id as GroupId,
        draft.name.trim(),
        draft.description.trim(),
        draft.priority,
        Json(&draft.settings) as _
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether one was removed; the group of everybody never is.
pub(super) async fn delete(db: &mut Connection, id: GroupId) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "delete from user_groups where id = $1 and not everybody",
        id as GroupId
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}
