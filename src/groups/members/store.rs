//! Members of groups in the database.

use sqlx::PgConnection;
use uuid::Uuid;

use super::Member;
use crate::{
    ids::{GroupId, UserId},
    paging::{PageRequest, Place, anywhere},
};

struct MemberRow {
    id: UserId,
    username: String,
    display_name: String,
    sort_name: String,
}

/// The members of a page, each with what the list is ordered by; backwards for [`Place::Before`].
pub(in crate::groups) async fn members(
    db: &mut PgConnection,
    id: GroupId,
    search: &str,
    request: &PageRequest<String>,
) -> Result<Vec<(Member, String)>, sqlx::Error> {
    let pattern = anywhere(search);
    let rows = match &request.place {
        Place::Before(place) => {
            sqlx::query_as!(
                MemberRow,
                r#"select u.id as "id: _", u.username, u.display_name, lower(u.display_name) as "sort_name!"
                   from group_members m join users u on u.id = m.user_id
                   where m.group_id = $1 and u.role <> 'guest' and ($2 = '%%' or lower(u.username || ' ' || u.display_name) like lower($2))
                       and (lower(u.display_name), u.id) < ($3, $4)
                   order by lower(u.display_name) desc, u.id desc limit $5"#,
                id as GroupId,
                pattern,
                place.key,
                place.id,
                request.rows()
            )
            .fetch_all(db)
            .await?
        }
        Place::First | Place::After(_) => {
            let (name, after) = match &request.place {
                Place::After(place) => (place.key.as_str(), place.id),
                _ => ("", Uuid::nil()),
            };
            sqlx::query_as!(
                MemberRow,
                r#"select u.id as "id: _", u.username, u.display_name, lower(u.display_name) as "sort_name!"
                   from group_members m join users u on u.id = m.user_id
                   where m.group_id = $1 and u.role <> 'guest' and ($2 = '%%' or lower(u.username || ' ' || u.display_name) like lower($2))
                       and (lower(u.display_name), u.id) > ($3, $4)
                   order by lower(u.display_name), u.id limit $5"#,
                id as GroupId,
                pattern,
                name,
                after,
                request.rows()
            )
            .fetch_all(db)
            .await?
        }
    };
    let listed = |row: MemberRow| {
        let member = Member {
            id: row.id,
            username: row.username,
            display_name: row.display_name,
        };
        (member, row.sort_name)
    };
    Ok(rows.into_iter().map(listed).collect())
}

/// Only of a group that was made here: of any other nothing is written.
pub(in crate::groups) async fn keep_members(
    db: &mut PgConnection,
    id: GroupId,
    members: &[UserId],
) -> Result<(), sqlx::Error> {
    let members: Vec<_> = members.iter().map(|user| user.0).collect();
    sqlx::query!(
        "delete from group_members m using user_groups g
         where m.group_id = $1 and g.id = m.group_id and g.provider_id is null and not m.user_id = any($2)",
        id as GroupId,
        &members
    )
    .execute(db)
    .await
    .map(drop)
}

/// The same.
pub(in crate::groups) async fn remove_members(
    db: &mut PgConnection,
    id: GroupId,
    members: &[UserId],
) -> Result<(), sqlx::Error> {
    let members: Vec<_> = members.iter().map(|user| user.0).collect();
    sqlx::query!(
        "delete from group_members m using user_groups g
         where m.group_id = $1 and g.id = m.group_id and g.provider_id is null and m.user_id = any($2)",
        id as GroupId,
        &members
    )
    .execute(db)
    .await
    .map(drop)
}

/// The same.
pub(in crate::groups) async fn add_members(
    db: &mut PgConnection,
    id: GroupId,
    members: &[UserId],
) -> Result<(), sqlx::Error> {
    let members: Vec<_> = members.iter().map(|user| user.0).collect();
    sqlx::query!(
        "insert into group_members (group_id, user_id)
         select g.id, u from user_groups g, unnest($2::uuid[]) u
         where g.id = $1 and g.provider_id is null and not g.everybody on conflict do nothing",
        id as GroupId,
        &members
    )
    .execute(db)
    .await
    .map(drop)
}

/// Whether `user` can be in each of these groups: made here, of everybody, or of a provider and in it already.
pub(in crate::groups) async fn all_can_hold(
    db: &mut PgConnection,
    user: UserId,
    groups: &[GroupId],
) -> Result<bool, sqlx::Error> {
    let groups: Vec<_> = groups.iter().map(|group| group.0).collect();
    sqlx::query_scalar!(
        r#"select not exists (
               select from unnest($2::uuid[]) wanted where not exists (
                   select from user_groups g where g.id = wanted and (g.provider_id is null
                       or exists (select from group_members m where m.group_id = g.id and m.user_id = $1)))) as "fine!""#,
        user as UserId,
        &groups
    )
    .fetch_one(db)
    .await
}

pub(in crate::groups) async fn put_into(
    db: &mut PgConnection,
    user: UserId,
    groups: &[GroupId],
) -> Result<(), sqlx::Error> {
    let groups: Vec<_> = groups.iter().map(|group| group.0).collect();
    sqlx::query!(
        "delete from group_members m using user_groups g
         where m.user_id = $1 and g.id = m.group_id and g.provider_id is null and not g.id = any($2)",
        user as UserId,
        &groups
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "insert into group_members (group_id, user_id)
         select g.id, $1 from user_groups g
         where g.id = any($2) and g.provider_id is null and not g.everybody on conflict do nothing",
        user as UserId,
        &groups
    )
    .execute(db)
    .await
    .map(drop)
}
