//! The ways to sign in, as the sign-in page offers them.

use url::Url;

use super::SignIn;
use crate::{db, language::Sentence, providers::Provider, say, web::urls};

/// What the sign-in page offers.
#[derive(Debug, Default)]
pub(super) struct SignInMethods {
    /// One for each enabled provider, the default one first.
    pub buttons: Vec<Button>,
    /// Whether there is a form for a name and a password.
    pub form: bool,
    /// The database did not say which providers there are.
    pub away: bool,
}

/// Leads to a provider.
#[derive(Debug)]
pub(super) struct Button {
    pub name: String,
    pub address: String,
    /// Shown as it is: the filled button.
    pub is_default: bool,
    pub logo: Option<Url>,
    /// Up to two letters, where there is no logo.
    pub letters: String,
    auto_login: bool,
}

impl Button {
    fn new(provider: Provider, next: &str) -> Self {
        Self {
            address: urls::login_with(&provider.name, next),
            letters: letters(&provider.name),
            is_default: provider.is_default,
            logo: provider.logo_url,
            auto_login: provider.auto_login,
            name: provider.name,
        }
    }

    /// What stands on it.
    pub(super) fn words(&self) -> Sentence {
        say!("openid-continue-with", name = self.name.as_str())
    }
}

impl SignInMethods {
    /// Those of this server now, leading to `next` afterwards. While the database is away the page still comes: it
    /// says so, and signing in will.
    pub(super) async fn of(sign_in: &SignIn, next: &str, form: bool) -> Result<Self, sqlx::Error> {
        match sign_in.providers().enabled().await {
            Ok(enabled) => Ok(Self {
                buttons: enabled
                    .into_iter()
                    .map(|stored| Button::new(stored.provider, next))
                    .collect(),
                form,
                away: false,
            }),
            Err(error) if db::is_away(&error) => Ok(Self {
                form,
                away: true,
                ..Self::default()
            }),
            Err(error) => Err(error),
        }
    }

    /// Where `/login` goes without asking.
    pub(super) fn straight(&self) -> Option<&str> {
        let button = self.buttons.iter().find(|button| button.auto_login)?;
        Some(&button.address)
    }

    /// Whether nobody can sign in here.
    pub(super) fn none(&self) -> bool {
        self.buttons.is_empty() && !self.form && !self.away
    }

    /// Where logos come from, for the page's policy.
    pub(super) fn logo_origins(&self) -> Vec<String> {
        let logos = self
            .buttons
            .iter()
            .filter_map(|button| button.logo.as_ref());
        let mut origins: Vec<_> = logos
            .filter(|logo| logo.has_host())
            .map(|logo| logo.origin().ascii_serialization())
            .collect();
        origins.sort_unstable();
        origins.dedup();
        origins
    }
}

/// "IServ" is I, "Lindenschule Berlin" is LB.
fn letters(name: &str) -> String {
    name.split(|letter: char| !letter.is_alphanumeric())
        .filter_map(|word| word.chars().next())
        .take(2)
        .flat_map(char::to_uppercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn button(name: &str, logo: Option<&str>, auto_login: bool) -> Button {
        Button {
            name: name.into(),
            address: urls::login_with(name, "/"),
            is_default: false,
            logo: logo.map(|logo| logo.parse().unwrap()),
            letters: letters(name),
            auto_login,
        }
    }

    #[test]
    fn only_the_origins_of_logos_are_let_in() {
        let methods = SignInMethods {
            buttons: vec![
                button("a", Some("https://id.example/x/logo.png?y=z"), false),
                button("b", Some("https://id.example:8443/logo.png"), false),
                button("c", Some("https://id.example/logo.svg"), true),
                button("d", Some("data:image/png;base64,AAAA"), true),
                button("e", None, false),
            ],
            ..SignInMethods::default()
        };
        assert_eq!(
            methods.logo_origins(),
            ["https://id.example", "https://id.example:8443"]
        );
        assert_eq!(
            methods.straight(),
            Some("/login/oidc/c"),
            "the first of them"
        );
    }

    #[test]
    fn letters_stand_for_a_logo() {
        for (name, expected) in [
            ("IServ", "I"),
            ("Lindenschule Berlin Mitte", "LB"),
            ("authelia (staff)", "AS"),
            ("ärzte-portal", "ÄP"),
            ("!", ""),
        ] {
            assert_eq!(letters(name), expected, "{name}");
        }
    }
}
