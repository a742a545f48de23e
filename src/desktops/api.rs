//! The API of the original for one's own desktops (contract http-api 2), with the same words.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Desktop, DesktopState, Desktops, EndCode, StartError, StartOptions, StopError, StopReason,
    body::{ContainerBody, ListedContainer, container_bodies, url},
};
use crate::{
    catalog::Catalog,
    error::{AppError, Result},
    say,
    sessions::guard::{CurrentUser, UserOrGuest},
    state::AppState,
    web::extract::{JsonIfAny, Query},
};

/// What is started when no type is named (contract http-api 2).
const DEFAULT_TYPE: &str = "ubuntu-desktop";

/// `/api/container/*` and `/api/events`.
pub fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(start))
        .routes(routes!(status))
        .routes(routes!(stop))
        .routes(routes!(remove, remove_by_post))
        .routes(routes!(list))
        .routes(routes!(super::stream::events))
}

#[derive(Debug, Default, Deserialize, IntoParams, ToSchema)]
struct WhichDesktop {
    /// Slug of a desktop type.
    desktop_type: Option<String>,
}

/// What came of a start.
#[derive(Debug, Serialize, ToSchema)]
struct Started {
    success: bool,
    message: &'static str,
    container: ContainerBody,
    url: String,
}

/// Starts the caller's desktop of a type, or answers the one that is there. Waits up to `START_WAIT`.
#[utoipa::path(post, path = "/api/container/start", tag = "containers", params(WhichDesktop), request_body = Option<WhichDesktop>,
    responses((status = 201, body = Started), (status = 200, description = "It was running already", body = Started),
        (status = 202, description = "It is still starting", body = Started),
        (status = 404, description = "Unknown or not allowed type"), (status = 409, description = "Its image is missing, or a limit is reached; the sentence names it"),
        (status = 503, description = "It did not start; the sentence says why")))]
async fn start(
    CurrentUser(caller): CurrentUser,
    State(catalog): State<Catalog>,
    State(desktops): State<Desktops>,
    Query(which): Query<WhichDesktop>,
    JsonIfAny(body): JsonIfAny<WhichDesktop>,
) -> Result<Response> {
    let slug = which
        .desktop_type
        .or(body.and_then(|body| body.desktop_type))
        .unwrap_or_else(|| DEFAULT_TYPE.into());
    let kind = catalog
        .usable_by(&caller.user, &slug)
        .await?
        .ok_or_else(unknown_type)?;
    let claimed = desktops
        .start(&caller.user, &kind, StartOptions::default())
        .await?;
    let was_running = claimed.state == DesktopState::Running;
    let desktop = desktops
        .wait_while_starting(claimed.id, desktops.config().start_wait)
        .await?;
    let desktop = desktop.ok_or_else(|| AppError::not_found(say!("start-removed")))?;
    let (status, message) = match desktop.state {
        DesktopState::Running if was_running => (StatusCode::OK, "Container already running"),
        DesktopState::Running => (StatusCode::CREATED, "Container started successfully"),
        DesktopState::Starting => (StatusCode::ACCEPTED, "Container is still starting"),
        _ => return Err(did_not_start(&desktop)),
    };
    let url = url(&desktops, &desktop);
    Ok((
        status,
        Json(Started {
            success: true,
            message,
            container: (&desktop).into(),
            url,
        }),
    )
        .into_response())
}

fn unknown_type() -> AppError {
    AppError::not_found(say!("type-unknown"))
}

fn did_not_start(desktop: &Desktop) -> AppError {
    let Some(end) = &desktop.end else {
        return AppError::Conflict {
            code: "stopped",
            sentence: say!("start-called-off"),
        };
    };
    let code = match end.code {
        EndCode::ImageMissing => {
            return AppError::Conflict {
                code: "image_missing",
                sentence: desktop.end_words(),
            };
        }
        EndCode::StoppedByUser | EndCode::StoppedByAdmin => {
            return AppError::Conflict {
                code: "stopped",
                sentence: say!("start-called-off"),
            };
        }
        EndCode::DockerUnavailable => "docker_unavailable",
        EndCode::NoCapacity => "no_capacity",
        EndCode::OutOfMemory => "out_of_memory",
        EndCode::TooSlow => "too_slow",
        EndCode::EndedByItself => "ended_by_itself",
        _ => "start_failed",
    };
    AppError::Unavailable {
        code,
        sentence: desktop.end_words(),
        source: None,
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the original's words")]
struct Status {
    success: bool,
    has_container: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    container: Option<ContainerBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<StatusFacts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct StatusFacts {
    status: &'static str,
    docker_status: &'static str,
    host_port: Option<u16>,
}

/// The caller's desktop of a type, or the one used last.
#[utoipa::path(get, path = "/api/container/status", tag = "containers", params(WhichDesktop),
    responses((status = 200, body = Status)))]
async fn status(
    UserOrGuest(caller): UserOrGuest,
    State(desktops): State<Desktops>,
    Query(which): Query<WhichDesktop>,
) -> Result<Json<Status>> {
    let Some(desktop) = desktops
        .find_of(caller.user.id, which.desktop_type.as_deref())
        .await?
    else {
        let message = Some("No container for this session");
        return Ok(Json(Status {
            success: true,
            has_container: false,
            message,
            container: None,
            status: None,
            url: None,
        }));
    };
    let docker_status = match desktops
        .runtime()
        .inspect(&super::launch::container_ref(&desktop))
        .await
    {
        Ok(Some(container)) => container.state.docker_word(),
        Ok(None) => "none",
        Err(_) => "unknown",
    };
    let facts = StatusFacts {
        status: desktop.state.api_word(),
        docker_status,
        host_port: desktop.host_port,
    };
    Ok(Json(Status {
        success: true,
        has_container: true,
        message: None,
        container: Some((&desktop).into()),
        status: Some(facts),
        url: Some(url(&desktops, &desktop)),
    }))
}

#[derive(Debug, Serialize, ToSchema)]
struct Done {
    success: bool,
    message: &'static str,
}

/// Stops the caller's desktop of a type, or the one used last; its files are kept.
#[utoipa::path(post, path = "/api/container/stop", tag = "containers", params(WhichDesktop),
    responses((status = 200, body = Done), (status = 404, description = "No running container found")))]
async fn stop(
    UserOrGuest(caller): UserOrGuest,
    State(desktops): State<Desktops>,
    Query(which): Query<WhichDesktop>,
) -> Result<Json<Done>> {
    let desktop = desktops
        .find_of(caller.user.id, which.desktop_type.as_deref())
        .await?;
    let desktop = desktop
        .filter(|desktop| desktop.state.is_live())
        .ok_or(StopError::NotRunning)?;
    desktops.stop(desktop.id, StopReason::Owner).await?;
    Ok(Json(Done {
        success: true,
        message: "Container stopped successfully",
    }))
}

/// Removes the caller's desktop of a type, or the one used last; the home volume is kept.
#[utoipa::path(delete, path = "/api/container/remove", tag = "containers", params(WhichDesktop),
    responses((status = 200, body = Done), (status = 404, description = "No container found")))]
async fn remove(
    CurrentUser(caller): CurrentUser,
    State(desktops): State<Desktops>,
    Query(which): Query<WhichDesktop>,
) -> Result<Json<Done>> {
    let desktop = desktops
        .find_of(caller.user.id, which.desktop_type.as_deref())
        .await?;
    let desktop = desktop.ok_or_else(|| AppError::not_found(say!("remove-nothing")))?;
    desktops.remove(desktop.id, StopReason::Owner).await?;
    Ok(Json(Done {
        success: true,
        message: "Container removed successfully",
    }))
}

/// The same by POST, as the original's clients send it.
#[utoipa::path(post, path = "/api/container/remove", tag = "containers", params(WhichDesktop),
    responses((status = 200, body = Done), (status = 404, description = "No container found")))]
async fn remove_by_post(
    caller: CurrentUser,
    desktops: State<Desktops>,
    which: Query<WhichDesktop>,
) -> Result<Json<Done>> {
    remove(caller, desktops, which).await
}

#[derive(Debug, Serialize, ToSchema)]
struct Listed {
    success: bool,
    containers: Vec<ListedContainer>,
}

/// Every desktop of the caller.
#[utoipa::path(get, path = "/api/container/list", tag = "containers", responses((status = 200, body = Listed)))]
async fn list(
    CurrentUser(caller): CurrentUser,
    State(desktops): State<Desktops>,
) -> Result<Json<Listed>> {
    let own = desktops.list_of(caller.user.id).await?;
    Ok(Json(Listed {
        success: true,
        containers: container_bodies(&desktops, own).await,
    }))
}

impl From<StartError> for AppError {
    fn from(error: StartError) -> Self {
        let sentence = error.sentence();
        match error {
            StartError::Stopping | StartError::Unsettled => Self::Conflict {
                code: "stopping",
                sentence,
            },
            StartError::NotOffered => Self::Conflict {
                code: "not_offered",
                sentence,
            },
            StartError::Limit(limit) => Self::Conflict {
                code: limit.code(),
                sentence: limit.sentence(),
            },
            StartError::Draining => Self::Unavailable {
                code: "draining",
                sentence,
                source: None,
            },
            StartError::Database(error) => error.into(),
        }
    }
}

impl From<StopError> for AppError {
    fn from(error: StopError) -> Self {
        let sentence = error.sentence();
        match error {
            StopError::NotRunning => Self::NotFound(sentence),
            StopError::StartedAgain => Self::Conflict {
                code: "started_again",
                sentence,
            },
            StopError::Runtime(error) => Self::Unavailable {
                code: "docker_unavailable",
                sentence,
                source: Some(error.into()),
            },
            StopError::Database(error) => error.into(),
        }
    }
}
