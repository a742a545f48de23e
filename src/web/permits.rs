//! Counting what is held at once, by key: a permit is given back when it is dropped, however that happens.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// How many permits of each key are held. A copy is the same count. A key of which none is held takes no memory.
#[derive(Debug)]
pub struct Permits<K: Hash + Eq + Copy>(Arc<Mutex<HashMap<K, u32>>>);

impl<K: Hash + Eq + Copy> Clone for Permits<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K: Hash + Eq + Copy> Default for Permits<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Hash + Eq + Copy> Permits<K> {
    /// One more of `key`, or `None` when `most` are held already. Never waits.
    #[must_use]
    pub fn take(&self, key: K, most: u32) -> Option<Permit<K>> {
        let mut counts = self.counts();
        let held = counts.get(&key).copied().unwrap_or(0);
        if held >= most {
            return None;
        }
        counts.insert(key, held + 1);
        Some(Permit {
            of: self.clone(),
            key,
        })
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<K, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of those that are held; dropping it gives it back.
#[derive(Debug)]
pub struct Permit<K: Hash + Eq + Copy> {
    of: Permits<K>,
    key: K,
}

impl<K: Hash + Eq + Copy> Drop for Permit<K> {
    fn drop(&mut self) {
        let mut counts = self.of.counts();
        if let Entry::Occupied(mut held) = counts.entry(self.key) {
            if *held.get() > 1 {
                *held.get_mut() -= 1;
            } else {
                held.remove();
            }
        }
        // One busy moment must not keep its memory for ever.
        if counts.capacity() > 1024 && counts.len() < counts.capacity() / 8 {
            counts.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_so_many_and_no_more() {
        let permits = Permits::default();
        let first = permits.take("jane", 2);
        let second = permits.take("jane", 2);
        assert!(first.is_some() && second.is_some());
        assert!(permits.take("jane", 2).is_none());
        assert!(permits.take("joe", 2).is_some());
        drop(first);
        let third = permits.take("jane", 2);
        assert!(third.is_some());
        assert!(permits.take("jane", 2).is_none());
    }

    #[test]
    fn what_nobody_holds_is_forgotten() {
        let permits = Permits::default();
        let held: Vec<_> = (0..5_000).map(|key| permits.take(key, 1)).collect();
        assert_eq!(permits.counts().len(), 5_000);
        drop(held);
        assert_eq!(permits.counts().len(), 0);
        assert!(permits.counts().capacity() <= 1024);
    }

    #[test]
    fn a_panic_gives_back_too() {
        let permits = Permits::default();
        let inside = permits.clone();
        let panicked = std::thread::spawn(move || {
            let _held = inside.take("jane", 1);
            panic!("while it is held");
        });
        assert!(panicked.join().is_err());
        assert!(permits.take("jane", 1).is_some());
    }
}
