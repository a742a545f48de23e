//! `/admin/settings`: one form, which works without scripts.

use askama::Template;
use axum::{extract::State, response::Response};
use serde::Deserialize;

use super::form::{self, FormView};
use crate::{
    admin::{
        form::{Sent, refused, see},
        pages::Section,
    },
    clock::Clock,
    error::Result,
    say,
    sessions::guard::AdminUser,
    settings::{ServerSettings, SettingsError},
    state::AppState,
    web::{
        extract::{Form, Query},
        page::{Chrome, Page, html},
        routes::Routes,
    },
};

/// Where the page is.
const HERE: &str = "/admin/settings";

/// The page and its form.
pub(in crate::admin) fn pages() -> Routes<AppState> {
    Routes::new()
        .get("/admin/settings", show)
        .post("/admin/settings", save)
}

#[derive(Debug, Template)]
#[template(path = "admin/settings.html")]
struct SettingsPage {
    chrome: Chrome,
    section: Section,
    form: FormView,
    saved: bool,
}

/// What has just happened.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Happened {
    saved: String,
}

async fn show(
    AdminUser(admin): AdminUser,
    State(settings): State<ServerSettings>,
    State(clock): State<Clock>,
    Query(happened): Query<Happened>,
    page: Page,
) -> Result<Response> {
    let known = settings.load().await?;
    Ok(html(&SettingsPage {
        chrome: page.chrome(say!("settings-title"), Some((&*admin.user).into())),
        section: Section::Settings,
        form: FormView::stored(known, clock.now()),
        saved: happened.saved == "1",
    }))
}

async fn save(
    AdminUser(admin): AdminUser,
    State(settings): State<ServerSettings>,
    State(clock): State<Clock>,
    page: Page,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let sent = Sent::from(pairs);
    let (draft, mut problems) = form::read(&sent);
    if problems.is_empty() {
        let by = (admin.user.id, admin.user.username.as_str());
        match settings.save(draft, by).await {
            Ok(_) => {
                tracing::info!(user.id = %admin.user.id, "server settings were saved");
                return Ok(see(&format!("{HERE}?saved=1")));
            }
            Err(SettingsError::Invalid(wrong)) => problems = wrong,
            Err(error) => return Err(error.into()),
        }
    } else {
        let more = settings.problems(draft).into_iter();
        let told = problems.clone();
        problems.extend(more.filter(|one| told.iter().all(|other| other.field != one.field)));
    }
    let known = settings.load().await?;
    Ok(refused(&SettingsPage {
        chrome: page.chrome(say!("settings-title"), Some((&*admin.user).into())),
        section: Section::Settings,
        form: FormView::refused(known, clock.now(), sent, problems),
        saved: false,
    }))
}
