//! The form of a group: what its fields hold, and what somebody asks for with them.

use crate::{
    admin::form::{Sent, SettingsFields, read_settings},
    catalog::Catalog,
    error::{AppError, FieldProblem, Result},
    groups::{Group, GroupDraft, Groups, Member, Members},
    ids::{DesktopTypeId, GroupId, UserId},
    language::Sentence,
    paging::{Cursor, Page},
    people::People,
    say,
};

/// Members a page lists; its links lead to the others.
pub(super) const MEMBERS_SHOWN: u16 = 100;

/// A desktop type as a box to tick.
#[derive(Debug)]
pub(super) struct TypeBox {
    pub(super) id: String,
    pub(super) title: String,
    /// Who may start it now.
    pub(super) now: Sentence,
    pub(super) ticked: bool,
}

/// What the fields of the form hold.
#[derive(Debug)]
pub(super) struct Fields {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) priority: String,
    pub(super) settings: SettingsFields,
    pub(super) types: Vec<TypeBox>,
    /// User names to add, one a line.
    pub(super) add: String,
}

/// A group that is there already.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) address: String,
    pub(super) name: String,
    pub(super) everybody: bool,
    /// Of which provider it is, as a sentence.
    pub(super) provider: Option<Sentence>,
    pub(super) members: Vec<MemberBox>,
    /// Where the page of members before and the one after are.
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

impl Known {
    pub(super) fn made_here(&self) -> bool {
        self.provider.is_none() && !self.everybody
    }
}

/// A member, with a box that takes them out.
#[derive(Debug)]
pub(super) struct MemberBox {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) username: String,
    pub(super) ticked: bool,
}

/// The group's page.
pub(super) fn address(id: GroupId) -> String {
    format!("/admin/groups/{id}")
}

pub(super) async fn types(
    catalog: &Catalog,
    groups: &Groups,
    ticked: impl Fn(DesktopTypeId, &[GroupId]) -> bool,
) -> Result<Vec<TypeBox>> {
    let kinds = catalog.all().await?;
    let given_to: Vec<_> = kinds.iter().flat_map(|kind| kind.groups.clone()).collect();
    let names = groups.names(&given_to).await?;
    let all = kinds.into_iter().map(|kind| {
        let of = kind.groups.iter().filter_map(|group| names.get(group));
        let of: Vec<_> = of.map(String::as_str).collect();
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

pub(super) fn known(group: &Group, members: Page<Member, String>, out: &[UserId]) -> Known {
    let turn = |name: &str, cursor: Option<Cursor<String>>| {
        cursor.map(|cursor| format!("{}?{name}={}#people", address(group.id), cursor.text()))
    };
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
        before: turn("before", members.previous),
        after: turn("after", members.next),
        members: members.rows.into_iter().map(member).collect(),
    }
}

pub(super) async fn sent_fields(sent: &Sent, catalog: &Catalog, groups: &Groups) -> Result<Fields> {
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

/// What the form asks for; `now` is the group it is about. Every wrong field is told at once.
pub(super) async fn read(sent: &Sent, people: &People, now: Option<&Group>) -> Result<GroupDraft> {
    let mut problems = Vec::new();
    let mut draft = now.map_or_else(GroupDraft::default, GroupDraft::from);
    draft.description = sent.text("description").trim().to_owned();
    if now.is_none_or(Group::made_here) {
        draft.name = sent.text("name").trim().to_owned();
        let (members, unknown) = members(sent, people).await?;
        draft.members = members;
        problems.extend(unknown);
    }
    match sent.text("priority").trim() {
        // Of no meaning for the group of everybody, so not asked there.
        "" if now.is_some_and(|group| group.everybody) => {}
        text => match text.parse() {
            Ok(priority) => draft.priority = priority,
            Err(_) => problems.push(FieldProblem::new("priority", say!("group-priority-form"))),
        },
    }
    match read_settings(sent) {
        Ok(settings) => draft.settings = settings,
        Err(wrong) => problems.extend(wrong),
    }
    problems.extend(draft.problems(now));
    if problems.is_empty() {
        Ok(draft)
    } else {
        Err(AppError::Invalid(problems))
    }
}

/// Those who are in it, without those taken out, with those added: the form shows only a page of them.
async fn members(sent: &Sent, people: &People) -> Result<(Members, Option<FieldProblem>)> {
    let lines = sent.text("add").lines().map(str::trim);
    let names: Vec<String> = lines
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    let found = people.named(&names).await?;
    let unknown = names
        .iter()
        .find(|name| !found.contains_key(&name.to_lowercase()));
    let problem = unknown.map(|name| {
        let name: String = name.chars().take(60).collect();
        FieldProblem::new("add", say!("group-add-unknown", name = name))
    });
    let changed = Members::Changed {
        removed: sent.read_all("remove"),
        added: found.into_values().collect(),
    };
    Ok((changed, problem))
}
