//! Keeps looks going while their streams do, ends those that are over, and tells owners.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::{Looker, OverLook, store};
use crate::{
    audit::{self, Kind, NewEvent},
    desktops::{Desktop, DesktopState, Desktops, frames},
    hints::{Hint, Hints, HintsOf},
    ids::{DesktopId, UserId},
    lifecycle::Tasks,
};

/// Where the trigger `looks_notify` speaks.
const CHANNEL: &str = "deskcast_look";

/// How often a server says which looks go on.
pub(super) const RENEW: Duration = Duration::from_secs(2);

/// How long a look holds without a word: what a server that was killed leaves is over after this.
pub(super) const LEASE: time::Duration = time::Duration::seconds(12);

/// How long a look without a stream goes on: a page that is loaded again is the same look.
const GRACE: time::Duration = time::Duration::seconds(4);

/// How often what other servers left is looked for.
const OTHERS: Duration = Duration::from_secs(10);

/// Looks ended by one statement.
const MOST: i64 = 200;

/// The longest a round may take: less than a lease.
const LIMIT: Duration = Duration::from_secs(5);

/// `event: lookers`.
#[derive(Debug, Serialize)]
struct LookersEvent<'a> {
    proxy_path: &'a str,
    lookers: &'a [Looker],
}

/// What the trigger says.
#[derive(Debug, Deserialize)]
struct Payload {
    desktop: DesktopId,
    owner: UserId,
    name: String,
}

/// Begins to keep the looks of this server and to tell owners of all, until the soft phase of shutdown.
pub fn spawn(desktops: &Desktops, hints: &mut Hints, tasks: &Tasks) {
    let tell = tell(desktops.clone(), hints.on(CHANNEL));
    let (stop, keep) = (tasks.soft(), keep(desktops.clone(), tasks.soft()));
    tasks.spawn_critical("looks", keep);
    tasks.spawn_critical("lookers", async move {
        CancellationToken::run_until_cancelled_owned(stop, tell).await;
    });
}

async fn keep(desktops: Desktops, stop: CancellationToken) {
    let looks = &desktops.inner.looks;
    let mut ends = Instant::now();
    loop {
        let ending = ends <= Instant::now();
        let round = tokio::time::timeout(LIMIT, round(&desktops, ending)).await;
        match round {
            Ok(Ok(round)) => {
                if ending && !round.ended {
                    ends = Instant::now() + OTHERS;
                }
                if round.left {
                    ends = ends.min(Instant::now() + GRACE.unsigned_abs());
                }
            }
            Ok(Err(error)) => tracing::debug!(%error, "looks are said to go on a moment later"),
            Err(_) => tracing::debug!("looks are said to go on a moment later"),
        }
        let pause = async {
            // Somebody who left is told of at once; a change of rows is read at once.
            tokio::select! {
                () = tokio::time::sleep(RENEW) => {}
                () = looks.changed() => {}
            }
        };
        if stop.run_until_cancelled(pause).await.is_none() {
            return;
        }
    }
}

/// What a round found.
#[derive(Clone, Copy, Debug)]
struct Round {
    /// Somebody left since the last one: their look may be over when the grace is.
    left: bool,
    /// Some looks were ended; there may be more.
    ended: bool,
}

async fn round(desktops: &Desktops, ending: bool) -> Result<Round, sqlx::Error> {
    let looks = &desktops.inner.looks;
    let (left, open) = (looks.take_left(), looks.open());
    let anybody_left = !left.is_empty();
    if anybody_left {
        let mut said = desktops.inner.db.acquire().await;
        let said = match &mut said {
            Ok(db) => store::leave(db, &left, GRACE).await,
            Err(_) => said.map(drop),
        };
        if let Err(error) = said {
            looks.put_back(left);
            return Err(error);
        }
    }
    if !open.is_empty() {
        let mut db = desktops.inner.db.acquire().await?;
        let there = store::renew(&mut db, &open, LEASE).await?;
        looks.settle(&open, &there.into_iter().collect());
    }
    Ok(Round {
        left: anybody_left,
        ended: ending && end(desktops).await? > 0,
    })
}

/// Ends the looks that are over, and writes that down; how many.
async fn end(desktops: &Desktops) -> Result<usize, sqlx::Error> {
    let mut db = desktops.inner.db.begin().await?;
    let over = store::take_over(&mut db, MOST).await?;
    let events: Vec<_> = over.iter().map(ended).collect();
    audit::record(&mut db, &events).await?;
    db.commit().await?;
    Ok(over.len())
}

fn ended(OverLook { look, took }: &OverLook) -> NewEvent<'_> {
    look.event(Kind::LookEnded, Some(*took))
}

/// Tells owners who looks on, as often as that changes: one statement for a burst, whoever listens.
async fn tell(desktops: Desktops, mut hints: HintsOf) {
    while let Some(first) = hints.next().await {
        desktops.inner.looks.look_again();
        let mut changed = HashMap::new();
        let mut next = Some(first);
        while let Some(hint) = next {
            // Of what was missed the feed of desktops tells every page.
            if let Hint::Said(said) = hint {
                match serde_json::from_str::<Payload>(&said) {
                    Ok(payload) => drop(changed.insert(payload.desktop, payload)),
                    Err(error) => {
                        tracing::warn!(%error, "a hint of the database cannot be read");
                    }
                }
            }
            next = hints.waiting();
        }
        let feed = desktops.events().feed();
        changed.retain(|_, payload| feed.is_heard(payload.owner));
        if changed.is_empty() {
            continue;
        }
        let ids: Vec<DesktopId> = changed.keys().copied().collect();
        match lookers_of(&desktops, &ids).await {
            Ok(lookers) => {
                for (id, payload) in &changed {
                    let there = lookers.get(id).map_or(&[][..], Vec::as_slice);
                    feed.tell(payload.owner, &frame(&payload.name, there).into());
                }
            }
            Err(error) => {
                tracing::debug!(%error, "lookers could not be looked up; pages look themselves");
                for payload in changed.values() {
                    feed.tell(payload.owner, &frames::all_look_again());
                }
            }
        }
    }
}

async fn lookers_of(
    desktops: &Desktops,
    ids: &[DesktopId],
) -> Result<BTreeMap<DesktopId, Vec<Looker>>, sqlx::Error> {
    let mut lookers: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (desktop, looker) in store::at(&mut desktops.inner.db.acquire().await?, ids).await? {
        lookers.entry(desktop).or_default().push(looker);
    }
    Ok(lookers)
}

fn frame(name: &str, lookers: &[Looker]) -> String {
    let event = LookersEvent {
        proxy_path: name,
        lookers,
    };
    frames::frame("lookers", &event)
}

/// What a stream of the owner of `own` begins with: who looks at each running desktop. One statement while any runs.
pub(in crate::desktops) async fn first_frames(
    desktops: &Desktops,
    own: &[Desktop],
) -> Result<Bytes, sqlx::Error> {
    let running = |desktop: &&Desktop| desktop.state == DesktopState::Running;
    let running: Vec<_> = own.iter().filter(running).collect();
    if running.is_empty() {
        return Ok(Bytes::new());
    }
    let ids: Vec<DesktopId> = running.iter().map(|desktop| desktop.id).collect();
    let lookers = lookers_of(desktops, &ids).await?;
    let frames = running.iter().map(|desktop| {
        let there = lookers.get(&desktop.id).map_or(&[][..], Vec::as_slice);
        frame(&desktop.name, there)
    });
    Ok(frames.collect::<String>().into())
}
