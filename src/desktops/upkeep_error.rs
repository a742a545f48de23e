//! Why a look of upkeep was not made.

use crate::runtime::RuntimeError;

/// Why a comparison was not made.
#[derive(Debug, thiserror::Error)]
pub enum UpkeepError {
    /// The engine does not answer.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The database does not.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}
