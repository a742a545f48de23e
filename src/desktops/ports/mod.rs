//! Host ports for desktops: reserved in the database, so that replicas and restarts agree on them.

mod store;

use std::time::Duration;

use crate::{db::Db, ids::DesktopId};

/// How long a port that a foreign process holds is left alone.
const QUARANTINE: Duration = Duration::from_mins(1);

/// One free port for `desktop`, or `None` when the range is used up. Asking again answers the same port.
pub(super) async fn reserve(
    db: &Db,
    desktop: DesktopId,
    range: (u16, u16),
) -> Result<Option<u16>, sqlx::Error> {
    store::reserve(&mut db.acquire().await?, desktop, range).await
}

/// Gives up a port that turned out to be held by a foreign process.
pub(super) async fn quarantine(db: &Db, port: u16) -> Result<(), sqlx::Error> {
    store::quarantine(&mut db.acquire().await?, port, QUARANTINE).await
}

/// Gives back the port of `desktop`.
pub(super) async fn release(db: &Db, desktop: DesktopId) -> Result<(), sqlx::Error> {
    store::release(&mut db.acquire().await?, desktop).await
}

/// Gives back ports that a crash left behind; answers how many.
pub(super) async fn release_unused(db: &Db) -> Result<u64, sqlx::Error> {
    store::release_unused(&mut db.acquire().await?).await
}
