//! What holds for everything the proxy reads of browsers and desktops.

mod heads;
mod paths;
mod streams;

pub use self::{
    heads::{handshakes, heads},
    paths::paths,
    streams::{clipboard, frames, input},
};
