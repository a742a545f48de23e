//! What the dashboard shows: a person's desktops as cards (pure), and its pages.

use std::time::Duration;

use time::OffsetDateTime;

use super::{
    card::{Actions, CardView, Facts, Removal},
    images::Images,
};
use crate::{
    catalog::DesktopType,
    desktops::{Desktop, DesktopState, OwnedDesktop, stamp},
    language::Sentence,
    say,
    web::{page::Chrome, urls, words},
};

/// From how many types on there is a field to find one.
const SEARCH_FROM: usize = 8;

/// Everything on the dashboard.
#[derive(Clone, Debug)]
pub struct DashboardView {
    /// How many are open, as a sentence.
    pub summary: Sentence,
    /// Nothing can start.
    pub engine_away: bool,
    /// What was searched for; `None` when there is nothing to search in.
    pub search: Option<String>,
    /// Large cards.
    pub open: Vec<CardView>,
    /// Small ones.
    pub ready: Vec<CardView>,
    /// Which state of the person's desktops this is.
    pub stamp: String,
}

/// What a [`DashboardView`] is made of.
#[derive(Clone, Copy, Debug)]
pub struct Material<'a> {
    /// In the order of the catalogue.
    pub types: &'a [DesktopType],
    /// The types of what casts launched and is open.
    pub types_of_casts: &'a [DesktopType],
    /// The person's, most recently used first.
    pub desktops: &'a [Desktop],
    /// What the engine said of the types' images.
    pub images: &'a Images,
    /// How long a start of each type usually takes.
    pub usual: &'a std::collections::HashMap<crate::ids::DesktopTypeId, Duration>,
    /// The present moment.
    pub now: OffsetDateTime,
    /// Whether the person may fetch images.
    pub admin: bool,
}

impl DashboardView {
    /// Pairs each type with the person's desktop of it, and gives each open desktop of a cast a card of its own; with
    /// `search` only those whose title has that text.
    #[must_use]
    pub fn new(material: Material<'_>, search: &str) -> Self {
        let Material {
            types,
            types_of_casts,
            desktops,
            images,
            usual,
            now,
            admin,
        } = material;
        let wanted = search.trim().to_lowercase();
        let engine_away = images.engine_away();
        let of_types = types.iter().map(|kind| (kind, desktop_of(kind, desktops)));
        let of_casts = open_of_casts(desktops).filter_map(|desktop| {
            let kind = types_of_casts
                .iter()
                .find(|kind| kind.id == desktop.type_id)?;
            Some((kind, Some(desktop)))
        });
        let (mut open, mut ready): (Vec<_>, Vec<_>) = of_types
            .chain(of_casts)
            .map(|(kind, desktop)| {
                let facts = Facts {
                    image: images.facts(kind.starts_from()),
                    usual_start: usual.get(&kind.id).copied(),
                    now,
                    admin,
                    engine_away,
                };
                CardView::new(kind, desktop, &facts)
            })
            .filter(|card| card.title.to_lowercase().contains(&wanted))
            .partition(|card| card.open);
        for cards in [&mut open, &mut ready] {
            cards.sort_by(|one, other| one.order.cmp(&other.order));
        }
        Self {
            summary: summary(desktops),
            engine_away,
            search: (types.len() >= SEARCH_FROM || !wanted.is_empty())
                .then(|| search.trim().to_owned()),
            open,
            ready,
            stamp: stamp::of(desktops),
        }
    }

    /// Whether there is no card at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.open.is_empty() && self.ready.is_empty()
    }

    /// Whether something was searched for.
    #[must_use]
    pub fn searched(&self) -> bool {
        self.search.as_ref().is_some_and(|text| !text.is_empty())
    }

    /// The card that an address of the dashboard names: of a type, or of a cast's desktop.
    #[must_use]
    pub fn into_card(self, slug: &str) -> Option<CardView> {
        self.open
            .into_iter()
            .chain(self.ready)
            .find(|card| card.slug == slug)
    }
}

/// What casts launched and is open. What has ended is not started again, and so has no card.
fn open_of_casts(desktops: &[Desktop]) -> impl Iterator<Item = &Desktop> {
    let open = |desktop: &&Desktop| desktop.cast.is_some() && desktop.state.is_live();
    desktops.iter().filter(open)
}

/// The live desktop of `kind`, or else the one used last; not what a cast launched.
fn desktop_of<'a>(kind: &DesktopType, desktops: &'a [Desktop]) -> Option<&'a Desktop> {
    let mut own = desktops
        .iter()
        .filter(|desktop| desktop.type_id == kind.id && desktop.cast.is_none());
    own.clone()
        .find(|desktop| desktop.state.is_live())
        .or_else(|| own.next())
}

fn summary(desktops: &[Desktop]) -> Sentence {
    let count = |state| desktops.iter().filter(|d| d.state == state).count();
    let said = Sentence::several([
        match count(DesktopState::Running) {
            0 => Sentence::default(),
            count => say!(
                "desktops-running",
                count = count,
                number = words::number(count)
            ),
        },
        match count(DesktopState::Starting) {
            0 => Sentence::default(),
            count => say!(
                "desktops-starting",
                count = count,
                number = words::number(count)
            ),
        },
    ]);
    if said.is_empty() {
        say!("desktops-nothing-open")
    } else {
        said
    }
}

#[derive(Debug, askama::Template)]
#[template(path = "dashboard.html")]
pub(super) struct DashboardPage {
    pub(super) chrome: Chrome,
    pub(super) view: DashboardView,
    pub(super) admin: bool,
    pub(super) keepable: Vec<Keepable>,
}

/// What somebody had open as a guest and may keep.
#[derive(Debug)]
pub(super) struct Keepable {
    /// What kind of desktop it is.
    title: String,
    /// Where they are asked.
    address: String,
}

impl From<OwnedDesktop> for Keepable {
    fn from(open: OwnedDesktop) -> Self {
        Self {
            title: open.type_title,
            address: urls::keep(&open.desktop.name),
        }
    }
}

#[derive(Debug, askama::Template)]
#[template(path = "partials/card_change.html")]
pub(super) struct CardChange {
    pub(super) chrome: Chrome,
    pub(super) summary: Sentence,
    pub(super) card: CardView,
}

#[derive(Debug, askama::Template)]
#[template(path = "confirm.html")]
pub(super) struct ConfirmPage {
    pub(super) chrome: Chrome,
    pub(super) slug: String,
    pub(super) removal: Removal,
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use askama::Template;
    use time::macros::datetime;

    use super::*;
    use crate::dashboard::{card::ImageFacts, samples};

    const NOW: OffsetDateTime = datetime!(2026-11-22 14:32:07 UTC);

    fn chrome(title: &str) -> Chrome {
        Chrome::sample(title)
    }

    /// A type and a desktop in every state, and types nobody has started.
    fn everything() -> (Vec<DesktopType>, Vec<Desktop>) {
        let named = [
            ("debian-desktop", "Debian Desktop", "desktop"),
            ("ubuntu-vscode", "Ubuntu with VSCode", "code"),
            ("ubuntu-chromium", "Ubuntu with Chromium", "browser"),
            ("libreoffice", "LibreOffice", "file"),
            ("data-lab", "Data Lab", "table"),
            ("debian-browser", "Debian Browser", "browser"),
            ("blender", "Blender", "brush"),
        ];
        let types: Vec<_> = (0i32..)
            .zip(named)
            .map(|(position, (slug, title, icon))| DesktopType {
                position,
                ..samples::kind(slug, title, icon)
            })
            .collect();
        let ago = |seconds| NOW - Duration::from_secs(seconds);
        let mut own = vec![
            samples::desktop_of(&types[0], DesktopState::Starting, ago(2)),
            samples::desktop_of(&types[1], DesktopState::Running, ago(130)),
            samples::desktop_of(&types[2], DesktopState::Stopping, ago(7_300)),
            samples::desktop_of(&types[3], DesktopState::Stopped, ago(90_000)),
            samples::desktop_of(&types[4], DesktopState::Failed, ago(60)),
        ];
        own[0].phases.creating = Some(ago(2) + Duration::from_millis(100));
        own[0].phases.starting = Some(ago(2) + Duration::from_millis(700));
        own[4].end = Some(samples::end(
            "out_of_memory",
            "It ran out of memory while starting. Your files are safe.",
        ));
        (types, own)
    }

    fn view(image: Option<ImageFacts>, admin: bool, search: &str) -> DashboardView {
        let (types, own) = everything();
        let images = &Images::same(&types, image);
        let usual = HashMap::from([(types[0].id, Duration::from_millis(3_800))]);
        let material = Material {
            types: &types,
            types_of_casts: &types,
            desktops: &own,
            images,
            usual: &usual,
            now: NOW,
            admin,
        };
        DashboardView::new(material, search)
    }

    fn page(view: DashboardView) -> String {
        let admin = false;
        DashboardPage {
            chrome: chrome("Your desktops"),
            view,
            admin,
            keepable: Vec::new(),
        }
        .render()
        .unwrap()
    }

    #[test]
    fn what_is_open_stands_before_what_can_be_started() {
        let view = view(Some(ImageFacts::Present), false, "");
        let slugs = |cards: &[CardView]| {
            cards
                .iter()
                .map(|card| card.slug.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            slugs(&view.open),
            ["debian-desktop", "ubuntu-vscode", "ubuntu-chromium"]
        );
        assert_eq!(
            slugs(&view.ready),
            ["libreoffice", "data-lab", "debian-browser", "blender"]
        );
        assert_eq!(view.summary.to_string(), "One is running. One is starting.");
        assert_eq!(view.search, None, "seven types need no search");
    }

    #[test]
    fn a_live_desktop_counts_before_an_older_one_used_later() {
        let kind = samples::kind("debian-desktop", "Debian Desktop", "desktop");
        let stopped = samples::desktop_of(&kind, DesktopState::Stopped, NOW);
        let running = samples::desktop_of(&kind, DesktopState::Running, NOW);
        let own = [stopped, running];
        let found = desktop_of(&kind, &own);
        assert_eq!(found.map(|d| d.state), Some(DesktopState::Running));
    }

    #[test]
    fn a_cast_s_desktop_has_a_card_of_its_own_while_it_is_open() {
        let kind = samples::kind("debian-desktop", "Debian Desktop", "desktop");
        let of_cast = |state, name: &str, title: &str| Desktop {
            name: name.into(),
            cast: Some(samples::of_cast(title)),
            ..samples::desktop_of(&kind, state, NOW)
        };
        let own = [
            of_cast(
                DesktopState::Running,
                "jane-debian-desktop-a1b2c3",
                "Biology 7b",
            ),
            of_cast(DesktopState::Stopped, "jane-debian-desktop-d4e5f6", "Exam"),
        ];
        let types = [kind];
        let view = |types: &[DesktopType]| {
            DashboardView::new(
                Material {
                    types,
                    types_of_casts: &[samples::kind("x", "X", "x"), own_kind(&own[0])],
                    desktops: &own,
                    images: &Images::same(types, Some(ImageFacts::Present)),
                    usual: &HashMap::new(),
                    now: NOW,
                    admin: false,
                },
                "",
            )
        };
        let both = view(&types);
        let titles = |cards: &[CardView]| -> Vec<_> {
            cards.iter().map(|card| card.title.clone()).collect()
        };
        assert_eq!(titles(&both.open), ["Biology 7b"]);
        assert_eq!(
            titles(&both.ready),
            ["Debian Desktop"],
            "the type can be started beside it"
        );
        assert_eq!(both.open[0].slug, "~jane-debian-desktop-a1b2c3");
        let html = page(view(&[]));
        assert!(html.contains("action=\"/desktops/~jane-debian-desktop-a1b2c3/stop\""));
        assert!(
            !html.contains("Debian Desktop"),
            "not a type the person may not start"
        );
    }

    fn own_kind(desktop: &Desktop) -> DesktopType {
        DesktopType {
            id: desktop.type_id,
            ..samples::kind("debian-desktop", "Debian Desktop", "desktop")
        }
    }

    #[test]
    fn a_search_finds_by_title_and_says_when_nothing_fits() {
        let images = Some(ImageFacts::Present);
        let found = view(images, false, " ubuntu ");
        assert_eq!(found.open.len() + found.ready.len(), 2);
        let nothing = view(images, false, "windows");
        assert!(nothing.is_empty() && nothing.searched());
        assert!(page(nothing).contains("No desktop has that name"));
    }

    #[test]
    fn the_page_shows_every_state_in_words() {
        let html = page(view(Some(ImageFacts::Present), false, ""));
        for words in [
            "<title>Your desktops · Deskcast</title>",
            "One is running. One is starting.",
            "Usually ready after 4 seconds.",
            "Last opened <time datetime=\"2026-11-22T14:29:57Z\" data-ago>2 minutes ago</time>.",
            "Programs are being closed. Your files are kept.",
            "yesterday",
            "It ran out of memory while starting.",
            "Try again",
            "action=\"/desktops/debian-browser/start\"",
            "action=\"/desktops/ubuntu-vscode/stop\"",
            "href=\"/desktop/jane-ubuntu-vscode/\"",
            "href=\"/desktops/libreoffice/remove\"",
            "<span class=\"took\" data-seconds=\"1.3\">1.3 s</span>",
        ] {
            assert!(html.contains(words), "{words}\n{html}");
        }
    }

    #[test]
    fn the_page_says_when_nothing_can_start() {
        let html = page(view(None, false, ""));
        assert!(html.contains("Desktops cannot start right now. Those that are open go on."));
        assert!(html.contains("data-engine=\"away\""));
        let starts = html.matches("/start\"><button").count();
        let off = html.matches("data-action=\"main\" disabled").count();
        assert_eq!((starts, off), (4, 4), "every Start is off");
    }

    #[test]
    fn only_administrators_can_fetch_an_image() {
        let images = Some(ImageFacts::Missing);
        assert!(page(view(images, true, "")).contains("/api/admin/desktop-types/blender/pull"));
        let html = page(view(images, false, ""));
        assert!(!html.contains("/api/admin"));
        assert!(html.contains("Only an administrator can fetch it."));
    }

    #[test]
    fn titles_are_text_whatever_they_contain() {
        let kind = samples::kind("x", "<img src=x onerror=alert(1)>\"'", "\"><script>");
        let card = CardView::new(&kind, None, &samples::facts(NOW));
        let change = CardChange {
            chrome: chrome(""),
            summary: Sentence::default(),
            card,
        };
        let html = change.render().unwrap();
        assert!(
            !html.contains("<img") && !html.contains("<script"),
            "{html}"
        );
    }

    #[test]
    fn no_page_has_a_script_or_style_of_its_own() {
        let removal = Removal::new(&samples::kind("x", "X", "desktop"), "X");
        let confirm = ConfirmPage {
            chrome: chrome("Remove desktop"),
            slug: "x".into(),
            removal,
        };
        for html in [
            page(view(Some(ImageFacts::Missing), true, "")),
            confirm.render().unwrap(),
        ] {
            assert!(!html.contains(" style=") && !html.contains(" onclick="));
            for script in html.split("<script").skip(1) {
                assert!(script.starts_with(" type=\"module\" nonce=\"n0nce\" src="));
            }
        }
    }
}
