//! Coming back to a desktop whose settings are no longer those of the cast, and leaving it for a fresh one.

use super::{Stop, serving::Serving};
use crate::{
    casting::refusal::Refusal,
    desktops::{StopError, StopReason},
    ids::DesktopId,
    people::User,
};

/// What a visitor said about the desktop they would come back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComingBack {
    /// Nothing: they are asked when there is something to decide.
    Asks,
    /// They go on with it as it is.
    GoesOn,
    /// They want a fresh one: this one ends first.
    Leaves(DesktopId),
}

impl Serving<'_> {
    /// Stops the desktop that is to be left, if it is `person`'s and of this cast. What was said twice stops nothing
    /// else; and nothing is stopped when there would be no other.
    pub(super) async fn leave(&self, person: &User) -> Result<(), Stop> {
        let ComingBack::Leaves(id) = self.sent.coming_back else {
            return Ok(());
        };
        let desktops = &self.launcher.desktops;
        let found = desktops.find(id).await?.filter(|desktop| {
            let cast = desktop.cast.as_ref().map(|cast| cast.id);
            desktop.owner == person.id && cast == Some(self.cast.id) && desktop.state.is_live()
        });
        if found.is_none() {
            return Ok(());
        }
        if self.is_full() {
            return Err(self.none_left());
        }
        match desktops.stop(id, StopReason::Owner).await {
            Ok(_) | Err(StopError::NotRunning) => Ok(()),
            Err(StopError::Database(error)) => Err(error.into()),
            Err(error) => {
                tracing::warn!(desktop.id = %id, %error, "a desktop could not be left for a fresh one");
                Err(self.refused(Refusal::StartFailed))
            }
        }
    }
}
