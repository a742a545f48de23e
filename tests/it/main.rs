//! Integration tests: real Postgres (a database per test), the real router on a real listener, the fake engine.
#![expect(
    clippy::unwrap_used,
    reason = "what does not work here is a failed test, also in a helper"
)]

mod admin;
mod auth;
mod config;
mod dashboard;
mod desktops;
mod groups;
mod layers;
mod pages;
mod people;
mod process;
mod proxy;
mod support;
mod web;
