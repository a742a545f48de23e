//! Deskcast: remote desktops in the browser.
//!
//! Read downwards: a module may use those below it in this list, never above (`docs/ARCHITECTURE.md`, checked by
//! `tests/it/layers.rs`). Each says more in its own file; what stands here is a plain comment, because rustdoc would
//! look for the links of those files in this one.

// Wiring: the handles, the router, all layers, and the life of the server.
pub mod app;

// What administrators see and do: everybody's desktops, the catalogue.
pub mod admin;
// A person's own account page: what sign-in and groups know of them.
pub mod account;
// Who is calling: people, sign-in, sessions, API tokens.
pub mod auth;
// Groups of people: what applies to their members.
pub mod groups;
// Desktop types: what can be started.
pub mod catalog;
// Desktops: start, stop, find, watch; the API of the original; the dashboard.
pub mod desktops;
// Showing one's running desktop to other people who have an account.
pub mod sharing;
// The data plane: `/desktop/<name>/…`, client files, requests and tunnels to containers.
pub mod proxy;
// What runs containers: Docker Engine, or a fake.
pub mod runtime;

// The time.
pub mod clock;
// The configuration.
pub mod config;
// The pool, the migrations, what SQL errors mean.
pub mod db;
// What leaves a handler when it does not succeed.
pub mod error;
// What the database notifies, by one connection.
pub mod hints;
// Identifiers with types.
pub mod ids;
// Sentences in the languages of the pages.
pub mod language;
// Signals, shutdown, and the owner of everything that runs.
pub mod lifecycle;
// Log lines.
pub mod telemetry;
// One connection to one desktop.
pub mod upstream;
// HTTP pieces without knowledge of the field: pages, errors, layers, the server loop.
pub mod web;
