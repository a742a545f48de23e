//! Finding a desktop by its name on the way to it: from the table of what is live, else from its row.

use std::sync::Arc;

use super::{Desktop, DesktopState, Desktops, LiveDesktop};
use crate::{
    catalog::{ClientKind, DesktopType},
    upstream::{Account, Endpoint},
};

/// What a name leads to.
#[derive(Debug)]
pub enum Lookup {
    /// It runs, and this replica knows where.
    Live(Arc<LiveDesktop>),
    /// It is there but cannot be reached: starting, stopping, stopped or failed.
    NotRunning(Box<Desktop>, Box<DesktopType>),
    /// Nobody has such a desktop.
    Unknown,
}

impl Desktops {
    /// `live`, should it be somebody else's by now than this server knew; one statement. For whoever is about to be
    /// refused: another server may have handed it over a moment ago.
    pub async fn in_other_hands(
        &self,
        live: &LiveDesktop,
    ) -> Result<Option<Arc<LiveDesktop>>, sqlx::Error> {
        let row = self.find(live.desktop.id).await?;
        let row = row.filter(|row| row.owner != live.owner());
        Ok(row.and_then(|row| self.live().update(row)))
    }

    /// The desktop `name`, whole. What is live needs no database; what another replica has started becomes live here
    /// by its row.
    pub async fn live_by_name(&self, name: &str) -> Result<Lookup, sqlx::Error> {
        if let Some(live) = self.live().get(name) {
            return Ok(Lookup::Live(live));
        }
        let Some(desktop) = self.find_by_name(name).await? else {
            return Ok(Lookup::Unknown);
        };
        let Some(kind) = self.inner.catalog.find(desktop.type_id).await? else {
            return Ok(Lookup::Unknown);
        };
        let endpoint = endpoint_of(&desktop, &kind);
        let Some(endpoint) = endpoint.filter(|_| desktop.state == DesktopState::Running) else {
            return Ok(Lookup::NotRunning(desktop.into(), kind.into()));
        };
        let (id, generation) = (desktop.id, desktop.generation);
        let live = self.live().put(LiveDesktop::new(desktop, kind, endpoint));
        // It may have ended or been tightened between the row and the table, and whoever did that found nothing to forget.
        match self.find(id).await? {
            Some(now) if now.state == DesktopState::Running && now.generation == generation => {
                let (kind, endpoint) = (live.kind.clone(), live.endpoint.clone());
                let now = LiveDesktop::new(now, kind, endpoint);
                Ok(Lookup::Live(self.live().put(now)))
            }
            Some(now) => {
                self.live().forget(id);
                Ok(Lookup::NotRunning(now.into(), live.kind.clone().into()))
            }
            None => {
                self.live().forget(id);
                Ok(Lookup::Unknown)
            }
        }
    }
}

/// Where `desktop` answers, and the account the proxy uses there; `None` while it has no address.
pub(crate) fn endpoint_of(desktop: &Desktop, kind: &DesktopType) -> Option<Endpoint> {
    let account = match kind.client {
        ClientKind::Vnc => Some(Account {
            user: kind.vnc_user.clone(),
            password: desktop.vnc_password.clone(),
        }),
        ClientKind::Passthrough => None,
    };
    Some(Endpoint {
        address: desktop.endpoint?,
        tls: kind.container_tls,
        account,
    })
}
