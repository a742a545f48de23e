//! What can be set, and what holds when nobody set it (pure).

use std::fmt;

use secrecy::SecretString;
use serde_json::{Value, json};

use crate::{language::Sentence, providers::seal::SealError, say};

/// A server setting, by the key it has in the database and in the API. Keys may be added to, never changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Setting {
    /// Which check visitors without an account pass.
    CaptchaKind,
    /// How much work ALTCHA's puzzle is.
    AltchaDifficulty,
    /// What reCAPTCHA knows this site by; everybody may read it.
    RecaptchaSiteKey,
    /// What this server proves itself with to reCAPTCHA; sealed.
    RecaptchaPrivateKey,
    /// Where reCAPTCHA is.
    RecaptchaUrl,
    /// For how many days the log of casts keeps addresses whole.
    CastLogAddressDays,
}

impl Setting {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 6] = [
        Self::CaptchaKind,
        Self::AltchaDifficulty,
        Self::RecaptchaSiteKey,
        Self::RecaptchaPrivateKey,
        Self::RecaptchaUrl,
        Self::CastLogAddressDays,
    ];

    /// Its name in the database, in JSON and in forms.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::CaptchaKind => "captcha_kind",
            Self::AltchaDifficulty => "altcha_difficulty",
            Self::RecaptchaSiteKey => "recaptcha_site_key",
            Self::RecaptchaPrivateKey => "recaptcha_private_key",
            Self::RecaptchaUrl => "recaptcha_url",
            Self::CastLogAddressDays => "cast_log_address_days",
        }
    }

    /// The setting of this key; `None` for one that this version does not know.
    #[must_use]
    pub fn read(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|setting| setting.key() == key)
    }

    /// What people call it.
    #[must_use]
    pub fn label(self) -> Sentence {
        match self {
            Self::CaptchaKind => say!("settings-captcha-kind"),
            Self::AltchaDifficulty => say!("settings-altcha-difficulty"),
            Self::RecaptchaSiteKey => say!("settings-recaptcha-site-key"),
            Self::RecaptchaPrivateKey => say!("settings-recaptcha-private-key"),
            Self::RecaptchaUrl => say!("settings-recaptcha-url"),
            Self::CastLogAddressDays => say!("settings-cast-log-address-days"),
        }
    }
}

/// Which check visitors without an account pass, where a cast asks for one.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum CaptchaKind {
    /// A puzzle that their browser solves; this server makes and checks it.
    #[default]
    Altcha,
    /// The checkbox of Google's reCAPTCHA v2.
    Recaptcha,
}

/// How much work ALTCHA's puzzle is.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Difficulty {
    /// A quarter of the usual.
    Low,
    /// Less than two seconds on a phone.
    #[default]
    Normal,
    /// Four times the usual.
    High,
}

/// The private key of reCAPTCHA, as far as it can be used.
#[derive(Clone, Debug, Default)]
pub enum PrivateKey {
    /// There is none.
    #[default]
    Missing,
    /// Opened; cannot be printed.
    Kept(SecretString),
    /// It is stored and cannot be read.
    Unreadable(SealError),
}

/// Everything that is set, with the defaults for what is not.
#[derive(Clone)]
pub struct SettingValues {
    /// See [`Setting::CaptchaKind`].
    pub captcha_kind: CaptchaKind,
    /// See [`Setting::AltchaDifficulty`].
    pub altcha_difficulty: Difficulty,
    /// See [`Setting::RecaptchaSiteKey`].
    pub recaptcha_site_key: Option<String>,
    /// See [`Setting::RecaptchaPrivateKey`].
    pub recaptcha_private_key: PrivateKey,
    /// Absolute, without a slash at its end: `api.js` and `api/siteverify` are below it.
    pub recaptcha_url: String,
    /// 0 to 365; 0: they are shortened within minutes.
    pub cast_log_address_days: u16,
}

/// Google's own address of reCAPTCHA.
const RECAPTCHA: &str = "https://www.google.com/recaptcha";

impl Default for SettingValues {
    fn default() -> Self {
        Self {
            captcha_kind: CaptchaKind::default(),
            altcha_difficulty: Difficulty::default(),
            recaptcha_site_key: None,
            recaptcha_private_key: PrivateKey::Missing,
            recaptcha_url: RECAPTCHA.to_owned(),
            cast_log_address_days: 7,
        }
    }
}

impl fmt::Debug for SettingValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_map();
        for setting in Setting::ALL {
            shown.entry(&setting.key(), &self.value(setting));
        }
        shown.finish()
    }
}

impl SettingValues {
    /// A setting as the database keeps it; `None` for a secret, and for one that has no value.
    #[must_use]
    pub fn value(&self, setting: Setting) -> Option<Value> {
        match setting {
            Setting::CaptchaKind => Some(json!(self.captcha_kind)),
            Setting::AltchaDifficulty => Some(json!(self.altcha_difficulty)),
            Setting::RecaptchaSiteKey => self.recaptcha_site_key.as_ref().map(|key| json!(key)),
            Setting::RecaptchaPrivateKey => None,
            Setting::RecaptchaUrl => Some(json!(self.recaptcha_url)),
            Setting::CastLogAddressDays => Some(json!(self.cast_log_address_days)),
        }
    }

    /// Puts a value of the database in; the private key comes by itself.
    pub(super) fn put(&mut self, setting: Setting, value: Value) -> Result<(), serde_json::Error> {
        use serde_json::from_value;
        match setting {
            Setting::CaptchaKind => self.captcha_kind = from_value(value)?,
            Setting::AltchaDifficulty => self.altcha_difficulty = from_value(value)?,
            Setting::RecaptchaSiteKey => self.recaptcha_site_key = Some(from_value(value)?),
            Setting::RecaptchaPrivateKey => {}
            Setting::RecaptchaUrl => self.recaptcha_url = from_value(value)?,
            Setting::CastLogAddressDays => self.cast_log_address_days = from_value(value)?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_comes_back_from_the_database_as_it_was() {
        let set = SettingValues {
            captcha_kind: CaptchaKind::Recaptcha,
            altcha_difficulty: Difficulty::High,
            recaptcha_site_key: Some("site".into()),
            recaptcha_url: "https://www.recaptcha.net/recaptcha".into(),
            cast_log_address_days: 0,
            ..SettingValues::default()
        };
        let mut read = SettingValues::default();
        for setting in Setting::ALL {
            assert_eq!(Setting::read(setting.key()), Some(setting));
            if let Some(value) = set.value(setting) {
                assert_ne!(Some(&value), read.value(setting).as_ref(), "{setting:?}");
                read.put(setting, value).unwrap();
            }
        }
        for setting in Setting::ALL {
            assert_eq!(read.value(setting), set.value(setting));
        }
        assert_eq!(Setting::read("branding"), None);
    }

    #[test]
    fn a_secret_is_never_printed() {
        let set = SettingValues {
            recaptcha_private_key: PrivateKey::Kept("very-private".into()),
            ..SettingValues::default()
        };
        assert_eq!(set.value(Setting::RecaptchaPrivateKey), None);
        assert!(!format!("{set:?}").contains("very-private"));
    }
}
