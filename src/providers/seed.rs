//! The provider of the original's `OAUTH_*` variables.

use super::{Provider, TokenAuthMethod};
use crate::{config::ConfiguredProvider, ids::OidcProviderId};

/// Its name (contract http-api 5).
const NAME: &str = "default";

/// What the original asks its provider for.
const SCOPES: [&str; 5] = ["openid", "profile", "uuid", "email", "groups"];

/// As the original signs in: the same scopes, the secret in the body.
pub(super) fn provider(configured: &ConfiguredProvider, is_default: bool) -> Provider {
    Provider {
        id: OidcProviderId::new(),
        name: NAME.into(),
        logo_url: None,
        enabled: true,
        auto_provision: true,
        auto_login: false,
        is_default,
        issuer: configured.issuer.clone(),
        authorization_url: configured.authorization_url.clone(),
        token_url: configured.token_url.clone(),
        userinfo_url: configured.userinfo_url.clone(),
        jwks_url: configured.jwks_url.clone(),
        end_session_url: None,
        client_id: configured.client_id.clone(),
        client_secret: Some(configured.client_secret.clone()),
        token_auth_method: TokenAuthMethod::ClientSecretPost,
        scopes: SCOPES.map(str::to_owned).into(),
        username_claim: "preferred_username".into(),
        groups_claim: "groups".into(),
        admin_group: configured.admin_group.clone(),
        teacher_group: configured.teacher_group.clone(),
        allowed_groups: Vec::new(),
    }
}
