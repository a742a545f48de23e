//! A connection that serves one request after another, and who drives it.
//!
//! hyper's connection does nothing by itself: somebody has to poll it. Usually whoever waits for the answer does so in
//! the same breath, and no other thread is woken for a request. A request with a body is different: what is sent must
//! go on while nobody reads the answer, so a task of its own drives the connection as long as that request lasts.

use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use hyper::{
    body::{Body as _, Incoming},
    client::conn::{TrySendError, http1::SendRequest},
};
use tokio::{sync::oneshot, time::timeout};

use super::progress::Watched;
use crate::lifecycle::Tasks;

/// How long a connection may take to be done with its last request. It is a matter of microseconds.
const DONE: Duration = Duration::from_millis(100);

/// hyper's connection: resolves when it is over.
pub(super) type Wire = Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>;

/// An open connection. Dropping it closes it.
pub(super) struct Driven {
    sender: SendRequest<Watched>,
    driver: Driver,
    /// Bytes that came on it by now.
    came: Came,
}

enum Driver {
    /// Whoever waits for something of it.
    Here(Wire),
    /// A task. Told that the request is over, it gives the connection back; not told any more, it ends it.
    Task {
        over: Option<oneshot::Sender<()>>,
        wire: oneshot::Receiver<Wire>,
    },
    /// Nobody any more: it has ended.
    Ended,
}

/// Counts what came on a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Came(Arc<AtomicU64>);

impl Came {
    pub(super) fn add(&self, bytes: usize) {
        self.0.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Driven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driven").finish_non_exhaustive()
    }
}

impl Driven {
    pub(super) fn new(sender: SendRequest<Watched>, wire: Wire, came: Came) -> Self {
        Self {
            sender,
            driver: Driver::Here(wire),
            came,
        }
    }

    /// Bytes that came on it by now.
    pub(super) fn came(&self) -> u64 {
        self.came.bytes()
    }

    /// Sends `request` and answers the head of the answer. Its body comes only while [`Self::poll_drive`] is called.
    pub(super) async fn send(
        &mut self,
        request: http::Request<Watched>,
        tasks: &Tasks,
    ) -> Result<http::Response<Incoming>, TrySendError<http::Request<Watched>>> {
        if !request.body().is_end_stream() {
            self.hand_over(tasks);
        }
        let mut answer = std::pin::pin!(self.sender.try_send_request(request));
        let driver = &mut self.driver;
        poll_fn(|cx| {
            driver.poll(cx);
            answer.as_mut().poll(cx)
        })
        .await
    }

    /// Lets the connection go on, for whoever reads an answer's body.
    pub(super) fn poll_drive(&mut self, cx: &mut Context<'_>) {
        self.driver.poll(cx);
    }

    /// Lets a task drive it until the request is over.
    fn hand_over(&mut self, tasks: &Tasks) {
        let Driver::Here(mut wire) = std::mem::replace(&mut self.driver, Driver::Ended) else {
            return;
        };
        let (over, mut is_over) = oneshot::channel();
        let (give, given) = oneshot::channel();
        tasks.spawn(async move {
            tokio::select! {
                biased;
                told = &mut is_over => {
                    if told.is_ok() {
                        give.send(wire).ok();
                    }
                }
                // An error reaches whoever waits for the answer or reads its body.
                _ = wire.as_mut() => {}
            }
        });
        self.driver = Driver::Task {
            over: Some(over),
            wire: given,
        };
    }

    /// The request is over and its answer read: nobody waits for the connection, and nobody is woken by it.
    /// Answers whether it is still open.
    pub(super) fn rest(&mut self) -> bool {
        match &mut self.driver {
            Driver::Here(_) => {
                self.driver.poll(&mut Context::from_waker(Waker::noop()));
                !matches!(self.driver, Driver::Ended)
            }
            Driver::Task { over, .. } => over.take().is_some_and(|over| over.send(()).is_ok()),
            Driver::Ended => false,
        }
    }

    /// The same connection when it can serve another request; `None` when it has ended. What came while nobody
    /// looked (an end, most of all) is seen now.
    pub(super) async fn ready(mut self) -> Option<Self> {
        if let Driver::Task { wire, .. } = &mut self.driver {
            self.driver = Driver::Here(timeout(DONE, wire).await.ok()?.ok()?);
        }
        let ready = poll_fn(|cx| {
            self.driver.poll(cx);
            self.sender.poll_ready(cx)
        });
        timeout(DONE, ready).await.ok()?.ok()?;
        matches!(self.driver, Driver::Here(_)).then_some(self)
    }
}

impl Driver {
    fn poll(&mut self, cx: &mut Context<'_>) {
        if let Self::Here(wire) = self
            && let Poll::Ready(_) = wire.as_mut().poll(cx)
        {
            // An error reaches whoever waits for the answer or reads its body.
            *self = Self::Ended;
        }
    }
}
