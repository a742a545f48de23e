//! The pages at a desktop's address: while it starts, while it runs, and when it does not.

use std::time::Duration;

use axum::response::Response;
use time::OffsetDateTime;

use crate::{
    catalog::DesktopType,
    desktops::{
        Desktop, DesktopState,
        card::{end_sentence, kept},
        progress::{Progress, usually},
    },
    web::{
        page::{Chrome, html},
        words,
    },
};

/// Who looks at a running desktop, and where its client is.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// It is their own; otherwise an administrator looks on.
    pub own: bool,
    /// Address of the client for the frame.
    pub client_src: String,
}

#[derive(Debug, askama::Template)]
#[template(path = "viewer.html")]
struct ViewerPage {
    chrome: Chrome,
    viewer: Viewer,
    name: String,
    slug: String,
    generation: i32,
    kept: &'static str,
}

#[derive(Debug, askama::Template)]
#[template(path = "starting.html")]
struct StartingPage {
    chrome: Chrome,
    name: String,
    slug: String,
    generation: i32,
    own: bool,
    roomy: bool,
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
    own: bool,
    roomy: bool,
    failed: bool,
    stopping: bool,
    why: String,
    ended: Option<String>,
    usual: String,
    progress: Option<Progress>,
}

/// The page of a running desktop: a thin bar, and the client in a frame. Needs `frame-src` in its policy.
pub fn viewer(chrome: Chrome, desktop: &Desktop, kind: &DesktopType, viewer: Viewer) -> Response {
    html(&ViewerPage {
        chrome: Chrome {
            title: kind.title.clone(),
            ..chrome
        },
        viewer,
        name: desktop.name.clone(),
        slug: kind.slug.clone(),
        generation: desktop.generation,
        kept: kept(kind),
    })
}

/// The page of a starting desktop: its phases; becomes the desktop by itself.
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
            title: format!("{} is starting", kind.title),
            ..chrome
        },
        name: desktop.name.clone(),
        slug: kind.slug.clone(),
        generation: desktop.generation,
        own,
        roomy: true,
        progress: Progress::new(desktop, usual, now),
    })
}

/// The page of a desktop that does not run: why, and how to start it.
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
                format!("{title} is being stopped"),
                format!("Programs are being closed. {}", kept(kind)),
            ),
            DesktopState::Failed if did_not_start => (
                "failed",
                format!("{title} did not start"),
                end_sentence(Some(desktop)).to_owned(),
            ),
            DesktopState::Failed => (
                "failed",
                format!("{title} ended by itself"),
                end_sentence(Some(desktop)).to_owned(),
            ),
            _ => (
                "stopped",
                format!("{title} is stopped"),
                desktop
                    .end
                    .as_ref()
                    .map_or_else(|| kept(kind).to_owned(), |end| end.sentence.clone()),
            ),
        };
        Self {
            chrome: Chrome { title, ..chrome },
            name: desktop.name.clone(),
            slug: kind.slug.clone(),
            generation: desktop.generation,
            state,
            own,
            roomy: true,
            failed,
            stopping: desktop.state == DesktopState::Stopping,
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
