//! Accounts: what programs ask (`api`), the pages (`pages`), and what both do.

pub(super) mod api;
mod list;
pub(super) mod pages;

use crate::{
    desktops::{Desktops, StopReason},
    error::{AppError, FieldProblem, Result},
    groups::GroupError,
    ids::{GroupId, UserId},
    people::{Account, AccountChange, NewAccount, PeopleError, Role},
    say,
    sign_in::{AccountError, SignIn, SignInError},
};

impl From<PeopleError> for AppError {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::NameTaken => Self::Invalid(vec![FieldProblem::new(
                "username",
                say!("person-username-taken"),
            )]),
            PeopleError::Unknown => unknown(),
            PeopleError::LastAdministrator => Self::Conflict {
                code: "last_administrator",
                sentence: say!("person-last-administrator"),
            },
            PeopleError::Yourself => Self::Conflict {
                code: "yourself",
                sentence: say!("person-yourself"),
            },
            PeopleError::NoPasswordHere => Self::Invalid(vec![FieldProblem::new(
                "password",
                say!("person-no-password-here"),
            )]),
            PeopleError::Password(fault) => SignInError::from(fault).into(),
            PeopleError::Database(error) => error.into(),
        }
    }
}

impl From<AccountError> for AppError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Account(error) => error.into(),
            AccountError::Groups(error) => error.into(),
        }
    }
}

impl From<GroupError> for AppError {
    fn from(error: GroupError) -> Self {
        match error {
            GroupError::NameTaken => {
                Self::Invalid(vec![FieldProblem::new("name", say!("group-name-taken"))])
            }
            GroupError::Unknown => Self::NotFound(say!("group-unknown")),
            GroupError::Everybody => Self::Conflict {
                code: "everybody",
                sentence: say!("group-everybody-stays"),
            },
            GroupError::NamesNothing(field) => {
                let problem = match field {
                    "members" => say!("group-members-unknown"),
                    _ => say!("person-groups-unknown"),
                };
                Self::Invalid(vec![FieldProblem::new(field, problem)])
            }
            GroupError::Database(error) => error.into(),
        }
    }
}

/// The account's page.
fn address(id: UserId) -> String {
    format!("/admin/users/{id}")
}

fn unknown() -> AppError {
    AppError::NotFound(say!("person-unknown"))
}

/// The role with this word of the API.
pub(super) fn role_of(word: &str) -> Option<Role> {
    match word {
        "admin" => Some(Role::Admin),
        "teacher" => Some(Role::Teacher),
        "user" => Some(Role::User),
        _ => None,
    }
}

/// The word of the API for `role`.
pub(super) fn word_of(role: Role) -> &'static str {
    match role {
        Role::Admin => "admin",
        Role::Teacher => "teacher",
        Role::User => "user",
        Role::Guest => "guest",
    }
}

/// Makes a local account in these groups.
async fn create(
    sign_in: &SignIn,
    new: &NewAccount,
    into: &[GroupId],
    by: UserId,
) -> Result<Account> {
    let account = sign_in.create_account(new, into).await?;
    tracing::info!(user.id = %by, account.id = %account.user.id, "an account was made");
    Ok(account)
}

/// Changes an account and, when they are given, its groups that were made here.
async fn change(
    sign_in: &SignIn,
    id: UserId,
    change: &AccountChange,
    into: Option<&[GroupId]>,
    by: UserId,
) -> Result<Account> {
    let account = sign_in.change_account(id, change, into, by).await?;
    tracing::info!(user.id = %by, account.id = %id, "an account was changed");
    Ok(account)
}

/// Removes an account: first it is switched off, then its desktops are stopped and their containers removed, then the
/// row goes with everything that is said of the person. Volumes with files stay on the host. When the engine is away
/// in between, the account stays, switched off, and it can be done again.
async fn remove(sign_in: &SignIn, desktops: &Desktops, id: UserId, by: UserId) -> Result<Account> {
    let account = sign_in.begin_removal(id, by).await?;
    for desktop in desktops.list_of(id).await? {
        match desktops.remove(desktop.id, StopReason::Admin(by)).await {
            Ok(()) | Err(crate::desktops::StopError::NotRunning) => {}
            Err(error) => return Err(error.into()),
        }
    }
    sign_in.people().finish_removal(id).await?;
    tracing::info!(user.id = %by, account.id = %id, "an account was removed");
    Ok(account)
}
