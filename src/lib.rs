//! Deskcast: remote desktops in the browser.
//!
//! Read downwards: a module may use those below it in this list, never above (`docs/ARCHITECTURE.md`, checked by
//! `tests/it/layers.rs`). Only `state` may name the rooms above it: their handles. Each says more in its own file; what stands here is a plain comment, because rustdoc would
//! look for the links of those files in this one.

// Wiring: the router, all layers, the background tasks, and the life of the server.
pub mod app;

// What administrators see and do: everybody's desktops, the catalogue, accounts, groups, providers.
pub mod admin;
// A person's own account page: what sign-in and groups know of them.
pub mod account;
// The data plane: `/desktop/<name>/…`, client files, requests and tunnels to containers.
pub mod proxy;
// Links that start a desktop, and what they allow.
pub mod casting;
// A person's desktops as cards, and how far a start is.
pub mod dashboard;
// Showing one's running desktop to other people who have an account.
pub mod sharing;
// Desktops: start, stop, find, watch; the API of the original.
pub mod desktops;
// Signing in: passwords, OpenID providers, guests; what changes an account and its sessions together.
pub mod sign_in;
// OpenID Connect, the protocol alone.
pub mod oidc;
// What administrators set while the server runs.
pub mod settings;
// OpenID providers as administrators set them up.
pub mod providers;
// What runs containers: Docker Engine, or a fake.
pub mod runtime;
// What people did that others may want to know later.
pub mod audit;
// Desktop types: what can be started.
pub mod catalog;
// Who is calling: sessions, API tokens, guards.
pub mod sessions;
// Accounts, roles, passwords.
pub mod people;
// Groups of people: what applies to their members.
pub mod groups;

// The handles, which handlers ask for.
pub mod state;

// Calls to servers of other people.
mod calls;

// What must hold for bytes of strangers.
#[cfg(any(test, fuzzing))]
pub mod fuzzing;

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
// Pages of long lists.
pub mod paging;
// Log lines.
pub mod telemetry;
// Rules for text that somebody typed.
pub mod text;
// One connection to one desktop.
pub mod upstream;
// HTTP pieces without knowledge of the field: pages, errors, layers, the server loop.
pub mod web;
