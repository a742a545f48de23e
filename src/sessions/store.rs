//! Sessions in the database, and what they have in common with API tokens.
//!
//! The hash of a session or token names its row; the id itself never comes here. Every end of a session is notified
//! on [`ENDED`] in the same statement, so that no replica can miss one that was committed.

use time::OffsetDateTime;

use super::session_store::{ABSOLUTE, Begin, IDLE, Look, MOST_SESSIONS, REMEMBERED, SLIDE};
use crate::{
    db::Connection,
    ids::{OidcProviderId, SignInId, UserId},
    language::Language,
    people::{Role, User},
    web::page::Theme,
};

/// Where the hex hash of an ended session or token is notified, or the word that asks to look at everything.
pub const ENDED: &str = "deskcast_session";

/// Notified instead of a hash: look at everything again.
pub(super) const LOOK: &str = "look";

/// A session that has begun.
#[derive(Debug)]
pub(super) struct Begun {
    pub expires_at: OffsetDateTime,
    pub look: Look,
    /// Hashes of the sessions that ended with it.
    pub ended: Vec<Vec<u8>>,
}

/// Begins a session, or `None` when its id is taken. What it replaces ends in the same statement, here and on every
/// replica, as do the oldest of the person beyond [`MOST_SESSIONS`]; their last sign-in is noted. The session of a guest
/// does not end when a person signs in, because their desktop may be kept; the new one remembers the guest.
pub(super) async fn insert_session(
    db: &mut Connection,
    hash: &[u8],
    begin: Option<&Begin>,
    data: &serde_json::Value,
) -> Result<Option<Begun>, sqlx::Error> {
    let origin = begin.and_then(|begin| begin.origin.as_ref());
    let device = begin.map(|begin| &begin.device);
    let row = sqlx::query!(
        r#"with former as (select s.id_hash, g.role = 'guest' as of_guest,
                               case when g.role = 'guest' then g.id else s.guest_id end as guest
                           from login_sessions s join users g on g.id = s.user_id
                           where s.id_hash = any($7) and s.expires_at > now()
                                 and exists (select from users where id = $2 and role <> 'guest')),
                most as (select id_hash from login_sessions
                         where user_id = $2 and expires_at > now() and id_hash <> all($7)
                         order by created_at desc, id_hash offset $17),
                gone as (delete from login_sessions
                         where (id_hash = any($7) and id_hash not in (select id_hash from former where of_guest))
                               or id_hash in (select id_hash from most) returning id_hash),
                told as (select pg_notify($8, encode(id_hash, 'hex')) from gone),
                used as (update users set last_sign_in_at = now() where id = $2 returning language, theme),
                made as (insert into login_sessions (id_hash, user_id, data, expires_at, ends_at, client_ip, user_agent,
                             provider_id, oidc_issuer, oidc_subject, oidc_sid, id_token, refresh_token, refresh_at, guest_id)
                         values ($1, $2, $3, now() + make_interval(secs => $4), now() + make_interval(secs => $5), $6, $9,
                             $10, $11, $12, $13, $14, $15,
                             case when $15::bytea is null then null else now() + make_interval(secs => $16) end,
                             (select guest from former where guest is not null limit 1))
                         on conflict do nothing returning expires_at)
           select made.expires_at as "expires_at!", used.language as "language: Language", used.theme as "theme?: Theme",
                  array(select id_hash from gone) as "ended!", (select count(*) from told) as told
           from made left join used on true"#,
        hash,
        begin.map(|begin| begin.user) as Option<UserId>,
        data,
        IDLE.as_seconds_f64(),
        ABSOLUTE.as_seconds_f64(),
        device.and_then(|device| device.client_ip.as_deref()),
        begin.map_or(&[][..], |begin| &begin.replaces),
        ENDED,
        device.and_then(|device| device.user_agent.as_deref()),
        origin.map(|origin| origin.provider) as Option<OidcProviderId>,
        origin.map(|origin| origin.issuer.as_str()),
        origin.map(|origin| origin.subject.as_str()),
        origin.and_then(|origin| origin.sid.as_deref()),
        origin.and_then(|origin| origin.id_token.as_deref()),
        origin.and_then(|origin| origin.refresh_token.as_deref()),
        origin.map_or(0.0, |origin| origin.refresh_in),
        MOST_SESSIONS - 1
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Begun {
        expires_at: row.expires_at,
        look: Look {
            language: row.language,
            theme: row.theme,
        },
        ended: row.ended,
    }))
}

/// Gives a live session from before our cookies were renamed another id; how many seconds it may live at most from now.
/// `None`: it began later, ended, or never was.
pub(super) async fn rename_older(
    db: &mut Connection,
    old: &[u8],
    new: &[u8],
) -> Result<Option<f64>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"with renamed as (update login_sessions set id_hash = $2
                            where id_hash = $1 and expires_at > now()
                                  and created_at < (select cookies_renamed_at from installation)
                            returning ends_at),
                told as (select pg_notify($3, encode($1, 'hex')) from renamed)
           select extract(epoch from ends_at - now())::double precision as "lives!"
           from renamed, (select count(*) from told) as told"#,
        old,
        new,
        ENDED
    )
    .fetch_optional(db)
    .await
}

/// A session that may still be used.
#[derive(Debug)]
pub(super) struct SessionRow {
    pub data: serde_json::Value,
    pub expires_at: OffsetDateTime,
    /// It was last marked as used a while ago.
    pub due: bool,
    /// `None` also for an account that is switched off.
    pub user: Option<User>,
    /// The guest its browser was before the person signed in.
    pub was_guest: Option<UserId>,
}

pub(super) async fn load_session(
    db: &mut Connection,
    hash: &[u8],
) -> Result<Option<SessionRow>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select s.data, s.expires_at, s.guest_id as "was_guest: UserId",
                  (s.last_used_at < now() - make_interval(secs => $3)
                      or s.expires_at < least(now() + make_interval(secs => $2), s.ends_at) - make_interval(secs => $3)) as "due!",
                  u.id as "id?: UserId", u.slug as "slug?", u.username as "username?", u.display_name as "display_name?",
                  u.email, u.role as "role?: Role", u.avatar_url
           from login_sessions s left join users u on u.id = s.user_id and u.disabled_at is null
           where s.id_hash = $1 and s.expires_at > now()"#,
        hash,
        IDLE.as_seconds_f64(),
        SLIDE.as_seconds_f64()
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| SessionRow {
        user: (|| {
            Some(User {
                id: row.id?,
                slug: row.slug?,
                username: row.username?,
                display_name: row.display_name?,
                email: row.email,
                role: row.role?,
                avatar_url: row.avatar_url,
                disabled_at: None,
            })
        })(),
        data: row.data,
        expires_at: row.expires_at,
        due: row.due,
        was_guest: row.was_guest,
    }))
}

/// Whether the session with this hash ran out and is still remembered.
pub(super) async fn ran_out(db: &mut Connection, hash: &[u8]) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from login_sessions s join users u on u.id = s.user_id
                          where s.id_hash = $1 and s.expires_at <= now() and u.disabled_at is null) as "some!""#,
        hash
    )
    .fetch_one(db)
    .await
}

pub(super) async fn save_session(
    db: &mut Connection,
    hash: &[u8],
    data: &serde_json::Value,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update login_sessions
         set data = $2, expires_at = least(now() + make_interval(secs => $3), ends_at), last_used_at = now()
         where id_hash = $1 and expires_at > now() and (data is distinct from $2
             or last_used_at < now() - make_interval(secs => $4)
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
pub(super) async fn end_session(db: &mut Connection, hash: &[u8]) -> Result<(), sqlx::Error> {
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
    db: &mut Connection,
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
    db: &mut Connection,
    provider: OidcProviderId,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from login_sessions where provider_id = $1 and expires_at > now()"#,
        provider as OidcProviderId
    )
    .fetch_one(db)
    .await
}

/// Ends all sessions that began with this provider and all tokens of those who came with it, on every replica.
pub(super) async fn end_sessions_of_provider(
    db: &mut Connection,
    provider: OidcProviderId,
) -> Result<Vec<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"with sessions as (delete from login_sessions where provider_id = $1 returning id_hash),
                tokens as (delete from api_tokens where provider_id = $1 returning token_hash),
                gone as (select id_hash from sessions union all select token_hash from tokens),
                told as (select pg_notify($2, encode(id_hash, 'hex')) from gone)
           select id_hash as "id_hash!" from gone where (select count(*) from told) > 0"#,
        provider as OidcProviderId,
        ENDED
    )
    .fetch_all(db)
    .await
}

/// Forgets sessions and tokens that ran out long ago; answers how many.
pub(super) async fn delete_old(db: &mut Connection) -> Result<u64, sqlx::Error> {
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
    db: &mut Connection,
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

// --- a person's own sign-ins, named by their public id, never by the hash ---

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
    db: &mut Connection,
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
    db: &mut Connection,
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
    db: &mut Connection,
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
