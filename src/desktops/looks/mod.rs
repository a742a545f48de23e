//! Who looks at somebody else's running desktop: administrators, and visitors of a link.
//!
//! A *look* is one person at one start of one desktop, however many streams they have and on however many servers. Its
//! row is what everybody reads. Each server says every two seconds which looks go on (one statement, only while there
//! are any), so the looks of a server that was killed run out by themselves. Beginning, end and *Take control* are
//! written down in [`crate::audit`] in the transaction that does them.

mod keep;
mod open;
mod store;

use serde::Serialize;
use serde_json::json;
use time::OffsetDateTime;

pub(super) use keep::first_frames;
pub use keep::spawn;
pub use open::OpenLook;
pub(super) use open::OpenLooks;

use super::{Desktops, LiveDesktop};
use crate::{
    audit::{self, Kind, NewEvent},
    db::Connection,
    ids::{DesktopId, LookId, UserId},
};

/// As what somebody looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type)]
#[sqlx(type_name = "look_role", rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum LookRole {
    /// An administrator.
    Administrator,
    /// Somebody who came by a link of the owner.
    Visitor,
}

/// Somebody who looks on, as the owner sees them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Looker {
    /// As others see them.
    pub name: String,
    /// As what they look.
    pub role: LookRole,
    /// Whether an administrator has taken control.
    pub controls: bool,
    /// When they came.
    #[serde(with = "time::serde::rfc3339")]
    pub since: OffsetDateTime,
}

/// A look that goes on, with the names it began with.
#[derive(Clone, Debug)]
struct Look {
    id: LookId,
    desktop: DesktopId,
    desktop_name: String,
    owner: UserId,
    owner_name: String,
    user: UserId,
    user_name: String,
    role: LookRole,
    controls: bool,
}

/// A look that is over.
#[derive(Debug)]
struct OverLook {
    look: Look,
    took: time::Duration,
}

/// Why somebody may not look now.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// The desktop or their account has gone.
    #[error("the desktop has gone")]
    Gone,
    /// Without the database nobody could be told, so nobody looks.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl Look {
    fn event(&self, kind: Kind, took: Option<time::Duration>) -> NewEvent<'_> {
        let mut details = json!({ "look": self.id, "role": self.role });
        if let Some(took) = took {
            details["seconds"] = json!(took.whole_seconds());
        }
        NewEvent {
            kind,
            actor: (self.user, &self.user_name),
            desktop: Some((self.desktop, &self.desktop_name)),
            person: Some((self.owner, &self.owner_name)),
            details,
        }
    }
}

/// Begins a look and writes that down, or goes on with the one there is.
async fn begin(
    db: &mut Connection,
    live: &LiveDesktop,
    user: UserId,
    role: LookRole,
) -> Result<Look, LookError> {
    let coming = store::Coming {
        id: LookId::new(),
        desktop: live.desktop.id,
        user,
        role,
    };
    let look = store::begin(db, coming, keep::LEASE).await?;
    let look = look.ok_or(LookError::Gone)?;
    if look.id == coming.id {
        audit::record(db, &[look.event(Kind::LookBegan, None)]).await?;
    }
    Ok(look)
}

impl Desktops {
    /// `user` begins to look at `live` with one more stream; keep what is answered as long as the stream. The owner is
    /// told and it is written down before this returns. Two statements for a new look, one for a further stream.
    pub async fn begin_look(
        &self,
        live: &LiveDesktop,
        user: UserId,
        role: LookRole,
    ) -> Result<OpenLook, LookError> {
        let mut db = self.inner.db.begin().await?;
        let look = begin(&mut db, live, user, role).await?;
        db.commit().await?;
        let open = &self.inner.looks;
        Ok(open.enter(look.id, look.controls))
    }

    /// The administrator `user` takes control of `live`, or gives it back; whether that changed something. Their streams
    /// on every server follow. Whoever takes control looks from then on, also before their first stream. Three
    /// statements at most.
    pub async fn set_control(
        &self,
        live: &LiveDesktop,
        user: UserId,
        controls: bool,
    ) -> Result<bool, LookError> {
        let mut db = self.inner.db.begin().await?;
        if controls {
            begin(&mut db, live, user, LookRole::Administrator).await?;
        }
        let start = (live.desktop.id, live.desktop.generation);
        let changed = store::set_control(&mut db, start, user, controls).await?;
        if let Some(look) = &changed {
            let kind = if controls {
                Kind::ControlTaken
            } else {
                Kind::ControlGivenBack
            };
            audit::record(&mut db, &[look.event(kind, None)]).await?;
        }
        db.commit().await?;
        Ok(changed.is_some())
    }

    /// Whether `user`, an administrator who looks at `live`, has taken control.
    pub async fn controls(&self, live: &LiveDesktop, user: UserId) -> Result<bool, sqlx::Error> {
        let (desktop, generation) = (live.desktop.id, live.desktop.generation);
        let mut db = self.inner.db.acquire().await?;
        store::controls(&mut db, desktop, generation, user).await
    }

    /// Who looks at `desktop` now, in the order in which they came.
    pub async fn lookers(&self, desktop: DesktopId) -> Result<Vec<Looker>, sqlx::Error> {
        let found = store::at(&mut self.inner.db.acquire().await?, &[desktop]).await?;
        Ok(found.into_iter().map(|(_, looker)| looker).collect())
    }
}
