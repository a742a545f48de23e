//! What may be set (pure): everything is checked at once, every wrong field is named.

use secrecy::{ExposeSecret, SecretString};

use super::value::{CaptchaKind, Difficulty, PrivateKey, SettingValues};
use crate::{
    config::address::{AddressProblem, outside_address},
    error::FieldProblem,
    language::Sentence,
    say,
};

/// Most days that addresses are kept whole.
const MOST_DAYS: u16 = 365;
/// Longest key of reCAPTCHA; Google's have 40 characters.
const LONGEST_KEY: usize = 200;

/// What becomes of a setting.
#[derive(Clone, Debug, Default)]
pub enum Change<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It becomes what holds when nobody sets anything.
    Reset,
    /// It becomes this.
    Set(T),
}

impl<T> Change<T> {
    /// Of a field of JSON that may be left out, and may be `null`.
    #[must_use]
    pub fn of(field: Option<Option<T>>) -> Self {
        match field {
            None => Self::Keep,
            Some(None) => Self::Reset,
            Some(Some(value)) => Self::Set(value),
        }
    }

    fn over(self, now: T, usual: T) -> T {
        match self {
            Self::Keep => now,
            Self::Reset => usual,
            Self::Set(value) => value,
        }
    }
}

/// What an administrator asks for.
#[derive(Clone, Debug, Default)]
pub struct SettingsDraft {
    /// See [`SettingValues`], as with the others.
    pub captcha_kind: Change<CaptchaKind>,
    /// How much work ALTCHA's puzzle is.
    pub altcha_difficulty: Change<Difficulty>,
    /// As it was typed.
    pub recaptcha_site_key: Change<String>,
    /// As it was typed; cannot be printed.
    pub recaptcha_private_key: Change<SecretString>,
    /// As it was typed.
    pub recaptcha_url: Change<String>,
    /// As it was typed, however large.
    pub cast_log_address_days: Change<i64>,
}

/// `draft` over what is set `now`, or every wrong field.
pub(super) fn checked(
    now: &SettingValues,
    draft: SettingsDraft,
) -> Result<SettingValues, Vec<FieldProblem>> {
    let usual = SettingValues::default();
    let mut problems = Problems::default();
    let kind = draft
        .captcha_kind
        .over(now.captcha_kind, usual.captcha_kind);
    let site_key = problems.site_key(draft.recaptcha_site_key, now);
    let private_key = problems.private_key(draft.recaptcha_private_key, now);
    if kind == CaptchaKind::Recaptcha {
        problems.keys(site_key.as_deref(), &private_key);
    }
    let url = match draft.recaptcha_url {
        Change::Keep => now.recaptcha_url.clone(),
        Change::Reset => usual.recaptcha_url,
        Change::Set(typed) => address(&typed).unwrap_or_else(|says| {
            problems.add("recaptcha_url", says);
            typed
        }),
    };
    let days = draft.cast_log_address_days.over(
        now.cast_log_address_days.into(),
        usual.cast_log_address_days.into(),
    );
    let days = u16::try_from(days).ok().filter(|days| *days <= MOST_DAYS);
    if days.is_none() {
        let says = say!("settings-whole-number", least = 0, most = MOST_DAYS);
        problems.add("cast_log_address_days", says);
    }
    match days {
        Some(cast_log_address_days) if problems.0.is_empty() => Ok(SettingValues {
            captcha_kind: kind,
            altcha_difficulty: draft
                .altcha_difficulty
                .over(now.altcha_difficulty, usual.altcha_difficulty),
            recaptcha_site_key: site_key,
            recaptcha_private_key: private_key,
            recaptcha_url: url,
            cast_log_address_days,
        }),
        _ => Err(problems.0),
    }
}

#[derive(Default)]
struct Problems(Vec<FieldProblem>);

impl Problems {
    fn add(&mut self, field: &str, says: Sentence) {
        self.0.push(FieldProblem::new(field, says));
    }

    fn site_key(&mut self, change: Change<String>, now: &SettingValues) -> Option<String> {
        match change {
            Change::Keep => now.recaptcha_site_key.clone(),
            Change::Reset => None,
            Change::Set(typed) => {
                let key = typed.trim().to_owned();
                if !is_key(&key) {
                    self.add("recaptcha_site_key", say!("settings-key-form"));
                }
                Some(key)
            }
        }
    }

    fn private_key(&mut self, change: Change<SecretString>, now: &SettingValues) -> PrivateKey {
        match change {
            Change::Keep => now.recaptcha_private_key.clone(),
            Change::Reset => PrivateKey::Missing,
            Change::Set(typed) => {
                let key = SecretString::from(typed.expose_secret().trim());
                if !is_key(key.expose_secret()) {
                    self.add("recaptcha_private_key", say!("settings-key-form"));
                }
                PrivateKey::Kept(key)
            }
        }
    }

    /// Whoever chooses reCAPTCHA needs both.
    fn keys(&mut self, site_key: Option<&str>, private_key: &PrivateKey) {
        let field = "recaptcha_private_key";
        if site_key.is_none() {
            self.add("recaptcha_site_key", say!("settings-key-needed"));
        }
        match private_key {
            PrivateKey::Missing => self.add(field, say!("settings-key-needed")),
            PrivateKey::Unreadable(cause) => self.add(field, cause.sentence()),
            PrivateKey::Kept(_) => {}
        }
    }
}

/// What Google's keys are made of.
fn is_key(text: &str) -> bool {
    (1..=LONGEST_KEY).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// An address that files are below, without the slash at its end.
fn address(typed: &str) -> Result<String, Sentence> {
    let url = outside_address(typed.trim()).map_err(|problem| match problem {
        AddressProblem::PlainHttp => say!("settings-url-plain"),
        _ => say!("settings-url-form"),
    })?;
    // It also stands in the policy of a page, where these would end it.
    if url.query().is_some() || url.path().contains([';', ',', '\'']) {
        return Err(say!("settings-url-form"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::seal::SealError;

    fn named(result: Result<SettingValues, Vec<FieldProblem>>) -> Vec<String> {
        let problems = result.expect_err("it is taken");
        problems.into_iter().map(|problem| problem.field).collect()
    }

    fn with_keys() -> SettingValues {
        SettingValues {
            captcha_kind: CaptchaKind::Recaptcha,
            recaptcha_site_key: Some("site".into()),
            recaptcha_private_key: PrivateKey::Kept("private".into()),
            ..SettingValues::default()
        }
    }

    #[test]
    fn nothing_asked_changes_nothing_and_reset_brings_the_defaults_back() {
        let kept = checked(&with_keys(), SettingsDraft::default()).unwrap();
        assert_eq!(kept.captcha_kind, CaptchaKind::Recaptcha);
        assert!(matches!(kept.recaptcha_private_key, PrivateKey::Kept(_)));
        let reset = SettingsDraft {
            captcha_kind: Change::Reset,
            altcha_difficulty: Change::Reset,
            recaptcha_site_key: Change::Reset,
            recaptcha_private_key: Change::Reset,
            recaptcha_url: Change::Reset,
            cast_log_address_days: Change::Reset,
        };
        let usual = checked(&with_keys(), reset).unwrap();
        assert_eq!(usual.captcha_kind, CaptchaKind::Altcha);
        assert_eq!(usual.recaptcha_site_key, None);
        assert!(matches!(usual.recaptcha_private_key, PrivateKey::Missing));
        assert_eq!(usual.cast_log_address_days, 7);
    }

    #[test]
    fn recaptcha_needs_both_keys() {
        let kind = || SettingsDraft {
            captcha_kind: Change::Set(CaptchaKind::Recaptcha),
            ..SettingsDraft::default()
        };
        let none = checked(&SettingValues::default(), kind());
        assert_eq!(named(none), ["recaptcha_site_key", "recaptcha_private_key"]);
        let without_site = SettingsDraft {
            recaptcha_site_key: Change::Reset,
            ..SettingsDraft::default()
        };
        assert_eq!(
            named(checked(&with_keys(), without_site)),
            ["recaptcha_site_key"]
        );
        let locked = SettingValues {
            recaptcha_private_key: PrivateKey::Unreadable(SealError::OtherKey),
            ..with_keys()
        };
        assert_eq!(named(checked(&locked, kind())), ["recaptcha_private_key"]);
        // A key that cannot be read does no harm while nobody needs it.
        let altcha = SettingsDraft {
            captcha_kind: Change::Set(CaptchaKind::Altcha),
            ..SettingsDraft::default()
        };
        checked(&locked, altcha).unwrap();
        let complete = SettingsDraft {
            recaptcha_site_key: Change::Set(" 6Le-site_key ".into()),
            recaptcha_private_key: Change::Set(" 6Le-private_key\n".into()),
            ..kind()
        };
        let set = checked(&SettingValues::default(), complete).unwrap();
        assert_eq!(set.recaptcha_site_key.as_deref(), Some("6Le-site_key"));
        let PrivateKey::Kept(key) = set.recaptcha_private_key else {
            panic!("no key");
        };
        assert_eq!(key.expose_secret(), "6Le-private_key");
    }

    #[test]
    fn every_wrong_value_is_named_at_once() {
        let draft = SettingsDraft {
            captcha_kind: Change::Keep,
            altcha_difficulty: Change::Keep,
            recaptcha_site_key: Change::Set("two words".into()),
            recaptcha_private_key: Change::Set(String::new().into()),
            recaptcha_url: Change::Set("http://recaptcha.example/".into()),
            cast_log_address_days: Change::Set(366),
        };
        assert_eq!(
            named(checked(&SettingValues::default(), draft)),
            [
                "recaptcha_site_key",
                "recaptcha_private_key",
                "recaptcha_url",
                "cast_log_address_days"
            ]
        );
        for (days, fine) in [(-1, false), (0, true), (365, true), (i64::MAX, false)] {
            let draft = SettingsDraft {
                cast_log_address_days: Change::Set(days),
                ..SettingsDraft::default()
            };
            assert_eq!(checked(&with_keys(), draft).is_ok(), fine, "{days}");
        }
    }

    #[test]
    fn an_address_is_whole_safe_and_ends_without_a_slash() {
        let table = [
            (
                "https://www.recaptcha.net/recaptcha/",
                Some("https://www.recaptcha.net/recaptcha"),
            ),
            ("https://captcha.example", Some("https://captcha.example")),
            (
                "http://127.0.0.1:9/recaptcha",
                Some("http://127.0.0.1:9/recaptcha"),
            ),
            ("http://captcha.example/", None),
            ("www.recaptcha.net/recaptcha", None),
            ("https://a.example/x?y=1", None),
            ("https://a.example/#x", None),
            ("https://me:secret@a.example/", None),
            ("https://a.example/x;script-src", None),
            ("javascript://a.example/", None),
            ("", None),
        ];
        for (typed, kept) in table {
            assert_eq!(address(typed).ok().as_deref(), kept, "{typed}");
        }
    }
}
