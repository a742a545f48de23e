//! API tokens in the database; the hash names the row.

use time::OffsetDateTime;

use crate::{
    db::Connection,
    ids::{ApiTokenId, UserId},
    people::{Role, User},
    sessions::{session_store::SLIDE, store::ENDED},
};

/// Whose a token is.
#[derive(Debug)]
pub(in crate::sessions) enum Found {
    /// Nobody.
    Unknown,
    /// Somebody, but too late.
    Expired,
    /// Somebody.
    Live {
        user: User,
        expires_at: OffsetDateTime,
        /// It was last marked as used a while ago.
        due: bool,
    },
}

/// The row of a token, with its person.
struct FoundRow {
    user_id: UserId,
    slug: String,
    username: String,
    display_name: String,
    email: Option<String>,
    role: Role,
    avatar_url: Option<String>,
    disabled_at: Option<OffsetDateTime>,
    expires_at: OffsetDateTime,
    expired: bool,
    due: bool,
}

impl From<Option<FoundRow>> for Found {
    fn from(row: Option<FoundRow>) -> Self {
        match row {
            None => Self::Unknown,
            Some(row) if row.disabled_at.is_some() => Self::Unknown,
            Some(row) if row.expired => Self::Expired,
            Some(row) => Self::Live {
                expires_at: row.expires_at,
                due: row.due,
                user: User {
                    id: row.user_id,
                    slug: row.slug,
                    username: row.username,
                    display_name: row.display_name,
                    email: row.email,
                    role: row.role,
                    avatar_url: row.avatar_url,
                    disabled_at: row.disabled_at,
                },
            },
        }
    }
}

/// A token as its owner sees it in a list.
#[derive(Clone, Debug)]
pub(super) struct TokenRow {
    pub id: ApiTokenId,
    pub name: String,
    pub created_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
    pub last_used_at: Option<OffsetDateTime>,
}

/// Makes a token, or `None` when the person has `most` already.
pub(super) async fn insert_token(
    db: &mut Connection,
    user: UserId,
    name: &str,
    hash: &[u8],
    lifetime: time::Duration,
    most: i64,
) -> Result<Option<TokenRow>, sqlx::Error> {
    sqlx::query_as!(
        TokenRow,
        r#"insert into api_tokens (id, user_id, name, token_hash, expires_at, provider_id)
           select $1, $2, $3, $4, now() + make_interval(secs => $5),
                  (select provider_id from login_sessions
                   where user_id = $2 and provider_id is not null order by created_at desc limit 1)
           where (select count(*) from api_tokens where user_id = $2) < $6
           returning id as "id: ApiTokenId", name, created_at, expires_at, last_used_at"#,
        ApiTokenId::new() as ApiTokenId,
        user as UserId,
        name,
        hash,
        lifetime.as_seconds_f64(),
        most
    )
    .fetch_optional(db)
    .await
}

pub(super) async fn tokens_of(
    db: &mut Connection,
    user: UserId,
) -> Result<Vec<TokenRow>, sqlx::Error> {
    sqlx::query_as!(
        TokenRow,
        r#"select id as "id: ApiTokenId", name, created_at, expires_at, last_used_at
           from api_tokens where user_id = $1 order by created_at desc, id desc"#,
        user as UserId
    )
    .fetch_all(db)
    .await
}

pub(in crate::sessions) async fn find_token(
    db: &mut Connection,
    hash: &[u8],
) -> Result<Found, sqlx::Error> {
    sqlx::query_as!(
        FoundRow,
        r#"select u.id as "user_id: UserId", u.slug, u.username, u.display_name, u.email, u.role as "role: Role",
                  u.avatar_url, u.disabled_at, t.expires_at, t.expires_at <= now() as "expired!",
                  coalesce(t.last_used_at < now() - make_interval(secs => $2), true) as "due!"
           from api_tokens t join users u on u.id = t.user_id where t.token_hash = $1"#,
        hash,
        SLIDE.as_seconds_f64()
    )
    .fetch_optional(db)
    .await
    .map(Found::from)
}

pub(in crate::sessions) async fn touch_token(
    db: &mut Connection,
    hash: &[u8],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update api_tokens set last_used_at = now() where token_hash = $1",
        hash
    )
    .execute(db)
    .await
    .map(drop)
}

/// Removes a token of `user`, here and on every replica; its hash, or `None` when there is none.
pub(super) async fn delete_token(
    db: &mut Connection,
    user: UserId,
    id: ApiTokenId,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"with gone as (delete from api_tokens where id = $1 and user_id = $2 returning token_hash),
                told as (select pg_notify($3, encode(token_hash, 'hex')) from gone)
           select token_hash from gone where (select count(*) from told) > 0"#,
        id as ApiTokenId,
        user as UserId,
        ENDED
    )
    .fetch_optional(db)
    .await
}

/// Removes all tokens of `user`, here and on every replica; answers their hashes.
pub(in crate::sessions) async fn delete_tokens_of(
    db: &mut Connection,
    user: UserId,
) -> Result<Vec<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"with gone as (delete from api_tokens where user_id = $1 returning token_hash),
                told as (select pg_notify($2, encode(token_hash, 'hex')) from gone)
           select token_hash from gone where (select count(*) from told) > 0"#,
        user as UserId,
        ENDED
    )
    .fetch_all(db)
    .await
}
