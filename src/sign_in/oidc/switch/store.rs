//! Sign-ins that wait for an answer.

use super::super::store::UNDER_WAY;
use crate::{
    db::Connection,
    ids::{OidcProviderId, UserId},
    sessions::Origin,
};

/// A sign-in that begins to wait.
#[derive(Debug)]
pub(super) struct NewSwitch<'s> {
    pub secret_hash: &'s [u8],
    pub browser_hash: &'s [u8],
    pub here: UserId,
    pub there: UserId,
    pub origin: &'s Origin,
    pub next: &'s str,
}

/// A sign-in whose answer has come.
#[derive(Debug)]
pub(super) struct Switch {
    pub there: UserId,
    pub origin: Origin,
    pub next: String,
}

pub(super) async fn insert(db: &mut Connection, new: &NewSwitch<'_>) -> Result<(), sqlx::Error> {
    let Origin {
        provider,
        issuer,
        subject,
        sid,
        id_token,
        refresh_token,
        refresh_in,
    } = new.origin;
    sqlx::query!(
        "insert into oidc_switches (secret_hash, browser_hash, here, there, provider_id, oidc_issuer, oidc_subject,
                                    oidc_sid, id_token, refresh_token, refresh_in, next, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, now() + make_interval(secs => $13))",
        new.secret_hash,
        new.browser_hash,
        new.here as UserId,
        new.there as UserId,
        *provider as OidcProviderId,
        issuer,
        subject,
        sid.as_deref(),
        id_token.as_deref(),
        refresh_token.as_deref(),
        refresh_in,
        new.next,
        UNDER_WAY.as_seconds_f64()
    )
    .execute(db)
    .await
    .map(drop)
}

/// The sign-in with this secret, which waits no longer afterwards: of two answers, one finds it. In another browser, or
/// when somebody else is signed in by now, it goes on waiting.
pub(super) async fn take(
    db: &mut Connection,
    secret_hash: &[u8],
    browser_hash: &[u8],
    here: UserId,
) -> Result<Option<Switch>, sqlx::Error> {
    let row = sqlx::query!(
        r#"with taken as (delete from oidc_switches where secret_hash = $1 and browser_hash = $2 and here = $3
                          returning *)
           select there as "there: UserId", provider_id as "provider: OidcProviderId", oidc_issuer, oidc_subject,
                  oidc_sid, id_token, refresh_token, refresh_in, next
           from taken where expires_at > now()"#,
        secret_hash,
        browser_hash,
        here as UserId
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Switch {
        there: row.there,
        origin: Origin {
            provider: row.provider,
            issuer: row.oidc_issuer,
            subject: row.oidc_subject,
            sid: row.oidc_sid,
            id_token: row.id_token,
            refresh_token: row.refresh_token,
            refresh_in: row.refresh_in,
        },
        next: row.next,
    }))
}

pub(super) async fn delete_old(db: &mut Connection) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from oidc_switches where expires_at <= now()")
        .execute(db)
        .await
        .map(drop)
}
