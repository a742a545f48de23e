//! What the account page shows.

use askama::Template;
use secrecy::{ExposeSecret, SecretString};
use time::{OffsetDateTime, macros::format_description};

use crate::{
    error::FieldProblem,
    groups::{AppliedLine, Group},
    language::{Language, Sentence},
    people::{
        User,
        password_rule::{LONGEST, SHORTEST},
    },
    say,
    sessions::{SignIn, tokens::ApiToken},
    web::{
        page::{Chrome, Theme},
        words::exact,
    },
};

/// A token that ends sooner than this stands out.
const SOON: time::Duration = time::Duration::days(14);

/// The lifetimes to choose from, in days.
pub(super) const LIFETIMES: [i64; 3] = [90, 30, 365];

/// `account.html`.
#[derive(Debug, Template)]
#[template(path = "account.html")]
pub(super) struct AccountPage {
    pub chrome: Chrome,
    /// Who, and how they signed in.
    pub who: Sentence,
    /// What was just done.
    pub done: Option<Sentence>,
    pub sign_ins: Vec<SignInLine>,
    pub tokens: Vec<TokenLine>,
    pub token: TokenForm,
    /// None: the account has no password here.
    pub password: Option<PasswordForm>,
    pub password_help: Sentence,
    /// The groups they are in, the one that counts first at the front.
    pub groups: String,
    pub applied: Vec<AppliedLine>,
    pub themes: [ThemeChoice; 3],
    pub languages: [LanguageChoice; 2],
}

/// Where somebody is signed in.
#[derive(Debug)]
pub(super) struct SignInLine {
    pub id: String,
    pub here: bool,
    pub program: Sentence,
    pub provider: Option<Sentence>,
    pub address: Option<Sentence>,
    /// What the button does, for who does not see the line.
    pub end_name: Sentence,
    pub since: When,
    pub used: When,
}

/// An API token.
#[derive(Debug)]
pub(super) struct TokenLine {
    pub id: String,
    pub name: String,
    /// What the button does, for who does not see the line.
    pub revoke_name: Sentence,
    pub used: Option<When>,
    pub ends: When,
    /// Days until then, when they are few.
    pub days: Option<Sentence>,
}

/// The form for a new token, with what was typed, and the token that was made with it.
#[derive(Debug, Default)]
pub(super) struct TokenForm {
    pub name: String,
    pub days: i64,
    pub problems: Problems,
    pub made: Option<Made>,
}

/// How long a token may live.
#[derive(Debug)]
struct Lifetime {
    days: i64,
    name: Sentence,
    chosen: bool,
}

impl TokenForm {
    fn lifetimes(&self) -> [Lifetime; 3] {
        LIFETIMES.map(|days| Lifetime {
            days,
            name: say!("account-token-days", count = days),
            chosen: days == self.days,
        })
    }
}

/// A new token, shown this once.
#[derive(Debug)]
pub(super) struct Made(pub SecretString);

impl Made {
    fn text(&self) -> &str {
        self.0.expose_secret()
    }
}

/// The form for a new password. Nothing typed into it is shown again.
#[derive(Debug, Default)]
pub(super) struct PasswordForm {
    pub username: String,
    pub problems: Problems,
}

/// What is asked of a new password.
pub(super) fn password_help() -> Sentence {
    say!("account-password-help", count = SHORTEST)
}

/// What is wrong in a form.
#[derive(Debug, Default)]
pub(super) struct Problems(pub Vec<FieldProblem>);

impl Problems {
    /// For the top of the form; none when everything is right.
    fn summary(&self) -> Option<Sentence> {
        let count = self.0.len();
        (count > 0).then(|| say!("account-not-saved", count = count))
    }

    fn of(&self, field: &str) -> Option<&Sentence> {
        let mut problems = self.0.iter();
        let found = problems.find(|problem| problem.field == field);
        found.map(|problem| &problem.problem)
    }
}

/// A choice of the look, and whether it is the present one.
#[derive(Debug)]
pub(super) struct ThemeChoice {
    pub code: &'static str,
    pub name: Sentence,
    pub icon: &'static str,
    pub chosen: bool,
}

/// A language to choose.
#[derive(Debug)]
pub(super) struct LanguageChoice {
    pub language: Language,
    pub chosen: bool,
}

/// A moment: exact for the browser, which says it in the reader's own clock; and as it is without scripts.
#[derive(Debug)]
pub(super) struct When {
    pub exact: String,
    pub plain: String,
}

impl When {
    fn new(moment: OffsetDateTime) -> Self {
        let plain = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
        Self {
            exact: exact(moment),
            plain: moment.format(plain).unwrap_or_default(),
        }
    }

    fn day(moment: OffsetDateTime) -> Self {
        let plain = format_description!("[year]-[month]-[day]");
        Self {
            exact: exact(moment),
            plain: moment.format(plain).unwrap_or_default(),
        }
    }
}

impl From<SignIn> for SignInLine {
    fn from(sign_in: SignIn) -> Self {
        let program = sign_in.program.words();
        let provider = sign_in.provider;
        let address = sign_in.client_ip;
        Self {
            id: sign_in.id.to_string(),
            here: sign_in.here,
            end_name: say!("account-sign-out-there-name", program = program.clone()),
            program,
            provider: provider.map(|provider| say!("account-by", provider = provider)),
            address: address.map(|address| say!("account-address", address = address)),
            since: When::new(sign_in.created_at),
            used: When::new(sign_in.last_used_at),
        }
    }
}

impl TokenLine {
    pub(super) fn new(token: ApiToken, now: OffsetDateTime) -> Self {
        let left = token.expires_at - now;
        let days = match left.whole_days() {
            _ if left <= time::Duration::ZERO => Some(say!("account-token-ended")),
            days if left < SOON => Some(say!("account-token-ends-in", count = days)),
            _ => None,
        };
        Self {
            id: token.id.to_string(),
            revoke_name: say!("account-token-revoke-name", name = token.name.as_str()),
            name: token.name,
            used: token.last_used_at.map(When::new),
            ends: When::day(token.expires_at),
            days,
        }
    }
}

/// Who somebody is, and how they signed in.
pub(super) fn who(user: &User, sign_ins: &[SignIn]) -> Sentence {
    let here = sign_ins.iter().find(|sign_in| sign_in.here);
    let name = user.display_name.as_str();
    match here.and_then(|here| here.provider.as_deref()) {
        Some(provider) => say!("account-signed-in-with", name = name, provider = provider),
        None if name == user.username => say!("account-signed-in-as", name = name),
        None => say!(
            "account-signed-in",
            name = name,
            username = user.username.as_str()
        ),
    }
}

/// The names of groups, in the order in which they count.
pub(super) fn group_names(groups: &[Group]) -> String {
    let names: Vec<_> = groups.iter().map(|group| group.name.as_str()).collect();
    names.join(", ")
}

pub(super) fn themes(chosen: Theme) -> [ThemeChoice; 3] {
    Theme::ALL.map(|theme| {
        let (name, icon) = match theme {
            Theme::Device => (say!("account-theme-device"), "desktop"),
            Theme::Light => (say!("account-theme-light"), "sun"),
            Theme::Dark => (say!("account-theme-dark"), "moon"),
        };
        ThemeChoice {
            code: theme.code(),
            name,
            icon,
            chosen: theme == chosen,
        }
    })
}

pub(super) fn languages(chosen: Language) -> [LanguageChoice; 2] {
    Language::ALL.map(|language| LanguageChoice {
        language,
        chosen: language == chosen,
    })
}
