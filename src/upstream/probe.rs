//! Is a desktop ready? Asked with credentials only: an unauthenticated request would count towards its ban (R4).

use super::{Endpoint, Upstream};

/// Why a desktop is not ready.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// Not yet: ask again.
    #[error("not yet")]
    NotYet,
    /// It refuses our password: asking again would only lock us out.
    #[error("the desktop does not accept its own password")]
    WrongPassword,
}

impl Upstream {
    /// One look: TCP, TLS and an authenticated `GET /` that answers 200 (any answer below 500 for a plain web
    /// application).
    pub async fn probe(&self, _at: &Endpoint) -> Result<(), NotReady> {
        todo!()
    }
}
