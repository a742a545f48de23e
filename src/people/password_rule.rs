//! What a password that somebody chooses must be, for themselves or for another.

use secrecy::{ExposeSecret, SecretString};

use crate::{language::Sentence, say};

/// The fewest characters.
pub const SHORTEST: usize = 8;

/// The most; more would only cost time to hash.
pub const LONGEST: usize = 500;

/// What is wrong with a password that somebody chooses; length is all that is asked for, as NIST SP 800-63B advises.
#[must_use]
pub fn password_problem(password: &SecretString) -> Option<Sentence> {
    match password.expose_secret().chars().count() {
        0..SHORTEST => Some(say!("password-short", count = SHORTEST)),
        SHORTEST..=LONGEST => None,
        _ => Some(say!("password-long", count = LONGEST)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_a_length_and_no_other_rules() {
        for (length, fits) in [(0, false), (7, false), (8, true), (500, true), (501, false)] {
            let password = SecretString::from("ä".repeat(length));
            assert_eq!(password_problem(&password).is_none(), fits, "{length}");
        }
    }
}
