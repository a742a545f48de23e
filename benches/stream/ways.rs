//! The ways to the stand-in.

use std::net::SocketAddr;

use crate::common::{
    deskcast::{Deskcast, Owned},
    direct::Direct,
    peers::Peer,
    processes::Family,
    viewer::Viewer,
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
    places: Vec<Place>,
    family: Family,
}

/// Where a stream is, and whose session opens it.
#[derive(Clone, Debug)]
struct Place {
    path: String,
    session: String,
}

impl Way {
    /// Through the real server.
    pub(crate) fn deskcast(server: &Deskcast) -> Self {
        let place = |desktop: &Owned| Place {
            path: format!("/desktop/{}/websockify", desktop.name),
            session: desktop.session.clone(),
        };
        Self::Proxy(Proxy {
            name: "Deskcast",
            address: server.address(),
            places: server.desktops.iter().map(place).collect(),
            family: server.family(),
        })
    }

    /// Through a proxy that asks nobody who they are.
    pub(crate) fn peer(peer: &Peer) -> Self {
        Self::Proxy(Proxy {
            name: peer.name,
            address: peer.address,
            places: vec![Place {
                path: "/websockify".into(),
                session: "nobody".into(),
            }],
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
                let place = &proxy.places[number / STREAMS_OF_A_DESKTOP % proxy.places.len()];
                Viewer::open(proxy.address, &place.path, &place.session).await
            }
        }
    }
}
