//! How often somebody may fail to sign in: a few times at once, then slowly. The budget is that of an account *and* of
//! where its failures come from, so that it hits a guesser and not the owner.
//!
//! A try is counted before its password is looked at, so that guessing in parallel gains nothing; a right one is given
//! back. Strangers behind one address share a second, generous budget of failures over all accounts, so that nobody
//! tries one password with a thousand names. A known device has neither to do with the address nor with its neighbours.

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

use crate::{ids::UserId, sessions::sha256};

/// Failures with one account from one source at once.
const ACCOUNT_BURST: NonZeroU32 = NonZeroU32::new(5).unwrap();

/// After that, one in this time.
const ACCOUNT_EVERY: Duration = Duration::from_mins(1);

/// Failures of one household at once, whatever the account: a school mistypes a lot at nine o'clock.
const HOUSEHOLD_BURST: NonZeroU32 = NonZeroU32::new(100).unwrap();

/// After that, one in this time.
const HOUSEHOLD_EVERY: Duration = Duration::from_secs(3);

/// The budgets.
pub(super) struct RateLimits {
    accounts: Budget<Tried>,
    households: Budget<IpAddr>,
}

/// Where a try comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Source {
    /// An address, or the /64 network of one.
    Household(IpAddr),
    /// A browser that the account knows, or a session of it.
    Device([u8; 32]),
}

/// What a try counts against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Tried {
    /// See [`account_key`].
    pub account: [u8; 32],
    pub source: Source,
}

/// What an account's budget is named by: its row, however its name was spelled. Only the database knows which spelling
/// is whose; a name that nobody has gets a budget too, so that nothing tells it from one that somebody has.
pub(super) fn account_key(row: Option<UserId>, name: &str) -> [u8; 32] {
    match row {
        Some(id) => sha256(&format!("row {id}")),
        None => sha256(&format!("name {}", name.to_lowercase())),
    }
}

impl RateLimits {
    pub(super) fn new() -> Self {
        let quota = |burst: NonZeroU32, every: Duration| {
            Quota::with_period(every)
                .unwrap_or(Quota::per_minute(burst))
                .allow_burst(burst)
        };
        Self {
            accounts: Budget::new(quota(ACCOUNT_BURST, ACCOUNT_EVERY)),
            households: Budget::new(quota(HOUSEHOLD_BURST, HOUSEHOLD_EVERY)),
        }
    }

    /// Counts a try; or how long to wait. What is refused counts against nobody.
    pub(super) fn count(&self, tried: &Tried) -> Result<(), Duration> {
        self.accounts.take(tried)?;
        if let Source::Household(household) = &tried.source {
            let taken = self.households.take(household);
            return taken.inspect_err(|_| self.accounts.give_back(tried));
        }
        Ok(())
    }

    /// Whether a try would be counted now.
    pub(super) fn ask(&self, tried: &Tried) -> Result<(), Duration> {
        self.count(tried)?;
        self.give_back(tried);
        Ok(())
    }

    /// The try succeeded: it does not count.
    pub(super) fn give_back(&self, tried: &Tried) {
        self.accounts.give_back(tried);
        if let Source::Household(household) = &tried.source {
            self.households.give_back(household);
        }
    }

    /// Forgets budgets that are full again.
    pub(super) fn sweep(&self) {
        self.accounts.limiter.retain_recent();
        self.households.limiter.retain_recent();
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

    fn tried(name: &str, source: Source) -> Tried {
        Tried {
            account: account_key(None, name),
            source,
        }
    }

    fn from(name: &str, last: u8) -> Tried {
        tried(name, Source::Household(address(last)))
    }

    #[test]
    fn an_account_has_one_budget_however_it_is_spelled() {
        let [jana, ivo] = [UserId::new(), UserId::new()].map(Some);
        let table = [
            ((jana, "admin"), (jana, "adm\u{130}n"), true),
            ((jana, "jana"), (ivo, "jana"), false),
            ((None, "nobody"), (None, "NoBody"), true),
            ((None, "ÄRGER"), (None, "ärger"), true),
            ((None, "nobody"), (None, "nobody2"), false),
            ((jana, "jana"), (None, "jana"), false),
        ];
        for ((row, name), (other_row, other_name), same) in table {
            let keys = (account_key(row, name), account_key(other_row, other_name));
            assert_eq!(keys.0 == keys.1, same, "{name} {other_name}");
        }
    }

    /// Who failed five times with Jana's account, who tries now, and whether they may.
    #[tokio::test(start_paused = true)]
    async fn a_guesser_is_slowed_and_nobody_else() {
        let [known, other] = [[1; 32], [2; 32]].map(Source::Device);
        let [here, there] = [1, 2].map(|last| Source::Household(address(last)));
        let table = [
            (here, "jana", here, false),
            (here, "Jana", here, false),
            (here, "ivo", here, true),
            (here, "jana", there, true),
            (here, "jana", known, true),
            (known, "jana", known, false),
            (known, "jana", other, true),
            (known, "jana", here, true),
        ];
        for (guesser, name, now, may) in table {
            let tries = RateLimits::new();
            for _ in 0..5 {
                tries.count(&tried("jana", guesser)).unwrap();
            }
            let expected = if may { Ok(()) } else { Err(ACCOUNT_EVERY) };
            assert_eq!(
                tries.ask(&tried(name, now)),
                expected,
                "{guesser:?} {name} {now:?}"
            );
            assert_eq!(
                tries.count(&tried(name, now)),
                expected,
                "{guesser:?} {name} {now:?}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn after_five_failures_there_is_one_a_minute() {
        let tries = RateLimits::new();
        for _ in 0..5 {
            tries.count(&from("jana", 1)).unwrap();
        }
        tokio::time::advance(ACCOUNT_EVERY).await;
        tries.count(&from("jana", 1)).unwrap();
        assert_eq!(tries.count(&from("jana", 1)), Err(ACCOUNT_EVERY));
    }

    #[tokio::test(start_paused = true)]
    async fn a_household_fails_a_hundred_times_then_every_three_seconds() {
        let tries = RateLimits::new();
        for number in 0..100 {
            tries.count(&from(&format!("user-{number}"), 1)).unwrap();
        }
        assert_eq!(tries.count(&from("another", 1)), Err(HOUSEHOLD_EVERY));
        tries.count(&from("another", 2)).unwrap();
        let known = tried("another", Source::Device([1; 32]));
        tries.count(&known).unwrap();
        tokio::time::advance(HOUSEHOLD_EVERY * 5).await;
        // What was refused did not count against the account.
        for _ in 0..5 {
            tries.count(&from("another", 1)).unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_try_that_succeeded_does_not_count_and_wrong_ones_stay() {
        let tries = RateLimits::new();
        for _ in 0..4 {
            tries.count(&from("jana", 1)).unwrap();
        }
        for _ in 0..1000 {
            tries.ask(&from("jana", 1)).unwrap();
            tries.count(&from("jana", 1)).unwrap();
            tries.give_back(&from("jana", 1));
        }
        tries.count(&from("jana", 1)).unwrap();
        tries.count(&from("jana", 1)).unwrap_err();
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_budget_is_forgotten_and_a_spent_one_is_not() {
        let tries = RateLimits::new();
        for _ in 0..5 {
            tries.count(&from("jana", 1)).unwrap();
        }
        tokio::time::advance(ACCOUNT_EVERY).await;
        tries.count(&from("ivo", 2)).unwrap();
        tries.sweep();
        tries.count(&from("jana", 1)).unwrap();
        tries.count(&from("jana", 1)).unwrap_err();
        tokio::time::advance(ACCOUNT_EVERY * 6).await;
        tries.sweep();
        assert!(tries.accounts.limiter.is_empty() && tries.households.limiter.is_empty());
    }
}
