//! Why a request to a cast is not served (contract casting 2).

use std::time::Duration;

use crate::{language::Sentence, say};

/// The reason, of which a visitor hears a sentence, the log a code and an error page of somebody else's the same code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// No cast has the key.
    Unknown,
    /// It is switched off; a visitor is told [`Refusal::Unknown`].
    Disabled,
    /// Its time is over.
    Expired,
    /// The visitor does not come from a page that may lead here.
    Referrer,
    /// The visitor's address was served too often.
    TooManyRequests,
    /// Nobody proved to be a person.
    CaptchaFailed,
    /// `kasm_url` is no address a desktop may open.
    KasmUrlInvalid,
    /// The link carries `kasm_url` and the cast does not allow it.
    KasmUrlNotAllowed,
    /// `docker_network` is none of the type's networks.
    NetworkInvalid,
    /// The link carries `docker_network` and the cast or the type does not allow it.
    NetworkNotAllowed,
    /// A parameter the remote application needs is missing.
    ArgumentMissing,
    /// A parameter of the remote application does not match.
    ArgumentInvalid,
    /// No sessions remain.
    NoneLeft,
    /// The person or the host has as many desktops as they may.
    NoCapacity,
    /// The desktop could not be started.
    StartFailed,
}

impl Refusal {
    /// All of them, in the order in which a request is checked.
    pub const ALL: [Self; 15] = [
        Self::Unknown,
        Self::Disabled,
        Self::Expired,
        Self::Referrer,
        Self::TooManyRequests,
        Self::CaptchaFailed,
        Self::KasmUrlInvalid,
        Self::KasmUrlNotAllowed,
        Self::NetworkInvalid,
        Self::NetworkNotAllowed,
        Self::ArgumentMissing,
        Self::ArgumentInvalid,
        Self::NoneLeft,
        Self::NoCapacity,
        Self::StartFailed,
    ];

    /// The stable word of the log and of `?reason=`. For a visitor, ask it of [`Self::shown`].
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::Referrer => "referrer",
            Self::TooManyRequests => "too_many_requests",
            Self::CaptchaFailed => "captcha_failed",
            Self::KasmUrlInvalid => "kasm_url_invalid",
            Self::KasmUrlNotAllowed => "kasm_url_not_allowed",
            Self::NetworkInvalid => "network_invalid",
            Self::NetworkNotAllowed => "network_not_allowed",
            Self::ArgumentMissing => "argument_missing",
            Self::ArgumentInvalid => "argument_invalid",
            Self::NoneLeft => "none_left",
            Self::NoCapacity => "no_capacity",
            Self::StartFailed => "start_failed",
        }
    }

    /// The reason with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| refusal.code() == code)
    }

    /// The HTTP status of our own page.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Unknown | Self::Disabled => 404,
            Self::Expired | Self::NoneLeft => 410,
            Self::Referrer | Self::CaptchaFailed => 403,
            Self::TooManyRequests => 429,
            Self::KasmUrlInvalid
            | Self::KasmUrlNotAllowed
            | Self::NetworkInvalid
            | Self::NetworkNotAllowed
            | Self::ArgumentMissing
            | Self::ArgumentInvalid => 400,
            Self::NoCapacity | Self::StartFailed => 503,
        }
    }

    /// What a visitor hears of: whoever tries keys does not learn which of them were switched off.
    #[must_use]
    pub fn shown(self) -> Self {
        match self {
            Self::Disabled => Self::Unknown,
            other => other,
        }
    }

    /// What happened and what to do, for a visitor.
    #[must_use]
    pub fn sentence(self) -> Sentence {
        match self {
            Self::Unknown | Self::Disabled => say!("cast-refused-unknown"),
            Self::Expired => say!("cast-refused-expired"),
            Self::Referrer => say!("cast-refused-referrer"),
            Self::TooManyRequests => say!("cast-refused-too-many-requests"),
            Self::CaptchaFailed => say!("cast-refused-captcha-failed"),
            Self::KasmUrlInvalid => say!("cast-refused-kasm-url-invalid"),
            Self::KasmUrlNotAllowed => say!("cast-refused-kasm-url-not-allowed"),
            Self::NetworkInvalid => say!("cast-refused-network-invalid"),
            Self::NetworkNotAllowed => say!("cast-refused-network-not-allowed"),
            Self::ArgumentMissing => say!("cast-refused-argument-missing"),
            Self::ArgumentInvalid => say!("cast-refused-argument-invalid"),
            Self::NoneLeft => say!("cast-refused-none-left"),
            Self::NoCapacity => say!("cast-refused-no-capacity"),
            Self::StartFailed => say!("cast-refused-start-failed"),
        }
    }

    /// The reason in a few words, for the administrator's log.
    #[must_use]
    pub fn reason(self) -> Sentence {
        match self {
            Self::Unknown => say!("cast-reason-unknown"),
            Self::Disabled => say!("cast-reason-disabled"),
            Self::Expired => say!("cast-reason-expired"),
            Self::Referrer => say!("cast-reason-referrer"),
            Self::TooManyRequests => say!("cast-reason-too-many-requests"),
            Self::CaptchaFailed => say!("cast-reason-captcha-failed"),
            Self::KasmUrlInvalid => say!("cast-reason-kasm-url-invalid"),
            Self::KasmUrlNotAllowed => say!("cast-reason-kasm-url-not-allowed"),
            Self::NetworkInvalid => say!("cast-reason-network-invalid"),
            Self::NetworkNotAllowed => say!("cast-reason-network-not-allowed"),
            Self::ArgumentMissing => say!("cast-reason-argument-missing"),
            Self::ArgumentInvalid => say!("cast-reason-argument-invalid"),
            Self::NoneLeft => say!("cast-reason-none-left"),
            Self::NoCapacity => say!("cast-reason-no-capacity"),
            Self::StartFailed => say!("cast-reason-start-failed"),
        }
    }
}

/// A refusal with what is known besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The reason.
    pub reason: Refusal,
    /// More than the reason says: which parameter, which limit. For visitors and administrators.
    pub detail: Option<Sentence>,
    /// When to try again; always there for [`Refusal::TooManyRequests`].
    pub retry_after: Option<Duration>,
}

impl From<Refusal> for Refused {
    fn from(reason: Refusal) -> Self {
        Self {
            reason,
            detail: None,
            retry_after: None,
        }
    }
}

impl Refused {
    /// The visitor's address was served too often and may try again after `wait`, whole seconds, at least one.
    #[must_use]
    pub fn too_many(wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Self {
            retry_after: Some(Duration::from_secs(seconds.max(1))),
            ..Refusal::TooManyRequests.into()
        }
    }

    /// The same with more words.
    #[must_use]
    pub fn with(mut self, detail: Sentence) -> Self {
        self.detail = Some(detail);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_the_status_of_the_contract() {
        let table = [
            ("unknown", 404),
            ("disabled", 404),
            ("expired", 410),
            ("referrer", 403),
            ("too_many_requests", 429),
            ("captcha_failed", 403),
            ("kasm_url_invalid", 400),
            ("kasm_url_not_allowed", 400),
            ("network_invalid", 400),
            ("network_not_allowed", 400),
            ("argument_missing", 400),
            ("argument_invalid", 400),
            ("none_left", 410),
            ("no_capacity", 503),
            ("start_failed", 503),
        ];
        assert_eq!(table.len(), Refusal::ALL.len());
        for (code, status) in table {
            let refusal = Refusal::from_code(code).unwrap();
            assert_eq!((refusal.code(), refusal.status()), (code, status));
            let json = serde_json::to_value(refusal).unwrap();
            assert_eq!(json, code, "JSON says the same word");
        }
        assert_eq!(Refusal::from_code(""), None);
    }

    #[test]
    fn a_cast_that_is_off_looks_like_none() {
        for refusal in Refusal::ALL {
            let shown = refusal.shown();
            assert_eq!(shown == refusal, refusal != Refusal::Disabled);
            assert_eq!(shown.sentence(), refusal.sentence());
            assert_eq!(shown.status(), refusal.status());
        }
        assert_ne!(Refusal::Disabled.reason(), Refusal::Unknown.reason());
    }

    #[test]
    fn a_wait_is_told_in_whole_seconds() {
        for (millis, seconds) in [(0, 1), (1, 1), (1_000, 1), (1_001, 2), (59_999, 60)] {
            let refused = Refused::too_many(Duration::from_millis(millis));
            assert_eq!(refused.retry_after, Some(Duration::from_secs(seconds)));
        }
    }
}
