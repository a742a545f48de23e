//! Wiring: the handles, the router, all layers.

use std::sync::Arc;

use axum::extract::FromRef;
use sqlx::PgPool;

use crate::{
    auth::Login, catalog::Catalog, clock::Clock, config::Config, desktops::Desktops,
    lifecycle::Tasks, upstream::Upstream,
};

/// What handlers ask for, each only the handle it uses.
#[derive(Clone, Debug, FromRef)]
pub struct AppState {
    /// The configuration.
    pub config: Arc<Config>,
    /// The pool, for `/readyz` only; every capability has its own handle.
    pub db: PgPool,
    /// Who is calling.
    pub login: Login,
    /// What can be started.
    pub catalog: Catalog,
    /// Start, stop, find.
    pub desktops: Desktops,
    /// Connections to desktops.
    pub upstream: Upstream,
    /// The time.
    pub clock: Clock,
    /// Owner of everything that runs.
    pub tasks: Tasks,
}
