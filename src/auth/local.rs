//! Local accounts: passwords, and the administrator made at the first start.

use std::{net::IpAddr, sync::Arc, time::Duration};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use rand::Rng;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use super::{
    login::{Inner, Login},
    store::{self, LocalAccount, NameTaken, NewLocal},
    user::{Role, User},
};
use crate::{config::FirstAdmin, error::BoxError, language::Sentence, say};

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

/// The administrator that was made at the first start.
#[derive(Debug)]
pub struct FirstAdminMade {
    /// What they sign in with.
    pub username: String,
    /// The password made for them, to be shown once; `None` when one was configured.
    pub password: Option<SecretString>,
}

/// Hashes and checks passwords, a few at a time, off the async threads.
#[derive(Debug)]
pub(super) struct Passwords {
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
    pub(super) async fn hash(&self, password: &SecretString) -> Result<String, SignInError> {
        let password = password.clone();
        self.work(move |argon2| {
            let hash = argon2.hash_password(password.expose_secret().as_bytes())?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether `password` is the one of `hash`; takes as long when there is no hash, and is wrong then.
    pub(super) async fn check(
        &self,
        password: &SecretString,
        hash: Option<SecretString>,
    ) -> Result<bool, SignInError> {
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
    ) -> Result<T, SignInError> {
        let turn = tokio::time::timeout(TURN, Arc::clone(&self.turns).acquire_owned());
        let Ok(Ok(turn)) = turn.await else {
            return Err(SignInError::Busy);
        };
        let done = tokio::task::spawn_blocking(move || {
            // Kept to the end of the work, also when nobody waits for it any more.
            let _turn = turn;
            work(&argon2()?)
        });
        done.await
            .map_err(|error| SignInError::Hash(error.into()))?
            .map_err(|error| SignInError::Hash(error.to_string().into()))
    }
}

fn argon2() -> argon2::password_hash::Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn readable_password() -> SecretString {
    let mut random = rand::rng();
    (0..MADE_LENGTH)
        .map(|_| char::from(READABLE[random.random_range(0..READABLE.len())]))
        .collect::<String>()
        .into()
}

impl Login {
    /// The person with this user name and password, tried from `household` (see `ClientIp::household`). Wrong tries
    /// are slowed per account and per address, before the password is looked at. Without local accounts only
    /// administrators come in, so that a provider that is away or set up wrong locks nobody out.
    pub async fn check_password(
        &self,
        username: &str,
        password: &SecretString,
        household: IpAddr,
    ) -> Result<User, SignInError> {
        let username = username.trim();
        let inner = &self.inner;
        let counted = inner
            .tries
            .count(username, household)
            .map_err(SignInError::too_many)?;
        let account = {
            let mut db = inner.db.acquire().await?;
            store::find_local(&mut db, username).await?
        };
        let (user, hash) = match account {
            Some(LocalAccount {
                user,
                password_hash,
            }) => (Some(user), password_hash),
            None => (None, None),
        };
        let right = inner.passwords.check(password, hash).await?;
        match user {
            Some(user) if right && inner.lets_in(&user) => {
                inner.tries.give_back(&counted);
                Ok(user)
            }
            // The name is not logged: people type passwords into the wrong field.
            _ => {
                tracing::info!(client.network = %household, "a sign-in was refused");
                Err(SignInError::Wrong)
            }
        }
    }

    /// Makes the administrator of the first start, unless there is a local one. Replicas that start together make
    /// one between them; only the one that made it answers `Some`.
    pub async fn ensure_first_admin(
        &self,
        first: &FirstAdmin,
    ) -> Result<Option<FirstAdminMade>, SignInError> {
        let db = &self.inner.db;
        if store::has_local_admin(&mut *db.acquire().await?).await? {
            return Ok(None);
        }
        let made = first.password.is_none().then(readable_password);
        let password = first.password.as_ref().or(made.as_ref());
        let password = password.cloned().unwrap_or_else(readable_password);
        let hash = self.inner.passwords.hash(&password).await?;

        let mut tx = db.begin().await?;
        store::lock_first_admin(&mut tx).await?;
        if store::has_local_admin(&mut tx).await? {
            return Ok(None);
        }
        let new = NewLocal {
            username: &first.username,
            role: Role::Admin,
            password_hash: &hash,
        };
        if let Err(NameTaken) = store::insert_local(&mut tx, &new).await? {
            tracing::warn!(
                "there is no local administrator, and ADMIN_USERNAME is the name of somebody who is none: choose another name"
            );
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some(FirstAdminMade {
            username: first.username.clone(),
            password: made,
        }))
    }
}

impl Inner {
    /// Whether a right password is enough.
    fn lets_in(&self, user: &User) -> bool {
        user.disabled_at.is_none() && (self.local_accounts || user.is_admin())
    }
}

/// Rounded up: who waits as long as they were told is not told again.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
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
        assert!(matches!(refusal, SignInError::Busy));
    }

    #[test]
    fn passwords_made_by_us_are_readable_and_differ() {
        let made: std::collections::HashSet<String> = (0..100)
            .map(|_| readable_password().expose_secret().to_owned())
            .collect();
        assert_eq!(made.len(), 100);
        for password in made {
            assert_eq!(password.len(), MADE_LENGTH);
            assert!(password.bytes().all(|letter| READABLE.contains(&letter)));
        }
    }

    #[test]
    fn waits_are_rounded_up() {
        for (millis, seconds) in [(0, 0), (1, 1), (999, 1), (1_000, 1), (59_001, 60)] {
            assert_eq!(whole_seconds(Duration::from_millis(millis)), seconds);
        }
    }
}
