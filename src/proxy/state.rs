//! The handles the data plane uses.

use std::sync::Arc;

use super::client_files::ClientFiles;
use crate::{
    clock::Clock, config::Config, desktops::Desktops, lifecycle::Tasks, sessions::Sessions,
    sharing::Sharing, upstream::Upstream,
};

/// What a request for a desktop may need.
#[derive(Clone, Debug)]
pub struct Proxy {
    pub(crate) config: Arc<Config>,
    pub(crate) sessions: Sessions,
    pub(crate) desktops: Desktops,
    pub(crate) sharing: Sharing,
    pub(crate) upstream: Upstream,
    pub(crate) client_files: ClientFiles,
    pub(crate) clock: Clock,
    pub(crate) tasks: Tasks,
}
