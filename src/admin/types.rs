//! The catalogue, as administrators edit it.

use axum::{extract::State, http::StatusCode};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::Done;
use crate::{
    catalog::{Catalog, CatalogError, DesktopType, DesktopTypeDraft, TypeKind, rules},
    desktops::Desktops,
    error::{AppError, FieldProblem, Result},
    paging::{self, PageRequest, PageWords},
    runtime::{DesktopRuntime, PullOverview, Pulls},
    say,
    sessions::guard::AdminUser,
    web::extract::{Json, Path, Query},
};

/// Told by this server, never written: a body may carry them, so that what was read can be sent back changed.
const READ_ONLY: [&str; 6] = [
    "id",
    "image_id",
    "image_present",
    "image_size",
    "pull",
    "for_everybody",
];

/// An entry of the catalogue, and how its image stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ListedType {
    #[serde(flatten)]
    kind: DesktopType,
    /// Whether the image is on the host; `null` while the engine does not answer.
    image_present: Option<bool>,
    /// In bytes, unpacked.
    image_size: Option<u64>,
    /// The pull of the image that is under way, if any.
    pull: Option<PullOverview>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AllTypes {
    success: bool,
    desktop_types: Vec<ListedType>,
    /// For `after`, while the list goes on.
    next: Option<String>,
}

/// Which types are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
pub(super) struct Listing {
    /// In the slug or the title.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    q: String,
    /// `enabled` or `disabled`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    state: String,
}

impl Listing {
    fn enabled(&self) -> Result<Option<bool>, FieldProblem> {
        match self.state.as_str() {
            "" => Ok(None),
            "enabled" => Ok(Some(true)),
            "disabled" => Ok(Some(false)),
            _ => Err(FieldProblem::new("state", say!("person-state-form"))),
        }
    }

    fn search(&self) -> String {
        self.q.trim().chars().take(LONGEST_SEARCH).collect()
    }
}

/// The most characters that are searched for.
const LONGEST_SEARCH: usize = 200;

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OneType {
    success: bool,
    desktop_type: ListedType,
}

/// Types in the order of the dashboard, also those switched off, 200 a page unless `limit` says otherwise.
#[utoipa::path(get, path = "/api/admin/desktop-types", tag = "admin", params(PageWords, Listing),
    responses((status = 200, body = AllTypes), (status = 422, description = "Every wrong parameter, named")))]
pub(super) async fn list(
    _: AdminUser,
    State(catalog): State<Catalog>,
    State(desktops): State<Desktops>,
    State(pulls): State<Pulls>,
    Query(words): Query<PageWords>,
    Query(listing): Query<Listing>,
) -> Result<Json<AllTypes>> {
    let (request, enabled) = match (PageRequest::read(&words, paging::MOST), listing.enabled()) {
        (Ok(request), Ok(enabled)) => (request, enabled),
        (request, enabled) => {
            let mut problems = request.err().unwrap_or_default();
            problems.extend(enabled.err());
            return Err(AppError::Invalid(problems));
        }
    };
    let page = catalog.list(&listing.search(), enabled, &request).await?;
    let looks = page
        .rows
        .into_iter()
        .map(|kind| with_image(kind, desktops.runtime().as_ref(), &pulls));
    Ok(Json(AllTypes {
        success: true,
        desktop_types: join_all(looks).await,
        next: page.next.map(|cursor| cursor.text()),
    }))
}

/// One type.
#[utoipa::path(get, path = "/api/admin/desktop-types/{slug}", tag = "admin", params(("slug" = String, Path)),
    responses((status = 200, body = OneType), (status = 404, description = "Desktop type not found")))]
pub(super) async fn show(
    _: AdminUser,
    State(catalog): State<Catalog>,
    State(desktops): State<Desktops>,
    State(pulls): State<Pulls>,
    Path(slug): Path<String>,
) -> Result<Json<OneType>> {
    let kind = known(&catalog, &slug).await?;
    Ok(one(kind, &desktops, &pulls).await)
}

/// Adds a type. What the body leaves out is as an image that follows the Kasm contract needs it.
#[utoipa::path(post, path = "/api/admin/desktop-types", tag = "admin", request_body = DesktopTypeDraft,
    responses((status = 201, body = OneType), (status = 409, description = "The slug is taken"),
        (status = 422, description = "Every wrong field, named")))]
pub(super) async fn create(
    AdminUser(admin): AdminUser,
    State(catalog): State<Catalog>,
    State(desktops): State<Desktops>,
    State(pulls): State<Pulls>,
    Json(body): Json<Map<String, Value>>,
) -> Result<(StatusCode, Json<OneType>)> {
    let draft = draft(body, Map::new())?;
    let kind = catalog.create(&draft).await?;
    let kind = publish(&catalog, desktops.runtime().as_ref(), kind).await?;
    tracing::info!(user.id = %admin.user.id, desktop_type = kind.slug, "desktop type {} was added", kind.slug);
    Ok((StatusCode::CREATED, one(kind, &desktops, &pulls).await))
}

/// Changes a type. What the body leaves out stays as it is; the slug never changes. Desktops that run keep what they
/// were started with.
#[utoipa::path(put, path = "/api/admin/desktop-types/{slug}", tag = "admin", params(("slug" = String, Path)),
    request_body = DesktopTypeDraft,
    responses((status = 200, body = OneType), (status = 404, description = "Desktop type not found"),
        (status = 422, description = "Every wrong field, named")))]
pub(super) async fn replace(
    AdminUser(admin): AdminUser,
    State(catalog): State<Catalog>,
    State(desktops): State<Desktops>,
    State(pulls): State<Pulls>,
    Path(slug): Path<String>,
    Json(body): Json<Map<String, Value>>,
) -> Result<Json<OneType>> {
    let now = known(&catalog, &slug).await?;
    let draft = draft(body, written(&now)?)?;
    if draft.slug != slug {
        return Err(AppError::Invalid(vec![FieldProblem::new(
            "slug",
            say!("type-slug-stays"),
        )]));
    }
    let kind = catalog.update(&draft).await?;
    let kind = publish(&catalog, desktops.runtime().as_ref(), kind).await?;
    tracing::info!(user.id = %admin.user.id, desktop_type = slug, "desktop type {slug} was changed");
    Ok(one(kind, &desktops, &pulls).await)
}

/// Removes a type nobody has a desktop of.
#[utoipa::path(delete, path = "/api/admin/desktop-types/{slug}", tag = "admin", params(("slug" = String, Path)),
    responses((status = 200, body = Done), (status = 404, description = "Desktop type not found"),
        (status = 409, description = "There are desktops of it")))]
pub(super) async fn delete(
    AdminUser(admin): AdminUser,
    State(catalog): State<Catalog>,
    Path(slug): Path<String>,
) -> Result<Json<Done>> {
    catalog.delete(&slug).await?;
    tracing::info!(user.id = %admin.user.id, desktop_type = slug, "desktop type {slug} was removed");
    Ok(Done::json("Desktop type removed"))
}

/// The type, or 404.
pub(super) async fn known(catalog: &Catalog, slug: &str) -> Result<DesktopType> {
    let kind = catalog.find_by_slug(slug).await?;
    Ok(kind.ok_or(CatalogError::Unknown)?)
}

/// Saving a type publishes it: from now on desktops start from the image that is there now under its name. One that is
/// not there, or an engine that is away, leaves it as it was; fetching the image publishes it, too.
pub(super) async fn publish(
    catalog: &Catalog,
    runtime: &dyn DesktopRuntime,
    mut kind: DesktopType,
) -> Result<DesktopType> {
    if kind.kind == TypeKind::Container
        && let Ok(Some(image)) = runtime.image(&kind.image).await
    {
        catalog.publish(&kind, &image.id).await?;
        kind.image_id = Some(image.id);
    }
    Ok(kind)
}

async fn one(kind: DesktopType, desktops: &Desktops, pulls: &Pulls) -> Json<OneType> {
    Json(OneType {
        success: true,
        desktop_type: with_image(kind, desktops.runtime().as_ref(), pulls).await,
    })
}

async fn with_image(kind: DesktopType, runtime: &dyn DesktopRuntime, pulls: &Pulls) -> ListedType {
    let image = match kind.kind {
        TypeKind::Container => runtime.image(kind.starts_from()).await,
        TypeKind::Server => Ok(None),
    };
    let (image_present, image_size) = match image {
        Ok(image) => (Some(image.is_some()), image.map(|image| image.size)),
        Err(_) => (None, None),
    };
    ListedType {
        pull: pulls.under_way(&kind.image),
        kind,
        image_present,
        image_size,
    }
}

/// What can be written of a type, as a body would say it.
fn written(kind: &DesktopType) -> Result<Map<String, Value>> {
    match serde_json::to_value(kind) {
        Ok(Value::Object(mut fields)) => {
            fields.retain(|name, _| !READ_ONLY.contains(&name.as_str()));
            Ok(fields)
        }
        Ok(_) => Err(AppError::internal("a desktop type is no object")),
        Err(error) => Err(AppError::internal(error)),
    }
}

/// `body` over `fields`, checked; every wrong field is told at once (pure).
fn draft(body: Map<String, Value>, mut fields: Map<String, Value>) -> Result<DesktopTypeDraft> {
    let mut problems = Vec::new();
    for (name, value) in body {
        if READ_ONLY.contains(&name.as_str()) {
            continue;
        }
        let alone = Value::Object(Map::from_iter([(name.clone(), value.clone())]));
        match serde_json::from_value::<DesktopTypeDraft>(alone) {
            Ok(_) => {
                fields.insert(name, value);
            }
            Err(error) => problems.push(unreadable(name, &error.to_string())),
        }
    }
    let draft: DesktopTypeDraft =
        serde_json::from_value(Value::Object(fields)).map_err(AppError::internal)?;
    let wrong_kind: Vec<_> = problems
        .iter()
        .map(|problem| problem.field.clone())
        .collect();
    problems.extend(
        rules::problems(&draft)
            .into_iter()
            .filter(|problem| !wrong_kind.contains(&problem.field)),
    );
    if problems.is_empty() {
        Ok(draft)
    } else {
        Err(AppError::Invalid(problems))
    }
}

fn unreadable(mut name: String, error: &str) -> FieldProblem {
    if error.starts_with("unknown field") {
        name = name.chars().take(60).collect();
        return FieldProblem::new(name, say!("type-no-such-field"));
    }
    // What a stranger wrote may be in there, of any length.
    let error: String = error.chars().take(200).collect();
    FieldProblem::new(name, say!("type-unreadable", cause = error))
}

impl From<CatalogError> for AppError {
    fn from(error: CatalogError) -> Self {
        let sentence = error.sentence();
        match error {
            CatalogError::SlugTaken(_) => Self::Conflict {
                code: "slug_taken",
                sentence,
            },
            CatalogError::InUse | CatalogError::InUseByCast => Self::Conflict {
                code: "in_use",
                sentence,
            },
            CatalogError::Unknown => Self::NotFound(sentence),
            CatalogError::UnknownGroup => Self::Invalid(vec![FieldProblem::new(
                "groups",
                say!("type-groups-unknown"),
            )]),
            CatalogError::Database(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    fn wrong(body: Value) -> Vec<String> {
        match draft(object(body), Map::new()) {
            Err(AppError::Invalid(problems)) => {
                problems.into_iter().map(|problem| problem.field).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_least_that_is_needed() {
        let body = json!({"slug": "a", "title": "A", "image": "a/b:1"});
        let draft = draft(object(body), Map::new()).unwrap();
        assert_eq!((draft.slug.as_str(), draft.image.as_str()), ("a", "a/b:1"));
        assert_eq!(draft.container_port, 6901);
    }

    #[test]
    fn wrong_kinds_unknown_names_and_bad_values_come_together() {
        let mut fields = wrong(json!({
            "slug": "A", "title": 3, "image": "--privileged", "memory_mb": "much", "privileged": true,
            "container_port": 70_000, "id": "ignored",
        }));
        fields.sort();
        assert_eq!(
            fields,
            [
                "container_port",
                "image",
                "memory_mb",
                "privileged",
                "slug",
                "title"
            ]
        );
    }

    #[test]
    fn what_is_left_out_stays() {
        let now = object(json!({"slug": "a", "title": "A", "image": "a/b:1", "memory_mb": 512}));
        let changed = draft(object(json!({"title": "B", "image_present": true})), now).unwrap();
        assert_eq!((changed.title.as_str(), changed.memory_mb), ("B", 512));
    }
}
