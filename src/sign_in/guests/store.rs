//! Rows of guests.

use crate::{
    db::Connection,
    ids::{GroupId, UserId},
    people::{User, store::users},
};

/// Makes a guest, unless the name is taken.
pub(super) async fn insert(db: &mut Connection, name: &str) -> Result<Option<User>, sqlx::Error> {
    users!(
        "insert into users (id, slug, username, display_name, role) values ($1, $2, $2, $2, 'guest')
         on conflict do nothing returning",
        "",
        UserId::new() as UserId,
        name
    )
    .fetch_optional(db)
    .await
}

/// A group that is gone meanwhile is no reason to refuse anybody.
pub(super) async fn put_into(
    db: &mut Connection,
    guest: UserId,
    group: GroupId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into group_members (group_id, user_id) select id, $1 from user_groups where id = $2 for key share",
        guest as UserId,
        group as GroupId
    )
    .execute(db)
    .await
    .map(drop)
}
