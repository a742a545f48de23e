//! Rows of `desktop_type_groups`.

use crate::{
    db::Connection,
    ids::{DesktopTypeId, GroupId},
};

/// Limits a type to these groups; to everybody when there are none.
pub(in crate::catalog) async fn limit_to(
    db: &mut Connection,
    id: DesktopTypeId,
    groups: &[GroupId],
) -> Result<(), sqlx::Error> {
    let groups: Vec<_> = groups.iter().map(|group| group.0).collect();
    sqlx::query!(
        "delete from desktop_type_groups where type_id = $1",
        id as _
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "insert into desktop_type_groups (type_id, group_id) select distinct $1::uuid, g from unnest($2::uuid[]) g",
        id.0,
        &groups
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update desktop_types set only_groups = $2 where id = $1",
        id as _,
        !groups.is_empty()
    )
    .execute(db)
    .await
    .map(drop)
}

/// Lets a group use exactly these types of those that are limited.
pub(in crate::catalog) async fn give_to_group(
    db: &mut Connection,
    group: GroupId,
    types: &[DesktopTypeId],
) -> Result<(), sqlx::Error> {
    let types: Vec<_> = types.iter().map(|kind| kind.0).collect();
    sqlx::query!(
        "delete from desktop_type_groups where group_id = $1 and not type_id = any($2)",
        group as _,
        &types
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "insert into desktop_type_groups (type_id, group_id)
         select distinct t, $1::uuid from unnest($2::uuid[]) t on conflict do nothing",
        group.0,
        &types
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update desktop_types set only_groups = true where id = any($1) and not only_groups",
        &types
    )
    .execute(db)
    .await
    .map(drop)
}
