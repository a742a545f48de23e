//! Every address, and the layers around them.

use std::time::Duration;

use axum::{Router, http::Method, middleware::from_fn_with_state};

use super::{branches::branch, openapi, readiness::needs};
use crate::{
    account, admin, casting, dashboard, proxy,
    sessions::renamed,
    sharing, sign_in,
    state::AppState,
    web::{
        error_page, health, layers,
        routes::{Declared, Routes},
        statics,
    },
};

/// Longest any handler of a page or of the API may take, besides what a start is told to wait.
const REQUEST_LIMIT: Duration = Duration::from_secs(30);

pub(super) fn router(state: &AppState) -> Router {
    let http = &state.config.http;
    let (api, description) = openapi::api().split_for_parts();
    let pages_and_api = pages()
        .merge(openapi::route(&description))
        .into_router()
        .merge(api)
        .fallback(error_page::nothing_here)
        .layer(from_fn_with_state(
            state.sessions.clone(),
            renamed::replace_cookie,
        ));
    let limit = REQUEST_LIMIT + state.config.runtime.start_wait;
    let all = layers::around_pages_and_api(pages_and_api, http, limit)
        .merge(beside_pages(needs(state)).into_router())
        .method_not_allowed_fallback(error_page::wrong_method);
    layers::around_all(all.with_state(state.clone()), http, branch)
}

/// What people open and send with a browser.
fn pages() -> Routes<AppState> {
    sign_in::routes::pages()
        .merge(account::pages())
        .merge(admin::pages())
        .merge(dashboard::pages())
        .merge(sharing::pages::pages())
        .merge(casting::pages::pages())
        .merge(casting::keep::pages::pages())
        .merge(proxy::control::routes())
}

/// Desktops, files and health: without the limits of pages.
fn beside_pages(needs: Vec<health::Part>) -> Routes<AppState> {
    proxy::routes()
        .merge(health::routes(needs))
        .merge(statics::routes())
}

/// Every route there is. `tests/it/matrix.rs` says for each who may use it, and fails for one it does not know.
#[must_use]
pub fn routes() -> Vec<Declared> {
    let description = openapi::description();
    let mut all = pages()
        .merge(openapi::route(&description))
        .merge(beside_pages(Vec::new()))
        .declared()
        .to_vec();
    for (path, item) in &description.paths.paths {
        let methods = [
            (Method::GET, &item.get),
            (Method::POST, &item.post),
            (Method::PUT, &item.put),
            (Method::PATCH, &item.patch),
            (Method::DELETE, &item.delete),
            (Method::HEAD, &item.head),
            (Method::OPTIONS, &item.options),
        ];
        let used = methods
            .into_iter()
            .filter(|(_, operation)| operation.is_some());
        all.extend(used.map(|(method, _)| Declared {
            method: Some(method),
            path: path.clone(),
        }));
    }
    all
}
