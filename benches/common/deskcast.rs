//! The real server in front of a desktop.

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context;
use tempfile::TempDir;

use super::processes::Family;
use crate::{
    fault_proxy::{FaultProxy, Mode},
    support::{
        docker::engine,
        installation::Installation,
        server::{ADMIN, Server},
    },
};

/// Enough of them for all streams of a measure.
const DESKTOPS: usize = 40;

/// The real server with many desktops that are all one and the same.
#[derive(Debug)]
pub(crate) struct Deskcast {
    server: Server,
    /// Of somebody who owns all of them.
    pub(crate) session: String,
    /// Of the desktops.
    pub(crate) names: Vec<String>,
    _engine: FaultProxy,
    _folder: TempDir,
}

/// What is behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Vnc,
    Passthrough,
}

impl Deskcast {
    pub(crate) async fn start(
        kind: Kind,
        desktop: SocketAddr,
        password: &str,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let socket = folder.path().join("engine");
        let between = FaultProxy::unix(&engine(), &socket);
        let installation: Arc<Installation> = Installation::new().await;
        let engine = format!("unix://{}", socket.display());
        // The others write no line for a request either.
        let settings = [("DOCKER_HOST", engine.as_str()), ("LOG_LEVEL", "warn")];
        let server = Server::start_on(&installation, &settings).await;
        // Rows without containers: the server would notice and say that they ended, if it could ask the engine.
        between.set(Mode::Cut);
        let names = desktops(&installation, kind, desktop, password).await?;
        Ok(Self {
            session: server.sign_in().await,
            server,
            names,
            _engine: between,
            _folder: folder,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address
    }

    pub(crate) fn family(&self) -> Family {
        Family::of(self.server.process.id())
    }
}

/// Running desktops of the administrator, each of a type of its own; answers their names.
async fn desktops(
    installation: &Installation,
    kind: Kind,
    desktop: SocketAddr,
    password: &str,
) -> anyhow::Result<Vec<String>> {
    let client = match kind {
        Kind::Vnc => "vnc",
        Kind::Passthrough => "passthrough",
    };
    sqlx::query(
        "insert into desktop_types (id, slug, title, image, home_path, client)
         select gen_random_uuid(), 'bench-' || number, 'Bench', 'deskcast/kasm-standin:new', '', $2::text::client_kind
         from generate_series(1, $1) number",
    )
    .bind(i64::try_from(DESKTOPS)?)
    .bind(client)
    .execute(&installation.database)
    .await?;
    sqlx::query_scalar(
        "insert into desktops (id, name, owner_id, type_id, state, vnc_password, endpoint, ready_at)
         select gen_random_uuid(), people.slug || '-' || kinds.slug, people.id, kinds.id, 'running', $1, $2, now()
         from users people, desktop_types kinds where people.username = $3 and kinds.slug like 'bench-%'
         returning name",
    )
    .bind(password)
    .bind(desktop.to_string())
    .bind(ADMIN.0)
    .fetch_all(&installation.database)
    .await
    .context("the desktops' rows")
}
