//! What is over stays for as long as `HISTORY_DAYS` says and is then forgotten, a little at a time: nobody waits behind
//! a statement that removes a year.

mod store;

use std::time::Duration;

use super::{Desktops, Inner, upkeep_error::UpkeepError};
use crate::audit;

/// How often it is looked for.
pub(super) const LOOK: Duration = Duration::from_mins(10);

/// Rows that one statement removes.
const PIECE: i64 = 2_000;

/// Statements of one look; the rest has its turn in the next.
const PIECES: u32 = 50;

/// Between two statements, so that others come in between.
const PAUSE: Duration = Duration::from_millis(50);

/// Forgets acts, runs that ended, and days that passed, longer ago than the configuration says. Answers how many runs.
pub async fn prune(desktops: &Desktops) -> Result<u64, UpkeepError> {
    let inner = &desktops.inner;
    let days = inner.config.history_days;
    store::forget_days(&mut inner.db.acquire().await?, days).await?;
    forget_acts(inner, days).await?;
    let mut forgotten = 0;
    for _ in 0..PIECES {
        let piece = store::forget_runs(&mut inner.db.acquire().await?, days, PIECE).await?;
        forgotten += piece;
        if piece < PIECE.unsigned_abs() {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    if forgotten > 0 {
        tracing::info!(runs = forgotten, "old runs of desktops were forgotten");
    }
    Ok(forgotten)
}

/// What people did is kept as long as what their desktops did.
async fn forget_acts(inner: &Inner, days: u16) -> Result<(), UpkeepError> {
    for _ in 0..PIECES {
        let piece = audit::forget(&mut inner.db.acquire().await?, days, PIECE).await?;
        if piece < PIECE.unsigned_abs() {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}
