//! One request of many on kept connections, and when it may be sent a second time.

use std::sync::Arc;

use axum::body::Body;
use http::{HeaderMap, Method, Request, Response, Uri};
use hyper::body::{Body as _, Incoming};
use tokio_util::sync::CancellationToken;

use super::{
    Endpoint, Upstream, UpstreamError,
    driven::{Came, Driven},
    pool::{After, Pool, PooledBody, Turn, Until},
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
        let until = Until {
            cut: cut.clone(),
            tasks: self.tasks.clone(),
        };
        let done = tokio::select! {
            done = self.once_or_again(pool, to, request) => done?,
            () = until.over() => return Err(UpstreamError::Broken(OVER.into())),
        };
        Ok(self.finished(pool, turn, until, done))
    }

    async fn once_or_again(
        &self,
        pool: &Pool,
        to: &Endpoint,
        mut request: Request<Body>,
    ) -> Result<Answered, UpstreamError> {
        if let Some(kept) = pool.take().await {
            match self.attempt(kept, request).await {
                Ok(done) => return Ok(done),
                Err(Failed::Finally(error)) => return Err(error),
                Err(Failed::MayRepeat(again)) => request = *again,
            }
        }
        let fresh = self.open(to).await?;
        match self.attempt(fresh, request).await {
            Ok(done) => Ok(done),
            Err(Failed::Finally(error)) => Err(error),
            Err(Failed::MayRepeat(_)) => Err(UpstreamError::Broken(ENDED.into())),
        }
    }

    async fn attempt(&self, mut on: Driven, request: Request<Body>) -> Result<Answered, Failed> {
        let again = Again::of(&request);
        let before = on.came();
        let last_move = LastMove::now();
        let watched = request.map(|body| Watched::new(body, last_move.clone()));
        let answer = tokio::select! {
            answer = on.send(watched, &self.tasks) => answer,
            () = last_move.silent_for(self.limits.head) => {
                return Err(Failed::Finally(UpstreamError::TooSlow(HEAD)));
            }
        };
        match answer {
            Ok(answer) => Ok((answer, on, last_move)),
            Err(mut failed) => Err(match (failed.take_message(), again) {
                // hyper gives back what it has not begun to write.
                (Some(unsent), _) => Failed::MayRepeat(unsent.map(Watched::into_body).into()),
                (None, Some(again)) if on.came() == before => {
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
        until: Until,
        (answer, connection, sent): Answered,
    ) -> Response<PooledBody> {
        let after = After {
            connection,
            pool: Arc::clone(pool),
            bounds: self.bounds.clone(),
            until,
            sent,
            turn,
        };
        answer.map(|body| PooledBody::new(body, after))
    }

    /// A new connection.
    async fn open(&self, to: &Endpoint) -> Result<Driven, UpstreamError> {
        let came = Came::default();
        let stream = self.connect(to).await?.counted(came.clone());
        let (sender, wire) = self.handshake(stream).await?;
        Ok(Driven::new(sender, Box::pin(wire), came))
    }
}

/// The head of an answer, where its body comes from, and whether the request's own body has been sent.
type Answered = (Response<Incoming>, Driven, LastMove);

/// Until the head of the answer.
const HEAD: &str = "head of the answer";

const OVER: &str = "the desktop or the server has ended";
const ENDED: &str = "the connection ended before its answer";
