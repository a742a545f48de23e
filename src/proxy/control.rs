//! *Take control*, and giving it back: an administrator's second act, after looking.

use axum::{extract::State, response::Redirect};

use super::{
    access::{Access, decide, look_refused, refused_look, unknown},
    state::Proxy,
};
use crate::{
    desktops::lookup::Lookup,
    error::AppError,
    sessions::guard::AdminUser,
    state::AppState,
    web::{extract::Path, routes::Routes, urls},
};

/// The two forms of the page around somebody else's desktop.
#[must_use]
pub fn routes() -> Routes<AppState> {
    Routes::new()
        .post("/admin/looks/{name}/control", take)
        .post("/admin/looks/{name}/watch", give_back)
}

async fn take(
    admin: AdminUser,
    State(proxy): State<Proxy>,
    Path(name): Path<String>,
) -> Result<Redirect, AppError> {
    set(&admin, &proxy, &name, true).await
}

async fn give_back(
    admin: AdminUser,
    State(proxy): State<Proxy>,
    Path(name): Path<String>,
) -> Result<Redirect, AppError> {
    set(&admin, &proxy, &name, false).await
}

/// Leads to the desktop's page, which shows what is so now.
async fn set(
    AdminUser(admin): &AdminUser,
    proxy: &Proxy,
    name: &str,
    controls: bool,
) -> Result<Redirect, AppError> {
    let page = Redirect::to(&urls::desktop(name));
    let live = match proxy.desktops.live_by_name(name).await? {
        Lookup::Live(live) => live,
        // Its page says that it does not run.
        Lookup::NotRunning(..) => return Ok(page),
        Lookup::Unknown => return Err(unknown()),
    };
    let access = decide(&admin.user, live.owner(), live.kind.client, None);
    if access.map_err(refused_look)? == Access::Administrator {
        let set = proxy.desktops.set_control(&live, admin.user.id, controls);
        set.await.map_err(look_refused)?;
    }
    Ok(page)
}
