//! From what the engine tells about a container to [`Container`] (pure).

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
};

use bollard::models::{
    ContainerInspectResponse, ContainerState as EngineState, ContainerStateStatusEnum as Status,
    ContainerSummary, ContainerSummaryStateEnum as Summary, EndpointSettings,
};

use super::body::{PORT_LABEL, port_key};
use crate::{
    ids::InstallationId,
    runtime::{Container, ContainerState, DiskUse, Labels},
};

/// The container, unless it is not (wholly) ours.
pub(super) fn inspected(
    answer: &ContainerInspectResponse,
    installation: InstallationId,
) -> Option<Container> {
    let labels = answer.config.as_ref()?.labels.as_ref()?;
    let state = state(answer.state.as_ref()?);
    let networks = answer
        .network_settings
        .as_ref()
        .and_then(|settings| settings.networks.as_ref());
    Some(Container {
        id: answer.id.clone()?,
        labels: ours(labels, installation)?,
        image_id: answer.image.clone()?,
        address: match state {
            ContainerState::Running | ContainerState::Paused => {
                address(host_port(answer), networks, labels)
            }
            ContainerState::Created | ContainerState::Exited { .. } => None,
        },
        state,
    })
}

/// The same from a list, which does not tell whether memory ran out.
pub(super) fn listed(answer: &ContainerSummary, installation: InstallationId) -> Option<Container> {
    let labels = answer.labels.as_ref()?;
    let port = container_port(labels);
    let published = answer.ports.iter().flatten().find_map(|published| {
        (Some(published.private_port) == port && published.ip.as_deref() == Some("127.0.0.1"))
            .then_some(published.public_port)?
    });
    let networks = answer
        .network_settings
        .as_ref()
        .and_then(|settings| settings.networks.as_ref());
    let state = match answer.state? {
        Summary::CREATED => ContainerState::Created,
        Summary::RUNNING | Summary::RESTARTING | Summary::STOPPING => ContainerState::Running,
        Summary::PAUSED => ContainerState::Paused,
        Summary::EMPTY | Summary::EXITED | Summary::REMOVING | Summary::DEAD => {
            ContainerState::Exited {
                code: exit_code(answer.status.as_deref().unwrap_or_default()),
                out_of_memory: false,
            }
        }
    };
    Some(Container {
        id: answer.id.clone()?,
        labels: ours(labels, installation)?,
        image_id: answer.image_id.clone()?,
        address: match state {
            ContainerState::Running | ContainerState::Paused => {
                address(published, networks, labels)
            }
            ContainerState::Created | ContainerState::Exited { .. } => None,
        },
        state,
    })
}

/// What a list with sizes tells about how much it has written.
pub(super) fn disk_use(answer: &ContainerSummary, installation: InstallationId) -> Option<DiskUse> {
    Some(DiskUse {
        labels: ours(answer.labels.as_ref()?, installation)?,
        bytes: answer.size_rw?,
    })
}

/// The port on this host it was made with, started or not.
pub(super) fn host_port(answer: &ContainerInspectResponse) -> Option<u16> {
    let port = container_port(answer.config.as_ref()?.labels.as_ref()?)?;
    let bindings = answer.host_config.as_ref()?.port_bindings.as_ref()?;
    let binding = bindings.get(&port_key(port))?.as_ref()?.first()?;
    binding.host_port.as_ref()?.parse().ok()
}

fn ours(labels: &HashMap<String, String>, installation: InstallationId) -> Option<Labels> {
    Labels::from_map(labels).filter(|labels| labels.installation == installation)
}

fn container_port(labels: &HashMap<String, String>) -> Option<u16> {
    labels.get(PORT_LABEL)?.parse().ok()
}

fn state(state: &EngineState) -> ContainerState {
    match state.status {
        Some(Status::CREATED) => ContainerState::Created,
        Some(Status::RUNNING | Status::RESTARTING | Status::STOPPING) => ContainerState::Running,
        Some(Status::PAUSED) => ContainerState::Paused,
        _ => ContainerState::Exited {
            code: state.exit_code.unwrap_or(-1),
            out_of_memory: state.oom_killed.unwrap_or(false),
        },
    }
}

/// The published port wins: the container's own address may not be reachable from here.
fn address(
    published: Option<u16>,
    networks: Option<&HashMap<String, EndpointSettings>>,
    labels: &HashMap<String, String>,
) -> Option<SocketAddr> {
    if let Some(port) = published {
        return Some(([127, 0, 0, 1], port).into());
    }
    let own = networks?
        .values()
        .find_map(|endpoint| endpoint.ip_address.as_deref()?.parse::<IpAddr>().ok())?;
    Some(SocketAddr::new(own, container_port(labels)?))
}

/// From "Exited (137) 5 minutes ago".
fn exit_code(status: &str) -> i64 {
    status
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'))
        .and_then(|(code, _)| code.parse().ok())
        .unwrap_or(-1)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const US: &str = "00000000-0000-4000-8000-000000000001";

    fn labels() -> Value {
        json!({
            "deskcast.installation": US,
            "deskcast.desktop": "00000000-0000-4000-8000-000000000002",
            "deskcast.generation": "3",
            "deskcast.owner": "00000000-0000-4000-8000-000000000004",
            "deskcast.container-port": "6901",
        })
    }

    fn summary(change: impl FnOnce(&mut Value)) -> Option<Container> {
        let mut answer = json!({
            "Id": "ab", "ImageID": "sha256:cd", "State": "running", "Status": "Up 3 seconds", "Labels": labels(),
            "Ports": [
                {"PrivatePort": 5901, "Type": "tcp"},
                {"IP": "127.0.0.1", "PrivatePort": 6901, "PublicPort": 7000, "Type": "tcp"},
            ],
            "NetworkSettings": {"Networks": {"deskcast-desktops": {"IPAddress": "172.18.0.2"}}},
        });
        change(&mut answer);
        listed(
            &serde_json::from_value(answer).unwrap(),
            US.parse().unwrap(),
        )
    }

    #[test]
    fn a_listed_container_answers_at_its_published_port() {
        let seen = summary(|_| ()).unwrap();
        assert_eq!(seen.state, ContainerState::Running);
        assert_eq!(seen.labels.generation, 3);
        assert_eq!(seen.address, Some(([127, 0, 0, 1], 7000).into()));
    }

    #[test]
    fn without_a_published_port_it_answers_at_its_own_address() {
        let seen = summary(|answer| answer["Ports"] = json!([])).unwrap();
        assert_eq!(seen.address, Some(([172, 18, 0, 2], 6901).into()));
    }

    #[test]
    fn what_it_wrote_is_told_by_a_list_with_sizes() {
        let seen = |change: &dyn Fn(&mut Value)| {
            let mut answer = json!({"Id": "ab", "Labels": labels(), "SizeRw": 5_000_000_000_i64, "SizeRootFs": 9});
            change(&mut answer);
            let answer = serde_json::from_value(answer).unwrap();
            disk_use(&answer, US.parse().unwrap()).map(|used| used.bytes)
        };
        assert_eq!(seen(&|_| ()), Some(5_000_000_000));
        assert_eq!(seen(&|answer| answer["SizeRw"] = json!(null)), None);
        assert_eq!(seen(&|answer| answer["Labels"] = json!({})), None);
    }

    #[test]
    fn an_ended_one_has_a_code_and_no_address() {
        let seen = summary(|answer| {
            answer["State"] = json!("exited");
            answer["Status"] = json!("Exited (137) 5 minutes ago");
        })
        .unwrap();
        assert_eq!(seen.address, None);
        let code = ContainerState::Exited {
            code: 137,
            out_of_memory: false,
        };
        assert_eq!(seen.state, code);
    }

    #[test]
    fn what_is_not_wholly_ours_is_not_seen() {
        assert_eq!(
            summary(|answer| answer["Labels"]["deskcast.installation"] =
                json!("00000000-0000-4000-8000-00000000000f")),
            None
        );
        for label in [
            "deskcast.installation",
            "deskcast.desktop",
            "deskcast.generation",
            "deskcast.owner",
        ] {
            assert_eq!(
                summary(|answer| answer["Labels"][label] = json!("x")),
                None,
                "{label}"
            );
        }
        assert_eq!(summary(|answer| answer["Labels"] = json!({})), None);
    }

    #[test]
    fn an_inspected_container() {
        let mut answer = json!({
            "Id": "ab", "Image": "sha256:cd",
            "State": {"Status": "running", "ExitCode": 0, "OOMKilled": false},
            "Config": {"Labels": labels()},
            "HostConfig": {"PortBindings": {"6901/tcp": [{"HostIp": "127.0.0.1", "HostPort": "7000"}]}},
            "NetworkSettings": {"Networks": {"n": {"IPAddress": "172.18.0.2"}}},
        });
        let see = |answer: &Value| {
            inspected(
                &serde_json::from_value(answer.clone()).unwrap(),
                US.parse().unwrap(),
            )
            .unwrap()
        };
        assert_eq!(see(&answer).address, Some(([127, 0, 0, 1], 7000).into()));
        answer["HostConfig"]["PortBindings"] = json!({});
        assert_eq!(see(&answer).address, Some(([172, 18, 0, 2], 6901).into()));
        answer["State"] = json!({"Status": "exited", "ExitCode": 137, "OOMKilled": true});
        assert_eq!(see(&answer).address, None);
        let ended = ContainerState::Exited {
            code: 137,
            out_of_memory: true,
        };
        assert_eq!(see(&answer).state, ended);
    }
}
