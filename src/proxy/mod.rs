//! x

mod access;
mod cookies;
mod frames;
mod headers;
mod isolation;
mod location;
mod path;

/// `/desktop/*`.
pub fn router() -> axum::Router<crate::app::AppState> {
    axum::Router::new()
}
