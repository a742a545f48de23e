//! Server settings in JSON: what is told of them, and what of a body is taken.

use secrecy::SecretString;
use serde::Serialize;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{
    admin::body::Body,
    error::Result,
    ids::UserId,
    language::Sentence,
    settings::{
        CaptchaKind, Change, Difficulty, Known, PrivateKey, ServerSettings, SetBy, Setting,
        SettingValues, SettingsDraft,
    },
};

/// Told by this server, never written: a body may carry them, so that what was read can be sent back changed.
const READ_ONLY: [&str; 2] = ["has_recaptcha_private_key", "recaptcha_private_key_problem"];

/// What is set, without secrets.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SettingsBody {
    /// Which check visitors without an account pass, where a cast asks for one.
    captcha_kind: CaptchaKind,
    /// How much work ALTCHA's puzzle is.
    altcha_difficulty: Difficulty,
    /// What reCAPTCHA knows this site by.
    recaptcha_site_key: Option<String>,
    /// Whether a private key is stored. It is never shown.
    has_recaptcha_private_key: bool,
    /// Why the stored private key cannot be used, if so.
    #[schema(value_type = Option<String>)]
    recaptcha_private_key_problem: Option<Sentence>,
    /// Where reCAPTCHA is; `api.js` and `api/siteverify` are below it.
    recaptcha_url: String,
    /// For so many days the log of casts keeps addresses whole; then the network they are in.
    cast_log_address_days: u16,
}

impl From<SettingValues> for SettingsBody {
    fn from(settings: SettingValues) -> Self {
        let key = &settings.recaptcha_private_key;
        Self {
            captcha_kind: settings.captcha_kind,
            altcha_difficulty: settings.altcha_difficulty,
            recaptcha_site_key: settings.recaptcha_site_key,
            has_recaptcha_private_key: !matches!(key, PrivateKey::Missing),
            recaptcha_private_key_problem: match key {
                PrivateKey::Unreadable(cause) => Some(cause.sentence()),
                PrivateKey::Missing | PrivateKey::Kept(_) => None,
            },
            recaptcha_url: settings.recaptcha_url,
            cast_log_address_days: settings.cast_log_address_days,
        }
    }
}

/// Who set a setting last, and when.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SetByBody {
    /// The setting.
    key: &'static str,
    /// While their account is there.
    by: Option<Administrator>,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
}

/// An administrator.
#[derive(Debug, Serialize, ToSchema)]
struct Administrator {
    id: UserId,
    name: String,
}

impl From<SetBy> for SetByBody {
    fn from(set: SetBy) -> Self {
        Self {
            key: set.setting.key(),
            by: set.by.map(|(id, name)| Administrator { id, name }),
            at: set.at,
        }
    }
}

/// Everything.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AllSettings {
    success: bool,
    settings: SettingsBody,
    /// Of those that somebody ever set; of the others the defaults hold.
    set: Vec<SetByBody>,
}

impl From<Known> for AllSettings {
    fn from(mut known: Known) -> Self {
        let place = |set: &SetBy| Setting::ALL.iter().position(|one| *one == set.setting);
        known.set.sort_by_key(place);
        Self {
            success: true,
            settings: known.settings.into(),
            set: known.set.into_iter().map(SetByBody::from).collect(),
        }
    }
}

/// What is to be changed: what is left out stays, `null` is the default.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the body; each field is read by itself")]
pub(super) struct SettingsWish {
    captcha_kind: Option<CaptchaKind>,
    altcha_difficulty: Option<Difficulty>,
    /// Needed for reCAPTCHA.
    recaptcha_site_key: Option<String>,
    /// Needed for reCAPTCHA; kept sealed and never shown.
    recaptcha_private_key: Option<String>,
    /// An https address; plain http only on this machine.
    recaptcha_url: Option<String>,
    /// 0 to 365.
    cast_log_address_days: Option<u16>,
}

/// What `fields` ask for, or every wrong field.
pub(super) fn draft(
    fields: Map<String, Value>,
    settings: &ServerSettings,
) -> Result<SettingsDraft> {
    let mut body = Body::new(fields, &READ_ONLY);
    let secret = body.take::<Option<String>>(Setting::RecaptchaPrivateKey.key());
    let draft = SettingsDraft {
        captcha_kind: Change::of(body.take(Setting::CaptchaKind.key())),
        altcha_difficulty: Change::of(body.take(Setting::AltchaDifficulty.key())),
        recaptcha_site_key: Change::of(body.take(Setting::RecaptchaSiteKey.key())),
        recaptcha_private_key: Change::of(secret.map(|key| key.map(SecretString::from))),
        recaptcha_url: Change::of(body.take(Setting::RecaptchaUrl.key())),
        cast_log_address_days: Change::of(body.take(Setting::CastLogAddressDays.key())),
    };
    body.finish(settings.problems(draft.clone()))?;
    Ok(draft)
}
