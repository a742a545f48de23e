//! What somebody writes of a provider, before anything is checked.

use std::fmt;

use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de};
use utoipa::openapi::{
    Object,
    schema::{KnownFormat, SchemaFormat, SchemaType, Type},
};

use super::TokenAuthMethod;

/// What an administrator writes for a provider. What is left out has the default of the contract.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in the administrator's form"
)]
pub struct ProviderDraft {
    /// On the sign-in button, and in `/login/oidc/<name>`.
    #[schema(min_length = 1, max_length = 60)]
    pub name: String,
    /// A picture on the button: `https://…` or `data:image/…`.
    pub logo_url: Option<String>,
    /// Whether anybody may sign in with it.
    pub enabled: bool,
    /// Whether people who are not known yet get an account.
    pub auto_provision: bool,
    /// Whether `/login` goes straight to it.
    pub auto_login: bool,
    /// First on the sign-in page; taken from the one that was.
    pub is_default: bool,
    /// For discovery; may be missing when the authorization and the token URL are given.
    pub issuer: Option<String>,
    /// Goes before what discovery says, as do the next four.
    pub authorization_url: Option<String>,
    /// Where a code becomes tokens.
    pub token_url: Option<String>,
    /// Where claims are read.
    pub userinfo_url: Option<String>,
    /// Where its keys are.
    pub jwks_url: Option<String>,
    /// Where people sign out there.
    pub end_session_url: Option<String>,
    /// What this server is called there.
    pub client_id: String,
    /// Written, never read: left out it stays as it is, `null` takes it away.
    #[schema(schema_with = secret_schema)]
    pub client_secret: SecretChange,
    /// How the secret is sent.
    pub token_auth_method: TokenAuthMethod,
    /// A list, or one text with spaces or line ends between; always with `openid`.
    #[serde(deserialize_with = "texts")]
    pub scopes: Vec<String>,
    /// The claim with the shown name.
    pub username_claim: String,
    /// The claim with the groups.
    pub groups_claim: String,
    /// Members are administrators.
    pub admin_group: Option<String>,
    /// Members are teachers.
    pub teacher_group: Option<String>,
    /// Only members may sign in; empty: everybody. A list, or one text with a group on each line.
    #[serde(deserialize_with = "texts")]
    pub allowed_groups: Vec<String>,
}

impl Default for ProviderDraft {
    fn default() -> Self {
        Self {
            name: String::new(),
            logo_url: None,
            enabled: true,
            auto_provision: true,
            auto_login: false,
            is_default: false,
            issuer: None,
            authorization_url: None,
            token_url: None,
            userinfo_url: None,
            jwks_url: None,
            end_session_url: None,
            client_id: String::new(),
            client_secret: SecretChange::Keep,
            token_auth_method: TokenAuthMethod::ClientSecretBasic,
            scopes: ["openid", "profile", "groups", "email"]
                .map(str::to_owned)
                .into(),
            username_claim: "preferred_username".into(),
            groups_claim: "groups".into(),
            admin_group: None,
            teacher_group: None,
            allowed_groups: Vec::new(),
        }
    }
}

/// What becomes of the stored secret.
#[derive(Clone, Debug, Default)]
pub enum SecretChange {
    /// It stays as it is.
    #[default]
    Keep,
    /// It is taken away.
    Remove,
    /// Another one takes its place.
    Set(SecretString),
}

impl<'de> Deserialize<'de> for SecretChange {
    /// Of a field that is there: `null` or a text.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        Ok(text.map_or(Self::Remove, |text| Self::Set(text.into())))
    }
}

/// For the description of the API: without the default that the other fields have, because leaving it out is not the
/// same as any value.
fn secret_schema() -> Object {
    Object::builder()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
        .write_only(true)
        .description(Some(
            "Written, never read: left out it stays as it is, `null` takes it away.",
        ))
        .build()
}

/// A list of texts, or one text.
fn texts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    struct Texts;

    impl<'de> de::Visitor<'de> for Texts {
        type Value = Vec<String>;

        fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
            to.write_str("a list of texts, or one text")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(vec![text.to_owned()])
        }

        fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut texts = Vec::new();
            while let Some(text) = list.next_element()? {
                texts.push(text);
            }
            Ok(texts)
        }
    }

    from.deserialize_any(Texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ProviderDraft, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn a_secret_is_kept_taken_away_or_set() {
        assert!(matches!(
            read("{}").unwrap().client_secret,
            SecretChange::Keep
        ));
        let draft = read(r#"{"client_secret": null}"#).unwrap();
        assert!(matches!(draft.client_secret, SecretChange::Remove));
        let draft = read(r#"{"client_secret": "canary"}"#).unwrap();
        assert!(matches!(draft.client_secret, SecretChange::Set(_)));
        assert!(!format!("{draft:?}").contains("canary"));
    }

    #[test]
    fn scopes_are_a_list_or_a_text() {
        let draft = read(r#"{"scopes": "openid profile groups email"}"#).unwrap();
        assert_eq!(draft.scopes, ["openid profile groups email"]);
        let draft = read(r#"{"scopes": ["openid", "email"], "allowed_groups": []}"#).unwrap();
        assert_eq!(draft.scopes, ["openid", "email"]);
        read(r#"{"scopes": 3}"#).unwrap_err();
        read(r#"{"scope": "openid"}"#).unwrap_err();
    }
}
