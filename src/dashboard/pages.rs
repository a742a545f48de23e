//! `GET /`: the desktops of a person, and the forms that start, stop and remove them.

use axum::{
    Extension,
    extract::{FromRequestParts, State},
    http::request::Parts,
    response::{IntoResponse, Redirect, Response},
};

use super::{
    board::{CardChange, ConfirmPage, DashboardPage, DashboardView, Keepable, Material},
    card::Removal,
    images::ImageLook,
};
use crate::{
    catalog::{Catalog, DesktopType},
    clock::Clock,
    desktops::{Desktop, Desktops, StartOptions, StopError, StopReason, of_person::OfPerson},
    error::{AppError, Result},
    language::Sentence,
    people::User,
    say,
    sessions::{
        Caller,
        guard::{CurrentUser, MaybeUser, UserOrGuest},
    },
    sign_in::{SignIn, sign_in_page},
    state::AppState,
    web::{
        extract::{Path, Query},
        page::{Page, html},
        routes::Routes,
        urls,
    },
};

/// The dashboard and its forms.
#[must_use]
pub fn pages() -> Routes<AppState> {
    Routes::new()
        .get("/", show)
        .get("/desktops/{slug}/card", card)
        .get("/desktops/{slug}/start", back)
        .post("/desktops/{slug}/start", start)
        .get("/desktops/{slug}/stop", back)
        .post("/desktops/{slug}/stop", stop)
        .get("/desktops/{slug}/remove", confirm_removal)
        .post("/desktops/{slug}/remove", remove)
        .with(ImageLook::new())
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
        let shown = self.desktops.of_person(user).await?;
        Ok(self.view_of(&shown, user, search).await)
    }

    async fn view_of(&self, shown: &OfPerson, user: &User, search: &str) -> DashboardView {
        let types = shown.types.iter().chain(&shown.types_of_casts);
        let references: Vec<_> = types.map(DesktopType::starts_from).collect();
        let runtime = self.desktops.runtime();
        let images = self.images.at(runtime.as_ref(), &references).await;
        let material = Material {
            types: &shown.types,
            types_of_casts: &shown.types_of_casts,
            desktops: &shown.desktops,
            images: &images,
            usual: &shown.usual,
            now: self.clock.now(),
            admin: user.is_admin(),
        };
        DashboardView::new(material, search)
    }

    /// The person's desktop that this address names.
    async fn own(&self, user: &User, slug: &str) -> Result<Option<Desktop>> {
        Ok(self.desktops.addressed(user.id, slug).await?)
    }

    /// What the person had open as a guest and may keep.
    async fn keepable(&self, caller: &Caller) -> Result<Vec<Keepable>> {
        let open = self.desktops.keepable(caller).await?;
        Ok(open.into_iter().map(Keepable::from).collect())
    }

    async fn kind_of(&self, desktop: &Desktop) -> Result<DesktopType> {
        let kind = self.catalog.find(desktop.type_id).await?;
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
    State(sign_in): State<SignIn>,
    board: Board,
    Query(search): Query<Search>,
    page: Page,
    head: Parts,
) -> Result<Response> {
    let Some(caller) = caller else {
        // Not a redirect: the part of an address after # would be lost (contract http-api 1).
        return sign_in_page(&sign_in, page, &head, "/").await;
    };
    let user = &caller.user;
    Ok(html(&DashboardPage {
        view: board.view(user, &search.q).await?,
        keepable: board.keepable(&caller).await?,
        admin: user.is_admin(),
        chrome: page.chrome(say!("your-desktops"), Some(user.as_ref().into())),
    }))
}

async fn card(
    CurrentUser(caller): CurrentUser,
    board: Board,
    Path(slug): Path<String>,
    page: Page,
) -> Result<Response> {
    let shown = board.desktops.of_person(&caller.user).await?;
    // Asked for when something changed, perhaps the image.
    if let Some(kind) = shown.types.iter().find(|kind| kind.slug == slug) {
        board.images.forget(&kind.image).await;
    }
    let view = board.view_of(&shown, &caller.user, "").await;
    Ok(html(&CardChange {
        summary: view.summary.clone(),
        card: view.into_card(&slug).ok_or_else(unknown)?,
        chrome: page.chrome(Sentence::default(), None),
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

/// Which page the form stood on: a person stays where they are.
#[derive(Debug, Default, serde::Deserialize)]
struct StoppedOn {
    #[serde(default)]
    page: StoppedPage,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum StoppedPage {
    #[default]
    Dashboard,
    Desktop,
}

async fn stop(
    UserOrGuest(caller): UserOrGuest,
    board: Board,
    Path(slug): Path<String>,
    Query(on): Query<StoppedOn>,
) -> Result<Redirect> {
    let Some(desktop) = board.own(&caller.user, &slug).await? else {
        return Ok(Redirect::to("/"));
    };
    match board.desktops.stop(desktop.id, StopReason::Owner).await {
        // Stopped meanwhile is what was asked for.
        Ok(_) | Err(StopError::NotRunning) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(match on.page {
        StoppedPage::Dashboard => Redirect::to("/"),
        // The live connection of that page leads there, too: whichever comes first must not matter.
        StoppedPage::Desktop => Redirect::to(&urls::desktop(&desktop.name)),
    })
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
    let Some(desktop) = board.own(&caller.user, &slug).await? else {
        return Ok(Redirect::to("/").into_response());
    };
    let kind = board.kind_of(&desktop).await?;
    let title = desktop
        .cast
        .as_ref()
        .map_or(&kind.title, |cast| &cast.title);
    let removal = Removal::new(&kind, title);
    Ok(html(&ConfirmPage {
        chrome: page.chrome(say!("remove-title"), Some(caller.user.as_ref().into())),
        slug,
        removal,
    }))
}

/// The address of a form, opened as a page: after an error, or from the browser's history.
async fn back() -> Redirect {
    Redirect::to("/")
}

fn unknown() -> AppError {
    AppError::not_found(say!("type-unknown"))
}
