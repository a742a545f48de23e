//! `/api/shares`: one's own links, for programs (contract http-api 4).

use axum::{extract::State, http::StatusCode};
use secrecy::ExposeSecret;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    NewShare, Sharing, Wish,
    body::{ShareBody, ShareEnded, ShareEntry, ShareList, ShareMade, unknown},
};
use crate::{
    error::AppError,
    ids::ShareId,
    sessions::guard::CurrentUser,
    state::AppState,
    web::{
        error_page::ErrorBody,
        extract::{Json, Path},
    },
};

/// `/api/shares`.
pub fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(revoke))
}

/// Makes a link that lets others look at the caller's running desktop. It ends with the desktop.
#[utoipa::path(post, path = "/api/shares", tag = "shares", request_body = ShareBody, responses(
    (status = 201, description = "Made; the address is shown this once", body = ShareMade),
    (status = 400, description = "No session ID provided", body = ErrorBody),
    (status = 401, description = "Invalid session, or session expired", body = ErrorBody),
    (status = 403, description = "Not allowed for this desktop (`sharing_not_allowed`), or sent by a page of another server", body = ErrorBody),
    (status = 404, description = "The caller has no such desktop", body = ErrorBody),
    (status = 409, description = "The desktop does not run, or has too many links", body = ErrorBody),
    (status = 422, description = "A field is wrong", body = ErrorBody),
))]
async fn create(
    CurrentUser(caller): CurrentUser,
    State(sharing): State<Sharing>,
    Json(body): Json<ShareBody>,
) -> Result<(StatusCode, Json<ShareMade>), AppError> {
    let wish = Wish {
        desktop_type: body.desktop_type.as_deref(),
        access: body.access,
        expires_in: body.expires_in,
    };
    let NewShare { link, address } = sharing.create(caller.user.id, &wish).await?;
    let made = ShareMade {
        success: true,
        id: link.id,
        url: address.expose_secret().to_owned(),
        access: link.access,
        desktop_type: link.desktop_type,
        expires_at: link.expires_at,
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// The caller's links that hold, newest first, with who joined.
#[utoipa::path(get, path = "/api/shares", tag = "shares", responses(
    (status = 200, description = "Never the keys themselves", body = ShareList),
    (status = 400, description = "No session ID provided", body = ErrorBody),
    (status = 401, description = "Invalid session, or session expired", body = ErrorBody),
))]
async fn list(
    CurrentUser(caller): CurrentUser,
    State(sharing): State<Sharing>,
) -> Result<Json<ShareList>, AppError> {
    let links = sharing.list(caller.user.id, None).await?;
    Ok(Json(ShareList {
        success: true,
        shares: links.into_iter().map(ShareEntry::from).collect(),
    }))
}

/// Ends a link of the caller on every replica and closes its visitors' streams.
#[utoipa::path(delete, path = "/api/shares/{id}", tag = "shares",
    params(("id" = ShareId, Path, description = "From the list")),
    responses(
        (status = 200, description = "Ended; the link opens nothing any more", body = ShareEnded),
        (status = 400, description = "No session ID provided", body = ErrorBody),
        (status = 401, description = "Invalid session, or session expired", body = ErrorBody),
        (status = 403, description = "Sent by a page of another server", body = ErrorBody),
        (status = 404, description = "The caller has no such link", body = ErrorBody),
    )
)]
async fn revoke(
    CurrentUser(caller): CurrentUser,
    State(sharing): State<Sharing>,
    Path(id): Path<ShareId>,
) -> Result<Json<ShareEnded>, AppError> {
    if sharing.revoke(caller.user.id, id).await? {
        Ok(Json(ShareEnded {
            success: true,
            message: "Sharing ended",
        }))
    } else {
        Err(unknown())
    }
}
