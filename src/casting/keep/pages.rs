//! `/keep/{name}`.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};

use crate::{
    desktops::{Desktop, Desktops, KeepError, OwnedDesktop},
    error::{AppError, Result},
    language::Sentence,
    say,
    sessions::{
        Caller, Sessions,
        guard::{CurrentUser, UserOrGuest},
    },
    state::AppState,
    web::{
        extract::Path,
        page::{Chrome, Page, Person, html},
        routes::Routes,
        urls,
    },
};

/// The question and its answer.
#[must_use]
pub fn pages() -> Routes<AppState> {
    Routes::new()
        .get("/keep/{name}", ask)
        .post("/keep/{name}", keep)
}

/// `keep.html`.
#[derive(Debug, Template)]
#[template(path = "keep.html")]
struct KeepPage {
    chrome: Chrome,
    /// Whose it will be.
    person: String,
    /// Where the form goes.
    action: String,
    /// Why it was not kept just now.
    refused: Option<Sentence>,
}

impl KeepPage {
    fn new(page: Page, caller: &Caller, offered: &OwnedDesktop) -> Self {
        let title = say!("keep-title", title = &offered.type_title);
        Self {
            chrome: page.chrome(title, Some(Person::from(&*caller.user))),
            person: caller.user.display_name.clone(),
            action: urls::keep(&offered.desktop.name),
            refused: None,
        }
    }
}

/// A guest signs in first; whoever has it already finds it.
async fn ask(
    UserOrGuest(caller): UserOrGuest,
    State(desktops): State<Desktops>,
    Path(name): Path<String>,
    page: Page,
) -> Result<Response> {
    if let Some(offered) = offered(&desktops, &caller, &name).await? {
        return Ok(html(&KeepPage::new(page, &caller, &offered)));
    }
    let desktop = desktops.find_by_name(&name).await?;
    let is = |owner| desktop.as_ref().map(|desktop: &Desktop| desktop.owner) == Some(owner);
    if is(caller.user.id) && caller.user.is_guest() {
        Ok(Redirect::to(&urls::login(&urls::keep(&name))).into_response())
    } else if is(caller.user.id) {
        Ok(Redirect::to(&urls::desktop(&name)).into_response())
    } else if caller.was_guest.is_some_and(is) {
        Err(KeepError::Ended.into())
    } else {
        Err(KeepError::NotOffered.into())
    }
}

async fn keep(
    CurrentUser(caller): CurrentUser,
    State(desktops): State<Desktops>,
    State(sessions): State<Sessions>,
    Path(name): Path<String>,
    page: Page,
) -> Result<Response> {
    let error = match desktops.keep(&sessions, &caller, &name).await {
        Ok(desktop) => return Ok(Redirect::to(&urls::desktop(&desktop.name)).into_response()),
        Err(error) => error,
    };
    // The question stays: whoever stops another desktop comes back to it.
    let asked_again = match &error {
        KeepError::Limit(_) => offered(&desktops, &caller, &name).await?,
        _ => None,
    };
    let Some(offered) = asked_again else {
        return Err(error.into());
    };
    let page = html(&KeepPage {
        refused: Some(error.sentence()),
        ..KeepPage::new(page, &caller, &offered)
    });
    Ok((StatusCode::CONFLICT, page).into_response())
}

async fn offered(
    desktops: &Desktops,
    caller: &Caller,
    name: &str,
) -> Result<Option<OwnedDesktop>, sqlx::Error> {
    let all = desktops.keepable(caller).await?;
    Ok(all.into_iter().find(|one| one.desktop.name == name))
}

impl From<KeepError> for AppError {
    fn from(error: KeepError) -> Self {
        let sentence = error.sentence();
        match error {
            KeepError::NotOffered => Self::NotFound(sentence),
            KeepError::Ended => Self::BadRequest {
                status: StatusCode::GONE,
                code: "ended",
                sentence,
            },
            KeepError::Limit(limit) => Self::Conflict {
                code: limit.code(),
                sentence,
            },
            KeepError::Unsettled => Self::Conflict {
                code: "unsettled",
                sentence,
            },
            KeepError::Database(error) => error.into(),
        }
    }
}
