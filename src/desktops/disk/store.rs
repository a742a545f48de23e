//! How much running desktops may write.

use super::Limited;
use crate::db::Connection;

/// Every running desktop with the limit of its type, or `usual_mb`.
pub(super) async fn running(
    db: &mut Connection,
    usual_mb: i64,
) -> Result<Vec<Limited>, sqlx::Error> {
    sqlx::query_as!(
        Limited,
        r#"select d.id as "id: _", d.generation, coalesce(t.disk_mb, $1) as "most_mb!"
           from desktops d join desktop_types t on t.id = d.type_id where d.state = 'running'"#,
        usual_mb
    )
    .fetch_all(db)
    .await
}
