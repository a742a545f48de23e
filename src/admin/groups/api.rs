//! `/api/admin/groups`.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::{
    admin::{Done, body::Body},
    catalog::{Catalog, DesktopType},
    error::{AppError, FieldProblem, Result},
    groups::{Group, GroupDraft, GroupError, Groups, Member, Members, Settings},
    ids::{DesktopTypeId, GroupId, UserId},
    paging::{self, PageRequest, PageWords},
    say,
    sessions::guard::AdminUser,
    web::extract::{Json, Path, Query},
};

/// Told by this server, never written.
const READ_ONLY: [&str; 6] = [
    "id",
    "everybody",
    "provider",
    "external_id",
    "member_count",
    "created_at",
];

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct AllGroups {
    success: bool,
    /// In the order in which they count.
    groups: Vec<Group>,
    /// For `after`, while the list goes on.
    next: Option<String>,
}

/// Which rows are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
pub(in crate::admin) struct Search {
    /// In the name.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub(super) q: String,
}

impl Search {
    pub(super) fn words(&self) -> String {
        paging::search_words(&self.q)
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct MembersOfGroup {
    success: bool,
    /// By shown name.
    members: Vec<Member>,
    /// For `after`, while the list goes on.
    next: Option<String>,
}

/// A group with everything that belongs to it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct WholeGroup {
    #[serde(flatten)]
    group: Group,
    /// Empty for *All Users*. Left out when there are more than 200: they are read at `…/members`, and a body without
    /// them that is sent back leaves them as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<Vec<Member>>,
    /// Slugs of the desktop types that are limited to groups, this one among them.
    desktop_types: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct OneGroup {
    success: bool,
    group: WholeGroup,
}

/// A group to be made, or what is to be changed of one: what is left out stays.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the body; each field is read by itself")]
pub(in crate::admin) struct GroupWish {
    /// Fixed for *All Users* and a provider's group.
    name: Option<String>,
    description: Option<String>,
    /// From 0 to 10000; small goes first.
    priority: Option<i32>,
    /// Written as a whole: what it does not say is not set.
    settings: Option<Settings>,
    /// Ids of people; fixed for *All Users* and a provider's group.
    members: Option<Vec<UserId>>,
    /// Slugs. Each is limited to groups from now on.
    desktop_types: Option<Vec<String>>,
}

/// Groups in the order in which they count, 200 a page unless `limit` says otherwise.
#[utoipa::path(get, path = "/api/admin/groups", tag = "people", params(PageWords, Search),
    responses((status = 200, body = AllGroups), (status = 422, description = "Every wrong parameter, named")))]
pub(in crate::admin) async fn list(
    _: AdminUser,
    State(groups): State<Groups>,
    Query(words): Query<PageWords>,
    Query(search): Query<Search>,
) -> Result<Json<AllGroups>> {
    let request = PageRequest::read(&words, paging::MOST).map_err(AppError::Invalid)?;
    let page = groups.list(&search.words(), &request).await?;
    Ok(Json(AllGroups {
        success: true,
        groups: page.rows,
        next: page.next.map(|cursor| cursor.text()),
    }))
}

/// Who is in a group, by shown name, 200 a page unless `limit` says otherwise.
#[utoipa::path(get, path = "/api/admin/groups/{id}/members", tag = "people",
    params(("id" = GroupId, Path), PageWords, Search),
    responses((status = 200, body = MembersOfGroup), (status = 404, description = "No such group"),
        (status = 422, description = "Every wrong parameter, named")))]
pub(in crate::admin) async fn members(
    _: AdminUser,
    State(groups): State<Groups>,
    Path(id): Path<GroupId>,
    Query(words): Query<PageWords>,
    Query(search): Query<Search>,
) -> Result<Json<MembersOfGroup>> {
    let request = PageRequest::read(&words, paging::MOST).map_err(AppError::Invalid)?;
    let group = groups.find(id).await?.ok_or(GroupError::Unknown)?;
    let page = groups.members(group.id, &search.words(), &request).await?;
    Ok(Json(MembersOfGroup {
        success: true,
        members: page.rows,
        next: page.next.map(|cursor| cursor.text()),
    }))
}

/// One group, its members and its desktop types.
#[utoipa::path(get, path = "/api/admin/groups/{id}", tag = "people", params(("id" = GroupId, Path)),
    responses((status = 200, body = OneGroup), (status = 404, description = "No such group")))]
pub(in crate::admin) async fn show(
    _: AdminUser,
    State(groups): State<Groups>,
    State(catalog): State<Catalog>,
    Path(id): Path<GroupId>,
) -> Result<Json<OneGroup>> {
    let group = groups.find(id).await?.ok_or(GroupError::Unknown)?;
    whole(&groups, &catalog, group).await
}

/// Makes a group.
#[utoipa::path(post, path = "/api/admin/groups", tag = "people", request_body = GroupWish,
    responses((status = 201, body = OneGroup), (status = 422, description = "Every wrong field, named")))]
pub(in crate::admin) async fn make(
    AdminUser(admin): AdminUser,
    State(groups): State<Groups>,
    State(catalog): State<Catalog>,
    Json(fields): Json<Map<String, Value>>,
) -> Result<(StatusCode, Json<OneGroup>)> {
    let wish = read(fields, &catalog, None).await?;
    let group = groups.create(&wish.draft).await?;
    give(&catalog, &group, wish.types).await?;
    tracing::info!(user.id = %admin.user.id, group.id = %group.id, "a group was made");
    Ok((StatusCode::CREATED, whole(&groups, &catalog, group).await?))
}

/// Changes a group.
#[utoipa::path(put, path = "/api/admin/groups/{id}", tag = "people", params(("id" = GroupId, Path)),
    request_body = GroupWish,
    responses((status = 200, body = OneGroup), (status = 404, description = "No such group"),
        (status = 422, description = "Every wrong field, named")))]
pub(in crate::admin) async fn replace(
    AdminUser(admin): AdminUser,
    State(groups): State<Groups>,
    State(catalog): State<Catalog>,
    Path(id): Path<GroupId>,
    Json(fields): Json<Map<String, Value>>,
) -> Result<Json<OneGroup>> {
    let now = groups.find(id).await?.ok_or(GroupError::Unknown)?;
    let people = all_members(&groups, id).await?.unwrap_or_default();
    let wish = read(fields, &catalog, Some((&now, &people))).await?;
    let group = groups.update(id, &wish.draft).await?;
    give(&catalog, &group, wish.types).await?;
    tracing::info!(user.id = %admin.user.id, group.id = %id, "a group was changed");
    whole(&groups, &catalog, group).await
}

/// Removes a group; *All Users* stays. A desktop type that was only for it is then for nobody but administrators.
#[utoipa::path(delete, path = "/api/admin/groups/{id}", tag = "people", params(("id" = GroupId, Path)),
    responses((status = 200, body = Done), (status = 404, description = "No such group"),
        (status = 409, description = "All Users")))]
pub(in crate::admin) async fn delete(
    AdminUser(admin): AdminUser,
    State(groups): State<Groups>,
    Path(id): Path<GroupId>,
) -> Result<Json<Done>> {
    groups.delete(id).await?;
    tracing::info!(user.id = %admin.user.id, group.id = %id, "a group was removed");
    Ok(Done::json("Group removed"))
}

async fn whole(groups: &Groups, catalog: &Catalog, group: Group) -> Result<Json<OneGroup>> {
    let has = |kind: &DesktopType| kind.groups.contains(&group.id);
    let types = catalog.all().await?;
    let desktop_types = types.into_iter().filter(has).map(|kind| kind.slug);
    Ok(Json(OneGroup {
        success: true,
        group: WholeGroup {
            members: all_members(groups, group.id).await?,
            desktop_types: desktop_types.collect(),
            group,
        },
    }))
}

/// Who is in the group, unless they are more than a page.
async fn all_members(groups: &Groups, id: GroupId) -> Result<Option<Vec<Member>>> {
    let page = groups
        .members(id, "", &PageRequest::first(paging::MOST))
        .await?;
    Ok(page.next.is_none().then_some(page.rows))
}

async fn give(catalog: &Catalog, group: &Group, types: Option<Vec<DesktopTypeId>>) -> Result<()> {
    match types {
        Some(types) => Ok(catalog.give_to_group(group.id, &types).await?),
        None => Ok(()),
    }
}

/// What a body asks for.
struct Wish {
    draft: GroupDraft,
    types: Option<Vec<DesktopTypeId>>,
}

/// The body over the group as it is now; every wrong field is told at once.
async fn read(
    fields: Map<String, Value>,
    catalog: &Catalog,
    now: Option<(&Group, &[Member])>,
) -> Result<Wish> {
    let mut body = Body::new(fields, &READ_ONLY);
    let mut draft = now.map_or_else(GroupDraft::default, |(group, _)| group.into());
    if let Some(name) = body.take("name") {
        draft.name = name;
    }
    if let Some(description) = body.take("description") {
        draft.description = description;
    }
    if let Some(priority) = body.take("priority") {
        draft.priority = priority;
    }
    match body.take_raw("settings") {
        None => {}
        Some(Value::Object(settings)) => match Settings::read(&settings) {
            Ok(settings) => draft.settings = settings,
            Err(problems) => problems.into_iter().for_each(|problem| body.wrong(problem)),
        },
        Some(_) => body.wrong(FieldProblem::new("settings", say!("setting-object"))),
    }
    // One that was not made here may be sent back as it was read.
    let as_read = |wanted: &[UserId]| {
        now.is_some_and(|(group, people)| {
            !group.made_here() && people.iter().map(|person| &person.id).eq(wanted)
        })
    };
    draft.members = match member_ids(&mut body) {
        Some(wanted) if !as_read(&wanted) => Members::Exactly(wanted),
        _ => Members::AsTheyAre,
    };
    let types = type_ids(&mut body, catalog).await?;
    body.finish(draft.problems(now.map(|(group, _)| group)))?;
    Ok(Wish { draft, types })
}

/// Ids, or the members as they are read: objects with an id.
fn member_ids(body: &mut Body) -> Option<Vec<UserId>> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Named {
        Id(UserId),
        Whole { id: UserId },
    }
    let named: Vec<Named> = body.take("members")?;
    let id = |named| match named {
        Named::Id(id) | Named::Whole { id } => id,
    };
    Some(named.into_iter().map(id).collect())
}

async fn type_ids(body: &mut Body, catalog: &Catalog) -> Result<Option<Vec<DesktopTypeId>>> {
    let Some(slugs) = body.take::<Vec<String>>("desktop_types") else {
        return Ok(None);
    };
    let all = catalog.all().await?;
    let find = |slug: &String| {
        all.iter()
            .find(|kind| kind.slug == *slug)
            .map(|kind| kind.id)
    };
    let found: Option<Vec<_>> = slugs.iter().map(find).collect();
    if found.is_none() {
        body.wrong(FieldProblem::new(
            "desktop_types",
            say!("group-types-unknown"),
        ));
    }
    Ok(found)
}
