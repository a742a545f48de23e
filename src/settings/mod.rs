//! Server settings: what administrators change while the server runs. [`ServerSettings`] is the handle.
//!
//! Every server has what is set in memory, so that no request reads it: [`ServerSettings::now`]. A change is notified, and each
//! server reads all rows once ([`ServerSettings::follow`]).

mod draft;
mod store;
mod value;

use std::{fmt, sync::Arc, time::Duration};

use secrecy::ExposeSecret;
use serde_json::json;
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub use self::{
    draft::{Change, SettingsDraft},
    value::{CaptchaKind, Difficulty, PrivateKey, Setting, SettingValues},
};
use crate::{
    audit::{self, Kind, NewEvent},
    db::{self, Db},
    error::{AppError, FieldProblem},
    hints::HintsOf,
    ids::UserId,
    providers::seal::Seal,
};

/// What the database says when something was set.
pub const CHANGED: &str = "deskcast_settings";

/// What the private key of reCAPTCHA is sealed for.
const RECAPTCHA_KEY: &str = "recaptcha private key";

/// From a reading that failed to the next.
const AGAIN: Duration = Duration::from_secs(1);

/// Who set a setting, and when.
#[derive(Clone, Debug)]
pub struct SetBy {
    /// Which.
    pub setting: Setting,
    /// Id and name of the administrator, while their account is there.
    pub by: Option<(UserId, String)>,
    /// By the clock of the database.
    pub at: OffsetDateTime,
}

/// Everything that is set, and by whom.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// What holds.
    pub settings: SettingValues,
    /// Of each that was ever set.
    pub set: Vec<SetBy>,
}

impl Known {
    /// Who set this one; `None`: nobody ever did.
    #[must_use]
    pub fn set_by(&self, setting: Setting) -> Option<&SetBy> {
        self.set.iter().find(|set| set.setting == setting)
    }

    fn of(rows: Vec<store::Row>, seal: &Seal) -> Result<Self, sqlx::Error> {
        let mut known = Self::default();
        for row in rows {
            // A newer server may know more of them.
            let Some(setting) = Setting::read(&row.key) else {
                continue;
            };
            if let Some(value) = row.value {
                let put = known.settings.put(setting, value);
                put.map_err(|error| {
                    sqlx::Error::Decode(format!("server_settings {}: {error}", row.key).into())
                })?;
            }
            if let Some(sealed) = row.sealed {
                known.settings.recaptcha_private_key = match seal.open(RECAPTCHA_KEY, &sealed) {
                    Ok(key) => PrivateKey::Kept(key),
                    Err(cause) => PrivateKey::Unreadable(cause),
                };
            }
            known.set.push(SetBy {
                setting,
                by: row.set_by.zip(row.set_by_name),
                at: row.set_at,
            });
        }
        Ok(known)
    }

    fn newest(&self) -> Option<OffsetDateTime> {
        self.set.iter().map(|set| set.at).max()
    }
}

/// Why nothing was set.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Fields cannot be taken.
    #[error("a setting is wrong")]
    Invalid(Vec<FieldProblem>),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<SettingsError> for AppError {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::Invalid(problems) => Self::Invalid(problems),
            SettingsError::Database(error) => error.into(),
        }
    }
}

/// The handle on server settings: cheap to clone.
#[derive(Clone)]
pub struct ServerSettings {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    seal: Seal,
    now: watch::Sender<Remembered>,
}

#[derive(Clone, Default)]
struct Remembered {
    settings: Arc<SettingValues>,
    newest: Option<OffsetDateTime>,
}

impl fmt::Debug for ServerSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerSettings").finish_non_exhaustive()
    }
}

impl ServerSettings {
    /// A handle; the defaults hold until [`Self::load`].
    #[must_use]
    pub fn new(db: Db, seal: Seal) -> Self {
        let now = watch::Sender::new(Remembered::default());
        Self {
            inner: Arc::new(Inner { db, seal, now }),
        }
    }

    /// What is set, as this server knows it. Asks nobody.
    #[must_use]
    pub fn now(&self) -> Arc<SettingValues> {
        Arc::clone(&self.inner.now.borrow().settings)
    }

    /// Reads what is set and remembers it; one statement.
    pub async fn load(&self) -> Result<Known, sqlx::Error> {
        let Inner { db, seal, now } = &*self.inner;
        let rows = db::reading!(db, |db| store::all(db).await)?;
        let known = Known::of(rows, seal)?;
        // Two readings may end in another order than they began.
        now.send_if_modified(|remembered| {
            let newer = known.newest() >= remembered.newest;
            if newer {
                *remembered = Remembered {
                    settings: Arc::new(known.settings.clone()),
                    newest: known.newest(),
                };
            }
            newer
        });
        Ok(known)
    }

    /// What is wrong with `draft`, as far as this server knows what is set. Asks nobody; [`Self::save`] checks it again.
    #[must_use]
    pub fn problems(&self, draft: SettingsDraft) -> Vec<FieldProblem> {
        draft::checked(&self.now(), draft).err().unwrap_or_default()
    }

    /// Sets what `draft` asks for: all of it, or nothing when something is wrong. It is written down who did (`audit`), and
    /// holds on this server when this returns, on others a moment later. What is set to what it was stays untouched.
    pub async fn save(
        &self,
        draft: SettingsDraft,
        by: (UserId, &str),
    ) -> Result<Known, SettingsError> {
        let Inner { db, seal, .. } = &*self.inner;
        let new_key = matches!(draft.recaptcha_private_key, Change::Set(_));
        let mut tx = db.begin().await?;
        store::take_turns(&mut tx).await?;
        let before = Known::of(store::all(&mut tx).await?, seal)?.settings;
        let after = draft::checked(&before, draft).map_err(SettingsError::Invalid)?;
        let writes = writes(&before, &after, new_key, seal)?;
        if !writes.is_empty() {
            store::write(&mut tx, &writes, by.0).await?;
            audit::record(
                &mut tx,
                &[NewEvent {
                    kind: Kind::SettingsChanged,
                    actor: by,
                    desktop: None,
                    person: None,
                    details: details(&before, &writes),
                }],
            )
            .await?;
        }
        tx.commit().await?;
        Ok(self.load().await?)
    }

    /// Keeps what this server knows up to date until `stop`: reads again whenever the database says that something was
    /// set, or that its word may have been lost.
    pub async fn follow(self, mut changes: HintsOf, stop: CancellationToken) {
        let always = async {
            while changes.next().await.is_some() {
                while changes.waiting().is_some() {}
                while let Err(error) = self.load().await {
                    tracing::warn!(%error, "server settings cannot be read; those of before hold");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        };
        stop.run_until_cancelled(always).await;
    }
}

/// What differs, as it is to be written.
fn writes(
    before: &SettingValues,
    after: &SettingValues,
    new_key: bool,
    seal: &Seal,
) -> Result<Vec<store::Write>, SettingsError> {
    let usual = SettingValues::default();
    let mut writes = Vec::new();
    for setting in Setting::ALL {
        let value = after.value(setting);
        if setting != Setting::RecaptchaPrivateKey && value != before.value(setting) {
            writes.push(store::Write {
                key: setting.key(),
                // The default of a later version holds then.
                value: value.filter(|value| Some(value) != usual.value(setting).as_ref()),
                sealed: None,
            });
        }
    }
    let key = Setting::RecaptchaPrivateKey.key();
    let had_key = !matches!(before.recaptcha_private_key, PrivateKey::Missing);
    let sealed = match &after.recaptcha_private_key {
        PrivateKey::Kept(secret) if new_key && !same(secret, before) => {
            let sealed = seal.seal(RECAPTCHA_KEY, secret).map_err(|cause| {
                SettingsError::Invalid(vec![FieldProblem::new(key, cause.sentence())])
            })?;
            Some(sealed)
        }
        PrivateKey::Missing if had_key => None,
        _ => return Ok(writes),
    };
    writes.push(store::Write {
        key,
        value: None,
        sealed,
    });
    Ok(writes)
}

fn same(secret: &secrecy::SecretString, before: &SettingValues) -> bool {
    matches!(&before.recaptcha_private_key, PrivateKey::Kept(kept)
        if kept.expose_secret() == secret.expose_secret())
}

/// For the audit: from what to what; of a secret only whether there is one now.
fn details(before: &SettingValues, writes: &[store::Write]) -> serde_json::Value {
    let usual = SettingValues::default();
    let changed = writes.iter().filter_map(|write| {
        let setting = Setting::read(write.key)?;
        let says = if setting == Setting::RecaptchaPrivateKey {
            json!({ "is_set": write.sealed.is_some() })
        } else {
            let to = write.value.clone().or_else(|| usual.value(setting));
            json!({ "from": before.value(setting), "to": to })
        };
        Some((write.key.to_owned(), says))
    });
    json!({ "settings": changed.collect::<serde_json::Map<_, _>>() })
}
