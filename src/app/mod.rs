//! Wiring: what a server is made of, from the handles to the listener.

pub mod branches;
pub mod openapi;
mod readiness;
pub mod router;
mod tasks;

use axum::Router;
use sqlx::PgPool;
use tokio::net::TcpListener;

pub use self::{openapi::description, router::routes};
use crate::{
    config::Config,
    db,
    ids::InstallationId,
    people::{FirstAdminMade, PasswordFault},
    state::{AppState, Parts},
    web::serve::{self, ServeLimits},
};

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartupError {
    /// The schema could not be brought up to date.
    #[error("the database could not be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A first read or write failed.
    #[error("the database failed during the start: {0}")]
    Database(#[from] sqlx::Error),
    /// The first administrator could not be made.
    #[error("the first administrator could not be made: {0}")]
    FirstAdmin(#[from] PasswordFault),
}

/// Brings the schema up to date and answers which installation this is: the engine's containers are told apart by it.
pub async fn prepare(db: &PgPool) -> Result<InstallationId, StartupError> {
    db::migrate(db).await?;
    Ok(db::installation(&mut db::Db::new(db.clone()).acquire().await?).await?)
}

/// A server that is ready to listen.
#[derive(Debug)]
pub struct App {
    /// The handles.
    pub state: AppState,
    /// The administrator, when this start made one.
    pub first_admin: Option<FirstAdminMade>,
    router: Router,
}

impl App {
    /// Makes the handles, fills an empty catalogue, makes the first administrator and the configured provider, and
    /// starts the background tasks on `parts.tasks`. Nothing listens yet.
    pub async fn build(config: Config, parts: Parts) -> Result<Self, StartupError> {
        let state = AppState::new(config, parts);
        state.settings.load().await?;
        state.catalog.seed(&state.config.catalog).await?;
        let first = &state.config.first_admin;
        let first_admin = state.people.ensure_first_admin(first).await?;
        state.sign_in.prepare_providers(&state.config.oidc).await?;
        tasks::start(&state);
        Ok(Self {
            router: router::router(&state),
            first_admin,
            state,
        })
    }

    /// Serves `listener` until the soft phase of shutdown begins; what is under way then goes on as tasks.
    pub async fn serve(self, listener: TcpListener) {
        let tasks = self.state.tasks.clone();
        serve::serve(listener, self.router, tasks, ServeLimits::default()).await;
    }
}
