//! The last part of a link, where nobody thought of one: made at random.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::RngCore;

/// 128 bits: nobody finds a link by trying.
const RANDOM_BYTES: usize = 16;

/// 22 characters.
#[must_use]
pub fn random() -> String {
    let mut random = [0; RANDOM_BYTES];
    rand::rng().fill_bytes(&mut random);
    BASE64_URL_SAFE_NO_PAD.encode(random)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{super::cast::is_key, *};

    #[test]
    fn keys_are_different_and_may_stand_in_a_link() {
        let keys: HashSet<_> = (0..50).map(|_| random()).collect();
        assert_eq!(keys.len(), 50);
        assert!(keys.iter().all(|key| key.len() == 22 && is_key(key)));
    }
}
