//! People in the database: who they are, and the passwords of local accounts.

use secrecy::SecretString;
use sqlx::PgConnection;

use super::user::{Role, User, slug_of};
use crate::{db::OnConstraint, ids::UserId, language::Language, web::page::Theme};

/// One list of columns for every statement that reads people: `users!("select", "from users where …", arguments)`,
/// `users!("insert into users … returning", "", arguments)`.
macro_rules! users {
    ($head:tt, $tail:tt $(, $argument:expr)*) => {
        sqlx::query_as!(
            $crate::people::User,
            $head + r#" id as "id: _", slug, username, display_name, email, role as "role: _", avatar_url, disabled_at "#
                + $tail,
            $($argument),*
        )
    };
}
pub(crate) use users;

/// A local account and what its password must match.
#[derive(Debug)]
pub(super) struct LocalAccount {
    pub user: User,
    pub password_hash: Option<SecretString>,
}

/// A local account to be made.
#[derive(Debug)]
pub(super) struct NewLocal<'a> {
    pub username: &'a str,
    pub role: Role,
    pub password_hash: &'a str,
}

/// Another local account has this user name.
#[derive(Debug)]
pub(super) struct NameTaken;

pub(super) async fn find_user(
    db: &mut PgConnection,
    id: UserId,
) -> Result<Option<User>, sqlx::Error> {
    users!("select", "from users where id = $1", id as UserId)
        .fetch_optional(db)
        .await
}

/// The local account with this name, whatever the case of its letters.
pub(super) async fn find_local(
    db: &mut PgConnection,
    username: &str,
) -> Result<Option<LocalAccount>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select id as "id: UserId", slug, username, display_name, email, role as "role: Role", avatar_url, disabled_at,
                  password_hash
           from users where lower(username) = lower($1) and issuer is null"#,
        username
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| LocalAccount {
        password_hash: row.password_hash.map(SecretString::from),
        user: User {
            id: row.id,
            slug: row.slug,
            username: row.username,
            display_name: row.display_name,
            email: row.email,
            role: row.role,
            avatar_url: row.avatar_url,
            disabled_at: row.disabled_at,
        },
    }))
}

/// Makes a local account with the first free slug of `slug`, `slug-2`, `slug-3` …
pub(super) async fn insert_local(
    db: &mut PgConnection,
    new: &NewLocal<'_>,
) -> Result<Result<User, NameTaken>, sqlx::Error> {
    let wish = slug_of(new.username);
    let mut number = 1_u32;
    loop {
        let slug = if number == 1 {
            wish.clone()
        } else {
            format!("{wish}-{number}")
        };
        let row = users!(
            "insert into users (id, slug, username, display_name, role, password_hash) values ($1, $2, $3, $3, $4, $5)
             on conflict (slug) do nothing returning",
            "",
            UserId::new() as UserId,
            slug,
            new.username,
            new.role as Role,
            new.password_hash
        )
        .fetch_optional(&mut *db)
        .await
        .on_constraint("users_local_username_key", || NameTaken)?;
        match row {
            Ok(Some(user)) => return Ok(Ok(user)),
            Ok(None) => number += 1,
            Err(taken) => return Ok(Err(taken)),
        }
    }
}

pub(super) async fn has_local_admin(db: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from users where role = 'admin' and issuer is null) as "some!""#
    )
    .fetch_one(db)
    .await
}

/// Until the transaction ends, no other replica makes the first administrator.
pub(super) async fn lock_first_admin(db: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('deskcast first administrator', 0))"
    )
    .execute(db)
    .await
    .map(drop)
}

/// The groups of `user` as programs see them, without that of everybody: a provider's by its own id, others by ours.
pub(super) async fn groups_of(
    db: &mut PgConnection,
    user: UserId,
) -> Result<Vec<(String, String)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select coalesce(g.external_id, g.id::text) as "id!", g.name
           from group_members m join user_groups g on g.id = m.group_id
           where m.user_id = $1 order by g.priority, lower(g.name), g.id"#,
        user as UserId
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// Keeps what is given of how pages look to `user`.
pub(super) async fn set_look(
    db: &mut PgConnection,
    user: UserId,
    language: Option<Language>,
    theme: Option<Theme>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update users set language = coalesce($2, language), theme = coalesce($3, theme) where id = $1",
        user as UserId,
        language as Option<Language>,
        theme as Option<Theme>
    )
    .execute(db)
    .await
    .map(drop)
}

/// The hash of a local account's password; `None` for an account of a provider.
pub(super) async fn password_of(
    db: &mut PgConnection,
    user: UserId,
) -> Result<Option<SecretString>, sqlx::Error> {
    let hash = sqlx::query_scalar!(
        "select password_hash from users where id = $1 and issuer is null",
        user as UserId
    )
    .fetch_optional(db)
    .await?;
    Ok(hash.flatten().map(SecretString::from))
}

/// Replaces the password of a local account.
pub(super) async fn set_password(
    db: &mut PgConnection,
    user: UserId,
    hash: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update users set password_hash = $2 where id = $1 and issuer is null",
        user as UserId,
        hash
    )
    .execute(db)
    .await
    .map(drop)
}
