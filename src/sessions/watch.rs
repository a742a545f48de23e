//! How this server hears that sessions ended elsewhere, and closes what was opened with them within seconds.
//!
//! A sign-out is notified by the database in the statement that deletes the row, a changed role by a trigger.
//! Notifications are hints and may be lost, so everything that is watched is also looked at every [`LOOK_AGAIN`],
//! whether hints come or not: one statement while something is watched, none when nothing is.

use std::{collections::HashMap, time::Duration};

use sqlx::PgPool;

use super::{
    cache::{CallerCache, LOOKUP},
    ended::EndedSessions,
    store::{self, Watched},
};
use crate::hints::{Hint, HintsOf};

/// How often watched sessions are looked at, in case a hint was lost, and for those that run out. A look may take
/// [`LOOKUP`], and a stream may have begun with an answer that was remembered for `CACHE`: within five seconds of a
/// sign-out it is closed in any case.
const LOOK_AGAIN: Duration = Duration::from_millis(1_500);

/// What is told when a session is found to have ended.
#[derive(Clone, Copy)]
pub(super) struct Watch<'w> {
    pub db: &'w PgPool,
    pub cache: &'w CallerCache,
    pub ended: &'w EndedSessions,
}

impl Watch<'_> {
    /// Hears and looks for as long as it is polled. While the database is away, streams go on: nobody is cut because
    /// of that.
    pub(super) async fn always(self, hints: HintsOf) {
        tokio::join!(self.hear(hints), self.look_always());
    }

    /// Ends a session on this replica: what it opened is closed, and it opens nothing any more.
    pub(super) async fn end_here(&self, hash: &[u8; 32]) {
        self.ended.end(hash);
        self.cache.forget(hash).await;
    }

    async fn look_always(&self) {
        loop {
            if let Err(error) = self.look_again().await {
                tracing::debug!(%error, "watched sessions could not be looked at");
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    async fn hear(&self, mut hints: HintsOf) {
        while let Some(hint) = hints.next().await {
            match hint {
                Hint::Said(said) if &*said != store::LOOK => {
                    if let Some(hash) = from_hex(&said) {
                        self.end_here(&hash).await;
                    } else {
                        tracing::warn!("a hint of the database about sessions cannot be read");
                    }
                }
                // Somebody's role or account changed, or nobody listened for a while.
                Hint::Said(_) | Hint::Missed => {
                    self.cache.forget_recent();
                    if let Err(error) = self.look_again().await {
                        tracing::debug!(%error, "watched sessions could not be looked at");
                    }
                }
            }
        }
    }

    /// Closes what was opened with sessions that are no longer live, and what was opened with a role that is gone.
    async fn look_again(&self) -> Result<(), sqlx::Error> {
        let watched = self.ended.watched();
        if watched.is_empty() {
            return Ok(());
        }
        let look = async {
            let mut db = self.db.acquire().await?;
            store::still_live(&mut db, &watched).await
        };
        let live = tokio::time::timeout(LOOKUP, look)
            .await
            .unwrap_or(Err(sqlx::Error::PoolTimedOut))?;
        let live: HashMap<Vec<u8>, bool> = live
            .into_iter()
            .map(|Watched { hash, admin }| (hash, admin))
            .collect();
        for hash in &watched {
            let Ok(key) = hash.as_slice().try_into() else {
                continue;
            };
            match live.get(hash) {
                Some(true) => {}
                Some(false) => {
                    if self.ended.is_no_administrator(key) {
                        self.cache.forget(key).await;
                    }
                }
                None => {
                    self.ended.lapse(key);
                    self.cache.forget(key).await;
                }
            }
        }
        Ok(())
    }
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_of_a_hash_and_nothing_else() {
        let mut hash = [0; 32];
        hash[0] = 0xab;
        hash[31] = 1;
        let text = format!("ab{}01", "0".repeat(60));
        assert_eq!(from_hex(&text), Some(hash));
        for wrong in [
            "",
            "ab",
            &text[1..],
            &text.replace('b', "g"),
            &"é".repeat(32),
        ] {
            assert_eq!(from_hex(wrong), None, "{wrong}");
        }
    }
}
