//! Bytes both ways between a browser and a desktop, and a proper goodbye.
//!
//! One task polls both directions, each with one buffer of its own that is used again and again: nothing is allocated
//! or copied per chunk, and a side that does not read stops the other one (backpressure). Frames are followed, never
//! taken apart; they only tell where a Close frame of our own may stand.

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::Bytes;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    time::Sleep,
};
use tokio_util::sync::CancellationToken;

use super::frames::{Frames, close_frame};

/// Keys, pointer, clipboard.
const TO_DESKTOP: usize = 16 * 1024;
/// Pictures: two TLS records in one write.
const TO_BROWSER: usize = 32 * 1024;
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
    /// The server ends.
    pub(crate) server: CancellationToken,
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

/// Carries bytes until one side ends or the stream is cut, then closes properly.
pub(crate) async fn run<B, D>(browser: Side<B>, desktop: Side<D>, cuts: &Cuts) -> Outcome
where
    B: AsyncRead + AsyncWrite + Unpin,
    D: AsyncRead + AsyncWrite + Unpin,
{
    let mut relay = Relay {
        up: Direction::new(TO_DESKTOP, &browser.early),
        down: Direction::new(TO_BROWSER, &desktop.early),
        browser: browser.stream,
        desktop: desktop.stream,
        up_is: Up::Open,
        patience: None,
    };
    let ending = tokio::select! {
        biased;
        () = cuts.stopped.cancelled() => Ending::Stopped,
        () = cuts.signed_out.cancelled() => Ending::SignedOut,
        () = cuts.server.cancelled() => Ending::ServerStopping,
        ending = poll_fn(|cx| relay.poll(cx)) => ending,
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
        while self.browser.read(&mut self.up.buffer).await? > 0 {}
        Ok(())
    }
}

/// How one direction came to its end.
enum Over {
    /// Everything was read and passed on.
    Ended,
    ReadFailed,
    WriteFailed,
}

struct Direction {
    buffer: Box<[u8]>,
    /// Read and not yet written: `buffer[start..end]`.
    start: usize,
    end: usize,
    /// Where in the buffer the last complete frame ends, if it does there.
    boundary: Option<usize>,
    frames: Frames,
    ended: bool,
    unflushed: bool,
    written: u64,
}

impl Direction {
    fn new(size: usize, early: &[u8]) -> Self {
        let mut buffer = vec![0; size.max(early.len())];
        buffer[..early.len()].copy_from_slice(early);
        let mut direction = Self {
            buffer: buffer.into(),
            start: 0,
            end: 0,
            boundary: Some(0),
            frames: Frames::default(),
            ended: false,
            unflushed: false,
            written: 0,
        };
        direction.took(early.len());
        direction
    }

    /// Moves what can be moved. Pending means that something will wake the task when there is more to do.
    fn poll<R, W>(&mut self, cx: &mut Context<'_>, from: &mut R, to: &mut W) -> Poll<Over>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        loop {
            if self.fill(cx, from).is_err() {
                return Poll::Ready(Over::ReadFailed);
            }
            while self.start < self.end {
                let bytes = &self.buffer[self.start..self.end];
                match ready!(Pin::new(&mut *to).poll_write(cx, bytes)) {
                    Ok(count) if count > 0 => {
                        self.start += count;
                        self.written += count as u64;
                        self.unflushed = true;
                    }
                    _ => return Poll::Ready(Over::WriteFailed),
                }
            }
            let was_full = self.end == self.buffer.len();
            self.start_again();
            if was_full {
                // The reader was not asked until it had no more: it would not wake us.
                continue;
            }
            if self.unflushed {
                if ready!(Pin::new(&mut *to).poll_flush(cx)).is_err() {
                    return Poll::Ready(Over::WriteFailed);
                }
                self.unflushed = false;
            }
            return if self.ended {
                Poll::Ready(Over::Ended)
            } else {
                Poll::Pending
            };
        }
    }

    /// Reads until the buffer is full, the reader has no more for now, or it ends: fewer and larger writes.
    fn fill<R: AsyncRead + Unpin>(&mut self, cx: &mut Context<'_>, from: &mut R) -> io::Result<()> {
        while !self.ended && self.end < self.buffer.len() {
            let mut room = ReadBuf::new(&mut self.buffer[self.end..]);
            match Pin::new(&mut *from).poll_read(cx, &mut room) {
                Poll::Pending => return Ok(()),
                Poll::Ready(read) => {
                    let count = room.filled().len();
                    read?;
                    self.ended = count == 0;
                    self.took(count);
                }
            }
        }
        Ok(())
    }

    /// Ready when [`Self::complete_frames`] has an answer: passes on the rest of a frame whose beginning is gone.
    fn poll_complete<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut R,
        to: &mut W,
    ) -> Poll<io::Result<()>>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        while self.complete_frames().is_none() && !self.ended {
            while self.start < self.end {
                let bytes = &self.buffer[self.start..self.end];
                let count = ready!(Pin::new(&mut *to).poll_write(cx, bytes))?;
                if count == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                self.start += count;
                self.written += count as u64;
            }
            self.start_again();
            self.fill(cx, from)?;
            if self.end == 0 && !self.ended {
                return Poll::Pending;
            }
        }
        Poll::Ready(Ok(()))
    }

    fn took(&mut self, count: usize) {
        let fresh = self.end..self.end + count;
        if let Some(at) = self.frames.advance(&self.buffer[fresh]) {
            self.boundary = Some(self.end + at);
        }
        self.end += count;
    }

    fn start_again(&mut self) {
        self.start = 0;
        self.end = 0;
        self.boundary = self.frames.at_boundary().then_some(0);
    }

    /// What is still to be written so that the writer stands between two frames; `None` when that cannot be had from
    /// what is here.
    fn complete_frames(&self) -> Option<&[u8]> {
        let boundary = self.boundary?;
        self.buffer.get(self.start..boundary)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{DuplexStream, duplex};

    use super::*;

    /// A relay between two pipes, seen from both far ends.
    struct Bench {
        browser: DuplexStream,
        desktop: DuplexStream,
        cuts: Cuts,
        relay: tokio::task::JoinHandle<Outcome>,
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the relay of a test ends with the test"
    )]
    fn bench_with(pipe: usize, from_browser: &[u8], from_desktop: &[u8]) -> Bench {
        let (browser, ours) = duplex(pipe);
        let (desktop, theirs) = duplex(pipe);
        let cuts = Cuts {
            stopped: CancellationToken::new(),
            signed_out: CancellationToken::new(),
            server: CancellationToken::new(),
        };
        let side = |stream, early: &[u8]| Side {
            stream,
            early: Bytes::copy_from_slice(early),
        };
        let (one, other, watched) = (
            side(ours, from_browser),
            side(theirs, from_desktop),
            cuts.clone(),
        );
        let relay = tokio::spawn(async move { run(one, other, &watched).await });
        Bench {
            browser,
            desktop,
            cuts,
            relay,
        }
    }

    fn bench() -> Bench {
        bench_with(64, b"", b"")
    }

    fn binary(payload: &[u8]) -> Vec<u8> {
        let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
        [&[0x82, 126], &length[..], payload].concat()
    }

    fn masked_close(code: u16) -> Vec<u8> {
        let payload = code.to_be_bytes();
        [&[0x88, 0x82, 0, 0, 0, 0], &payload[..]].concat()
    }

    async fn read_exactly(stream: &mut DuplexStream, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        stream.read_exact(&mut bytes).await.unwrap();
        bytes
    }

    async fn rest(stream: &mut DuplexStream) -> Vec<u8> {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        bytes
    }

    #[tokio::test]
    async fn bytes_pass_unchanged_both_ways_and_are_counted() {
        let frame = binary(
            &(0..60_000_u32)
                .map(|n| u8::try_from(n % 251).unwrap())
                .collect::<Vec<_>>(),
        );
        let Bench {
            browser,
            desktop,
            relay,
            ..
        } = bench_with(700, b"early ", &frame[..10]);
        let (mut browser_in, mut browser_out) = tokio::io::split(browser);
        let (mut desktop_in, mut desktop_out) = tokio::io::split(desktop);
        let up = vec![7; 100_000];
        let sending = async {
            browser_out.write_all(&up).await.unwrap();
            browser_out.shutdown().await.unwrap();
        };
        let answering = async {
            desktop_out.write_all(&frame[10..]).await.unwrap();
        };
        let receiving = async {
            let mut got = Vec::new();
            desktop_in.read_to_end(&mut got).await.unwrap();
            got
        };
        let watching = async {
            let mut got = vec![0; frame.len()];
            browser_in.read_exact(&mut got).await.unwrap();
            got
        };
        let ((), (), got_up, got_down) = tokio::join!(sending, answering, receiving, watching);
        assert!(
            got_up.starts_with(b"early ") && got_up[6..] == up,
            "browser → desktop"
        );
        assert!(got_down == frame, "desktop → browser");
        drop((desktop_in, desktop_out));
        let mut last = Vec::new();
        browser_in.read_to_end(&mut last).await.unwrap();
        assert_eq!(last, close_frame(Some(1001), "desktop ended"));
        let outcome = relay.await.unwrap();
        assert_eq!(outcome.ending, Ending::DesktopEnded);
        assert_eq!(outcome.to_desktop, 100_006);
        assert_eq!(outcome.to_browser, frame.len() as u64);
    }

    #[tokio::test]
    async fn every_cut_says_why() {
        type Cut = fn(&Cuts) -> &CancellationToken;
        let table: [(Cut, Ending, u16, &str); 3] = [
            (
                |cuts| &cuts.stopped,
                Ending::Stopped,
                4000,
                "desktop stopped",
            ),
            (
                |cuts| &cuts.signed_out,
                Ending::SignedOut,
                4001,
                "signed out",
            ),
            (
                |cuts| &cuts.server,
                Ending::ServerStopping,
                1012,
                "server restarting",
            ),
        ];
        for (which, ending, code, words) in table {
            let Bench {
                mut browser,
                mut desktop,
                cuts,
                relay,
            } = bench();
            desktop.write_all(&binary(b"hello")).await.unwrap();
            read_exactly(&mut browser, binary(b"hello").len()).await;
            which(&cuts).cancel();
            assert_eq!(rest(&mut browser).await, close_frame(Some(code), words));
            drop(browser);
            assert_eq!(relay.await.unwrap().ending, ending);
            assert_eq!(rest(&mut desktop).await, b"", "the desktop is let go");
        }
    }

    #[tokio::test]
    async fn no_close_frame_stands_inside_another_frame() {
        let Bench {
            mut browser,
            mut desktop,
            relay,
            ..
        } = bench();
        let frame = binary(&[1; 100]);
        desktop.write_all(&frame[..50]).await.unwrap();
        drop(desktop);
        assert_eq!(rest(&mut browser).await, frame[..50]);
        drop(browser);
        assert_eq!(relay.await.unwrap().ending, Ending::DesktopEnded);
    }

    #[tokio::test]
    async fn a_cut_in_a_stream_that_never_pauses_still_ends_between_frames() {
        let frame = binary(&[3; 400]);
        let stream = frame.repeat(20);
        let Bench {
            mut browser,
            mut desktop,
            cuts,
            relay,
        } = bench_with(50, b"", b"");
        let flood = async {
            // Goes on until the relay lets go.
            while desktop.write_all(&stream).await.is_ok() {}
        };
        let look = async {
            let start = read_exactly(&mut browser, 1_000).await;
            cuts.stopped.cancel();
            let rest = rest(&mut browser).await;
            drop(browser);
            [start, rest].concat()
        };
        let ((), seen) = tokio::join!(flood, look);
        let close = close_frame(Some(4000), "desktop stopped");
        let frames = seen
            .strip_suffix(&close[..])
            .expect("a Close frame at the end");
        assert_eq!(frames.len() % frame.len(), 0, "whole frames before it");
        assert_eq!(relay.await.unwrap().ending, Ending::Stopped);
    }

    #[tokio::test]
    async fn the_browsers_close_is_answered_when_the_desktop_hangs_up_without_a_word() {
        let Bench {
            mut browser,
            mut desktop,
            relay,
            ..
        } = bench();
        browser.write_all(&masked_close(1000)).await.unwrap();
        assert_eq!(read_exactly(&mut desktop, 8).await, masked_close(1000));
        drop(desktop);
        assert_eq!(rest(&mut browser).await, close_frame(Some(1000), ""));
        drop(browser);
        assert_eq!(relay.await.unwrap().ending, Ending::BrowserClosed);
    }

    #[tokio::test(start_paused = true)]
    async fn the_browsers_close_is_answered_also_when_the_desktop_ignores_it() {
        let Bench {
            mut browser,
            desktop,
            relay,
            ..
        } = bench();
        browser.write_all(&masked_close(4321)).await.unwrap();
        assert_eq!(rest(&mut browser).await, close_frame(Some(4321), ""));
        drop(browser);
        assert_eq!(relay.await.unwrap().ending, Ending::BrowserClosed);
        drop(desktop);
    }

    #[tokio::test]
    async fn a_close_of_the_desktop_itself_is_the_only_one() {
        let Bench {
            mut browser,
            mut desktop,
            relay,
            ..
        } = bench();
        let own = close_frame(Some(3000), "application says so");
        desktop.write_all(&own).await.unwrap();
        drop(desktop);
        assert_eq!(rest(&mut browser).await, own);
        drop(browser);
        relay.await.unwrap();
    }

    #[tokio::test]
    async fn a_browser_that_sends_no_more_may_still_listen() {
        let Bench {
            mut browser,
            mut desktop,
            relay,
            ..
        } = bench();
        browser.write_all(b"last words").await.unwrap();
        browser.shutdown().await.unwrap();
        assert_eq!(rest(&mut desktop).await, b"last words");
        let answer = binary(b"answer");
        desktop.write_all(&answer).await.unwrap();
        assert_eq!(read_exactly(&mut browser, answer.len()).await, answer);
        drop(desktop);
        assert_eq!(
            rest(&mut browser).await,
            close_frame(Some(1001), "desktop ended")
        );
        drop(browser);
        assert_eq!(relay.await.unwrap().ending, Ending::DesktopEnded);
    }

    #[tokio::test(start_paused = true)]
    async fn a_half_closed_stream_does_not_stay_for_ever() {
        let Bench {
            mut browser,
            desktop,
            relay,
            ..
        } = bench();
        browser.shutdown().await.unwrap();
        assert_eq!(relay.await.unwrap().ending, Ending::BrowserGone);
        drop((browser, desktop));
    }

    #[tokio::test(start_paused = true)]
    async fn a_browser_that_does_not_read_stops_the_desktop_and_not_the_goodbye() {
        let Bench {
            browser,
            mut desktop,
            cuts,
            relay,
        } = bench();
        let mut sent = 0;
        let chunk = binary(&[0; 1000]);
        while let Ok(wrote) =
            tokio::time::timeout(Duration::from_secs(1), desktop.write(&chunk)).await
        {
            sent += wrote.unwrap();
        }
        assert!(
            sent < TO_BROWSER + 3 * 64 + chunk.len(),
            "{sent} bytes are held for a browser that reads none"
        );
        cuts.stopped.cancel();
        assert_eq!(relay.await.unwrap().ending, Ending::Stopped);
        drop(browser);
    }
}
