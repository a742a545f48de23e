//! A cast: a link that starts a desktop, with every field of its form (contract casting 1).

use time::{Duration, OffsetDateTime};

use super::rules::remote_app::RemoteApp;
use crate::{
    groups::ClientSettings,
    ids::{CastId, DesktopTypeId, GroupId, UserId},
};

/// A link that starts a desktop.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct Cast {
    /// Never changes.
    pub id: CastId,
    /// What is started.
    #[serde(skip)]
    pub type_id: DesktopTypeId,
    /// What an administrator wrote.
    #[serde(flatten)]
    pub fields: CastFields,
    /// Whether `valid_until` was over when the row was read, by the clock of the database.
    pub expired: bool,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// Who made it, while their account is there.
    pub created_by: Option<UserId>,
    /// When its fields were last written.
    #[serde(with = "time::serde::rfc3339")]
    pub changed_at: OffsetDateTime,
    /// Who wrote them, while their account is there.
    pub changed_by: Option<UserId>,
}

/// What an administrator writes for a cast: the rows of contract casting 1, with the defaults that stand there.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in the form"
)]
pub struct CastFields {
    /// For administrators; no other cast has it.
    pub name: String,
    /// The last part of the link, `[A-Za-z0-9_-]{1,64}`; no other cast has it.
    pub key: String,
    /// The slug of what is started.
    pub desktop_type: String,
    /// Off: every request is refused.
    pub enabled: bool,
    /// Somebody who is signed in and has a live desktop of this cast gets that one.
    pub allow_resume: bool,
    /// No sign-in: each request makes a guest.
    pub allow_anonymous: bool,
    /// Guests prove that they are people; only with `allow_anonymous`.
    pub require_captcha: bool,
    /// The group a guest is in, besides *All Users*.
    pub anonymous_group: Option<GroupId>,
    /// Whether `sessions_remaining` counts.
    pub limit_total_sessions: bool,
    /// How many sessions it still serves, 0 or more; there is one whenever `limit_total_sessions` is on.
    pub sessions_remaining: Option<i32>,
    /// Whether `sessions_allowed` and `within_seconds` count.
    pub limit_requests_per_ip: bool,
    /// Sessions for one address (a /64 of IPv6), 1 or more.
    pub sessions_allowed: Option<i32>,
    /// In any stretch of this many seconds, 1 or more.
    pub within_seconds: Option<i32>,
    /// The page a desktop opens, as it is passed on.
    pub kasm_url: Option<String>,
    /// The link may carry `?kasm_url=`, which then wins.
    pub allow_dynamic_kasm_url: bool,
    /// The link may carry `?docker_network=`.
    pub allow_dynamic_docker_network: bool,
    /// Where refused visitors are sent, with `?reason=`.
    pub error_url: Option<String>,
    /// The viewer's page has no control panel.
    pub disable_control_panel: bool,
    /// The viewer's page shows no tips.
    pub disable_tips: bool,
    /// A share link exists from the start on.
    pub enable_sharing: bool,
    /// Off: 1280x720 while it is shared. On: as large as its owner's window.
    pub disable_shared_fixed_resolution: bool,
    /// Hosts visitors may come from, with their subdomains; none: from everywhere.
    pub restrict_to_referrers: Vec<String>,
    /// `client_settings` replace those of the groups.
    pub enforce_client_settings: bool,
    /// Ten switches.
    pub client_settings: ClientSettings,
    /// What a Windows server is to start.
    pub remote_app: Option<RemoteApp>,
    /// From then on it is refused, by the clock of the database.
    #[serde(with = "time::serde::rfc3339::option")]
    pub valid_until: Option<OffsetDateTime>,
}

impl Default for CastFields {
    fn default() -> Self {
        Self {
            name: String::new(),
            key: String::new(),
            desktop_type: String::new(),
            enabled: true,
            allow_resume: false,
            allow_anonymous: false,
            require_captcha: false,
            anonymous_group: None,
            limit_total_sessions: false,
            sessions_remaining: None,
            limit_requests_per_ip: false,
            sessions_allowed: None,
            within_seconds: None,
            kasm_url: None,
            allow_dynamic_kasm_url: false,
            allow_dynamic_docker_network: false,
            error_url: None,
            disable_control_panel: false,
            disable_tips: false,
            enable_sharing: false,
            disable_shared_fixed_resolution: false,
            restrict_to_referrers: Vec::new(),
            enforce_client_settings: false,
            client_settings: ClientSettings::default(),
            remote_app: None,
            valid_until: None,
        }
    }
}

/// Whether a cast would serve anybody now.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CastState {
    /// It serves.
    On,
    /// It is switched off.
    Off,
    /// Its time is over.
    Expired,
    /// No sessions remain.
    UsedUp,
}

impl CastState {
    /// All of them, in the order of filters.
    pub const ALL: [Self; 4] = [Self::On, Self::Off, Self::Expired, Self::UsedUp];

    /// Its name in JSON and in addresses.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Expired => "expired",
            Self::UsedUp => "used_up",
        }
    }

    /// The state with this name.
    #[must_use]
    pub fn read(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}

impl Cast {
    /// Whether it would serve anybody now; the first reason against it wins, in the order of the checks.
    #[must_use]
    pub fn state(&self) -> CastState {
        if !self.fields.enabled {
            CastState::Off
        } else if self.expired {
            CastState::Expired
        } else if self.fields.remaining() == Some(0) {
            CastState::UsedUp
        } else {
            CastState::On
        }
    }
}

impl CastFields {
    /// How many sessions it still serves; `None`: there is no limit.
    #[must_use]
    pub fn remaining(&self) -> Option<i32> {
        self.sessions_remaining
            .filter(|_| self.limit_total_sessions)
    }

    /// How often one address is served, and in which time; `None`: there is no limit.
    #[must_use]
    pub fn address_limit(&self) -> Option<AddressLimit> {
        let (allowed, seconds) = self.sessions_allowed.zip(self.within_seconds)?;
        let limit = AddressLimit {
            allowed: usize::try_from(allowed).ok()?,
            within: Duration::seconds(seconds.into()),
        };
        self.limit_requests_per_ip.then_some(limit)
    }

    /// What holds for a desktop it launches, instead of what the groups say; `None`: the groups' settings hold.
    #[must_use]
    pub fn enforced_settings(&self) -> Option<ClientSettings> {
        self.enforce_client_settings.then_some(self.client_settings)
    }
}

/// Whether `text` may be the last part of a link.
#[must_use]
pub fn is_key(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// At most so many sessions for one address in any stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressLimit {
    /// 1 or more.
    pub allowed: usize,
    /// A second or more.
    pub within: Duration,
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A cast with these fields.
    pub(in crate::casting) fn cast(fields: CastFields, expired: bool) -> Cast {
        Cast {
            id: CastId::new(),
            type_id: DesktopTypeId::new(),
            fields,
            expired,
            created_at: OffsetDateTime::UNIX_EPOCH,
            created_by: None,
            changed_at: OffsetDateTime::UNIX_EPOCH,
            changed_by: None,
        }
    }

    #[test]
    fn the_first_reason_against_a_cast_is_its_state() {
        // Enabled, expired, limited, remaining.
        let table = [
            (true, false, false, None, CastState::On),
            (true, false, false, Some(0), CastState::On),
            (true, false, true, Some(1), CastState::On),
            (true, false, true, Some(0), CastState::UsedUp),
            (true, true, true, Some(0), CastState::Expired),
            (false, true, true, Some(0), CastState::Off),
            (false, false, false, None, CastState::Off),
        ];
        for (enabled, expired, limit_total_sessions, sessions_remaining, state) in table {
            let fields = CastFields {
                enabled,
                limit_total_sessions,
                sessions_remaining,
                ..CastFields::default()
            };
            assert_eq!(cast(fields, expired).state(), state);
            assert_eq!(CastState::read(state.key()), Some(state));
        }
    }

    #[test]
    fn a_limit_that_is_switched_off_is_none() {
        let fields = CastFields {
            sessions_remaining: Some(3),
            sessions_allowed: Some(2),
            within_seconds: Some(60),
            ..CastFields::default()
        };
        assert_eq!((fields.remaining(), fields.address_limit()), (None, None));
        let on = CastFields {
            limit_total_sessions: true,
            limit_requests_per_ip: true,
            ..fields
        };
        assert_eq!(on.remaining(), Some(3));
        let limit = AddressLimit {
            allowed: 2,
            within: Duration::seconds(60),
        };
        assert_eq!(on.address_limit(), Some(limit));
    }

    #[test]
    fn a_cast_is_one_object_for_programs() {
        let json = serde_json::to_value(cast(CastFields::default(), false)).unwrap();
        for key in [
            "id",
            "name",
            "key",
            "desktop_type",
            "client_settings",
            "expired",
            "valid_until",
            "changed_by",
        ] {
            assert!(json.get(key).is_some(), "{key}");
        }
        assert_eq!(json["client_settings"]["allow_audio"], true);
        assert!(json.get("type_id").is_none());
    }
}
