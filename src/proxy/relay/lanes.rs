//! The threads that streams run on: one for each processor, each with an event loop of its own.
//!
//! On the server's own runtime any worker may carry a stream next, and one that has found work wakes another to look
//! for more; a message of a few bytes then costs a wake-up that nobody needed. Here a stream stays on one thread from
//! its first byte to its last, and nobody but the kernel wakes that thread.

use std::{
    io,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use tokio::{
    net::TcpStream,
    runtime::{Builder, Handle},
};

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
        .spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    Ok(Lane {
        handle,
        streams: AtomicUsize::new(0),
    })
}
