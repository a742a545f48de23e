//! Other people's reverse proxies, each as its manual says for a WebSocket and for requests: two workers, HTTP/1.1 with
//! connections that are kept on both sides, TLS to a desktop whose certificate nobody vouches for, its password in a
//! header. They ask nobody who they are.

mod caddy;
mod haproxy;
pub(crate) mod nginx;

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use tokio::net::TcpStream;

use super::processes::Family;
use crate::support::eventually;

const START_LIMIT: Duration = Duration::from_secs(10);

/// Everybody has so many threads or processes that carry bytes.
pub(crate) const WORKERS: usize = 2;

/// Where a peer leads to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Goal<'g> {
    pub(crate) address: SocketAddr,
    /// `Authorization` of every request.
    pub(crate) authorization: &'g str,
}

/// A running program; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    process: Child,
    _folder: TempDir,
}

impl Peer {
    /// One of each.
    pub(crate) async fn all(goal: Goal<'_>) -> anyhow::Result<[Self; 3]> {
        Ok([
            nginx::start(goal).await?,
            haproxy::start(goal).await?,
            caddy::start(goal).await?,
        ])
    }

    pub(crate) fn family(&self) -> Family {
        Family::of(self.process.id())
    }

    /// Writes `configuration` of the address into `file` of a folder of its own, and waits until what `command` makes
    /// of both listens.
    async fn start(
        name: &'static str,
        (file, configuration): (&str, impl FnOnce(SocketAddr) -> String),
        command: impl FnOnce(&Path, &Path) -> Command,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let path = folder.path().join(file);
        fs::write(&path, configuration(address))?;
        let process = command(&path, folder.path()).stdin(Stdio::null()).spawn()?;
        let peer = Self {
            name,
            address,
            process,
            _folder: folder,
        };
        eventually(name, START_LIMIT, async || {
            TcpStream::connect(address).await.ok()
        })
        .await;
        Ok(peer)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // A killed master would leave its workers behind.
        let id = self.process.id().to_string();
        drop(Command::new("kill").args(["-TERM", &id]).status());
        drop(self.process.wait());
    }
}
