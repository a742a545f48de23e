//! A desktop type as an administrator writes it.

use std::collections::BTreeMap;

use super::{ClientKind, ServerProtocol, TypeKind};
use crate::{config::Egress, ids::GroupId};

/// What an administrator writes for a type; the defaults are those of an image that follows the Kasm contract.
#[derive(Clone, Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in the form"
)]
pub struct DesktopTypeDraft {
    /// See [`DesktopType`](super::DesktopType) for all of these.
    pub slug: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) icon: String,
    pub(crate) image: String,
    pub(crate) client: ClientKind,
    pub(crate) container_port: u16,
    pub(crate) container_tls: bool,
    pub(crate) vnc_user: String,
    pub(crate) client_folder: String,
    pub(crate) memory_mb: i64,
    pub(crate) cpus: f64,
    pub(crate) shm_mb: i64,
    pub(crate) pids_limit: i64,
    pub(crate) disk_mb: Option<i64>,
    pub(crate) egress: Option<Egress>,
    pub(crate) cap_add: Vec<String>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) home_path: String,
    pub(crate) start_url: Option<String>,
    pub(crate) kind: TypeKind,
    pub(crate) server_host: Option<String>,
    pub(crate) server_port: Option<u16>,
    pub(crate) server_protocol: Option<ServerProtocol>,
    pub(crate) takes_address: bool,
    pub(crate) allow_network_selection: bool,
    pub(crate) networks: Vec<String>,
    pub(crate) enabled: bool,
    pub(crate) position: i32,
    pub(crate) groups: Vec<GroupId>,
}

impl Default for DesktopTypeDraft {
    fn default() -> Self {
        Self {
            slug: String::new(),
            title: String::new(),
            description: String::new(),
            icon: "desktop".into(),
            image: String::new(),
            client: ClientKind::Vnc,
            container_port: 6901,
            container_tls: true,
            vnc_user: "kasm_user".into(),
            client_folder: "/usr/share/kasmvnc/www".into(),
            memory_mb: 2048,
            cpus: 2.0,
            shm_mb: 512,
            pids_limit: 1024,
            disk_mb: None,
            egress: None,
            cap_add: Vec::new(),
            env: BTreeMap::new(),
            home_path: "/home/kasm-user".into(),
            start_url: None,
            kind: TypeKind::Container,
            server_host: None,
            server_port: None,
            server_protocol: None,
            takes_address: false,
            allow_network_selection: false,
            networks: Vec::new(),
            enabled: true,
            position: 100,
            groups: Vec::new(),
        }
    }
}
