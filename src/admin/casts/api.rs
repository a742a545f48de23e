//! `/api/admin/casts`.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::{
    body::{self, CastBody, CastWish, ListedBody, VisitWish},
    known,
};
use crate::{
    admin::Done,
    casting::{
        CastFields, CastState, Casting, Refusal, key,
        log::{LogFilter, LogLine},
        try_it::Step,
    },
    config::Config,
    error::{AppError, FieldProblem, Result},
    ids::CastId,
    paging::{self, PageRequest, PageWords},
    say,
    sessions::guard::AdminUser,
    web::extract::{Json, Path, Query},
};

/// Which casts are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
pub(super) struct Listing {
    /// In name, key or type.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    q: String,
    /// `on`, `off`, `expired` or `used_up`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    state: String,
}

/// The most characters that are searched for.
const LONGEST_SEARCH: usize = 200;

impl Listing {
    pub(super) fn search(&self) -> String {
        self.q.trim().chars().take(LONGEST_SEARCH).collect()
    }

    pub(super) fn state(&self) -> Result<Option<CastState>, FieldProblem> {
        match self.state.as_str() {
            "" => Ok(None),
            text => CastState::read(text)
                .map(Some)
                .ok_or_else(|| FieldProblem::new("state", say!("cast-state-form"))),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AllCasts {
    success: bool,
    /// By name.
    casts: Vec<ListedBody>,
    /// For `after`, while the list goes on.
    next: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OneCast {
    success: bool,
    cast: CastBody,
}

/// How a visitor would fare.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Checked {
    success: bool,
    /// Whether they would be served, unless something is full.
    ok: bool,
    /// What they would be refused for: the first rule that refuses.
    refusal: Option<Refusal>,
    /// Every rule, in the order in which a request meets them.
    steps: Vec<Step>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LogBody {
    success: bool,
    /// Newest first.
    log: Vec<LogLine>,
    /// For `after`, while the list goes on.
    next: Option<String>,
}

/// Which lines of the log are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
pub(super) struct LogListing {
    /// `refused`: only what was refused.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    outcome: String,
}

impl LogListing {
    pub(super) fn refused(&self) -> Result<bool, FieldProblem> {
        match self.outcome.as_str() {
            "" => Ok(false),
            "refused" => Ok(true),
            _ => Err(FieldProblem::new("outcome", say!("cast-outcome-form"))),
        }
    }
}

/// Casts by name with what they did today, 200 a page unless `limit` says otherwise.
#[utoipa::path(get, path = "/api/admin/casts", tag = "casting", params(PageWords, Listing),
    responses((status = 200, body = AllCasts), (status = 422, description = "Every wrong parameter, named")))]
pub(super) async fn list(
    _: AdminUser,
    State(casting): State<Casting>,
    State(config): State<Arc<Config>>,
    Query(words): Query<PageWords>,
    Query(listing): Query<Listing>,
) -> Result<Json<AllCasts>> {
    let (request, state) = both(PageRequest::read(&words, paging::MOST), listing.state())?;
    let page = casting.list(&listing.search(), state, &request).await?;
    let origin = config.http.origin();
    let listed = page.rows.into_iter();
    Ok(Json(AllCasts {
        success: true,
        casts: listed.map(|row| ListedBody::new(row, &origin)).collect(),
        next: page.next.map(|cursor| cursor.text()),
    }))
}

/// One cast.
#[utoipa::path(get, path = "/api/admin/casts/{id}", tag = "casting", params(("id" = CastId, Path)),
    responses((status = 200, body = OneCast), (status = 404, description = "No such cast")))]
pub(super) async fn show(
    _: AdminUser,
    State(casting): State<Casting>,
    State(config): State<Arc<Config>>,
    Path(id): Path<CastId>,
) -> Result<Json<OneCast>> {
    let cast = known(&casting, id).await?;
    Ok(one(CastBody::new(cast, &config.http.origin())))
}

/// Makes a cast. What the body leaves out is off or empty; without a key it gets a random one.
#[utoipa::path(post, path = "/api/admin/casts", tag = "casting", request_body = CastWish,
    responses((status = 201, body = OneCast), (status = 422, description = "Every wrong field, named")))]
pub(super) async fn create(
    AdminUser(admin): AdminUser,
    State(casting): State<Casting>,
    State(config): State<Arc<Config>>,
    Json(wish): Json<Map<String, Value>>,
) -> Result<(StatusCode, Json<OneCast>)> {
    let empty = CastFields {
        key: key::random(),
        ..CastFields::default()
    };
    let fields = checked(&casting, wish, empty, None).await?;
    let cast = casting.create(&fields, admin.user.id).await?;
    tracing::info!(user.id = %admin.user.id, cast.id = %cast.id, "a cast was made");
    let body = CastBody::new(cast, &config.http.origin());
    Ok((StatusCode::CREATED, one(body)))
}

/// Changes a cast. What the body leaves out stays as it is.
#[utoipa::path(put, path = "/api/admin/casts/{id}", tag = "casting", params(("id" = CastId, Path)),
    request_body = CastWish,
    responses((status = 200, body = OneCast), (status = 404, description = "No such cast"),
        (status = 422, description = "Every wrong field, named")))]
pub(super) async fn replace(
    AdminUser(admin): AdminUser,
    State(casting): State<Casting>,
    State(config): State<Arc<Config>>,
    Path(id): Path<CastId>,
    Json(wish): Json<Map<String, Value>>,
) -> Result<Json<OneCast>> {
    let now = known(&casting, id).await?;
    // A number that the body does not name is not written: sessions may be served meanwhile.
    let seen = match wish.get("sessions_remaining") {
        None => now.fields.sessions_remaining,
        Some(_) => None,
    };
    let fields = checked(&casting, wish, now.fields, Some(id)).await?;
    let cast = casting.replace(id, &fields, seen, admin.user.id).await?;
    tracing::info!(user.id = %admin.user.id, cast.id = %id, "a cast was changed");
    Ok(one(CastBody::new(cast, &config.http.origin())))
}

/// Removes a cast: its link leads nowhere from now on, desktops it launched go on.
#[utoipa::path(delete, path = "/api/admin/casts/{id}", tag = "casting", params(("id" = CastId, Path)),
    responses((status = 200, body = Done), (status = 404, description = "No such cast")))]
pub(super) async fn delete(
    AdminUser(admin): AdminUser,
    State(casting): State<Casting>,
    Path(id): Path<CastId>,
) -> Result<Json<Done>> {
    casting.delete(id).await?;
    tracing::info!(user.id = %admin.user.id, cast.id = %id, "a cast was removed");
    Ok(Done::json("Cast removed"))
}

/// Makes another cast like this one, with a name and a key of its own, and switched off.
#[utoipa::path(post, path = "/api/admin/casts/{id}/copy", tag = "casting", params(("id" = CastId, Path)),
    responses((status = 201, body = OneCast), (status = 404, description = "No such cast")))]
pub(super) async fn copy(
    AdminUser(admin): AdminUser,
    State(casting): State<Casting>,
    State(config): State<Arc<Config>>,
    Path(id): Path<CastId>,
) -> Result<(StatusCode, Json<OneCast>)> {
    let cast = casting.copy(id, admin.user.id).await?;
    tracing::info!(user.id = %admin.user.id, cast.id = %cast.id, "a cast was copied");
    let body = CastBody::new(cast, &config.http.origin());
    Ok((StatusCode::CREATED, one(body)))
}

/// Tries a cast on a visitor without using anything up: each rule passes or refuses, with its sentence.
#[utoipa::path(post, path = "/api/admin/casts/{id}/check", tag = "casting", params(("id" = CastId, Path)),
    request_body = VisitWish,
    responses((status = 200, body = Checked), (status = 404, description = "No such cast"),
        (status = 422, description = "Every wrong field, named")))]
pub(super) async fn check(
    _: AdminUser,
    State(casting): State<Casting>,
    Path(id): Path<CastId>,
    Json(wish): Json<Map<String, Value>>,
) -> Result<Json<Checked>> {
    let mut body = body::body(wish);
    let visit = body::read_visit(&mut body);
    body.finish(Vec::new())?;
    let tried = casting.try_out(id, &visit).await?;
    Ok(Json(Checked {
        success: true,
        ok: tried.refusal().is_none(),
        refusal: tried.refusal(),
        steps: tried.0,
    }))
}

/// What was asked of a cast, newest first, 200 a page unless `limit` says otherwise.
#[utoipa::path(get, path = "/api/admin/casts/{id}/log", tag = "casting",
    params(("id" = CastId, Path), PageWords, LogListing),
    responses((status = 200, body = LogBody), (status = 404, description = "No such cast"),
        (status = 422, description = "Every wrong parameter, named")))]
pub(super) async fn log(
    _: AdminUser,
    State(casting): State<Casting>,
    Path(id): Path<CastId>,
    Query(words): Query<PageWords>,
    Query(listing): Query<LogListing>,
) -> Result<Json<LogBody>> {
    let cast = known(&casting, id).await?;
    lines(&casting, Some(cast.id), &words, &listing).await
}

/// What was asked of all casts, and of keys that no cast has; newest first.
#[utoipa::path(get, path = "/api/admin/casts/log", tag = "casting", params(PageWords, LogListing),
    responses((status = 200, body = LogBody), (status = 422, description = "Every wrong parameter, named")))]
pub(super) async fn whole_log(
    _: AdminUser,
    State(casting): State<Casting>,
    Query(words): Query<PageWords>,
    Query(listing): Query<LogListing>,
) -> Result<Json<LogBody>> {
    lines(&casting, None, &words, &listing).await
}

async fn lines(
    casting: &Casting,
    cast: Option<CastId>,
    words: &PageWords,
    listing: &LogListing,
) -> Result<Json<LogBody>> {
    let (request, refused) = both(PageRequest::read(words, paging::MOST), listing.refused())?;
    let page = casting.log(LogFilter { cast, refused }, &request).await?;
    Ok(Json(LogBody {
        success: true,
        log: page.rows,
        next: page.next.map(|cursor| cursor.text()),
    }))
}

fn one(cast: CastBody) -> Json<OneCast> {
    Json(OneCast {
        success: true,
        cast,
    })
}

/// The body over `fields`, as it is to be written; every wrong field is told at once.
async fn checked(
    casting: &Casting,
    wish: Map<String, Value>,
    fields: CastFields,
    now: Option<CastId>,
) -> Result<CastFields> {
    let mut body = body::body(wish);
    let fields = body::read(&mut body, fields);
    let (fields, problems) = casting.check(fields, now).await?;
    body.finish(problems)?;
    Ok(fields)
}

/// Both, or everything that is wrong with either.
pub(super) fn both<A, B>(
    one: Result<A, Vec<FieldProblem>>,
    other: Result<B, FieldProblem>,
) -> Result<(A, B)> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (one, other) => {
            let mut problems = one.err().unwrap_or_default();
            problems.extend(other.err());
            Err(AppError::Invalid(problems))
        }
    }
}
