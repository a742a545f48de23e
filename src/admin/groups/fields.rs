//! The form of a group: what its fields hold, and what somebody asks for with them.

use super::pages::address;
use crate::{
    admin::form::{Sent, SettingsFields, read_settings},
    catalog::Catalog,
    error::{AppError, FieldProblem, Result},
    groups::{Group, GroupDraft, Groups, Member},
    ids::{DesktopTypeId, GroupId, UserId},
    language::Sentence,
    people::People,
    say,
};

/// Members a page lists; more are found from the person's own page.
const MEMBERS_SHOWN: usize = 200;

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
    /// Those that are not listed.
    pub(super) more: Option<Sentence>,
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

pub(super) async fn types(
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

pub(super) fn known(group: &Group, members: Vec<Member>, out: &[UserId]) -> Known {
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
pub(super) async fn read(
    sent: &Sent,
    people: &People,
    now: Option<(&Group, &[Member])>,
) -> Result<GroupDraft> {
    let mut problems = Vec::new();
    let mut draft = now.map_or_else(GroupDraft::default, |(group, _)| group.into());
    draft.description = sent.text("description").trim().to_owned();
    if now.is_none_or(|(group, _)| group.made_here()) {
        draft.name = sent.text("name").trim().to_owned();
        let (members, unknown) =
            members(sent, people, now.map_or(&[], |(_, members)| members)).await?;
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
    people: &People,
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
    let found = people.named(&names).await?;
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
