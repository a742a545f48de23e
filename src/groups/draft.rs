//! What an administrator writes for a group, and what can be wrong with it (pure).

use super::{Group, Settings};
use crate::{error::FieldProblem, ids::UserId, say, text::is_line};

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
    /// Who is in it.
    pub members: Members,
}

/// Who is to be in a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Members {
    /// Whoever is in it now.
    #[default]
    AsTheyAre,
    /// These people and nobody else.
    Exactly(Vec<UserId>),
    /// Whoever is in it now, with some more and without some.
    Changed {
        /// They come in.
        added: Vec<UserId>,
        /// They go.
        removed: Vec<UserId>,
    },
}

impl Default for GroupDraft {
    fn default() -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            priority: 100,
            settings: Settings::default(),
            members: Members::AsTheyAre,
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
            members: Members::AsTheyAre,
        }
    }
}

impl GroupDraft {
    /// Every problem at once; `now` is the group it is written over.
    #[must_use]
    pub fn problems(&self, now: Option<&Group>) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        let mut wrong = |field: &str, problem| problems.push(FieldProblem::new(field, problem));
        if self.name.trim().is_empty() || !is_line(&self.name, 200) {
            wrong("name", say!("group-name-form"));
        }
        if !is_line(&self.description, 500) {
            wrong("description", say!("group-description-form"));
        }
        if !(0..=10_000).contains(&self.priority) {
            wrong("priority", say!("group-priority-form"));
        }
        if let Some(now) = now.filter(|now| !now.made_here()) {
            if self.name != now.name {
                wrong("name", say!("group-name-fixed"));
            }
            if self.members != Members::AsTheyAre {
                wrong("members", say!("group-members-fixed"));
            }
        }
        problems
    }
}
