//! Connections to one start of one desktop that serve one request after another.
//!
//! hyper reads and writes; this file decides which connection a request gets, and when one may serve again: after its
//! answer was read to its end, and only for requests to the same start of the same desktop. Everything is bounded:
//! requests at once and connections kept, of one desktop and of all of them. A connection ends at once when its desktop
//! does.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Bytes;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::{UpstreamError, driven::Driven, progress::LastMove};
use crate::lifecycle::Tasks;

/// Requests of one desktop at once; further ones wait.
pub const AT_ONCE: usize = 64;
/// Requests of all desktops at once; further ones wait.
pub const AT_ONCE_OVERALL: usize = 4096;
/// Idle connections kept of one desktop: as many as it may need again at once.
pub const KEPT: usize = AT_ONCE;
/// Idle connections kept of all desktops.
pub const KEPT_OVERALL: usize = 1024;
/// An idle connection is closed after this time. Shorter than what servers usually wait, so that they seldom close one
/// under a request.
pub const KEPT_FOR: Duration = Duration::from_secs(15);
/// How long a request waits for one of those before it to end.
const ROOM: Duration = Duration::from_secs(10);

/// What all desktops share.
#[derive(Clone, Debug)]
pub(super) struct Bounds {
    at_once: Arc<Semaphore>,
    kept: Arc<Semaphore>,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            at_once: Arc::new(Semaphore::new(AT_ONCE_OVERALL)),
            kept: Arc::new(Semaphore::new(KEPT_OVERALL)),
        }
    }
}

/// The connections of one start of one desktop.
#[derive(Debug)]
pub struct Pool {
    at_once: Arc<Semaphore>,
    idle: Mutex<Idle>,
}

#[derive(Debug, Default)]
struct Idle {
    connections: Vec<Kept>,
    swept: bool,
}

/// An idle connection.
#[derive(Debug)]
struct Kept {
    connection: Driven,
    since: Instant,
    _counted: OwnedSemaphorePermit,
}

/// The right to one request now.
#[derive(Debug)]
pub(super) struct Turn(#[expect(dead_code, reason = "held, never read")] [OwnedSemaphorePermit; 2]);

impl Default for Pool {
    fn default() -> Self {
        Self {
            at_once: Arc::new(Semaphore::new(AT_ONCE)),
            idle: Mutex::default(),
        }
    }
}

impl Pool {
    /// How many idle connections are kept.
    #[must_use]
    pub fn idle(&self) -> usize {
        self.state().connections.len()
    }

    /// Waits until one more request may be made.
    pub(super) async fn turn(&self, bounds: &Bounds) -> Result<Turn, UpstreamError> {
        let both = async {
            let own = Arc::clone(&self.at_once).acquire_owned().await.ok()?;
            let overall = Arc::clone(&bounds.at_once).acquire_owned().await.ok()?;
            Some(Turn([own, overall]))
        };
        // Neither is ever closed.
        let turn = tokio::time::timeout(ROOM, both).await.ok().flatten();
        turn.ok_or(UpstreamError::TooSlow("requests before this one"))
    }

    /// The connection used last, if one is open and done with its request.
    pub(super) async fn take(&self) -> Option<Driven> {
        loop {
            let kept = self.state().connections.pop()?;
            if kept.since.elapsed() < KEPT_FOR
                && let Some(ready) = kept.connection.ready().await
            {
                return Some(ready);
            }
        }
    }

    /// Keeps `connection` for the next request, unless enough are kept or the desktop has ended.
    fn keep(self: &Arc<Self>, connection: Driven, bounds: &Bounds, until: &Until) {
        if until.is_over() {
            return;
        }
        let Ok(counted) = Arc::clone(&bounds.kept).try_acquire_owned() else {
            return;
        };
        let mut idle = self.state();
        if idle.connections.len() >= KEPT {
            return;
        }
        idle.connections.push(Kept {
            connection,
            since: Instant::now(),
            _counted: counted,
        });
        if !std::mem::replace(&mut idle.swept, true) {
            until
                .tasks
                .spawn(sweep(Arc::downgrade(self), until.clone()));
        }
    }

    fn state(&self) -> MutexGuard<'_, Idle> {
        // Held for look-ups only, never across a wait.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the connections of a desktop do not outlive.
#[derive(Clone, Debug)]
pub(super) struct Until {
    /// Cancelled when the desktop ends.
    pub(super) cut: CancellationToken,
    /// The server itself, and where its tasks run.
    pub(super) tasks: Tasks,
}

impl Until {
    fn is_over(&self) -> bool {
        self.cut.is_cancelled() || self.tasks.hard().is_cancelled()
    }

    /// Resolves when the desktop or the server has ended.
    pub(super) async fn over(&self) {
        let hard = self.tasks.hard();
        tokio::select! {
            () = self.cut.cancelled() => {}
            () = hard.cancelled() => {}
        }
    }
}

/// Closes what nobody has used for a while, and everything when the desktop ends; ends when there is nothing left.
async fn sweep(pool: Weak<Pool>, until: Until) {
    loop {
        let over = tokio::time::timeout(KEPT_FOR / 3, until.over())
            .await
            .is_ok();
        let Some(pool) = pool.upgrade() else { return };
        let mut idle = pool.state();
        idle.connections
            .retain_mut(|kept| !over && kept.since.elapsed() < KEPT_FOR && kept.connection.rest());
        if idle.connections.is_empty() {
            idle.swept = false;
            return;
        }
    }
}

/// An answer's body. Read to its end, it gives the connection back; dropped before, it closes it.
#[derive(Debug)]
pub struct PooledBody {
    body: Incoming,
    after: Option<After>,
}

/// What becomes of the connection after the answer.
#[derive(Debug)]
pub(super) struct After {
    pub(super) connection: Driven,
    pub(super) pool: Arc<Pool>,
    pub(super) bounds: Bounds,
    pub(super) until: Until,
    /// The request's own body: a connection whose desktop answered before it was all sent serves no other.
    pub(super) sent: LastMove,
    pub(super) turn: Turn,
}

impl PooledBody {
    pub(super) fn new(body: Incoming, after: After) -> Self {
        let mut body = Self {
            body,
            after: Some(after),
        };
        body.settle();
        body
    }

    /// Gives the connection back when the answer is at its end.
    fn settle(&mut self) {
        if self.body.is_end_stream() {
            self.give_back();
        }
    }

    fn give_back(&mut self) {
        if let Some(mut after) = self.after.take()
            && after.sent.ended()
            && after.connection.rest()
        {
            after
                .pool
                .keep(after.connection, &after.bounds, &after.until);
            drop(after.turn);
        }
    }
}

impl HttpBody for PooledBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let mut frame = Pin::new(&mut self.body).poll_frame(cx);
        if frame.is_pending()
            && let Some(after) = &mut self.after
        {
            after.connection.poll_drive(cx);
            frame = Pin::new(&mut self.body).poll_frame(cx);
        }
        match &frame {
            Poll::Ready(None) => self.give_back(),
            Poll::Ready(Some(Ok(_))) => self.settle(),
            // What broke off is closed.
            Poll::Ready(Some(Err(_))) => self.after = None,
            Poll::Pending => {}
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use hyper::client::conn::http1;
    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt, DuplexStream};

    use super::*;
    use crate::upstream::{driven::Came, progress::Watched};

    /// An idle connection and its other end.
    async fn connection() -> (Driven, DuplexStream) {
        let (here, there) = tokio::io::duplex(1024);
        let opened = http1::handshake::<_, Watched>(TokioIo::new(here)).await;
        let (sender, wire) = opened.unwrap();
        (Driven::new(sender, Box::pin(wire), Came::default()), there)
    }

    fn until() -> Until {
        Until {
            cut: CancellationToken::new(),
            tasks: Tasks::new(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_is_closed_after_its_time() {
        let (pool, bounds, until) = (Arc::new(Pool::default()), Bounds::default(), until());
        let (early, mut first) = connection().await;
        pool.keep(early, &bounds, &until);
        tokio::time::sleep(KEPT_FOR / 2).await;
        let (late, mut second) = connection().await;
        pool.keep(late, &bounds, &until);
        assert_eq!(pool.idle(), 2);
        let began = Instant::now();
        assert_eq!(first.read(&mut [0]).await.unwrap(), 0, "closed");
        assert!(began.elapsed() <= KEPT_FOR);
        assert_eq!(pool.idle(), 1);
        assert_eq!(second.read(&mut [0]).await.unwrap(), 0, "closed");
        assert_eq!(pool.idle(), 0);
        assert_eq!(bounds.kept.available_permits(), KEPT_OVERALL);
        // What comes later is swept again.
        let (again, mut third) = connection().await;
        pool.keep(again, &bounds, &until);
        assert_eq!(third.read(&mut [0]).await.unwrap(), 0, "closed");
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_are_kept_than_there_is_room_for() {
        let (bounds, until) = (Bounds::default(), until());
        let pool = Arc::new(Pool::default());
        let mut ends = Vec::new();
        for _ in 0..KEPT + 3 {
            let (one, end) = connection().await;
            pool.keep(one, &bounds, &until);
            ends.push(end);
        }
        assert_eq!(pool.idle(), KEPT);
        // All desktops together have used up their room.
        let rest = u32::try_from(bounds.kept.available_permits()).unwrap();
        let _others = bounds.kept.try_acquire_many(rest).unwrap();
        let other = Arc::new(Pool::default());
        let (one, _end) = connection().await;
        other.keep(one, &bounds, &until);
        assert_eq!(other.idle(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_no_turn_in_time_is_told_so() {
        let (pool, bounds) = (Pool::default(), Bounds::default());
        let mut turns = Vec::new();
        for _ in 0..AT_ONCE {
            turns.push(pool.turn(&bounds).await.unwrap());
        }
        let began = Instant::now();
        let late = pool.turn(&bounds).await.unwrap_err();
        assert!(matches!(late, UpstreamError::TooSlow(_)), "{late}");
        assert_eq!(began.elapsed(), ROOM);
        // Another desktop does not wait for this one.
        Pool::default().turn(&bounds).await.unwrap();
        turns.pop();
        pool.turn(&bounds).await.unwrap();
    }
}
