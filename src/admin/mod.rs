//! What administrators see and do.

use utoipa_axum::router::OpenApiRouter;

use crate::app::AppState;

/// Nothing yet.
pub fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
}
