//! Groups of people: what applies to their members. [`Groups`] is the handle.
//!
//! A group is made by hand, or read from a provider at every sign-in; *All Users* is built in and has everybody. The
//! sign-in itself writes the members of a provider's group; here nobody edits them.

pub mod applied;
pub mod settings;
mod store;
pub mod words;

use std::collections::HashMap;

use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

pub use applied::{Applied, Said, Source};
pub use settings::{ClientSettings, Limit, Settings, Switch};
pub use words::AppliedLine;

use crate::{
    db::OnConstraint,
    error::FieldProblem,
    ids::{GroupId, OidcProviderId, UserId},
    say,
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
    /// How many people are in it.
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

/// A member, as lists show them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Member {
    /// Their id.
    pub id: UserId,
    /// What they sign in with.
    pub username: String,
    /// What others see.
    pub display_name: String,
}

/// What an administrator writes for a group.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupDraft {
    /// What people read.
    pub name: String,
    /// For administrators.
    pub description: String,
    /// Small goes first.
    pub priority: i32,
    /// What it says about its members.
    pub settings: Settings,
    /// Who is in it; `None`: whoever is in it now.
    pub members: Option<Vec<UserId>>,
}

impl Default for GroupDraft {
    fn default() -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            priority: 100,
            settings: Settings::default(),
            members: None,
        }
    }
}

impl From<&Group> for GroupDraft {
    fn from(group: &Group) -> Self {
        Self {
            name: group.name.clone(),
            description: group.description.clone(),
            priority: group.priority,
            settings: group.settings.clone(),
            members: None,
        }
    }
}

impl GroupDraft {
    /// Every problem at once; `now` is the group it is written over.
    #[must_use]
    pub fn problems(&self, now: Option<&Group>) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        let mut wrong = |field: &str, problem| problems.push(FieldProblem::new(field, problem));
        let one_line =
            |text: &str, most| text.chars().count() <= most && !text.chars().any(char::is_control);
        if self.name.trim().is_empty() || !one_line(&self.name, 200) {
            wrong("name", say!("group-name-form"));
        }
        if !one_line(&self.description, 500) {
            wrong("description", say!("group-description-form"));
        }
        if !(0..=10_000).contains(&self.priority) {
            wrong("priority", say!("group-priority-form"));
        }
        if let Some(now) = now.filter(|now| !now.made_here()) {
            if self.name != now.name {
                wrong("name", say!("group-name-fixed"));
            }
            if self.members.is_some() {
                wrong("members", say!("group-members-fixed"));
            }
        }
        problems
    }
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
    db: PgPool,
    /// Below every group.
    configured: Settings,
}

impl Groups {
    /// A handle on the groups in `db`; `configured` is what the server's configuration says of everybody.
    #[must_use]
    pub fn new(db: PgPool, configured: Settings) -> Self {
        Self { db, configured }
    }

    /// Every group, in the order in which they count.
    pub async fn all(&self) -> Result<Vec<Group>, sqlx::Error> {
        store::all(&mut *self.db.acquire().await?).await
    }

    /// The group with this id.
    pub async fn find(&self, id: GroupId) -> Result<Option<Group>, sqlx::Error> {
        store::find(&mut *self.db.acquire().await?, id).await
    }

    /// The groups of `user`, *All Users* among them, in the order in which they count.
    pub async fn of_user(&self, user: UserId) -> Result<Vec<Group>, sqlx::Error> {
        store::of_user(&mut *self.db.acquire().await?, user).await
    }

    /// Who is in the group, by name. *All Users* lists nobody.
    pub async fn members(&self, id: GroupId) -> Result<Vec<Member>, sqlx::Error> {
        store::members(&mut *self.db.acquire().await?, id).await
    }

    /// What applies to `user`, and why.
    pub async fn applied_to(&self, user: UserId) -> Result<Applied, sqlx::Error> {
        Ok(self.applied(self.of_user(user).await?))
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
        let all = store::all(&mut db).await?;
        let memberships = store::memberships(&mut db, users).await?;
        drop(db);
        let applied = |user: &UserId| {
            let own = |group: &&Group| group.everybody || memberships.contains(&(*user, group.id));
            let voices = all.iter().filter(own).cloned().map(Group::into_voice);
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
        tx: &mut PgConnection,
        user: UserId,
        groups: &[GroupId],
    ) -> Result<(), GroupError> {
        if !store::all_can_hold(&mut *tx, user, groups).await? {
            return Err(GroupError::NamesNothing("groups"));
        }
        Ok(store::put_into(tx, user, groups).await?)
    }
}

async fn set_members(
    db: &mut PgConnection,
    id: GroupId,
    draft: &GroupDraft,
) -> Result<(), GroupError> {
    let Some(members) = &draft.members else {
        return Ok(());
    };
    store::set_members(db, id, members)
        .await
        .on_constraint("group_members_user_id_fkey", || {
            GroupError::NamesNothing("members")
        })?
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
                members: Some(Vec::new()),
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
