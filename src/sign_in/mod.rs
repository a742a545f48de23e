//! Signing in: with a password, with an OpenID provider, or as a guest; and what changes an account and its sessions
//! together. [`SignIn`] is the handle.
//!
//! [`oidc`] signs people in with providers. Whatever way somebody comes in,
//! [`Sessions::begin`](crate::sessions::Sessions::begin) makes the session.

mod account;
mod api;
mod by_password;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod guests;
mod known_device;
mod methods;
pub mod next;
pub mod oidc;
mod pages;
mod rate_limits;
mod refusal;
pub mod routes;

use std::{fmt, sync::Arc};

use axum::http::request::Parts;
use url::Url;

use self::rate_limits::RateLimits;
pub use self::{
    account::{PasswordError, not_there},
    known_device::Visitor,
    pages::sign_in_page,
    refusal::SignInError,
};
use crate::{
    config::{Config, HttpConfig, OidcConfig},
    db::Db,
    groups::{GroupError, Groups},
    ids::{GroupId, OidcProviderId, UserId},
    people::{
        Account, AccountChange, Details, NewAccount, People, PeopleError, User,
        password_rule::password_problem,
    },
    providers::{ProviderError, Providers},
    sessions::{Accepts, EndedHashes, NewSession, Sessions},
};

/// Why an account was not made or changed together with its groups.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The account itself.
    #[error(transparent)]
    Account(#[from] PeopleError),
    /// Its groups.
    #[error(transparent)]
    Groups(#[from] GroupError),
}

impl From<sqlx::Error> for AccountError {
    fn from(error: sqlx::Error) -> Self {
        Self::Account(error.into())
    }
}

/// What [`SignIn`] is made of.
#[derive(Debug)]
pub struct SignInParts {
    /// For what is one transaction over several rooms.
    pub db: Db,
    /// Accounts and passwords.
    pub people: People,
    /// Where a sign-in becomes a session.
    pub sessions: Sessions,
    /// OpenID providers.
    pub providers: Providers,
    /// Groups of people.
    pub groups: Groups,
}

/// The handle on signing in: cheap to clone.
#[derive(Clone)]
pub struct SignIn {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    people: People,
    sessions: Sessions,
    providers: Providers,
    groups: Groups,
    http: HttpConfig,
    limits: RateLimits,
    /// Whether a password is enough for people who are no administrators.
    local_accounts: bool,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn").finish_non_exhaustive()
    }
}

impl SignIn {
    /// A handle made of these parts.
    #[must_use]
    pub fn new(parts: SignInParts, config: &Config) -> Self {
        Self {
            inner: Arc::new(Inner {
                db: parts.db,
                people: parts.people,
                sessions: parts.sessions,
                providers: parts.providers,
                groups: parts.groups,
                http: config.http.clone(),
                limits: RateLimits::new(),
                local_accounts: config.oidc.local_accounts,
            }),
        }
    }

    /// Whether people may sign in with a password; administrators may in any case.
    #[must_use]
    pub fn local_accounts(&self) -> bool {
        self.inner.local_accounts
    }

    /// Where this server is, as browsers see it.
    #[must_use]
    pub fn public_url(&self) -> &Url {
        &self.inner.http.public_url
    }

    /// Whether browsers reach us over TLS only.
    pub(crate) fn is_secure(&self) -> bool {
        self.inner.http.secure()
    }

    pub(crate) fn people(&self) -> &People {
        &self.inner.people
    }

    pub(crate) fn providers(&self) -> &Providers {
        &self.inner.providers
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.inner.sessions
    }

    /// Makes a local account in these groups, or nothing; `new` has no [`NewAccount::problems`].
    pub async fn create_account(
        &self,
        new: &NewAccount,
        groups: &[GroupId],
    ) -> Result<Account, AccountError> {
        let inner = &self.inner;
        let hash = inner.people.passwords().hash(&new.password).await;
        let hash = hash.map_err(PeopleError::from)?;
        let mut tx = inner.db.begin().await?;
        let id = inner.people.create(&mut tx, new, &hash).await?;
        inner.groups.put_into(&mut tx, id, groups).await?;
        let account = inner.people.account_in(&mut tx, id).await?;
        tx.commit().await?;
        Ok(account)
    }

    /// Changes an account on behalf of `by` and, when they are given, its groups that were made here, or nothing;
    /// `change` has no [`AccountChange::problems`]. Whoever is switched off, gets another role or another password is
    /// signed out everywhere; their desktops run on. Tokens end with the password and with the account, not with the
    /// role: what they may do follows it.
    pub async fn change_account(
        &self,
        id: UserId,
        change: &AccountChange,
        groups: Option<&[GroupId]>,
        by: UserId,
    ) -> Result<Account, AccountError> {
        let inner = &self.inner;
        if id == by && change.details.disabled {
            return Err(PeopleError::Yourself.into());
        }
        let hash = match &change.password {
            Some(password) => Some(inner.people.passwords().hash(password).await),
            None => None,
        };
        let hash = hash.transpose().map_err(PeopleError::from)?;
        let mut tx = inner.db.begin().await?;
        let (people, details) = (&inner.people, &change.details);
        let signs_out = people.change(&mut tx, id, details, hash.as_deref()).await?;
        if let Some(groups) = groups {
            inner.groups.put_into(&mut tx, id, groups).await?;
        }
        let mut ended = EndedHashes::default();
        if signs_out {
            ended = inner.sessions.end_all(&mut tx, id).await?;
        }
        if hash.is_some() || details.disabled {
            ended.extend([inner.sessions.end_tokens(&mut tx, id).await?]);
        }
        let account = people.account_in(&mut tx, id).await?;
        tx.commit().await?;
        if signs_out || ended.count() > 0 {
            self.signed_out(&ended).await;
        }
        Ok(account)
    }

    /// The first step of removing an account on behalf of `by`: it is switched off, so that nothing new begins.
    pub async fn begin_removal(&self, id: UserId, by: UserId) -> Result<Account, PeopleError> {
        let inner = &self.inner;
        if id == by {
            return Err(PeopleError::Yourself);
        }
        let mut tx = inner.db.begin().await?;
        let account = inner.people.account_in(&mut tx, id).await?;
        let off = Details {
            display_name: account.user.display_name.clone(),
            email: account.user.email.clone(),
            role: account.user.role,
            disabled: true,
        };
        inner.people.change(&mut tx, id, &off, None).await?;
        let mut ended = inner.sessions.end_all(&mut tx, id).await?;
        ended.extend([inner.sessions.end_tokens(&mut tx, id).await?]);
        tx.commit().await?;
        self.signed_out(&ended).await;
        Ok(account)
    }

    async fn signed_out(&self, ended: &EndedHashes) {
        self.inner.sessions.were_ended(ended).await;
        self.inner.sessions.people_changed();
    }

    /// Removes a provider and ends the sessions that began with it, on every replica. The people stay.
    pub async fn delete_provider(&self, id: OidcProviderId) -> Result<(), ProviderError> {
        let inner = &self.inner;
        let mut tx = inner.db.begin().await?;
        if !inner.providers.lock(&mut tx, id).await? {
            return Err(ProviderError::Unknown);
        }
        let ended = inner.sessions.end_of_provider(&mut tx, id).await?;
        inner.providers.delete(&mut tx, id).await?;
        tx.commit().await?;
        inner.sessions.were_ended(&ended).await;
        Ok(())
    }

    /// Makes the configured provider at the first start, and says when nobody but administrators could sign in.
    pub async fn prepare_providers(&self, config: &OidcConfig) -> Result<(), sqlx::Error> {
        let providers = &self.inner.providers;
        providers.seed(config).await?;
        if !self.local_accounts() && providers.enabled().await?.is_empty() {
            tracing::warn!(
                "LOCAL_ACCOUNTS is false and no OpenID provider is enabled: only administrators can sign in, at /login?local=1"
            );
        }
        Ok(())
    }

    /// Makes a guest, a member of *All Users* and of `group`, and lets the sender of `head` in as them.
    pub async fn admit_guest(
        &self,
        group: Option<GroupId>,
        head: &Parts,
    ) -> Result<(User, NewSession), sqlx::Error> {
        let guest = self.make_guest(group, None).await?;
        let session = self.inner.sessions.begin(&guest, None, head).await?;
        Ok((guest, session))
    }

    /// The first half of [`SignIn::admit_guest`], for whoever has something to do before the guest's session begins.
    /// Others see `called`, where somebody knows whom they let in.
    pub async fn make_guest(
        &self,
        group: Option<GroupId>,
        called: Option<&str>,
    ) -> Result<User, sqlx::Error> {
        guests::make(&self.inner.db, group, called).await
    }

    /// The guest with this id, while they are there.
    pub async fn guest(&self, id: UserId) -> Result<Option<User>, sqlx::Error> {
        let guest = self.inner.people.user(id).await?;
        Ok(guest.filter(User::is_guest))
    }

    /// Whether a guest sent the request with this head. What cannot be found out now counts as nobody.
    pub(crate) async fn is_guest(&self, head: &Parts) -> bool {
        let caller = self.inner.sessions.caller(head, Accepts::CookieOnly).await;
        caller.is_ok_and(|caller| caller.user.is_guest())
    }

    /// Forgets budgets that are full again, and gives back the memory of passwords that nobody checks now. For
    /// upkeep, about once a minute.
    pub fn sweep(&self) {
        self.inner.limits.sweep();
        self.inner.people.passwords().rest();
    }
}
