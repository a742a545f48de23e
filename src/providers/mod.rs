//! OpenID providers: rows that an administrator edits (contract identity 1).
//!
//! [`Providers`] is the handle, below sign-in and the administration. What is typed comes as a [`ProviderDraft`] and passes
//! [`rules::checked`]; the client's secret is sealed before it is stored and is never shown again.

pub mod check;
mod draft;
pub mod rules;
pub mod seal;
mod seed;
mod store;

use secrecy::SecretString;
use time::OffsetDateTime;
use url::Url;

pub use draft::{ProviderDraft, SecretChange};
use seal::{CLIENT_SECRET, Seal, SealError};

use crate::{
    config::OidcConfig,
    db::{Connection, Db},
    error::{AppError, FieldProblem},
    ids::OidcProviderId,
    language::Sentence,
    say,
};

/// How this server proves itself to the provider's token endpoint.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    sqlx::Type,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[sqlx(type_name = "token_auth_method", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum TokenAuthMethod {
    /// In the `Authorization` header.
    #[default]
    ClientSecretBasic,
    /// In the body.
    ClientSecretPost,
    /// Not at all; PKCE alone.
    None,
}

/// A provider as sign-in uses it.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in the administrator's form"
)]
pub struct Provider {
    /// Never changes.
    pub id: OidcProviderId,
    /// On the sign-in button, and in `/login/oidc/<name>`.
    pub name: String,
    /// A picture on the button.
    pub logo_url: Option<Url>,
    /// Whether anybody may sign in with it.
    pub enabled: bool,
    /// Whether people who are not known yet get an account.
    pub auto_provision: bool,
    /// Whether `/login` goes straight to it.
    pub auto_login: bool,
    /// First on the sign-in page; one at most.
    pub is_default: bool,
    /// For discovery; may be missing when the single addresses are given.
    pub issuer: Option<String>,
    /// Goes before what discovery says, as do the next four.
    pub authorization_url: Option<Url>,
    /// Where a code becomes tokens.
    pub token_url: Option<Url>,
    /// Where claims are read.
    pub userinfo_url: Option<Url>,
    /// Where its keys are.
    pub jwks_url: Option<Url>,
    /// Where people sign out there.
    pub end_session_url: Option<Url>,
    /// What this server is called there.
    pub client_id: String,
    /// Opened; cannot be printed.
    pub client_secret: Option<SecretString>,
    /// How the secret is sent.
    pub token_auth_method: TokenAuthMethod,
    /// What is asked for; always with `openid`.
    pub scopes: Vec<String>,
    /// The claim with the shown name.
    pub username_claim: String,
    /// The claim with the groups.
    pub groups_claim: String,
    /// Members are administrators; compared exactly with a group's id (act) and name.
    pub admin_group: Option<String>,
    /// Members are teachers.
    pub teacher_group: Option<String>,
    /// Only members may sign in; empty: everybody.
    pub allowed_groups: Vec<String>,
}

/// How a provider's secret stands; never the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretState {
    /// There is none.
    Missing,
    /// It is stored and can be used.
    Kept,
    /// It is stored and cannot be read.
    Unreadable(SealError),
}

/// A provider's row.
#[derive(Clone, Debug)]
pub struct StoredProvider {
    /// As sign-in would use it; without its secret when that cannot be read.
    pub provider: Provider,
    /// How its secret stands.
    pub secret: SecretState,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it was last changed.
    pub updated_at: OffsetDateTime,
}

impl StoredProvider {
    /// The provider, when people can sign in with it.
    pub fn usable(self) -> Result<Provider, ProviderFault> {
        match self.secret {
            SecretState::Unreadable(cause)
                if self.provider.token_auth_method != TokenAuthMethod::None =>
            {
                Err(ProviderFault::Secret {
                    name: self.provider.name,
                    cause,
                })
            }
            _ => Ok(self.provider),
        }
    }
}

/// Why a provider cannot be used now.
#[derive(Debug, thiserror::Error)]
pub enum ProviderFault {
    /// Its secret cannot be read.
    #[error("the secret of the provider {name} cannot be used")]
    Secret {
        /// Which provider.
        name: String,
        /// Why.
        #[source]
        cause: SealError,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<ProviderFault> for AppError {
    fn from(fault: ProviderFault) -> Self {
        match fault {
            ProviderFault::Secret { ref name, .. } => Self::Unavailable {
                code: "provider_secret",
                sentence: say!("oidc-misconfigured", provider = name.as_str()),
                source: Some(fault.into()),
            },
            ProviderFault::Database(error) => error.into(),
        }
    }
}

/// Why the list of providers was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// Fields cannot be taken.
    #[error("a field is wrong")]
    Invalid(Vec<FieldProblem>),
    /// Another provider has the name, whatever the case of its letters.
    #[error("the name is taken")]
    NameTaken,
    /// There is no such provider.
    #[error("there is no such provider")]
    Unknown,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl ProviderError {
    /// The fields that are wrong, when that is the reason.
    pub fn into_problems(self) -> Result<Vec<FieldProblem>, Self> {
        match self {
            Self::Invalid(problems) => Ok(problems),
            Self::NameTaken => Ok(vec![FieldProblem::new("name", say!("provider-name-taken"))]),
            other => Err(other),
        }
    }
}

impl From<ProviderError> for AppError {
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::Invalid(problems) => Self::Invalid(problems),
            ProviderError::NameTaken => Self::Conflict {
                code: "name_taken",
                sentence: say!("provider-name-taken"),
            },
            ProviderError::Unknown => Self::NotFound(say!("provider-unknown")),
            ProviderError::Database(error) => error.into(),
        }
    }
}

/// The handle on providers.
#[derive(Clone, Debug)]
pub struct Providers {
    db: Db,
    seal: Seal,
}

impl Providers {
    /// A handle on the providers in `db`; their secrets are sealed with `seal`.
    #[must_use]
    pub fn new(db: Db, seal: Seal) -> Self {
        Self { db, seal }
    }

    /// Every provider: the default one first, then by name.
    pub async fn all(&self) -> Result<Vec<StoredProvider>, sqlx::Error> {
        let rows = store::all(&mut self.db.acquire().await?).await?;
        rows.into_iter().map(|row| row.opened(&self.seal)).collect()
    }

    /// Those people can sign in with, in the order of the sign-in page.
    pub async fn enabled(&self) -> Result<Vec<StoredProvider>, sqlx::Error> {
        let rows = store::enabled(&mut self.db.acquire().await?).await?;
        rows.into_iter().map(|row| row.opened(&self.seal)).collect()
    }

    /// The provider with this id, also when it is switched off.
    pub async fn find(&self, id: OidcProviderId) -> Result<Option<StoredProvider>, sqlx::Error> {
        let row = store::find(&mut self.db.acquire().await?, id).await?;
        row.map(|row| row.opened(&self.seal)).transpose()
    }

    /// The provider with this name, whatever the case of its letters; also when it is switched off.
    pub async fn find_by_name(&self, name: &str) -> Result<Option<StoredProvider>, sqlx::Error> {
        let row = store::find_by_name(&mut self.db.acquire().await?, name).await?;
        row.map(|row| row.opened(&self.seal)).transpose()
    }

    /// Those that call this server by one of these names.
    pub async fn of_clients(
        &self,
        client_ids: &[String],
    ) -> Result<Vec<StoredProvider>, sqlx::Error> {
        let rows = store::of_clients(&mut self.db.acquire().await?, client_ids).await?;
        rows.into_iter().map(|row| row.opened(&self.seal)).collect()
    }

    /// Why secrets cannot be kept, if so.
    #[must_use]
    pub fn cannot_keep_secrets(&self) -> Option<Sentence> {
        (!self.seal.has_key()).then(|| SealError::NoKey.sentence())
    }

    /// Adds a provider.
    pub async fn create(&self, draft: ProviderDraft) -> Result<StoredProvider, ProviderError> {
        let id = OidcProviderId::new();
        let sealed = self.sealed(&draft.client_secret);
        let provider = merged(rules::checked(id, draft, false), &sealed)?;
        let mut tx = self.db.begin().await?;
        if provider.is_default {
            store::leave_default(&mut tx, id).await?;
        }
        let secret = sealed.ok().flatten();
        if !store::insert(&mut tx, &provider, secret.as_deref()).await? {
            return Err(ProviderError::NameTaken);
        }
        tx.commit().await?;
        self.find(id).await?.ok_or(ProviderError::Unknown)
    }

    /// Writes `draft` over the provider with this id. Who is signed in stays; the next sign-in and the next look at
    /// groups go by what is new.
    pub async fn update(
        &self,
        id: OidcProviderId,
        draft: ProviderDraft,
    ) -> Result<StoredProvider, ProviderError> {
        let now = self.find(id).await?.ok_or(ProviderError::Unknown)?;
        let keeps = matches!(draft.client_secret, SecretChange::Keep);
        let sealed = self.sealed(&draft.client_secret);
        let has_secret = now.secret != SecretState::Missing;
        let provider = merged(rules::checked(id, draft, has_secret), &sealed)?;
        let mut tx = self.db.begin().await?;
        if provider.is_default {
            store::leave_default(&mut tx, id).await?;
        }
        let secret = sealed.ok().flatten();
        match store::update(&mut tx, &provider, keeps, secret.as_deref()).await? {
            store::Written::Done => {}
            store::Written::NameTaken => return Err(ProviderError::NameTaken),
            store::Written::Unknown => return Err(ProviderError::Unknown),
        }
        tx.commit().await?;
        self.find(id).await?.ok_or(ProviderError::Unknown)
    }

    /// Makes the provider of `OAUTH_*`, once in the life of a database: what an administrator changed or removed
    /// since then stays so. Replicas that start together make one between them.
    pub async fn seed(&self, config: &OidcConfig) -> Result<(), sqlx::Error> {
        let Some(configured) = &config.provider else {
            return Ok(());
        };
        let Ok(sealed) = self.seal.seal(CLIENT_SECRET, &configured.client_secret) else {
            // The configuration was refused without a key.
            return Ok(());
        };
        let mut tx = self.db.begin().await?;
        if !store::begin_seed(&mut tx).await? {
            return Ok(());
        }
        let has_default = store::has_default(&mut tx).await?;
        let provider = seed::provider(configured, !has_default);
        let made = store::insert(&mut tx, &provider, Some(&sealed)).await?;
        tx.commit().await?;
        if made {
            tracing::info!(
                "the OpenID provider of OAUTH_CLIENT_ID was made; from now on it is edited at /admin/openid"
            );
        } else {
            tracing::warn!(
                "there is an OpenID provider named default already: OAUTH_CLIENT_ID and its kin are not read"
            );
        }
        Ok(())
    }

    /// Holds the provider's row until the transaction of the caller ends, so that no session can begin with it
    /// meanwhile; whether it is there.
    pub async fn lock(&self, tx: &mut Connection, id: OidcProviderId) -> Result<bool, sqlx::Error> {
        store::lock(tx, id).await
    }

    /// Removes a provider in the transaction of the caller, who ends the sessions that began with it.
    pub async fn delete(&self, tx: &mut Connection, id: OidcProviderId) -> Result<(), sqlx::Error> {
        store::delete(tx, id).await
    }

    /// What the row is to keep: nothing when nothing was typed.
    fn sealed(&self, change: &SecretChange) -> Result<Option<Vec<u8>>, SealError> {
        match change {
            SecretChange::Keep | SecretChange::Remove => Ok(None),
            SecretChange::Set(secret) => self.seal.seal(CLIENT_SECRET, secret).map(Some),
        }
    }
}

/// What the rules say, and whether a new secret can be kept, together.
fn merged(
    checked: Result<Provider, Vec<FieldProblem>>,
    sealed: &Result<Option<Vec<u8>>, SealError>,
) -> Result<Provider, ProviderError> {
    match (checked, sealed) {
        (Ok(provider), Ok(_)) => Ok(provider),
        (checked, Err(cause)) => {
            let mut problems = checked.err().unwrap_or_default();
            problems.retain(|problem| problem.field != "client_secret");
            problems.push(FieldProblem::new("client_secret", cause.sentence()));
            Err(ProviderError::Invalid(problems))
        }
        (Err(problems), Ok(_)) => Err(ProviderError::Invalid(problems)),
    }
}
