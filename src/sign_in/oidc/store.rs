//! Sign-ins under way, people of providers, their groups and sessions.

use std::time::Duration;

use crate::{
    db::Connection,
    ids::{OidcProviderId, UserId},
    oidc::claims::Group,
    people::{Role, User, store::users},
    sessions::ENDED,
};

/// How long a sign-in may be under way.
pub(super) const UNDER_WAY: time::Duration = time::Duration::minutes(10);

/// How long one replica has for refreshing one session.
pub(super) const LEASE: time::Duration = time::Duration::minutes(1);

// --- sign-ins under way ---

/// A sign-in that has just begun.
#[derive(Debug)]
pub(super) struct NewSignIn<'s> {
    pub state_hash: &'s [u8],
    pub provider: OidcProviderId,
    pub browser_hash: &'s [u8],
    pub nonce: &'s str,
    pub pkce_verifier: &'s str,
    pub redirect_uri: &'s str,
    pub next: &'s str,
    pub tested_by: Option<UserId>,
}

/// A sign-in that comes back from its provider.
#[derive(Debug)]
pub(super) struct SignIn {
    pub provider: OidcProviderId,
    pub browser_hash: Vec<u8>,
    pub nonce: String,
    pub pkce_verifier: String,
    pub redirect_uri: String,
    pub next: String,
    pub tested_by: Option<UserId>,
    pub expired: bool,
}

pub(super) async fn insert_sign_in(
    db: &mut Connection,
    new: &NewSignIn<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into oidc_sign_ins (state_hash, provider_id, browser_hash, nonce, pkce_verifier, redirect_uri, next,
                                    tested_by, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9))",
        new.state_hash,
        new.provider as OidcProviderId,
        new.browser_hash,
        new.nonce,
        new.pkce_verifier,
        new.redirect_uri,
        new.next,
        new.tested_by as Option<UserId>,
        UNDER_WAY.as_seconds_f64()
    )
    .execute(db)
    .await
    .map(drop)
}

/// The sign-in with this state, which it has no longer afterwards: of two answers with one state, one finds it.
pub(super) async fn take_sign_in(
    db: &mut Connection,
    state_hash: &[u8],
) -> Result<Option<SignIn>, sqlx::Error> {
    sqlx::query_as!(
        SignIn,
        r#"delete from oidc_sign_ins where state_hash = $1
           returning provider_id as "provider: OidcProviderId", browser_hash, nonce, pkce_verifier, redirect_uri, next,
                     tested_by as "tested_by: UserId", expires_at <= now() as "expired!""#,
        state_hash
    )
    .fetch_optional(db)
    .await
}

pub(super) async fn delete_old_sign_ins(db: &mut Connection) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from oidc_sign_ins where expires_at <= now()")
        .execute(db)
        .await
        .map(drop)
}

// --- people ---

/// A person of a provider, as they are written down.
#[derive(Debug)]
pub(super) struct PersonRow<'p> {
    pub provider: OidcProviderId,
    pub groups: &'p [Group],
    pub issuer: &'p str,
    pub subject: &'p str,
    pub username: &'p str,
    pub display_name: &'p str,
    pub email: Option<&'p str>,
    pub avatar_url: Option<&'p str>,
    /// `None`: as it was, or a user.
    pub role: Option<Role>,
}

/// The account of a person, held until the transaction ends. Makes the groups of `provider` that are not known yet, and
/// gives those it calls otherwise now their new name.
pub(super) async fn lock_account(
    db: &mut Connection,
    person: &PersonRow<'_>,
) -> Result<Option<User>, sqlx::Error> {
    // In one order, so that two sign-ins never wait for each other: the groups by their ids, then the person. Asking for
    // the count makes the database do the groups first.
    let mut groups: Vec<&Group> = person.groups.iter().collect();
    groups.sort_by(|one, two| one.id.cmp(&two.id));
    let ids: Vec<String> = groups.iter().map(|group| group.id.clone()).collect();
    let names: Vec<String> = groups.iter().map(|group| group.name.clone()).collect();
    users!(
        "with known as (insert into user_groups (id, name, provider_id, external_id)
                        select gen_random_uuid(), said.name, $3, said.id
                        from unnest($4::text[], $5::text[]) with ordinality as said (id, name, place) order by said.place
                        on conflict (provider_id, external_id) do update set name = excluded.name
                        where user_groups.name is distinct from excluded.name returning id)
         select",
        "from users where issuer = $1 and subject = $2 and (select count(*) from known) >= 0 for update",
        person.issuer,
        person.subject,
        person.provider as OidcProviderId,
        &ids,
        &names
    )
    .fetch_optional(db)
    .await
}

/// Makes the account unless the slug or the person is there already.
pub(super) async fn insert_account(
    db: &mut Connection,
    slug: &str,
    person: &PersonRow<'_>,
) -> Result<Option<User>, sqlx::Error> {
    users!(
        "insert into users (id, slug, username, display_name, email, role, avatar_url, issuer, subject)
         values ($1, $2, $3, $4, $5, coalesce($6, 'user'::user_role), $7, $8, $9)
         on conflict do nothing returning",
        "",
        UserId::new() as UserId,
        slug,
        person.username,
        person.display_name,
        person.email,
        person.role as Option<Role>,
        person.avatar_url,
        person.issuer,
        person.subject
    )
    .fetch_optional(db)
    .await
}

/// Writes down what the provider says today: id and slug stay. The person is then a member of exactly these groups of
/// the provider, which [`lock_account`] has made; groups of others are not touched.
pub(super) async fn update_account(
    db: &mut Connection,
    id: UserId,
    person: &PersonRow<'_>,
) -> Result<User, sqlx::Error> {
    let ids: Vec<String> = person.groups.iter().map(|group| group.id.clone()).collect();
    users!(
        "with gone as (delete from group_members m using user_groups g
                       where g.id = m.group_id and m.user_id = $1 and g.provider_id = $7 and g.external_id <> all($8)),
              come as (insert into group_members (group_id, user_id)
                       select id, $1 from user_groups where provider_id = $7 and external_id = any($8)
                       on conflict do nothing)
         update users set username = $2, display_name = $3, email = $4, role = coalesce($5, role), avatar_url = $6
         where id = $1 returning",
        "",
        id as UserId,
        person.username,
        person.display_name,
        person.email,
        person.role as Option<Role>,
        person.avatar_url,
        person.provider as OidcProviderId,
        &ids
    )
    .fetch_one(db)
    .await
}

// --- sessions ---

/// The provider of a session, and the sealed ID token it began with.
pub(super) async fn origin_of_session(
    db: &mut Connection,
    hash: &[u8],
) -> Result<Option<(OidcProviderId, Option<Vec<u8>>)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select provider_id as "provider: OidcProviderId", id_token from login_sessions where id_hash = $1"#,
        hash
    )
    .fetch_optional(db)
    .await?;
    Ok(row.and_then(|row| Some((row.provider?, row.id_token))))
}

/// Ends the sessions a provider names, on every replica; answers which. What waits to become one is gone, too. A person who is signed out as a whole, not with
/// one session, loses the tokens too: they ask the provider nothing.
pub(super) async fn end_sessions_at(
    db: &mut Connection,
    issuer: &str,
    subject: Option<&str>,
    sid: Option<&str>,
) -> Result<Vec<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"with sessions as (delete from login_sessions
                             where oidc_issuer = $1 and ($2::text is null or oidc_subject = $2)
                               and ($3::text is null or oidc_sid = $3) and ($2 is not null or $3 is not null)
                             returning id_hash),
                tokens as (delete from api_tokens t using users u
                           where u.id = t.user_id and u.issuer = $1 and u.subject = $2 and $3::text is null
                           returning token_hash),
                waiting as (delete from oidc_switches
                            where oidc_issuer = $1 and ($2::text is null or oidc_subject = $2)
                              and ($3::text is null or oidc_sid = $3) and ($2 is not null or $3 is not null)),
                gone as (select id_hash from sessions union all select token_hash from tokens),
                told as (select pg_notify($4, encode(id_hash, 'hex')) from gone)
           select id_hash as "id_hash!" from gone where (select count(*) from told) > 0"#,
        issuer,
        subject,
        sid,
        ENDED
    )
    .fetch_all(db)
    .await
}

/// Whether the logout token with this hash counts: the first time it does.
pub(super) async fn count_logout(
    db: &mut Connection,
    hash: &[u8],
    remembered: Duration,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "insert into oidc_logout_tokens (hash, expires_at) values ($1, now() + make_interval(secs => $2))
         on conflict do nothing",
        hash,
        remembered.as_secs_f64()
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn delete_old_logouts(db: &mut Connection) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from oidc_logout_tokens where expires_at <= now()")
        .execute(db)
        .await
        .map(drop)
}

/// A session whose refresh token is due.
#[derive(Debug)]
pub(super) struct Due {
    pub id_hash: Vec<u8>,
    pub provider: OidcProviderId,
    pub issuer: String,
    pub subject: String,
    pub id_token: Option<Vec<u8>>,
    pub refresh_token: Vec<u8>,
}

/// Takes one session that is due, for [`LEASE`]: no other replica takes it meanwhile.
pub(super) async fn take_due(db: &mut Connection) -> Result<Option<Due>, sqlx::Error> {
    sqlx::query_as!(
        Due,
        r#"update login_sessions set refreshing_until = now() + make_interval(secs => $1)
           where id_hash = (select id_hash from login_sessions
                            where refresh_token is not null and refresh_at <= now() and expires_at > now()
                              and provider_id is not null and oidc_issuer is not null and oidc_subject is not null
                              and (refreshing_until is null or refreshing_until <= now())
                            order by refresh_at limit 1 for update skip locked)
           returning id_hash, provider_id as "provider!: OidcProviderId", oidc_issuer as "issuer!",
                     oidc_subject as "subject!", id_token, refresh_token as "refresh_token!""#,
        LEASE.as_seconds_f64()
    )
    .fetch_optional(db)
    .await
}

/// What a refresh brought: new tokens where there are new ones, and the next time.
pub(super) async fn refreshed(
    db: &mut Connection,
    hash: &[u8],
    id_token: Option<&[u8]>,
    refresh_token: Option<&[u8]>,
    refresh_in: f64,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update login_sessions set id_token = coalesce($2, id_token), refresh_token = coalesce($3, refresh_token),
             refresh_at = now() + make_interval(secs => $4), refreshing_until = null
         where id_hash = $1",
        hash,
        id_token,
        refresh_token,
        refresh_in
    )
    .execute(db)
    .await
    .map(drop)
}
