//! What ends with a session: streams that were opened with it are closed, on every replica, within seconds.
//!
//! A sign-out is notified by the database in the statement that deletes the row. Notifications are hints and may be
//! lost with their connection, so everything that is watched is also looked at every [`LOOK_AGAIN`].

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sqlx::postgres::PgListener;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    login::{Caller, Login},
    store,
};

/// How often watched sessions are looked at, in case a hint was lost, and for those that run out.
const LOOK_AGAIN: Duration = Duration::from_secs(15);

/// How long an ended session is remembered as such: longer than any request looks for one.
const GONE: Duration = Duration::from_mins(10);

/// Which sessions are watched, and which have ended a moment ago.
#[derive(Debug, Default)]
pub(super) struct Ended {
    inner: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    watched: HashMap<[u8; 32], CancellationToken>,
    gone: HashMap<[u8; 32], Instant>,
}

impl Ended {
    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Cancelled when the session ends; at once when it has.
    fn watch(&self, hash: [u8; 32]) -> CancellationToken {
        let mut state = self.state();
        if state.gone.contains_key(&hash) {
            let ended = CancellationToken::new();
            ended.cancel();
            return ended;
        }
        state.watched.entry(hash).or_default().child_token()
    }

    /// Signed out: a look-up that is under way must not bring it back.
    pub(super) fn end(&self, hash: &[u8; 32]) {
        let mut state = self.state();
        state.gone.insert(*hash, Instant::now());
        if let Some(token) = state.watched.remove(hash) {
            token.cancel();
        }
    }

    /// Found to be over.
    pub(super) fn lapse(&self, hash: &[u8; 32]) {
        if let Some(token) = self.state().watched.remove(hash) {
            token.cancel();
        }
    }

    pub(super) fn is_gone(&self, hash: &[u8; 32]) -> bool {
        self.state().gone.contains_key(hash)
    }

    fn watched(&self) -> Vec<Vec<u8>> {
        self.state()
            .watched
            .keys()
            .map(|hash| hash.to_vec())
            .collect()
    }

    pub(super) fn sweep(&self) {
        self.state().gone.retain(|_, at| at.elapsed() < GONE);
    }
}

impl Login {
    /// Cancelled when the caller's session ends: signed out here or on another replica, run out, the account
    /// switched off. Streams that were opened with it end with it.
    #[must_use]
    pub fn ended(&self, caller: &Caller) -> CancellationToken {
        self.inner.ended.watch(caller.session)
    }

    /// Hears which sessions other replicas ended, until `stop`; connects again when the connection is lost. While it
    /// is lost, streams go on: nobody is cut because the database is away.
    pub async fn listen(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => return,
                ended = self.listen_once() => {
                    if let Err(error) = ended {
                        tracing::warn!(%error, "sign-outs of other replicas are not heard; trying again");
                    }
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
        }
    }

    async fn listen_once(&self) -> Result<(), sqlx::Error> {
        let mut listener = PgListener::connect_with(&self.inner.db).await?;
        // Reconnecting by itself would hide that hints were lost.
        listener.eager_reconnect(false);
        listener.listen(store::ENDED).await?;
        let look = async {
            loop {
                if let Err(error) = self.look_again().await {
                    tracing::debug!(%error, "watched sessions could not be looked at");
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        tokio::select! {
            ended = self.hear(listener) => ended,
            () = look => Ok(()),
        }
    }

    async fn hear(&self, mut listener: PgListener) -> Result<(), sqlx::Error> {
        while let Some(hint) = listener.try_recv().await? {
            if hint.payload() == store::LOOK {
                self.inner.answers.forget_recent();
                self.look_again().await?;
            } else if let Some(hash) = from_hex(hint.payload()) {
                self.end_here(&hash).await;
            } else {
                tracing::warn!("a hint of the database about sessions cannot be read");
            }
        }
        Ok(())
    }

    /// Closes what was opened with sessions that are no longer live.
    async fn look_again(&self) -> Result<(), sqlx::Error> {
        let watched = self.inner.ended.watched();
        if watched.is_empty() {
            return Ok(());
        }
        let mut db = self.inner.db.acquire().await?;
        let live: std::collections::HashSet<Vec<u8>> = store::still_live(&mut db, &watched)
            .await?
            .into_iter()
            .collect();
        drop(db);
        for hash in watched.iter().filter(|hash| !live.contains(*hash)) {
            if let Ok(hash) = hash.as_slice().try_into() {
                self.inner.ended.lapse(hash);
                self.inner.answers.forget(hash).await;
            }
        }
        Ok(())
    }
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
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

    #[tokio::test(start_paused = true)]
    async fn what_has_ended_cannot_be_watched_back_to_life() {
        let (ended, hash, other) = (Ended::default(), [1; 32], [2; 32]);
        let [stream, of_other] = [ended.watch(hash), ended.watch(other)];
        ended.end(&hash);
        assert!(stream.is_cancelled() && !of_other.is_cancelled());
        assert!(ended.watch(hash).is_cancelled());
        tokio::time::advance(GONE).await;
        ended.sweep();
        assert!(!ended.is_gone(&hash), "it is not remembered for ever");
    }

    #[tokio::test]
    async fn one_stream_that_ends_does_not_end_the_others() {
        let (ended, hash) = (Ended::default(), [1; 32]);
        let [one, two] = [ended.watch(hash), ended.watch(hash)];
        one.cancel();
        assert!(!two.is_cancelled());
        ended.lapse(&hash);
        assert!(two.is_cancelled());
    }
}
