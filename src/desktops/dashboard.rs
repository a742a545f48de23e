//! `GET /`: the desktops of a person, and the forms that start, stop and remove them.

use std::time::Duration;

use axum::{
    Extension, Router,
    extract::{FromRequestParts, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use time::OffsetDateTime;

use super::{
    Desktop, DesktopState, Desktops, StartOptions, StopError, StopReason,
    card::{Actions, CardView, Facts, Removal},
    images::{ImageLook, Images},
};
use crate::{
    app::AppState,
    auth::{
        User,
        guard::{CurrentUser, MaybeUser},
        routes::sign_in_page,
    },
    catalog::{Catalog, DesktopType},
    clock::Clock,
    error::{AppError, Result},
    web::{
        extract::{Path, Query},
        page::{Chrome, Page, Person, html},
        urls, words,
    },
};

/// From how many types on there is a field to find one.
const SEARCH_FROM: usize = 8;

/// The dashboard and its forms.
pub fn pages() -> Router<AppState> {
    Router::new()
        .route("/", get(show))
        .route("/desktops/{slug}/card", get(card))
        .route("/desktops/{slug}/start", post(start).get(back))
        .route("/desktops/{slug}/stop", post(stop).get(back))
        .route("/desktops/{slug}/remove", post(remove).get(confirm_removal))
        .layer(Extension(ImageLook::new()))
}

/// Everything on the dashboard.
#[derive(Clone, Debug)]
pub struct DashboardView {
    /// How many are open, as a sentence.
    pub summary: String,
    /// Nothing can start.
    pub engine_away: bool,
    /// What was searched for; `None` when there is nothing to search in.
    pub search: Option<String>,
    /// Large cards.
    pub open: Vec<CardView>,
    /// Small ones.
    pub ready: Vec<CardView>,
}

/// What a [`DashboardView`] is made of.
#[derive(Clone, Copy, Debug)]
pub struct Material<'a> {
    /// In the order of the catalogue.
    pub types: &'a [DesktopType],
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
    /// Pairs each type with the person's desktop of it; with `search` only those whose title has that text.
    #[must_use]
    pub fn new(material: Material<'_>, search: &str) -> Self {
        let Material {
            types,
            desktops,
            images,
            usual,
            now,
            admin,
        } = material;
        let wanted = search.trim().to_lowercase();
        let engine_away = images.engine_away();
        let (mut open, mut ready): (Vec<_>, Vec<_>) = types
            .iter()
            .filter(|kind| kind.title.to_lowercase().contains(&wanted))
            .map(|kind| {
                let facts = Facts {
                    image: images.facts(&kind.image),
                    usual_start: usual.get(&kind.id).copied(),
                    now,
                    admin,
                    engine_away,
                };
                CardView::new(kind, desktop_of(kind, desktops), &facts)
            })
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

    /// The card of this type.
    #[must_use]
    pub fn into_card(self, slug: &str) -> Option<CardView> {
        self.open
            .into_iter()
            .chain(self.ready)
            .find(|card| card.slug == slug)
    }
}

/// The live desktop of `kind`, or else the one used last.
fn desktop_of<'a>(kind: &DesktopType, desktops: &'a [Desktop]) -> Option<&'a Desktop> {
    let mut own = desktops.iter().filter(|desktop| desktop.type_id == kind.id);
    own.clone()
        .find(|desktop| desktop.state.is_live())
        .or_else(|| own.next())
}

fn summary(desktops: &[Desktop]) -> String {
    let count = |state| desktops.iter().filter(|d| d.state == state).count();
    let part = |count: usize, what: &str| match count {
        0 => None,
        1 => Some(format!("One is {what}.")),
        more => Some(format!("{} are {what}.", words::number(more))),
    };
    let parts = [
        part(count(DesktopState::Running), "running"),
        part(count(DesktopState::Starting), "starting"),
    ];
    let said: Vec<_> = parts.into_iter().flatten().collect();
    if said.is_empty() {
        "None is open.".into()
    } else {
        said.join(" ")
    }
}

#[derive(Debug, askama::Template)]
#[template(path = "dashboard.html")]
struct DashboardPage {
    chrome: Chrome,
    view: DashboardView,
    admin: bool,
}

#[derive(Debug, askama::Template)]
#[template(path = "partials/card_change.html")]
struct CardChange {
    chrome: Chrome,
    summary: String,
    card: CardView,
}

#[derive(Debug, askama::Template)]
#[template(path = "confirm.html")]
struct ConfirmPage {
    chrome: Chrome,
    slug: String,
    removal: Removal,
}

/// The handles the dashboard asks.
#[derive(Debug, FromRequestParts)]
#[from_request(state(AppState))]
struct Board {
    #[from_request(via(State))]
    catalog: Catalog,
    #[from_request(via(State))]
    desktops: Desktops,
    #[from_request(via(State))]
    clock: Clock,
    #[from_request(via(Extension))]
    images: ImageLook,
}

impl Board {
    async fn view(&self, user: &User, search: &str) -> Result<DashboardView> {
        let own = self.desktops.list_of(user.id).await?;
        let types = self.types(user, &own).await?;
        let usual = self.desktops.usual_start_times().await?;
        let references: Vec<_> = types.iter().map(|kind| kind.image.as_str()).collect();
        let runtime = self.desktops.runtime();
        let images = self.images.at(runtime.as_ref(), &references).await;
        let material = Material {
            types: &types,
            desktops: &own,
            images: &images,
            usual: &usual,
            now: self.clock.now(),
            admin: user.is_admin(),
        };
        Ok(DashboardView::new(material, search))
    }

    /// What the person may start, and what is still open of types they may not start any more.
    async fn types(&self, user: &User, own: &[Desktop]) -> Result<Vec<DesktopType>> {
        let mut types = self.catalog.visible_to(user).await?;
        for desktop in own.iter().filter(|desktop| desktop.state.is_live()) {
            if types.iter().all(|kind| kind.id != desktop.type_id) {
                types.extend(self.catalog.find(desktop.type_id).await?);
            }
        }
        Ok(types)
    }

    /// The person's desktop of this type.
    async fn own(&self, user: &User, slug: &str) -> Result<Option<Desktop>> {
        Ok(self.desktops.find_of(user.id, Some(slug)).await?)
    }

    async fn kind(&self, slug: &str) -> Result<DesktopType> {
        let kind = self.catalog.find_by_slug(slug).await?;
        kind.ok_or_else(unknown)
    }
}

#[derive(Debug, Default, serde::Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
}

async fn show(
    MaybeUser(caller): MaybeUser,
    board: Board,
    Query(search): Query<Search>,
    page: Page,
) -> Result<Response> {
    let Some(caller) = caller else {
        // Not a redirect: the part of an address after # would be lost (contract http-api 1).
        return Ok(sign_in_page(page.chrome("Sign in", None), "/"));
    };
    let user = &caller.user;
    Ok(html(&DashboardPage {
        view: board.view(user, &search.q).await?,
        admin: user.is_admin(),
        chrome: page.chrome("Your desktops", Some(person(user))),
    }))
}

async fn card(
    CurrentUser(caller): CurrentUser,
    board: Board,
    Path(slug): Path<String>,
    page: Page,
) -> Result<Response> {
    // Asked for when something changed, perhaps the image.
    board.images.forget(&board.kind(&slug).await?.image).await;
    let view = board.view(&caller.user, "").await?;
    Ok(html(&CardChange {
        summary: view.summary.clone(),
        card: view.into_card(&slug).ok_or_else(unknown)?,
        chrome: page.chrome("", None),
    }))
}

async fn start(
    CurrentUser(caller): CurrentUser,
    board: Board,
    Path(slug): Path<String>,
) -> Result<Redirect> {
    let kind = board.catalog.usable_by(&caller.user, &slug).await?;
    let desktop = board
        .desktops
        .start(
            &caller.user,
            &kind.ok_or_else(unknown)?,
            StartOptions::default(),
        )
        .await?;
    Ok(Redirect::to(&urls::desktop(&desktop.name)))
}

async fn stop(
    CurrentUser(caller): CurrentUser,
    board: Board,
    Path(slug): Path<String>,
) -> Result<Redirect> {
    if let Some(desktop) = board.own(&caller.user, &slug).await? {
        match board.desktops.stop(desktop.id, StopReason::Owner).await {
            // Stopped meanwhile is what was asked for.
            Ok(_) | Err(StopError::NotRunning) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Redirect::to("/"))
}

async fn remove(
    CurrentUser(caller): CurrentUser,
    board: Board,
    Path(slug): Path<String>,
) -> Result<Redirect> {
    if let Some(desktop) = board.own(&caller.user, &slug).await? {
        board.desktops.remove(desktop.id, StopReason::Owner).await?;
    }
    Ok(Redirect::to("/"))
}

async fn confirm_removal(
    CurrentUser(caller): CurrentUser,
    board: Board,
    Path(slug): Path<String>,
    page: Page,
) -> Result<Response> {
    if board.own(&caller.user, &slug).await?.is_none() {
        return Ok(Redirect::to("/").into_response());
    }
    let removal = Removal::new(&board.kind(&slug).await?);
    Ok(html(&ConfirmPage {
        chrome: page.chrome("Remove desktop", Some(person(&caller.user))),
        slug,
        removal,
    }))
}

/// The address of a form, opened as a page: after an error, or from the browser's history.
async fn back() -> Redirect {
    Redirect::to("/")
}

fn person(user: &User) -> Person {
    Person {
        name: user.display_name.clone(),
        initials: user.initials(),
        admin: user.is_admin(),
    }
}

fn unknown() -> AppError {
    AppError::not_found("There is no desktop type of this name, or it is not for you.")
}
