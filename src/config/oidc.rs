//! Signing in: the key of stored secrets, the provider of the original's `OAUTH_*`, local accounts.

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{EnvSource, address::outside_address};

/// Shortest `SECRET_KEY`: what guessing cannot reach, if it is random.
const KEY_LENGTH: usize = 32;

/// The addresses a provider may send people back to; both are served (contract identity 1).
pub const CALLBACKS: [&str; 2] = ["/api/oidc_callback", "/authorize"];

/// Signing in with OpenID providers.
#[derive(Clone, Debug)]
pub struct OidcConfig {
    /// `OAUTH_*`: made at the first start under the name `default`, and an administrator's from then on.
    pub provider: Option<ConfiguredProvider>,
    /// `OAUTH_REDIRECT_URI`: where providers are asked to send people back to.
    pub redirect_uri: Url,
    /// `LOCAL_ACCOUNTS`: whether people may sign in with a password. Administrators always may, at `/login?local=1`.
    pub local_accounts: bool,
}

/// The provider of the original's variables.
#[derive(Clone, Debug)]
pub struct ConfiguredProvider {
    /// `OAUTH_CLIENT_ID`.
    pub client_id: String,
    /// `OAUTH_CLIENT_SECRET`.
    pub client_secret: SecretString,
    /// `OIDC_ISSUER`; may stand instead of the addresses.
    pub issuer: Option<String>,
    /// `OAUTH_AUTHORIZE_URL`.
    pub authorization_url: Option<Url>,
    /// `OAUTH_TOKEN_URL`.
    pub token_url: Option<Url>,
    /// `OAUTH_USERINFO_URL`.
    pub userinfo_url: Option<Url>,
    /// `OAUTH_JWKS_URI`.
    pub jwks_url: Option<Url>,
    /// `ROLE_ADMIN`: the group whose members are administrators.
    pub admin_group: Option<String>,
    /// `ROLE_TEACHER`: the group whose members are teachers.
    pub teacher_group: Option<String>,
}

impl OidcConfig {
    pub(super) fn from_env(env: &mut EnvSource, public_url: &Url, has_key: bool) -> Self {
        let provider = provider(env, has_key);
        frontend(env, public_url);
        Self {
            provider,
            redirect_uri: redirect_uri(env, public_url),
            local_accounts: env.flag("LOCAL_ACCOUNTS", true),
        }
    }
}

/// `SECRET_KEY`.
pub(super) fn secret_key(env: &mut EnvSource) -> Option<SecretString> {
    let key = env.secret("SECRET_KEY")?;
    if key.expose_secret().chars().count() < KEY_LENGTH {
        env.problem(format!(
            "SECRET_KEY: at least {KEY_LENGTH} characters, best random ones such as those of: openssl rand -hex 32"
        ));
    }
    Some(key)
}

fn provider(env: &mut EnvSource, has_key: bool) -> Option<ConfiguredProvider> {
    let client_id = env.optional("OAUTH_CLIENT_ID");
    let client_secret = env.secret("OAUTH_CLIENT_SECRET");
    let issuer = address(env, "OIDC_ISSUER");
    let authorization = address(env, "OAUTH_AUTHORIZE_URL");
    let token = address(env, "OAUTH_TOKEN_URL");
    let userinfo = address(env, "OAUTH_USERINFO_URL");
    let jwks = address(env, "OAUTH_JWKS_URI");
    let admin_group = env.optional("ROLE_ADMIN");
    let teacher_group = env.optional("ROLE_TEACHER");

    let addresses = [&issuer, &authorization, &token, &userinfo, &jwks];
    let given = client_id.is_some()
        || client_secret.is_some()
        || addresses.iter().any(|address| address.is_given());
    if !given {
        return None;
    }
    let because = "; it is needed because other variables of the same provider are set";
    if client_id.is_none() {
        env.problem(format!("OAUTH_CLIENT_ID: missing{because}"));
    }
    if client_secret.is_some() && !has_key {
        env.problem("SECRET_KEY: missing; OAUTH_CLIENT_SECRET is stored encrypted with it. Set it to at least 32 random characters, such as those of: openssl rand -hex 32".into());
    }
    if client_secret.is_none() {
        env.problem(format!("OAUTH_CLIENT_SECRET: missing{because}"));
    }
    if !issuer.is_given() {
        for (name, address) in [
            ("OAUTH_AUTHORIZE_URL", &authorization),
            ("OAUTH_TOKEN_URL", &token),
        ] {
            if !address.is_given() {
                env.problem(format!("{name}: missing{because} and OIDC_ISSUER is not"));
            }
        }
    }
    Some(ConfiguredProvider {
        client_id: client_id?,
        client_secret: client_secret?,
        issuer: issuer.text,
        authorization_url: authorization.url,
        token_url: token.url,
        userinfo_url: userinfo.url,
        jwks_url: jwks.url,
        admin_group,
        teacher_group,
    })
}

/// An address as it was written: an issuer is compared character by character.
#[derive(Debug)]
struct Address {
    text: Option<String>,
    url: Option<Url>,
}

impl Address {
    fn is_given(&self) -> bool {
        self.text.is_some()
    }
}

fn address(env: &mut EnvSource, name: &'static str) -> Address {
    let text = env.optional(name);
    let url = text.as_deref().and_then(|text| {
        outside_address(text)
            .map_err(|problem| env.problem(format!("{name}: {problem}")))
            .ok()
    });
    Address { text, url }
}

fn redirect_uri(env: &mut EnvSource, public_url: &Url) -> Url {
    let ours = CALLBACKS.map(|path| public_url.join(path).unwrap_or_else(|_| public_url.clone()));
    let Some(text) = env.optional("OAUTH_REDIRECT_URI") else {
        return ours[0].clone();
    };
    let wanted = Url::parse(&text).ok();
    if let Some(found) = ours.iter().find(|uri| Some(*uri) == wanted.as_ref()) {
        return found.clone();
    }
    env.problem(format!(
        "OAUTH_REDIRECT_URI: \"{text}\" is neither {} nor {}",
        ours[0], ours[1]
    ));
    ours[0].clone()
}

/// The original sent people there after signing in. Here the pages and the API are one server.
fn frontend(env: &mut EnvSource, public_url: &Url) {
    let Some(text) = env.optional("FRONTEND_URL") else {
        return;
    };
    if !Url::parse(&text).is_ok_and(|url| url.origin() == public_url.origin()) {
        env.problem(format!(
            "FRONTEND_URL: \"{text}\" is another server than PUBLIC_URL ({public_url}); people stay on this one after signing in, so leave FRONTEND_URL out or set it to the same"
        ));
    }
}
