//! The data plane.

use axum::Router;

use crate::app::AppState;

/// Nothing yet.
pub fn router() -> Router<AppState> {
    Router::new()
}
