//! The secret in a one-time link: made at random, shown once, kept as its hash.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::RngCore;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// 256 bits: nobody guesses one, however long they try.
const RANDOM_BYTES: usize = 32;

/// A new one, and its hash.
pub(super) fn new() -> (SecretString, [u8; 32]) {
    let mut random = [0; RANDOM_BYTES];
    rand::rng().fill_bytes(&mut random);
    let secret: SecretString = URL_SAFE_NO_PAD.encode(random).into();
    let hashed = hash(secret.expose_secret());
    (secret, hashed)
}

/// What the database keeps of it.
pub(super) fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_the_same_and_each_fits_an_address() {
        let (one, other) = (new(), new());
        assert_ne!(one.1, other.1);
        assert_eq!(one.1, hash(one.0.expose_secret()));
        let text = one.0.expose_secret();
        let plain = |letter: u8| letter.is_ascii_alphanumeric() || b"-_".contains(&letter);
        assert!(
            text.len() == 43 && text.bytes().all(plain),
            "{}",
            text.len()
        );
        assert!(!format!("{:?}", one.0).contains(text));
    }
}
