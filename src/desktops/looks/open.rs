//! Which looks have streams on this server.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::ids::LookId;

/// The looks with streams on this server. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(in crate::desktops) struct OpenLooks {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    looks: Mutex<Looks>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Looks {
    open: HashMap<LookId, Entry>,
    /// Their last stream here has ended, and the database does not know yet.
    left: Vec<LookId>,
}

#[derive(Debug)]
struct Entry {
    streams: usize,
    /// The row has gone: its streams begin again with a new one.
    gone: CancellationToken,
    /// The same, or control was given back.
    control_over: CancellationToken,
}

/// One stream of a look; dropping it is the only clean-up.
#[derive(Debug)]
pub struct OpenLook {
    looks: OpenLooks,
    id: LookId,
    controls: bool,
    over: CancellationToken,
}

impl OpenLook {
    /// Whether they may type and point.
    #[must_use]
    pub fn controls(&self) -> bool {
        self.controls
    }

    /// Cancelled when this stream allows what its look does not any more: it has to be opened anew.
    #[must_use]
    pub fn over(&self) -> &CancellationToken {
        &self.over
    }
}

impl Drop for OpenLook {
    fn drop(&mut self) {
        self.looks.leave(self.id);
    }
}

impl OpenLooks {
    fn looks(&self) -> MutexGuard<'_, Looks> {
        // Held for look-ups only, never across a wait.
        self.inner
            .looks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn enter(&self, id: LookId, controls: bool) -> OpenLook {
        let mut looks = self.looks();
        looks.left.retain(|left| *left != id);
        let entry = looks.open.entry(id).or_insert_with(|| {
            let gone = CancellationToken::new();
            Entry {
                streams: 0,
                control_over: gone.child_token(),
                gone,
            }
        });
        entry.streams += 1;
        let over = if controls {
            &entry.control_over
        } else {
            &entry.gone
        };
        OpenLook {
            over: over.child_token(),
            looks: self.clone(),
            id,
            controls,
        }
    }

    fn leave(&self, id: LookId) {
        let mut looks = self.looks();
        let Some(entry) = looks.open.get_mut(&id) else {
            return;
        };
        entry.streams -= 1;
        if entry.streams == 0 {
            looks.open.remove(&id);
            looks.left.push(id);
            self.inner.changed.notify_one();
        }
    }

    /// Says that the rows may have changed.
    pub(super) fn look_again(&self) {
        self.inner.changed.notify_one();
    }

    /// Returns when somebody left, or rows may have changed.
    pub(super) async fn changed(&self) {
        self.inner.changed.notified().await;
    }

    pub(super) fn open(&self) -> Vec<LookId> {
        self.looks().open.keys().copied().collect()
    }

    /// Those that were left since the last call.
    pub(super) fn take_left(&self) -> Vec<LookId> {
        std::mem::take(&mut self.looks().left)
    }

    /// Could not be said to the database.
    pub(super) fn put_back(&self, left: Vec<LookId>) {
        self.looks().left.extend(left);
    }

    /// Of those that were `asked` for, `there` says which still have a row, and whether they control.
    pub(super) fn settle(&self, asked: &[LookId], there: &HashMap<LookId, bool>) {
        let mut looks = self.looks();
        for id in asked {
            let Some(entry) = looks.open.get_mut(id) else {
                continue;
            };
            match there.get(id) {
                Some(true) => {}
                Some(false) => {
                    entry.control_over.cancel();
                    entry.control_over = entry.gone.child_token();
                }
                // The streams' guards find no entry any more, and nothing is left to be said of it.
                None => {
                    entry.gone.cancel();
                    looks.open.remove(id);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_left_with_its_last_stream_and_joined_again_before_anybody_was_told() {
        let (looks, id) = (OpenLooks::default(), LookId::new());
        let [one, two] = [(), ()].map(|()| looks.enter(id, false));
        drop(one);
        assert_eq!((looks.open(), looks.take_left()), (vec![id], vec![]));
        drop(two);
        assert!(looks.open().is_empty());
        let again = looks.enter(id, false);
        assert!(looks.take_left().is_empty(), "a reload is the same look");
        drop(again);
        assert_eq!(looks.take_left(), [id]);
        assert!(looks.take_left().is_empty(), "said once");
    }

    #[test]
    fn control_that_was_given_back_ends_the_streams_that_control_alone() {
        let (looks, id) = (OpenLooks::default(), LookId::new());
        let [watches, controls] = [false, true].map(|controls| looks.enter(id, controls));
        looks.settle(&[id], &HashMap::from([(id, true)]));
        assert!(!controls.over().is_cancelled());
        looks.settle(&[id], &HashMap::from([(id, false)]));
        assert!(controls.over().is_cancelled() && !watches.over().is_cancelled());
        let anew = looks.enter(id, true);
        assert!(!anew.over().is_cancelled(), "taken once more");
        looks.settle(&[id], &HashMap::new());
        assert!(watches.over().is_cancelled() && anew.over().is_cancelled());
        drop((watches, controls, anew));
        assert!(looks.take_left().is_empty(), "of a row that has gone");
    }
}
