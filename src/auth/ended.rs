//! What ends with a session: streams that were opened with it are closed, on every replica, within seconds.
//!
//! A sign-out is notified by the database in the statement that deletes the row, a changed role by a trigger.
//! Notifications are hints and may be lost, so everything that is watched is also looked at every [`LOOK_AGAIN`],
//! whether hints come or not: one statement while something is watched, none when nothing is.

use std::{
    collections::HashMap,
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use sqlx::postgres::PgListener;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    login::{Caller, LOOKUP, Login},
    store::{self, Watched},
};

/// How often watched sessions are looked at, in case a hint was lost, and for those that run out. A look may take
/// [`LOOKUP`], and a stream may have begun with an answer that was remembered for `CACHE`: within five seconds of a
/// sign-out it is closed in any case.
const LOOK_AGAIN: Duration = Duration::from_millis(1_500);

/// How long an ended session is remembered as such: longer than any request looks for one.
const GONE: Duration = Duration::from_mins(10);

/// Which sessions are watched, and which have ended a moment ago.
#[derive(Debug, Default)]
pub(super) struct Ended {
    inner: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    watched: HashMap<[u8; 32], Entry>,
    gone: HashMap<[u8; 32], Instant>,
}

/// A session or token with which something was opened.
#[derive(Debug)]
struct Entry {
    session: CancellationToken,
    /// Below `session`: cancelled also when the person is no administrator any more.
    role: CancellationToken,
    /// Whether anything was opened that needs the role.
    by_role: bool,
    /// Alive while anything is open.
    open: Weak<()>,
}

/// What a stream depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    Session,
    Administrator,
}

/// Cancelled when what a stream was opened with has ended. The session is looked at as long as this is kept, so keep
/// it as long as the stream.
#[derive(Clone, Debug)]
pub struct SessionEnd {
    token: CancellationToken,
    _open: Arc<()>,
}

impl SessionEnd {
    /// For whoever only waits, while this is kept elsewhere.
    #[must_use]
    pub fn token(&self) -> CancellationToken {
        self.token.clone()
    }
}

impl Deref for SessionEnd {
    type Target = CancellationToken;

    fn deref(&self) -> &CancellationToken {
        &self.token
    }
}

impl Ended {
    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Cancelled when the session ends, or with it the role; at once when it has.
    fn watch(&self, hash: [u8; 32], needs: Needs) -> SessionEnd {
        let mut state = self.state();
        if state.gone.contains_key(&hash) {
            let token = CancellationToken::new();
            token.cancel();
            return SessionEnd {
                token,
                _open: Arc::default(),
            };
        }
        let entry = state.watched.entry(hash).or_insert_with(|| {
            let session = CancellationToken::new();
            Entry {
                role: session.child_token(),
                session,
                by_role: false,
                open: Weak::new(),
            }
        });
        let open = entry.open.upgrade().unwrap_or_default();
        entry.open = Arc::downgrade(&open);
        let token = match needs {
            Needs::Session => entry.session.child_token(),
            Needs::Administrator => {
                entry.by_role = true;
                entry.role.child_token()
            }
        };
        SessionEnd { token, _open: open }
    }

    /// Signed out: a look-up that is under way must not bring it back.
    pub(super) fn end(&self, hash: &[u8; 32]) {
        let mut state = self.state();
        state.gone.insert(*hash, Instant::now());
        if let Some(entry) = state.watched.remove(hash) {
            entry.session.cancel();
        }
    }

    /// Found to be over.
    pub(super) fn lapse(&self, hash: &[u8; 32]) {
        if let Some(entry) = self.state().watched.remove(hash) {
            entry.session.cancel();
        }
    }

    /// Found to be somebody who is no administrator: what only one may see ends, the rest goes on. Answers whether
    /// there was any.
    fn is_no_administrator(&self, hash: &[u8; 32]) -> bool {
        let mut state = self.state();
        let Some(entry) = state.watched.get_mut(hash).filter(|entry| entry.by_role) else {
            return false;
        };
        entry.by_role = false;
        entry.role.cancel();
        entry.role = entry.session.child_token();
        true
    }

    pub(super) fn is_gone(&self, hash: &[u8; 32]) -> bool {
        self.state().gone.contains_key(hash)
    }

    /// With what something is open now.
    fn watched(&self) -> Vec<Vec<u8>> {
        let mut state = self.state();
        state
            .watched
            .retain(|_, entry| entry.open.strong_count() > 0);
        state.watched.keys().map(|hash| hash.to_vec()).collect()
    }

    pub(super) fn sweep(&self) {
        self.state().gone.retain(|_, at| at.elapsed() < GONE);
    }
}

impl Login {
    /// Cancelled when the caller's session ends: signed out here or on another replica, run out, the account
    /// switched off. Streams that were opened with it end with it.
    #[must_use]
    pub fn ended(&self, caller: &Caller) -> SessionEnd {
        self.inner.ended.watch(caller.session, Needs::Session)
    }

    /// The same for what shows more to an administrator than to others: cancelled also when the caller was one and is
    /// one no more.
    #[must_use]
    pub fn ended_or_demoted(&self, caller: &Caller) -> SessionEnd {
        let needs = if caller.user.is_admin() {
            Needs::Administrator
        } else {
            Needs::Session
        };
        self.inner.ended.watch(caller.session, needs)
    }

    /// Hears which sessions other replicas ended, and looks for itself, until `stop`. While the database is away,
    /// streams go on: nobody is cut because of that.
    pub async fn listen(self, stop: CancellationToken) {
        let both = async { tokio::join!(self.hear_always(), self.look_always()) };
        stop.run_until_cancelled(Box::pin(both)).await;
    }

    async fn look_always(&self) {
        loop {
            if let Err(error) = self.look_again().await {
                tracing::debug!(%error, "watched sessions could not be looked at");
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Connects again when the connection is lost.
    async fn hear_always(&self) {
        loop {
            if let Err(error) = self.hear_once().await {
                tracing::warn!(%error, "sign-outs of other replicas are not heard; trying again");
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn hear_once(&self) -> Result<(), sqlx::Error> {
        let mut listener = PgListener::connect_with(&self.inner.db).await?;
        // Reconnecting by itself would hide that hints were lost.
        listener.eager_reconnect(false);
        listener.listen(store::ENDED).await?;
        // What was said while nobody listened.
        self.inner.answers.forget_recent();
        self.look_again().await?;
        self.hear(listener).await
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

    /// Closes what was opened with sessions that are no longer live, and what was opened with a role that is gone.
    async fn look_again(&self) -> Result<(), sqlx::Error> {
        let watched = self.inner.ended.watched();
        if watched.is_empty() {
            return Ok(());
        }
        let look = async {
            let mut db = self.inner.db.acquire().await?;
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
                    if self.inner.ended.is_no_administrator(key) {
                        self.inner.answers.forget(key).await;
                    }
                }
                None => {
                    self.inner.ended.lapse(key);
                    self.inner.answers.forget(key).await;
                }
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
        let [stream, of_other] = [hash, other].map(|hash| ended.watch(hash, Needs::Session));
        ended.end(&hash);
        assert!(stream.is_cancelled() && !of_other.is_cancelled());
        assert!(ended.watch(hash, Needs::Session).is_cancelled());
        assert!(ended.watch(hash, Needs::Administrator).is_cancelled());
        tokio::time::advance(GONE).await;
        ended.sweep();
        assert!(!ended.is_gone(&hash), "it is not remembered for ever");
    }

    #[tokio::test]
    async fn one_stream_that_ends_does_not_end_the_others() {
        let (ended, hash) = (Ended::default(), [1; 32]);
        let [one, two] = [hash, hash].map(|hash| ended.watch(hash, Needs::Session));
        one.cancel();
        assert!(!two.is_cancelled());
        ended.lapse(&hash);
        assert!(two.is_cancelled());
    }

    #[tokio::test]
    async fn with_the_role_ends_what_needed_it_and_nothing_else() {
        let (ended, hash) = (Ended::default(), [1; 32]);
        let own = ended.watch(hash, Needs::Session);
        assert!(!ended.is_no_administrator(&hash), "nothing needs the role");
        let foreign = ended.watch(hash, Needs::Administrator);
        assert!(ended.is_no_administrator(&hash));
        assert!(foreign.is_cancelled() && !own.is_cancelled());
        let again = ended.watch(hash, Needs::Administrator);
        assert!(!again.is_cancelled(), "an administrator again");
        ended.lapse(&hash);
        assert!(own.is_cancelled() && again.is_cancelled());
    }

    #[tokio::test]
    async fn only_what_is_open_is_looked_at() {
        let (ended, hash) = (Ended::default(), [1; 32]);
        let [one, two] =
            [Needs::Session, Needs::Administrator].map(|needs| ended.watch(hash, needs));
        drop(one);
        assert_eq!(ended.watched().len(), 1);
        drop(two);
        assert_eq!(ended.watched().len(), 0, "nobody is left who would care");
    }
}
