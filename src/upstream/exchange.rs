//! One request of many on kept connections, and when it may be sent a second time.

use std::sync::Arc;

use axum::body::Body;
use http::{HeaderMap, Method, Request, Response, Uri};
use hyper::body::Body as _;
use tokio_util::sync::CancellationToken;

use super::{
    Endpoint, Upstream, UpstreamError,
    pool::{After, Came, Pool, Pooled, PooledBody, Turn},
    progress::{LastMove, Watched},
};

/// What a second attempt needs of a request without a body.
struct Again {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
}

impl Again {
    /// A request that may be made twice: it has no body, and making it twice is the same as once.
    fn of(request: &Request<Body>) -> Option<Self> {
        let repeatable = request.method().is_idempotent() && request.body().is_end_stream();
        repeatable.then(|| Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers: request.headers().clone(),
        })
    }

    fn request(self) -> Request<Body> {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = self.method;
        *request.uri_mut() = self.uri;
        *request.headers_mut() = self.headers;
        request
    }
}

/// How an attempt on a kept connection failed.
enum Failed {
    /// It may be made again, on a new connection.
    MayRepeat(Box<Request<Body>>),
    /// It may not.
    Finally(UpstreamError),
}

impl Upstream {
    /// Sends one request to the start of a desktop that `pool` belongs to, over a kept connection if there is one, and
    /// answers its head; the body streams. Connections end when `cut` is cancelled.
    ///
    /// A kept connection may have ended unnoticed. The request is made once more then, on a new connection, if nothing
    /// of it was sent; or if it has no body, may be made twice ([`Method::is_idempotent`]), and no byte of an answer
    /// came. The limits are those of [`Upstream::send`]; the body is never read ahead.
    pub async fn exchange(
        &self,
        pool: &Arc<Pool>,
        cut: &CancellationToken,
        to: &Endpoint,
        request: Request<Body>,
    ) -> Result<Response<PooledBody>, UpstreamError> {
        let turn = pool.turn(&self.bounds).await?;
        let mut request = request;
        if let Some(kept) = pool.take().await {
            match self.attempt(kept, request).await {
                Ok(done) => return Ok(self.finished(pool, turn, done)),
                Err(Failed::Finally(error)) => return Err(error),
                Err(Failed::MayRepeat(again)) => request = *again,
            }
        }
        let mut fresh = self.open(to, cut).await?;
        let last_move = LastMove::now();
        let watched = request.map(|body| Watched::new(body, last_move.clone()));
        let answer = tokio::select! {
            answer = fresh.sender.send_request(watched) => answer,
            () = last_move.silent_for(self.limits.head) => return Err(UpstreamError::TooSlow(HEAD)),
        };
        let answer = answer.map_err(|error| UpstreamError::Broken(error.into()))?;
        Ok(self.finished(pool, turn, (answer, fresh, last_move)))
    }

    async fn attempt(
        &self,
        mut on: Pooled,
        request: Request<Body>,
    ) -> Result<(Response<hyper::body::Incoming>, Pooled, LastMove), Failed> {
        let again = Again::of(&request);
        let before = on.came.bytes();
        let last_move = LastMove::now();
        let watched = request.map(|body| Watched::new(body, last_move.clone()));
        let answer = tokio::select! {
            answer = on.sender.try_send_request(watched) => answer,
            () = last_move.silent_for(self.limits.head) => {
                return Err(Failed::Finally(UpstreamError::TooSlow(HEAD)));
            }
        };
        match answer {
            Ok(answer) => Ok((answer, on, last_move)),
            Err(mut failed) => Err(match (failed.take_message(), again) {
                // hyper gives back what it has not begun to write.
                (Some(unsent), _) => Failed::MayRepeat(unsent.map(Watched::into_body).into()),
                (None, Some(again)) if on.came.bytes() == before => {
                    Failed::MayRepeat(again.request().into())
                }
                (None, _) => Failed::Finally(UpstreamError::Broken(failed.into_error().into())),
            }),
        }
    }

    fn finished(
        &self,
        pool: &Arc<Pool>,
        turn: Turn,
        (answer, connection, sent): (Response<hyper::body::Incoming>, Pooled, LastMove),
    ) -> Response<PooledBody> {
        let after = After {
            connection,
            pool: Arc::clone(pool),
            bounds: self.bounds.clone(),
            tasks: self.tasks.clone(),
            sent,
            turn,
        };
        answer.map(|body| PooledBody::new(body, after))
    }

    /// A new connection, driven until it ends or `cut` is cancelled.
    async fn open(&self, to: &Endpoint, cut: &CancellationToken) -> Result<Pooled, UpstreamError> {
        let came = Came::default();
        let stream = self.connect(to).await?.counted(came.clone());
        let (sender, connection) = self.handshake(stream).await?;
        let (hard, cut) = (self.tasks.hard(), cut.clone());
        self.tasks.spawn(async move {
            tokio::select! {
                // An error reaches whoever waits for the answer or reads its body.
                _ = connection => {}
                () = cut.cancelled() => {}
                () = hard.cancelled() => {}
            }
        });
        Ok(Pooled { sender, came })
    }
}

/// Until the head of the answer.
const HEAD: &str = "head of the answer";
