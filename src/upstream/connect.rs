//! Connecting, and sending one request.

use axum::body::Body;
use http::{Request, Response};
use hyper::body::Incoming;

use super::{Endpoint, UpstreamLimits};

/// Opens connections to desktops.
#[derive(Clone, Debug)]
pub struct Upstream {
    pub(super) limits: UpstreamLimits,
}

/// Why a desktop did not answer.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// Nobody listens there.
    #[error("the desktop does not accept connections")]
    Refused(#[source] std::io::Error),
    /// It did not answer within the named limit.
    #[error("the desktop did not answer in time ({0})")]
    TooSlow(&'static str),
    /// It answered something that is not HTTP, or ended before its answer.
    #[error("the desktop broke off its answer")]
    Broken(#[source] crate::error::BoxError),
}

impl Upstream {
    /// A connector with these limits.
    #[must_use]
    pub fn new(limits: UpstreamLimits) -> Self {
        Self { limits }
    }

    /// Sends one request over a fresh connection and answers its head; the body streams. For an upgrade,
    /// [`hyper::upgrade::on`] the response gives the raw stream. The caller wrote every header; none is added but
    /// what the body needs.
    pub async fn send(
        &self,
        _to: &Endpoint,
        _request: Request<Body>,
    ) -> Result<Response<Incoming>, UpstreamError> {
        todo!()
    }
}
