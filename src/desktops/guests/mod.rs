//! Guests whose desktop ended some hours ago are removed, with everything that was theirs.

mod store;

use std::time::Duration;

use super::{Desktops, StopError, StopReason, upkeep_error::UpkeepError};
use crate::ids::UserId;

/// How often guests that are done are looked for.
pub(super) const LOOK: Duration = Duration::from_mins(5);

/// How long a guest is kept after their desktop ended, or after they came if they never had one: whoever comes back
/// to the page in an afternoon still reads why it ended.
pub const KEPT: Duration = Duration::from_hours(4);

/// Guests removed in one look; the rest has its turn in the next.
const AT_ONCE: i64 = 200;

/// Removes guests that are done: first the containers, then the account. Answers who was removed. One whose container
/// cannot be removed yet stays for the next look and stops nobody else.
pub async fn remove_done(desktops: &Desktops) -> Result<Vec<UserId>, UpkeepError> {
    let done = store::done(&mut desktops.inner.db.acquire().await?, KEPT, AT_ONCE).await?;
    let mut removed = Vec::new();
    for guest in done {
        match remove(desktops, guest).await {
            Ok(true) => removed.push(guest),
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(user.id = %guest, %error, "a guest could not be removed yet");
            }
        }
    }
    Ok(removed)
}

/// Stops what a guest has open: their browser is somebody else from now on. Returns at once.
pub fn leave(desktops: &Desktops, guest: UserId) {
    let all = desktops.clone();
    desktops.inner.tasks.spawn(async move {
        for desktop in all.list_of(guest).await.unwrap_or_default() {
            if !desktop.state.is_live() {
                continue;
            }
            if let Err(error) = all.stop(desktop.id, StopReason::Owner).await {
                tracing::warn!(desktop.name = %desktop.name, %error, "the desktop a guest left runs on");
            }
        }
    });
}

/// Removes a guest with everything that is theirs; whether that is done now.
pub async fn remove(desktops: &Desktops, guest: UserId) -> Result<bool, StopError> {
    for desktop in desktops.list_of(guest).await? {
        match desktops.remove(desktop.id, StopReason::Lifetime).await {
            Ok(()) | Err(StopError::NotRunning) => {}
            Err(error) => return Err(error),
        }
    }
    let removed = store::delete(&mut desktops.inner.db.acquire().await?, guest).await?;
    if removed {
        tracing::info!(user.id = %guest, "a guest was removed");
    }
    Ok(removed)
}
