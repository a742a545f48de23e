//! What runs and who looks at it: endpoints by name, and the tunnels that are open.
//!
//! A cache in front of the row, so that steady streaming costs no SQL. An entry is dropped when its desktop changes
//! ([`Live::forget`]); dropping it cuts its tunnels.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Desktop;
use crate::{
    catalog::DesktopType,
    ids::{DesktopId, UserId},
    upstream::{Endpoint, Pool},
};

/// A running desktop, as the proxy needs it.
#[derive(Debug)]
pub struct LiveDesktop {
    /// The row as it was when it became live.
    pub desktop: Desktop,
    /// Its entry of the catalogue.
    pub kind: DesktopType,
    /// Where it answers, with the owner's account.
    pub endpoint: Endpoint,
    /// Connections to it that serve one request after another; they end with it.
    pub pool: Arc<Pool>,
    cut: CancellationToken,
    tunnels: AtomicUsize,
    noted: Mutex<Option<Instant>>,
    input: Input,
}

/// When somebody last did something in a desktop, as milliseconds since `since`; zero: nobody yet.
#[derive(Debug)]
struct Input {
    since: Instant,
    last: AtomicU64,
    /// What [`LiveDesktop::fresh_input`] has told already.
    told: AtomicU64,
}

impl LiveDesktop {
    /// An entry without streams.
    #[must_use]
    pub fn new(desktop: Desktop, kind: DesktopType, endpoint: Endpoint) -> Self {
        Self {
            desktop,
            kind,
            endpoint,
            pool: Arc::default(),
            cut: CancellationToken::new(),
            tunnels: AtomicUsize::new(0),
            noted: Mutex::new(None),
            input: Input {
                since: Instant::now(),
                last: AtomicU64::new(0),
                told: AtomicU64::new(0),
            },
        }
    }

    /// Somebody typed, pointed or pasted just now. Costs two reads of a clock and of memory: called for every message.
    pub fn note_input(&self) {
        let at = u64::try_from(self.input.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.input.last.fetch_max(at.max(1), Ordering::Relaxed);
    }

    /// How long ago the last input was, if there was any since this was last asked.
    #[must_use]
    pub fn fresh_input(&self) -> Option<Duration> {
        let last = self.input.last.load(Ordering::Relaxed);
        let told = self.input.told.swap(last, Ordering::Relaxed);
        let at = self.input.since + Duration::from_millis(last);
        (last > told).then(|| at.elapsed())
    }

    /// Whose it is.
    #[must_use]
    pub fn owner(&self) -> UserId {
        self.desktop.owner
    }

    /// Cancelled when the desktop ends: streams must end too.
    #[must_use]
    pub fn cut(&self) -> CancellationToken {
        self.cut.clone()
    }

    /// How many streams are open.
    #[must_use]
    pub fn tunnels(&self) -> usize {
        self.tunnels.load(Ordering::Relaxed)
    }

    /// Whether something that happens now is to be noted: it is when nothing was for `pause`.
    #[must_use]
    pub fn notes(&self, pause: Duration) -> bool {
        let now = Instant::now();
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let due = noted.is_none_or(|last| now.duration_since(last) >= pause);
        if due {
            *noted = Some(now);
        }
        due
    }

    /// Counts a stream until the guard is dropped; `None` when `most` are open already.
    #[must_use]
    pub fn enter(self: &Arc<Self>, most: usize) -> Option<TunnelGuard> {
        let entered = self
            .tunnels
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |open| {
                (open < most).then_some(open + 1)
            });
        entered.ok().map(|_| TunnelGuard(Arc::clone(self)))
    }
}

/// One open stream; dropping it is the only clean-up.
#[derive(Debug)]
pub struct TunnelGuard(Arc<LiveDesktop>);

impl Drop for TunnelGuard {
    fn drop(&mut self) {
        self.0.tunnels.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The table of running desktops of this replica.
#[derive(Debug, Default)]
pub struct Live {
    by_name: Mutex<HashMap<String, Arc<LiveDesktop>>>,
}

impl Live {
    /// An empty table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The running desktop `name`, if known here.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Arc<LiveDesktop>> {
        self.table().get(name).cloned()
    }

    /// Enters `desktop`. The same start of the same desktop at the same address with the same settings keeps the
    /// entry it has, and so its streams; another one replaces it, and the old one's streams are cut.
    pub fn put(&self, desktop: LiveDesktop) -> Arc<LiveDesktop> {
        let mut table = self.table();
        if let Some(known) = table.get(&desktop.desktop.name)
            && known.desktop.id == desktop.desktop.id
            && known.desktop.generation == desktop.desktop.generation
            && known.endpoint.address == desktop.endpoint.address
            && known.desktop.client_settings == desktop.desktop.client_settings
        {
            return Arc::clone(known);
        }
        let entry = Arc::new(desktop);
        if let Some(old) = table.insert(entry.desktop.name.clone(), Arc::clone(&entry)) {
            old.cut.cancel();
        }
        entry
    }

    /// Drops the entry of `id` and cuts its streams.
    pub fn forget(&self, id: DesktopId) {
        self.table().retain(|_, entry| {
            let stays = entry.desktop.id != id;
            if !stays {
                entry.cut.cancel();
            }
            stays
        });
    }

    /// Every entry.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<LiveDesktop>> {
        self.table().values().cloned().collect()
    }

    fn table(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<LiveDesktop>>> {
        // Held for look-ups only, never across a wait.
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
