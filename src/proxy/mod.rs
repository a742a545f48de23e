//! x

mod access;
mod cookies;
mod frames;
mod headers;
mod isolation;
mod location;
mod path;
