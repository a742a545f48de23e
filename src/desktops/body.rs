//! A desktop as the original shows a container (contract http-api 2).

use std::collections::HashMap;

use futures_util::future::join_all;
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{Desktop, Desktops};
use crate::{ids::DesktopId, runtime::Container};

/// A desktop as the original shows a container.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContainerBody {
    /// Names the desktop in `/api/admin/container/{id}/…`.
    pub id: DesktopId,
    /// The engine's id.
    pub container_id: Option<String>,
    /// The engine's name for it.
    pub container_name: String,
    /// Slug of its type.
    pub desktop_type: String,
    /// `creating`, `running`, `stopped` or `error`.
    pub status: &'static str,
    /// Published on 127.0.0.1.
    pub host_port: Option<u16>,
    /// The URL segment.
    pub proxy_path: String,
    /// First start.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it could be used, if it could.
    #[serde(with = "time::serde::rfc3339::option")]
    pub started_at: Option<OffsetDateTime>,
    /// Last opened.
    #[serde(with = "time::serde::rfc3339")]
    pub last_accessed: OffsetDateTime,
    /// Why it is not running, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl From<&Desktop> for ContainerBody {
    fn from(desktop: &Desktop) -> Self {
        Self {
            id: desktop.id,
            container_id: desktop.container_id.clone(),
            container_name: crate::runtime::spec::container_name(desktop.id),
            desktop_type: desktop.type_slug.clone(),
            status: desktop.state.api_word(),
            host_port: desktop.host_port,
            proxy_path: desktop.name.clone(),
            created_at: desktop.created_at,
            started_at: desktop.phases.ready,
            last_accessed: desktop.last_accessed_at,
            reason: desktop.end.as_ref().map(|end| end.sentence.clone()),
        }
    }
}

/// A container with what the engine says of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListedContainer {
    /// The desktop.
    #[serde(flatten)]
    pub container: ContainerBody,
    /// The engine's word; `none` without a container, `unknown` while the engine does not answer.
    pub docker_status: &'static str,
    /// Where it is opened.
    pub url: String,
    /// Whose it is; only for administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
}

/// Desktops that are looked at one by one; of more, the engine is asked for everything it has.
const FEW: usize = 8;

/// Adds to each desktop what the engine says of it.
pub async fn container_bodies(desktops: &Desktops, list: Vec<Desktop>) -> Vec<ListedContainer> {
    let seen = if list.len() <= FEW {
        each_word(desktops, &list).await
    } else {
        all_words(desktops).await
    };
    list.iter()
        .map(|desktop| ListedContainer {
            container: desktop.into(),
            docker_status: match &seen {
                None => "unknown",
                Some(seen) => seen.get(&desktop.id).copied().unwrap_or("none"),
            },
            url: url(desktops, desktop),
            username: None,
        })
        .collect()
}

/// The engine's word of each of these; `None` while it does not answer.
async fn each_word(
    desktops: &Desktops,
    list: &[Desktop],
) -> Option<HashMap<DesktopId, &'static str>> {
    let looks = list.iter().map(|desktop| async move {
        let container = super::launch::container_ref(desktop);
        let seen = desktops.runtime().inspect(&container).await.ok()?;
        let word = seen.map_or("none", |container| container.state.docker_word());
        Some((desktop.id, word))
    });
    join_all(looks).await.into_iter().collect()
}

/// The engine's word of all it has; `None` while it does not answer.
async fn all_words(desktops: &Desktops) -> Option<HashMap<DesktopId, &'static str>> {
    let containers = desktops.runtime().list().await.ok()?;
    let word = |container: Container| (container.labels.desktop, container.state.docker_word());
    Some(containers.into_iter().map(word).collect())
}

/// A desktop's address as the original writes it.
#[must_use]
pub fn url(desktops: &Desktops, desktop: &Desktop) -> String {
    format!(
        "{}/desktop/{}",
        desktops.config().desktop_base,
        desktop.name
    )
}
