//! Who sent a request, or why that is nobody.

use std::sync::Arc;

use time::OffsetDateTime;

use super::presented::Presented;
use crate::{
    error::{AppError, Unauthenticated},
    people::User,
};

/// Who is calling, and how they showed it.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The person.
    pub user: Arc<User>,
    /// How they showed it.
    pub presented: Presented,
    /// SHA-256 of the session id or token: names the sign-in without being able to use it.
    pub session: [u8; 32],
    /// When the session ends if it is not used before; for a token, when it ends.
    pub expires_at: OffsetDateTime,
}

/// Why a request has no caller.
#[derive(Debug, thiserror::Error)]
pub enum NoCaller {
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    Unauthenticated(Unauthenticated),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<NoCaller> for AppError {
    fn from(error: NoCaller) -> Self {
        match error {
            NoCaller::Unauthenticated(why) => Self::SignInRequired(why),
            NoCaller::Database(error) => error.into(),
        }
    }
}
