//! Who refused our password is left alone for a while: every further attempt would count towards the ban that
//! `KasmVNC` lays on the whole proxy, and renew it (rule R4).

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::{Account, Endpoint};

/// As long as the ban itself.
pub(super) const BACK_OFF: Duration = Duration::from_secs(10);

/// Which accounts were refused, and until when nobody tries again.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    until: Mutex<HashMap<(SocketAddr, [u8; 32]), Instant>>,
}

impl Refusals {
    /// Whether this account was refused there a short time ago. Another password at the same address is another
    /// desktop, or a new start of it, and is not held back.
    pub(super) fn holds_back(&self, to: &Endpoint) -> bool {
        let Some(key) = key(to) else { return false };
        let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.get(&key).is_some_and(|until| *until > Instant::now())
    }

    /// Remembers a refusal.
    pub(super) fn refused(&self, by: &Endpoint) {
        let Some(key) = key(by) else { return };
        let now = Instant::now();
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.retain(|_, until| *until > now);
        until.insert(key, now + BACK_OFF);
    }
}

fn key(endpoint: &Endpoint) -> Option<(SocketAddr, [u8; 32])> {
    let Account { user, password } = endpoint.account.as_ref()?;
    let digest = Sha256::new()
        .chain_update(user)
        .chain_update([0])
        .chain_update(password.expose_secret());
    Some((endpoint.address, digest.finalize().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_refused_account_is_left_alone_for_ten_seconds() {
        let at = |port: u16, password: &str| Endpoint {
            address: ([127, 0, 0, 1], port).into(),
            tls: true,
            account: Some(Account {
                user: "kasm_user".into(),
                password: password.into(),
            }),
        };
        let refusals = Refusals::default();
        refusals.refused(&at(7001, "wrong"));
        let held_back = || {
            [at(7001, "wrong"), at(7001, "right"), at(7002, "wrong")]
                .each_ref()
                .map(|endpoint| refusals.holds_back(endpoint))
        };
        assert_eq!(held_back(), [true, false, false]);
        tokio::time::advance(Duration::from_millis(9_900)).await;
        assert_eq!(held_back(), [true, false, false]);
        tokio::time::advance(Duration::from_millis(100)).await;
        assert_eq!(held_back(), [false, false, false]);
    }
}
