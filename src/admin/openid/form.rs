//! The form of a provider: what is typed, what is wrong with it, and the words beside each field.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};

use crate::{
    error::FieldProblem,
    language::Sentence,
    providers::{
        ProviderDraft, ProviderError, SecretChange, SecretState, StoredProvider, TokenAuthMethod,
    },
    say,
};

/// What the form sends; a box that is not ticked sends nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    pub name: String,
    pub logo_url: String,
    enabled: Option<String>,
    auto_provision: Option<String>,
    auto_login: Option<String>,
    is_default: Option<String>,
    pub issuer: String,
    pub authorization_url: String,
    pub token_url: String,
    pub userinfo_url: String,
    pub jwks_url: String,
    pub end_session_url: String,
    pub client_id: String,
    #[serde(deserialize_with = "secret")]
    client_secret: Option<SecretString>,
    pub token_auth_method: TokenAuthMethod,
    pub scopes: String,
    pub username_claim: String,
    pub groups_claim: String,
    pub admin_group: String,
    pub teacher_group: String,
    pub allowed_groups: String,
}

/// Wrapped as soon as it is read; an empty field leaves the stored one.
fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SecretString>, D::Error> {
    let typed = SecretString::from(String::deserialize(from)?);
    Ok((!typed.expose_secret().is_empty()).then_some(typed))
}

impl Typed {
    /// An empty form has the defaults of the contract.
    pub(super) fn new() -> Self {
        Self::from(ProviderDraft::default())
    }

    /// Whether the switch of this field is on.
    pub(super) fn on(&self, field: &str) -> bool {
        match field {
            "enabled" => self.enabled.is_some(),
            "auto_provision" => self.auto_provision.is_some(),
            "auto_login" => self.auto_login.is_some(),
            "is_default" => self.is_default.is_some(),
            _ => false,
        }
    }

    pub(super) fn method(&self) -> &'static str {
        method_word(self.token_auth_method)
    }
}

/// As it stands in the form and in JSON.
fn method_word(method: TokenAuthMethod) -> &'static str {
    match method {
        TokenAuthMethod::ClientSecretBasic => "client_secret_basic",
        TokenAuthMethod::ClientSecretPost => "client_secret_post",
        TokenAuthMethod::None => "none",
    }
}

fn tick(on: bool) -> Option<String> {
    on.then(|| "on".to_owned())
}

impl From<ProviderDraft> for Typed {
    fn from(draft: ProviderDraft) -> Self {
        Self {
            name: draft.name,
            logo_url: draft.logo_url.unwrap_or_default(),
            enabled: tick(draft.enabled),
            auto_provision: tick(draft.auto_provision),
            auto_login: tick(draft.auto_login),
            is_default: tick(draft.is_default),
            issuer: draft.issuer.unwrap_or_default(),
            authorization_url: draft.authorization_url.unwrap_or_default(),
            token_url: draft.token_url.unwrap_or_default(),
            userinfo_url: draft.userinfo_url.unwrap_or_default(),
            jwks_url: draft.jwks_url.unwrap_or_default(),
            end_session_url: draft.end_session_url.unwrap_or_default(),
            client_id: draft.client_id,
            client_secret: None,
            token_auth_method: draft.token_auth_method,
            scopes: draft.scopes.join("\n"),
            username_claim: draft.username_claim,
            groups_claim: draft.groups_claim,
            admin_group: draft.admin_group.unwrap_or_default(),
            teacher_group: draft.teacher_group.unwrap_or_default(),
            allowed_groups: draft.allowed_groups.join("\n"),
        }
    }
}

impl From<&StoredProvider> for Typed {
    fn from(stored: &StoredProvider) -> Self {
        let provider = stored.provider.clone();
        let text = |url: Option<url::Url>| url.map(String::from);
        Self::from(ProviderDraft {
            name: provider.name,
            logo_url: text(provider.logo_url),
            enabled: provider.enabled,
            auto_provision: provider.auto_provision,
            auto_login: provider.auto_login,
            is_default: provider.is_default,
            issuer: provider.issuer,
            authorization_url: text(provider.authorization_url),
            token_url: text(provider.token_url),
            userinfo_url: text(provider.userinfo_url),
            jwks_url: text(provider.jwks_url),
            end_session_url: text(provider.end_session_url),
            client_id: provider.client_id,
            client_secret: SecretChange::Keep,
            token_auth_method: provider.token_auth_method,
            scopes: provider.scopes,
            username_claim: provider.username_claim,
            groups_claim: provider.groups_claim,
            admin_group: provider.admin_group,
            teacher_group: provider.teacher_group,
            allowed_groups: provider.allowed_groups,
        })
    }
}

impl From<Typed> for ProviderDraft {
    fn from(typed: Typed) -> Self {
        Self {
            enabled: typed.on("enabled"),
            auto_provision: typed.on("auto_provision"),
            auto_login: typed.on("auto_login"),
            is_default: typed.on("is_default"),
            name: typed.name,
            logo_url: Some(typed.logo_url),
            issuer: Some(typed.issuer),
            authorization_url: Some(typed.authorization_url),
            token_url: Some(typed.token_url),
            userinfo_url: Some(typed.userinfo_url),
            jwks_url: Some(typed.jwks_url),
            end_session_url: Some(typed.end_session_url),
            client_id: typed.client_id,
            client_secret: typed
                .client_secret
                .map_or(SecretChange::Keep, SecretChange::Set),
            token_auth_method: typed.token_auth_method,
            scopes: vec![typed.scopes],
            username_claim: typed.username_claim,
            groups_claim: typed.groups_claim,
            admin_group: Some(typed.admin_group),
            teacher_group: Some(typed.teacher_group),
            allowed_groups: vec![typed.allowed_groups],
        }
    }
}

/// The form as it is shown.
#[derive(Debug)]
pub(super) struct FormView {
    /// Where it is sent to.
    pub action: String,
    pub typed: Typed,
    pub secret: SecretState,
    problems: Vec<FieldProblem>,
}

impl FormView {
    pub(super) fn new(action: String, typed: Typed, secret: SecretState) -> Self {
        Self {
            action,
            typed,
            secret,
            problems: Vec::new(),
        }
    }

    /// The same with what is wrong, when it was refused for what was typed.
    pub(super) fn refused(self, error: ProviderError) -> Result<Self, ProviderError> {
        Ok(Self {
            problems: error.into_problems()?,
            ..self
        })
    }

    pub(super) fn problem(&self, field: &str) -> Option<&Sentence> {
        let found = self.problems.iter().find(|problem| problem.field == field);
        found.map(|found| &found.problem)
    }

    pub(super) fn problems(&self) -> &[FieldProblem] {
        &self.problems
    }

    /// How many fields are wrong.
    pub(super) fn summary(&self) -> Sentence {
        say!("openid-not-saved", count = self.problems.len())
    }

    /// Below the field.
    pub(super) fn help(&self, field: &str) -> Sentence {
        match (field, self.secret) {
            ("client_secret", SecretState::Kept) => say!("openid-client-secret-kept"),
            ("client_secret", SecretState::Unreadable(cause)) => cause.sentence(),
            _ => help(field),
        }
    }

    pub(super) fn has_secret(&self) -> bool {
        self.secret == SecretState::Kept
    }
}

/// Above the field.
pub(super) fn label(field: &str) -> Sentence {
    match field {
        "name" => say!("openid-name"),
        "logo_url" => say!("openid-logo"),
        "enabled" => say!("openid-enabled"),
        "is_default" => say!("openid-default"),
        "auto_login" => say!("openid-auto-login"),
        "auto_provision" => say!("openid-auto-provision"),
        "client_id" => say!("openid-client-id"),
        "client_secret" => say!("openid-client-secret"),
        "token_auth_method" => say!("openid-method"),
        "issuer" => say!("openid-issuer"),
        "authorization_url" => say!("openid-authorization-url"),
        "token_url" => say!("openid-token-url"),
        "userinfo_url" => say!("openid-userinfo-url"),
        "jwks_url" => say!("openid-jwks-url"),
        "end_session_url" => say!("openid-end-session-url"),
        "scopes" => say!("openid-scopes"),
        "username_claim" => say!("openid-username-claim"),
        "groups_claim" => say!("openid-groups-claim"),
        "admin_group" => say!("openid-admin-group"),
        "teacher_group" => say!("openid-teacher-group"),
        "allowed_groups" => say!("openid-allowed-groups"),
        other => Sentence::plain(other.to_owned()),
    }
}

fn help(field: &str) -> Sentence {
    match field {
        "name" => say!("openid-name-help"),
        "logo_url" => say!("openid-logo-help"),
        "enabled" => say!("openid-enabled-help"),
        "is_default" => say!("openid-default-help"),
        "auto_login" => say!("openid-auto-login-help"),
        "auto_provision" => say!("openid-auto-provision-help"),
        "client_id" => say!("openid-client-id-help"),
        "client_secret" => say!("openid-client-secret-help"),
        "token_auth_method" => say!("openid-method-help"),
        "issuer" => say!("openid-issuer-help"),
        "authorization_url" => say!("openid-authorization-url-help"),
        "token_url" => say!("openid-token-url-help"),
        "userinfo_url" => say!("openid-userinfo-url-help"),
        "jwks_url" => say!("openid-jwks-url-help"),
        "end_session_url" => say!("openid-end-session-url-help"),
        "scopes" => say!("openid-scopes-help"),
        "username_claim" => say!("openid-username-claim-help"),
        "groups_claim" => say!("openid-groups-claim-help"),
        "admin_group" => say!("openid-admin-group-help"),
        "teacher_group" => say!("openid-teacher-group-help"),
        "allowed_groups" => say!("openid-allowed-groups-help"),
        _ => Sentence::default(),
    }
}
