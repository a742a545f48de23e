//! `/api/admin/casts/{id}/links`.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Given, sheet};
use crate::{
    admin::{Done, casts::known},
    casting::{
        Casting,
        links::{self, CastLink},
    },
    config::Config,
    error::{AppError, Result},
    ids::{CastId, CastLinkId},
    paging::{self, PageRequest, PageWords},
    sessions::guard::AdminUser,
    web::extract::{Json, Path, Query},
};

/// For whom links are to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinksWish {
    /// A link for each of them, at most 500; each of at most 200 characters.
    names: Vec<String>,
}

/// A link that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinkMade {
    /// Names it, for withdrawing it.
    id: CastLinkId,
    /// For whom it is.
    name: String,
    /// What to pass on. It is never shown again.
    #[schema(example = "https://desk.example/cast/exam?once=Zk3v9…")]
    url: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinksMade {
    success: bool,
    /// In the order of the names.
    links: Vec<LinkMade>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinkList {
    success: bool,
    /// By name.
    links: Vec<CastLink>,
    /// For `after`, while the list goes on.
    next: Option<String>,
}

/// The one-time links of a cast by name, with who used them and when; 200 a page unless `limit` says otherwise.
#[utoipa::path(get, path = "/api/admin/casts/{id}/links", tag = "casting",
    params(("id" = CastId, Path), PageWords),
    responses((status = 200, body = LinkList), (status = 404, description = "No such cast"),
        (status = 422, description = "Every wrong parameter, named")))]
pub(crate) async fn list(
    _: AdminUser,
    State(casting): State<Casting>,
    Path(id): Path<CastId>,
    Query(words): Query<PageWords>,
) -> Result<Json<LinkList>> {
    let request = PageRequest::read(&words, paging::MOST).map_err(AppError::Invalid)?;
    let cast = known(&casting, id).await?;
    let page = casting.links(cast.id, &request).await?;
    Ok(Json(LinkList {
        success: true,
        links: page.rows,
        next: page.next.map(|cursor| cursor.text()),
    }))
}

/// Makes links of a cast that serve once each. They go through every check of the cast, but take none of its remaining
/// sessions.
#[utoipa::path(post, path = "/api/admin/casts/{id}/links", tag = "casting", params(("id" = CastId, Path)),
    request_body = LinksWish,
    responses((status = 201, description = "Made; the addresses are shown this once", body = LinksMade),
        (status = 404, description = "No such cast"),
        (status = 409, description = "The cast has as many links as it may"),
        (status = 422, description = "What is wrong with the names")))]
pub(crate) async fn make(
    AdminUser(admin): AdminUser,
    State(casting): State<Casting>,
    State(config): State<Arc<Config>>,
    Path(id): Path<CastId>,
    Json(wish): Json<LinksWish>,
) -> Result<(StatusCode, Json<LinksMade>)> {
    let names = links::checked(&wish.names).map_err(|problem| AppError::Invalid(vec![problem]))?;
    let cast = known(&casting, id).await?;
    let made = casting.make_links(cast.id, names, admin.user.id).await?;
    tracing::info!(user.id = %admin.user.id, cast.id = %id, links = made.len(), "one-time links were made");
    let origin = config.http.origin();
    let links = made.iter().map(|link| LinkMade {
        id: link.id,
        name: link.name.clone(),
        url: Given::of(&cast, link, &origin).text().to_owned(),
    });
    let body = LinksMade {
        success: true,
        links: links.collect(),
    };
    Ok((StatusCode::CREATED, Json(body)))
}

/// Withdraws a link that has not served: it leads nowhere from now on.
#[utoipa::path(delete, path = "/api/admin/casts/{id}/links/{link}", tag = "casting",
    params(("id" = CastId, Path), ("link" = CastLinkId, Path)),
    responses((status = 200, body = Done), (status = 404, description = "No such link"),
        (status = 409, description = "It has served already (`used`)")))]
pub(crate) async fn withdraw(
    AdminUser(admin): AdminUser,
    State(casting): State<Casting>,
    Path((id, link)): Path<(CastId, CastLinkId)>,
) -> Result<Json<Done>> {
    casting.withdraw_link(id, link).await?;
    tracing::info!(user.id = %admin.user.id, cast.id = %id, link.id = %link, "a one-time link was withdrawn");
    Ok(Done::json("Link withdrawn"))
}

/// All links of a cast as CSV: names, state, who used them and when. Never the addresses.
#[utoipa::path(get, path = "/api/admin/casts/{id}/links.csv", tag = "casting", params(("id" = CastId, Path)),
    responses((status = 200, content_type = "text/csv", body = String), (status = 404, description = "No such cast")))]
pub(crate) async fn csv(
    _: AdminUser,
    State(casting): State<Casting>,
    Path(id): Path<CastId>,
) -> Result<Response> {
    let cast = known(&casting, id).await?;
    sheet::of_all(&cast, &casting.all_links(cast.id).await?)
}
