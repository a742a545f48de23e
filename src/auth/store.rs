//! People, sessions and API tokens in the database.
//!
//! The hash of a session or token names its row; the id itself never comes here. Every end of a session is notified
//! on [`ENDED`] in the same statement, so that no replica can miss one that was committed.

use secrecy::SecretString;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{
    sessions::{ABSOLUTE, IDLE, REMEMBERED, SLIDE},
    user::{Role, User, slug_of},
    whence::Whence,
};
use crate::{
    db::OnConstraint,
    ids::{OidcProviderId, UserId},
    language::Language,
    web::page::Theme,
};

/// Where the hex hash of an ended session or token is notified, or [`LOOK`].
pub(super) const ENDED: &str = "deskcast_session";

/// Notified instead of a hash: look at everything again.
pub(super) const LOOK: &str = "look";

/// Answers that two statements give: who an id belongs to.
#[derive(Debug)]
pub(super) enum Found {
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

/// The row of a session or a token, with its person.
pub(super) struct FoundRow {
    pub user_id: UserId,
    pub slug: String,
    pub username: String,
    pub display_name: String,
    pub email: Option<String>,
    pub role: Role,
    pub avatar_url: Option<String>,
    pub disabled_at: Option<OffsetDateTime>,
    pub expires_at: OffsetDateTime,
    pub expired: bool,
    pub due: bool,
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

// --- people ---

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
    sqlx::query_as!(
        User,
        r#"select id as "id: UserId", slug, username, display_name, email, role as "role: Role", avatar_url, disabled_at
           from users where id = $1"#,
        id as UserId
    )
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
        let row = sqlx::query_as!(
            User,
            r#"insert into users (id, slug, username, display_name, role, password_hash) values ($1, $2, $3, $3, $4, $5)
               on conflict (slug) do nothing
               returning id as "id: UserId", slug, username, display_name, email, role as "role: Role", avatar_url,
                         disabled_at"#,
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

/// Notes a sign-in; answers how the person wants pages to look. No language: their browser decides.
pub(super) async fn touch_sign_in(
    db: &mut PgConnection,
    user: UserId,
) -> Result<Option<(Option<Language>, Theme)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"update users set last_sign_in_at = now() where id = $1
           returning language as "language: Language", theme as "theme: Theme""#,
        user as UserId
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.language, row.theme)))
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

// --- sessions ---

/// Until when the new session lives, or `None` when its id is taken.
pub(super) async fn insert_session(
    db: &mut PgConnection,
    hash: &[u8],
    user: Option<UserId>,
    data: &serde_json::Value,
    whence: &Whence,
) -> Result<Option<OffsetDateTime>, sqlx::Error> {
    sqlx::query_scalar!(
        "insert into login_sessions (id_hash, user_id, data, expires_at, ends_at, client_ip, user_agent)
         values ($1, $2, $3, now() + make_interval(secs => $4), now() + make_interval(secs => $5), $6, $7)
         on conflict do nothing returning expires_at",
        hash,
        user as Option<UserId>,
        data,
        IDLE.as_seconds_f64(),
        ABSOLUTE.as_seconds_f64(),
        whence.client_ip.as_deref(),
        whence.user_agent.as_deref()
    )
    .fetch_optional(db)
    .await
}

pub(super) async fn find_session(db: &mut PgConnection, hash: &[u8]) -> Result<Found, sqlx::Error> {
    sqlx::query_as!(
        FoundRow,
        r#"select u.id as "user_id: UserId", u.slug, u.username, u.display_name, u.email, u.role as "role: Role",
                  u.avatar_url, u.disabled_at, s.expires_at, s.expires_at <= now() as "expired!",
                  (s.last_used_at < now() - make_interval(secs => $3)
                      or s.expires_at < least(now() + make_interval(secs => $2), s.ends_at) - make_interval(secs => $3)) as "due!"
           from login_sessions s join users u on u.id = s.user_id where s.id_hash = $1"#,
        hash,
        IDLE.as_seconds_f64(),
        SLIDE.as_seconds_f64()
    )
    .fetch_optional(db)
    .await
    .map(Found::from)
}

/// Notes that a session is in use, and moves its end.
pub(super) async fn slide_session(db: &mut PgConnection, hash: &[u8]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update login_sessions set expires_at = least(now() + make_interval(secs => $2), ends_at), last_used_at = now()
         where id_hash = $1 and expires_at > now()",
        hash,
        IDLE.as_seconds_f64()
    )
    .execute(db)
    .await
    .map(drop)
}

pub(super) async fn load_session(
    db: &mut PgConnection,
    hash: &[u8],
) -> Result<Option<(serde_json::Value, OffsetDateTime)>, sqlx::Error> {
    let row = sqlx::query!(
        "select data, expires_at from login_sessions where id_hash = $1 and expires_at > now()",
        hash
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.data, row.expires_at)))
}

pub(super) async fn save_session(
    db: &mut PgConnection,
    hash: &[u8],
    data: &serde_json::Value,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update login_sessions
         set data = $2, expires_at = least(now() + make_interval(secs => $3), ends_at), last_used_at = now()
         where id_hash = $1 and expires_at > now() and (data is distinct from $2
             or expires_at < least(now() + make_interval(secs => $3), ends_at) - make_interval(secs => $4))",
        hash,
        data,
        IDLE.as_seconds_f64(),
        SLIDE.as_seconds_f64()
    )
    .execute(db)
    .await
    .map(drop)
}

/// Ends a session, here and on every replica.
pub(super) async fn end_session(db: &mut PgConnection, hash: &[u8]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with gone as (delete from login_sessions where id_hash = $1 returning id_hash)
         select pg_notify($2, encode(id_hash, 'hex')) from gone",
        hash,
        ENDED
    )
    .execute(db)
    .await
    .map(drop)
}

/// Ends all sessions of `user`; the second notification makes every replica look at the person's tokens as well.
pub(super) async fn end_sessions_of(
    db: &mut PgConnection,
    user: UserId,
) -> Result<Vec<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"with gone as (delete from login_sessions where user_id = $1 returning id_hash),
                told as (select pg_notify($2, encode(id_hash, 'hex')) from gone),
                look as (select pg_notify($2, $3))
           select id_hash from gone where (select count(*) from told) + (select count(*) from look) > 0"#,
        user as UserId,
        ENDED,
        LOOK
    )
    .fetch_all(db)
    .await
}

/// How many sessions that began with this provider still live.
pub(super) async fn count_sessions_of_provider(
    db: &mut PgConnection,
    provider: OidcProviderId,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from login_sessions where provider_id = $1 and expires_at > now()"#,
        provider as OidcProviderId
    )
    .fetch_one(db)
    .await
}

/// Ends all sessions that began with this provider, on every replica.
pub(super) async fn end_sessions_of_provider(
    db: &mut PgConnection,
    provider: OidcProviderId,
) -> Result<Vec<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"with gone as (delete from login_sessions where provider_id = $1 returning id_hash),
                told as (select pg_notify($2, encode(id_hash, 'hex')) from gone)
           select id_hash from gone where (select count(*) from told) > 0"#,
        provider as OidcProviderId,
        ENDED
    )
    .fetch_all(db)
    .await
}

/// Forgets sessions and tokens that ran out long ago; answers how many.
pub(super) async fn delete_old(db: &mut PgConnection) -> Result<u64, sqlx::Error> {
    let sessions = sqlx::query!(
        "delete from login_sessions where expires_at < now() - make_interval(secs => $1)",
        REMEMBERED.as_seconds_f64()
    )
    .execute(&mut *db)
    .await?;
    let tokens = sqlx::query!(
        "delete from api_tokens where expires_at < now() - make_interval(secs => $1)",
        REMEMBERED.as_seconds_f64()
    )
    .execute(db)
    .await?;
    Ok(sessions.rows_affected() + tokens.rows_affected())
}

/// A session or token with which something is open.
#[derive(Debug)]
pub(super) struct Watched {
    pub hash: Vec<u8>,
    /// Whether the person is an administrator now.
    pub admin: bool,
}

/// Which of these sessions and tokens may still be used.
pub(super) async fn still_live(
    db: &mut PgConnection,
    hashes: &[Vec<u8>],
) -> Result<Vec<Watched>, sqlx::Error> {
    sqlx::query_as!(
        Watched,
        r#"select s.id_hash as "hash!", u.role = 'admin' as "admin!"
           from login_sessions s join users u on u.id = s.user_id
           where s.id_hash = any($1) and s.expires_at > now() and u.disabled_at is null
           union all
           select t.token_hash, u.role = 'admin' from api_tokens t join users u on u.id = t.user_id
           where t.token_hash = any($1) and t.expires_at > now() and u.disabled_at is null"#,
        hashes
    )
    .fetch_all(db)
    .await
}
