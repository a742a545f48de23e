//! Visitors without an account prove that they are people (contract casting 1, *Require reCAPTCHA*): by ALTCHA, or by
//! Google's reCAPTCHA v2, as the server settings say.
//!
//! A solution counts for one desktop, on all servers together: the statement that claims the desktop decides
//! (`desktops::casts`). Whatever goes wrong refuses.

mod altcha;
mod recaptcha;
mod store;

use std::{fmt, sync::Arc};

use url::Url;

use self::{
    altcha::Secrets,
    recaptcha::{Account, Recaptcha},
};
use super::launch::ticket::PageKey;
use crate::{
    clock::Clock,
    config::address::leads_to_this_machine,
    db::Db,
    ids::LaunchId,
    language::Sentence,
    say,
    settings::{CaptchaKind, PrivateKey, ServerSettings, SettingValues},
};

/// How long it is remembered that a solution counted: longer than any can be shown, also to servers whose clocks differ.
const REMEMBERED_SECONDS: f64 = 3_600.0;
/// Rows that one statement forgets.
const PIECE: i64 = 2_000;

/// What a page shows, so that its visitor can prove to be a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// ALTCHA's widget.
    Altcha {
        /// What is to be solved, as the widget takes it: JSON.
        puzzle: String,
    },
    /// Google's checkbox.
    Recaptcha {
        /// What Google knows this site by.
        site_key: String,
        /// Where its files are, without a slash at the end.
        url: String,
    },
}

/// Why nobody proved to be a person. `Display` is the cause, for the log.
#[derive(Debug, thiserror::Error)]
pub enum CaptchaFault {
    /// Nothing was sent.
    #[error("nothing was sent")]
    Missing,
    /// It is no solution, or none for this site, or too old.
    #[error("{0}")]
    Wrong(String),
    /// It counts for another page.
    #[error("the solution is that of another page")]
    UsedBefore,
    /// What the settings ask for is not complete, or cannot be read.
    #[error("the check is not set up")]
    NotSetUp,
    /// Google does not answer, or not as it should.
    #[error("reCAPTCHA: {0}")]
    Away(String),
    /// Google does not know the private key of the settings.
    #[error("reCAPTCHA refused the private key: {0}")]
    Refused(String),
    /// No puzzle could be made.
    #[error("ALTCHA: {0}")]
    Broken(String),
}

impl CaptchaFault {
    /// What a visitor is told besides, when they could do nothing about it.
    #[must_use]
    pub fn detail(&self) -> Option<Sentence> {
        match self {
            Self::Missing | Self::Wrong(_) | Self::UsedBefore => None,
            Self::Away(_) => Some(say!("captcha-away")),
            Self::NotSetUp | Self::Refused(_) | Self::Broken(_) => {
                Some(say!("captcha-not-working"))
            }
        }
    }
}

/// The handle on checks: cheap to clone.
#[derive(Clone)]
pub struct Captcha {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    settings: ServerSettings,
    clock: Clock,
    /// Names of this site, as browsers know it.
    hosts: Vec<String>,
    recaptcha: Recaptcha,
}

impl fmt::Debug for Captcha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Captcha").finish_non_exhaustive()
    }
}

impl Captcha {
    /// A handle; `public_url` is how browsers reach this server.
    #[must_use]
    pub fn new(db: Db, settings: ServerSettings, clock: Clock, public_url: &Url) -> Self {
        Self {
            inner: Arc::new(Inner {
                db,
                settings,
                clock,
                hosts: hosts(public_url),
                recaptcha: Recaptcha::new(),
            }),
        }
    }

    /// What the new page `page` shows. Asks nobody and writes nothing down.
    pub fn check(&self, key: &PageKey, page: LaunchId) -> Result<Check, CaptchaFault> {
        let Inner {
            settings, clock, ..
        } = &*self.inner;
        let settings = settings.now();
        match settings.captcha_kind {
            CaptchaKind::Altcha => {
                let (secrets, difficulty) = (secrets(key), settings.altcha_difficulty);
                let puzzle = altcha::puzzle(&secrets, difficulty, page, clock.now())?;
                Ok(Check::Altcha { puzzle })
            }
            CaptchaKind::Recaptcha => {
                let (site_key, _) = keys(&settings).ok_or(CaptchaFault::NotSetUp)?;
                Ok(Check::Recaptcha {
                    site_key: site_key.to_owned(),
                    url: settings.recaptcha_url.clone(),
                })
            }
        }
    }

    /// Whether `solution`, which came with `page`, proves a person: 32 bytes that stand for it, so that it counts for one
    /// desktop. No statement; one call to Google for its kind.
    pub async fn solved(
        &self,
        key: &PageKey,
        solution: &str,
        page: LaunchId,
    ) -> Result<Vec<u8>, CaptchaFault> {
        if solution.is_empty() {
            return Err(CaptchaFault::Missing);
        }
        let Inner {
            settings,
            clock,
            hosts,
            recaptcha,
            ..
        } = &*self.inner;
        let settings = settings.now();
        match settings.captcha_kind {
            CaptchaKind::Altcha => altcha::solved(&secrets(key), solution, page),
            CaptchaKind::Recaptcha => {
                let (_, private_key) = keys(&settings).ok_or(CaptchaFault::NotSetUp)?;
                let account = Account {
                    url: &settings.recaptcha_url,
                    private_key,
                };
                recaptcha
                    .solved(account, solution, hosts, clock.now())
                    .await
            }
        }
    }

    /// Forgets solutions that can be shown no more, a piece at a time. For upkeep, about once a minute.
    pub async fn sweep(&self) -> Result<(), sqlx::Error> {
        let mut db = self.inner.db.acquire().await?;
        while store::forget(&mut db, REMEMBERED_SECONDS, PIECE).await? >= PIECE.unsigned_abs() {}
        Ok(())
    }
}

/// Whether the check that `settings` ask for can be made.
#[must_use]
pub fn is_set_up(settings: &SettingValues) -> bool {
    settings.captcha_kind == CaptchaKind::Altcha || keys(settings).is_some()
}

/// Both keys of reCAPTCHA, when they can be used.
fn keys(settings: &SettingValues) -> Option<(&str, &secrecy::SecretString)> {
    let site_key = settings.recaptcha_site_key.as_deref()?;
    match &settings.recaptcha_private_key {
        PrivateKey::Kept(private_key) => Some((site_key, private_key)),
        PrivateKey::Missing | PrivateKey::Unreadable(_) => None,
    }
}

/// Each for one purpose, so that none is worth anything for the other.
fn secrets(key: &PageKey) -> Secrets {
    let secret = |purpose| hex::encode(key.secret(purpose));
    Secrets {
        puzzle: secret(b"deskcast captcha puzzle 1"),
        solution: secret(b"deskcast captcha solution 1"),
    }
}

/// The host of `public_url`; when that is this machine itself, every usual name of it.
fn hosts(public_url: &Url) -> Vec<String> {
    let mut hosts = vec![public_url.host_str().unwrap_or_default().to_owned()];
    if leads_to_this_machine(public_url) {
        hosts.extend(["localhost", "127.0.0.1", "[::1]"].map(str::to_owned));
    }
    hosts
}
