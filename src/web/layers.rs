//! The order of the layers, and the smaller ones of them: limits, and panics that become answers.

use std::{any::Any, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use http_body_util::Limited;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;

use super::{
    branch::{self, BranchOf},
    caps::{self, CapLimits, Caps},
    cookie_rule, drip, error_page,
    extract::too_large,
    host::{self, HostRule},
    log, prefetch,
    security::{self, Https},
    visitor,
};
use crate::{config::HttpConfig, error::AppError, say};

/// The largest body pages and the API take.
pub const BODY_LIMIT: usize = 64 * 1024;

/// The longest request target.
pub const TARGET_LIMIT: usize = 8 * 1024;

/// What happens around every request, `/desktop/*` too. Each layer sees what those below it answer: a refused host
/// and a panic get their error page, their headers and their log line like everything else.
///
/// They are around the router as one service, not around each of its routes: a route is boxed, and every layer around a
/// box copies everything inside it for each request.
pub fn around_all(router: Router, http: &HttpConfig, branch: BranchOf) -> Router {
    let host = Arc::new(HostRule::new(&http.public_url, http.listen.port()));
    let caps = Caps::new(CapLimits::default());
    let trusted: Arc<[_]> = http.trusted_proxies.clone().into();
    let layered = ServiceBuilder::new()
        .layer(from_fn_with_state(branch, branch::mark))
        .layer(from_fn_with_state(trusted, visitor::client_ip))
        .layer(from_fn(log::log))
        .layer(from_fn_with_state(Https(http.secure()), security::headers))
        .layer(from_fn(error_page::render))
        .layer(from_fn_with_state(caps, caps::count))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(host, host::host_rule))
        .layer(from_fn_with_state(
            Https(http.secure()),
            cookie_rule::refuse,
        ))
        .layer(from_fn(prefetch::refuse))
        .layer(from_fn(target_limit))
        .layer(from_fn(drip::give_up))
        .service(router);
    Router::new().fallback_service(layered)
}

/// What happens besides around pages and the API, never around `/desktop/*`: the Origin rule, the largest body, and
/// `limit`, the longest a handler may take until the head of its answer.
pub fn around_pages_and_api<S>(router: Router<S>, http: &HttpConfig, limit: Duration) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let origin: Arc<str> = http.origin().into();
    router
        .layer(from_fn_with_state(origin, security::origin_rule))
        .layer(from_fn_with_state(limit, limits))
}

/// Layer: a request target of more than [`TARGET_LIMIT`] bytes is refused, on every branch.
async fn target_limit(request: Request, next: Next) -> Response {
    let target = request
        .uri()
        .path_and_query()
        .map_or(0, |text| text.as_str().len());
    if target > TARGET_LIMIT {
        return AppError::BadRequest {
            status: StatusCode::URI_TOO_LONG,
            code: "address_too_long",
            sentence: say!("error-address-too-long"),
        }
        .into_response();
    }
    next.run(request).await
}

/// Layer of pages and the API, never of `/desktop/*`: a body of more than [`BODY_LIMIT`] bytes is refused, and the
/// head of the answer must be there within `limit`. A body that streams on (events, progress) has no limit.
async fn limits(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    let declared = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > BODY_LIMIT as u64) {
        return too_large().into_response();
    }
    let request = request.map(|body| Body::new(Limited::new(body, BODY_LIMIT)));
    tokio::time::timeout(limit, next.run(request))
        .await
        .unwrap_or_else(|_| {
            AppError::Unavailable {
                code: "too_slow",
                sentence: say!("error-too-slow"),
                source: Some(format!("no answer within {} s", limit.as_secs()).into()),
            }
            .into_response()
        })
}

/// What a handler's panic becomes: 500, with the words of the panic in the log line only.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature tower-http's CatchPanicLayer asks for"
)]
fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let words = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no words");
    AppError::internal(format!("panic: {words}")).into_response()
}
