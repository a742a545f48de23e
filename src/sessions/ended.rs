//! What ends with a session on this server: the streams that were opened with it. How this server hears of an end is
//! in `watch`.

use std::{
    collections::HashMap,
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How long an ended session is remembered as such: longer than any request looks for one.
const GONE: Duration = Duration::from_mins(10);

/// Which sessions are watched, and which have ended a moment ago.
#[derive(Debug, Default)]
pub(super) struct EndedSessions {
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
pub(super) enum Needs {
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

impl EndedSessions {
    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Cancelled when the session ends, or with it the role; at once when it has.
    pub(super) fn watch(&self, hash: [u8; 32], needs: Needs) -> SessionEnd {
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
    pub(super) fn is_no_administrator(&self, hash: &[u8; 32]) -> bool {
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
    pub(super) fn watched(&self) -> Vec<Vec<u8>> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_has_ended_cannot_be_watched_back_to_life() {
        let (ended, hash, other) = (EndedSessions::default(), [1; 32], [2; 32]);
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
        let (ended, hash) = (EndedSessions::default(), [1; 32]);
        let [one, two] = [hash, hash].map(|hash| ended.watch(hash, Needs::Session));
        one.cancel();
        assert!(!two.is_cancelled());
        ended.lapse(&hash);
        assert!(two.is_cancelled());
    }

    #[tokio::test]
    async fn with_the_role_ends_what_needed_it_and_nothing_else() {
        let (ended, hash) = (EndedSessions::default(), [1; 32]);
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
        let (ended, hash) = (EndedSessions::default(), [1; 32]);
        let [one, two] =
            [Needs::Session, Needs::Administrator].map(|needs| ended.watch(hash, needs));
        drop(one);
        assert_eq!(ended.watched().len(), 1);
        drop(two);
        assert_eq!(ended.watched().len(), 0, "nobody is left who would care");
    }
}
