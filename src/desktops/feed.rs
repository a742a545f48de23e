//! What open streams are told. A change is looked up once per server, made ready once, and handed as bytes to the
//! streams it concerns: those of the desktop's owner and of administrators. Nobody else's stream even wakes.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{Desktop, DesktopChange, DesktopState, Desktops, body, events::CHANNEL, frames, store};
use crate::{
    clock::Clock,
    hints::{Hints, HintsOf},
    ids::{DesktopId, UserId},
    lifecycle::Tasks,
};

/// How many frames wait for a slow reader of a person's own changes before it is told to look again.
const OWN_WAITING: usize = 16;

/// The same for a reader of everybody's changes.
const ALL_WAITING: usize = 256;

/// How many changes are looked up together.
const TOGETHER: usize = 256;

/// Whose changes a stream tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Those of one person's desktops.
    Owner(UserId),
    /// Everybody's: an administrator's.
    All,
}

/// The open streams of this server. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Feed {
    streams: Arc<Mutex<Streams>>,
}

#[derive(Debug)]
struct Streams {
    of_owner: HashMap<UserId, broadcast::Sender<Bytes>>,
    of_all: broadcast::Sender<Bytes>,
}

/// One stream's side of the feed; dropping it is the only clean-up.
#[derive(Debug)]
pub struct Subscription {
    feed: Feed,
    audience: Audience,
    /// `None` only while being dropped.
    frames: Option<broadcast::Receiver<Bytes>>,
}

impl Default for Feed {
    fn default() -> Self {
        Self::new()
    }
}

impl Feed {
    /// No stream is open yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            streams: Arc::new(Mutex::new(Streams {
                of_owner: HashMap::new(),
                of_all: broadcast::channel(ALL_WAITING).0,
            })),
        }
    }

    /// Everything `audience` is told from now on.
    #[must_use]
    pub fn subscribe(&self, audience: Audience) -> Subscription {
        let mut streams = self.streams();
        let frames = match audience {
            Audience::All => streams.of_all.subscribe(),
            Audience::Owner(owner) => streams
                .of_owner
                .entry(owner)
                .or_insert_with(|| broadcast::channel(OWN_WAITING).0)
                .subscribe(),
        };
        Subscription {
            feed: self.clone(),
            audience,
            frames: Some(frames),
        }
    }

    /// Whether anybody would be told of a change of `owner`'s desktops.
    pub(super) fn is_heard(&self, owner: UserId) -> bool {
        let streams = self.streams();
        streams.of_all.receiver_count() > 0 || streams.of_owner.contains_key(&owner)
    }

    pub(super) fn tell(&self, owner: UserId, frame: &Bytes) {
        let streams = self.streams();
        // Without a receiver there is nobody to tell.
        let _ = streams.of_all.send(frame.clone());
        if let Some(own) = streams.of_owner.get(&owner) {
            let _ = own.send(frame.clone());
        }
    }

    fn tell_everybody(&self, frame: &Bytes) {
        let streams = self.streams();
        for sender in streams.of_owner.values().chain([&streams.of_all]) {
            let _ = sender.send(frame.clone());
        }
    }

    fn streams(&self) -> MutexGuard<'_, Streams> {
        // Held for look-ups and sends, which never wait.
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscription {
    /// The next frame; one that says "look again" when this reader was too slow for what came before. `None` never
    /// comes before the server ends.
    pub async fn next(&mut self) -> Option<Bytes> {
        match self.frames.as_mut()?.recv().await {
            Ok(frame) => Some(frame),
            Err(RecvError::Lagged(_)) => Some(frames::look_again()),
            Err(RecvError::Closed) => None,
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.frames = None;
        if let Audience::Owner(owner) = self.audience {
            let mut streams = self.feed.streams();
            let others = |sender: &broadcast::Sender<Bytes>| sender.receiver_count() > 0;
            if !streams.of_owner.get(&owner).is_some_and(others) {
                streams.of_owner.remove(&owner);
            }
        }
    }
}

/// Begins to tell open streams of `desktops` what the database notifies, until the soft phase of shutdown.
pub fn spawn(desktops: &Desktops, hints: &mut Hints, clock: &Clock, tasks: &Tasks) {
    let listen = listen(desktops.clone(), hints.on(CHANNEL), clock.clone());
    let stop = tasks.soft();
    tasks.spawn_critical("changes", async move {
        CancellationToken::run_until_cancelled_owned(stop, listen).await;
    });
}

async fn listen(desktops: Desktops, mut hints: HintsOf, clock: Clock) {
    while let Some(first) = hints.next().await {
        let mut batch = Batch::default();
        let mut next = Some(first);
        // What came while the last ones were looked up is looked up together.
        while let Some(hint) = next {
            let change = DesktopChange::from(&hint);
            desktops.events().pass_on(change);
            batch.add(change);
            next = (batch.changed.len() < TOGETHER)
                .then(|| hints.waiting())
                .flatten();
        }
        let told = tell(&desktops, batch, &clock);
        told.instrument(tracing::debug_span!("changes")).await;
    }
}

/// Changes that are looked up together, each desktop once.
#[derive(Debug, Default, PartialEq, Eq)]
struct Batch {
    changed: HashMap<DesktopId, UserId>,
    /// Owners of desktops that are gone.
    gone: HashSet<UserId>,
    missed: bool,
}

impl Batch {
    fn add(&mut self, change: DesktopChange) {
        match change {
            DesktopChange::LookAgain => self.missed = true,
            DesktopChange::Changed {
                desktop,
                owner,
                gone: true,
            } => {
                self.changed.remove(&desktop);
                self.gone.insert(owner);
            }
            DesktopChange::Changed { desktop, owner, .. } => {
                self.changed.insert(desktop, owner);
            }
        }
    }
}

async fn tell(desktops: &Desktops, batch: Batch, clock: &Clock) {
    let feed = desktops.events().feed();
    if batch.missed {
        return feed.tell_everybody(&frames::all_look_again());
    }
    for owner in batch.gone {
        feed.tell(owner, &frames::look_again());
    }
    let heard: Vec<_> = batch
        .changed
        .into_iter()
        .filter(|(_, owner)| feed.is_heard(*owner))
        .collect();
    if heard.is_empty() {
        return;
    }
    let ids: Vec<_> = heard.iter().map(|(desktop, _)| *desktop).collect();
    match look_up(desktops, &ids).await {
        Ok(found) => {
            let now = clock.now();
            for (desktop, usual) in found {
                let url = body::url(desktops, &desktop);
                feed.tell(
                    desktop.owner,
                    &frames::of_desktop(&desktop, &url, usual, now),
                );
            }
        }
        Err(error) => {
            tracing::debug!(%error, "changes could not be looked up; pages look themselves");
            for (_, owner) in heard {
                feed.tell(owner, &frames::all_look_again());
            }
        }
    }
}

/// Those of `ids` that are still there, with the usual time of a start while there is one: two statements at most,
/// however many changed.
async fn look_up(
    desktops: &Desktops,
    ids: &[DesktopId],
) -> Result<Vec<(Desktop, Option<std::time::Duration>)>, sqlx::Error> {
    let mut db = desktops.inner.db.acquire().await?;
    let found = store::find_all(&mut db, ids).await?;
    let starting = |desktop: &Desktop| desktop.state == DesktopState::Starting;
    let usual = if found.iter().any(starting) {
        store::usual_start_times(&mut db).await?
    } else {
        HashMap::new()
    };
    let with_usual = |desktop: Desktop| {
        let usual = usual.get(&desktop.type_id).copied();
        (desktop, usual)
    };
    Ok(found.into_iter().map(with_usual).collect())
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn now(subscription: &mut Subscription) -> Option<Bytes> {
        subscription.next().now_or_never().flatten()
    }

    #[test]
    fn a_change_concerns_its_owner_and_administrators() {
        let feed = Feed::new();
        let (jane, bob) = (UserId::new(), UserId::new());
        assert!(!feed.is_heard(jane));
        let mut of_jane = feed.subscribe(Audience::Owner(jane));
        let mut of_bob = feed.subscribe(Audience::Owner(bob));
        assert!(feed.is_heard(jane) && !feed.is_heard(UserId::new()));
        let mut of_all = feed.subscribe(Audience::All);
        assert!(feed.is_heard(UserId::new()), "administrators hear of all");
        let frame = Bytes::from_static(b"x");
        feed.tell(jane, &frame);
        assert_eq!(now(&mut of_jane), Some(frame.clone()));
        assert_eq!(now(&mut of_all), Some(frame.clone()));
        assert_eq!(now(&mut of_bob), None);
        feed.tell_everybody(&frame);
        for subscription in [&mut of_jane, &mut of_all, &mut of_bob] {
            assert_eq!(now(subscription), Some(frame.clone()));
        }
    }

    #[test]
    fn a_slow_reader_is_told_to_look_again_and_holds_nothing_up() {
        let feed = Feed::new();
        let jane = UserId::new();
        let mut slow = feed.subscribe(Audience::Owner(jane));
        for number in 0..=OWN_WAITING {
            feed.tell(jane, &Bytes::from(vec![u8::try_from(number).unwrap()]));
        }
        assert_eq!(now(&mut slow), Some(frames::look_again()));
        assert_eq!(now(&mut slow), Some(Bytes::from_static(&[1])));
    }

    #[test]
    fn nothing_is_kept_for_whoever_has_left() {
        let feed = Feed::new();
        let jane = UserId::new();
        let [one, two] = [(); 2].map(|()| feed.subscribe(Audience::Owner(jane)));
        drop(one);
        assert!(feed.is_heard(jane));
        drop(two);
        assert!(!feed.is_heard(jane));
    }

    #[test]
    fn a_burst_is_one_look_at_each_desktop() {
        let (desktop, owner) = (DesktopId::new(), UserId::new());
        let change = |gone| DesktopChange::Changed {
            desktop,
            owner,
            gone,
        };
        let batch = |changes: &[DesktopChange]| {
            let mut batch = Batch::default();
            for change in changes {
                batch.add(*change);
            }
            batch
        };
        let several = batch(&[change(false), change(false)]);
        assert_eq!((several.changed.len(), several.gone.len()), (1, 0));
        let over = batch(&[change(false), change(true)]);
        assert_eq!((over.changed.len(), over.gone.len()), (0, 1));
        assert!(batch(&[DesktopChange::LookAgain]).missed);
    }
}
