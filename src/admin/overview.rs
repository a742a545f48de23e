//! `GET /admin`: what runs now, and who uses it.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use time::OffsetDateTime;

use super::{containers::Listing, pages::Section};
use crate::{
    clock::Clock,
    desktops::{
        Desktop, DesktopState, Desktops, OwnedDesktop, StopError, StopReason, listing::StartedAt,
    },
    error::{AppError, Result},
    ids::DesktopId,
    language::Sentence,
    paging::{Cursor, PageWords},
    runtime::{WayInForce, egress::EgressGuard},
    say,
    sessions::guard::AdminUser,
    state::AppState,
    web::{
        extract::{Path, Query},
        page::{Chrome, Page, html},
        routes::Routes,
        urls,
        words::Moment,
    },
};

/// The page and its form.
pub(super) fn pages() -> Routes<AppState> {
    Routes::new()
        .get("/admin", show)
        .post("/admin/desktops/{id}/stop", stop)
        .get("/admin/desktops/{id}/stop", back)
}

/// A desktop of the list.
#[derive(Debug)]
struct Row {
    person: String,
    username: String,
    user_address: String,
    title: String,
    name: String,
    address: String,
    /// As the style sheet knows it.
    state: &'static str,
    /// A drawing; `None` is the turning ring.
    icon: Option<&'static str>,
    words: Sentence,
    since: Moment,
    since_words: Sentence,
    /// Where its Stop button leads.
    stops: Option<String>,
}

impl Row {
    fn new(owned: OwnedDesktop, now: OffsetDateTime) -> Self {
        let OwnedDesktop {
            desktop,
            username,
            display_name,
            type_title,
        } = owned;
        let (state, icon, words) = match desktop.state {
            DesktopState::Starting => ("starting", None, say!("overview-state-starting")),
            DesktopState::Running => (
                "running",
                Some("check-circle"),
                say!("overview-state-running"),
            ),
            DesktopState::Stopping => ("stopped", None, say!("overview-state-stopping")),
            DesktopState::Stopped => ("stopped", Some("stop"), say!("overview-state-stopped")),
            DesktopState::Failed => (
                "failed",
                Some("cross-circle"),
                say!("overview-state-failed"),
            ),
        };
        let since = Moment::new(began(&desktop), now);
        let stops = format!("/admin/desktops/{}/stop", desktop.id);
        Self {
            person: display_name,
            username,
            user_address: format!("/admin/users/{}", desktop.owner),
            title: type_title,
            address: urls::desktop(&desktop.name),
            state,
            icon,
            words,
            since_words: since.words.clone(),
            since,
            stops: matches!(
                desktop.state,
                DesktopState::Starting | DesktopState::Running
            )
            .then_some(stops),
            name: desktop.name,
        }
    }
}

/// When it could be used, else when its start began.
fn began(desktop: &Desktop) -> OffsetDateTime {
    desktop.phases.ready.unwrap_or(desktop.phases.preparing)
}

#[derive(Debug, Template)]
#[template(path = "admin/overview.html")]
struct OverviewPage {
    chrome: Chrome,
    section: Section,
    running: i64,
    starting: Option<Sentence>,
    people: i64,
    started_today: i64,
    failed_today: i64,
    search: String,
    /// Why desktops may reach more than they should.
    egress: Option<Sentence>,
    /// Why the engine cannot be used.
    trouble: Option<Sentence>,
    /// How desktops are reached, and why.
    way: Option<Sentence>,
    rows: Vec<Row>,
    before: Option<String>,
    after: Option<String>,
}

/// Rows on one page.
const ROWS: u16 = 50;

async fn show(
    AdminUser(admin): AdminUser,
    State(desktops): State<Desktops>,
    State(egress): State<EgressGuard>,
    State(clock): State<Clock>,
    Query(words): Query<PageWords>,
    Query(listing): Query<Listing>,
    page: Page,
) -> Result<Response> {
    let (filter, request) = listing.read(&words, ROWS)?;
    let now = desktops.now().await?;
    let today = desktops.today().await?;
    let listed = desktops.list(&filter, &request).await?;
    let moment = clock.now();
    let turn = |name: &str, cursor: Option<Cursor<StartedAt>>| {
        cursor.map(|cursor| listing.address(&words, name, &cursor.text()))
    };
    Ok(html(&OverviewPage {
        section: Section::Overview,
        running: now.running,
        starting: match now.starting {
            0 => None,
            count => Some(say!("overview-starting", count = count)),
        },
        people: now.people,
        started_today: today.started,
        failed_today: today.failed,
        egress: egress.standing().warning(),
        trouble: desktops.runtime().trouble().map(|error| error.sentence()),
        way: desktops.way().map(WayInForce::sentence),
        before: turn("before", listed.previous),
        after: turn("after", listed.next),
        rows: listed
            .rows
            .into_iter()
            .map(|owned| Row::new(owned, moment))
            .collect(),
        search: filter.search,
        chrome: page.chrome(say!("admin-overview"), Some(admin.user.as_ref().into())),
    }))
}

async fn stop(
    AdminUser(admin): AdminUser,
    State(desktops): State<Desktops>,
    Path(id): Path<DesktopId>,
) -> Result<Response> {
    match desktops.stop(id, StopReason::Admin(admin.user.id)).await {
        // Stopped meanwhile is what was asked for.
        Ok(_) | Err(StopError::NotRunning) => Ok(Redirect::to("/admin").into_response()),
        Err(error) => Err(AppError::from(error)),
    }
}

/// The address of a form, opened as a page.
async fn back(_: AdminUser) -> Redirect {
    Redirect::to("/admin")
}
