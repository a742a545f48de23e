//! `/admin/groups`: the list, the form of a group, the question before it is removed.

use askama::Template;
use axum::{extract::State, response::Response};

use crate::{
    admin::{
        form::{Problems, Sent, SettingsFields, read_settings},
        pages::Section,
        users::pages::{refused, see, shown},
    },
    app::AppState,
    auth::{Login, guard::AdminUser},
    catalog::Catalog,
    error::{AppError, FieldProblem, Result},
    groups::{Group, GroupDraft, GroupError, Groups, Member},
    ids::{DesktopTypeId, GroupId, UserId},
    language::Sentence,
    say,
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

/// Members a page lists; more are found from the person's own page.
const MEMBERS_SHOWN: usize = 200;

/// A row of the list.
#[derive(Debug)]
struct Row {
    address: String,
    name: String,
    description: String,
    from: Sentence,
    priority: Option<i32>,
    members: i64,
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
            members: group.members,
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
    rows: Vec<Row>,
    done: Option<Sentence>,
}

/// What the page before did.
#[derive(Debug, Default, serde::Deserialize)]
struct After {
    #[serde(default)]
    done: String,
}

async fn list(
    AdminUser(admin): AdminUser,
    State(groups): State<Groups>,
    Query(after): Query<After>,
    page: Page,
) -> Result<Response> {
    Ok(html(&GroupsPage {
        section: Section::Groups,
        rows: groups.all().await?.into_iter().map(Row::from).collect(),
        done: (after.done == "removed").then(|| say!("group-removed")),
        chrome: page.chrome(say!("admin-groups"), Some(admin.user.as_ref().into())),
    }))
}

/// A desktop type as a box to tick.
#[derive(Debug)]
struct TypeBox {
    id: String,
    title: String,
    /// Who may start it now.
    now: Sentence,
    ticked: bool,
}

/// What the fields of the form hold.
#[derive(Debug)]
struct Fields {
    name: String,
    description: String,
    priority: String,
    settings: SettingsFields,
    types: Vec<TypeBox>,
    /// User names to add, one a line.
    add: String,
}

/// A group that is there already.
#[derive(Debug)]
struct Known {
    address: String,
    name: String,
    everybody: bool,
    /// Of which provider it is, as a sentence.
    provider: Option<Sentence>,
    members: Vec<MemberBox>,
    /// Those that are not listed.
    more: Option<Sentence>,
}

impl Known {
    fn made_here(&self) -> bool {
        self.provider.is_none() && !self.everybody
    }
}

/// A member, with a box that takes them out.
#[derive(Debug)]
struct MemberBox {
    id: String,
    name: String,
    username: String,
    ticked: bool,
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

async fn types(
    catalog: &Catalog,
    groups: &Groups,
    ticked: impl Fn(DesktopTypeId, &[GroupId]) -> bool,
) -> Result<Vec<TypeBox>> {
    let names = groups.all().await?;
    let name = |id: &GroupId| {
        names
            .iter()
            .find(|group| group.id == *id)
            .map(|group| group.name.clone())
    };
    let all = catalog.all().await?.into_iter().map(|kind| {
        let of: Vec<_> = kind.groups.iter().filter_map(name).collect();
        TypeBox {
            id: kind.id.to_string(),
            ticked: ticked(kind.id, &kind.groups),
            now: match (kind.for_everybody, of.is_empty()) {
                (true, _) => say!("group-type-everybody"),
                (false, true) => say!("group-type-nobody"),
                (false, false) => say!("group-type-only", names = of.join(", ")),
            },
            title: kind.title,
        }
    });
    Ok(all.collect())
}

fn known(group: &Group, members: Vec<Member>, out: &[UserId]) -> Known {
    let more = members.len().saturating_sub(MEMBERS_SHOWN);
    let member = |member: Member| MemberBox {
        ticked: out.contains(&member.id),
        id: member.id.to_string(),
        name: member.display_name,
        username: member.username,
    };
    Known {
        address: address(group.id),
        name: group.name.clone(),
        everybody: group.everybody,
        provider: group
            .provider
            .as_ref()
            .map(|provider| say!("group-of-provider-help", name = provider.name.as_str())),
        members: members
            .into_iter()
            .take(MEMBERS_SHOWN)
            .map(member)
            .collect(),
        more: (more > 0).then(|| say!("group-more-members", count = more)),
    }
}

async fn sent_fields(sent: &Sent, catalog: &Catalog, groups: &Groups) -> Result<Fields> {
    let ticked = sent.read_all::<DesktopTypeId>("desktop_types");
    Ok(Fields {
        name: sent.text("name").to_owned(),
        description: sent.text("description").to_owned(),
        priority: sent.text("priority").to_owned(),
        settings: SettingsFields::sent(sent),
        types: types(catalog, groups, |id, _| ticked.contains(&id)).await?,
        add: sent.text("add").to_owned(),
    })
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
    Query(after): Query<After>,
    page: Page,
) -> Result<Response> {
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
        known: Some(known(&group, groups.members(id).await?, &[])),
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

/// What the form asks for; `now` is the group it is about. Every wrong field is told at once.
async fn read(sent: &Sent, login: &Login, now: Option<(&Group, &[Member])>) -> Result<GroupDraft> {
    let mut problems = Vec::new();
    let mut draft = now.map_or_else(GroupDraft::default, |(group, _)| group.into());
    draft.description = sent.text("description").trim().to_owned();
    if now.is_none_or(|(group, _)| group.made_here()) {
        draft.name = sent.text("name").trim().to_owned();
        let (members, unknown) =
            members(sent, login, now.map_or(&[], |(_, members)| members)).await?;
        draft.members = Some(members);
        problems.extend(unknown);
    }
    match sent.text("priority").trim() {
        // Of no meaning for the group of everybody, so not asked there.
        "" if now.is_some_and(|(group, _)| group.everybody) => {}
        text => match text.parse() {
            Ok(priority) => draft.priority = priority,
            Err(_) => problems.push(FieldProblem::new("priority", say!("group-priority-form"))),
        },
    }
    match read_settings(sent) {
        Ok(settings) => draft.settings = settings,
        Err(wrong) => problems.extend(wrong),
    }
    problems.extend(draft.problems(now.map(|(group, _)| group)));
    if problems.is_empty() {
        Ok(draft)
    } else {
        Err(AppError::Invalid(problems))
    }
}

/// Those who are in it, without those taken out, with those added.
async fn members(
    sent: &Sent,
    login: &Login,
    now: &[Member],
) -> Result<(Vec<UserId>, Option<FieldProblem>)> {
    let out = sent.read_all::<UserId>("remove");
    let mut members: Vec<_> = now.iter().map(|member| member.id).collect();
    members.retain(|id| !out.contains(id));
    let lines = sent.text("add").lines().map(str::trim);
    let names: Vec<String> = lines
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    let found = login.named(&names).await?;
    let unknown = names
        .iter()
        .find(|name| !found.contains_key(&name.to_lowercase()));
    members.extend(found.into_values());
    let problem = unknown.map(|name| {
        let name: String = name.chars().take(60).collect();
        FieldProblem::new("add", say!("group-add-unknown", name = name))
    });
    Ok((members, problem))
}

async fn make(
    AdminUser(admin): AdminUser,
    State(login): State<Login>,
    State(groups): State<Groups>,
    State(catalog): State<Catalog>,
    page: Page,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let sent = Sent::from(pairs);
    let outcome = match read(&sent, &login, None).await {
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
    State(login): State<Login>,
    State(groups): State<Groups>,
    State(catalog): State<Catalog>,
    Path(id): Path<GroupId>,
    page: Page,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let group = groups.find(id).await?.ok_or(GroupError::Unknown)?;
    let people = groups.members(id).await?;
    let sent = Sent::from(pairs);
    let outcome = match read(&sent, &login, Some((&group, &people))).await {
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
        people: say!("group-remove-people", count = group.members),
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

fn address(id: GroupId) -> String {
    format!("/admin/groups/{id}")
}
