//! The key that pages of links are signed with.

use crate::db::Connection;

/// Random bytes, made once in the life of a database.
pub(super) async fn page_key(db: &mut Connection) -> Result<Vec<u8>, sqlx::Error> {
    sqlx::query_scalar!("select page_key from installation")
        .fetch_one(db)
        .await
}
