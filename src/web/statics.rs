//! Style sheets, scripts and icons, served from the binary with a version in the path.

/// Where they are.
pub const BASE: &str = concat!("/static/", env!("CARGO_PKG_VERSION"));
