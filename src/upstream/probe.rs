//! Is a desktop ready? Asked with credentials only: an unauthenticated request would count towards its ban (R4).

use axum::body::Body;
use http::{HeaderValue, Method, Request, StatusCode, header};

use super::{Endpoint, Upstream, UpstreamError};

/// Why a desktop is not ready.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// Not yet: ask again.
    #[error("not yet")]
    NotYet,
    /// Nobody is there: the connection is neither accepted nor refused.
    #[error("nobody answers there")]
    Silent,
    /// It refuses our password: asking again would only lock us out.
    #[error("the desktop does not accept its own password")]
    WrongPassword,
}

impl Upstream {
    /// One look: TCP, TLS and an authenticated `GET /` that answers 200 (any answer below 500 for a plain web
    /// application).
    pub async fn probe(&self, at: &Endpoint) -> Result<(), NotReady> {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = Method::GET;
        let headers = request.headers_mut();
        headers.insert(header::HOST, at.host());
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        if let Some(account) = &at.account {
            headers.insert(header::AUTHORIZATION, account.basic());
        }
        match self.send(at, request).await.map(|answer| answer.status()) {
            Ok(StatusCode::OK) => Ok(()),
            Ok(status) if at.account.is_none() && status.as_u16() < 500 => Ok(()),
            Err(UpstreamError::WrongPassword) => Err(NotReady::WrongPassword),
            Err(error) if error.is_silence() => Err(NotReady::Silent),
            Ok(_) | Err(_) => Err(NotReady::NotYet),
        }
    }
}
