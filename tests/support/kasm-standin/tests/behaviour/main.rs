//! Each behaviour of the stand-in once, over raw sockets, so that no library smooths anything over.

mod client;
mod connection;
mod faults;
mod files_and_api;
mod frames;
mod plain;
mod sign_in;
