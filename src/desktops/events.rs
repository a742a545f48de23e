//! What changed, and for whom: hints from the database to every live view.
//!
//! A trigger on `desktops` notifies; [`Events::listen`] hears it on every replica and passes it on. A hint only says
//! that a row changed: the row is the truth, and a lost connection ends in one "look again".

use sqlx::{PgPool, postgres::PgListener};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::ids::{DesktopId, UserId};

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

/// Where hints are heard.
#[derive(Clone, Debug)]
pub struct Events {
    sender: broadcast::Sender<DesktopChange>,
}

impl Default for Events {
    fn default() -> Self {
        Self::new()
    }
}

#[derive(serde::Deserialize)]
struct Payload {
    desktop: DesktopId,
    owner: UserId,
    gone: bool,
}

impl Events {
    /// Nobody listens yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            sender: broadcast::channel(1024).0,
        }
    }

    /// Hints from now on. A receiver that lags must look at everything again.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<DesktopChange> {
        self.sender.subscribe()
    }

    /// Passes on what the database notifies until `stop`; connects again when the connection is lost.
    pub async fn listen(self, db: PgPool, stop: CancellationToken) {
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => return,
                ended = self.listen_once(&db) => {
                    if let Err(error) = ended {
                        tracing::warn!(%error, "live hints are interrupted; trying again");
                    }
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(std::time::Duration::from_secs(1)) => {}
            }
        }
    }

    async fn listen_once(&self, db: &PgPool) -> Result<(), sqlx::Error> {
        let mut listener = PgListener::connect_with(db).await?;
        // Reconnecting by itself would hide that hints were lost.
        listener.eager_reconnect(false);
        listener.listen("deskcast_desktop").await?;
        self.pass_on(DesktopChange::LookAgain);
        while let Some(hint) = listener.try_recv().await? {
            match serde_json::from_str::<Payload>(hint.payload()) {
                Ok(Payload {
                    desktop,
                    owner,
                    gone,
                }) => self.pass_on(DesktopChange::Changed {
                    desktop,
                    owner,
                    gone,
                }),
                Err(error) => tracing::warn!(%error, "a hint of the database cannot be read"),
            }
        }
        Ok(())
    }

    fn pass_on(&self, change: DesktopChange) {
        // No receiver is fine: nobody looks.
        let _ = self.sender.send(change);
    }
}
