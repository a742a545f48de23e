//! How often somebody may try to sign in: a few times at once, then slowly, per account and per address.
//!
//! Counted before a password is looked at, so that guessing in parallel gains nothing; a try that succeeded is given
//! back, so that a class behind one address can sign in at nine o'clock. What others guessed stays counted.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    num::NonZeroU32,
    ops::Add,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, Reference},
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{StateStore, keyed::ShrinkableKeyedStateStore},
};
use tokio::time::Instant;

use crate::sessions::sha256;

/// Tries one account takes at once.
const ACCOUNT_BURST: NonZeroU32 = NonZeroU32::new(5).unwrap();

/// After that, one try in this time.
const ACCOUNT_EVERY: Duration = Duration::from_mins(1);

/// Tries one address takes in a minute.
const ADDRESS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(20).unwrap();

/// The budgets.
pub(super) struct RateLimits {
    accounts: Budget<[u8; 32]>,
    addresses: Budget<IpAddr>,
}

/// A try that is counted.
#[derive(Debug)]
pub(super) struct Try {
    account: [u8; 32],
    address: IpAddr,
}

impl RateLimits {
    pub(super) fn new() -> Self {
        let minutes = |burst: NonZeroU32, every: Duration| {
            Quota::with_period(every)
                .unwrap_or(Quota::per_minute(burst))
                .allow_burst(burst)
        };
        Self {
            accounts: Budget::new(minutes(ACCOUNT_BURST, ACCOUNT_EVERY)),
            addresses: Budget::new(Quota::per_minute(ADDRESS_PER_MINUTE)),
        }
    }

    /// Counts a try of `household` (an address, or the /64 network of one) with the account `username`; or how long
    /// to wait.
    pub(super) fn count(&self, username: &str, household: IpAddr) -> Result<Try, Duration> {
        let account = sha256(&username.to_lowercase());
        self.addresses.take(&household)?;
        self.accounts.take(&account)?;
        Ok(Try {
            account,
            address: household,
        })
    }

    /// The try succeeded: it does not count.
    pub(super) fn give_back(&self, counted: &Try) {
        self.accounts.give_back(&counted.account);
        self.addresses.give_back(&counted.address);
    }

    /// Forgets budgets that are full again.
    pub(super) fn sweep(&self) {
        self.accounts.limiter.retain_recent();
        self.addresses.limiter.retain_recent();
    }
}

struct Budget<K: Hash + Eq + Clone> {
    limiter: RateLimiter<K, Spent<K>, Monotonic, NoOpMiddleware<Moment>>,
    spent: Spent<K>,
    one: Nanos,
}

impl<K: Hash + Eq + Clone> Budget<K> {
    fn new(quota: Quota) -> Self {
        let spent = Spent(Arc::default());
        Self {
            limiter: RateLimiter::new(quota, spent.clone(), Monotonic),
            spent,
            one: quota.replenish_interval().into(),
        }
    }

    fn take(&self, key: &K) -> Result<(), Duration> {
        self.limiter
            .check_key(key)
            .map_err(|not_until| not_until.wait_time_from(Monotonic.now()))
    }

    fn give_back(&self, key: &K) {
        if let Some(until) = self.spent.lock().get_mut(key) {
            *until = until.saturating_sub(self.one);
        }
    }
}

/// Until when each key has spent its budget; governor's own stores cannot give back.
#[derive(Clone)]
struct Spent<K>(Arc<Mutex<HashMap<K, Nanos>>>);

impl<K> Spent<K> {
    fn lock(&self) -> MutexGuard<'_, HashMap<K, Nanos>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq + Clone> StateStore for Spent<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut spent = self.lock();
        let (outcome, until) = decide(spent.get(key).copied())?;
        spent.insert(key.clone(), until);
        Ok(outcome)
    }
}

impl<K: Hash + Eq + Clone> ShrinkableKeyedStateStore<K> for Spent<K> {
    fn retain_recent(&self, drop_below: Nanos) {
        self.lock().retain(|_, until| *until > drop_below);
    }

    fn len(&self) -> usize {
        self.lock().len()
    }

    fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }
}

/// tokio's clock, which a test can move.
#[derive(Clone, Copy, Debug)]
struct Monotonic;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Moment(Instant);

impl Clock for Monotonic {
    type Instant = Moment;

    fn now(&self) -> Moment {
        Moment(Instant::now())
    }
}

impl Reference for Moment {
    fn duration_since(&self, earlier: Self) -> Nanos {
        self.0.saturating_duration_since(earlier.0).into()
    }

    fn saturating_sub(&self, duration: Nanos) -> Self {
        Self(self.0.checked_sub(duration.into()).unwrap_or(self.0))
    }
}

impl Add<Nanos> for Moment {
    type Output = Self;

    fn add(self, nanos: Nanos) -> Self {
        Self(self.0 + Duration::from(nanos))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        [203, 0, 113, last].into()
    }

    #[tokio::test(start_paused = true)]
    async fn an_account_takes_five_tries_then_one_a_minute() {
        let tries = RateLimits::new();
        for from in 0..5 {
            tries.count("jana", address(from)).unwrap();
        }
        assert_eq!(
            tries.count("Jana", address(9)).unwrap_err(),
            ACCOUNT_EVERY,
            "letter case is no way around"
        );
        tries.count("ivo", address(0)).unwrap();
        tokio::time::advance(ACCOUNT_EVERY).await;
        tries.count("jana", address(9)).unwrap();
        assert_eq!(tries.count("jana", address(9)).unwrap_err(), ACCOUNT_EVERY);
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_takes_twenty_tries_a_minute() {
        let tries = RateLimits::new();
        for number in 0..20 {
            tries.count(&format!("user-{number}"), address(1)).unwrap();
        }
        let wait = tries.count("another", address(1)).unwrap_err();
        assert_eq!(wait, Duration::from_secs(3));
        tries.count("another", address(2)).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_try_that_succeeded_does_not_count_and_wrong_ones_stay() {
        let tries = RateLimits::new();
        for _ in 0..4 {
            tries.count("jana", address(1)).unwrap();
        }
        for _ in 0..100 {
            let right = tries.count("jana", address(1)).unwrap();
            tries.give_back(&right);
        }
        tries.count("jana", address(1)).unwrap();
        tries.count("jana", address(1)).unwrap_err();
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_budget_is_forgotten_and_a_spent_one_is_not() {
        let tries = RateLimits::new();
        for _ in 0..5 {
            tries.count("jana", address(1)).unwrap();
        }
        tokio::time::advance(ACCOUNT_EVERY).await;
        tries.count("ivo", address(2)).unwrap();
        tries.sweep();
        tries.count("jana", address(1)).unwrap();
        tries.count("jana", address(1)).unwrap_err();
        tokio::time::advance(ACCOUNT_EVERY * 6).await;
        tries.sweep();
        assert!(tries.accounts.limiter.is_empty() && tries.addresses.limiter.is_empty());
    }
}
