//! The form of the server settings: what is typed, what is wrong with it, and the words beside each field.

use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::Value;
use time::OffsetDateTime;

use crate::{
    admin::form::Sent,
    error::FieldProblem,
    language::Sentence,
    say,
    settings::{Change, Known, PrivateKey, Setting, SettingValues, SettingsDraft},
    web::words::ago,
};

/// The box that takes the stored private key away.
pub(super) const REMOVE_KEY: &str = "remove_recaptcha_private_key";

/// The form as it is shown.
#[derive(Debug)]
pub(super) struct FormView {
    typed: Sent,
    problems: Vec<FieldProblem>,
    known: Known,
    now: OffsetDateTime,
}

impl FormView {
    /// As it is set.
    pub(super) fn stored(known: Known, now: OffsetDateTime) -> Self {
        Self {
            typed: typed(&known.settings),
            problems: Vec::new(),
            known,
            now,
        }
    }

    /// As it was sent, with what is wrong.
    pub(super) fn refused(
        known: Known,
        now: OffsetDateTime,
        typed: Sent,
        mut problems: Vec<FieldProblem>,
    ) -> Self {
        let place = |problem: &FieldProblem| {
            let mut keys = Setting::ALL.iter().map(|setting| setting.key());
            keys.position(|key| key == problem.field)
        };
        problems.sort_by_key(place);
        Self {
            typed,
            problems,
            known,
            now,
        }
    }

    /// What is typed into `field`.
    pub(super) fn text(&self, field: &str) -> &str {
        self.typed.text(field)
    }

    /// What is wrong with `field`.
    pub(super) fn problem(&self, field: &str) -> Option<&Sentence> {
        let found = self.problems.iter().find(|problem| problem.field == field);
        found.map(|found| &found.problem)
    }

    /// In the order of the page.
    pub(super) fn problems(&self) -> &[FieldProblem] {
        &self.problems
    }

    /// How many fields are wrong.
    pub(super) fn summary(&self) -> Sentence {
        say!("form-not-saved", count = self.problems.len())
    }

    /// Whether a private key is stored, readable or not.
    pub(super) fn has_key(&self) -> bool {
        let key = &self.known.settings.recaptcha_private_key;
        !matches!(key, PrivateKey::Missing)
    }

    /// Above the field.
    pub(super) fn label(field: &str) -> Sentence {
        Setting::read(field).map(Setting::label).unwrap_or_default()
    }

    /// Below the field.
    pub(super) fn help(&self, field: &str) -> Sentence {
        match (
            Setting::read(field),
            &self.known.settings.recaptcha_private_key,
        ) {
            (Some(Setting::CaptchaKind), _) => say!("settings-captcha-kind-help"),
            (Some(Setting::AltchaDifficulty), _) => say!("settings-altcha-difficulty-help"),
            (Some(Setting::RecaptchaSiteKey), _) => say!("settings-recaptcha-site-key-help"),
            (Some(Setting::RecaptchaPrivateKey), PrivateKey::Unreadable(cause)) => cause.sentence(),
            (Some(Setting::RecaptchaPrivateKey), PrivateKey::Kept(_)) => {
                say!("settings-recaptcha-private-key-kept")
            }
            (Some(Setting::RecaptchaPrivateKey), PrivateKey::Missing) => {
                say!("settings-recaptcha-private-key-help")
            }
            (Some(Setting::RecaptchaUrl), _) => say!("settings-recaptcha-url-help"),
            (Some(Setting::CastLogAddressDays), _) => say!("settings-cast-log-address-days-help"),
            (None, _) => Sentence::default(),
        }
    }

    /// Who set it and when.
    pub(super) fn set_by(&self, field: &str) -> Sentence {
        let set = Setting::read(field).and_then(|setting| self.known.set_by(setting));
        match set {
            None => say!("settings-never-set"),
            Some(set) => {
                let when = ago(set.at, self.now);
                match &set.by {
                    Some((_, name)) => {
                        say!("settings-set-by", name = name.as_str(), when = when)
                    }
                    None => say!("settings-set", when = when),
                }
            }
        }
    }
}

/// What the form holds for these settings; never the secret.
fn typed(settings: &SettingValues) -> Sent {
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let pairs = Setting::ALL.into_iter().filter_map(|setting| {
        let value = settings.value(setting)?;
        Some((setting.key().to_owned(), text(value)))
    });
    Sent::from(pairs.collect::<Vec<_>>())
}

/// What the form asks for, and what of it cannot be read. An empty field is the default, an empty secret the stored one.
pub(super) fn read(sent: &Sent) -> (SettingsDraft, Vec<FieldProblem>) {
    let mut problems = Vec::new();
    let text = |setting: Setting| {
        Some(sent.text(setting.key()).trim().to_owned()).filter(|text| !text.is_empty())
    };
    let days = Setting::CastLogAddressDays;
    let private_key = match text(Setting::RecaptchaPrivateKey) {
        Some(key) => Change::Set(SecretString::from(key)),
        None if sent.ticked(REMOVE_KEY) => Change::Reset,
        None => Change::Keep,
    };
    let draft = SettingsDraft {
        captcha_kind: choice(sent, Setting::CaptchaKind, &mut problems),
        altcha_difficulty: choice(sent, Setting::AltchaDifficulty, &mut problems),
        recaptcha_site_key: Change::of(Some(text(Setting::RecaptchaSiteKey))),
        recaptcha_private_key: private_key,
        recaptcha_url: Change::of(Some(text(Setting::RecaptchaUrl))),
        cast_log_address_days: match text(days).map(|text| text.parse()) {
            None => Change::Reset,
            Some(Ok(number)) => Change::Set(number),
            Some(Err(_)) => {
                problems.push(FieldProblem::new(days.key(), say!("settings-number-form")));
                Change::Keep
            }
        },
    };
    (draft, problems)
}

/// One of a list; a form of ours sends no others.
fn choice<T: DeserializeOwned>(
    sent: &Sent,
    setting: Setting,
    problems: &mut Vec<FieldProblem>,
) -> Change<T> {
    let word = Value::String(sent.text(setting.key()).to_owned());
    serde_json::from_value(word).map_or_else(
        |_| {
            problems.push(FieldProblem::new(
                setting.key(),
                say!("settings-choice-form"),
            ));
            Change::Keep
        },
        Change::Set,
    )
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::settings::{CaptchaKind, Difficulty};

    fn sent(pairs: &[(&str, &str)]) -> Sent {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Sent::from(pairs.iter().map(owned).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_set_comes_back_from_its_own_form() {
        let settings = SettingValues {
            captcha_kind: CaptchaKind::Recaptcha,
            recaptcha_site_key: Some("site".into()),
            recaptcha_private_key: PrivateKey::Kept("private".into()),
            ..SettingValues::default()
        };
        let form = typed(&settings);
        assert_eq!(form.text("cast_log_address_days"), "7");
        assert_eq!(form.text("recaptcha_private_key"), "");
        let (draft, problems) = read(&form);
        assert!(problems.is_empty(), "{problems:?}");
        assert!(matches!(
            draft.captcha_kind,
            Change::Set(CaptchaKind::Recaptcha)
        ));
        assert!(matches!(
            draft.altcha_difficulty,
            Change::Set(Difficulty::Normal)
        ));
        assert!(matches!(draft.recaptcha_private_key, Change::Keep));
        assert!(matches!(draft.cast_log_address_days, Change::Set(7)));
    }

    #[test]
    fn an_empty_field_is_the_default_and_what_cannot_be_read_is_named() {
        let (draft, problems) = read(&sent(&[
            ("captcha_kind", "hcaptcha"),
            ("cast_log_address_days", "a week"),
            ("recaptcha_url", " "),
            (REMOVE_KEY, "on"),
        ]));
        let named: Vec<_> = problems.iter().map(|problem| &*problem.field).collect();
        assert_eq!(
            named,
            ["captcha_kind", "altcha_difficulty", "cast_log_address_days"]
        );
        assert!(matches!(draft.recaptcha_url, Change::Reset));
        assert!(matches!(draft.recaptcha_private_key, Change::Reset));
        let (draft, _) = read(&sent(&[
            ("recaptcha_private_key", " new "),
            (REMOVE_KEY, "on"),
        ]));
        let Change::Set(key) = draft.recaptcha_private_key else {
            panic!("a new key goes before removing the old one");
        };
        assert_eq!(key.expose_secret(), "new");
    }
}
