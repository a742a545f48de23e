//! The ways to the stand-in.

use std::net::SocketAddr;

use crate::common::{
    deskcast::Deskcast, direct::Direct, peers::Peer, processes::Family, viewer::Viewer,
};

/// Streams that are measured at one desktop.
pub(crate) const STREAMS_OF_A_DESKTOP: usize = 16;

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
    /// Through the real server.
    pub(crate) fn deskcast(server: &Deskcast) -> Self {
        let path = |name: &String| format!("/desktop/{name}/websockify");
        Self::Proxy(Proxy {
            name: "Deskcast",
            address: server.address(),
            paths: server.names.iter().map(path).collect(),
            session: server.session.clone(),
            family: server.family(),
        })
    }

    /// Through a proxy that asks nobody who they are.
    pub(crate) fn peer(peer: &Peer) -> Self {
        Self::Proxy(Proxy {
            name: peer.name,
            address: peer.address,
            paths: vec!["/websockify".into()],
            session: "nobody".into(),
            family: peer.family(),
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
