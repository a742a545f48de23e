//! *Keep it*: the running desktop of a guest becomes that of the person who signs in in the same browser.
//!
//! Who may do that is said by the session: it remembers the guest its browser was ([`Caller::was_guest`]). The desktop
//! stays as it is, with its name, its streams and the files in it. The guest ends. What the person may use counts as for
//! a start, and the time the guest has used it counts too.

mod store;

use serde_json::json;

use self::store::Taking;
use super::{Desktop, Desktops, LimitReached, OwnedDesktop};
use crate::{
    audit,
    db::{self, Transaction},
    ids::UserId,
    language::Sentence,
    say,
    sessions::{Caller, Sessions},
};

/// How often it is tried anew when a limit was reached and is no more.
const ATTEMPTS: usize = 4;

/// Why a desktop was not kept; everything is as it was.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The caller was not the guest whose it is, or somebody else has kept it.
    #[error("the desktop was not the caller's as a guest")]
    NotOffered,
    /// It runs no more.
    #[error("the desktop has ended")]
    Ended,
    /// The person has as many as they may.
    #[error("{0}")]
    Limit(LimitReached),
    /// There was no room and then there was, again and again.
    #[error("the desktop could not be handed over")]
    Unsettled,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl KeepError {
    /// What happened and what to do, for the person.
    #[must_use]
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::NotOffered => say!("desktop-unknown"),
            Self::Ended => say!("keep-ended"),
            Self::Limit(limit) => limit.sentence(),
            Self::Unsettled => say!("start-unsettled"),
            Self::Database(_) => say!("error-internal"),
        }
    }
}

impl Desktops {
    /// The open desktops that `caller` had as a guest and may keep. One statement for whoever was a guest, none for
    /// everybody else.
    pub async fn keepable(&self, caller: &Caller) -> Result<Vec<OwnedDesktop>, sqlx::Error> {
        let Some(guest) = caller.was_guest else {
            return Ok(Vec::new());
        };
        db::reading!(self.inner.db, |db| store::keepable(db, caller, guest).await)
    }

    /// Makes the desktop `name`, which the caller had as a guest, theirs. The same for whoever asks again. Of several at
    /// once one gets it: the database decides, on whichever replicas.
    pub async fn keep(
        &self,
        sessions: &Sessions,
        caller: &Caller,
        name: &str,
    ) -> Result<Desktop, KeepError> {
        let found = self.find_by_name(name).await?;
        let found = found.ok_or(KeepError::NotOffered)?;
        let person = &caller.user;
        if found.owner == person.id {
            return Ok(found);
        }
        let guest = caller.was_guest.filter(|guest| *guest == found.owner);
        let guest = guest.ok_or(KeepError::NotOffered)?;
        if found.cast.is_none() {
            return Err(KeepError::NotOffered);
        }
        let applied = self.inner.groups.applied_to(person.id).await?;
        for _ in 0..ATTEMPTS {
            let mut tx = self.inner.db.begin().await?;
            match store::take(&mut tx, caller, guest, found.id, &applied).await? {
                Taking::Taken(desktop) => {
                    self.hand_over(tx, sessions, caller, guest, &desktop)
                        .await?;
                    return Ok(*desktop);
                }
                Taking::Missed => {
                    drop(tx);
                    return self.missed(caller, name).await;
                }
                Taking::Limit => drop(tx),
            }
            if let Some(limit) = self.limit_of(person.id, found.type_id, &applied).await? {
                return Err(KeepError::Limit(limit));
            }
        }
        Err(KeepError::Unsettled)
    }

    /// The rest of a taking-over: what hangs on the desktop goes along, the guest ends.
    async fn hand_over(
        &self,
        mut tx: Transaction,
        sessions: &Sessions,
        caller: &Caller,
        guest: UserId,
        desktop: &Desktop,
    ) -> Result<(), sqlx::Error> {
        let person = &caller.user;
        let guest_name = store::belongings(&mut tx, desktop.id, guest, person.id).await?;
        let ended = sessions.end_all(&mut tx, guest).await?;
        store::end_guest(&mut tx, guest).await?;
        let title = desktop.cast.as_ref().map(|cast| cast.title.as_str());
        let kept = audit::NewEvent {
            kind: audit::Kind::DesktopKept,
            actor: (person.id, &person.display_name),
            desktop: Some((desktop.id, &desktop.name)),
            person: Some((guest, guest_name.as_deref().unwrap_or_default())),
            details: json!({ "cast": title }),
        };
        audit::record(&mut tx, &[kept]).await?;
        tx.commit().await?;
        self.live().update(desktop.clone());
        sessions.were_ended(&ended).await;
        tracing::info!(desktop.name = %desktop.name, user.id = %person.id, guest.id = %guest, "desktop {} is kept", desktop.name);
        Ok(())
    }

    /// What became of the desktop that was there a moment ago.
    async fn missed(&self, caller: &Caller, name: &str) -> Result<Desktop, KeepError> {
        match self.find_by_name(name).await? {
            Some(now) if now.owner == caller.user.id => Ok(now),
            Some(now) if Some(now.owner) == caller.was_guest => Err(KeepError::Ended),
            _ => Err(KeepError::NotOffered),
        }
    }
}
