//! The pages at a desktop's address: while it starts, while it runs, and when it does not.

use std::time::Duration;

use axum::response::Response;
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;

use crate::{
    catalog::DesktopType,
    dashboard::{
        card::kept,
        progress::{Progress, usually},
    },
    desktops::{
        CastOptions, Desktop, DesktopState,
        looks::{LookRole, Looker},
    },
    language::Sentence,
    say,
    web::{
        page::{Chrome, html},
        urls, words,
    },
};

/// Who looks at a running desktop, and where its client is.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// It is their own; otherwise a visitor or an administrator looks on.
    pub own: bool,
    /// They have no account.
    pub guest: bool,
    /// For a visitor: whose desktop it is.
    pub shared_by: Option<String>,
    /// Whether they may neither type nor click.
    pub only_looks: bool,
    /// For the owner, when the page asks anew: who looks on now.
    pub lookers: Vec<LookerLine>,
    /// What its owner can do about showing it to others.
    pub sharing: ShareBar,
    /// Address of the client for the frame.
    pub client_src: String,
}

/// What the bar says of sharing.
#[derive(Clone, Debug)]
pub enum ShareBar {
    /// Nothing.
    Nothing,
    /// Its owner may make links.
    Offered,
    /// It is shared by this link from its start on.
    Shared(SecretString),
}

impl ShareBar {
    fn is_there(&self) -> bool {
        !matches!(self, Self::Nothing)
    }

    fn link(&self) -> Option<&str> {
        match self {
            Self::Shared(link) => Some(link.expose_secret()),
            Self::Nothing | Self::Offered => None,
        }
    }
}

/// Somebody who looks on, as the bar shows them.
#[derive(Clone, Debug)]
pub struct LookerLine {
    /// `watches`, `controls` or `visits`.
    pub kind: &'static str,
    /// As others see them.
    pub name: String,
    /// Since when, for the script.
    pub since: String,
}

impl From<Looker> for LookerLine {
    fn from(looker: Looker) -> Self {
        Self {
            kind: match (looker.role, looker.controls) {
                (LookRole::Visitor, _) => "visits",
                (LookRole::Administrator, false) => "watches",
                (LookRole::Administrator, true) => "controls",
            },
            name: looker.name,
            since: words::exact(looker.since),
        }
    }
}

#[derive(Debug, askama::Template)]
#[template(path = "viewer.html")]
struct ViewerPage {
    chrome: Chrome,
    viewer: Viewer,
    name: String,
    slug: String,
    generation: i32,
    kept: Sentence,
    /// Where its owner, a guest, is led to keep it.
    keep: Option<String>,
    options: CastOptions,
}

#[derive(Debug, askama::Template)]
#[template(path = "starting.html")]
struct StartingPage {
    chrome: Chrome,
    name: String,
    slug: String,
    generation: i32,
    own: bool,
    guest: bool,
    /// Where its owner, a guest, is led to keep it.
    keep: Option<String>,
    without_files: bool,
    progress: Progress,
}

#[derive(Debug, askama::Template)]
#[template(path = "stopped.html")]
struct StoppedPage {
    chrome: Chrome,
    name: String,
    slug: String,
    generation: i32,
    state: &'static str,
    guest: bool,
    next: Next,
    failed: bool,
    why: Sentence,
    ended: Option<String>,
    usual: Sentence,
    progress: Option<Progress>,
}

/// What whoever looks at a desktop that does not run can do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// Start it.
    Start,
    /// Open the link by which a cast launched it: nothing else makes another one.
    Link,
    /// Nothing, or what the words say already.
    Nothing,
}

impl Next {
    fn of(desktop: &Desktop, own: bool) -> Self {
        if !own || desktop.of_guest || desktop.state == DesktopState::Stopping {
            Self::Nothing
        } else if desktop.cast.is_some() {
            Self::Link
        } else {
            Self::Start
        }
    }
}

/// The page of a running desktop: a thin bar, and the client in a frame. Its policy: `viewer_policy.rs`.
#[must_use]
pub fn viewer(chrome: Chrome, desktop: &Desktop, kind: &DesktopType, viewer: Viewer) -> Response {
    let keep = keep_of(desktop, viewer.own);
    html(&ViewerPage {
        chrome: Chrome {
            title: Sentence::plain(kind.title.clone()),
            ..chrome
        },
        viewer,
        name: desktop.name.clone(),
        slug: desktop.address(),
        generation: desktop.generation,
        kept: kept_of(desktop, kind),
        keep,
        options: desktop
            .cast
            .as_ref()
            .map(|cast| cast.options.clone())
            .unwrap_or_default(),
    })
}

/// The page of a starting desktop: its phases; becomes the desktop by itself.
#[must_use]
pub fn starting(
    chrome: Chrome,
    desktop: &Desktop,
    kind: &DesktopType,
    usual: Option<Duration>,
    now: OffsetDateTime,
    own: bool,
) -> Response {
    html(&StartingPage {
        chrome: Chrome {
            title: say!("desktop-is-starting", title = &kind.title),
            ..chrome
        },
        name: desktop.name.clone(),
        slug: desktop.address(),
        generation: desktop.generation,
        own,
        guest: desktop.of_guest,
        keep: keep_of(desktop, own),
        without_files: without_files(desktop, kind),
        progress: Progress::new(desktop, usual, now),
    })
}

/// The page of a desktop that does not run: why, and how to start it.
#[must_use]
pub fn stopped(
    chrome: Chrome,
    desktop: &Desktop,
    kind: &DesktopType,
    usual: Option<Duration>,
    own: bool,
) -> Response {
    html(&StoppedPage::new(chrome, desktop, kind, usual, own))
}

impl StoppedPage {
    fn new(
        chrome: Chrome,
        desktop: &Desktop,
        kind: &DesktopType,
        usual: Option<Duration>,
        own: bool,
    ) -> Self {
        let title = &kind.title;
        let failed = desktop.state == DesktopState::Failed;
        let did_not_start = failed && desktop.phases.ready.is_none();
        let (state, title, why) = match desktop.state {
            DesktopState::Stopping => (
                "stopping",
                say!("desktop-is-stopping", title = title),
                Sentence::several([say!("desktop-closing"), kept_of(desktop, kind)]),
            ),
            DesktopState::Failed if did_not_start => (
                "failed",
                say!("desktop-did-not-start", title = title),
                desktop.end_words(),
            ),
            DesktopState::Failed => (
                "failed",
                say!("desktop-ended", title = title),
                desktop.end_words(),
            ),
            _ => (
                "stopped",
                say!("desktop-is-stopped", title = title),
                match desktop.end {
                    Some(_) => desktop.end_words(),
                    None => kept_of(desktop, kind),
                },
            ),
        };
        Self {
            chrome: Chrome { title, ..chrome },
            name: desktop.name.clone(),
            slug: desktop.address(),
            generation: desktop.generation,
            state,
            guest: desktop.of_guest,
            next: Next::of(desktop, own),
            failed,
            why,
            ended: desktop.ended_at.map(words::exact),
            usual: usually(usual),
            progress: desktop
                .ended_at
                .filter(|_| did_not_start)
                .map(|ended| Progress::new(desktop, usual, ended)),
        }
    }
}

/// Where its owner signs in and keeps it, if they are a guest of a cast.
fn keep_of(desktop: &Desktop, own: bool) -> Option<String> {
    (own && desktop.of_guest && desktop.cast.is_some()).then(|| urls::keep(&desktop.name))
}

/// Whether somebody's files are missing in it, because another desktop of theirs was using them.
fn without_files(desktop: &Desktop, kind: &DesktopType) -> bool {
    !desktop.of_guest && !desktop.kept && !desktop.with_home && !kind.home_path.is_empty()
}

/// What a stop leaves of `desktop`.
fn kept_of(desktop: &Desktop, kind: &DesktopType) -> Sentence {
    if desktop.of_guest || desktop.kept || without_files(desktop, kind) {
        say!("desktop-keeps-nothing")
    } else {
        kept(kind)
    }
}

#[cfg(test)]
mod tests {
    use askama::Template;
    use time::macros::datetime;

    use super::*;
    use crate::dashboard::samples;

    const NOW: OffsetDateTime = datetime!(2026-11-22 14:32:07 UTC);

    fn chrome() -> Chrome {
        Chrome {
            person: None,
            ..Chrome::sample("")
        }
    }

    fn kind() -> DesktopType {
        samples::kind("debian-desktop", "Debian Desktop", "desktop")
    }

    fn desktop(state: DesktopState) -> Desktop {
        samples::desktop_of(&kind(), state, NOW - Duration::from_secs(6))
    }

    async fn text(response: Response) -> String {
        let body = axum::body::to_bytes(response.into_body(), usize::MAX);
        String::from_utf8(body.await.unwrap().to_vec()).unwrap()
    }

    async fn viewer_page(own: bool) -> String {
        let client_src = "client/vnc.html?path=a&resize=remote".to_owned();
        let viewer_of = Viewer {
            own,
            guest: false,
            shared_by: None,
            only_looks: !own,
            lookers: Vec::new(),
            sharing: if own {
                ShareBar::Offered
            } else {
                ShareBar::Nothing
            },
            client_src,
        };
        text(viewer(
            chrome(),
            &desktop(DesktopState::Running),
            &kind(),
            viewer_of,
        ))
        .await
    }

    #[tokio::test]
    async fn a_viewer_frames_the_client_and_can_stop_its_own_desktop() {
        let html = viewer_page(true).await;
        assert!(html.contains("<title>Debian Desktop · Deskcast</title>"));
        assert!(
            html.contains("src=\"client/vnc.html?path=a&#38;resize=remote\""),
            "{html}"
        );
        assert_eq!(
            html.matches("action=\"/desktops/debian-desktop/stop?page=desktop\"")
                .count(),
            2
        );
        assert!(!html.contains("never shown"), "the password stays here");
    }

    #[tokio::test]
    async fn who_looks_on_at_a_foreign_desktop_sees_that_and_cannot_stop_it_here() {
        let html = viewer_page(false).await;
        assert!(html.contains("Not your desktop"));
        assert!(!html.contains("/stop"));
    }

    #[tokio::test]
    async fn a_start_shows_its_steps_and_loads_again_without_scripts() {
        let mut desktop = desktop(DesktopState::Starting);
        desktop.phases.creating = Some(NOW - Duration::from_millis(5_800));
        let usual = Some(Duration::from_secs(2));
        let own = starting(chrome(), &desktop, &kind(), usual, NOW, true);
        let html = text(own).await;
        for words in [
            "<noscript><meta http-equiv=\"refresh\" content=\"3\"></noscript>",
            "Debian Desktop is starting",
            "data-step=\"preparing\" data-phase=\"done\"",
            "data-step=\"creating\" data-phase=\"now\" aria-current=\"step\"",
            "data-step=\"waiting\" data-phase=\"next\"",
            "<span data-late=\"no\">Usually ready after 2 seconds.</span>",
            "Cancel the start",
        ] {
            assert!(html.contains(words), "{words}\n{html}");
        }
        let foreign = text(starting(chrome(), &desktop, &kind(), usual, NOW, false)).await;
        assert!(!foreign.contains("Cancel the start"));
    }

    #[tokio::test]
    async fn a_slow_start_says_so() {
        let desktop = desktop(DesktopState::Starting);
        let later = NOW + Duration::from_secs(6);
        let html = text(starting(
            chrome(),
            &desktop,
            &kind(),
            Some(Duration::from_secs(2)),
            later,
            true,
        ))
        .await;
        let late = "<span data-late=\"yes\">This takes longer than usual (<span data-elapsed-words>12 s</span>).";
        assert!(html.contains(late), "{html}");
    }

    /// Title, the sentence below it, and whether there are steps and a button.
    fn said(desktop: &Desktop) -> (String, String, bool, bool) {
        let page = StoppedPage::new(chrome(), desktop, &kind(), None, true);
        let html = page.render().unwrap();
        (
            page.chrome.title.to_string(),
            page.why.to_string(),
            html.contains("phase-progress"),
            html.contains("/start\""),
        )
    }

    #[test]
    fn a_desktop_that_does_not_run_says_why() {
        let stopping = desktop(DesktopState::Stopping);
        let mut stopped = desktop(DesktopState::Stopped);
        stopped.end = Some(samples::end("stopped_by_user", "In the words of then."));
        let mut failed = desktop(DesktopState::Failed);
        failed.ended_at = Some(NOW);
        failed.end = Some(samples::end("of_another_version", "It did not answer."));
        let mut ended = failed.clone();
        ended.phases.ready = Some(NOW);
        let table = [
            (
                &stopping,
                "Debian Desktop is being stopped",
                "Programs are being closed. Your files are kept.",
                false,
                false,
            ),
            (
                &stopped,
                "Debian Desktop is stopped",
                "You stopped it. Your files are kept; open programs were closed.",
                false,
                true,
            ),
            (
                &failed,
                "Debian Desktop did not start",
                "It did not answer.",
                true,
                true,
            ),
            (
                &ended,
                "Debian Desktop ended by itself",
                "It did not answer.",
                false,
                true,
            ),
        ];
        for (desktop, title, why, steps, start) in table {
            assert_eq!(said(desktop), (title.into(), why.into(), steps, start));
        }
    }
}
