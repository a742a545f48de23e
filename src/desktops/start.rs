//! Start: claim the row → run the container → wait until it answers → mark it running.

use std::{sync::Arc, time::Duration};

use super::{Desktop, Desktops, Inner};
use crate::{auth::user::User, catalog::DesktopType, ids::DesktopId};

/// What a start may be told beyond the type.
#[derive(Clone, Debug, Default)]
pub struct StartOptions {
    /// Opened in the new desktop; already checked by the caller.
    pub start_url: Option<String>,
}

/// Why a start was refused. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It is being stopped right now.
    #[error("This desktop is being stopped. Try again in a moment.")]
    Stopping,
    /// The server is going down.
    #[error("This server is being restarted. Try again in a minute.")]
    Draining,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

pub(super) async fn start(
    _: &Arc<Inner>,
    _: &User,
    _: &DesktopType,
    _: StartOptions,
) -> Result<Desktop, StartError> {
    todo!()
}

pub(super) async fn wait_while_starting(
    _: &Desktops,
    _: DesktopId,
    _: Duration,
) -> Result<Option<Desktop>, sqlx::Error> {
    todo!()
}
