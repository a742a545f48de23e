//! `/api/admin/oidc-providers`.

use axum::{extract::State, http::StatusCode};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    super::Done,
    body::{self, ProviderBody},
    known,
};
use crate::{
    error::Result,
    ids::OidcProviderId,
    oidc::OidcClient,
    providers::{ProviderDraft, Providers, SecretState, StoredProvider, check::Step},
    sessions::guard::AdminUser,
    sign_in::SignIn,
    state::AppState,
    web::extract::{Json, Path},
};

/// The list, its entries, and trying one.
pub(in crate::admin) fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, replace, delete))
        .routes(routes!(check))
}

#[derive(Debug, Serialize, ToSchema)]
struct AllProviders {
    success: bool,
    oidc_providers: Vec<ProviderBody>,
}

#[derive(Debug, Serialize, ToSchema)]
struct OneProvider {
    success: bool,
    oidc_provider: ProviderBody,
}

/// How trying a provider went.
#[derive(Debug, Serialize, ToSchema)]
struct Checked {
    success: bool,
    /// Whether people can sign in, as far as can be seen without signing in.
    ok: bool,
    steps: Vec<Step>,
}

impl OneProvider {
    fn json(stored: StoredProvider) -> Json<Self> {
        Json(Self {
            success: true,
            oidc_provider: stored.into(),
        })
    }
}

/// Every provider, the default one first.
#[utoipa::path(get, path = "/api/admin/oidc-providers", tag = "admin", responses((status = 200, body = AllProviders)))]
async fn list(_: AdminUser, State(providers): State<Providers>) -> Result<Json<AllProviders>> {
    let all = providers.all().await?;
    Ok(Json(AllProviders {
        success: true,
        oidc_providers: all.into_iter().map(ProviderBody::from).collect(),
    }))
}

/// One provider.
#[utoipa::path(get, path = "/api/admin/oidc-providers/{id}", tag = "admin", params(("id" = OidcProviderId, Path)),
    responses((status = 200, body = OneProvider), (status = 404, description = "There is no such provider")))]
async fn show(
    _: AdminUser,
    State(providers): State<Providers>,
    Path(id): Path<OidcProviderId>,
) -> Result<Json<OneProvider>> {
    Ok(OneProvider::json(known(&providers, id).await?))
}

/// Adds a provider.
#[utoipa::path(post, path = "/api/admin/oidc-providers", tag = "admin", request_body = ProviderDraft,
    responses((status = 201, body = OneProvider), (status = 409, description = "The name is taken"),
        (status = 422, description = "Every wrong field, named")))]
async fn create(
    AdminUser(admin): AdminUser,
    State(providers): State<Providers>,
    Json(body): Json<Map<String, Value>>,
) -> Result<(StatusCode, Json<OneProvider>)> {
    let draft = body::draft(body, Map::new(), false)?;
    let made = providers.create(draft).await?;
    tracing::info!(user.id = %admin.user.id, provider.id = %made.provider.id, "an OpenID provider was added");
    Ok((StatusCode::CREATED, OneProvider::json(made)))
}

/// Changes a provider. What the body leaves out stays as it is, the client's secret too; `null` takes it away.
#[utoipa::path(put, path = "/api/admin/oidc-providers/{id}", tag = "admin", params(("id" = OidcProviderId, Path)),
    request_body = ProviderDraft,
    responses((status = 200, body = OneProvider), (status = 404, description = "There is no such provider"),
        (status = 409, description = "The name is taken"), (status = 422, description = "Every wrong field, named")))]
async fn replace(
    AdminUser(admin): AdminUser,
    State(providers): State<Providers>,
    Path(id): Path<OidcProviderId>,
    Json(body): Json<Map<String, Value>>,
) -> Result<Json<OneProvider>> {
    let now = known(&providers, id).await?;
    let has_secret = now.secret != SecretState::Missing;
    let draft = body::draft(body, ProviderBody::from(now).written()?, has_secret)?;
    let changed = providers.update(id, draft).await?;
    tracing::info!(user.id = %admin.user.id, provider.id = %id, "an OpenID provider was changed");
    Ok(OneProvider::json(changed))
}

/// Removes a provider and ends the sessions that began with it. The people and their desktops stay.
#[utoipa::path(delete, path = "/api/admin/oidc-providers/{id}", tag = "admin", params(("id" = OidcProviderId, Path)),
    responses((status = 200, body = Done), (status = 404, description = "There is no such provider")))]
async fn delete(
    AdminUser(admin): AdminUser,
    State(sign_in): State<SignIn>,
    Path(id): Path<OidcProviderId>,
) -> Result<Json<Done>> {
    sign_in.delete_provider(id).await?;
    tracing::info!(user.id = %admin.user.id, provider.id = %id, "an OpenID provider was removed");
    Ok(Done::json("Provider removed"))
}

/// Tries a provider without signing in: asks for its description and its keys, and says what was found.
#[utoipa::path(post, path = "/api/admin/oidc-providers/{id}/check", tag = "admin",
    params(("id" = OidcProviderId, Path)),
    responses((status = 200, body = Checked), (status = 404, description = "There is no such provider")))]
async fn check(
    _: AdminUser,
    State(providers): State<Providers>,
    State(oidc): State<OidcClient>,
    Path(id): Path<OidcProviderId>,
) -> Result<Json<Checked>> {
    let stored = known(&providers, id).await?;
    let report = oidc.check(&stored).await;
    Ok(Json(Checked {
        success: true,
        ok: report.is_fine(),
        steps: report.steps,
    }))
}
