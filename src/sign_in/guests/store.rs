//! Rows of guests.

use crate::{
    db::Connection,
    ids::{GroupId, UserId},
    people::{User, store::users},
};

/// Makes a guest in this group. A group that is gone meanwhile is no reason to refuse anybody.
pub(super) async fn insert(
    db: &mut Connection,
    name: &str,
    called: &str,
    group: Option<GroupId>,
) -> Result<User, sqlx::Error> {
    users!(
        "with member as (
             insert into group_members (group_id, user_id) select id, $1 from user_groups where id = $3 for key share)
         insert into users (id, slug, username, display_name, role) values ($1, $2, $2, $4, 'guest') returning",
        "",
        UserId::new() as UserId,
        name,
        group as Option<GroupId>,
        called
    )
    .fetch_one(db)
    .await
}
