//! Passwords of local accounts at the door: who is let in, and how the own password is replaced.
//!
//! Only failures count, and they count against whoever fails: see `rate_limits`. A try has its budget looked at twice:
//! before it queues, so that a guesser takes nobody's place, and when its turn comes, so that guessing in parallel
//! gains nothing.

use secrecy::SecretString;

use super::{
    PasswordError, SignIn, SignInError, known_device, password_problem,
    rate_limits::{Source, Tried, account_key},
};
use crate::{
    ids::UserId,
    people::User,
    sessions::{Caller, EndedHashes},
    sign_in::Visitor,
};

impl SignIn {
    /// The person with this user name and password, tried by `visitor`. Without local accounts only administrators come
    /// in, so that a provider that is away or set up wrong locks nobody out.
    pub async fn check_password(
        &self,
        username: &str,
        password: &SecretString,
        visitor: &Visitor,
    ) -> Result<User, SignInError> {
        let username = username.trim();
        let people = &self.inner.people;
        let (user, hash) = match people.local_account(username).await? {
            Some((user, hash)) => (Some(user), hash),
            None => (None, None),
        };
        let id = user.as_ref().map(|user| user.id);
        let tried = Tried {
            account: account_key(id, username),
            source: self.source(id, visitor).await?,
        };
        let right = self.check(&tried, password, hash).await?;
        match user {
            Some(user) if right && self.lets_in(&user) => {
                self.inner.limits.give_back(&tried);
                Ok(user)
            }
            // The name is not logged: people type passwords into the wrong field.
            _ => {
                tracing::info!(client.network = %visitor.household, "a sign-in was refused");
                Err(SignInError::Wrong)
            }
        }
    }

    /// Whether `password` is the one of `hash`. The try is counted; whoever calls this gives a right one back.
    async fn check(
        &self,
        tried: &Tried,
        password: &SecretString,
        hash: Option<SecretString>,
    ) -> Result<bool, SignInError> {
        let (limits, passwords) = (&self.inner.limits, self.inner.people.passwords());
        limits.ask(tried).map_err(SignInError::too_many)?;
        let turn = passwords.turn().await?;
        limits.count(tried).map_err(SignInError::too_many)?;
        Ok(passwords.check_in(turn, password, hash).await?)
    }

    /// What the tries of `visitor` with the account `user` count against: a browser that signed in to it before is on
    /// its own, whatever others do from the same address.
    async fn source(&self, user: Option<UserId>, visitor: &Visitor) -> Result<Source, sqlx::Error> {
        if let (Some(user), Some(device)) = (user, visitor.device)
            && known_device::is_known(&self.inner.db, user, &device).await?
        {
            return Ok(Source::Device(device));
        }
        Ok(Source::Household(visitor.household))
    }

    /// Whether a right password is enough.
    fn lets_in(&self, user: &User) -> bool {
        user.disabled_at.is_none() && (self.inner.local_accounts || user.is_admin())
    }

    /// Whether `user` signs in with a password that is kept here.
    pub async fn has_password(&self, user: UserId) -> Result<bool, sqlx::Error> {
        Ok(self.inner.people.password_hash(user).await?.is_some())
    }

    /// Replaces the caller's password and ends their other sign-ins and all tokens: whoever knew the old one is out.
    /// Wrong tries count against the session that asks, so that no guesser elsewhere keeps the owner from it.
    pub async fn change_password(
        &self,
        caller: &Caller,
        old: &SecretString,
        new: &SecretString,
    ) -> Result<(), PasswordError> {
        let inner = &self.inner;
        let user = &caller.user;
        let hash = inner.people.password_hash(user.id).await;
        let hash = hash
            .map_err(SignInError::from)?
            .ok_or(PasswordError::NotHere)?;
        if let Some(problem) = password_problem(new) {
            return Err(PasswordError::NewOne(problem));
        }
        let tried = Tried {
            account: account_key(Some(user.id), &user.username),
            source: Source::Device(caller.session),
        };
        if !self.check(&tried, old, Some(hash)).await? {
            return Err(SignInError::Wrong.into());
        }
        inner.limits.give_back(&tried);
        let hash = inner.people.passwords().hash(new).await;
        let hash = hash.map_err(SignInError::from)?;
        let ended = self.replace_password(caller, &hash).await;
        let ended = ended.map_err(SignInError::from)?;
        inner.sessions.were_ended(&ended).await;
        tracing::info!(user.id = %user.id, "a password was changed");
        Ok(())
    }

    async fn replace_password(
        &self,
        caller: &Caller,
        hash: &str,
    ) -> Result<EndedHashes, sqlx::Error> {
        let inner = &self.inner;
        let mut tx = inner.db.begin().await?;
        inner
            .people
            .set_password(&mut tx, caller.user.id, hash)
            .await?;
        let mut ended = inner.sessions.end_others(&mut tx, caller).await?;
        ended.extend([inner.sessions.end_tokens(&mut tx, caller.user.id).await?]);
        tx.commit().await?;
        Ok(ended)
    }
}
