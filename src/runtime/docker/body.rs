//! The one place where a create body comes from (pure): what a desktop may and may not do on this host.
//!
//! Everything dangerous is refused by construction: no capabilities but a few harmless ones, no new privileges, no
//! host folders, devices or namespaces, no restart behind our back. Docker's default seccomp profile stays because
//! nothing here names another.

use std::collections::HashMap;

use bollard::models::{
    ContainerCreateBody, HostConfig, HostConfigLogConfig, Mount, MountType, PortBinding,
    ResourcesUlimits, RestartPolicy, RestartPolicyNameEnum,
};

use crate::{
    catalog::rules::GRANTABLE_CAPABILITIES,
    runtime::{
        ContainerSpec,
        spec::{PURPOSE, PURPOSE_DESKTOP},
    },
};

/// Carries the port in the container, which an image that exposes several does not tell.
pub(super) const PORT_LABEL: &str = "deskcast.container-port";

/// What the engine is asked to make; `network` is the id of the bridge network, and `limited` says whether the engine
/// can limit what a container writes.
pub(super) fn create_body(
    spec: &ContainerSpec,
    network: &str,
    limited: bool,
) -> ContainerCreateBody {
    let mut labels = spec.labels.to_map();
    labels.insert(PORT_LABEL.into(), spec.container_port.to_string());
    // Taken from the image otherwise: a desktop that calls itself something to read from would be swept away.
    labels.insert(PURPOSE.into(), PURPOSE_DESKTOP.into());
    ContainerCreateBody {
        image: Some(spec.image.clone()),
        env: Some(
            spec.env
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect(),
        ),
        labels: Some(labels),
        exposed_ports: Some(vec![port_key(spec.container_port)]),
        host_config: Some(host_config(spec, network, limited)),
        ..ContainerCreateBody::default()
    }
}

fn host_config(spec: &ContainerSpec, network: &str, limited: bool) -> HostConfig {
    HostConfig {
        // What it may do.
        privileged: Some(false),
        cap_drop: Some(vec!["ALL".into()]),
        cap_add: Some(granted(&spec.cap_add)),
        security_opt: Some(vec!["no-new-privileges".into()]),
        ipc_mode: Some("private".into()),
        // No helper process as PID 1: the Kasm start script is a shell that reaps what is left behind, counts on being
        // PID 1 for its SIGTERM trap, and not every host has docker-init. What never reaps ends at the pids limit.
        init: Some(false),
        // How much it may use.
        memory: Some(spec.memory),
        memory_swap: Some(spec.memory),
        nano_cpus: Some(spec.nano_cpus),
        shm_size: Some(spec.shm),
        pids_limit: Some(spec.pids),
        storage_opt: limited.then(|| HashMap::from([("size".into(), spec.disk.to_string())])),
        // No core dumps on the host's disk. Open files stay at the engine's own limit: an engine that has less than we
        // would ask for refuses every start, and memory and processes are limited anyway.
        ulimits: Some(vec![ResourcesUlimits {
            name: Some("core".into()),
            soft: Some(0),
            hard: Some(0),
        }]),
        log_config: Some(HostConfigLogConfig {
            typ: Some("json-file".into()),
            config: Some(HashMap::from([
                ("max-size".into(), "10m".into()),
                ("max-file".into(), "1".into()),
            ])),
        }),
        // How it is reached, and what it keeps.
        network_mode: Some(network.to_owned()),
        publish_all_ports: Some(false),
        port_bindings: spec
            .host_port
            .map(|port| published(spec.container_port, port)),
        mounts: spec
            .home
            .as_ref()
            .map(|(volume, path)| vec![home(volume, path)]),
        // A desktop that ended is started by its owner, with a new password, and by nobody else.
        restart_policy: Some(RestartPolicy {
            name: Some(RestartPolicyNameEnum::NO),
            maximum_retry_count: None,
        }),
        auto_remove: Some(false),
        ..HostConfig::default()
    }
}

/// The catalogue refuses others when a type is saved; a row changed by hand gains nothing either.
fn granted(wanted: &[String]) -> Vec<String> {
    wanted
        .iter()
        .filter(|name| GRANTABLE_CAPABILITIES.contains(&name.as_str()))
        .cloned()
        .collect()
}

/// On this machine alone: the way in is the proxy.
fn published(container_port: u16, host_port: u16) -> HashMap<String, Option<Vec<PortBinding>>> {
    let binding = PortBinding {
        host_ip: Some("127.0.0.1".into()),
        host_port: Some(host_port.to_string()),
    };
    HashMap::from([(port_key(container_port), Some(vec![binding]))])
}

/// A volume, not a folder of the host: the engine fills a new one from the image, owner included.
fn home(volume: &str, path: &str) -> Mount {
    Mount {
        typ: Some(MountType::VOLUME),
        source: Some(volume.to_owned()),
        target: Some(path.to_owned()),
        read_only: Some(false),
        ..Mount::default()
    }
}

/// As the engine names ports.
pub(super) fn port_key(port: u16) -> String {
    format!("{port}/tcp")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        config::Egress,
        ids::{DesktopId, InstallationId, UserId},
        runtime::Labels,
    };

    fn spec() -> ContainerSpec {
        let id = |text: &str| text.parse().unwrap();
        ContainerSpec {
            labels: Labels {
                installation: InstallationId(id("00000000-0000-4000-8000-000000000001")),
                desktop: DesktopId(id("00000000-0000-4000-8000-000000000002")),
                generation: 3,
                owner: UserId(id("00000000-0000-4000-8000-000000000004")),
            },
            image: "deskcast/desktop:latest".into(),
            env: BTreeMap::from([
                ("LANG".into(), "de_DE.UTF-8".into()),
                ("VNC_PW".into(), "secret".into()),
            ]),
            container_port: 6901,
            host_port: Some(7000),
            network: "deskcast-desktops".into(),
            egress: Egress::Internet,
            home: Some(("deskcast-home-x".into(), "/home/kasm-user".into())),
            memory: 2 << 30,
            nano_cpus: 2_000_000_000,
            shm: 512 << 20,
            pids: 1024,
            disk: 10 << 30,
            cap_add: vec!["SYS_CHROOT".into(), "SYS_ADMIN".into()],
        }
    }

    #[test]
    fn the_body_of_a_usual_desktop() {
        let body = serde_json::to_value(create_body(&spec(), "4f1e", true)).unwrap();
        let expected = json!({
            "Image": "deskcast/desktop:latest",
            "Env": ["LANG=de_DE.UTF-8", "VNC_PW=secret"],
            "ExposedPorts": {"6901/tcp": {}},
            "Labels": {
                "deskcast.installation": "00000000-0000-4000-8000-000000000001",
                "deskcast.desktop": "00000000-0000-4000-8000-000000000002",
                "deskcast.generation": "3",
                "deskcast.owner": "00000000-0000-4000-8000-000000000004",
                "deskcast.container-port": "6901",
                "deskcast.purpose": "desktop",
            },
            "HostConfig": {
                "Privileged": false,
                "CapDrop": ["ALL"],
                "CapAdd": ["SYS_CHROOT"],
                "SecurityOpt": ["no-new-privileges"],
                "IpcMode": "private",
                "Init": false,
                "Memory": 2_147_483_648_u64,
                "MemorySwap": 2_147_483_648_u64,
                "NanoCpus": 2_000_000_000,
                "ShmSize": 536_870_912,
                "PidsLimit": 1024,
                "StorageOpt": {"size": "10737418240"},
                "Ulimits": [{"Name": "core", "Soft": 0, "Hard": 0}],
                "LogConfig": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "1"}},
                "NetworkMode": "4f1e",
                "PublishAllPorts": false,
                "PortBindings": {"6901/tcp": [{"HostIp": "127.0.0.1", "HostPort": "7000"}]},
                "Mounts": [
                    {"Type": "volume", "Source": "deskcast-home-x", "Target": "/home/kasm-user", "ReadOnly": false},
                ],
                "RestartPolicy": {"Name": "no"},
                "AutoRemove": false,
            },
        });
        assert_eq!(body, expected);
    }

    /// Everything a body of ours may say at all: a field that is not here is a change somebody has to think about.
    const ALLOWED: [&str; 20] = [
        "Privileged",
        "CapDrop",
        "CapAdd",
        "SecurityOpt",
        "IpcMode",
        "Init",
        "Memory",
        "MemorySwap",
        "NanoCpus",
        "ShmSize",
        "PidsLimit",
        "StorageOpt",
        "Ulimits",
        "LogConfig",
        "NetworkMode",
        "PublishAllPorts",
        "PortBindings",
        "Mounts",
        "RestartPolicy",
        "AutoRemove",
    ];

    fn check(body: &Value) -> Result<(), TestCaseError> {
        let host = body["HostConfig"].as_object().unwrap();
        for field in host.keys() {
            prop_assert!(ALLOWED.contains(&field.as_str()), "{field}");
        }
        prop_assert_eq!(&host["Privileged"], false);
        prop_assert_eq!(&host["CapDrop"], &json!(["ALL"]));
        prop_assert_eq!(&host["SecurityOpt"], &json!(["no-new-privileges"]));
        prop_assert_eq!(&host["IpcMode"], "private");
        prop_assert_eq!(&host["NetworkMode"], "4f1e");
        prop_assert_eq!(&host["Memory"], &host["MemorySwap"]);
        for capability in host["CapAdd"].as_array().unwrap() {
            prop_assert!(GRANTABLE_CAPABILITIES.contains(&capability.as_str().unwrap()));
        }
        for bindings in host
            .get("PortBindings")
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(|map| map.values())
        {
            for binding in bindings.as_array().unwrap() {
                prop_assert_eq!(&binding["HostIp"], "127.0.0.1");
            }
        }
        for mount in host
            .get("Mounts")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            prop_assert_eq!(&mount["Type"], "volume");
        }
        prop_assert!(
            body.get("User").is_none()
                && body.get("Entrypoint").is_none()
                && body.get("Cmd").is_none()
        );
        Ok(())
    }

    proptest! {
        #[test]
        fn no_spec_gives_away_the_host(
            image in ".{0,40}",
            env in prop::collection::btree_map(".{0,20}", ".{0,40}", 0..5),
            caps in prop::collection::vec(prop_oneof!["[A-Z_]{1,12}", Just("ALL".to_owned()), Just("SYS_ADMIN".to_owned())], 0..6),
            home in prop::option::of((".{0,30}", ".{0,30}")),
            network in "host|none|container:[a-z]{3}|bridge|.{0,10}",
            ports in (any::<u16>(), prop::option::of(any::<u16>())),
            limited in any::<bool>(),
            sizes in (any::<i64>(), any::<i64>(), any::<i64>(), any::<i64>()),
        ) {
            let spec = ContainerSpec {
                image, env, cap_add: caps, home, network,
                container_port: ports.0, host_port: ports.1,
                memory: sizes.0, nano_cpus: sizes.1, shm: sizes.2, pids: sizes.3,
                ..spec()
            };
            check(&serde_json::to_value(create_body(&spec, "4f1e", limited)).unwrap())?;
        }
    }
}
