//! Accounts: what programs ask (`api`), the pages (`pages`), and what both do.

pub(super) mod api;
mod list;
pub(super) mod pages;

use crate::{
    auth::{
        Login,
        people::{Account, AccountChange, NewAccount, PeopleError},
        user::Role,
    },
    desktops::{Desktops, StopReason},
    error::{AppError, FieldProblem, Result},
    groups::{GroupError, Groups},
    ids::{GroupId, UserId},
    say,
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
            PeopleError::Password(error) => error.into(),
            PeopleError::Database(error) => error.into(),
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
    login: &Login,
    groups: &Groups,
    new: &NewAccount,
    into: &[GroupId],
    by: UserId,
) -> Result<Account> {
    groups.refuse_foreign(UserId::new(), into).await?;
    let account = login.create_account(new).await?;
    tracing::info!(user.id = %by, account.id = %account.user.id, "an account was made");
    put_into(login, groups, account, into).await
}

/// Changes an account and, when they are given, its groups that were made here.
async fn change(
    login: &Login,
    groups: &Groups,
    id: UserId,
    change: &AccountChange,
    into: Option<&[GroupId]>,
    by: UserId,
) -> Result<Account> {
    if let Some(into) = into {
        groups.refuse_foreign(id, into).await?;
    }
    let account = login.change_account(id, change, by).await?;
    tracing::info!(user.id = %by, account.id = %id, "an account was changed");
    match into {
        Some(into) => put_into(login, groups, account, into).await,
        None => Ok(account),
    }
}

async fn put_into(
    login: &Login,
    groups: &Groups,
    account: Account,
    into: &[GroupId],
) -> Result<Account> {
    groups.put_into(account.user.id, into).await?;
    login.account(account.user.id).await?.ok_or_else(unknown)
}

/// Removes an account: first it is switched off, then its desktops are stopped and their containers removed, then the
/// row goes with everything that is said of the person. Volumes with files stay on the host. When the engine is away
/// in between, the account stays, switched off, and it can be done again.
async fn remove(login: &Login, desktops: &Desktops, id: UserId, by: UserId) -> Result<Account> {
    let account = login.begin_removal(id, by).await?;
    for desktop in desktops.list_of(id).await? {
        match desktops.remove(desktop.id, StopReason::Admin(by)).await {
            Ok(()) | Err(crate::desktops::StopError::NotRunning) => {}
            Err(error) => return Err(error.into()),
        }
    }
    login.finish_removal(id).await?;
    tracing::info!(user.id = %by, account.id = %id, "an account was removed");
    Ok(account)
}
