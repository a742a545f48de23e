//! The description of the API, written from the code: `/api/openapi.json`.

use std::sync::Arc;

use axum::{http::header, response::IntoResponse};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    admin, desktops, sharing, sign_in,
    state::AppState,
    web::{error_page, routes::Routes},
};

/// The whole API with its description: what every capability offers to programs.
pub(super) fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Description::openapi())
        .merge(sign_in::routes::api())
        .merge(desktops::api::api())
        .merge(sharing::api::api())
        .merge(admin::api())
}

/// The description of the API.
#[must_use]
pub fn description() -> utoipa::openapi::OpenApi {
    api().into_openapi()
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Deskcast",
        description = "Remote desktops in the browser. Errors are JSON with a sentence for people and a stable word for programs.",
    ),
    security(("cookie" = []), ("header" = []), ("bearer" = []), ("query" = [])),
    modifiers(&Credentials),
    components(schemas(error_page::ErrorBody)),
)]
struct Description;

/// The four ways to show a session id or an API token (contract http-api 1).
struct Credentials;

impl Modify for Credentials {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let components = api.components.get_or_insert_default();
        let key = |name: &str, note: &str| ApiKeyValue::with_description(name, note);
        let cookie = ApiKey::Cookie(key(
            "__Host-Http-deskcast",
            "Browsers. Over plain http on this machine its name is deskcast. Changes must come from our own pages.",
        ));
        let header = ApiKey::Header(key(
            "X-Session-ID",
            "Scripts: a session id or an API token.",
        ));
        let query = ApiKey::Query(key(
            "session_id",
            "Old scripts; ALLOW_SESSION_ID_QUERY=false switches it off.",
        ));
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        for (name, scheme) in [
            ("cookie", SecurityScheme::ApiKey(cookie)),
            ("header", SecurityScheme::ApiKey(header)),
            ("bearer", SecurityScheme::Http(bearer)),
            ("query", SecurityScheme::ApiKey(query)),
        ] {
            components.add_security_scheme(name, scheme);
        }
    }
}

/// The description never changes while the server runs: it is written once.
pub(super) fn route(description: &utoipa::openapi::OpenApi) -> Routes<AppState> {
    let text: Arc<str> = description
        .to_json()
        .unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
        .into();
    let answer = move || {
        let text = text.to_string();
        async move { ([(header::CONTENT_TYPE, "application/json")], text).into_response() }
    };
    Routes::new().get("/api/openapi.json", answer)
}
