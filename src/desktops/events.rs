//! What changed, and for whom: hints of the database about desktops.
//!
//! A trigger on `desktops` notifies, and every replica hears it. A hint only says that a row changed: the row is the
//! truth, and lost hints end in one "look again".

use tokio::sync::broadcast;

use super::feed::Feed;
use crate::{
    hints::Hint,
    ids::{DesktopId, UserId},
};

/// Where the trigger `desktops_notify` speaks.
pub(super) const CHANNEL: &str = "deskcast_desktop";

/// A hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DesktopChange {
    /// This desktop changed.
    Changed {
        /// Which.
        desktop: DesktopId,
        /// Whose.
        owner: UserId,
        /// Its row was removed.
        gone: bool,
    },
    /// Hints may have been lost: look at everything again.
    LookAgain,
}

#[derive(serde::Deserialize)]
struct Payload {
    desktop: DesktopId,
    owner: UserId,
    gone: bool,
}

impl From<&Hint> for DesktopChange {
    /// What cannot be read may have been anything.
    fn from(hint: &Hint) -> Self {
        let Hint::Said(payload) = hint else {
            return Self::LookAgain;
        };
        match serde_json::from_str(payload) {
            Ok(Payload {
                desktop,
                owner,
                gone,
            }) => Self::Changed {
                desktop,
                owner,
                gone,
            },
            Err(error) => {
                tracing::warn!(%error, "a hint of the database cannot be read");
                Self::LookAgain
            }
        }
    }
}

/// Where hints are heard on this server.
#[derive(Clone, Debug)]
pub struct Events {
    sender: broadcast::Sender<DesktopChange>,
    feed: Feed,
}

impl Default for Events {
    fn default() -> Self {
        Self::new()
    }
}

impl Events {
    /// Nobody listens yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            sender: broadcast::channel(1024).0,
            feed: Feed::new(),
        }
    }

    /// Hints from now on. A receiver that lags must look at everything again.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<DesktopChange> {
        self.sender.subscribe()
    }

    /// What open streams are told.
    #[must_use]
    pub fn feed(&self) -> &Feed {
        &self.feed
    }

    pub(super) fn pass_on(&self, change: DesktopChange) {
        // No receiver is fine: nobody looks.
        let _ = self.sender.send(change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_may_have_been_anything() {
        let (desktop, owner) = (DesktopId::new(), UserId::new());
        let said = format!(r#"{{"desktop":"{desktop}","owner":"{owner}","gone":true}}"#);
        let gone = true;
        let change = DesktopChange::Changed {
            desktop,
            owner,
            gone,
        };
        assert_eq!(DesktopChange::from(&Hint::Said(said.into())), change);
        for hint in [Hint::Said("{}".into()), Hint::Missed] {
            assert_eq!(DesktopChange::from(&hint), DesktopChange::LookAgain);
        }
    }
}
