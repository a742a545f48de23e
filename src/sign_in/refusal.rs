//! Why somebody is not signed in with a password, in words they can act on.

use std::time::Duration;

use axum::http::StatusCode;

use crate::{
    error::{AppError, BoxError},
    language::Sentence,
    people::PasswordFault,
    say,
};

/// Why a sign-in was refused.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// One sentence for an unknown name, a wrong password and an account that may not sign in so.
    #[error("{}", self.sentence())]
    Wrong,
    /// Too many tries with this account or from this address.
    #[error("{}", self.sentence())]
    TooMany(Duration),
    /// Many people are signing in; the sign-in did not get its turn.
    #[error("{}", self.sentence())]
    Busy,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// A password could not be hashed.
    #[error("a password could not be checked")]
    Hash(#[source] BoxError),
}

impl SignInError {
    /// What to do, for people.
    #[must_use]
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::Wrong => say!("sign-in-wrong"),
            Self::TooMany(wait) => say!("sign-in-too-many", seconds = wait.as_secs()),
            Self::Busy => say!("sign-in-busy"),
            Self::Database(_) | Self::Hash(_) => say!("error-internal"),
        }
    }

    pub(super) fn too_many(wait: Duration) -> Self {
        Self::TooMany(Duration::from_secs(whole_seconds(wait)))
    }
}

impl From<PasswordFault> for SignInError {
    fn from(fault: PasswordFault) -> Self {
        match fault {
            PasswordFault::Busy => Self::Busy,
            PasswordFault::Hash(cause) => Self::Hash(cause),
            PasswordFault::Database(error) => Self::Database(error),
        }
    }
}

impl From<SignInError> for AppError {
    fn from(error: SignInError) -> Self {
        let sentence = error.sentence();
        match error {
            SignInError::Wrong => Self::BadRequest {
                status: StatusCode::UNAUTHORIZED,
                code: "wrong_password",
                sentence,
            },
            SignInError::TooMany(retry_after) => Self::SlowDown {
                sentence,
                retry_after,
            },
            SignInError::Busy => Self::Unavailable {
                code: "busy",
                sentence,
                source: None,
            },
            SignInError::Database(error) => error.into(),
            SignInError::Hash(cause) => Self::Internal(cause),
        }
    }
}

/// Rounded up: who waits as long as they were told is not told again.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_rounded_up() {
        for (millis, seconds) in [(0, 0), (1, 1), (999, 1), (1_000, 1), (59_001, 60)] {
            assert_eq!(whole_seconds(Duration::from_millis(millis)), seconds);
        }
    }
}
