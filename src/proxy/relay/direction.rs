//! One direction of a stream: a buffer that is filled from one side and emptied into the other.

use std::{
    io, mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::lent;
use crate::proxy::frames::Frames;

/// How one direction came to its end.
pub(super) enum Over {
    /// Everything was read and passed on.
    Ended,
    ReadFailed,
    WriteFailed,
}

pub(super) struct Direction {
    /// Empty while nothing is held.
    buffer: Box<[u8]>,
    /// Read and not yet written: `buffer[start..end]`.
    start: usize,
    end: usize,
    /// Where in the buffer the last complete frame ends, if it does there.
    boundary: Option<usize>,
    pub(super) frames: Frames,
    ended: bool,
    unflushed: bool,
    pub(super) written: u64,
    /// Is shown everything that was read.
    pub(super) observer: Option<Observer>,
}

/// Looks at what passes, where it lies: it must be quick, and it changes nothing.
pub(crate) type Observer = Box<dyn FnMut(&[u8]) + Send>;

impl Direction {
    pub(super) fn new(early: &[u8], observer: Option<Observer>) -> Self {
        let mut direction = Self {
            buffer: early.into(),
            start: 0,
            end: 0,
            boundary: Some(0),
            frames: Frames::default(),
            ended: false,
            unflushed: false,
            written: 0,
            observer,
        };
        direction.took(early.len());
        direction
    }

    /// Moves what can be moved. Pending means that something will wake the task when there is more to do.
    pub(super) fn poll<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut R,
        to: &mut W,
    ) -> Poll<Over>
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
                // The reader was not asked until it had no more: it would not wake us. And what came with the head
                // lay in a buffer of its own size.
                self.give_back();
                continue;
            }
            if self.unflushed {
                if ready!(Pin::new(&mut *to).poll_flush(cx)).is_err() {
                    return Poll::Ready(Over::WriteFailed);
                }
                self.unflushed = false;
            }
            self.give_back();
            return if self.ended {
                Poll::Ready(Over::Ended)
            } else {
                Poll::Pending
            };
        }
    }

    /// Nothing is held now.
    fn give_back(&mut self) {
        lent::give(mem::take(&mut self.buffer));
    }

    /// Reads until the buffer is full, the reader has no more for now, or it ends: fewer and larger writes.
    fn fill<R: AsyncRead + Unpin>(&mut self, cx: &mut Context<'_>, from: &mut R) -> io::Result<()> {
        if self.buffer.is_empty() {
            self.buffer = lent::take();
        }
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
    pub(super) fn poll_complete<R, W>(
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
                self.give_back();
                return Poll::Pending;
            }
        }
        Poll::Ready(Ok(()))
    }

    fn took(&mut self, count: usize) {
        let fresh = self.end..self.end + count;
        if let Some(observer) = &mut self.observer {
            observer(&self.buffer[fresh.clone()]);
        }
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
    pub(super) fn complete_frames(&self) -> Option<&[u8]> {
        let boundary = self.boundary?;
        self.buffer.get(self.start..boundary)
    }
}
