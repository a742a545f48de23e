//! A person's own sign-ins, looks and password in the database.
//!
//! Sign-ins are named by their public id, never by the hash; every statement says whose they are.

use secrecy::SecretString;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::super::store::ENDED;
use crate::{
    ids::{SignInId, UserId},
    language::Language,
    web::page::Theme,
};

/// A sign-in that may still be used.
pub(super) struct SignInRow {
    pub id: SignInId,
    pub here: bool,
    pub provider: Option<String>,
    pub client_ip: Option<String>,
    pub user_agent: Option<String>,
    pub created_at: OffsetDateTime,
    pub last_used_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// Most recently used first; `here` is the one with this hash.
pub(super) async fn sign_ins_of(
    db: &mut PgConnection,
    user: UserId,
    hash: &[u8],
) -> Result<Vec<SignInRow>, sqlx::Error> {
    sqlx::query_as!(
        SignInRow,
        r#"select s.public_id as "id: SignInId", s.id_hash = $2 as "here!", p.name as "provider?", s.client_ip,
                  s.user_agent, s.created_at, s.last_used_at, s.expires_at
           from login_sessions s left join oidc_providers p on p.id = s.provider_id
           where s.user_id = $1 and s.expires_at > now()
           order by s.id_hash = $2 desc, s.last_used_at desc, s.created_at desc"#,
        user as UserId,
        hash
    )
    .fetch_all(db)
    .await
}

/// Ends a sign-in of `user`, here and on every replica; its hash, or `None` when there is none.
pub(super) async fn end_sign_in(
    db: &mut PgConnection,
    user: UserId,
    id: SignInId,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"with gone as (delete from login_sessions where public_id = $1 and user_id = $2 returning id_hash),
                told as (select pg_notify($3, encode(id_hash, 'hex')) from gone)
           select id_hash from gone where (select count(*) from told) > 0"#,
        id as SignInId,
        user as UserId,
        ENDED
    )
    .fetch_optional(db)
    .await
}

/// Ends all sign-ins of `user` but the one with this hash, here and on every replica; answers their hashes.
pub(super) async fn end_others(
    db: &mut PgConnection,
    user: UserId,
    kept: &[u8],
) -> Result<Vec<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"with gone as (delete from login_sessions where user_id = $1 and id_hash <> $2 returning id_hash),
                told as (select pg_notify($3, encode(id_hash, 'hex')) from gone)
           select id_hash from gone where (select count(*) from told) > 0"#,
        user as UserId,
        kept,
        ENDED
    )
    .fetch_all(db)
    .await
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
