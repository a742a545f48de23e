//! What every page has around its own content.

use axum::{
    extract::FromRequestParts,
    http::{Extensions, HeaderMap, HeaderValue, Request, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};

use super::cookies::{self, Readable};
use crate::{
    error::AppError,
    language::{Argument, Language, Sentence},
};

/// The cookie that keeps the language somebody chose, signed in or not.
pub const LANGUAGE_COOKIE: &str = "deskcast-language";

/// The cookie that keeps the theme somebody chose.
pub const THEME_COOKIE: &str = "deskcast-theme";

/// The request's nonce: made by `web::layers`, sent in the page's CSP, written on its scripts.
#[derive(Clone, Debug)]
pub struct Nonce(pub String);

/// Light, dark, or as the device has it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::Type, serde::Serialize, serde::Deserialize,
)]
#[sqlx(type_name = "theme", rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// The device decides.
    #[default]
    Device,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// All of them, in the order of the choice on the account page.
    pub const ALL: [Self; 3] = [Self::Device, Self::Light, Self::Dark];

    /// For the cookie and `<html data-theme>`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.code() == code)
    }
}

/// How a visitor wants pages: what they chose here, else what their browser says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taste {
    /// The language of everything they read.
    pub language: Language,
    /// Light or dark.
    pub theme: Theme,
}

impl Taste {
    /// By the cookies, then by `Accept-Language`. A cookie is the visitor's own claim: anything else than our words
    /// counts as none.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        Self {
            language: kept(headers, LANGUAGE_COOKIE)
                .and_then(|code| Language::from_code(&code))
                .or_else(|| accepted(headers))
                .unwrap_or_default(),
            theme: kept(headers, THEME_COOKIE)
                .and_then(|code| Theme::from_code(&code))
                .unwrap_or_default(),
        }
    }
}

/// The choice a browser keeps. Nothing depends on it: who set it over TLS does not matter either.
fn kept(headers: &HeaderMap, name: &'static str) -> Option<String> {
    cookies::value(headers, name, true).or_else(|| cookies::value(headers, name, false))
}

/// `Set-Cookie` values that keep for a year what is chosen; what is not leaves the browser as it is. Scripts may read
/// them: there is nothing secret in them. `secure`: browsers reach us over TLS only.
#[must_use]
pub fn look_cookies(
    language: Option<Language>,
    theme: Option<Theme>,
    secure: bool,
) -> Vec<HeaderValue> {
    let year = time::Duration::days(365);
    let keep = |name, value: &str| cookies::set(name, value, year, secure, Readable::ByScripts);
    let language = language.map(|language| keep(LANGUAGE_COOKIE, language.code()));
    let theme = theme.map(|theme| keep(THEME_COOKIE, theme.code()));
    language.into_iter().chain(theme).collect()
}

/// The first of `Accept-Language` that we speak, by weight (RFC 9110 12.5.4).
fn accepted(headers: &HeaderMap) -> Option<Language> {
    let lists = headers.get_all(header::ACCEPT_LANGUAGE);
    let mut wanted: Vec<(u16, Language)> = lists
        .iter()
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','))
        .filter_map(|entry| {
            let (range, weight) = entry.split_once(';').unwrap_or((entry, "q=1"));
            let primary = range.trim().split('-').next()?.to_ascii_lowercase();
            let weight: f32 = weight.trim().strip_prefix("q=")?.trim().parse().ok()?;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "clamped to 0 to 1000"
            )]
            let thousandths = (weight.clamp(0.0, 1.0) * 1_000.0) as u16;
            (thousandths > 0).then_some((thousandths, Language::from_code(&primary)?))
        })
        .collect();
    wanted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    wanted.first().map(|(_, language)| *language)
}

/// Title, navigation, the person's name, the nonce: the field `chrome` of every template.
#[derive(Clone, Debug)]
pub struct Chrome {
    /// `<title>` before "· Deskcast", and often the heading.
    pub title: Sentence,
    /// Who is signed in, if anybody.
    pub person: Option<Person>,
    /// For `<script nonce>`.
    pub nonce: String,
    /// Where style sheets, scripts and icons are: `/static/<version>`.
    pub assets: &'static str,
    /// Language and theme.
    pub taste: Taste,
    /// This page's path and query: where the language switch leads back to.
    pub here: String,
}

impl Chrome {
    /// The message `key` in the page's language.
    #[must_use]
    pub fn t(&self, key: &str) -> String {
        self.taste.language.t(key)
    }

    /// The message `key` with one argument, in the page's language.
    #[must_use]
    pub fn t_with(
        &self,
        key: &'static str,
        name: &'static str,
        value: impl Into<Argument>,
    ) -> String {
        self.say(&Sentence::new(key).with(name, value))
    }

    /// `sentence` in the page's language.
    #[must_use]
    pub fn say(&self, sentence: &Sentence) -> String {
        self.taste.language.say(sentence)
    }

    /// The same in two parts: its first sentence, and what follows.
    #[must_use]
    pub fn say_in_two(&self, sentence: &Sentence) -> (String, String) {
        let text = self.say(sentence);
        match text.find(". ") {
            Some(end) => (text[..=end].to_owned(), text[end + 2..].to_owned()),
            None => (text, String::new()),
        }
    }

    /// The title in the page's language.
    #[must_use]
    pub fn heading(&self) -> String {
        self.say(&self.title)
    }

    /// For `<html lang>`.
    #[must_use]
    pub fn lang(&self) -> &'static str {
        self.taste.language.code()
    }

    /// For `<html data-theme>`; none: the device decides.
    #[must_use]
    pub fn theme(&self) -> Option<&'static str> {
        match self.taste.theme {
            Theme::Device => None,
            chosen => Some(chosen.code()),
        }
    }

    /// The other languages, for the switch on the page.
    #[must_use]
    pub fn other_languages(&self) -> Vec<Language> {
        Language::ALL
            .into_iter()
            .filter(|language| *language != self.taste.language)
            .collect()
    }

    /// A page's chrome in a test of its template.
    #[cfg(test)]
    #[must_use]
    pub fn sample(title: &str) -> Self {
        Self {
            title: Sentence::plain(title),
            person: Some(Person {
                name: "Jana Petersen".into(),
                initials: "JP".into(),
                admin: false,
            }),
            nonce: "n0nce".into(),
            assets: "/static/1",
            taste: Taste::default(),
            here: "/".into(),
        }
    }
}

/// Who is signed in, as the header of a page shows it.
#[derive(Clone, Debug)]
pub struct Person {
    /// Shown name.
    pub name: String,
    /// Up to two letters.
    pub initials: String,
    /// Whether to show what only administrators use.
    pub admin: bool,
}

/// Makes the [`Chrome`] of this request's page.
#[derive(Clone, Debug, Default)]
pub struct Page {
    nonce: String,
    taste: Taste,
    here: String,
}

impl Page {
    /// Of this request, before its handler takes it apart.
    #[must_use]
    pub fn of_request<B>(request: &Request<B>) -> Self {
        Self::new(request.extensions(), request.headers(), request.uri())
    }

    /// Of the request with this head. Without the layer that makes the nonce (a test of one handler) the page's
    /// scripts simply do not run.
    #[must_use]
    pub fn of(head: &Parts) -> Self {
        Self::new(&head.extensions, &head.headers, &head.uri)
    }

    fn new(extensions: &Extensions, headers: &HeaderMap, uri: &Uri) -> Self {
        Self {
            nonce: extensions
                .get()
                .map(|Nonce(text)| text.clone())
                .unwrap_or_default(),
            taste: Taste::of(headers),
            here: uri
                .path_and_query()
                .map(|target| target.as_str().to_owned())
                .unwrap_or_default(),
        }
    }

    /// Language and theme of the page.
    #[must_use]
    pub fn taste(&self) -> Taste {
        self.taste
    }

    /// The chrome of a page with this title.
    #[must_use]
    pub fn chrome(self, title: Sentence, person: Option<Person>) -> Chrome {
        Chrome {
            title,
            person,
            nonce: self.nonce,
            assets: super::statics::base(),
            taste: self.taste,
            here: self.here,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Page {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(parts))
    }
}

/// Renders a page; it is never cached, it is somebody's own. That is why there is no `Vary` for its language either.
pub fn html(template: &impl askama::Template) -> Response {
    match template.render() {
        Ok(text) => {
            let mut response = axum::response::Html(text).into_response();
            response.headers_mut().insert(
                header::CACHE_CONTROL,
                HeaderValue::from_static("private, no-store"),
            );
            response
        }
        Err(error) => AppError::internal(error).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sentence_stands_for_itself() {
        let chrome = Chrome::sample("");
        let table = [
            ("", ("", "")),
            ("Because.", ("Because.", "")),
            (
                "It failed. Files are safe. Try again.",
                ("It failed.", "Files are safe. Try again."),
            ),
        ];
        for (text, (first, rest)) in table {
            let parts = chrome.say_in_two(&Sentence::plain(text));
            assert_eq!(parts, (first.into(), rest.into()));
        }
    }

    #[test]
    fn the_browsers_first_language_that_we_speak_counts() {
        let table = [
            ("de", Some(Language::De)),
            ("de-AT,de;q=0.9,en;q=0.8", Some(Language::De)),
            ("fr,en-GB;q=0.7,de;q=0.3", Some(Language::En)),
            ("en;q=0.2, de;q=0.9", Some(Language::De)),
            ("de;q=0, en", Some(Language::En)),
            ("fr", None),
            ("", None),
            ("de;q=x", None),
            ("*", None),
        ];
        for (sent, expected) in table {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, sent.parse().unwrap());
            assert_eq!(accepted(&headers), expected, "{sent}");
        }
    }

    #[test]
    fn what_was_chosen_here_goes_before_the_browsers_language() {
        let taste = |cookie: &str, accepted: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookie.parse().unwrap());
            headers.insert(header::ACCEPT_LANGUAGE, accepted.parse().unwrap());
            let Taste { language, theme } = Taste::of(&headers);
            (language.code(), theme.code())
        };
        assert_eq!(taste("a=b", "de"), ("de", "device"));
        assert_eq!(
            taste("a=b; deskcast-language=en; deskcast-theme=dark", "de"),
            ("en", "dark")
        );
        assert_eq!(
            taste("deskcast-language=\"><script>", "de"),
            ("de", "device")
        );
        assert_eq!(taste("", "fr"), ("en", "device"));
    }
}
