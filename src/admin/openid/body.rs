//! A provider in JSON: what is told of it, and what of a body is taken.

use serde::Serialize;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{
    error::{AppError, FieldProblem, Result},
    ids::OidcProviderId,
    language::Sentence,
    providers::{ProviderDraft, SecretState, StoredProvider, TokenAuthMethod, rules},
    say,
    web::urls,
};

/// Told by this server, never written: a body may carry them, so that what was read can be sent back changed.
const READ_ONLY: [&str; 6] = [
    "id",
    "has_client_secret",
    "client_secret_problem",
    "sign_in_path",
    "created_at",
    "updated_at",
];

/// A provider, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in the administrator's form"
)]
pub(super) struct ProviderBody {
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
    /// Whether a secret is stored. It is never shown.
    has_client_secret: bool,
    /// Why the stored secret cannot be used, if so.
    #[schema(value_type = Option<String>)]
    client_secret_problem: Option<Sentence>,
    token_auth_method: TokenAuthMethod,
    scopes: Vec<String>,
    username_claim: String,
    groups_claim: String,
    admin_group: Option<String>,
    teacher_group: Option<String>,
    allowed_groups: Vec<String>,
    /// Where people begin to sign in with it.
    sign_in_path: String,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}

impl From<StoredProvider> for ProviderBody {
    fn from(stored: StoredProvider) -> Self {
        let StoredProvider {
            provider,
            secret,
            created_at,
            updated_at,
        } = stored;
        Self {
            id: provider.id,
            sign_in_path: urls::login_with(&provider.name, "/"),
            name: provider.name,
            logo_url: provider.logo_url.map(String::from),
            enabled: provider.enabled,
            auto_provision: provider.auto_provision,
            auto_login: provider.auto_login,
            is_default: provider.is_default,
            issuer: provider.issuer,
            authorization_url: provider.authorization_url.map(String::from),
            token_url: provider.token_url.map(String::from),
            userinfo_url: provider.userinfo_url.map(String::from),
            jwks_url: provider.jwks_url.map(String::from),
            end_session_url: provider.end_session_url.map(String::from),
            client_id: provider.client_id,
            has_client_secret: secret != SecretState::Missing,
            client_secret_problem: match secret {
                SecretState::Unreadable(cause) => Some(cause.sentence()),
                SecretState::Missing | SecretState::Kept => None,
            },
            token_auth_method: provider.token_auth_method,
            scopes: provider.scopes,
            username_claim: provider.username_claim,
            groups_claim: provider.groups_claim,
            admin_group: provider.admin_group,
            teacher_group: provider.teacher_group,
            allowed_groups: provider.allowed_groups,
            created_at,
            updated_at,
        }
    }
}

impl ProviderBody {
    /// What of it can be written, as a body would say it.
    pub(super) fn written(self) -> Result<Map<String, Value>> {
        match serde_json::to_value(self) {
            Ok(Value::Object(mut fields)) => {
                fields.retain(|name, _| !READ_ONLY.contains(&name.as_str()));
                Ok(fields)
            }
            Ok(_) => Err(AppError::internal("a provider is no object")),
            Err(error) => Err(AppError::internal(error)),
        }
    }
}

/// `body` over `fields` (pure). When some of it cannot even be read, every wrong field is told at once; what can be
/// read is checked when it is written.
pub(super) fn draft(
    body: Map<String, Value>,
    mut fields: Map<String, Value>,
    has_secret: bool,
) -> Result<ProviderDraft> {
    let mut problems = Vec::new();
    for (name, value) in body {
        if READ_ONLY.contains(&name.as_str()) {
            continue;
        }
        let alone = Value::Object(Map::from_iter([(name.clone(), value.clone())]));
        match serde_json::from_value::<ProviderDraft>(alone) {
            Ok(_) => {
                fields.insert(name, value);
            }
            Err(error) => problems.push(problem(name, &error.to_string())),
        }
    }
    let draft: ProviderDraft =
        serde_json::from_value(Value::Object(fields)).map_err(AppError::internal)?;
    if problems.is_empty() {
        return Ok(draft);
    }
    let unreadable: Vec<_> = problems
        .iter()
        .map(|problem| problem.field.clone())
        .collect();
    let wrong = rules::checked(OidcProviderId::new(), draft, has_secret);
    let wrong = wrong.err().unwrap_or_default().into_iter();
    problems.extend(wrong.filter(|problem| !unreadable.contains(&problem.field)));
    Err(AppError::Invalid(problems))
}

fn problem(name: String, error: &str) -> FieldProblem {
    // What a stranger wrote may be in there, of any length.
    let cut = |text: &str, most| text.chars().take(most).collect::<String>();
    if error.starts_with("unknown field") {
        return FieldProblem::new(cut(&name, 60), say!("provider-no-such-field"));
    }
    FieldProblem::new(
        name,
        say!("provider-field-unreadable", cause = cut(error, 200)),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn wrong_kinds_unknown_names_and_bad_values_come_together() {
        let body = json!({
            "name": 3, "scope": "openid", "enabled": "yes", "token_auth_method": "private_key_jwt",
            "scopes": "email", "issuer": "id.example", "id": "ignored", "has_client_secret": true,
        });
        let Err(AppError::Invalid(problems)) = draft(object(body), Map::new(), false) else {
            panic!("it is taken");
        };
        let mut fields: Vec<_> = problems.into_iter().map(|problem| problem.field).collect();
        fields.sort();
        assert_eq!(
            fields,
            [
                "client_id",
                "client_secret",
                "enabled",
                "issuer",
                "name",
                "scope",
                "scopes",
                "token_auth_method"
            ]
        );
    }

    #[test]
    fn what_is_left_out_stays() {
        let now = object(json!({"name": "a", "client_id": "kasm", "auto_login": true}));
        let changed = draft(object(json!({"name": "b", "sign_in_path": "x"})), now, true).unwrap();
        assert!(changed.auto_login);
        assert_eq!((&*changed.name, &*changed.client_id), ("b", "kasm"));
    }
}
