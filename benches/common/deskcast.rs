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

/// With [`DESKTOPS`] each they have room for all streams of a measure; one person alone may not open so many.
const PEOPLE: usize = 14;
/// Of one person.
const DESKTOPS: usize = 3;

/// The real server with many desktops that are all one and the same.
#[derive(Debug)]
pub(crate) struct Deskcast {
    server: Server,
    /// At least one.
    pub(crate) desktops: Vec<Owned>,
    _engine: FaultProxy,
    _folder: TempDir,
}

/// A desktop, and whose.
#[derive(Debug)]
pub(crate) struct Owned {
    pub(crate) name: String,
    /// Of its owner.
    pub(crate) session: String,
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
        let mut desktops = Vec::new();
        for (owner, names) in make(&installation, kind, desktop, password).await? {
            let signed_in = server.try_sign_in((&owner, ADMIN.1)).await.json_with(200);
            let session = signed_in["session"]["id"].as_str().context("no session")?;
            desktops.extend(names.into_iter().map(|name| Owned {
                name,
                session: session.to_owned(),
            }));
        }
        Ok(Self {
            server,
            desktops,
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

/// Running desktops of people who have the administrator's password; answers the people and the names of theirs.
async fn make(
    installation: &Installation,
    kind: Kind,
    desktop: SocketAddr,
    password: &str,
) -> anyhow::Result<Vec<(String, Vec<String>)>> {
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
    sqlx::query(
        "insert into users (id, slug, username, display_name, role, password_hash)
         select gen_random_uuid(), 'person-' || number, 'person-' || number, 'Person', 'user', password_hash
         from users, generate_series(1, $1) number where username = $2",
    )
    .bind(i64::try_from(PEOPLE)?)
    .bind(ADMIN.0)
    .execute(&installation.database)
    .await?;
    sqlx::query_as(
        "with made as (
             insert into desktops (id, name, owner_id, type_id, state, vnc_password, endpoint, ready_at)
             select gen_random_uuid(), people.slug || '-' || kinds.slug, people.id, kinds.id, 'running', $1, $2, now()
             from users people, desktop_types kinds where people.slug like 'person-%' and kinds.slug like 'bench-%'
             returning owner_id, name)
         select username, array_agg(name) from made join users on users.id = owner_id group by username",
    )
    .bind(password)
    .bind(desktop.to_string())
    .fetch_all(&installation.database)
    .await
    .context("the desktops' rows")
}
