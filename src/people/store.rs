//! People in the database. For administrators, guests are none: they come and go by themselves.

use std::collections::HashMap;

use secrecy::SecretString;
use sqlx::{PgConnection, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    accounts::{Account, Details, Filter, GroupOf},
    user::{Role, User, slug_of},
};
use crate::{
    db::OnConstraint,
    ids::UserId,
    language::Language,
    paging::{Cursor, PageRequest, Place, anywhere},
    web::page::Theme,
};

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

// --- for administrators ---

struct AccountRow {
    id: UserId,
    slug: String,
    username: String,
    display_name: String,
    email: Option<String>,
    role: Role,
    avatar_url: Option<String>,
    disabled_at: Option<OffsetDateTime>,
    created_at: OffsetDateTime,
    last_sign_in_at: Option<OffsetDateTime>,
    provider: Option<String>,
    groups: Json<Vec<GroupOf>>,
    /// What lists are ordered by.
    sort_name: String,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        Self {
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
            provider: row.provider,
            created_at: row.created_at,
            last_sign_in_at: row.last_sign_in_at,
            groups: row.groups.0,
        }
    }
}

/// One list of columns for every reading statement. An account whose provider is gone is named by its issuer.
macro_rules! select_accounts {
    ($tail:tt $(, $argument:expr)*) => {
        sqlx::query_as!(
            AccountRow,
            r#"select u.id as "id: _", u.slug, u.username, u.display_name, u.email, u.role as "role: _", u.avatar_url,
                   u.disabled_at, u.created_at, u.last_sign_in_at,
                   coalesce((select p.name from oidc_providers p where p.issuer = u.issuer order by p.created_at limit 1),
                       u.issuer) as provider,
                   coalesce((select jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name,
                               'of_provider', g.provider_id is not null) order by g.priority, lower(g.name), g.id)
                           from group_members m join user_groups g on g.id = m.group_id where m.user_id = u.id),
                       '[]') as "groups!: _", lower(u.display_name) as "sort_name!"
               from users u "# + $tail,
            $($argument),*
        )
    };
}

pub(super) async fn find(
    db: &mut PgConnection,
    id: UserId,
) -> Result<Option<Account>, sqlx::Error> {
    let row = select_accounts!("where u.id = $1 and u.role <> 'guest'", id as UserId)
        .fetch_optional(db)
        .await?;
    Ok(row.map(Account::from))
}

/// The accounts of a page, each with what the list is ordered by; backwards for [`Place::Before`]. Each direction has a
/// statement of its own, and so has the whole list, because only then the order is that of an index.
pub(super) async fn list(
    db: &mut PgConnection,
    filter: &Filter,
    request: &PageRequest<String>,
) -> Result<Vec<(Account, String)>, sqlx::Error> {
    let rows = if filter.is_open() {
        everybody(db, request).await?
    } else {
        filtered(db, filter, request).await?
    };
    let listed = |mut row: AccountRow| {
        let name = std::mem::take(&mut row.sort_name);
        (Account::from(row), name)
    };
    Ok(rows.into_iter().map(listed).collect())
}

async fn everybody(
    db: &mut PgConnection,
    request: &PageRequest<String>,
) -> Result<Vec<AccountRow>, sqlx::Error> {
    let (Cursor { key, id }, down) = place(request);
    if down {
        select_accounts!(
            "where u.role <> 'guest' and (lower(u.display_name), u.id) > ($1, $2)
                 order by lower(u.display_name), u.id limit $3",
            key,
            id,
            request.rows()
        )
        .fetch_all(db)
        .await
    } else {
        select_accounts!(
            "where u.role <> 'guest' and (lower(u.display_name), u.id) < ($1, $2)
                 order by lower(u.display_name) desc, u.id desc limit $3",
            key,
            id,
            request.rows()
        )
        .fetch_all(db)
        .await
    }
}

async fn filtered(
    db: &mut PgConnection,
    filter: &Filter,
    request: &PageRequest<String>,
) -> Result<Vec<AccountRow>, sqlx::Error> {
    let (Cursor { key, id }, down) = place(request);
    if down {
        select_accounts!(
                "where ($1 = '%%' or lower(u.username || ' ' || u.display_name || ' ' || coalesce(u.email, '')) like lower($1))
                     and u.role <> 'guest' and ($2::user_role is null or u.role = $2) and ($3::boolean is null or (u.disabled_at is not null) = $3)
                     and (lower(u.display_name), u.id) > ($4, $5)
                 order by lower(u.display_name), u.id limit $6",
                anywhere(&filter.search),
                filter.role as Option<Role>,
                filter.disabled,
                key,
                id,
                request.rows()
            )
            .fetch_all(db)
            .await
    } else {
        select_accounts!(
                "where ($1 = '%%' or lower(u.username || ' ' || u.display_name || ' ' || coalesce(u.email, '')) like lower($1))
                     and u.role <> 'guest' and ($2::user_role is null or u.role = $2) and ($3::boolean is null or (u.disabled_at is not null) = $3)
                     and (lower(u.display_name), u.id) < ($4, $5)
                 order by lower(u.display_name) desc, u.id desc limit $6",
                anywhere(&filter.search),
                filter.role as Option<Role>,
                filter.disabled,
                key,
                id,
                request.rows()
            )
            .fetch_all(db)
            .await
    }
}

/// Where the page begins, and whether it goes down the list from there.
fn place(request: &PageRequest<String>) -> (Cursor<String>, bool) {
    match &request.place {
        Place::First => {
            let before_all = Cursor {
                key: String::new(),
                id: Uuid::nil(),
            };
            (before_all, true)
        }
        Place::After(cursor) => (cursor.clone(), true),
        Place::Before(cursor) => (cursor.clone(), false),
    }
}

/// Counts up to `most`.
pub(super) async fn count(
    db: &mut PgConnection,
    filter: &Filter,
    most: i64,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from (select from users u
           where ($1 = '%%' or lower(u.username || ' ' || u.display_name || ' ' || coalesce(u.email, '')) like lower($1))
               and u.role <> 'guest' and ($2::user_role is null or u.role = $2) and ($3::boolean is null or (u.disabled_at is not null) = $3)
           limit $4) counted"#,
        anywhere(&filter.search),
        filter.role as Option<Role>,
        filter.disabled,
        most
    )
    .fetch_one(db)
    .await
}

pub(super) async fn named(
    db: &mut PgConnection,
    names: &[String],
) -> Result<HashMap<String, UserId>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select lower(username) as "name!",
               coalesce(min(id::text) filter (where issuer is null), min(id::text))::uuid as "id!: UserId"
           from users where lower(username) = any(select lower(name) from unnest($1::text[]) name) and role <> 'guest'
           group by lower(username) having count(*) = 1 or count(*) filter (where issuer is null) = 1"#,
        names
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.name.to_lowercase(), row.id))
        .collect())
}

/// Name and address of an account that was just made.
pub(super) async fn describe(
    db: &mut PgConnection,
    id: UserId,
    details: &Details,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update users set display_name = $2, email = $3, disabled_at = case when $4 then now() end where id = $1",
        id as UserId,
        details.display_name.trim(),
        details.email,
        details.disabled
    )
    .execute(db)
    .await
    .map(drop)
}

/// Writes `details`, unless that would leave no enabled local administrator; `false` then. The caller holds the lock
/// of `lock_first_admin`, so that two of these never look at each other's past.
pub(super) async fn change(
    db: &mut PgConnection,
    id: UserId,
    details: &Details,
    password_hash: Option<&str>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update users set display_name = $2, email = $3, role = $4,
             disabled_at = case when $5 then coalesce(disabled_at, now()) end,
             password_hash = coalesce($6, password_hash)
         where id = $1 and (
             ($4 = 'admin'::user_role and not $5)
             or not (role = 'admin' and issuer is null and disabled_at is null)
             or exists (select from users other where other.id <> $1 and other.role = 'admin' and other.issuer is null
                 and other.disabled_at is null))",
        id as UserId,
        details.display_name.trim(),
        details.email,
        details.role as Role,
        details.disabled,
        password_hash
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes an account that is switched off.
pub(super) async fn delete(db: &mut PgConnection, id: UserId) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "delete from users where id = $1 and disabled_at is not null",
        id as UserId
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}
