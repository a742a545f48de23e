//! `/admin/groups`: the list, the form of a group, the question before it is removed.

use askama::Template;
use axum::{extract::State, response::Response};

use super::{
    api::Search,
    fields::{Fields, Known, MEMBERS_SHOWN, address, known, read, sent_fields, types},
};
use crate::{
    admin::{
        form::{Problems, Sent, SettingsFields, refused, see, shown},
        pages::Section,
    },
    catalog::Catalog,
    error::{AppError, Result},
    groups::{Group, GroupError, GroupPlace, Groups},
    ids::GroupId,
    language::Sentence,
    paging::{COUNTED, Cursor, PageRequest, PageWords},
    people::People,
    say,
    sessions::guard::AdminUser,
    state::AppState,
    web::{
        extract::{Form, Path, Query},
        page::{Chrome, Page, html},
        routes::Routes,
    },
};

/// The pages and their forms.
pub(in crate::admin) fn pages() -> Routes<AppState> {
    Routes::new()
        .get("/admin/groups", list)
        .post("/admin/groups", make)
        .get("/admin/groups/new", new)
        .get("/admin/groups/{id}", show)
        .post("/admin/groups/{id}", save)
        .get("/admin/groups/{id}/remove", confirm)
        .post("/admin/groups/{id}/remove", delete)
}

/// A row of the list.
#[derive(Debug)]
struct Row {
    address: String,
    name: String,
    description: String,
    from: Sentence,
    priority: Option<i32>,
    members: String,
    says: Sentence,
}

impl From<Group> for Row {
    fn from(group: Group) -> Self {
        Self {
            address: address(group.id),
            from: match &group.provider {
                _ if group.everybody => say!("group-built-in"),
                Some(provider) => Sentence::plain(provider.name.clone()),
                None => say!("group-made-here"),
            },
            priority: (!group.everybody).then_some(group.priority),
            members: match group.members {
                more if more > COUNTED => format!("{COUNTED}+"),
                count => count.to_string(),
            },
            says: say!("group-says", count = group.settings.count()),
            name: group.name,
            description: group.description,
        }
    }
}

#[derive(Debug, Template)]
#[template(path = "admin/groups.html")]
struct GroupsPage {
    chrome: Chrome,
    section: Section,
    search: String,
    rows: Vec<Row>,
    before: Option<String>,
    after: Option<String>,
    done: Option<Sentence>,
}

/// Groups on one page.
const ROWS: u16 = 50;

/// What the page before did.
#[derive(Debug, Default, serde::Deserialize)]
struct After {
    #[serde(default)]
    done: String,
}

async fn list(
    AdminUser(admin): AdminUser,
    State(groups): State<Groups>,
    Query(words): Query<PageWords>,
    Query(search): Query<Search>,
    Query(after): Query<After>,
    page: Page,
) -> Result<Response> {
    let request = PageRequest::read(&words, ROWS).map_err(AppError::Invalid)?;
    let search = search.words();
    let listed = groups.list(&search, &request).await?;
    let turn = |name, cursor: Option<Cursor<GroupPlace>>| {
        cursor.map(|cursor| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            if !search.is_empty() {
                query.append_pair("q", &search);
            }
            query.append_pair(name, &cursor.text());
            format!("/admin/groups?{}", query.finish())
        })
    };
    Ok(html(&GroupsPage {
        section: Section::Groups,
        before: turn("before", listed.previous),
        after: turn("after", listed.next),
        rows: listed.rows.into_iter().map(Row::from).collect(),
        search,
        done: (after.done == "removed").then(|| say!("group-removed")),
        chrome: page.chrome(say!("admin-groups"), Some(admin.user.as_ref().into())),
    }))
}

#[derive(Debug, Template)]
#[template(path = "admin/group.html")]
struct GroupPage {
    chrome: Chrome,
    section: Section,
    known: Option<Known>,
    /// Whether its place among the groups can be chosen.
    asks_priority: bool,
    /// Whether its members can be.
    asks_members: bool,
    fields: Fields,
    problems: Problems,
    refusal: Option<Sentence>,
    done: Option<Sentence>,
}

async fn new(
    AdminUser(admin): AdminUser,
    State(groups): State<Groups>,
    State(catalog): State<Catalog>,
    page: Page,
) -> Result<Response> {
    let sent = Sent::from(vec![("priority".to_owned(), "100".to_owned())]);
    Ok(html(&GroupPage {
        section: Section::Groups,
        known: None,
        asks_priority: true,
        asks_members: true,
        fields: sent_fields(&sent, &catalog, &groups).await?,
        problems: Problems::default(),
        refusal: None,
        done: None,
        chrome: page.chrome(say!("group-new"), Some(admin.user.as_ref().into())),
    }))
}

async fn show(
    AdminUser(admin): AdminUser,
    State(groups): State<Groups>,
    State(catalog): State<Catalog>,
    Path(id): Path<GroupId>,
    Query(words): Query<PageWords>,
    Query(after): Query<After>,
    page: Page,
) -> Result<Response> {
    let request = PageRequest::read(&words, MEMBERS_SHOWN).map_err(AppError::Invalid)?;
    let group = groups.find(id).await?.ok_or(GroupError::Unknown)?;
    let fields = Fields {
        name: group.name.clone(),
        description: group.description.clone(),
        priority: group.priority.to_string(),
        settings: SettingsFields::of(&group.settings),
        types: types(&catalog, &groups, |_, of| of.contains(&id)).await?,
        add: String::new(),
    };
    let done = match after.done.as_str() {
        "made" => Some(say!("group-made")),
        "saved" => Some(say!("form-saved")),
        _ => None,
    };
    Ok(html(&GroupPage {
        section: Section::Groups,
        known: Some(known(&group, groups.members(id, "", &request).await?, &[])),
        asks_priority: !group.everybody,
        asks_members: group.made_here(),
        fields,
        problems: Problems::default(),
        refusal: None,
        done,
        chrome: page.chrome(
            Sentence::plain(group.name.clone()),
            Some(admin.user.as_ref().into()),
        ),
    }))
}

async fn make(
    AdminUser(admin): AdminUser,
    State(accounts): State<People>,
    State(groups): State<Groups>,
    State(catalog): State<Catalog>,
    page: Page,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let sent = Sent::from(pairs);
    let outcome = match read(&sent, &accounts, None).await {
        Ok(draft) => groups.create(&draft).await.map_err(AppError::from),
        Err(error) => Err(error),
    };
    match outcome {
        Ok(group) => {
            catalog
                .give_to_group(group.id, &sent.read_all("desktop_types"))
                .await?;
            tracing::info!(user.id = %admin.user.id, group.id = %group.id, "a group was made");
            Ok(see(&format!("{}?done=made", address(group.id))))
        }
        Err(error) => {
            let (problems, refusal) = shown(error)?;
            Ok(refused(&GroupPage {
                section: Section::Groups,
                known: None,
                asks_priority: true,
                asks_members: true,
                fields: sent_fields(&sent, &catalog, &groups).await?,
                problems,
                refusal,
                done: None,
                chrome: page.chrome(say!("group-new"), Some(admin.user.as_ref().into())),
            }))
        }
    }
}

async fn save(
    AdminUser(admin): AdminUser,
    State(accounts): State<People>,
    State(groups): State<Groups>,
    State(catalog): State<Catalog>,
    Path(id): Path<GroupId>,
    page: Page,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let group = groups.find(id).await?.ok_or(GroupError::Unknown)?;
    let sent = Sent::from(pairs);
    let outcome = match read(&sent, &accounts, Some(&group)).await {
        Ok(draft) => groups.update(id, &draft).await.map_err(AppError::from),
        Err(error) => Err(error),
    };
    match outcome {
        Ok(_) => {
            catalog
                .give_to_group(id, &sent.read_all("desktop_types"))
                .await?;
            tracing::info!(user.id = %admin.user.id, group.id = %id, "a group was changed");
            Ok(see(&format!("{}?done=saved", address(id))))
        }
        Err(error) => {
            let (problems, refusal) = shown(error)?;
            let title = Sentence::plain(group.name.clone());
            let first = PageRequest::first(MEMBERS_SHOWN);
            let people = groups.members(id, "", &first).await?;
            let mut fields = sent_fields(&sent, &catalog, &groups).await?;
            if !group.made_here() {
                fields.name.clone_from(&group.name);
            }
            Ok(refused(&GroupPage {
                section: Section::Groups,
                known: Some(known(&group, people, &sent.read_all("remove"))),
                asks_priority: !group.everybody,
                asks_members: group.made_here(),
                fields,
                problems,
                refusal,
                done: None,
                chrome: page.chrome(title, Some(admin.user.as_ref().into())),
            }))
        }
    }
}

#[derive(Debug, Template)]
#[template(path = "admin/group_removal.html")]
struct RemovalPage {
    chrome: Chrome,
    question: Sentence,
    people: Sentence,
    provider: bool,
    address: String,
}

async fn confirm(
    AdminUser(_): AdminUser,
    State(groups): State<Groups>,
    Path(id): Path<GroupId>,
    page: Page,
) -> Result<Response> {
    let group = groups.find(id).await?.ok_or(GroupError::Unknown)?;
    if group.everybody {
        return Err(GroupError::Everybody.into());
    }
    Ok(html(&RemovalPage {
        question: say!("group-remove-question", name = group.name.as_str()),
        people: match group.members {
            more if more > COUNTED => say!("group-remove-many", count = COUNTED),
            count => say!("group-remove-people", count = count),
        },
        provider: group.provider.is_some(),
        address: address(id),
        chrome: page.chrome(say!("group-remove"), None),
    }))
}

async fn delete(
    AdminUser(admin): AdminUser,
    State(groups): State<Groups>,
    Path(id): Path<GroupId>,
) -> Result<Response> {
    groups.delete(id).await?;
    tracing::info!(user.id = %admin.user.id, group.id = %id, "a group was removed");
    Ok(see("/admin/groups?done=removed"))
}
