//! A request's body that tells when it last moved, so that a long upload is not taken for a silent desktop.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::Instant;

/// When something last happened, and whether the body has ended.
#[derive(Clone, Debug)]
pub(super) struct LastMove(Arc<Moves>);

#[derive(Debug)]
struct Moves {
    last: Mutex<Instant>,
    ended: AtomicBool,
}

impl LastMove {
    pub(super) fn now() -> Self {
        Self(Arc::new(Moves {
            last: Mutex::new(Instant::now()),
            ended: AtomicBool::new(false),
        }))
    }

    fn stamp(&self) {
        *self.0.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn end(&self) {
        self.0.ended.store(true, Ordering::Release);
    }

    /// Whether the body has been taken to its end.
    pub(super) fn ended(&self) -> bool {
        self.0.ended.load(Ordering::Acquire)
    }

    /// Resolves when nothing has happened for `limit`.
    pub(super) async fn silent_for(&self, limit: Duration) {
        loop {
            let until = *self.0.last.lock().unwrap_or_else(PoisonError::into_inner) + limit;
            if until <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(until).await;
        }
    }
}

/// A body whose every frame stamps a [`LastMove`].
#[derive(Debug)]
pub(super) struct Watched {
    body: Body,
    last_move: LastMove,
}

impl Watched {
    pub(super) fn new(body: Body, last_move: LastMove) -> Self {
        let watched = Self { body, last_move };
        watched.look();
        watched
    }

    /// The body as it was given, with what has been taken of it missing.
    pub(super) fn into_body(self) -> Body {
        self.body
    }

    fn look(&self) {
        if self.body.is_end_stream() {
            self.last_move.end();
        }
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        match &frame {
            Poll::Ready(None) => self.last_move.end(),
            Poll::Ready(Some(_)) => {
                self.last_move.stamp();
                self.look();
            }
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
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn every_move_gives_new_patience() {
        let began = Instant::now();
        let last = LastMove::now();
        let mover = last.clone();
        let moving = async {
            for _ in 0..3 {
                tokio::time::sleep(Duration::from_secs(4)).await;
                mover.stamp();
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = moving => {}
            () = last.silent_for(Duration::from_secs(5)) => {}
        }
        assert_eq!(began.elapsed(), Duration::from_secs(17));
    }
}
