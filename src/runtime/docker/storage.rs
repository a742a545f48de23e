//! Whether the engine can hold a container to a size.

use std::sync::atomic::Ordering;

use bollard::models::SystemInfo;

use super::DockerEngine;

impl DockerEngine {
    /// Asked once; an engine that does not answer now is asked again at the next container.
    pub(super) async fn limits_disk(&self) -> bool {
        if self.refused_size.load(Ordering::Relaxed) {
            return false;
        }
        let asked = self.sizes_containers.get_or_try_init(|| async {
            let info = self
                .link
                .call("info", self.limits.read, |docker| async move {
                    docker.info().await
                })
                .await?;
            Ok::<_, super::link::CallError>(may_limit(&info))
        });
        asked.await.copied().unwrap_or(false)
    }

    /// It refused after all: overlay2 on xfs can only with the mount option `pquota`, which it does not tell.
    pub(super) fn refused_size(&self) {
        self.refused_size.store(true, Ordering::Relaxed);
        tracing::info!("the engine cannot limit what a container writes; its size is watched");
    }
}

/// Whether it is worth asking (pure). An engine that refuses has made and removed a container by then.
fn may_limit(info: &SystemInfo) -> bool {
    let status = info.driver_status.iter().flatten();
    let mut on_xfs = status.filter(|pair| {
        pair.first()
            .is_some_and(|name| name == "Backing Filesystem")
            && pair.get(1).is_some_and(|value| value == "xfs")
    });
    match info.driver.as_deref() {
        Some("btrfs" | "zfs") => true,
        Some("overlay2") => on_xfs.next().is_some(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sizes_are_asked_for_where_they_can_hold() {
        let table = [
            ("overlay2", "xfs", true),
            ("overlay2", "extfs", false),
            ("btrfs", "", true),
            ("zfs", "", true),
            ("vfs", "xfs", false),
            ("overlayfs", "xfs", false),
        ];
        for (driver, filesystem, expected) in table {
            let info = json!({"Driver": driver, "DriverStatus": [["Backing Filesystem", filesystem], ["Supports d_type", "true"]]});
            let info = serde_json::from_value(info).unwrap();
            assert_eq!(may_limit(&info), expected, "{driver} on {filesystem}");
        }
        assert!(!may_limit(&SystemInfo::default()));
    }
}
