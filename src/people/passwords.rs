//! Passwords of local accounts: what one may be, how it is hashed, and those made by us.

use std::{sync::Arc, time::Duration};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use rand::Rng;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::error::BoxError;

/// Argon2id as OWASP advises: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Passwords that are hashed at the same time; each takes [`MEMORY_KIB`] and a core.
const AT_ONCE: usize = 4;

/// How long a sign-in waits for its turn.
const TURN: Duration = Duration::from_secs(4);

/// What an unknown user's password is compared with, so that the answer takes as long as for a known one. The output
/// is all zeroes: no password has it.
const DUMMY: &str = "$argon2id$v=19$m=19456,t=2,p=1$ZGVza2Nhc3QtZHVtbXktcw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Letters of a password made by us; none looks like another.
const READABLE: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// How many of them: 99 bits.
const MADE_LENGTH: usize = 20;

/// Why a password was neither hashed nor checked.
#[derive(Debug, thiserror::Error)]
pub enum PasswordFault {
    /// Many people are signing in; this one did not get its turn.
    #[error("too many passwords are checked at once")]
    Busy,
    /// The hash cannot be computed.
    #[error("a password could not be checked")]
    Hash(#[source] BoxError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Hashes and checks passwords, a few at a time, off the async threads.
#[derive(Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Passwords {
    /// The hash of a new password, in PHC form.
    pub async fn hash(&self, password: &SecretString) -> Result<String, PasswordFault> {
        let password = password.clone();
        self.work(move |argon2| {
            let hash = argon2.hash_password(password.expose_secret().as_bytes())?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether `password` is the one of `hash`; takes as long when there is no hash, and is wrong then.
    pub async fn check(
        &self,
        password: &SecretString,
        hash: Option<SecretString>,
    ) -> Result<bool, PasswordFault> {
        let (password, known) = (password.clone(), hash.is_some());
        let hash = hash.unwrap_or_else(|| DUMMY.into());
        self.work(move |argon2| {
            let password = password.expose_secret().as_bytes();
            match argon2.verify_password(password, hash.expose_secret()) {
                Ok(()) => Ok(known),
                Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
                Err(error) => Err(error),
            }
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'_>) -> argon2::password_hash::Result<T> + Send + 'static,
    ) -> Result<T, PasswordFault> {
        let turn = tokio::time::timeout(TURN, Arc::clone(&self.turns).acquire_owned());
        let Ok(Ok(turn)) = turn.await else {
            return Err(PasswordFault::Busy);
        };
        let done = tokio::task::spawn_blocking(move || {
            // Kept to the end of the work, also when nobody waits for it any more.
            let _turn = turn;
            work(&argon2()?)
        });
        done.await
            .map_err(|error| PasswordFault::Hash(error.into()))?
            .map_err(|error| PasswordFault::Hash(error.to_string().into()))
    }
}

fn argon2() -> argon2::password_hash::Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// A password that is easy to type, for the first administrator.
pub(super) fn readable() -> SecretString {
    let mut random = rand::rng();
    (0..MADE_LENGTH)
        .map(|_| char::from(READABLE[random.random_range(0..READABLE.len())]))
        .collect::<String>()
        .into()
}

#[cfg(test)]
mod tests {
    use argon2::PasswordHash;

    use super::*;

    #[tokio::test]
    async fn a_password_is_hashed_as_owasp_advises_and_the_dummy_costs_the_same() {
        let passwords = Passwords::default();
        let hash = passwords.hash(&"correct horse".into()).await.unwrap();
        let (real, dummy) = (
            PasswordHash::new(&hash).unwrap(),
            PasswordHash::new(DUMMY).unwrap(),
        );
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert_eq!(real.algorithm, dummy.algorithm);
        assert_eq!(real.version, dummy.version);
        assert_eq!(real.params, dummy.params);
        assert_eq!(
            real.hash.unwrap().as_ref().len(),
            dummy.hash.unwrap().as_ref().len()
        );
    }

    #[tokio::test]
    async fn only_the_password_fits() {
        let passwords = Passwords::default();
        let hash = passwords.hash(&"correct horse".into()).await.unwrap();
        assert_ne!(hash, passwords.hash(&"correct horse".into()).await.unwrap());
        for (password, fits) in [
            ("correct horse", true),
            ("correct horse ", false),
            ("Correct horse", false),
            ("", false),
        ] {
            let hash = Some(SecretString::from(hash.clone()));
            let right = passwords.check(&password.into(), hash).await.unwrap();
            assert_eq!(right, fits, "{password:?}");
            assert!(!passwords.check(&password.into(), None).await.unwrap());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_get_a_turn_is_told_to_come_back() {
        let passwords = Passwords::default();
        let _all = passwords.turns.acquire_many(4).await.unwrap();
        let refusal = passwords.check(&"x".into(), None).await.unwrap_err();
        assert!(matches!(refusal, PasswordFault::Busy));
    }

    #[test]
    fn passwords_made_by_us_are_readable_and_differ() {
        let made: std::collections::HashSet<String> = (0..100)
            .map(|_| readable().expose_secret().to_owned())
            .collect();
        assert_eq!(made.len(), 100);
        for password in made {
            assert_eq!(password.len(), MADE_LENGTH);
            assert!(password.bytes().all(|letter| READABLE.contains(&letter)));
        }
    }
}
