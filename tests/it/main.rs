//! Integration tests: real Postgres (a database per test), the real router on a real listener, the fake engine.
#![expect(
    clippy::unwrap_used,
    reason = "what does not work here is a failed test, also in a helper"
)]

mod account;
mod admin;
mod auth;
mod caps;
mod cast_links;
mod casting;
mod config;
mod dashboard;
mod database;
mod desktops;
mod events;
mod groups;
mod growth;
mod guests;
mod history;
mod language;
mod layers;
mod looks;
mod matrix;
mod oidc;
mod pages;
mod people;
mod process;
mod providers;
mod proxy;
mod redirects;
mod settings;
mod sharing;
#[path = "../support/siteverify.rs"]
mod siteverify;
mod statements;
mod support;
mod way;
#[path = "../support/ways_out.rs"]
mod ways_out;
mod web;
