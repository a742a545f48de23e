//! What administrators see and do: everybody's desktops, the catalogue, people and groups.
//!
//! Every handler takes [`AdminUser`](crate::sessions::guard::AdminUser); a test walks all routes below `/api/admin` as
//! somebody else.

mod audit;
mod body;
mod casts;
mod containers;
mod form;
mod groups;
mod openid;
mod overview;
mod pages;
mod pulls;
mod settings;
mod types;
mod users;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{state::AppState, web::routes::Routes};

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
        .routes(routes!(audit::list))
        .routes(routes!(users::api::list, users::api::make))
        .routes(routes!(
            users::api::show,
            users::api::replace,
            users::api::delete
        ))
        .routes(routes!(groups::api::list, groups::api::make))
        .routes(routes!(
            groups::api::show,
            groups::api::replace,
            groups::api::delete
        ))
        .routes(routes!(groups::api::members))
        .merge(casts::api())
        .merge(openid::api())
        .merge(settings::api())
}

/// `/admin` and the pages below it.
#[must_use]
pub fn pages() -> Routes<AppState> {
    overview::pages()
        .merge(users::pages::pages())
        .merge(groups::pages::pages())
        .merge(casts::pages())
        .merge(openid::pages())
        .merge(audit::pages())
        .merge(settings::pages())
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
