//! Rows of `server_settings`.

use serde_json::Value;
use time::OffsetDateTime;

use crate::{db::Connection, ids::UserId};

/// A setting that was set once.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) key: String,
    pub(super) value: Option<Value>,
    pub(super) sealed: Option<Vec<u8>>,
    pub(super) set_by: Option<UserId>,
    pub(super) set_by_name: Option<String>,
    pub(super) set_at: OffsetDateTime,
}

/// All of them, with who set them.
pub(super) async fn all(db: &mut Connection) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as!(
        Row,
        r#"select s.key, s.value, s.sealed, s.set_by as "set_by: UserId", u.display_name as "set_by_name?", s.set_at
           from server_settings s left join users u on u.id = s.set_by"#
    )
    .fetch_all(db)
    .await
}

/// Whoever writes settings waits here for its turn, until the transaction ends: what is checked together is written
/// together.
pub(super) async fn take_turns(db: &mut Connection) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('deskcast server settings', 0))")
        .execute(db)
        .await
        .map(drop)
}

/// A setting to be written: its key, and its value or its sealed secret; neither: the default.
#[derive(Debug)]
pub(super) struct Write {
    pub(super) key: &'static str,
    pub(super) value: Option<Value>,
    pub(super) sealed: Option<Vec<u8>>,
}

/// Writes all of them, in one statement.
pub(super) async fn write(
    db: &mut Connection,
    writes: &[Write],
    by: UserId,
) -> Result<(), sqlx::Error> {
    let keys: Vec<&str> = writes.iter().map(|write| write.key).collect();
    let values: Vec<Option<&Value>> = writes.iter().map(|write| write.value.as_ref()).collect();
    let sealed: Vec<Option<&[u8]>> = writes.iter().map(|write| write.sealed.as_deref()).collect();
    sqlx::query!(
        "insert into server_settings (key, value, sealed, set_by)
             select key, value, sealed, $4 from unnest($1::text[], $2::jsonb[], $3::bytea[]) as w (key, value, sealed)
         on conflict (key) do update set value = excluded.value, sealed = excluded.sealed, set_by = excluded.set_by,
             set_at = clock_timestamp()",
        &keys as &[&str],
        &values as &[Option<&Value>],
        &sealed as &[Option<&[u8]>],
        by as UserId
    )
    .execute(db)
    .await
    .map(drop)
}
