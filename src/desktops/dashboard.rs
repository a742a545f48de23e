//! dashboard

use axum::Router;

use crate::app::AppState;

/// Nothing yet.
pub fn pages() -> Router<AppState> {
    Router::new()
}
