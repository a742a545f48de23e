//! Why a person's own password was not changed.

use crate::{language::Sentence, sign_in::SignInError};

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The account has none here: its provider looks after it.
    #[error("the account has no password here")]
    NotHere,
    /// The new one cannot be taken.
    #[error("{0}")]
    NewOne(Sentence),
    /// The old one is wrong, or there were too many tries, or the database failed.
    #[error(transparent)]
    Old(#[from] SignInError),
}
