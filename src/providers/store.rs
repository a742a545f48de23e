//! Rows of `oidc_providers`.

use time::OffsetDateTime;
use url::Url;

use super::{
    Provider, SecretState, StoredProvider, TokenAuthMethod,
    seal::{CLIENT_SECRET, Seal},
};
use crate::{
    db::{Connection, OnConstraint},
    ids::OidcProviderId,
};

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in the administrator's form"
)]
pub(super) struct ProviderRow {
    id: OidcProviderId,
    name: String,
    logo_url: Option<String>,
    enabled: bool,
    auto_provision: bool,
    auto_login: bool,
    is_default: bool,
    issuer: Option<String>,
    authorization_url: Option<String>,
    token_url: Option<String>,
    userinfo_url: Option<String>,
    jwks_url: Option<String>,
    end_session_url: Option<String>,
    client_id: String,
    client_secret: Option<Vec<u8>>,
    token_auth_method: TokenAuthMethod,
    scopes: Vec<String>,
    username_claim: String,
    groups_claim: String,
    admin_group: Option<String>,
    teacher_group: Option<String>,
    allowed_groups: Vec<String>,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

impl ProviderRow {
    /// The provider, with its secret if `seal` opens it.
    pub(super) fn opened(self, seal: &Seal) -> Result<StoredProvider, sqlx::Error> {
        let id = self.id;
        let url = |column: &str, text: Option<String>| address(id, column, text);
        let opened = self
            .client_secret
            .map(|sealed| seal.open(CLIENT_SECRET, &sealed));
        let (secret, client_secret) = match opened {
            None => (SecretState::Missing, None),
            Some(Ok(secret)) => (SecretState::Kept, Some(secret)),
            Some(Err(cause)) => (SecretState::Unreadable(cause), None),
        };
        Ok(StoredProvider {
            provider: Provider {
                id,
                name: self.name,
                logo_url: url("logo_url", self.logo_url)?,
                enabled: self.enabled,
                auto_provision: self.auto_provision,
                auto_login: self.auto_login,
                is_default: self.is_default,
                issuer: self.issuer,
                authorization_url: url("authorization_url", self.authorization_url)?,
                token_url: url("token_url", self.token_url)?,
                userinfo_url: url("userinfo_url", self.userinfo_url)?,
                jwks_url: url("jwks_url", self.jwks_url)?,
                end_session_url: url("end_session_url", self.end_session_url)?,
                client_id: self.client_id,
                client_secret,
                token_auth_method: self.token_auth_method,
                scopes: self.scopes,
                username_claim: self.username_claim,
                groups_claim: self.groups_claim,
                admin_group: self.admin_group,
                teacher_group: self.teacher_group,
                allowed_groups: self.allowed_groups,
            },
            secret,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

fn address(
    id: OidcProviderId,
    column: &str,
    text: Option<String>,
) -> Result<Option<Url>, sqlx::Error> {
    text.map(|text| text.parse())
        .transpose()
        .map_err(|error: url::ParseError| {
            sqlx::Error::Decode(format!("oidc_providers {id}: {column}: {error}").into())
        })
}

fn text(url: Option<&Url>) -> Option<&str> {
    url.map(Url::as_str)
}

/// The default one first, then by name.
/// One list of columns for every reading statement.
macro_rules! providers {
    ($tail:tt $(, $argument:expr)*) => {
        sqlx::query_as!(
            ProviderRow,
            r#"select id as "id: _", name, logo_url, enabled, auto_provision, auto_login, is_default, issuer,
                   authorization_url, token_url, userinfo_url, jwks_url, end_session_url, client_id, client_secret,
                   token_auth_method as "token_auth_method: _", scopes, username_claim, groups_claim, admin_group,
                   teacher_group, allowed_groups, created_at, updated_at
               from oidc_providers "# + $tail,
            $($argument),*
        )
    };
}

pub(super) async fn all(db: &mut Connection) -> Result<Vec<ProviderRow>, sqlx::Error> {
    providers!("order by is_default desc, lower(name)")
        .fetch_all(db)
        .await
}

pub(super) async fn enabled(db: &mut Connection) -> Result<Vec<ProviderRow>, sqlx::Error> {
    providers!("where enabled order by is_default desc, lower(name)")
        .fetch_all(db)
        .await
}

pub(super) async fn find(
    db: &mut Connection,
    id: OidcProviderId,
) -> Result<Option<ProviderRow>, sqlx::Error> {
    providers!("where id = $1", id as _)
        .fetch_optional(db)
        .await
}

/// Whatever the case of the letters.
pub(super) async fn find_by_name(
    db: &mut Connection,
    name: &str,
) -> Result<Option<ProviderRow>, sqlx::Error> {
    providers!("where lower(name) = lower($1)", name)
        .fetch_optional(db)
        .await
}

/// Those that call this server by one of these names.
pub(super) async fn of_clients(
    db: &mut Connection,
    client_ids: &[String],
) -> Result<Vec<ProviderRow>, sqlx::Error> {
    providers!(
        "where client_id = any($1) order by is_default desc, lower(name)",
        client_ids
    )
    .fetch_all(db)
    .await
}

/// Whether the name was free.
pub(super) async fn insert(
    db: &mut Connection,
    provider: &Provider,
    secret: Option<&[u8]>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "insert into oidc_providers (id, name, logo_url, enabled, auto_provision, auto_login, is_default, issuer,
             authorization_url, token_url, userinfo_url, jwks_url, end_session_url, client_id, client_secret,
             token_auth_method, scopes, username_claim, groups_claim, admin_group, teacher_group, allowed_groups)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
         on conflict (lower(name)) do nothing",
        provider.id as _,
        provider.name,
        text(provider.logo_url.as_ref()),
        provider.enabled,
        provider.auto_provision,
        provider.auto_login,
        provider.is_default,
        provider.issuer,
        text(provider.authorization_url.as_ref()),
        text(provider.token_url.as_ref()),
        text(provider.userinfo_url.as_ref()),
        text(provider.jwks_url.as_ref()),
        text(provider.end_session_url.as_ref()),
        provider.client_id,
        secret,
        provider.token_auth_method as TokenAuthMethod,
        &provider.scopes,
        provider.username_claim,
        provider.groups_claim,
        provider.admin_group,
        provider.teacher_group,
        &provider.allowed_groups,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What became of a change.
#[derive(Debug)]
pub(super) enum Written {
    Done,
    NameTaken,
    Unknown,
}

/// Writes everything but the secret, and that too unless it `keeps`.
pub(super) async fn update(
    db: &mut Connection,
    provider: &Provider,
    keeps: bool,
    secret: Option<&[u8]>,
) -> Result<Written, sqlx::Error> {
    let done = sqlx::query!(
        "update oidc_providers set name = $2, logo_url = $3, enabled = $4, auto_provision = $5, auto_login = $6,
             is_default = $7, issuer = $8, authorization_url = $9, token_url = $10, userinfo_url = $11, jwks_url = $12,
             end_session_url = $13, client_id = $14, client_secret = case when $15 then client_secret else $16 end,
             token_auth_method = $17, scopes = $18, username_claim = $19, groups_claim = $20, admin_group = $21,
             teacher_group = $22, allowed_groups = $23, updated_at = now()
         where id = $1",
        provider.id as _,
        provider.name,
        text(provider.logo_url.as_ref()),
        provider.enabled,
        provider.auto_provision,
        provider.auto_login,
        provider.is_default,
        provider.issuer,
        text(provider.authorization_url.as_ref()),
        text(provider.token_url.as_ref()),
        text(provider.userinfo_url.as_ref()),
        text(provider.jwks_url.as_ref()),
        text(provider.end_session_url.as_ref()),
        provider.client_id,
        keeps,
        secret,
        provider.token_auth_method as TokenAuthMethod,
        &provider.scopes,
        provider.username_claim,
        provider.groups_claim,
        provider.admin_group,
        provider.teacher_group,
        &provider.allowed_groups,
    )
    .execute(db)
    .await
    .on_constraint("oidc_providers_name_key", || Written::NameTaken)?;
    Ok(match done {
        Ok(done) if done.rows_affected() == 1 => Written::Done,
        Ok(_) => Written::Unknown,
        Err(taken) => taken,
    })
}

/// Takes the mark of the default provider from whichever else has it. Two changes that both set it take turns.
pub(super) async fn leave_default(
    db: &mut Connection,
    to: OidcProviderId,
) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('deskcast default provider', 0))")
        .execute(&mut *db)
        .await?;
    sqlx::query!(
        "update oidc_providers set is_default = false where is_default and id <> $1",
        to as _
    )
    .execute(db)
    .await
    .map(drop)
}

pub(super) async fn has_default(db: &mut Connection) -> Result<bool, sqlx::Error> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('deskcast default provider', 0))")
        .execute(&mut *db)
        .await?;
    sqlx::query_scalar!(r#"select exists (select from oidc_providers where is_default) as "some!""#)
        .fetch_one(db)
        .await
}

/// Whether the configured provider was never made; until the transaction ends, no other replica makes it.
pub(super) async fn begin_seed(db: &mut Connection) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update installation set oauth_seeded_at = now() where oauth_seeded_at is null"
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether the provider is there; until the transaction ends, nothing can begin to refer to it.
pub(super) async fn lock(db: &mut Connection, id: OidcProviderId) -> Result<bool, sqlx::Error> {
    let found = sqlx::query_scalar!(
        r#"select id as "id: OidcProviderId" from oidc_providers where id = $1 for update"#,
        id as _
    )
    .fetch_optional(db)
    .await?;
    Ok(found.is_some())
}

pub(super) async fn delete(db: &mut Connection, id: OidcProviderId) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from oidc_providers where id = $1", id as _)
        .execute(db)
        .await
        .map(drop)
}
