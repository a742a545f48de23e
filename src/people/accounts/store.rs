//! Accounts in the database, for administrators. Guests are none: they come and go by themselves.

use std::collections::HashMap;

use sqlx::{PgConnection, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Account, Details, Filter, GroupOf};
use crate::{
    ids::UserId,
    paging::{Cursor, PageRequest, Place, anywhere},
    people::{Role, User},
};

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

pub(in crate::people) async fn find(
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
pub(in crate::people) async fn list(
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
pub(in crate::people) async fn count(
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

pub(in crate::people) async fn named(
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
pub(in crate::people) async fn describe(
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
pub(in crate::people) async fn change(
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
pub(in crate::people) async fn delete(
    db: &mut PgConnection,
    id: UserId,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "delete from users where id = $1 and disabled_at is not null",
        id as UserId
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}
