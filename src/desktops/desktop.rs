//! A desktop, its states and the moves between them, and its name (pure).

use std::{net::SocketAddr, time::Duration};

use secrecy::SecretString;
use time::OffsetDateTime;

use super::end::EndReason;
use crate::{
    groups::ClientSettings,
    ids::{CastId, DesktopId, DesktopTypeId, UserId},
    language::Sentence,
    say,
};

/// What a desktop is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type, serde::Serialize)]
#[sqlx(type_name = "desktop_state", rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum DesktopState {
    /// Being made; see [`Phase`].
    Starting,
    /// Can be used.
    Running,
    /// Being ended.
    Stopping,
    /// Ended on purpose; its files are kept.
    Stopped,
    /// Did not start, or ended by itself; the reason is beside it.
    Failed,
}

impl DesktopState {
    /// Every state, for tests and tables.
    pub const ALL: [Self; 5] = [
        Self::Starting,
        Self::Running,
        Self::Stopping,
        Self::Stopped,
        Self::Failed,
    ];

    /// Whether a move to `next` is allowed. The store's updates are written to the same table.
    #[must_use]
    pub fn can_become(self, next: Self) -> bool {
        use DesktopState::{Failed, Running, Starting, Stopped, Stopping};
        matches!(
            (self, next),
            (Starting, Running | Failed | Stopping)
                // Straight to stopped: nobody was there to see it stop.
                | (Running, Stopping | Stopped | Failed)
                | (Stopping, Stopped)
                | (Stopped | Failed, Starting)
        )
    }

    /// The original's word (contract http-api 2).
    #[must_use]
    pub fn api_word(self) -> &'static str {
        match self {
            Self::Starting => "creating",
            Self::Running => "running",
            Self::Stopping | Self::Stopped => "stopped",
            Self::Failed => "error",
        }
    }

    /// Whether a container may be there.
    #[must_use]
    pub fn is_live(self) -> bool {
        matches!(self, Self::Starting | Self::Running | Self::Stopping)
    }
}

/// The steps of a start, as people see them.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// A port and a password are set aside, the image is looked up.
    Preparing,
    /// The container is being made.
    Creating,
    /// The container is being started.
    Starting,
    /// The container runs; its desktop does not answer yet.
    Waiting,
}

impl Phase {
    /// In order.
    pub const ALL: [Self; 4] = [
        Self::Preparing,
        Self::Creating,
        Self::Starting,
        Self::Waiting,
    ];

    /// What people read.
    #[must_use]
    pub fn words(self) -> Sentence {
        match self {
            Self::Preparing => say!("start-preparing"),
            Self::Creating => say!("start-creating"),
            Self::Starting => say!("start-starting"),
            Self::Waiting => say!("start-waiting"),
        }
    }

    /// How much of a start is done when this phase begins, in percent; the shares are those of a usual start.
    #[must_use]
    pub fn percent(self) -> u8 {
        match self {
            Self::Preparing => 5,
            Self::Creating => 15,
            Self::Starting => 35,
            Self::Waiting => 60,
        }
    }
}

/// When each phase of the newest start began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhaseTimes {
    /// [`Phase::Preparing`].
    pub preparing: OffsetDateTime,
    /// [`Phase::Creating`], if reached.
    pub creating: Option<OffsetDateTime>,
    /// [`Phase::Starting`], if reached.
    pub starting: Option<OffsetDateTime>,
    /// [`Phase::Waiting`], if reached.
    pub waiting: Option<OffsetDateTime>,
    /// The desktop answered.
    pub ready: Option<OffsetDateTime>,
}

impl PhaseTimes {
    /// The phase the start is in, or was in when it ended.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match (self.creating, self.starting, self.waiting) {
            (_, _, Some(_)) => Phase::Waiting,
            (_, Some(_), _) => Phase::Starting,
            (Some(_), _, _) => Phase::Creating,
            _ => Phase::Preparing,
        }
    }

    /// When `phase` began, if it did.
    #[must_use]
    pub fn began(&self, phase: Phase) -> Option<OffsetDateTime> {
        match phase {
            Phase::Preparing => Some(self.preparing),
            Phase::Creating => self.creating,
            Phase::Starting => self.starting,
            Phase::Waiting => self.waiting,
        }
    }

    /// How long `phase` took, or has taken by `now`; `None` when it was not reached.
    #[must_use]
    pub fn took(&self, phase: Phase, now: OffsetDateTime) -> Option<Duration> {
        let began = self.began(phase)?;
        let later = Phase::ALL
            .iter()
            .filter(|next| **next > phase)
            .find_map(|next| self.began(*next));
        let ended = later.or(self.ready).unwrap_or(now);
        Some(Duration::try_from(ended - began).unwrap_or_default())
    }
}

/// One person's container of one type, running or not.
#[derive(Clone, Debug)]
pub struct Desktop {
    /// Never changes.
    pub id: DesktopId,
    /// The URL segment; given once, looked up whole.
    pub name: String,
    /// Whose it is.
    pub owner: UserId,
    /// The owner is a guest: nothing of it is kept.
    pub of_guest: bool,
    /// Which entry of the catalogue.
    pub type_id: DesktopTypeId,
    /// That entry's slug.
    pub type_slug: String,
    /// What it is doing.
    pub state: DesktopState,
    /// Counts starts.
    pub generation: i32,
    /// The proxy's password inside the container.
    pub vnc_password: SecretString,
    /// The engine's id of the container, when there is one.
    pub container_id: Option<String>,
    /// The image's id (digest) it was started from.
    pub image_id: Option<String>,
    /// Published port on 127.0.0.1.
    pub host_port: Option<u16>,
    /// Where it answers.
    pub endpoint: Option<SocketAddr>,
    /// Opened at the start.
    pub start_url: Option<String>,
    /// The network of the engine it is on; `None`: the one of all desktops.
    pub network: Option<String>,
    /// Whether the files of its person are mounted in it. Otherwise it has files of its own, which go with it: it is a
    /// guest's, or another desktop of its person was using them when it started.
    pub with_home: bool,
    /// Its person took it over from the guest they were before they signed in.
    pub kept: bool,
    /// The cast that launched it; `None`: started on the dashboard.
    pub cast: Option<OfCast>,
    /// What its person was allowed at the start: the container was made with it.
    pub client_settings: ClientSettings,
    /// Progress of the newest start.
    pub phases: PhaseTimes,
    /// First start.
    pub created_at: OffsetDateTime,
    /// Last opened.
    pub last_accessed_at: OffsetDateTime,
    /// When it ended, if it did.
    pub ended_at: Option<OffsetDateTime>,
    /// Why it ended, if it did.
    pub end: Option<EndReason>,
}

/// What a desktop knows of the cast that launched it. It stays when the cast is changed or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfCast {
    /// Which cast; there may be no such row any more.
    pub id: CastId,
    /// What the cast was called.
    pub title: String,
    /// What it says about the page around the desktop.
    pub options: CastOptions,
}

/// What a cast says about the page around its desktops (contract casting 1).
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four boxes of a form, one by one"
)]
pub struct CastOptions {
    /// No control panel.
    pub disable_control_panel: bool,
    /// No tips on entry.
    pub disable_tips: bool,
    /// A share link exists as soon as it runs.
    pub enable_sharing: bool,
    /// While it is shared, it is as large as its owner's window, not 1280x720.
    pub disable_shared_fixed_resolution: bool,
    /// Where its visitor is sent when it does not start.
    pub error_url: Option<String>,
}

/// How an address begins that names a desktop itself and not a type. No slug begins so.
const BY_NAME: char = '~';

/// What the last part of an address of the dashboard names: `/desktops/{this}/stop`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addressed<'a> {
    /// The desktop of this type that was started on the dashboard.
    Type(&'a str),
    /// The desktop of a cast with this name.
    Name(&'a str),
}

impl<'a> Addressed<'a> {
    /// Reads it.
    #[must_use]
    pub fn read(address: &'a str) -> Self {
        match address.strip_prefix(BY_NAME) {
            Some(name) => Self::Name(name),
            None => Self::Type(address),
        }
    }
}

impl Desktop {
    /// What forms address it by, see [`Addressed`]: its type, of which the dashboard has one; its own name when a cast
    /// launched it.
    #[must_use]
    pub fn address(&self) -> String {
        match self.cast {
            Some(_) => format!("{BY_NAME}{}", self.name),
            None => self.type_slug.clone(),
        }
    }

    /// Where the cast wants its visitor to be sent, when the start did not succeed and the cast says so.
    #[must_use]
    pub fn error_page(&self) -> Option<String> {
        let failed = self.state == DesktopState::Failed && self.phases.ready.is_none();
        let page = self
            .cast
            .as_ref()
            .filter(|_| failed)?
            .options
            .error_url
            .as_deref()?;
        let mut page = url::Url::parse(page).ok()?;
        page.query_pairs_mut().append_pair("reason", "start_failed");
        Some(page.into())
    }

    /// Why it ended, for people; there always is something to say.
    #[must_use]
    pub fn end_words(&self) -> Sentence {
        let ready = self.phases.ready.is_some();
        if self.of_guest && ready {
            return say!("end-guest");
        }
        self.end
            .as_ref()
            .map_or_else(|| say!("end-unknown"), |end| end.words(ready))
    }
}

/// The longest name: one label of a host name, so that a later isolation mode can use it there.
pub const NAME_LENGTH: usize = 63;

/// Whether `segment` could be a desktop's name at all: lower-case ASCII letters, digits and inner dashes. Everything
/// else, percent signs too, is refused before any look-up (threat T27).
#[must_use]
pub fn is_name(segment: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = segment.as_bytes();
    (1..=NAME_LENGTH).contains(&bytes.len())
        && plain(bytes[0])
        && plain(bytes[bytes.len() - 1])
        && bytes.iter().all(|byte| plain(*byte) || *byte == b'-')
}

/// The `attempt`-th name for a desktop: `<user>-<type>`, then with `-2`, `-3` … when somebody else has it.
#[must_use]
pub fn name_of(user_slug: &str, type_slug: &str, attempt: u32) -> String {
    match attempt {
        0 | 1 => format!("{user_slug}-{type_slug}"),
        more => format!("{user_slug}-{type_slug}-{more}"),
    }
}

/// A name for a desktop of a cast: `<user>-<type>-<mark>`, shortened in front of the mark when it would be too long. A
/// person may have many of one type, so the mark is drawn by lot.
#[must_use]
pub fn name_of_launch(user_slug: &str, type_slug: &str, mark: &str) -> String {
    let mut name = name_of(user_slug, type_slug, 1);
    name.truncate(NAME_LENGTH - mark.len() - 1);
    format!("{}-{mark}", name.trim_end_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cast_s_desktop_has_a_name_and_an_address_of_its_own() {
        let table = [
            ("jane", "ubuntu", "k3x9ab", "jane-ubuntu-k3x9ab"),
            ("guest-ab12", "x-y", "000000", "guest-ab12-x-y-000000"),
        ];
        for (user, kind, mark, name) in table {
            assert_eq!(name_of_launch(user, kind, mark), name);
            assert!(is_name(name));
        }
        let user = "u".repeat(crate::people::user::SLUG_LENGTH);
        for length in 1..=28 {
            let name = name_of_launch(&user, &"t-".repeat(14)[..length], "abc123");
            assert!(is_name(&name) && name.ends_with("-abc123"), "{name}");
        }
        assert_eq!(Addressed::read("ubuntu"), Addressed::Type("ubuntu"));
        assert_eq!(Addressed::read("~jane-u"), Addressed::Name("jane-u"));
    }

    #[test]
    fn moves_between_states() {
        use DesktopState::{Failed, Running, Starting, Stopped, Stopping};
        let allowed = [
            (Starting, Running),
            (Starting, Failed),
            (Starting, Stopping),
            (Running, Stopping),
            (Running, Stopped),
            (Running, Failed),
            (Stopping, Stopped),
            (Stopped, Starting),
            (Failed, Starting),
        ];
        for from in DesktopState::ALL {
            for to in DesktopState::ALL {
                assert_eq!(
                    from.can_become(to),
                    allowed.contains(&(from, to)),
                    "{from:?} → {to:?}"
                );
            }
        }
    }

    #[test]
    fn names() {
        for good in ["jane-ubuntu-vscode", "a", "0", "a--b", &"a".repeat(63)] {
            assert!(is_name(good), "{good}");
        }
        for bad in [
            "",
            "-a",
            "a-",
            "A",
            "a.b",
            "a%2d",
            "ä",
            "..",
            "a/b",
            "a_b",
            &"a".repeat(64),
        ] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    #[test]
    fn the_longest_slugs_fit_a_name() {
        let name = name_of(
            &"u".repeat(crate::people::user::SLUG_LENGTH),
            &"t".repeat(28),
            1,
        );
        assert!(is_name(&name), "{} characters", name.len());
    }

    #[test]
    fn a_phase_takes_until_the_next_one_begins() {
        let start = OffsetDateTime::UNIX_EPOCH;
        let at = |millis| Some(start + Duration::from_millis(millis));
        let times = PhaseTimes {
            preparing: start,
            creating: at(100),
            starting: None,
            waiting: at(700),
            ready: None,
        };
        let now = start + Duration::from_secs(2);
        let took = |phase| times.took(phase, now).map(|took| took.as_millis());
        assert_eq!(took(Phase::Preparing), Some(100));
        assert_eq!(took(Phase::Creating), Some(600));
        assert_eq!(took(Phase::Starting), None);
        assert_eq!(took(Phase::Waiting), Some(1_300));
        assert_eq!(times.phase(), Phase::Waiting);
    }
}
