//! OpenID providers: rows that an administrator edits (contract identity 1).

use secrecy::SecretString;
use url::Url;

use crate::ids::OidcProviderId;

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
