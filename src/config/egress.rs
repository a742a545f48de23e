//! What desktops may reach besides their person (`DESKTOP_EGRESS`), and who looks after the rules that say so.

/// What a desktop may reach. Whatever it is, desktops do not reach each other.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    sqlx::Type,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[sqlx(type_name = "egress", rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum Egress {
    /// Public addresses: nothing of the host, no private and no link-local network.
    Internet,
    /// Also private networks and services of the host.
    Everything,
    /// Nothing at all.
    #[sqlx(rename = "none")]
    #[serde(rename = "none")]
    Nothing,
}

impl Egress {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Internet, Self::Everything, Self::Nothing];

    /// As it is written in settings.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Internet => "internet",
            Self::Everything => "everything",
            Self::Nothing => "none",
        }
    }

    /// With its word, the default first.
    pub(super) fn choices() -> [(&'static str, Self); 3] {
        Self::ALL.map(|one| (one.word(), one))
    }
}

/// Who sets the firewall's rules for desktops (`DESKTOP_EGRESS_RULES`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EgressRules {
    /// This server, where it may.
    Set,
    /// The administrator; this server only looks whether they are there.
    Look,
}
