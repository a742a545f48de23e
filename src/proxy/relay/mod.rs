//! Bytes both ways between a browser and a desktop, and a proper goodbye.
//!
//! One task polls both directions, on one thread ([`lanes`]), in buffers that are held only while bytes wait in them
//! ([`lent`]): nothing is allocated or copied per chunk, and a side that does not read stops the other one
//! (backpressure). Frames are followed, never taken apart; they only tell where a Close frame of our own may stand.

mod direction;
pub(super) mod lanes;
mod lent;
#[cfg(test)]
mod tests;

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::Bytes;
use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::Sleep,
};
use tokio_util::sync::CancellationToken;

use super::frames::close_frame;
pub(crate) use direction::Observer;
use direction::{Direction, Over};

/// How long one side may go on after the other has said Close, or has stopped sending.
const AFTER_CLOSE: Duration = Duration::from_secs(2);
const AFTER_HALF_CLOSE: Duration = Duration::from_secs(10);
/// How long the last bytes and the Close frame may take to leave.
const GOODBYE: Duration = Duration::from_secs(1);

/// Why a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The browser said Close: its own code is answered.
    BrowserClosed,
    /// The browser's connection ended without a word.
    BrowserGone,
    /// The desktop's connection ended: 1001.
    DesktopEnded,
    /// The desktop was stopped by us: 4000.
    Stopped,
    /// The session that opened the stream ended: 4001.
    SignedOut,
    /// The visitor's invitation ended: 4002.
    ShareOver,
    /// The look of this stream allows something else now: 1012, which tells a client to connect again.
    LookChanged,
    /// This server stops, the desktop goes on: 1012, which tells a client to connect again.
    ServerStopping,
}

impl Ending {
    fn words(self) -> (u16, &'static str) {
        match self {
            Self::BrowserClosed | Self::BrowserGone => (1000, ""),
            Self::DesktopEnded => (1001, "desktop ended"),
            Self::Stopped => (4000, "desktop stopped"),
            Self::SignedOut => (4001, "signed out"),
            Self::ShareOver => (4002, "sharing ended"),
            Self::LookChanged => (1012, "connect again"),
            Self::ServerStopping => (1012, "server restarting"),
        }
    }
}

/// What ends a stream from outside.
#[derive(Clone, Debug)]
pub(crate) struct Cuts {
    /// The desktop ends.
    pub(crate) stopped: CancellationToken,
    /// The session ends.
    pub(crate) signed_out: CancellationToken,
    /// What let a visitor in ends; for everybody else it never does.
    pub(crate) share_over: CancellationToken,
    /// What an administrator or a visitor may do changes; for the owner it never does.
    pub(crate) look_changed: CancellationToken,
    /// The server ends.
    pub(crate) server: CancellationToken,
}

impl Cuts {
    /// Resolves with the first of them.
    async fn first(&self) -> Ending {
        tokio::select! {
            biased;
            () = self.stopped.cancelled() => Ending::Stopped,
            () = self.signed_out.cancelled() => Ending::SignedOut,
            () = self.share_over.cancelled() => Ending::ShareOver,
            () = self.look_changed.cancelled() => Ending::LookChanged,
            () = self.server.cancelled() => Ending::ServerStopping,
        }
    }
}

/// How a stream went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Why it ended.
    pub(crate) ending: Ending,
    /// Bytes that went to the desktop.
    pub(crate) to_desktop: u64,
    /// Bytes that went to the browser.
    pub(crate) to_browser: u64,
}

/// One side of a stream: its connection, and what was read from it together with the handshake.
#[derive(Debug)]
pub(crate) struct Side<S> {
    /// The raw connection.
    pub(crate) stream: S,
    /// Bytes that come first.
    pub(crate) early: Bytes,
}

/// Carries bytes until one side ends or the stream is cut, then closes properly. `observer` is shown what the browser
/// sends.
pub(crate) async fn run<B, D>(
    browser: Side<B>,
    desktop: Side<D>,
    cuts: &Cuts,
    observer: Option<Observer>,
) -> Outcome
where
    B: AsyncRead + AsyncWrite + Unpin,
    D: AsyncRead + AsyncWrite + Unpin,
{
    let mut relay = Relay {
        up: Direction::new(&browser.early, observer),
        down: Direction::new(&desktop.early, None),
        browser: browser.stream,
        desktop: desktop.stream,
        up_is: Up::Open,
        patience: None,
    };
    // Each holds the whole buffer its head was read into.
    drop((browser.early, desktop.early));
    // In a set of its own the cuts are looked at when one is made, and not again with every message.
    let mut cut = FuturesUnordered::from_iter([cuts.first()]);
    let ending = tokio::select! {
        biased;
        Some(ending) = cut.next() => ending,
        ending = poll_fn(|cx| {
            let before = relay.passed();
            let polled = relay.poll(cx);
            if relay.passed() != before {
                lanes::moved(std::ptr::from_ref(&relay).addr());
            }
            polled
        }) => ending,
    };
    // Whoever does not take the goodbye goes without.
    let _ = tokio::time::timeout(GOODBYE, relay.say_goodbye(ending)).await;
    Outcome {
        ending,
        to_desktop: relay.up.written,
        to_browser: relay.down.written,
    }
}

struct Relay<B, D> {
    browser: B,
    desktop: D,
    up: Direction,
    down: Direction,
    up_is: Up,
    patience: Option<Pin<Box<Sleep>>>,
}

/// The direction from the browser to the desktop.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Up {
    Open,
    /// The browser sends no more; the desktop is being told.
    Telling,
    Done,
}

impl<B, D> Relay<B, D>
where
    B: AsyncRead + AsyncWrite + Unpin,
    D: AsyncRead + AsyncWrite + Unpin,
{
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ending> {
        match self.down.poll(cx, &mut self.desktop, &mut self.browser) {
            Poll::Ready(Over::Ended | Over::ReadFailed) => {
                return Poll::Ready(self.desktop_ended());
            }
            Poll::Ready(Over::WriteFailed) => return Poll::Ready(self.browser_ended()),
            Poll::Pending => {}
        }
        if self.up_is == Up::Open {
            match self.up.poll(cx, &mut self.browser, &mut self.desktop) {
                Poll::Ready(Over::Ended) => {
                    self.up_is = Up::Telling;
                    self.wait_at_most(AFTER_HALF_CLOSE);
                }
                // Its last words may still be on the way to the browser.
                Poll::Ready(Over::WriteFailed) => {
                    self.up_is = Up::Done;
                    self.wait_at_most(AFTER_CLOSE);
                }
                Poll::Ready(Over::ReadFailed) => return Poll::Ready(self.browser_ended()),
                Poll::Pending => {}
            }
        }
        if self.up_is == Up::Telling && Pin::new(&mut self.desktop).poll_shutdown(cx).is_ready() {
            self.up_is = Up::Done;
        }
        if self.up.frames.closed() || self.down.frames.closed() {
            self.wait_at_most(AFTER_CLOSE);
        }
        match &mut self.patience {
            Some(patience) => {
                ready!(patience.as_mut().poll(cx));
                Poll::Ready(if self.down.frames.closed() && !self.up.frames.closed() {
                    Ending::DesktopEnded
                } else {
                    self.browser_ended()
                })
            }
            None => Poll::Pending,
        }
    }

    /// Bytes that went either way.
    fn passed(&self) -> u64 {
        self.up.written + self.down.written
    }

    fn desktop_ended(&self) -> Ending {
        if self.up.frames.closed() {
            Ending::BrowserClosed
        } else {
            Ending::DesktopEnded
        }
    }

    fn browser_ended(&self) -> Ending {
        if self.up.frames.closed() {
            Ending::BrowserClosed
        } else {
            Ending::BrowserGone
        }
    }

    fn wait_at_most(&mut self, limit: Duration) {
        if self.patience.is_none() {
            self.patience = Some(Box::pin(tokio::time::sleep(limit)));
        }
    }

    /// Sends what belongs to complete frames and then our Close, unless one has passed already or the desktop ended
    /// in the middle of a frame. Then waits for the browser to hang up: bytes it still sends would otherwise turn our
    /// goodbye into a reset.
    async fn say_goodbye(&mut self, ending: Ending) -> io::Result<()> {
        let close = match ending {
            Ending::BrowserGone => None,
            _ if self.down.frames.closed() => Some(Vec::new()),
            Ending::BrowserClosed => Some(close_frame(self.up.frames.close_code(), "")),
            _ => {
                let (code, reason) = ending.words();
                Some(close_frame(Some(code), reason))
            }
        };
        if close.is_some() {
            poll_fn(|cx| {
                self.down
                    .poll_complete(cx, &mut self.desktop, &mut self.browser)
            })
            .await?;
        }
        if let (Some(close), Some(frames)) = (close, self.down.complete_frames()) {
            self.browser.write_all(frames).await?;
            self.browser.write_all(&close).await?;
            self.browser.flush().await?;
        }
        self.browser.shutdown().await?;
        let mut unheard = [0; 512];
        while self.browser.read(&mut unheard).await? > 0 {}
        Ok(())
    }
}
