//! Everybody's desktops (contract http-api 2), with the original's words.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Done;
use crate::{
    desktops::{
        Desktop, Desktops, OwnedDesktop, StopError, StopReason,
        body::{ListedContainer, container_bodies},
        listing::{DesktopFilter, StartedAt},
    },
    error::{AppError, Result},
    ids::DesktopId,
    language::Sentence,
    paging::{self, PageRequest, PageWords},
    say,
    sessions::guard::AdminUser,
    web::extract::{Json, Path, Query},
};

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AllContainers {
    success: bool,
    containers: Vec<ListedContainer>,
    /// For `after`, while the list goes on.
    next: Option<String>,
}

/// Which desktops are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
pub(super) struct Listing {
    /// `live` (the default), `starting`, `running`, `stopping`, `stopped`, `failed` or `all`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    state: String,
    /// In the desktop's name, or in its owner's user name, shown name or e-mail address.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    q: String,
}

impl Listing {
    /// Every word that cannot be read is told.
    pub(super) fn read(
        &self,
        words: &PageWords,
        usual: u16,
    ) -> Result<(DesktopFilter, PageRequest<StartedAt>)> {
        let filter = DesktopFilter::read(&self.q, &self.state);
        match (filter, PageRequest::read(words, usual)) {
            (Ok(filter), Ok(request)) => Ok((filter, request)),
            (filter, request) => {
                let mut problems = request.err().unwrap_or_default();
                problems.extend(filter.err());
                Err(AppError::Invalid(problems))
            }
        }
    }

    /// The overview with the same filter, at another place of its list.
    pub(super) fn address(&self, words: &PageWords, place: &str, cursor: &str) -> String {
        let filter = [
            ("q", &self.q),
            ("state", &self.state),
            ("limit", &words.limit),
        ];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(filter.iter().filter(|(_, value)| !value.is_empty()));
        query.append_pair(place, cursor);
        format!("/admin?{}", query.finish())
    }
}

/// Everybody's desktops that are live, the one started last at the front, each with the name of its owner; what is
/// not live when `state` asks for it.
#[utoipa::path(get, path = "/api/admin/containers", tag = "admin", params(PageWords, Listing),
    responses((status = 200, body = AllContainers), (status = 422, description = "Every wrong parameter, named")))]
pub(super) async fn list(
    _: AdminUser,
    State(desktops): State<Desktops>,
    Query(words): Query<PageWords>,
    Query(listing): Query<Listing>,
) -> Result<Json<AllContainers>> {
    let (filter, request) = listing.read(&words, paging::MOST)?;
    let page = desktops.list(&filter, &request).await?;
    let next = page.next.map(|cursor| cursor.text());
    let (list, names): (Vec<_>, Vec<_>) = page
        .rows
        .into_iter()
        .map(
            |OwnedDesktop {
                 desktop, username, ..
             }| (desktop, username),
        )
        .unzip();
    let mut containers = container_bodies(&desktops, list).await;
    for (container, name) in containers.iter_mut().zip(names) {
        container.username = Some(name);
    }
    Ok(Json(AllContainers {
        success: true,
        containers,
        next,
    }))
}

/// Stops anybody's desktop; one that is stopped already is fine. Its files are kept.
#[utoipa::path(post, path = "/api/admin/container/{id}/stop", tag = "admin",
    params(("id" = String, Path, description = "`id` of the list")),
    responses((status = 200, body = Done), (status = 404, description = "Container not found")))]
pub(super) async fn stop(
    AdminUser(admin): AdminUser,
    State(desktops): State<Desktops>,
    Path(id): Path<String>,
) -> Result<Json<Done>> {
    let desktop = find(&desktops, &id).await?;
    match desktops
        .stop(desktop.id, StopReason::Admin(admin.user.id))
        .await
    {
        Ok(_) | Err(StopError::NotRunning) => Ok(Done::json("Container stopped successfully")),
        Err(error) => Err(error.into()),
    }
}

/// Removes anybody's desktop, running or not; the home volume is kept.
#[utoipa::path(delete, path = "/api/admin/container/{id}/remove", tag = "admin",
    params(("id" = String, Path, description = "`id` of the list")),
    responses((status = 200, body = Done), (status = 404, description = "Container not found")))]
pub(super) async fn remove(
    AdminUser(admin): AdminUser,
    State(desktops): State<Desktops>,
    Path(id): Path<String>,
) -> Result<Json<Done>> {
    let desktop = find(&desktops, &id).await?;
    match desktops
        .remove(desktop.id, StopReason::Admin(admin.user.id))
        .await
    {
        Ok(()) => Ok(Done::json("Container removed successfully")),
        // Somebody else removed it at the same moment.
        Err(StopError::NotRunning) => Err(not_found()),
        Err(error) => Err(error.into()),
    }
}

/// The same by POST, for callers that cannot send DELETE.
#[utoipa::path(post, path = "/api/admin/container/{id}/remove", tag = "admin",
    params(("id" = String, Path, description = "`id` of the list")),
    responses((status = 200, body = Done), (status = 404, description = "Container not found")))]
pub(super) async fn remove_by_post(
    admin: AdminUser,
    desktops: State<Desktops>,
    id: Path<String>,
) -> Result<Json<Done>> {
    remove(admin, desktops, id).await
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StoppedAll {
    success: bool,
    message: String,
    stopped_count: usize,
    /// Those that did not stop, and why.
    failed: Vec<NotStopped>,
}

#[derive(Debug, Serialize, ToSchema)]
struct NotStopped {
    /// The desktop's name.
    desktop: String,
    /// For people.
    #[schema(value_type = String)]
    reason: Sentence,
}

/// Stops everything that runs; one failure does not stop the rest.
#[utoipa::path(post, path = "/api/admin/containers/stop-all", tag = "admin", responses((status = 200, body = StoppedAll)))]
pub(super) async fn stop_all(
    AdminUser(admin): AdminUser,
    State(desktops): State<Desktops>,
) -> Result<Json<StoppedAll>> {
    let report = desktops.stop_all(StopReason::Admin(admin.user.id)).await?;
    Ok(Json(StoppedAll {
        success: true,
        message: format!("Stopped {} containers", report.stopped),
        stopped_count: report.stopped,
        failed: report
            .failed
            .into_iter()
            .map(|(desktop, reason)| NotStopped { desktop, reason })
            .collect(),
    }))
}

/// By our own id alone: the engine's ids and names are no keys (threat T40).
async fn find(desktops: &Desktops, id: &str) -> Result<Desktop> {
    let id: DesktopId = id.parse().map_err(|_| not_found())?;
    desktops.find(id).await?.ok_or_else(not_found)
}

fn not_found() -> AppError {
    AppError::not_found(say!("container-not-found"))
}
