//! From a person of a provider to an account: made when it may be, brought up to date, never mixed up.
//!
//! An account is found by (issuer, sub) and nothing else (threat T9): a local account or another person with the same
//! name is never touched. The database settles who makes an account when two browsers come at once.

use super::store::{self, PersonRow};
use crate::{
    db::{Connection, Db},
    oidc::{
        claims::{self, Person},
        id_token::Identity,
    },
    people::user::{Role, User, slug_of},
    providers::Provider,
};

/// Why somebody the provider knows does not get in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotAdmitted {
    /// They have no account, and none is made.
    #[error("no account, and this provider makes none")]
    NotProvisioned,
    /// They are in none of the groups that may.
    #[error("in none of the allowed groups")]
    NotAllowed,
    /// An administrator switched the account off.
    #[error("the account is switched off")]
    Disabled,
}

/// An account as it is now.
#[derive(Debug)]
pub(super) struct Admitted {
    pub user: User,
    /// They may do less than before: what they opened with the old role must end.
    pub lost_role: bool,
}

/// The account of this person, as the provider describes them today.
pub(super) async fn admit(
    db: &Db,
    provider: &Provider,
    identity: &Identity,
    person: &Person,
) -> Result<Result<Admitted, NotAdmitted>, sqlx::Error> {
    if !claims::may_sign_in(&person.groups, &provider.allowed_groups) {
        return Ok(Err(NotAdmitted::NotAllowed));
    }
    let row = PersonRow {
        provider: provider.id,
        groups: &person.groups,
        issuer: &identity.issuer,
        subject: &identity.subject,
        username: &person.username,
        display_name: &person.display_name,
        email: person.email.as_deref(),
        avatar_url: person.avatar_url.as_deref(),
        role: role(provider, person),
    };
    let mut tx = db.begin().await?;
    let known = store::lock_account(&mut tx, &row).await?;
    let known = match known {
        Some(user) => user,
        None if provider.auto_provision => make(&mut tx, &row).await?,
        None => return Ok(Err(NotAdmitted::NotProvisioned)),
    };
    if known.disabled_at.is_some() {
        return Ok(Err(NotAdmitted::Disabled));
    }
    let user = store::update_account(&mut tx, known.id, &row).await?;
    tx.commit().await?;
    Ok(Ok(Admitted {
        lost_role: rank(user.role) < rank(known.role),
        user,
    }))
}

/// The role the provider gives this person, if it has a say.
pub(super) fn role(provider: &Provider, person: &Person) -> Option<Role> {
    claims::role(
        &person.groups,
        provider.admin_group.as_deref(),
        provider.teacher_group.as_deref(),
    )
}

fn rank(role: Role) -> u8 {
    match role {
        Role::Guest => 0,
        Role::User => 1,
        Role::Teacher => 2,
        Role::Admin => 3,
    }
}

/// Makes the account with the first free slug of `jana`, `jana-2`, `jana-3` …; or finds the one another browser of
/// the same person made a moment ago.
async fn make(db: &mut Connection, row: &PersonRow<'_>) -> Result<User, sqlx::Error> {
    let wish = slug_of(row.username);
    let mut number = 1_u32;
    loop {
        let slug = if number == 1 {
            wish.clone()
        } else {
            format!("{wish}-{number}")
        };
        if let Some(user) = store::insert_account(&mut *db, &slug, row).await? {
            tracing::info!(user.id = %user.id, "an account was made for a person of a provider");
            return Ok(user);
        }
        if let Some(user) = store::lock_account(&mut *db, row).await? {
            return Ok(user);
        }
        number += 1;
    }
}
