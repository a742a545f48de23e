//! What may be shared, and for how long (pure).

use time::Duration;

use super::ShareError;
use crate::{
    catalog::ClientKind,
    error::FieldProblem,
    groups::{ClientSettings, Switch},
    say,
};

/// How long a link holds when nothing else is said.
pub const DEFAULT_LIFETIME: Duration = Duration::hours(8);
/// The shortest.
pub const SHORTEST_LIFETIME: Duration = Duration::minutes(1);
/// The longest. It ends with the desktop in any case.
pub const LONGEST_LIFETIME: Duration = Duration::days(7);
/// Links one desktop may have at a time.
pub const MOST_LINKS: i64 = 20;

/// Whether a desktop of this kind, started with these settings, may be shown to others. A page that its container
/// writes is never shown to anybody but its owner: it would act with the visitor's session (threat T53).
pub(super) fn may_share(client: ClientKind, in_force: ClientSettings) -> Result<(), ShareError> {
    match client {
        ClientKind::Passthrough => Err(ShareError::OwnPage),
        ClientKind::Vnc if in_force.is_on(Switch::AllowSharing) => Ok(()),
        ClientKind::Vnc => Err(ShareError::NotAllowed),
    }
}

/// How long a link holds for which `seconds` were asked.
pub(super) fn lifetime(seconds: Option<i64>) -> Result<Duration, ShareError> {
    let (least, most) = (
        SHORTEST_LIFETIME.whole_seconds(),
        LONGEST_LIFETIME.whole_seconds(),
    );
    let asked = seconds.unwrap_or(DEFAULT_LIFETIME.whole_seconds());
    if (least..=most).contains(&asked) {
        return Ok(Duration::seconds(asked));
    }
    Err(ShareError::Invalid(vec![FieldProblem::new(
        "expires_in",
        say!("share-lifetime", least = least, most = most),
    )]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_vnc_desktop_whose_settings_allow_it_is_shared() {
        let on = ClientSettings::default().with(Switch::AllowSharing, true);
        let off = ClientSettings::default();
        let word = |client, settings| match may_share(client, settings) {
            Ok(()) => "shared",
            Err(ShareError::NotAllowed) => "not allowed",
            Err(ShareError::OwnPage) => "a page of its own",
            Err(_) => "something else",
        };
        let table = [
            (ClientKind::Vnc, on, "shared"),
            (ClientKind::Vnc, off, "not allowed"),
            (ClientKind::Passthrough, on, "a page of its own"),
            (ClientKind::Passthrough, off, "a page of its own"),
        ];
        for (client, settings, expected) in table {
            assert_eq!(word(client, settings), expected, "{client:?} {settings:?}");
        }
    }

    #[test]
    fn a_link_holds_for_a_minute_to_a_week() {
        let table = [
            (None, Some(8 * 3_600)),
            (Some(60), Some(60)),
            (Some(604_800), Some(604_800)),
            (Some(59), None),
            (Some(604_801), None),
            (Some(0), None),
            (Some(-1), None),
            (Some(i64::MIN), None),
            (Some(i64::MAX), None),
        ];
        for (asked, expected) in table {
            let holds = lifetime(asked).ok().map(Duration::whole_seconds);
            assert_eq!(holds, expected, "{asked:?}");
        }
    }
}
