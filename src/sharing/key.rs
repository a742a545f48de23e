//! The key in a link: made at random, shown once, kept as its hash.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use rand::RngCore;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::{ids::DesktopId, web::urls};

/// 256 bits: nobody guesses one, however long they try.
const RANDOM_BYTES: usize = 32;

/// A new key, and its hash.
pub(super) fn new() -> (SecretString, [u8; 32]) {
    let mut random = [0; RANDOM_BYTES];
    rand::rng().fill_bytes(&mut random);
    let key: SecretString = URL_SAFE_NO_PAD.encode(random).into();
    let hashed = hash(key.expose_secret());
    (key, hashed)
}

/// What the key of a standing link is made for: nothing else is made of the same bytes.
const PURPOSE: &[u8] = b"deskcast standing share link 1";

/// The key of the link that `desktop` has from its start on. Its owner is told it whenever they look, and yet it stands
/// nowhere: it is made again each time, of bytes that all servers share.
pub(super) fn standing(shared: &[u8], desktop: DesktopId) -> SecretString {
    let mut bytes = [0; RANDOM_BYTES];
    // As many bytes as one block of the hash has: cannot be too many.
    let _ = Hkdf::<Sha256>::new(None, shared)
        .expand_multi_info(&[PURPOSE, desktop.0.as_bytes()], &mut bytes);
    URL_SAFE_NO_PAD.encode(bytes).into()
}

/// What the database keeps of a key.
pub(super) fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key).into()
}

/// The whole address of the link with this key.
pub(super) fn address(origin: &str, key: &SecretString) -> SecretString {
    format!("{origin}{}", urls::share(key.expose_secret())).into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn keys_are_long_and_fit_an_address_as_they_are() {
        let keys: HashSet<String> = (0..50).map(|_| new().0.expose_secret().into()).collect();
        assert_eq!(keys.len(), 50);
        for key in &keys {
            assert_eq!(key.len(), 43);
            let plain = |letter: u8| letter.is_ascii_alphanumeric() || b"-_".contains(&letter);
            assert!(key.bytes().all(plain), "{key}");
        }
    }

    #[test]
    fn a_standing_key_is_one_of_its_desktop_and_its_installation() {
        let (one, other) = (DesktopId::new(), DesktopId::new());
        let key = |shared: &[u8], desktop| standing(shared, desktop).expose_secret().to_owned();
        assert_eq!(key(b"a", one), key(b"a", one));
        let keys = HashSet::from([key(b"a", one), key(b"a", other), key(b"b", one)]);
        assert_eq!(keys.len(), 3);
        assert!(keys.iter().all(|key| key.len() == 43));
    }

    #[test]
    fn a_link_is_a_whole_address_and_is_not_printed() {
        let (key, hashed) = new();
        let address = address("https://desk.example", &key);
        let text = address.expose_secret();
        let end = text.strip_prefix("https://desk.example/share/").unwrap();
        assert_eq!(hash(end), hashed);
        assert!(!format!("{address:?}").contains(end));
    }
}
