//! The bridge networks of desktops, and the volumes of their homes.

use std::{collections::HashMap, sync::atomic::Ordering};

use bollard::{
    models::{Network, NetworkCreateRequest, VolumeCreateRequest},
    query_parameters::ListNetworksOptionsBuilder,
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{DockerEngine, refusals::About};
use crate::{
    config::Egress,
    runtime::{
        ContainerSpec, Labels, RuntimeError, egress,
        spec::{PURPOSE, PURPOSE_HOME},
    },
};

/// The name of a bridge's interface, so that rules can be made for it before it is there.
const INTERFACE: &str = "com.docker.network.bridge.name";
/// Switches traffic between the containers of a bridge off.
const ICC: &str = "com.docker.network.bridge.enable_icc";

impl DockerEngine {
    /// The bridge `name`, made when missing. A network that is there already was made by the operator on purpose and
    /// is used as it is, as long as it is a bridge (kasm-image R8) of its own. For desktops that may reach nothing it must
    /// be one that leads nowhere.
    pub(super) async fn network(
        &self,
        name: &str,
        egress: Egress,
    ) -> Result<Network, RuntimeError> {
        if let Some(known) = self.networks(name).await?.into_iter().min_by_key(age) {
            self.warn_about(name, &known);
            return usable(name, egress, known);
        }
        self.make_network(name, egress).await?;
        let mut known = self.networks(name).await?;
        known.sort_by_key(age);
        let mut known = known.into_iter();
        let Some(first) = known.next() else {
            return Err(RuntimeError::Refused(format!(
                "the network {name} is gone as soon as it is made"
            )));
        };
        // The engine allows several of one name. Whoever made one at the same moment comes to the same first one.
        for late in known {
            self.drop_network(late).await;
        }
        usable(name, egress, first)
    }

    /// The interface of the network `name`, if it is there.
    pub(super) async fn interface(&self, name: &str) -> Result<Option<String>, RuntimeError> {
        let known = self.networks(name).await?.into_iter().min_by_key(age);
        Ok(known.as_ref().and_then(interface_of))
    }

    async fn networks(&self, name: &str) -> Result<Vec<Network>, RuntimeError> {
        let options = ListNetworksOptionsBuilder::new()
            .filters(&HashMap::from([("name", vec![name])]))
            .build();
        let found = self
            .link
            .call("list networks", self.limits.read, |docker| async move {
                docker.list_networks(Some(options)).await
            })
            .await
            .map_err(|error| error.about(About::Other))?;
        // The engine's filter also finds names that contain it.
        Ok(found
            .into_iter()
            .filter(|network| network.name.as_deref() == Some(name))
            .collect())
    }

    async fn make_network(&self, name: &str, egress: Egress) -> Result<(), RuntimeError> {
        let request = NetworkCreateRequest {
            name: name.to_owned(),
            driver: Some("bridge".into()),
            enable_ipv6: Some(false),
            internal: Some(egress == Egress::Nothing),
            options: Some(HashMap::from([
                (ICC.into(), "false".into()),
                (INTERFACE.into(), egress::names::interface(name)),
            ])),
            labels: Some(self.own_labels()),
            ..NetworkCreateRequest::default()
        };
        let made = self
            .link
            .call("create network", self.limits.create, |docker| async move {
                docker.create_network(request).await
            })
            .await;
        match made {
            Ok(_) => {
                tracing::info!(network = name, "network {name} is made for desktops");
                Ok(())
            }
            // Newer engines refuse a second one of the name: somebody else made it at this moment.
            // Older ones refuse a second one with its interface.
            Err(error) if error.is(409) || error.is(403) => Ok(()),
            Err(error) => Err(error.about(About::Other)),
        }
    }

    async fn drop_network(&self, network: Network) {
        let Some(id) = network.id else { return };
        let dropped = self
            .link
            .call("remove network", self.limits.read, |docker| async move {
                docker.remove_network(&id).await
            })
            .await;
        if let Err(error) = dropped {
            tracing::warn!(?error, "a network made twice cannot be removed");
        }
    }

    /// The volume of the person's files; one that is there stays as it is.
    pub(super) async fn home(&self, spec: &ContainerSpec) -> Result<(), RuntimeError> {
        let Some((volume, _)) = &spec.home else {
            return Ok(());
        };
        let mut labels = self.own_labels();
        labels.insert(PURPOSE.into(), PURPOSE_HOME.into());
        let request = VolumeCreateRequest {
            name: Some(volume.clone()),
            labels: Some(labels),
            ..VolumeCreateRequest::default()
        };
        self.link
            .call("create volume", self.limits.create, |docker| async move {
                docker.create_volume(request).await
            })
            .await
            .map(drop)
            .map_err(|error| error.about(About::Other))
    }

    /// Marks what belongs to this installation but to no desktop.
    pub(super) fn own_labels(&self) -> HashMap<String, String> {
        HashMap::from([Labels::of_installation(self.installation)])
    }

    /// Says once when desktops can reach each other: their sound and upload services ask nobody who they are
    /// (kasm-image 5).
    fn warn_about(&self, name: &str, network: &Network) {
        let separate = network
            .options
            .as_ref()
            .and_then(|options| options.get(ICC))
            .is_some_and(|value| value == "false");
        if !separate && !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                network = name,
                "desktops on the network {name} can reach each other; remove it and this server makes a safe one"
            );
        }
    }
}

/// When it was made; one without a readable time counts as new.
fn age(network: &Network) -> (OffsetDateTime, Option<String>) {
    let made = network
        .created
        .as_deref()
        .and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
    (
        made.unwrap_or(time::macros::datetime!(9999-12-31 0:00 UTC)),
        network.id.clone(),
    )
}

fn usable(name: &str, egress: Egress, network: Network) -> Result<Network, RuntimeError> {
    let driver = network.driver.as_deref().unwrap_or_default();
    if driver != "bridge" || name == "bridge" {
        return Err(RuntimeError::Refused(format!(
            "the network {name} cannot be used for desktops; DESKTOP_NETWORK must name a bridge network of their own"
        )));
    }
    if egress == Egress::Nothing && network.internal != Some(true) {
        return Err(RuntimeError::Refused(format!(
            "the network {name} leads outside; remove it and this server makes one that does not"
        )));
    }
    Ok(network)
}

/// The kernel's name for the bridge: as it was asked for, else the engine makes one of its id.
fn interface_of(network: &Network) -> Option<String> {
    let asked = network
        .options
        .as_ref()
        .and_then(|options| options.get(INTERFACE));
    let made = || Some(format!("br-{}", network.id.as_deref()?.get(..12)?));
    asked.cloned().or_else(made)
}

/// The engine's id of `network`, by which a container is put on it.
pub(super) fn id(name: &str, network: &Network) -> Result<String, RuntimeError> {
    network
        .id
        .clone()
        .ok_or_else(|| RuntimeError::Refused(format!("the network {name} has no id")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(driver: &str, id: &str, created: &str) -> Network {
        Network {
            id: Some(id.into()),
            driver: Some(driver.into()),
            created: Some(created.into()),
            ..Network::default()
        }
    }

    #[test]
    fn only_a_bridge_of_their_own_will_do() {
        let table = [
            ("desks", "bridge", true),
            ("bridge", "bridge", false),
            ("host", "host", false),
            ("none", "null", false),
            ("ingress", "overlay", false),
        ];
        for (name, driver, fine) in table {
            assert_eq!(
                usable(name, Egress::Internet, network(driver, "1", "")).is_ok(),
                fine,
                "{name}"
            );
        }
    }

    #[test]
    fn what_may_reach_nothing_needs_a_network_that_leads_nowhere() {
        for (internal, fine) in [(None, false), (Some(false), false), (Some(true), true)] {
            let network = Network {
                internal,
                ..network("bridge", "1", "")
            };
            let found = usable("desks-none", Egress::Nothing, network);
            assert_eq!(found.is_ok(), fine, "{internal:?}");
        }
    }

    #[test]
    fn the_interface_is_the_one_asked_for_or_the_engines() {
        let mut made = network("bridge", "541cb99243d75a2c", "");
        assert_eq!(interface_of(&made).as_deref(), Some("br-541cb99243d7"));
        made.options = Some(HashMap::from([(INTERFACE.into(), "dc-1".into())]));
        assert_eq!(interface_of(&made).as_deref(), Some("dc-1"));
        assert_eq!(interface_of(&network("bridge", "short", "")), None);
    }

    #[test]
    fn the_first_one_made_is_the_one() {
        let mut all = [
            network("bridge", "a", "2026-11-22T11:00:00.12Z"),
            network("bridge", "b", "2026-11-22T11:00:00.1Z"),
            network("bridge", "c", "0"),
        ];
        all.sort_by_key(age);
        let order: Vec<_> = all
            .iter()
            .filter_map(|network| network.id.as_deref())
            .collect();
        assert_eq!(order, ["b", "a", "c"]);
    }
}
