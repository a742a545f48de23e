//! routes

use axum::Router;
use utoipa_axum::router::OpenApiRouter;

use crate::app::AppState;

/// Nothing yet.
pub fn pages() -> Router<AppState> {
    Router::new()
}

/// Nothing yet.
pub fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
}
