//! The threads that streams run on: one for each processor, each with an event loop of its own.
//!
//! On the server's own runtime any worker may carry a stream next, and one that has found work wakes another to look
//! for more; a message of a few bytes then costs a wake-up that nobody needed. Here a stream stays on one thread from
//! its first byte to its last, and nobody but the kernel wakes that thread.
//!
//! A thread that sleeps takes longer to wake than a message takes to pass. So a lane on which a single stream is busy
//! looks on for [`AWAKE`] after each of its messages before it sleeps: whoever answers at once finds it awake. Where
//! several streams are busy the next message is there anyway, and an idle stream costs nothing.

use std::{
    cell::RefCell,
    future::poll_fn,
    io,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Poll, Waker},
    thread,
    time::Duration,
};

use tokio::{
    net::TcpStream,
    runtime::{Builder, Handle},
    task::yield_now,
    time::Instant,
};

/// How long a lane stays awake for the next message: a pointer that moves a hundred times a second costs half of a
/// hundredth of a processor by it.
const AWAKE: Duration = Duration::from_micros(50);
/// After so many messages of one stream without any of another one, it is the only busy one.
const ALONE: u32 = 8;

/// One thread, and how many streams are on it.
#[derive(Debug)]
struct Lane {
    handle: Handle,
    streams: AtomicUsize,
}

/// Made with the first stream. The process's threads end with the process; what runs on them is awaited by the tasks
/// that called [`carry`].
static LANES: OnceLock<Vec<Lane>> = OnceLock::new();

/// Runs `stream` on the thread that has the fewest, and answers what it answers. Dropping the future does not stop the
/// stream: its cuts do. Without threads of our own (the system refuses more), it runs where it was called.
pub(crate) async fn carry<F>(stream: F) -> io::Result<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let lanes = LANES.get_or_init(open);
    let least = lanes
        .iter()
        .min_by_key(|lane| lane.streams.load(Ordering::Relaxed));
    let Some(lane) = least else {
        return Ok(stream.await);
    };
    let counted = Counted::on(lane);
    let carried = lane.handle.spawn(async move {
        let _counted = counted;
        stream.await
    });
    carried.await.map_err(io::Error::other)
}

/// Hands a connection to the event loop of the thread that calls this.
pub(crate) fn here(socket: TcpStream) -> io::Result<TcpStream> {
    TcpStream::from_std(socket.into_std()?)
}

thread_local! {
    static WATCH: RefCell<Watch> = const { RefCell::new(Watch { moved: None, by: 0, in_row: 0, asleep: None }) };
}

/// What the thread of a lane knows of its streams.
struct Watch {
    /// When one last moved.
    moved: Option<Instant>,
    /// Which one that was.
    by: usize,
    /// How often it has moved since another one did.
    in_row: u32,
    /// Wakes [`keep_watch`].
    asleep: Option<Waker>,
}

/// A stream on this thread moved bytes; `stream` tells it from the others.
pub(super) fn moved(stream: usize) {
    WATCH.with_borrow_mut(|watch| {
        if watch.by != stream {
            watch.by = stream;
            watch.in_row = 0;
        }
        watch.in_row = watch.in_row.saturating_add(1);
        if watch.in_row < ALONE {
            watch.moved = None;
            return;
        }
        watch.moved = Some(Instant::now());
        if let Some(asleep) = watch.asleep.take() {
            asleep.wake();
        }
    });
}

/// Keeps the event loop from sleeping while the only busy stream has just moved; asleep itself otherwise.
async fn keep_watch() {
    loop {
        poll_fn(|cx| {
            WATCH.with_borrow_mut(|watch| match watch.moved {
                Some(at) if at.elapsed() < AWAKE => Poll::Ready(()),
                _ => {
                    watch.asleep = Some(cx.waker().clone());
                    Poll::Pending
                }
            })
        })
        .await;
        // The loop asks the kernel for news without waiting, and comes back here.
        yield_now().await;
    }
}

/// A stream on a lane.
struct Counted(&'static Lane);

impl Counted {
    fn on(lane: &'static Lane) -> Self {
        lane.streams.fetch_add(1, Ordering::Relaxed);
        Self(lane)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.streams.fetch_sub(1, Ordering::Relaxed);
    }
}

fn open() -> Vec<Lane> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    (0..processors).map_while(|_| lane().ok()).collect()
}

fn lane() -> io::Result<Lane> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new()
        .name("streams".into())
        .spawn(move || {
            runtime.spawn(keep_watch());
            runtime.block_on(std::future::pending::<()>());
        })?;
    Ok(Lane {
        handle,
        streams: AtomicUsize::new(0),
    })
}
