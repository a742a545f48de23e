//! Casts, as administrators edit them: data for programs (`api`), pages for people (`pages`).

mod api;
mod body;
mod desk;
mod form;
mod labels;
mod links;
mod list;
mod log_page;
mod pages;
mod qr;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    casting::{Cast, CastError, Casting},
    error::Result,
    ids::CastId,
    state::AppState,
    web::routes::Routes,
};

/// Where links of casts are, before their key.
const LINKS: &str = "/cast/";

/// Where the list is.
const LIST: &str = "/admin/casts";

/// The list, its entries, the log, and trying one.
pub(super) fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(api::list, api::create))
        .routes(routes!(api::show, api::replace, api::delete))
        .routes(routes!(api::copy))
        .routes(routes!(api::check))
        .routes(routes!(api::log))
        .routes(routes!(api::whole_log))
        .routes(routes!(links::api::list, links::api::make))
        .routes(routes!(links::api::withdraw))
        .routes(routes!(links::api::csv))
}

/// The same for people.
pub(super) fn pages() -> Routes<AppState> {
    Routes::new()
        .get("/admin/casts", list::show)
        .post("/admin/casts", pages::create)
        .get("/admin/casts/new", pages::new)
        .get("/admin/casts/log", log_page::of_all)
        .get("/admin/casts/{id}", pages::edit)
        .post("/admin/casts/{id}", pages::save)
        .get("/admin/casts/{id}/check", pages::back)
        .post("/admin/casts/{id}/check", pages::check)
        .get("/admin/casts/{id}/qr.svg", pages::qr)
        .get("/admin/casts/{id}/log", log_page::of_cast)
        .get("/admin/casts/{id}/links", links::pages::show)
        .post("/admin/casts/{id}/links", links::pages::make)
        .get("/admin/casts/{id}/links.csv", links::pages::csv)
        .post(
            "/admin/casts/{id}/links/{link}/withdraw",
            links::pages::withdraw,
        )
        .post("/admin/casts/{id}/copy", pages::copy)
        .get("/admin/casts/{id}/delete", pages::confirm)
        .post("/admin/casts/{id}/delete", pages::delete)
}

/// The page of a cast.
fn page_of(id: CastId) -> String {
    format!("{LIST}/{id}")
}

/// The cast, or 404.
async fn known(casting: &Casting, id: CastId) -> Result<Cast> {
    let cast = casting.find(id).await?;
    Ok(cast.ok_or(CastError::Unknown)?)
}
