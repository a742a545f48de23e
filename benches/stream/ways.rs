//! The ways to the stand-in.

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context;
use tempfile::TempDir;

use super::processes::Family;
use crate::{
    common::{direct::Direct, viewer::Viewer},
    fault_proxy::{FaultProxy, Mode},
    support::{
        docker::engine,
        installation::Installation,
        server::{ADMIN, Server},
    },
};

/// Streams that are measured at one desktop.
pub(crate) const STREAMS_OF_A_DESKTOP: usize = 16;
/// Enough of them for all streams of a measure.
const DESKTOPS: usize = 40;

/// One way to the stand-in.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    /// Nothing in between.
    Direct(Direct),
    /// A proxy.
    Proxy(Proxy),
}

/// A way through a proxy.
#[derive(Clone, Debug)]
pub(crate) struct Proxy {
    name: &'static str,
    address: SocketAddr,
    paths: Vec<String>,
    session: String,
    family: Family,
}

impl Way {
    /// Through a proxy that asks nobody who they are.
    pub(crate) fn proxy(name: &'static str, address: SocketAddr, process: u32) -> Self {
        Self::Proxy(Proxy {
            name,
            address,
            paths: vec!["/websockify".into()],
            session: "nobody".into(),
            family: Family::of(process),
        })
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Direct(_) => "no proxy",
            Self::Proxy(proxy) => proxy.name,
        }
    }

    /// The proxy's processes.
    pub(crate) fn family(&self) -> Option<Family> {
        match self {
            Self::Direct(_) => None,
            Self::Proxy(proxy) => Some(proxy.family),
        }
    }

    /// Opens a stream; `number` counts those that are open at the same time.
    pub(crate) async fn open(&self, number: usize) -> anyhow::Result<Viewer> {
        match self {
            Self::Direct(direct) => direct.open().await,
            Self::Proxy(proxy) => {
                let path = &proxy.paths[number / STREAMS_OF_A_DESKTOP % proxy.paths.len()];
                Viewer::open(proxy.address, path, &proxy.session).await
            }
        }
    }
}

/// The real server with many desktops that are all the stand-in.
#[derive(Debug)]
pub(crate) struct Deskcast {
    server: Server,
    session: String,
    names: Vec<String>,
    _engine: FaultProxy,
    _folder: TempDir,
}

impl Deskcast {
    pub(crate) async fn start(standin: SocketAddr, password: &str) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let socket = folder.path().join("engine");
        let between = FaultProxy::unix(&engine(), &socket);
        let installation: Arc<Installation> = Installation::new().await;
        let engine = format!("unix://{}", socket.display());
        let settings = [("DOCKER_HOST", engine.as_str()), ("LOG_LEVEL", "info")];
        let server = Server::start_on(&installation, &settings).await;
        // Rows without containers: the server would notice and say that they ended, if it could ask the engine.
        between.set(Mode::Cut);
        let names = desktops(&installation, standin, password).await?;
        Ok(Self {
            session: server.sign_in().await,
            server,
            names,
            _engine: between,
            _folder: folder,
        })
    }

    pub(crate) fn way(&self) -> Way {
        let path = |name: &String| format!("/desktop/{name}/websockify");
        Way::Proxy(Proxy {
            name: "Deskcast",
            address: self.server.address,
            paths: self.names.iter().map(path).collect(),
            session: self.session.clone(),
            family: Family::of(self.server.process.id()),
        })
    }
}

/// Running desktops of the administrator, each of a type of its own; answers their names.
async fn desktops(
    installation: &Installation,
    standin: SocketAddr,
    password: &str,
) -> anyhow::Result<Vec<String>> {
    sqlx::query(
        "insert into desktop_types (id, slug, title, image, home_path)
         select gen_random_uuid(), 'bench-' || number, 'Bench', 'deskcast/kasm-standin:new', ''
         from generate_series(1, $1) number",
    )
    .bind(i64::try_from(DESKTOPS)?)
    .execute(&installation.database)
    .await?;
    sqlx::query_scalar(
        "insert into desktops (id, name, owner_id, type_id, state, vnc_password, endpoint, ready_at)
         select gen_random_uuid(), people.slug || '-' || kinds.slug, people.id, kinds.id, 'running', $1, $2, now()
         from users people, desktop_types kinds where people.username = $3 and kinds.slug like 'bench-%'
         returning name",
    )
    .bind(password)
    .bind(standin.to_string())
    .bind(ADMIN.0)
    .fetch_all(&installation.database)
    .await
    .context("the desktops' rows")
}
