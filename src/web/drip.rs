//! A request's body that hardly moves is given up: each holds a connection, and at a desktop a second one.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use super::caps::closing;
use crate::{error::AppError, say};

/// How long a body is waited for while less than [`PROGRESS`] comes.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// So many bytes renew the patience; fewer are no progress. The slowest telephone is faster.
pub const PROGRESS: usize = 1024;

/// Layer: a body that makes no progress for [`PATIENCE`] breaks off, and the answer is 408. Only the time in which
/// somebody waits for the body counts: a desktop that reads slowly is not the sender's fault.
pub async fn give_up(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let gave_up = Arc::new(AtomicBool::new(false));
    let request = request.map(|body| Body::new(Steady::new(body, Arc::clone(&gave_up))));
    let response = next.run(request).await;
    // Whatever the handler made of the body that broke off: this is why.
    if gave_up.load(Ordering::Acquire) {
        return closing(too_slow().into_response());
    }
    response
}

fn too_slow() -> AppError {
    AppError::BadRequest {
        status: StatusCode::REQUEST_TIMEOUT,
        code: "body_too_slow",
        sentence: say!("error-body-too-slow"),
    }
}

/// A body that must move.
struct Steady {
    body: Body,
    /// Patience that is left, without the wait that is going on.
    left: Duration,
    /// Bytes since it was renewed.
    came: usize,
    waiting: Option<Wait>,
    gave_up: Arc<AtomicBool>,
}

struct Wait {
    since: Instant,
    over: Pin<Box<Sleep>>,
}

impl Steady {
    fn new(body: Body, gave_up: Arc<AtomicBool>) -> Self {
        Self {
            body,
            left: PATIENCE,
            came: 0,
            waiting: None,
            gave_up,
        }
    }

    /// Something came: the wait is over and has cost its time.
    fn moved(&mut self, bytes: usize) {
        if let Some(wait) = self.waiting.take() {
            self.left = self.left.saturating_sub(wait.since.elapsed());
        }
        self.came = self.came.saturating_add(bytes);
        if self.came >= PROGRESS {
            (self.left, self.came) = (PATIENCE, 0);
        }
    }
}

impl HttpBody for Steady {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            let data = frame
                .as_ref()
                .and_then(|frame| frame.as_ref().ok()?.data_ref());
            self.moved(data.map_or(0, Bytes::len));
            return Poll::Ready(frame);
        }
        let left = self.left;
        let wait = self.waiting.get_or_insert_with(|| Wait {
            since: Instant::now(),
            over: Box::pin(tokio::time::sleep(left)),
        });
        if wait.over.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        self.gave_up.store(true, Ordering::Release);
        Poll::Ready(Some(Err(axum::Error::new("the body came too slowly"))))
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
    use axum::{Router, middleware::from_fn, routing::post};
    use futures_util::stream;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    /// A body of `pieces` pieces of `size` bytes, one each time after `every`; then it hangs, or ends.
    fn body(pieces: usize, size: usize, every: Duration, hangs: bool) -> Body {
        Body::from_stream(stream::unfold(0, move |sent| async move {
            if sent == pieces {
                return if hangs {
                    std::future::pending().await
                } else {
                    None
                };
            }
            tokio::time::sleep(every).await;
            let piece = Ok::<_, std::convert::Infallible>(Bytes::from(vec![b'a'; size]));
            Some((piece, sent + 1))
        }))
    }

    async fn send(body: Body) -> (StatusCode, Duration) {
        let reads = async |request: Request| match request.into_body().collect().await {
            Ok(_) => StatusCode::OK,
            // As a handler says it that knows nothing of the layer.
            Err(_) => StatusCode::BAD_GATEWAY,
        };
        let router = Router::new()
            .route("/", post(reads))
            .layer(from_fn(give_up));
        let request = Request::post("/").body(body).unwrap();
        let began = Instant::now();
        let answer = router.oneshot(request).await.unwrap();
        let closes = answer.headers().contains_key("connection");
        assert_eq!(closes, answer.status() == StatusCode::REQUEST_TIMEOUT);
        (answer.status(), began.elapsed().max(Duration::ZERO))
    }

    #[tokio::test(start_paused = true)]
    async fn only_progress_is_waited_for() {
        let (ok, slow) = (StatusCode::OK, StatusCode::REQUEST_TIMEOUT);
        let second = Duration::from_secs(1);
        let table = [
            // Nothing at all; a byte every five seconds; progress, and then nothing.
            (body(0, 0, second, true), slow, 20),
            (body(1_000, 1, 5 * second, false), slow, 20),
            (body(3, PROGRESS, 10 * second, true), slow, 50),
            // Slow, but it moves; small, but in time.
            (body(20, PROGRESS, 15 * second, false), ok, 300),
            (body(15, 1, second, false), ok, 15),
            (body(30, PROGRESS / 25, second, false), slow, 20),
            (body(1, 1, 19 * second, false), ok, 19),
        ];
        for (number, (body, status, seconds)) in table.into_iter().enumerate() {
            let (answered, after) = send(body).await;
            assert_eq!((answered, after.as_secs()), (status, seconds), "{number}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_is_slow_is_not_the_senders_fault() {
        let second = Duration::from_secs(1);
        let gave_up = Arc::new(AtomicBool::new(false));
        let mut steady = Steady::new(body(10, 10, second, false), Arc::clone(&gave_up));
        let mut got = 0;
        while let Some(frame) = steady.frame().await {
            got += frame.unwrap().data_ref().map_or(0, Bytes::len);
            tokio::time::sleep(60 * second).await;
        }
        assert_eq!(got, 100);
        assert!(!gave_up.load(Ordering::Acquire));
    }
}
