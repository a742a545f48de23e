//! x

mod access;
mod client_files;
mod cookies;
mod frames;
mod headers;
mod isolation;
mod location;
pub mod pages;
mod path;

/// `/desktop/*`.
pub fn router() -> axum::Router<crate::app::AppState> {
    axum::Router::new()
}
