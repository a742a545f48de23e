//! Accounts, as administrators see and change them.
//!
//! One enabled local administrator always stays, whatever several administrators do at once: each change of who may
//! administer waits for the one before, and one statement decides (`store.rs`).

use secrecy::SecretString;
use time::OffsetDateTime;

pub(super) mod store;

use super::{
    password_rule::password_problem,
    passwords::PasswordFault,
    user::{Role, User},
};
use crate::{error::FieldProblem, ids::GroupId, say, text::is_line};

/// Accounts on one page of a list, unless somebody asks for another number.
pub const ROWS: u16 = 50;

/// An account with what only administrators see of it.
#[derive(Clone, Debug)]
pub struct Account {
    /// The person.
    pub user: User,
    /// The OpenID provider it comes from; `None` for a local one.
    pub provider: Option<String>,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When somebody last signed in with it.
    pub last_sign_in_at: Option<OffsetDateTime>,
    /// Its groups, without that of everybody, in the order in which they count.
    pub groups: Vec<GroupOf>,
}

impl Account {
    /// Whether it signs in here, with a password.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.provider.is_none()
    }
}

/// A group somebody is in.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct GroupOf {
    /// Its id.
    pub id: GroupId,
    /// Its name.
    pub name: String,
    /// Whether a provider says who is in it.
    #[serde(default)]
    pub of_provider: bool,
}

/// Which accounts are listed.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In the user name, the shown name or the e-mail address.
    pub search: String,
    /// Only this role.
    pub role: Option<Role>,
    /// Only those that are switched off, or only those that are not.
    pub disabled: Option<bool>,
}

impl Filter {
    /// Whether everybody is let through.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.search.is_empty() && self.role.is_none() && self.disabled.is_none()
    }
}

/// How many accounts a filter lets through, as far as they were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// At most as many as were to be counted.
    pub count: i64,
    /// Whether there are no more.
    pub exact: bool,
}

/// A local account to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// What the person signs in with; never changes.
    pub username: String,
    /// Their first password.
    pub password: SecretString,
    /// The rest.
    pub details: Details,
}

/// What can be changed of any account.
#[derive(Clone, Debug)]
pub struct Details {
    /// What others see.
    pub display_name: String,
    /// If any.
    pub email: Option<String>,
    /// What the person may do.
    pub role: Role,
    /// Whether the account is switched off.
    pub disabled: bool,
}

/// Changes of an account.
#[derive(Clone, Debug)]
pub struct AccountChange {
    /// As they are to be.
    pub details: Details,
    /// A new password, for a local account.
    pub password: Option<SecretString>,
}

/// Why an account was not made, changed or removed.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// Another local account has the user name.
    #[error("another local account has this user name")]
    NameTaken,
    /// There is no such account.
    #[error("no such account")]
    Unknown,
    /// Nobody could administer any more.
    #[error("it is the last local administrator that is enabled")]
    LastAdministrator,
    /// Administrators neither switch off nor remove themselves.
    #[error("it is the caller's own account")]
    Yourself,
    /// Only local accounts have a password here.
    #[error("the account signs in with a provider")]
    NoPasswordHere,
    /// The new password could not be hashed.
    #[error(transparent)]
    Password(PasswordFault),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<PasswordFault> for PeopleError {
    fn from(fault: PasswordFault) -> Self {
        match fault {
            PasswordFault::Database(error) => Self::Database(error),
            fault => Self::Password(fault),
        }
    }
}

impl NewAccount {
    /// Every problem at once.
    #[must_use]
    pub fn problems(&self) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        let name = self.username.trim();
        if name.is_empty() || !is_line(name, 200) {
            problems.push(FieldProblem::new("username", say!("person-username-form")));
        }
        problems.extend(wrong_password(&self.password));
        problems.extend(self.details.problems());
        problems
    }
}

impl Details {
    fn problems(&self) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        if self.display_name.trim().is_empty() || !is_line(&self.display_name, 200) {
            problems.push(FieldProblem::new("display_name", say!("person-name-form")));
        }
        if self.email.as_deref().is_some_and(|email| !is_email(email)) {
            problems.push(FieldProblem::new("email", say!("person-email-form")));
        }
        problems
    }
}

impl AccountChange {
    /// Every problem at once.
    #[must_use]
    pub fn problems(&self) -> Vec<FieldProblem> {
        let mut problems = self.details.problems();
        problems.extend(self.password.as_ref().and_then(wrong_password));
        problems
    }
}

/// Nothing is sent to it: it only has to look like one.
fn is_email(text: &str) -> bool {
    let whole = text.split_once('@');
    is_line(text, 254)
        && !text.contains(char::is_whitespace)
        && whole
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
}

fn wrong_password(password: &SecretString) -> Option<FieldProblem> {
    password_problem(password).map(|problem| FieldProblem::new("password", problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(new: &NewAccount) -> Vec<String> {
        let problems = new.problems();
        problems.into_iter().map(|problem| problem.field).collect()
    }

    fn new(username: &str, password: &str, display_name: &str, email: Option<&str>) -> NewAccount {
        NewAccount {
            username: username.into(),
            password: password.into(),
            details: Details {
                display_name: display_name.into(),
                email: email.map(Into::into),
                role: Role::User,
                disabled: false,
            },
        }
    }

    #[test]
    fn accounts_to_be_made() {
        let long = "x".repeat(201);
        let table: &[(NewAccount, &[&str])] = &[
            (new("jana", "12345678", "Jana", None), &[]),
            (
                new(
                    "jana@schule.test",
                    "äöüäöüäö",
                    "Jörg 🦀",
                    Some("j@schule.test"),
                ),
                &[],
            ),
            (
                new("", "1234567", "", Some("")),
                &["username", "password", "display_name", "email"],
            ),
            (
                new("a\nb", "12345678", "a\tb", Some("a b@c")),
                &["username", "display_name", "email"],
            ),
            (
                new(&long, &"x".repeat(501), &long, Some("a@b@c")),
                &["username", "password", "display_name", "email"],
            ),
            (new("a", "12345678", "A", Some("@b")), &["email"]),
            (new("a", "12345678", "A", Some("a@")), &["email"]),
        ];
        for (account, fields) in table {
            assert_eq!(wrong(account), *fields, "{account:?}");
        }
    }
}
