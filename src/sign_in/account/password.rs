//! What a password that somebody chooses must be, and why it was not changed.

use secrecy::{ExposeSecret, SecretString};

use crate::{language::Sentence, say, sign_in::SignInError};

/// The fewest characters of a password that somebody chooses.
pub const SHORTEST: usize = 8;

/// The most; more would only cost time to hash.
pub const LONGEST: usize = 200;

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

/// What is wrong with a password that somebody chooses; length is all that is asked for, as NIST SP 800-63B advises.
#[must_use]
pub fn password_problem(password: &SecretString) -> Option<Sentence> {
    match password.expose_secret().chars().count() {
        0..SHORTEST => Some(say!("account-password-short", count = SHORTEST)),
        SHORTEST..=LONGEST => None,
        _ => Some(say!("account-password-long", count = LONGEST)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_a_length_and_no_other_rules() {
        for (length, fits) in [(0, false), (7, false), (8, true), (200, true), (201, false)] {
            let password = SecretString::from("ä".repeat(length));
            assert_eq!(password_problem(&password).is_none(), fits, "{length}");
        }
    }
}
