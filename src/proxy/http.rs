//! An ordinary request to a plain web application, streaming both ways.
//!
//! The application's own page is the top-level page of the browser's tab, never a frame in ours: a frame of the same
//! origin could reach into the page around it, and what is around it would be ours.

use std::{
    net::IpAddr,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use http::{HeaderMap, HeaderValue, Request, StatusCode, header, request, response};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use url::Url;

use super::{
    Proxy,
    access::Grant,
    headers,
    isolation::{self, Content},
    location,
};
use crate::{
    error::AppError,
    language::Sentence,
    say,
    sessions::SessionEnd,
    upstream::{PooledBody, UpstreamError},
    web::urls,
};

/// Passes a request on and its answer back.
pub(super) async fn forward(
    proxy: &Proxy,
    grant: Grant,
    head: request::Parts,
    body: Body,
    (rest, origin, client): (&str, &str, IpAddr),
) -> Result<Response, AppError> {
    let (live, endpoint) = (grant.live(), grant.endpoint());
    let target = path_and_query(rest, head.uri.query())?;
    let mut request = Request::new(body);
    *request.method_mut() = head.method.clone();
    *request.uri_mut() = target.as_bytes().try_into().map_err(AppError::internal)?;
    *request.headers_mut() = headers::for_request(&head.headers, &head.method, &endpoint, client);
    let cut = live.cut();
    // Watched from here on: what is still uploaded ends with the session too, not only the answer.
    let session = grant.ended(&proxy.sessions);
    let sent = proxy
        .upstream
        .exchange(&live.pool, &cut, &endpoint, request);
    let answer = tokio::select! {
        answer = sent => answer,
        () = session.cancelled() => return Err(signed_out()),
    };
    let (answer, body) = answer.map_err(refused)?.into_parts();
    let asked = || {
        let path = target.to_str().unwrap_or("/");
        Url::parse(&format!("{}{path}", endpoint.base())).map_err(AppError::internal)
    };
    let prefix = urls::desktop(&live.desktop.name);
    let headers = answer_headers(&answer, asked, origin, &prefix)?;
    let cuts = [cut, session.token(), proxy.tasks.hard()];
    let body = CutBody::new(body, cuts, session);
    let mut response = Response::new(Body::new(body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = headers;
    Ok(response)
}

/// The head of an answer for the browser. `asked` is the desktop's own address of what was asked for; only redirects
/// need it.
fn answer_headers(
    answer: &response::Parts,
    asked: impl FnOnce() -> Result<Url, AppError>,
    origin: &str,
    prefix: &str,
) -> Result<HeaderMap, AppError> {
    let unusable = |why: &'static str| AppError::BadGateway {
        sentence: say!("desktop-bad-answer"),
        source: Some(why.into()),
    };
    if answer.status.is_informational()
        || answer.status == StatusCode::PROXY_AUTHENTICATION_REQUIRED
    {
        return Err(unusable("a status that is no answer to a request"));
    }
    let mut headers = headers::for_browser(&answer.headers, prefix);
    headers.extend(isolation::headers(Content::Container, origin, prefix));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-store"),
    );
    if answer.status.is_redirection() || answer.status == StatusCode::CREATED {
        if let Some(to) = headers::single(&answer.headers, &header::LOCATION) {
            let to = location::within(to, &asked()?, origin, prefix)
                .ok_or_else(|| unusable("a redirect that leaves the desktop"))?;
            headers.insert(header::LOCATION, to);
        } else if answer.headers.contains_key(header::LOCATION) {
            return Err(unusable("more than one redirect"));
        }
    }
    Ok(headers)
}

/// The target of a request to a desktop: `rest` and the query, byte for byte.
pub(super) fn path_and_query(rest: &str, query: Option<&str>) -> Result<HeaderValue, AppError> {
    let text = match query {
        Some(query) => format!("/{rest}?{query}"),
        None => format!("/{rest}"),
    };
    HeaderValue::try_from(text).map_err(AppError::internal)
}

/// What is heard when the session ended before the desktop had answered.
pub(super) fn signed_out() -> AppError {
    AppError::BadRequest {
        status: StatusCode::UNAUTHORIZED,
        code: "sign_in_required",
        sentence: say!("desktop-signed-out"),
    }
}

/// What a person hears when a desktop does not answer.
pub(super) fn refused(error: UpstreamError) -> AppError {
    let bad = |sentence: Sentence, error| AppError::BadGateway {
        sentence,
        source: Some(Box::new(error)),
    };
    match error {
        UpstreamError::Refused(_) => bad(say!("desktop-silent"), error),
        UpstreamError::Broken(_) => bad(say!("desktop-broke-off"), error),
        UpstreamError::WrongPassword => bad(say!("desktop-wrong-password"), error),
        UpstreamError::TooSlow(_) => AppError::Unavailable {
            code: "desktop_too_slow",
            sentence: say!("desktop-too-slow"),
            source: Some(Box::new(error)),
        },
    }
}

/// An answer's body that breaks off when the desktop, the session or the server ends. Trailers are not passed on.
struct CutBody {
    body: PooledBody,
    cuts: [Pin<Box<WaitForCancellationFutureOwned>>; 3],
    _watched: SessionEnd,
}

impl CutBody {
    fn new(body: PooledBody, cuts: [CancellationToken; 3], session: SessionEnd) -> Self {
        Self {
            body,
            _watched: session,
            cuts: cuts.map(|cut| Box::pin(cut.cancelled_owned())),
        }
    }
}

impl HttpBody for CutBody {
    type Data = Bytes;
    type Error = crate::error::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        for cut in &mut self.cuts {
            if cut.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Some(Err("the desktop or the session has ended".into())));
            }
        }
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) if !frame.is_data() => Poll::Ready(None),
            frame => frame.map_err(Into::into),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
