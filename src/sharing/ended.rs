//! Streams that were opened by a link end with it: revoked, run out, or its desktop over, on every replica, within
//! seconds.
//!
//! Every replica looks at the links somebody looks by now, every [`LOOK_AGAIN`]: one small statement while a visitor
//! is there, none otherwise. Where a link is revoked, that is done at once. There is no word of the database as for
//! sessions: nobody says when a time is over, so the look is needed in any case, and listening would take one more
//! connection of the pool for good.

use std::{
    collections::{HashMap, HashSet},
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use super::{Sharing, store};
use crate::ids::{ShareId, UserId};

/// How often links that somebody looks by are looked at.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The longest such a look may take. Together with the pause before it less than five seconds (contract).
const LOOK_LIMIT: Duration = Duration::from_secs(2);

/// One visitor who came by one link.
type Visit = (ShareId, UserId);

/// By which links somebody looks at something now.
#[derive(Debug, Default)]
pub(super) struct Watched {
    inner: Mutex<HashMap<Visit, Entry>>,
}

#[derive(Debug, Default)]
struct Entry {
    over: CancellationToken,
    /// Alive while anything is open.
    open: Weak<()>,
}

/// Cancelled when the link that let a visitor in holds no more. It is looked at as long as this is kept, so keep it
/// as long as the stream.
#[derive(Clone, Debug)]
pub struct ShareEnd {
    over: CancellationToken,
    _open: Arc<()>,
}

impl Deref for ShareEnd {
    type Target = CancellationToken;

    fn deref(&self) -> &CancellationToken {
        &self.over
    }
}

impl Watched {
    fn visits(&self) -> MutexGuard<'_, HashMap<Visit, Entry>> {
        // Held for look-ups only, never across a wait.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn watch(&self, visit: Visit) -> ShareEnd {
        let mut visits = self.visits();
        let entry = visits.entry(visit).or_default();
        let open = entry.open.upgrade().unwrap_or_default();
        entry.open = Arc::downgrade(&open);
        ShareEnd {
            over: entry.over.child_token(),
            _open: open,
        }
    }

    /// With what something is open now.
    fn open(&self) -> Vec<Visit> {
        let mut visits = self.visits();
        visits.retain(|_, entry| entry.open.strong_count() > 0);
        visits.keys().copied().collect()
    }

    /// Of those that were `asked` for, only the `live` ones go on.
    fn keep(&self, asked: &[Visit], live: &HashSet<Visit>) {
        let mut visits = self.visits();
        for visit in asked.iter().filter(|visit| !live.contains(visit)) {
            if let Some(entry) = visits.remove(visit) {
                entry.over.cancel();
            }
        }
    }
}

impl Sharing {
    /// Cancelled when `visitor` may no longer look by the link `share`. A link that ended a moment before this is
    /// called is found at the next look.
    #[must_use]
    pub fn ended(&self, share: ShareId, visitor: UserId) -> ShareEnd {
        self.inner.watched.watch((share, visitor))
    }

    /// Ends what was opened by links that hold no more, again and again until `stop`. While the database is away,
    /// streams go on: nobody is cut because of that.
    pub async fn watch(self, stop: CancellationToken) {
        loop {
            if let Err(error) = self.look_again().await {
                tracing::debug!(%error, "links that are looked by could not be looked at");
            }
            let pause = tokio::time::sleep(LOOK_AGAIN);
            if stop.run_until_cancelled(pause).await.is_none() {
                return;
            }
        }
    }

    /// Ends what was opened by links that hold no more.
    pub(super) async fn look_again(&self) -> Result<(), sqlx::Error> {
        let asked = self.inner.watched.open();
        if asked.is_empty() {
            return Ok(());
        }
        let (links, users): (Vec<ShareId>, Vec<UserId>) = asked.iter().copied().unzip();
        let look = async {
            let mut db = self.inner.db.acquire().await?;
            store::still_live(&mut db, &links, &users).await
        };
        let live = tokio::time::timeout(LOOK_LIMIT, look)
            .await
            .unwrap_or(Err(sqlx::Error::PoolTimedOut))?;
        self.inner.watched.keep(&asked, &live.into_iter().collect());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_holds_no_more_ends() {
        let (watched, share) = (Watched::default(), ShareId::new());
        let [malte, petra, late] = std::array::from_fn(|_| (share, UserId::new()));
        let [of_malte, of_petra] = [malte, petra].map(|visit| watched.watch(visit));
        let second = watched.watch(malte);
        let asked = watched.open();
        assert_eq!(asked.len(), 2);
        // Began while the database was asked: nothing is known of it yet.
        let of_late = watched.watch(late);
        watched.keep(&asked, &HashSet::from([petra]));
        assert!(of_malte.is_cancelled() && second.is_cancelled());
        assert!(!of_petra.is_cancelled() && !of_late.is_cancelled());
        assert!(
            !watched.watch(malte).is_cancelled(),
            "whoever is invited again may look again"
        );
    }

    #[test]
    fn a_visitor_who_left_is_not_looked_for() {
        let (watched, visit) = (Watched::default(), (ShareId::new(), UserId::new()));
        let [one, two] = [(), ()].map(|()| watched.watch(visit));
        drop(one);
        assert_eq!(watched.open(), [visit]);
        drop(two);
        assert!(watched.open().is_empty());
    }
}
