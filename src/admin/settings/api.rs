//! `/api/admin/settings`.

use axum::extract::State;
use serde_json::{Map, Value};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::body::{self, AllSettings, SettingsWish};
use crate::{
    error::Result, sessions::guard::AdminUser, settings::ServerSettings, state::AppState,
    web::extract::Json,
};

/// What is set, and setting it.
pub(in crate::admin) fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(show, replace))
}

/// Every server setting, who set it and when. Secrets are not shown, only whether there are any.
#[utoipa::path(get, path = "/api/admin/settings", tag = "admin", responses((status = 200, body = AllSettings)))]
async fn show(_: AdminUser, State(settings): State<ServerSettings>) -> Result<Json<AllSettings>> {
    Ok(Json(settings.load().await?.into()))
}

/// Changes server settings, all that the body asks for or none. What it leaves out stays; `null` is the default.
#[utoipa::path(put, path = "/api/admin/settings", tag = "admin", request_body = SettingsWish,
    responses((status = 200, body = AllSettings), (status = 422, description = "Every wrong field, named")))]
async fn replace(
    AdminUser(admin): AdminUser,
    State(settings): State<ServerSettings>,
    Json(body): Json<Map<String, Value>>,
) -> Result<Json<AllSettings>> {
    let draft = body::draft(body, &settings)?;
    let by = (admin.user.id, admin.user.username.as_str());
    let saved = settings.save(draft, by).await?;
    tracing::info!(user.id = %admin.user.id, "server settings were saved");
    Ok(Json(saved.into()))
}
