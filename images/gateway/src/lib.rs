//! The only door of our desktop images.
//!
//! Keeps the outside of a Kasm workspace image (TLS and HTTP Basic on one port, the web client's
//! files, a websocket that carries RFB), with an X server behind it that nobody else can reach.

pub mod auth;
pub mod files;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod request;
mod rfb;
pub mod server;
pub mod tls;
mod tunnel;
