//! x

mod cookies;
mod frames;
mod headers;
mod location;
mod path;
