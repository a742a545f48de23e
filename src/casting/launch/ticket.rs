//! What the page of a link carries, signed: which page it is, of which cast, and where its visitor came from (pure).
//!
//! A page is shown before it is sent, so what was checked when it was shown need not be asked of the browser again, and
//! a page that was sent twice is known again. Nothing is written down for a page that is only looked at.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::ids::{CastId, LaunchId};

/// How long a page may be sent after it was shown. Less than its launch is remembered.
const GOOD_FOR: Duration = Duration::hours(12);
/// What the signature is about: nothing else is signed with this key.
const PURPOSE: &[u8] = b"deskcast page of a cast 1";
/// Bytes of an id, and of a signature.
const ID: usize = 16;
const SIGNATURE: usize = 32;
/// The longest host of a referrer (RFC 1035 2.3.4), with room for its scheme.
const LONGEST_REFERRER: usize = 300;

/// The key of an installation, shared by all its servers.
#[derive(Clone)]
pub struct PageKey(Hkdf<Sha256>);

impl std::fmt::Debug for PageKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PageKey")
    }
}

impl PageKey {
    /// Of these random bytes.
    #[must_use]
    pub fn new(random: &[u8]) -> Self {
        Self(Hkdf::new(None, random))
    }

    /// A secret of its own for another `purpose`; every server of the installation has the same.
    #[must_use]
    pub fn secret(&self, purpose: &[u8]) -> [u8; 32] {
        let mut secret = [0; 32];
        // As many bytes as one block of the hash has: cannot be too many.
        let _ = self.0.expand(purpose, &mut secret);
        secret
    }

    fn sign(&self, payload: &[u8]) -> [u8; SIGNATURE] {
        let mut signature = [0; SIGNATURE];
        // As many bytes as one block of the hash has: cannot be too many.
        let _ = self
            .0
            .expand_multi_info(&[PURPOSE, payload], &mut signature);
        signature
    }
}

/// One page of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Which page; says when it was shown.
    pub page: LaunchId,
    /// Of which cast.
    pub cast: CastId,
    /// The origin its visitor came from, as their browser said.
    pub referrer: Option<String>,
}

impl Ticket {
    /// Of a page that is shown now.
    #[must_use]
    pub fn new(cast: CastId, referrer: Option<&str>) -> Self {
        Self {
            page: LaunchId::new(),
            cast,
            referrer: referrer
                .filter(|from| from.len() <= LONGEST_REFERRER)
                .map(str::to_owned),
        }
    }

    /// As the page carries it.
    #[must_use]
    pub fn seal(&self, key: &PageKey) -> String {
        let mut bytes = [*self.page.0.as_bytes(), *self.cast.0.as_bytes()].concat();
        bytes.extend_from_slice(self.referrer.as_deref().unwrap_or_default().as_bytes());
        let signature = key.sign(&bytes);
        bytes.extend_from_slice(&signature);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a page of `cast` that may be sent at `now`; `None`: it is none of ours, of another cast, or too old.
    #[must_use]
    pub fn open(text: &str, key: &PageKey, cast: CastId, now: OffsetDateTime) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (payload, signature) = bytes.split_at_checked(bytes.len().checked_sub(SIGNATURE)?)?;
        // Hashes are compared, so that the time it takes says nothing of the signature.
        if Sha256::digest(key.sign(payload)) != Sha256::digest(signature) {
            return None;
        }
        let (page, rest) = payload.split_at_checked(ID)?;
        let (of, referrer) = rest.split_at_checked(ID)?;
        let ticket = Self {
            page: LaunchId(Uuid::from_slice(page).ok()?),
            cast: CastId(Uuid::from_slice(of).ok()?),
            referrer: Some(String::from_utf8(referrer.to_vec()).ok()?)
                .filter(|from| !from.is_empty()),
        };
        let (seconds, _) = ticket.page.0.get_timestamp()?.to_unix();
        let shown = OffsetDateTime::from_unix_timestamp(i64::try_from(seconds).ok()?).ok()?;
        // Clocks of servers differ: a page of the future is as good as one of the past.
        ((now - shown).abs() <= GOOD_FOR && ticket.cast == cast).then_some(ticket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_known_again_and_no_other() {
        let (key, cast) = (PageKey::new(b"random"), CastId::new());
        let now = crate::clock::Clock::system().now();
        for referrer in [None, Some("https://school.example")] {
            let ticket = Ticket::new(cast, referrer);
            let sealed = ticket.seal(&key);
            let open = |text: &str| Ticket::open(text, &key, cast, now);
            assert_eq!(open(&sealed), Some(ticket.clone()));
            assert_eq!(
                Ticket::open(&sealed, &PageKey::new(b"other"), cast, now),
                None
            );
            assert_eq!(Ticket::open(&sealed, &key, CastId::new(), now), None);
            for (hours, good) in [(11, true), (13, false), (-11, true), (-13, false)] {
                let then = now + Duration::hours(hours);
                assert_eq!(
                    Ticket::open(&sealed, &key, cast, then).is_some(),
                    good,
                    "{hours}"
                );
            }
            let bytes = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
            for changed in 0..bytes.len() {
                let mut other = bytes.clone();
                other[changed] ^= 1;
                assert_eq!(open(&URL_SAFE_NO_PAD.encode(other)), None, "byte {changed}");
            }
            for end in 0..sealed.len() {
                assert_eq!(open(&sealed[..end]), None, "the first {end}");
            }
        }
        let long = "x".repeat(LONGEST_REFERRER + 1);
        assert_eq!(Ticket::new(cast, Some(&long)).referrer, None);
    }
}
