//! Passwords of local accounts: what one may be, how it is hashed, and those made by us.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use rand::Rng;
use secrecy::{ExposeSecret, SecretString};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use crate::error::BoxError;

/// Argon2id as OWASP advises: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Passwords that are hashed at the same time; each takes [`MEMORY_KIB`] and a core. The memory is used again and again,
/// so these are all that there ever are.
const AT_ONCE: usize = 2;

/// Memory that nobody has needed for this long is given back.
const REST: Duration = Duration::from_secs(30);

/// How long a sign-in waits for its turn: longer would look like a server that is stuck. A school that signs in at once
/// is done in half of it, on a machine that has nothing else to do.
const TURN: Duration = Duration::from_secs(20);

/// How many wait for a turn. Two cores check about this many in [`TURN`]. Who comes after them is told so at once
/// instead of after a wait for nothing.
const WAITING: usize = 600;

/// What an unknown user's password is compared with, so that the answer takes as long as for a known one. The output
/// is all zeroes: no password has it.
const DUMMY: &str = "$argon2id$v=19$m=19456,t=2,p=1$ZGVza2Nhc3QtZHVtbXktcw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Characters of a password made by us; none looks like another.
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

/// Somebody's turn to have a password hashed or checked. Whoever has one is soon done.
#[derive(Debug)]
pub struct Turn {
    _permit: OwnedSemaphorePermit,
}

/// Hashes and checks passwords, a few at a time, off the async threads. The others queue, in the order they came.
#[derive(Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    places: Semaphore,
    memory: Arc<Memory>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            places: Semaphore::new(WAITING),
            memory: Arc::default(),
        }
    }
}

impl Passwords {
    /// The hash of a new password, in PHC form.
    pub async fn hash(&self, password: &SecretString) -> Result<String, PasswordFault> {
        let (password, turn) = (password.clone(), self.turn().await?);
        self.work(turn, move |blocks| {
            let salt: [u8; 16] = rand::random();
            let like = PasswordHash {
                algorithm: Algorithm::Argon2id.ident(),
                version: Some(Version::V0x13.into()),
                params: ParamsString::try_from(&params()?)?,
                salt: Some(Salt::new(&salt)?),
                hash: None,
            };
            let hash = Some(output(&password, &like, blocks)?);
            Ok(PasswordHash { hash, ..like }.to_string())
        })
        .await
    }

    /// Waits for a turn, behind whoever came before.
    pub async fn turn(&self) -> Result<Turn, PasswordFault> {
        let Ok(_place) = self.places.try_acquire() else {
            return Err(PasswordFault::Busy);
        };
        let turn = tokio::time::timeout(TURN, Arc::clone(&self.turns).acquire_owned());
        match turn.await {
            Ok(Ok(permit)) => Ok(Turn { _permit: permit }),
            _ => Err(PasswordFault::Busy),
        }
    }

    /// Whether `password` is the one of `hash`; takes as long when there is no hash, and is wrong then.
    pub async fn check_in(
        &self,
        turn: Turn,
        password: &SecretString,
        hash: Option<SecretString>,
    ) -> Result<bool, PasswordFault> {
        let (password, known) = (password.clone(), hash.is_some());
        let hash = hash.unwrap_or_else(|| DUMMY.into());
        self.work(turn, move |blocks| {
            let stored = PasswordHash::new(hash.expose_secret())?;
            // Two outputs are compared in constant time.
            Ok(known & (stored.hash == Some(output(&password, &stored, blocks)?)))
        })
        .await
    }

    /// Gives back what nobody has needed for a while. For upkeep, about once a minute.
    pub fn rest(&self) {
        let mut free = self.memory.free();
        free.retain(|(_, used)| used.elapsed() < REST);
        free.shrink_to_fit();
    }

    async fn work<T: Send + 'static>(
        &self,
        turn: Turn,
        work: impl FnOnce(&mut [Block]) -> Result<T, BoxError> + Send + 'static,
    ) -> Result<T, PasswordFault> {
        let memory = Arc::clone(&self.memory);
        let done = tokio::task::spawn_blocking(move || {
            // Kept to the end of the work, also when nobody waits for it any more.
            let _turn = turn;
            let mut blocks = memory.take();
            let done = work(&mut blocks);
            memory.put(blocks);
            done
        });
        done.await
            .map_err(|error| PasswordFault::Hash(error.into()))?
            .map_err(PasswordFault::Hash)
    }
}

/// What passwords are hashed in: at most [`AT_ONCE`] pieces, because whoever takes one has a turn.
#[derive(Default)]
struct Memory {
    /// Each with the moment it was last used.
    free: Mutex<Vec<(Vec<Block>, Instant)>>,
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memory").finish_non_exhaustive()
    }
}

impl Memory {
    fn free(&self) -> MutexGuard<'_, Vec<(Vec<Block>, Instant)>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The piece used last, so that the others can be given back.
    fn take(&self) -> Vec<Block> {
        let last = self.free().pop();
        last.map_or_else(
            || vec![Block::default(); MEMORY_KIB as usize],
            |(blocks, _)| blocks,
        )
    }

    fn put(&self, blocks: Vec<Block>) {
        self.free().push((blocks, Instant::now()));
    }
}

fn params() -> argon2::Result<Params> {
    Params::new(MEMORY_KIB, PASSES, LANES, None)
}

/// The output of `password` with the salt and the parameters of `like`.
fn output(
    password: &SecretString,
    like: &PasswordHash,
    blocks: &mut [Block],
) -> Result<Output, BoxError> {
    let algorithm = Algorithm::try_from(like.algorithm.as_str())?;
    let version = like.version.map(Version::try_from).transpose()?;
    let params = Params::try_from(like)?;
    let salt = like.salt.as_ref().ok_or("a hash without a salt")?;
    let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
    let argon2 = Argon2::new(algorithm, version.unwrap_or_default(), params);
    let password = password.expose_secret().as_bytes();
    let mut whole = [0; Output::MAX_LENGTH];
    let out = whole.get_mut(..length).ok_or("a hash that is too long")?;
    // A hash that needs more than ours do was made elsewhere.
    if argon2.params().block_count() <= blocks.len() {
        argon2.hash_password_into_with_memory(password, salt.as_ref(), out, blocks)?;
    } else {
        argon2.hash_password_into(password, salt.as_ref(), out)?;
    }
    Ok(Output::new(out)?)
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
    use super::*;

    async fn check(
        passwords: &Passwords,
        password: &str,
        hash: Option<SecretString>,
    ) -> Result<bool, PasswordFault> {
        let turn = passwords.turn().await?;
        passwords.check_in(turn, &password.into(), hash).await
    }

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
            let right = check(&passwords, password, hash).await.unwrap();
            assert_eq!(right, fits, "{password:?}");
            assert!(!check(&passwords, password, None).await.unwrap());
        }
    }

    #[tokio::test]
    async fn the_memory_is_used_again_and_given_back() {
        let passwords = Arc::new(Passwords::default());
        let all = (0..20).map(|_| {
            let passwords = Arc::clone(&passwords);
            async move { check(&passwords, "x", None).await.unwrap() }
        });
        futures_util::future::join_all(all).await;
        assert!((1..=AT_ONCE).contains(&passwords.memory.free().len()));
        passwords.rest();
        assert!(
            !passwords.memory.free().is_empty(),
            "somebody was just here"
        );
        tokio::time::pause();
        tokio::time::advance(REST).await;
        passwords.rest();
        assert!(passwords.memory.free().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_get_a_turn_is_told_to_come_back() {
        let passwords = Passwords::default();
        let _all = passwords.turns.acquire_many(2).await.unwrap();
        let refusal = check(&passwords, "x", None).await.unwrap_err();
        assert!(matches!(refusal, PasswordFault::Busy));
    }

    #[tokio::test(start_paused = true)]
    async fn who_finds_the_queue_full_is_told_at_once() {
        let passwords = Passwords::default();
        let _all = passwords.turns.acquire_many(2).await.unwrap();
        let begun = Instant::now();
        let everybody = (0..=WAITING).map(|_| async {
            let refusal = passwords.turn().await.unwrap_err();
            assert!(matches!(refusal, PasswordFault::Busy));
            begun.elapsed()
        });
        let waited = futures_util::future::join_all(everybody).await;
        let at_once = waited.iter().filter(|wait| wait.is_zero()).count();
        assert_eq!(at_once, 1, "the others had a place");
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
