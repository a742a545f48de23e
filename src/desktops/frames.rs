//! What a stream of events carries, as the bytes that go over the wire (pure). Nothing in it depends on who reads it:
//! words are English as everywhere in the API, so that one frame serves every stream.

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use time::OffsetDateTime;

use super::{Desktop, DesktopState, Phase, body::ContainerBody};
use crate::language::Sentence;

/// `event: desktop`.
#[derive(Debug, Serialize)]
struct DesktopEvent<'a> {
    desktop_type: &'a str,
    /// What its card is called by.
    address: String,
    proxy_path: &'a str,
    status: &'static str,
    state: DesktopState,
    gone: bool,
    url: &'a str,
    container: ContainerBody,
}

/// `event: progress`.
#[derive(Debug, Serialize)]
struct ProgressEvent<'a> {
    desktop_type: &'a str,
    address: String,
    proxy_path: &'a str,
    phase: Phase,
    percent: u8,
    usual_seconds: Option<f64>,
    phases: Vec<PhaseShown>,
}

/// One phase of a start, as a page shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PhaseShown {
    /// Which.
    pub phase: Phase,
    /// What people read.
    pub words: Sentence,
    /// `done`, `now`, `next` or `failed`.
    pub state: &'static str,
    /// How long it took or has taken.
    pub seconds: Option<f64>,
}

/// The four phases of the newest start of `desktop` at `now`.
#[must_use]
pub fn phases_shown(desktop: &Desktop, now: OffsetDateTime) -> Vec<PhaseShown> {
    let times = &desktop.phases;
    // A failed or cancelled start ended in its last phase.
    let now = desktop.ended_at.unwrap_or(now);
    Phase::ALL
        .into_iter()
        .map(|phase| PhaseShown {
            phase,
            words: phase.words(),
            state: match phase.cmp(&times.phase()) {
                std::cmp::Ordering::Less => "done",
                std::cmp::Ordering::Greater => "next",
                std::cmp::Ordering::Equal if times.ready.is_some() => "done",
                std::cmp::Ordering::Equal if desktop.state == DesktopState::Failed => "failed",
                std::cmp::Ordering::Equal => "now",
            },
            seconds: times.took(phase, now).map(|took| took.as_secs_f64()),
        })
        .collect()
}

/// `desktop` as it is at `now`: how far its start is, while there is one, and the desktop itself at `url`.
#[must_use]
pub fn of_desktop(
    desktop: &Desktop,
    url: &str,
    usual: Option<Duration>,
    now: OffsetDateTime,
) -> Bytes {
    let mut text = String::new();
    if desktop.state == DesktopState::Starting {
        let phase = desktop.phases.phase();
        text += &frame(
            "progress",
            &ProgressEvent {
                desktop_type: &desktop.type_slug,
                address: desktop.address(),
                proxy_path: &desktop.name,
                phase,
                percent: phase.percent(),
                usual_seconds: usual.map(|usual| usual.as_secs_f64()),
                phases: phases_shown(desktop, now),
            },
        );
    }
    text += &frame(
        "desktop",
        &DesktopEvent {
            desktop_type: &desktop.type_slug,
            address: desktop.address(),
            proxy_path: &desktop.name,
            status: desktop.state.api_word(),
            state: desktop.state,
            gone: false,
            url,
            container: desktop.into(),
        },
    );
    text.into()
}

/// Something may have been missed, or is gone: ask for everything.
#[must_use]
pub const fn look_again() -> Bytes {
    Bytes::from_static(b"event: look-again\ndata: {}\n\n")
}

/// The same to everybody at once: pages spread their questions over some seconds.
#[must_use]
pub const fn all_look_again() -> Bytes {
    Bytes::from_static(b"event: look-again\ndata: {\"within_seconds\":3}\n\n")
}

/// Keeps proxies from closing a quiet stream.
#[must_use]
pub const fn keep_alive() -> Bytes {
    Bytes::from_static(b":\n\n")
}

/// One event. `data` is one of our own plain structures, which always serialise.
pub(super) fn frame(name: &str, data: &impl Serialize) -> String {
    serde_json::to_string(data).map_or_else(
        |_| "event: look-again\ndata: {}\n\n".to_owned(),
        // JSON has no line breaks of its own.
        |data| format!("event: {name}\ndata: {data}\n\n"),
    )
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::dashboard::samples;

    const NOW: OffsetDateTime = datetime!(2026-11-22 14:32:07 UTC);

    /// Name and data of every event in `bytes`.
    fn events(bytes: &Bytes) -> Vec<(String, serde_json::Value)> {
        let text = std::str::from_utf8(bytes).unwrap();
        assert!(text.ends_with("\n\n"), "an event ends with an empty line");
        text.split_terminator("\n\n")
            .map(|event| {
                let (name, data) = event.split_once('\n').unwrap();
                let data = data.strip_prefix("data: ").unwrap();
                (
                    name.strip_prefix("event: ").unwrap().to_owned(),
                    serde_json::from_str(data).unwrap(),
                )
            })
            .collect()
    }

    #[test]
    fn a_start_is_told_with_its_progress_and_everything_else_without() {
        for (state, names) in [
            (DesktopState::Starting, vec!["progress", "desktop"]),
            (DesktopState::Running, vec!["desktop"]),
            (DesktopState::Stopping, vec!["desktop"]),
            (DesktopState::Stopped, vec!["desktop"]),
            (DesktopState::Failed, vec!["desktop"]),
        ] {
            let desktop = samples::desktop(state, NOW);
            let usual = Some(Duration::from_millis(1_500));
            let told = events(&of_desktop(&desktop, "http://desk/desktop/x", usual, NOW));
            assert_eq!(
                told.iter().map(|(name, _)| name).collect::<Vec<_>>(),
                names,
                "{state:?}"
            );
            let (_, last) = told.last().unwrap();
            assert_eq!(last["container"]["id"], desktop.id.to_string());
            assert_eq!(last["url"], "http://desk/desktop/x");
            assert_eq!(last["gone"], false);
            if state == DesktopState::Starting {
                assert_eq!(told[0].1["usual_seconds"], 1.5);
                assert_eq!(told[0].1["phases"].as_array().unwrap().len(), 4);
            }
        }
    }

    #[test]
    fn a_line_break_in_a_sentence_does_not_end_the_event() {
        let mut desktop = samples::desktop(DesktopState::Failed, NOW);
        desktop.end = Some(samples::end("image_missing", "first\n\ndata: second"));
        let told = events(&of_desktop(&desktop, "", None, NOW));
        assert_eq!(told[0].1["container"]["reason"], "first\n\ndata: second");
    }

    #[test]
    fn what_is_always_the_same_is_well_formed() {
        assert_eq!(events(&look_again())[0].0, "look-again");
        assert_eq!(events(&all_look_again())[0].1["within_seconds"], 3);
        assert!(keep_alive().starts_with(b":") && keep_alive().ends_with(b"\n\n"));
    }
}
