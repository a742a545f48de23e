//! Groups of people: what applies to their members. [`Groups`] is the handle.
//!
//! A group is made by hand, or read from a provider at every sign-in; *All Users* is built in and has everybody. The
//! sign-in itself writes the members of a provider's group; here nobody edits them.

pub mod applied;
mod draft;
mod members;
pub mod settings;
mod store;
mod tightened;
pub mod words;

use std::collections::HashMap;

use time::OffsetDateTime;

pub use applied::{Applied, Said, Source};
pub use draft::{GroupDraft, Members};
pub use members::Member;
pub use settings::{ClientSettings, Limit, Settings, Switch};
pub use tightened::Tightened;
pub use words::AppliedLine;

use crate::{
    db::{Connection, Db, OnConstraint},
    ids::{GroupId, OidcProviderId, UserId},
    paging::{Cursor, Key, Page, PageRequest},
};
use applied::Voice;

/// A provider, for a group that comes from it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct OfProvider {
    /// Its id.
    pub id: OidcProviderId,
    /// What people read on its sign-in button.
    pub name: String,
}

/// A group.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct Group {
    /// Never changes.
    pub id: GroupId,
    /// What people read.
    pub name: String,
    /// For administrators.
    pub description: String,
    /// Small goes first, from 0 to 10000.
    pub priority: i32,
    /// The built-in group that has everybody.
    pub everybody: bool,
    /// Where it comes from; `null` for one made here.
    pub provider: Option<OfProvider>,
    /// How the provider calls it.
    pub external_id: Option<String>,
    /// What it says about its members.
    pub settings: Settings,
    /// How many people are in it, counted up to 1001: that stands for more than 1000.
    #[serde(rename = "member_count")]
    pub members: i64,
    /// When it was made or first seen.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}

impl Group {
    /// Whether its name and members may be written here.
    #[must_use]
    pub fn made_here(&self) -> bool {
        self.provider.is_none() && !self.everybody
    }

    fn into_voice(self) -> Voice {
        Voice {
            id: self.id,
            name: self.name,
            priority: self.priority,
            everybody: self.everybody,
            settings: self.settings,
        }
    }
}

/// A group to choose in a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupChoice {
    /// Never changes.
    pub id: GroupId,
    /// What people read.
    pub name: String,
    /// For administrators.
    pub description: String,
}

/// Why a group was not changed.
#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    /// Another group made here has the name.
    #[error("another group has this name")]
    NameTaken,
    /// There is no such group.
    #[error("no such group")]
    Unknown,
    /// *All Users* stays.
    #[error("the group of everybody cannot be removed")]
    Everybody,
    /// Somebody or something named is not there; the field says which.
    #[error("{0} names something that does not exist")]
    NamesNothing(&'static str),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// The handle on groups.
#[derive(Clone, Debug)]
pub struct Groups {
    db: Db,
    /// Below every group.
    configured: Settings,
}

impl Groups {
    /// A handle on the groups in `db`; `configured` is what the server's configuration says of everybody.
    #[must_use]
    pub fn new(db: Db, configured: Settings) -> Self {
        Self { db, configured }
    }

    /// The groups an administrator can put somebody into, in the order in which they count. Nobody's members are counted
    /// for it, and groups of providers, which may be thousands, are not read.
    pub async fn made_here(&self) -> Result<Vec<GroupChoice>, sqlx::Error> {
        store::made_here(&mut self.db.acquire().await?).await
    }

    /// What people read for each of these groups; one that is gone is left out.
    pub async fn names(&self, groups: &[GroupId]) -> Result<HashMap<GroupId, String>, sqlx::Error> {
        store::names(&mut self.db.acquire().await?, groups).await
    }

    /// The group with this id.
    pub async fn find(&self, id: GroupId) -> Result<Option<Group>, sqlx::Error> {
        store::find(&mut self.db.acquire().await?, id).await
    }

    /// The groups of `user`, *All Users* among them, in the order in which they count.
    pub async fn of_user(&self, user: UserId) -> Result<Vec<Group>, sqlx::Error> {
        store::of_user(&mut self.db.acquire().await?, user).await
    }

    /// One page of the groups whose name has `search` in it, in the order in which they count.
    pub async fn list(
        &self,
        search: &str,
        request: &PageRequest<GroupPlace>,
    ) -> Result<Page<Group, GroupPlace>, sqlx::Error> {
        let rows = store::list(&mut self.db.acquire().await?, search, request).await?;
        let page = Page::of(rows, request, |(group, name)| Cursor {
            key: GroupPlace {
                everybody: group.everybody,
                priority: group.priority,
                name: name.clone(),
            },
            id: group.id.0,
        });
        Ok(page.map(|(group, _)| group))
    }

    /// One page of who is in the group and has `search` in the user name or the shown name, by shown name. *All Users*
    /// lists nobody.
    pub async fn members(
        &self,
        id: GroupId,
        search: &str,
        request: &PageRequest<String>,
    ) -> Result<Page<Member, String>, sqlx::Error> {
        let rows =
            members::store::members(&mut self.db.acquire().await?, id, search, request).await?;
        let page = Page::of(rows, request, |(member, name)| Cursor {
            key: name.clone(),
            id: member.id.0,
        });
        Ok(page.map(|(member, _)| member))
    }

    /// What applies to `user`, and why.
    pub async fn applied_to(&self, user: UserId) -> Result<Applied, sqlx::Error> {
        let voices = store::voices(&mut self.db.acquire().await?, &[user]).await?;
        Ok(Applied::of(voices, &self.configured))
    }

    /// What applies to somebody who is in `groups`, and why.
    #[must_use]
    pub fn applied(&self, groups: Vec<Group>) -> Applied {
        let voices = groups.into_iter().map(Group::into_voice).collect();
        Applied::of(voices, &self.configured)
    }

    /// The same for several people, with two statements.
    pub async fn applied_to_each(
        &self,
        users: &[UserId],
    ) -> Result<HashMap<UserId, Applied>, sqlx::Error> {
        let mut db = self.db.acquire().await?;
        let all = store::voices(&mut db, users).await?;
        let memberships = store::memberships(&mut db, users).await?;
        drop(db);
        let applied = |user: &UserId| {
            let own = |voice: &&Voice| voice.everybody || memberships.contains(&(*user, voice.id));
            let voices = all.iter().filter(own).cloned();
            (*user, Applied::of(voices.collect(), &self.configured))
        };
        Ok(users.iter().map(applied).collect())
    }

    /// Makes a group; `draft` has no [`GroupDraft::problems`].
    pub async fn create(&self, draft: &GroupDraft) -> Result<Group, GroupError> {
        let id = GroupId::new();
        let mut tx = self.db.begin().await?;
        store::insert(&mut tx, id, draft)
            .await
            .on_constraint("user_groups_name_key", || GroupError::NameTaken)??;
        set_members(&mut tx, id, draft).await?;
        let group = store::find(&mut tx, id).await?.ok_or(GroupError::Unknown)?;
        tx.commit().await?;
        Ok(group)
    }

    /// Writes `draft`, which has no [`GroupDraft::problems`], over the group.
    pub async fn update(&self, id: GroupId, draft: &GroupDraft) -> Result<Group, GroupError> {
        let mut tx = self.db.begin().await?;
        let found = store::update(&mut tx, id, draft)
            .await
            .on_constraint("user_groups_name_key", || GroupError::NameTaken)??;
        if !found {
            return Err(GroupError::Unknown);
        }
        set_members(&mut tx, id, draft).await?;
        let group = store::find(&mut tx, id).await?.ok_or(GroupError::Unknown)?;
        tx.commit().await?;
        Ok(group)
    }

    /// Removes a group. Its members lose what it gave them; a desktop type that was only for it is then for nobody. A
    /// provider's group comes back with the next sign-in of a member.
    pub async fn delete(&self, id: GroupId) -> Result<(), GroupError> {
        let mut db = self.db.acquire().await?;
        if store::delete(&mut db, id).await? {
            return Ok(());
        }
        match store::find(&mut db, id).await? {
            Some(_) => Err(GroupError::Everybody),
            None => Err(GroupError::Unknown),
        }
    }

    /// Puts `user` into these groups made here and into no other made here, in the transaction of the caller. Those of
    /// a provider stay as the provider says: naming one that `user` is not in already is refused.
    pub async fn put_into(
        &self,
        tx: &mut Connection,
        user: UserId,
        groups: &[GroupId],
    ) -> Result<(), GroupError> {
        if !members::store::all_can_hold(tx, user, groups).await? {
            return Err(GroupError::NamesNothing("groups"));
        }
        Ok(members::store::put_into(tx, user, groups).await?)
    }
}

async fn set_members(
    db: &mut Connection,
    id: GroupId,
    draft: &GroupDraft,
) -> Result<(), GroupError> {
    let added = match &draft.members {
        Members::AsTheyAre => return Ok(()),
        Members::Exactly(members) => {
            members::store::keep_members(db, id, members).await?;
            members
        }
        Members::Changed { added, removed } => {
            members::store::remove_members(db, id, removed).await?;
            added
        }
    };
    members::store::add_members(db, id, added)
        .await
        .on_constraint("group_members_user_id_fkey", || {
            GroupError::NamesNothing("members")
        })?
}

/// What lists of groups are ordered by: the order in which they count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupPlace {
    everybody: bool,
    priority: i32,
    /// In small letters.
    name: String,
}

impl Key for GroupPlace {
    fn text(&self) -> String {
        let last = if self.everybody { "1" } else { "0" };
        format!("{last} {} {}", self.priority, self.name)
    }

    fn read(text: &str) -> Option<Self> {
        let (last, rest) = text.split_once(' ')?;
        let (priority, name) = rest.split_once(' ')?;
        Some(Self {
            everybody: match last {
                "0" => false,
                "1" => true,
                _ => return None,
            },
            priority: priority.parse().ok()?,
            name: String::read(name)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(provider: bool, everybody: bool) -> Group {
        Group {
            id: GroupId::new(),
            name: "Class".into(),
            description: String::new(),
            priority: 100,
            everybody,
            provider: provider.then(|| OfProvider {
                id: OidcProviderId::new(),
                name: "IServ".into(),
            }),
            external_id: provider.then(|| "class".into()),
            settings: Settings::default(),
            members: 0,
            created_at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_place_of_a_group_comes_back_as_it_was() {
        for (everybody, priority, name) in [
            (false, 0, "class 10b"),
            (true, 10_000, ""),
            (false, -1, " ä "),
        ] {
            let place = GroupPlace {
                everybody,
                priority,
                name: name.into(),
            };
            assert_eq!(GroupPlace::read(&place.text()), Some(place));
        }
        for text in ["", "0", "0 1", "2 1 a", "0 x a", "0 1 a\0"] {
            assert_eq!(GroupPlace::read(text), None, "{text}");
        }
    }

    fn wrong(draft: &GroupDraft, now: Option<&Group>) -> Vec<String> {
        let problems = draft.problems(now);
        problems.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn every_problem_of_a_group_is_told_at_once() {
        let bad = GroupDraft {
            name: " ".into(),
            description: "a\nb".into(),
            priority: 10_001,
            ..GroupDraft::default()
        };
        assert_eq!(wrong(&bad, None), ["name", "description", "priority"]);
        let long = GroupDraft {
            name: "x".repeat(201),
            priority: -1,
            ..GroupDraft::default()
        };
        assert_eq!(wrong(&long, None), ["name", "priority"]);
    }

    #[test]
    fn name_and_members_of_a_group_that_was_not_made_here_are_not_written_here() {
        for (now, fixed) in [
            (group(false, false), false),
            (group(true, false), true),
            (group(false, true), true),
        ] {
            let changed = GroupDraft {
                name: "Other".into(),
                members: Members::Exactly(Vec::new()),
                ..GroupDraft::from(&now)
            };
            let expected: &[&str] = if fixed { &["name", "members"] } else { &[] };
            assert_eq!(wrong(&changed, Some(&now)), expected);
            let settings_only = GroupDraft {
                description: "New".into(),
                priority: 5,
                settings: Settings::default().with_switch(Switch::AllowAudio, Some(false)),
                ..GroupDraft::from(&now)
            };
            assert!(wrong(&settings_only, Some(&now)).is_empty());
        }
    }
}
