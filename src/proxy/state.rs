//! The handles the data plane uses.

use std::{ops::Deref, sync::Arc};

use super::client_files::ClientFiles;
use crate::{
    clock::Clock, config::Config, desktops::Desktops, lifecycle::Tasks, sessions::Sessions,
    sharing::Sharing, upstream::Upstream,
};

/// What a request for a desktop may need; a copy is a count.
#[derive(Clone, Debug)]
pub struct Proxy(Arc<ProxyParts>);

impl Proxy {
    /// The data plane over these handles.
    #[must_use]
    pub fn new(parts: ProxyParts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for Proxy {
    type Target = ProxyParts;

    fn deref(&self) -> &ProxyParts {
        &self.0
    }
}

/// The handles of the data plane.
#[derive(Debug)]
pub struct ProxyParts {
    pub(crate) config: Arc<Config>,
    pub(crate) sessions: Sessions,
    pub(crate) desktops: Desktops,
    pub(crate) sharing: Sharing,
    pub(crate) upstream: Upstream,
    pub(crate) client_files: ClientFiles,
    pub(crate) clock: Clock,
    pub(crate) tasks: Tasks,
}
