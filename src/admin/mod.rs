//! What administrators see and do: everybody's desktops, the catalogue.
//!
//! Every handler takes [`AdminUser`](crate::auth::guard::AdminUser); a test walks all routes below `/api/admin` as
//! somebody else.

mod containers;
mod openid;
mod pages;
mod pulls;
mod types;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::AppState, web::routes::Routes};

/// `/api/admin/*`.
pub fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(containers::list))
        .routes(routes!(containers::stop))
        .routes(routes!(containers::remove, containers::remove_by_post))
        .routes(routes!(containers::stop_all))
        .routes(routes!(types::list, types::create))
        .routes(routes!(types::show, types::replace, types::delete))
        .routes(routes!(pulls::pull))
        .merge(openid::api())
}

/// `/admin/*`.
#[must_use]
pub fn pages() -> Routes<AppState> {
    openid::pages()
}

/// The answer to a change that has nothing else to say.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct Done {
    success: bool,
    message: &'static str,
}

impl Done {
    fn json(message: &'static str) -> crate::web::extract::Json<Self> {
        crate::web::extract::Json(Self {
            success: true,
            message,
        })
    }
}
