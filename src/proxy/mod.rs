//! The data plane.
pub mod pages;
