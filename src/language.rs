//! The languages of pages.
//!
//! Everything a person reads is a [`Sentence`]: a key of `locales/en.ftl` and `locales/de.ftl` (one file a language,
//! Project Fluent's format) with its arguments. Rules make sentences, templates say them: `{{ chrome.t("key") }}` for
//! a plain one, `{{ chrome.say(sentence) }}` for one that a rule made. The API and the log speak English.

use std::{fmt, sync::LazyLock};

use fluent_bundle::{
    FluentArgs, FluentResource, FluentValue,
    concurrent::FluentBundle,
    types::{FluentNumber, FluentNumberOptions},
};

/// A language pages are written in.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::Type, serde::Serialize, serde::Deserialize,
)]
#[sqlx(type_name = "language", rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English; also what the API speaks.
    #[default]
    En,
    /// German.
    De,
}

impl Language {
    /// All of them, in the order of the switch on the page.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// For `<html lang>`, the cookie and the browser's list.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// What it calls itself.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
        }
    }

    /// The language with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|language| language.code() == code)
    }

    /// Says the message `key` without arguments.
    #[must_use]
    pub fn t(self, key: &str) -> String {
        self.format(key, None)
    }

    /// Says `sentence`.
    #[must_use]
    pub fn say(self, sentence: &Sentence) -> String {
        match &sentence.0 {
            Words::Plain(text) => text.clone(),
            Words::Key(key, arguments) => {
                let mut given = FluentArgs::with_capacity(arguments.len());
                for (name, value) in arguments {
                    given.set(*name, self.value(value));
                }
                self.format(key, Some(&given))
            }
            Words::Several(sentences) => {
                let said: Vec<_> = sentences.iter().map(|one| self.say(one)).collect();
                said.join(" ")
            }
        }
    }

    fn value(self, argument: &Argument) -> FluentValue<'_> {
        match argument {
            Argument::Count(number) => (*number).into(),
            Argument::Tenths(tenths) => {
                let options = FluentNumberOptions {
                    minimum_fraction_digits: Some(1),
                    ..FluentNumberOptions::default()
                };
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "what people read is far below 2^53"
                )]
                FluentNumber::new(*tenths as f64 / 10.0, options).into()
            }
            Argument::Text(text) => text.as_str().into(),
            Argument::Sentence(inner) => self.say(inner).into(),
        }
    }

    /// A key that is missing is shown as it is; `tests/it/language.rs` finds it first.
    fn format(self, key: &str, arguments: Option<&FluentArgs<'_>>) -> String {
        let bundle = &BUNDLES[self as usize];
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        let mut problems = Vec::new();
        bundle
            .format_pattern(pattern, arguments, &mut problems)
            .into_owned()
    }
}

type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<[Bundle; 2]> = LazyLock::new(|| {
    [
        bundle("en", include_str!("../locales/en.ftl")),
        bundle("de", include_str!("../locales/de.ftl")),
    ]
});

/// What cannot be read of a file is left out here and fails the test of the files.
fn bundle(code: &str, text: &str) -> Bundle {
    let language = code.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // The marks around arguments help mixed writing directions, which neither language has, and hurt searching.
    bundle.set_use_isolating(false);
    if code == Language::De.code() {
        bundle.set_formatter(Some(with_comma));
    }
    let resource =
        FluentResource::try_new(text.to_owned()).unwrap_or_else(|(readable, _)| readable);
    bundle.add_resource_overriding(resource);
    bundle
}

/// Numbers with the decimal comma.
fn with_comma<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(number.as_string().replace('.', ",")),
        _ => None,
    }
}

/// Something a person reads, in no language yet. `Display` is English: for the API and the log, never for a page.
///
/// There is no way from a text in the source to a sentence but [`Sentence::plain`], which names what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence(Words);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Words {
    /// A name, or the words of a foreign system: the same in every language.
    Plain(String),
    Key(&'static str, Vec<(&'static str, Argument)>),
    /// One after the other.
    Several(Vec<Sentence>),
}

/// A value in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Also chooses the plural form.
    Count(i64),
    /// A number with one decimal place, in tenths.
    Tenths(i64),
    /// A name or the like.
    Text(String),
    /// A part that is translated itself.
    Sentence(Box<Sentence>),
}

impl Sentence {
    /// The message `key`, still without its arguments.
    #[must_use]
    pub fn new(key: &'static str) -> Self {
        Self(Words::Key(key, Vec::new()))
    }

    /// With the argument `name`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Argument>) -> Self {
        if let Words::Key(_, arguments) = &mut self.0 {
            arguments.push((name, value.into()));
        }
        self
    }

    /// Words that are the same in every language: a title somebody gave, the answer of a foreign system.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self(Words::Plain(text.into()))
    }

    /// Whole sentences one after the other; those with nothing to say are left out.
    pub fn several(sentences: impl IntoIterator<Item = Self>) -> Self {
        let said = sentences.into_iter().filter(|one| !one.is_empty());
        Self(Words::Several(said.collect()))
    }

    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            Words::Plain(text) => text.is_empty(),
            Words::Several(sentences) => sentences.is_empty(),
            Words::Key(..) => false,
        }
    }
}

impl Default for Sentence {
    fn default() -> Self {
        Self::plain("")
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Language::En.say(self))
    }
}

impl serde::Serialize for Sentence {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl From<String> for Argument {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Argument {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Sentence> for Argument {
    fn from(sentence: Sentence) -> Self {
        Self::Sentence(Box::new(sentence))
    }
}

/// What a template holds is lent to it.
impl<T: Clone + Into<Self>> From<&T> for Argument {
    fn from(lent: &T) -> Self {
        lent.clone().into()
    }
}

macro_rules! counts {
    ($($kind:ty: $make:expr),*) => {$(
        impl From<$kind> for Argument {
            fn from(number: $kind) -> Self {
                Self::Count($make(number))
            }
        }
    )*};
}
counts!(
    i32: i64::from,
    u16: i64::from,
    u32: i64::from,
    i64: std::convert::identity,
    u64: |number| i64::try_from(number).unwrap_or(i64::MAX),
    usize: |number| i64::try_from(number).unwrap_or(i64::MAX)
);

/// A sentence: `say!("key")`, `say!("key", name = value, …)`. The test of the locale files reads these calls, so the
/// key is always written out.
#[macro_export]
macro_rules! say {
    ($key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::language::Sentence::new($key)$(.with(stringify!($name), $value))*
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_choose_the_form_and_sentences_nest() {
        let ago = |count: i64| say!("minutes-ago", count = count);
        assert_eq!(Language::En.say(&ago(1)), "1 minute ago");
        assert_eq!(Language::En.say(&ago(2)), "2 minutes ago");
        assert_eq!(Language::De.say(&ago(1)), "vor 1 Minute");
        assert_eq!(Language::De.say(&ago(2)), "vor 2 Minuten");
        assert_eq!(ago(2).to_string(), "2 minutes ago");
        assert_eq!(Language::De.t("no-such-key"), "no-such-key");
        assert_eq!(Sentence::plain("Ubuntu").to_string(), "Ubuntu");
        let usual = say!("start-usual", time = say!("about-seconds", count = 4));
        assert_eq!(Language::De.say(&usual), "Meist nach 4 Sekunden bereit.");
    }

    #[test]
    fn numbers_are_written_as_the_language_writes_them() {
        let took = |tenths| say!("took-seconds", seconds = Argument::Tenths(tenths));
        for (tenths, english, german) in [
            (0, "0.0 s", "0,0 s"),
            (6, "0.6 s", "0,6 s"),
            (90, "9.0 s", "9,0 s"),
        ] {
            assert_eq!(Language::En.say(&took(tenths)), english);
            assert_eq!(Language::De.say(&took(tenths)), german);
        }
    }

    #[test]
    fn sentences_follow_each_other_and_empty_ones_are_left_out() {
        let (one, two) = (Sentence::plain("One."), Sentence::plain("Two."));
        let both = Sentence::several([one, Sentence::default(), two]);
        assert_eq!(both.to_string(), "One. Two.");
        assert!(Sentence::several([Sentence::default()]).is_empty());
    }
}
