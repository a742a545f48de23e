//! Changing one's own password.

use std::net::IpAddr;

use secrecy::{ExposeSecret, SecretString};

use super::{
    super::{
        local::SignInError,
        login::{Caller, Login},
    },
    store,
};
use crate::{ids::UserId, language::Sentence, say};

/// The fewest characters of a password that somebody chooses.
pub const SHORTEST: usize = 8;

/// The most; more would only cost time to hash.
pub const LONGEST: usize = 200;

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The account has none here: its provider looks after it.
    #[error("the account has no password here")]
    NotHere,
    /// The new one cannot be taken.
    #[error("{0}")]
    NewOne(Sentence),
    /// The old one is wrong, or there were too many tries, or the database failed.
    #[error(transparent)]
    Old(#[from] SignInError),
}

/// What is wrong with a password that somebody chooses; length is all that is asked for, as NIST SP 800-63B advises.
#[must_use]
pub fn password_problem(password: &SecretString) -> Option<Sentence> {
    match password.expose_secret().chars().count() {
        0..SHORTEST => Some(say!("account-password-short", count = SHORTEST)),
        SHORTEST..=LONGEST => None,
        _ => Some(say!("account-password-long", count = LONGEST)),
    }
}

impl Login {
    /// Whether `user` signs in with a password that is kept here.
    pub async fn has_password(&self, user: UserId) -> Result<bool, sqlx::Error> {
        let mut db = self.inner.db.acquire().await?;
        Ok(store::password_of(&mut db, user).await?.is_some())
    }

    /// Replaces the caller's password and ends their other sign-ins: whoever knew the old one is out. Wrong tries
    /// count like those of a sign-in.
    pub async fn change_password(
        &self,
        caller: &Caller,
        old: &SecretString,
        new: &SecretString,
        household: IpAddr,
    ) -> Result<(), PasswordError> {
        let inner = &self.inner;
        let user = &caller.user;
        let hash = {
            let mut db = inner.db.acquire().await.map_err(SignInError::from)?;
            let hash = store::password_of(&mut db, user.id).await;
            hash.map_err(SignInError::from)?
        };
        let hash = hash.ok_or(PasswordError::NotHere)?;
        if let Some(problem) = password_problem(new) {
            return Err(PasswordError::NewOne(problem));
        }
        let counted = inner
            .tries
            .count(&user.username, household)
            .map_err(SignInError::too_many)?;
        if !inner.passwords.check(old, Some(hash)).await? {
            return Err(SignInError::Wrong.into());
        }
        inner.tries.give_back(&counted);
        let hash = inner.passwords.hash(new).await?;
        let ended = self.replace_password(caller, &hash).await;
        self.end_all_here(&ended.map_err(SignInError::from)?).await;
        tracing::info!(user.id = %user.id, "a password was changed");
        Ok(())
    }

    async fn replace_password(
        &self,
        caller: &Caller,
        hash: &str,
    ) -> Result<Vec<Vec<u8>>, sqlx::Error> {
        let mut tx = self.inner.db.begin().await?;
        store::set_password(&mut tx, caller.user.id, hash).await?;
        let ended = store::end_others(&mut tx, caller.user.id, &caller.session).await?;
        tx.commit().await?;
        Ok(ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_a_length_and_no_other_rules() {
        for (length, fits) in [(0, false), (7, false), (8, true), (200, true), (201, false)] {
            let password = SecretString::from("ä".repeat(length));
            assert_eq!(password_problem(&password).is_none(), fits, "{length}");
        }
    }
}
