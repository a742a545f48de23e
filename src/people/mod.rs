//! People: their accounts, what they may do, their passwords. [`People`] is the handle.
//!
//! Signing in and sessions are built on top of this room (`sign_in`, `sessions`). What must happen together with the
//! end of a person's sessions takes the transaction of its caller; see `sign_in::accounts`.

mod accounts;
pub mod password_rule;
pub mod passwords;
pub(crate) mod store;
pub mod user;

use std::{collections::HashMap, sync::Arc};

use secrecy::SecretString;

use self::store::{LocalAccount, NameTaken, NewLocal};
pub use self::{
    accounts::{
        Account, AccountChange, Details, Filter, GroupOf, NewAccount, PeopleError, ROWS, Total,
    },
    passwords::{PasswordFault, Passwords},
    user::{Role, User},
};
use crate::{
    config::FirstAdmin,
    db::{Connection, Db},
    ids::UserId,
    language::Language,
    paging::{Cursor, Page, PageRequest},
    web::page::Theme,
};

/// The administrator that was made at the first start.
#[derive(Debug)]
pub struct FirstAdminMade {
    /// What they sign in with.
    pub username: String,
    /// The password made for them, to be shown once; `None` when one was configured.
    pub password: Option<SecretString>,
}

/// The handle on people: cheap to clone.
#[derive(Clone, Debug)]
pub struct People {
    db: Db,
    passwords: Arc<Passwords>,
}

impl People {
    /// A handle on the accounts in `db`.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self {
            db,
            passwords: Arc::default(),
        }
    }

    /// Hashes and checks passwords.
    #[must_use]
    pub fn passwords(&self) -> &Passwords {
        &self.passwords
    }

    /// The person with this id, guests too.
    pub async fn user(&self, id: UserId) -> Result<Option<User>, sqlx::Error> {
        store::find_user(&mut self.db.acquire().await?, id).await
    }

    /// The groups of a person as programs see them: id (a provider's own, for its groups) and name.
    pub async fn groups_of(&self, user: UserId) -> Result<Vec<(String, String)>, sqlx::Error> {
        store::groups_of(&mut self.db.acquire().await?, user).await
    }

    /// The local account with this user name, whatever the case of its letters, and the hash of its password.
    pub async fn local_account(
        &self,
        username: &str,
    ) -> Result<Option<(User, Option<SecretString>)>, sqlx::Error> {
        let found = store::find_local(&mut self.db.acquire().await?, username).await?;
        Ok(found.map(
            |LocalAccount {
                 user,
                 password_hash,
             }| (user, password_hash),
        ))
    }

    /// The hash of a local account's password; `None` for an account of a provider.
    pub async fn password_hash(&self, user: UserId) -> Result<Option<SecretString>, sqlx::Error> {
        store::password_of(&mut self.db.acquire().await?, user).await
    }

    /// Replaces the password of a local account, in the transaction of the caller.
    pub async fn set_password(
        &self,
        tx: &mut Connection,
        user: UserId,
        hash: &str,
    ) -> Result<(), sqlx::Error> {
        store::set_password(tx, user, hash).await
    }

    /// Keeps what is given of how pages look to `user`.
    pub async fn set_look(
        &self,
        user: UserId,
        language: Option<Language>,
        theme: Option<Theme>,
    ) -> Result<(), sqlx::Error> {
        store::set_look(&mut self.db.acquire().await?, user, language, theme).await
    }

    /// One page of the accounts that `filter` lets through, by shown name.
    pub async fn accounts(
        &self,
        filter: &Filter,
        request: &PageRequest<String>,
    ) -> Result<Page<Account, String>, sqlx::Error> {
        let mut db = self.db.acquire().await?;
        let rows = accounts::store::list(&mut db, filter, request).await?;
        let page = Page::of(rows, request, |(account, name)| Cursor {
            key: name.clone(),
            id: account.user.id.0,
        });
        Ok(page.map(|(account, _)| account))
    }

    /// How many accounts `filter` lets through, counted up to `most`: a long list is not counted to its end.
    pub async fn count_accounts(&self, filter: &Filter, most: i64) -> Result<Total, sqlx::Error> {
        let mut db = self.db.acquire().await?;
        let count = accounts::store::count(&mut db, filter, most + 1).await?;
        Ok(Total {
            count: count.min(most),
            exact: count <= most,
        })
    }

    /// The account with this id.
    pub async fn account(&self, id: UserId) -> Result<Option<Account>, sqlx::Error> {
        accounts::store::find(&mut self.db.acquire().await?, id).await
    }

    /// The people with these user names, by the name in small letters. A name several accounts have is a local
    /// account's, or nobody's.
    pub async fn named(&self, names: &[String]) -> Result<HashMap<String, UserId>, sqlx::Error> {
        accounts::store::named(&mut self.db.acquire().await?, names).await
    }

    /// Makes a local account in the transaction of the caller; `new` has no [`NewAccount::problems`], and `hash` is
    /// of its password.
    pub async fn create(
        &self,
        tx: &mut Connection,
        new: &NewAccount,
        hash: &str,
    ) -> Result<UserId, PeopleError> {
        let local = NewLocal {
            username: new.username.trim(),
            role: new.details.role,
            password_hash: hash,
        };
        let made = store::insert_local(tx, &local).await?;
        let user = made.map_err(|NameTaken| PeopleError::NameTaken)?;
        accounts::store::describe(tx, user.id, &new.details).await?;
        Ok(user.id)
    }

    /// Changes an account in the transaction of the caller, which ends the person's sessions when this answers
    /// `true`: whoever is switched off, gets another role or another password is signed out everywhere. One enabled
    /// local administrator always stays.
    pub async fn change(
        &self,
        tx: &mut Connection,
        id: UserId,
        details: &Details,
        hash: Option<&str>,
    ) -> Result<bool, PeopleError> {
        store::lock_first_admin(tx).await?;
        let before = accounts::store::find(tx, id)
            .await?
            .ok_or(PeopleError::Unknown)?;
        if hash.is_some() && !before.is_local() {
            return Err(PeopleError::NoPasswordHere);
        }
        if !accounts::store::change(tx, id, details, hash).await? {
            return Err(PeopleError::LastAdministrator);
        }
        let was_off = before.user.disabled_at.is_some();
        Ok((details.disabled && !was_off) || hash.is_some() || before.user.role != details.role)
    }

    /// The account with this id, as the transaction of the caller sees it.
    pub async fn account_in(
        &self,
        tx: &mut Connection,
        id: UserId,
    ) -> Result<Account, PeopleError> {
        accounts::store::find(tx, id)
            .await?
            .ok_or(PeopleError::Unknown)
    }

    /// The last step of removing an account that is switched off: it is gone, with everything that is said of it.
    pub async fn finish_removal(&self, id: UserId) -> Result<(), PeopleError> {
        if accounts::store::delete(&mut self.db.acquire().await?, id).await? {
            Ok(())
        } else {
            Err(PeopleError::Unknown)
        }
    }

    /// Makes the administrator of the first start, unless there is a local one. Replicas that start together make
    /// one between them; only the one that made it answers `Some`.
    pub async fn ensure_first_admin(
        &self,
        first: &FirstAdmin,
    ) -> Result<Option<FirstAdminMade>, PasswordFault> {
        if store::has_local_admin(&mut self.db.acquire().await?).await? {
            return Ok(None);
        }
        let made = first.password.is_none().then(passwords::readable);
        let password = first.password.as_ref().or(made.as_ref());
        let password = password.cloned().unwrap_or_else(passwords::readable);
        let hash = self.passwords.hash(&password).await?;

        let mut tx = self.db.begin().await?;
        store::lock_first_admin(&mut tx).await?;
        if store::has_local_admin(&mut tx).await? {
            return Ok(None);
        }
        let new = NewLocal {
            username: &first.username,
            role: Role::Admin,
            password_hash: &hash,
        };
        if let Err(NameTaken) = store::insert_local(&mut tx, &new).await? {
            tracing::warn!(
                "there is no local administrator, and ADMIN_USERNAME is the name of somebody who is none: choose another name"
            );
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some(FirstAdminMade {
            username: first.username.clone(),
            password: made,
        }))
    }
}
