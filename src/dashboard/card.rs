//! What the dashboard shows of one desktop type and its desktop, ready to be printed (pure).

use std::time::Duration;

use time::OffsetDateTime;

use super::progress::{Progress, usually};
use crate::desktops::{Desktop, DesktopState, EndCode};
use crate::{
    catalog::DesktopType,
    language::Sentence,
    say,
    web::{urls, words::Moment},
};

/// Whether the image of a type is on the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageFacts {
    /// It can be started.
    Present,
    /// It has to be fetched first.
    Missing,
    /// The engine did not say.
    Unknown,
}

/// What a card needs to know beside the type and its desktop.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Whether it could be started at all.
    pub image: ImageFacts,
    /// How long a start usually takes.
    pub usual_start: Option<Duration>,
    /// The present moment.
    pub now: OffsetDateTime,
    /// Whether the person may fetch images.
    pub admin: bool,
    /// The engine does not answer: nothing can start.
    pub engine_away: bool,
}

/// One card.
#[derive(Clone, Debug, PartialEq)]
pub struct CardView {
    /// Part of addresses and element ids: the type's slug, or for a cast's desktop what it is addressed by.
    pub slug: String,
    /// The type's title, or the cast's.
    pub title: String,
    /// A drawing that exists.
    pub icon: &'static str,
    /// Which of the drawn screens, so that neighbours differ.
    pub tint: usize,
    /// The desktop's name, when there is one.
    pub name: Option<String>,
    /// The state as the style sheet knows it.
    pub state: &'static str,
    /// Whether it stands large among those that are open.
    pub open: bool,
    /// Sorts the cards of a group as text.
    pub order: String,
    /// The state in a word.
    pub chip: Option<Chip>,
    /// What is happening, since when, and what is kept.
    pub note: Note,
    /// While starting.
    pub progress: Option<Progress>,
    /// What can be pressed.
    pub actions: Actions,
    /// Removing it, if there is something to remove.
    pub remove: Option<Removal>,
    /// Said by screen readers when the card changes.
    pub says: Sentence,
}

/// A state in a word, with its sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chip {
    /// Drawing; `None` is the turning ring.
    pub icon: Option<&'static str>,
    /// The word.
    pub words: Sentence,
}

/// The sentence on a card: a strong part, text, a moment, text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// `fails`, `warns` or nothing.
    pub tone: &'static str,
    /// Comes first: what happened, strong, and the sentences that follow it.
    pub strong: Sentence,
    /// Before the moment.
    pub before: Sentence,
    /// A moment the browser keeps up to date.
    pub moment: Option<Moment>,
    /// Comes last.
    pub after: Sentence,
}

/// What can be pressed on a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actions {
    /// Open, Stop.
    Running {
        /// The desktop's page.
        address: String,
    },
    /// Watch and open, Cancel.
    Starting {
        /// The desktop's page.
        address: String,
    },
    /// Nothing yet.
    Stopping,
    /// Start or Try again.
    Start {
        /// It did not work the last time.
        again: bool,
        /// Nothing can start at the moment.
        off: bool,
    },
    /// Fetch the image, for administrators.
    Fetch,
    /// Nothing that this person could do.
    Nothing,
}

/// The question before a desktop is removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// "Remove …?"
    pub question: Sentence,
    /// What is lost and what stays.
    pub consequence: Sentence,
}

impl CardView {
    /// The card of `kind`, and of the person's desktop of it if there is one.
    #[must_use]
    pub fn new(kind: &DesktopType, desktop: Option<&Desktop>, facts: &Facts) -> Self {
        let look = Look::of(kind, desktop, facts);
        let cast = desktop.and_then(|desktop| desktop.cast.as_ref());
        let slug = desktop.filter(|_| cast.is_some()).map(Desktop::address);
        let title = cast.map_or(&kind.title, |cast| &cast.title);
        Self {
            title: title.clone(),
            says: look.says(title),
            icon: icon(&kind.icon),
            tint: kind.slug.bytes().map(usize::from).sum::<usize>() % 4,
            name: desktop.map(|desktop| desktop.name.clone()),
            state: look.word(),
            open: look.is_open(),
            order: format!(
                "{}-{:010}-{}",
                look.rank(),
                i64::from(kind.position) + i64::from(u32::MAX / 2),
                slug.as_ref().unwrap_or(&kind.slug)
            ),
            slug: slug.unwrap_or_else(|| kind.slug.clone()),
            chip: look.chip(desktop.is_some()),
            note: look.note(kind, desktop, facts),
            progress: desktop
                .filter(|_| look == Look::Starting)
                .map(|desktop| Progress::new(desktop, facts.usual_start, facts.now)),
            actions: look.actions(desktop, facts),
            remove: desktop
                .filter(|desktop| desktop.state != DesktopState::Stopping)
                .map(|_| Removal::new(kind, title)),
        }
    }
}

/// The states of a card: those of a desktop, and of an image that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Starting,
    Running,
    Stopping,
    Stopped,
    Failed,
    Ended,
    Missing,
}

impl Look {
    fn of(kind: &DesktopType, desktop: Option<&Desktop>, facts: &Facts) -> Self {
        match desktop.map(|desktop| desktop.state) {
            Some(DesktopState::Starting) => Self::Starting,
            Some(DesktopState::Running) => Self::Running,
            Some(DesktopState::Stopping) => Self::Stopping,
            _ if facts.image == ImageFacts::Missing && kind.enabled => Self::Missing,
            // What failed for want of the image is mended once the image is there.
            Some(DesktopState::Failed)
                if facts.image != ImageFacts::Present
                    || end_code(desktop) != Some(&EndCode::ImageMissing) =>
            {
                if desktop.is_some_and(|desktop| desktop.phases.ready.is_some()) {
                    Self::Ended
                } else {
                    Self::Failed
                }
            }
            _ => Self::Stopped,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Failed | Self::Ended => "error",
            Self::Missing => "missing",
        }
    }

    fn is_open(self) -> bool {
        matches!(self, Self::Starting | Self::Running | Self::Stopping)
    }

    fn rank(self) -> u8 {
        match self {
            Self::Starting => 1,
            Self::Running => 2,
            Self::Stopping => 3,
            Self::Stopped | Self::Failed | Self::Ended => 4,
            // What can be started stands before what cannot.
            Self::Missing => 5,
        }
    }

    fn chip(self, used: bool) -> Option<Chip> {
        let (icon, words) = match self {
            Self::Starting => (None, say!("state-starting")),
            Self::Running => (Some("check-circle"), say!("state-running")),
            Self::Stopping => (None, say!("state-stopping")),
            Self::Stopped if used => (Some("power"), say!("state-stopped")),
            Self::Stopped => return None,
            Self::Failed => (Some("cross-circle"), say!("state-failed")),
            Self::Ended => (Some("cross-circle"), say!("state-ended")),
            Self::Missing => (Some("image"), say!("state-missing")),
        };
        Some(Chip { icon, words })
    }

    fn says(self, title: &str) -> Sentence {
        match self {
            Self::Starting => say!("desktop-is-starting", title = title),
            Self::Running => say!("desktop-is-running", title = title),
            Self::Stopping => say!("desktop-is-stopping", title = title),
            Self::Stopped => say!("desktop-is-stopped", title = title),
            Self::Failed => say!("desktop-did-not-start", title = title),
            Self::Ended => say!("desktop-ended", title = title),
            Self::Missing => say!("desktop-image-missing", title = title),
        }
    }

    fn note(self, kind: &DesktopType, desktop: Option<&Desktop>, facts: &Facts) -> Note {
        let last_opened = desktop.map(|desktop| Moment::new(desktop.last_accessed_at, facts.now));
        match self {
            // The sentences of a start stand in `Progress`, which changes while it goes on.
            Self::Starting => Note::default(),
            Self::Running => Note {
                before: say!("desktop-last-opened"),
                moment: last_opened,
                ..Note::default()
            },
            Self::Stopping => Note {
                after: Sentence::several([say!("desktop-closing"), kept(kind)]),
                ..Note::default()
            },
            Self::Stopped if desktop.is_some() => Note {
                before: say!("desktop-last-opened"),
                moment: last_opened,
                after: kept(kind),
                ..Note::default()
            },
            Self::Stopped => Note {
                after: Sentence::several([kind.described(), usually(facts.usual_start)]),
                ..Note::default()
            },
            Self::Failed | Self::Ended => Note {
                tone: "fails",
                strong: desktop.map_or_else(|| say!("end-unknown"), Desktop::end_words),
                ..Note::default()
            },
            Self::Missing if facts.admin => Note {
                after: say!("image-missing-fetch", image = &kind.image),
                ..Note::default()
            },
            Self::Missing => Note {
                after: say!("image-missing"),
                ..Note::default()
            },
        }
    }

    fn actions(self, desktop: Option<&Desktop>, facts: &Facts) -> Actions {
        let address = || {
            desktop
                .map(|desktop| urls::desktop(&desktop.name))
                .unwrap_or_default()
        };
        match self {
            Self::Starting => Actions::Starting { address: address() },
            Self::Running => Actions::Running { address: address() },
            Self::Stopping => Actions::Stopping,
            Self::Stopped | Self::Failed | Self::Ended => Actions::Start {
                again: self != Self::Stopped,
                off: facts.engine_away,
            },
            Self::Missing if facts.admin => Actions::Fetch,
            Self::Missing => Actions::Nothing,
        }
    }
}

impl Removal {
    /// The question about a desktop of `kind` that is shown with `title`.
    #[must_use]
    pub fn new(kind: &DesktopType, title: &str) -> Self {
        Self {
            question: say!("remove-question", title = title),
            consequence: if keeps_files(kind) {
                say!("remove-keeps-files")
            } else {
                say!("remove-keeps-nothing")
            },
        }
    }
}

/// What a stop leaves of a desktop of `kind`.
#[must_use]
pub fn kept(kind: &DesktopType) -> Sentence {
    if keeps_files(kind) {
        say!("desktop-keeps-files")
    } else {
        say!("desktop-keeps-nothing")
    }
}

fn keeps_files(kind: &DesktopType) -> bool {
    !kind.home_path.is_empty()
}

fn end_code(desktop: Option<&Desktop>) -> Option<&EndCode> {
    desktop?.end.as_ref().map(|end| &end.code)
}

/// The drawing of a type: one that exists, whatever the catalogue says.
#[must_use]
pub fn icon(name: &str) -> &'static str {
    ICONS
        .into_iter()
        .find(|known| *known == name)
        .unwrap_or("desktop")
}

/// The drawings a type may have.
pub const ICONS: [&str; 9] = [
    "desktop", "browser", "code", "table", "brush", "server", "file", "folder", "chart",
];

#[cfg(test)]
mod tests {
    use time::{Duration, macros::datetime};

    use super::*;
    use crate::dashboard::samples;

    const NOW: OffsetDateTime = datetime!(2026-11-22 14:32:07 UTC);

    fn card(state: Option<DesktopState>, change: impl Fn(&mut Facts, &mut Desktop)) -> CardView {
        let kind = samples::kind("debian-desktop", "Debian Desktop", "desktop");
        let mut facts = samples::facts(NOW);
        let mut desktop = samples::desktop_of(
            &kind,
            state.unwrap_or(DesktopState::Stopped),
            NOW - Duration::minutes(2),
        );
        change(&mut facts, &mut desktop);
        CardView::new(&kind, state.map(|_| &desktop), &facts)
    }

    #[test]
    fn each_state_has_its_word_group_and_actions() {
        let address = || "/desktop/jane-debian-desktop/".to_owned();
        let again = |again| Actions::Start { again, off: false };
        let table = [
            (None, "stopped", None, false, again(false)),
            (
                Some(DesktopState::Starting),
                "starting",
                Some("Starting"),
                true,
                Actions::Starting { address: address() },
            ),
            (
                Some(DesktopState::Running),
                "running",
                Some("Running"),
                true,
                Actions::Running { address: address() },
            ),
            (
                Some(DesktopState::Stopping),
                "stopping",
                Some("Stopping"),
                true,
                Actions::Stopping,
            ),
            (
                Some(DesktopState::Stopped),
                "stopped",
                Some("Stopped"),
                false,
                again(false),
            ),
            (
                Some(DesktopState::Failed),
                "error",
                Some("Did not start"),
                false,
                again(true),
            ),
        ];
        for (state, word, chip, open, actions) in table {
            let card = card(state, |_, _| {});
            assert_eq!(card.state, word);
            let words = card.chip.map(|chip| chip.words.to_string());
            assert_eq!(words.as_deref(), chip, "{word}");
            assert_eq!(card.open, open, "{word}");
            assert_eq!(card.actions, actions, "{word}");
            assert_eq!(card.progress.is_some(), word == "starting");
        }
    }

    #[test]
    fn a_missing_image_is_fetched_by_administrators_only() {
        let missing = |admin| {
            card(None, |facts, _| {
                facts.image = ImageFacts::Missing;
                facts.admin = admin;
            })
        };
        assert_eq!(missing(false).actions, Actions::Nothing);
        assert!(
            missing(false)
                .note
                .after
                .to_string()
                .ends_with("Only an administrator can fetch it.")
        );
        assert_eq!(missing(true).actions, Actions::Fetch);
        let running = card(Some(DesktopState::Running), |facts, _| {
            facts.image = ImageFacts::Missing;
        });
        assert_eq!(running.state, "running", "what runs is not touched by it");
    }

    #[test]
    fn a_start_that_failed_for_want_of_its_image_is_forgotten_once_the_image_is_there() {
        let failed = |image, code: &'static str| {
            card(Some(DesktopState::Failed), move |facts, desktop| {
                facts.image = image;
                desktop.end = Some(samples::end(code, "Because."));
            })
            .state
        };
        assert_eq!(failed(ImageFacts::Present, "image_missing"), "stopped");
        assert_eq!(failed(ImageFacts::Unknown, "image_missing"), "error");
        assert_eq!(failed(ImageFacts::Missing, "image_missing"), "missing");
        assert_eq!(failed(ImageFacts::Present, "out_of_memory"), "error");
    }

    #[test]
    fn ending_by_itself_is_not_called_a_failed_start() {
        let card = card(Some(DesktopState::Failed), |_, desktop| {
            desktop.phases.ready = Some(NOW);
            desktop.end = Some(samples::end("ended_by_itself", "It ended by itself."));
        });
        let words = card.chip.map(|chip| chip.words.to_string());
        assert_eq!(words.as_deref(), Some("Ended by itself"));
        let why = card.note.strong.to_string();
        assert!(why.starts_with("It ended by itself."), "{why}");
    }

    #[test]
    fn nothing_starts_while_the_engine_is_away() {
        let card = card(None, |facts, _| {
            facts.image = ImageFacts::Unknown;
            facts.engine_away = true;
        });
        assert_eq!(
            card.actions,
            Actions::Start {
                again: false,
                off: true
            }
        );
    }

    #[test]
    fn cards_sort_by_state_then_by_the_catalogue() {
        let order = |state, position| {
            let mut kind = samples::kind("a", "A", "desktop");
            kind.position = position;
            let desktop = samples::desktop_of(&kind, state, NOW);
            CardView::new(&kind, Some(&desktop), &samples::facts(NOW)).order
        };
        let sorted = [
            order(DesktopState::Starting, 50),
            order(DesktopState::Running, -7),
            order(DesktopState::Running, 9),
            order(DesktopState::Running, 10),
            order(DesktopState::Stopping, 0),
            order(DesktopState::Stopped, i32::MIN),
            order(DesktopState::Stopped, i32::MAX),
        ];
        assert!(sorted.is_sorted(), "{sorted:?}");
    }

    #[test]
    fn every_drawing_exists() {
        let drawings = include_str!("../../static/icons.svg");
        for name in ICONS {
            assert!(
                drawings.contains(&format!("<symbol id=\"{name}\"")),
                "{name}"
            );
        }
        assert_eq!(icon("no such drawing"), "desktop");
    }

    #[test]
    fn what_is_not_kept_is_not_promised() {
        let mut kind = samples::kind("kiosk", "Kiosk", "browser");
        assert!(
            Removal::new(&kind, &kind.title)
                .consequence
                .to_string()
                .ends_with("Your files stay.")
        );
        kind.home_path.clear();
        assert_eq!(kept(&kind).to_string(), "Files in it are not kept.");
        assert_eq!(
            Removal::new(&kind, &kind.title).consequence.to_string(),
            "Everything in it is deleted."
        );
    }
}
