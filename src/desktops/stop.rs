//! Stop and remove.

use std::sync::Arc;

use super::{Desktop, Desktops, Inner};
use crate::{
    ids::{DesktopId, UserId},
    runtime::RuntimeError,
};

/// Who ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// Its owner.
    Owner,
    /// An administrator.
    Admin(UserId),
}

/// Why it was not stopped.
#[derive(Debug, thiserror::Error)]
pub enum StopError {
    /// It is not there, or not running.
    #[error("No running container found")]
    NotRunning,
    /// The engine failed; the desktop stays as it was or goes on stopping by itself later.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// What came of stopping everything.
#[derive(Debug, Default)]
pub struct StopReport {
    /// Ended.
    pub stopped: usize,
    /// Did not end: the desktop's name and why, for people.
    pub failed: Vec<(String, String)>,
}

pub(super) async fn stop(
    _: &Arc<Inner>,
    _: DesktopId,
    _: StopReason,
) -> Result<Desktop, StopError> {
    todo!()
}

pub(super) async fn remove(_: &Arc<Inner>, _: DesktopId, _: StopReason) -> Result<(), StopError> {
    todo!()
}

pub(super) async fn stop_all(_: &Desktops, _: StopReason) -> Result<StopReport, StopError> {
    todo!()
}
