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

use super::{Desktop, DesktopState};
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
    /// Of this start, in whose hands it may be.
    streams: Arc<Streams>,
}

/// What a start knows of its streams.
#[derive(Debug)]
struct Streams {
    cut: CancellationToken,
    open: AtomicUsize,
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
            streams: Arc::new(Streams {
                cut: CancellationToken::new(),
                open: AtomicUsize::new(0),
                noted: Mutex::new(None),
                input: Input {
                    since: Instant::now(),
                    last: AtomicU64::new(0),
                    told: AtomicU64::new(0),
                },
            }),
        }
    }

    /// Whether `row` is this start with the same settings, in whose hands it may be.
    #[must_use]
    pub fn is_start_of(&self, row: &Desktop) -> bool {
        row.state == DesktopState::Running
            && row.id == self.desktop.id
            && row.generation == self.desktop.generation
            && row.endpoint == self.desktop.endpoint
            && row.client_settings == self.desktop.client_settings
    }

    /// The same start as `row` says it is now; its streams go on.
    fn as_in(&self, row: Desktop) -> Self {
        Self {
            desktop: row,
            kind: self.kind.clone(),
            endpoint: self.endpoint.clone(),
            pool: Arc::clone(&self.pool),
            streams: Arc::clone(&self.streams),
        }
    }

    /// Somebody typed, pointed or pasted just now. Costs two reads of a clock and of memory: called for every message.
    pub fn note_input(&self) {
        let input = &self.streams.input;
        let at = u64::try_from(input.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        input.last.fetch_max(at.max(1), Ordering::Relaxed);
    }

    /// How long ago the last input was, if there was any since this was last asked.
    #[must_use]
    pub fn fresh_input(&self) -> Option<Duration> {
        let input = &self.streams.input;
        let last = input.last.load(Ordering::Relaxed);
        let told = input.told.swap(last, Ordering::Relaxed);
        let at = input.since + Duration::from_millis(last);
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
        self.streams.cut.clone()
    }

    /// How many streams are open.
    #[must_use]
    pub fn tunnels(&self) -> usize {
        self.streams.open.load(Ordering::Relaxed)
    }

    /// Whether something that happens now is to be noted: it is when nothing was for `pause`.
    #[must_use]
    pub fn notes(&self, pause: Duration) -> bool {
        let now = Instant::now();
        let noted = self.streams.noted.lock();
        let mut noted = noted.unwrap_or_else(PoisonError::into_inner);
        let due = noted.is_none_or(|last| now.duration_since(last) >= pause);
        if due {
            *noted = Some(now);
        }
        due
    }

    /// Counts a stream until the guard is dropped; `None` when `most` are open already.
    #[must_use]
    pub fn enter(&self, most: usize) -> Option<TunnelGuard> {
        let entered =
            self.streams
                .open
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |open| {
                    (open < most).then_some(open + 1)
                });
        let guard = || TunnelGuard(Arc::clone(&self.streams));
        entered.ok().map(|_| guard())
    }
}

/// One open stream; dropping it is the only clean-up.
#[derive(Debug)]
pub struct TunnelGuard(Arc<Streams>);

impl Drop for TunnelGuard {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
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

    /// Enters `desktop`. The same start of the same desktop at the same address with the same settings keeps its streams,
    /// whosever it is by now; another one replaces it, and the old one's streams are cut.
    pub fn put(&self, desktop: LiveDesktop) -> Arc<LiveDesktop> {
        let mut table = self.table();
        if let Some(known) = table.get(&desktop.desktop.name)
            && known.desktop.id == desktop.desktop.id
            && known.desktop.generation == desktop.desktop.generation
            && known.endpoint.address == desktop.endpoint.address
            && known.desktop.client_settings == desktop.desktop.client_settings
        {
            if known.owner() != desktop.owner() {
                let now = Arc::new(known.as_in(desktop.desktop));
                table.insert(now.desktop.name.clone(), Arc::clone(&now));
                return now;
            }
            return Arc::clone(known);
        }
        let entry = Arc::new(desktop);
        if let Some(old) = table.insert(entry.desktop.name.clone(), Arc::clone(&entry)) {
            old.streams.cut.cancel();
        }
        entry
    }

    /// `row` is the same start as an entry here, perhaps in other hands: the entry says so from now on, and its streams
    /// go on. `None`: nothing of that start is known here.
    pub fn update(&self, row: Desktop) -> Option<Arc<LiveDesktop>> {
        let mut table = self.table();
        let known = table
            .get(&row.name)
            .filter(|known| known.is_start_of(&row))?;
        let now = Arc::new(known.as_in(row));
        table.insert(now.desktop.name.clone(), Arc::clone(&now));
        Some(now)
    }

    /// Drops the entry of `id` and cuts its streams.
    pub fn forget(&self, id: DesktopId) {
        self.table().retain(|_, entry| {
            let stays = entry.desktop.id != id;
            if !stays {
                entry.streams.cut.cancel();
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
