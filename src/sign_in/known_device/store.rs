//! Rows of known devices; a hash names the browser.

use time::Duration;

use crate::{db::Connection, ids::UserId};

/// The browser that was `old` is `new` from now on, for every account that knows it, and `user` knows it too. Of the
/// others of `user` those that signed in last stay, `most` altogether.
pub(super) async fn know(
    db: &mut Connection,
    user: UserId,
    new: &[u8],
    old: Option<&[u8]>,
    known: Duration,
    most: i32,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with renamed as (update known_devices set device_hash = $2 where device_hash = $3 and user_id <> $1),
              gone as (delete from known_devices where user_id = $1 and (device_hash = $3
                  or last_sign_in_at < now() - make_interval(secs => $4)
                  or device_hash in (select device_hash from known_devices
                      where user_id = $1 and device_hash is distinct from $3 order by last_sign_in_at desc offset $5 - 1)))
         insert into known_devices (user_id, device_hash) values ($1, $2)",
        user as UserId,
        new,
        old,
        known.as_seconds_f64(),
        most
    )
    .execute(db)
    .await
    .map(drop)
}

pub(super) async fn is_known(
    db: &mut Connection,
    user: UserId,
    device: &[u8],
    known: Duration,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from known_devices where user_id = $1 and device_hash = $2
               and last_sign_in_at >= now() - make_interval(secs => $3)) as "some!""#,
        user as UserId,
        device,
        known.as_seconds_f64()
    )
    .fetch_one(db)
    .await
}
