//! Casts, as administrators edit them: data for programs (`api`), pages for people (`pages`).

mod api;
mod body;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    casting::{Cast, CastError, Casting},
    catalog::{Catalog, DesktopType},
    error::Result,
    ids::CastId,
    state::AppState,
};

/// The list, its entries, the log, and trying one.
pub(super) fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(api::list, api::create))
        .routes(routes!(api::show, api::replace, api::delete))
        .routes(routes!(api::copy))
        .routes(routes!(api::check))
        .routes(routes!(api::log))
        .routes(routes!(api::whole_log))
}

/// The cast, or 404.
async fn known(casting: &Casting, id: CastId) -> Result<Cast> {
    let cast = casting.find(id).await?;
    Ok(cast.ok_or(CastError::Unknown)?)
}

/// What a cast starts.
async fn kind_of(catalog: &Catalog, cast: &Cast) -> Result<DesktopType> {
    let kind = catalog.find(cast.type_id).await?;
    Ok(kind.ok_or(CastError::UnknownType)?)
}
