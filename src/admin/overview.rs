//! `GET /admin`: what runs now, and who uses it.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use time::OffsetDateTime;

use super::pages::Section;
use crate::{
    app::AppState,
    auth::guard::AdminUser,
    catalog::Catalog,
    clock::Clock,
    desktops::{Desktop, DesktopState, Desktops, OwnedDesktop, StopError, StopReason},
    error::{AppError, Result},
    ids::{DesktopId, DesktopTypeId},
    language::Sentence,
    runtime::WayInForce,
    say,
    web::{
        extract::Path,
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

/// A desktop that is open.
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
    fn new(
        owned: OwnedDesktop,
        titles: &HashMap<DesktopTypeId, String>,
        now: OffsetDateTime,
    ) -> Self {
        let OwnedDesktop {
            desktop,
            username,
            display_name,
        } = owned;
        let (state, icon, words) = match desktop.state {
            DesktopState::Starting => ("starting", None, say!("overview-state-starting")),
            DesktopState::Running => (
                "running",
                Some("check-circle"),
                say!("overview-state-running"),
            ),
            _ => ("stopped", None, say!("overview-state-stopping")),
        };
        let since = Moment::new(began(&desktop), now);
        let stops = format!("/admin/desktops/{}/stop", desktop.id);
        Self {
            person: display_name,
            username,
            user_address: format!("/admin/users/{}", desktop.owner),
            title: titles.get(&desktop.type_id).cloned().unwrap_or_default(),
            address: urls::desktop(&desktop.name),
            state,
            icon,
            words,
            since_words: since.words.clone(),
            since,
            stops: (desktop.state != DesktopState::Stopping).then_some(stops),
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
    running: usize,
    starting: Option<Sentence>,
    people: usize,
    started_today: i64,
    failed_today: i64,
    /// How desktops are reached, and why.
    way: Option<Sentence>,
    rows: Vec<Row>,
}

async fn show(
    AdminUser(admin): AdminUser,
    State(desktops): State<Desktops>,
    State(catalog): State<Catalog>,
    State(clock): State<Clock>,
    page: Page,
) -> Result<Response> {
    let today = desktops.today().await?;
    let all = desktops.list_all().await?;
    let mut open: Vec<_> = all
        .into_iter()
        .filter(|owned| owned.desktop.state.is_live())
        .collect();
    open.sort_by_key(|owned| std::cmp::Reverse(began(&owned.desktop)));
    let types = catalog.all().await?;
    let titles = types
        .into_iter()
        .map(|kind| (kind.id, kind.title))
        .collect();
    let mut people: Vec<_> = open.iter().map(|owned| owned.desktop.owner).collect();
    people.sort_unstable();
    people.dedup();
    let count = |state| {
        open.iter()
            .filter(|owned| owned.desktop.state == state)
            .count()
    };
    let now = clock.now();
    Ok(html(&OverviewPage {
        section: Section::Overview,
        running: count(DesktopState::Running),
        starting: match count(DesktopState::Starting) {
            0 => None,
            count => Some(say!("overview-starting", count = count)),
        },
        people: people.len(),
        started_today: today.started,
        failed_today: today.failed,
        way: desktops.way().map(WayInForce::sentence),
        rows: open
            .into_iter()
            .map(|owned| Row::new(owned, &titles, now))
            .collect(),
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
