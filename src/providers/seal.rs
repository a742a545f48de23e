//! Secrets at rest: what the database keeps of clients' secrets and of providers' tokens cannot be read without
//! `SECRET_KEY`.
//!
//! XChaCha20-Poly1305 with a key derived from `SECRET_KEY`. The purpose and the version are authenticated with the
//! text, so a sealed token cannot be put where a client's secret belongs.

use std::fmt;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use rand::Rng;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::{language::Sentence, say};

/// What the secret of a client at its provider is sealed for.
pub const CLIENT_SECRET: &str = "oidc client secret";

/// How sealed bytes begin; another number is another way to seal.
const VERSION: u8 = 1;

/// Separates this key from whatever else `SECRET_KEY` may be used for.
const INFO: &[u8] = b"deskcast seal 1";

/// Bytes of the random number that no two texts share.
const NONCE: usize = 24;

/// Why something could not be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// There is no `SECRET_KEY`.
    #[error("SECRET_KEY is not set")]
    NoKey,
    /// It was sealed with another `SECRET_KEY`, or for something else, or is damaged.
    #[error("a stored secret cannot be read with the present SECRET_KEY")]
    OtherKey,
}

impl SealError {
    /// What to do, for an administrator.
    #[must_use]
    pub fn sentence(self) -> Sentence {
        match self {
            Self::NoKey => say!("oidc-seal-no-key"),
            Self::OtherKey => say!("oidc-seal-other-key"),
        }
    }
}

/// Seals and opens.
#[derive(Clone)]
pub struct Seal {
    cipher: Option<XChaCha20Poly1305>,
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seal").finish_non_exhaustive()
    }
}

impl Seal {
    /// With a key derived from `SECRET_KEY`; without one, nothing can be sealed or opened.
    #[must_use]
    pub fn new(secret_key: Option<&SecretString>) -> Self {
        let cipher = secret_key.and_then(|secret| {
            let mut key = [0; 32];
            Hkdf::<Sha256>::new(None, secret.expose_secret().as_bytes())
                .expand(INFO, &mut key)
                .ok()?;
            Some(XChaCha20Poly1305::new(&key.into()))
        });
        Self { cipher }
    }

    /// Whether there is a key.
    #[must_use]
    pub fn has_key(&self) -> bool {
        self.cipher.is_some()
    }

    /// `text` for the database; only [`Seal::open`] with the same `purpose` reads it again.
    pub fn seal(&self, purpose: &'static str, text: &SecretString) -> Result<Vec<u8>, SealError> {
        let cipher = self.cipher.as_ref().ok_or(SealError::NoKey)?;
        let nonce: [u8; NONCE] = rand::rng().random();
        let payload = Payload {
            msg: text.expose_secret().as_bytes(),
            aad: &context(purpose),
        };
        let sealed = cipher
            .encrypt(&XNonce::from(nonce), payload)
            // Only a text of hundreds of gigabytes is too long.
            .map_err(|_| SealError::OtherKey)?;
        Ok([&[VERSION], nonce.as_slice(), &sealed].concat())
    }

    /// What was sealed for `purpose`.
    pub fn open(&self, purpose: &'static str, sealed: &[u8]) -> Result<SecretString, SealError> {
        let cipher = self.cipher.as_ref().ok_or(SealError::NoKey)?;
        let (nonce, msg) = sealed
            .strip_prefix(&[VERSION])
            .and_then(<[u8]>::split_first_chunk::<NONCE>)
            .ok_or(SealError::OtherKey)?;
        let payload = Payload {
            msg,
            aad: &context(purpose),
        };
        let text = cipher
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| SealError::OtherKey)?;
        String::from_utf8(text)
            .map(SecretString::from)
            .map_err(|_| SealError::OtherKey)
    }
}

fn context(purpose: &str) -> Vec<u8> {
    [&[VERSION], purpose.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(key: &str) -> Seal {
        Seal::new(Some(&key.into()))
    }

    #[test]
    fn what_was_sealed_opens_with_the_same_key_and_purpose_only() {
        let ours = seal("a long secret key of this server");
        let sealed = ours.seal("client", &"insecure_secret".into()).unwrap();
        let opened = ours.open("client", &sealed).unwrap();
        assert_eq!(opened.expose_secret(), "insecure_secret");
        assert_eq!(
            ours.open("token", &sealed).unwrap_err(),
            SealError::OtherKey
        );
        let other = seal("another secret key of this server");
        assert_eq!(
            other.open("client", &sealed).unwrap_err(),
            SealError::OtherKey
        );
    }

    #[test]
    fn nothing_of_the_text_can_be_seen_and_no_two_are_alike() {
        let seal = seal("a long secret key of this server");
        let one = seal.seal("client", &"insecure_secret".into()).unwrap();
        let two = seal.seal("client", &"insecure_secret".into()).unwrap();
        assert_ne!(one, two);
        assert!(!one.windows(8).any(|part| part == b"insecure"));
        assert!(!format!("{seal:?}").contains("secret"));
    }

    #[test]
    fn damaged_and_short_bytes_are_refused_without_a_panic() {
        let seal = seal("a long secret key of this server");
        let sealed = seal.seal("client", &"insecure_secret".into()).unwrap();
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert_eq!(
                seal.open("client", &damaged).unwrap_err(),
                SealError::OtherKey
            );
            assert_eq!(
                seal.open("client", &sealed[..at]).unwrap_err(),
                SealError::OtherKey
            );
        }
    }

    #[test]
    fn without_a_key_somebody_says_so() {
        let none = Seal::new(None);
        assert!(!none.has_key());
        assert_eq!(
            none.seal("client", &"x".into()).unwrap_err(),
            SealError::NoKey
        );
        assert_eq!(none.open("client", b"x").unwrap_err(), SealError::NoKey);
        assert!(
            SealError::NoKey
                .sentence()
                .to_string()
                .contains("SECRET_KEY")
        );
        assert!(
            SealError::OtherKey
                .sentence()
                .to_string()
                .contains("enter the secret")
        );
    }
}
