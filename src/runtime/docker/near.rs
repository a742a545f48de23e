//! Whether this server is on the network of the desktops itself.
//!
//! The routes of this machine tell: a packet to the bridge's own address would leave from an address of the same
//! subnet, because the bridge is here, or because this server is attached to it. With an engine in a virtual machine
//! (Docker Desktop), one without root, or one elsewhere, it would leave by another way, or not at all.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};

use bollard::models::Network;
use ipnet::IpNet;

/// Whether containers of `network` can be reached at their own addresses. Sends nothing.
pub(super) fn is_near(network: &Network) -> bool {
    subnets(network)
        .into_iter()
        .any(|(subnet, gateway)| leaves_by(gateway).is_some_and(|own| subnet.contains(&own)))
}

/// Every subnet of it with the address of the bridge there. Containers are reached by IPv4.
fn subnets(network: &Network) -> Vec<(IpNet, IpAddr)> {
    let parts = network.ipam.as_ref().and_then(|ipam| ipam.config.as_ref());
    let known = parts.into_iter().flatten().filter_map(|part| {
        let subnet: IpNet = part.subnet.as_deref()?.parse().ok()?;
        let gateway = part.gateway.as_deref().and_then(|text| text.parse().ok());
        Some((subnet, gateway.or_else(|| subnet.hosts().next())?))
    });
    known.filter(|(_, gateway)| gateway.is_ipv4()).collect()
}

/// The address of this machine a packet to `address` would carry.
fn leaves_by(address: IpAddr) -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((address, 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn network(config: &serde_json::Value) -> Network {
        serde_json::from_value(json!({"IPAM": {"Config": config}})).unwrap()
    }

    #[test]
    fn a_network_of_this_machine_is_near_and_others_are_not() {
        let table = [
            // The loopback stands for a bridge of this machine.
            (
                json!([{"Subnet": "127.0.0.0/8", "Gateway": "127.0.0.1"}]),
                true,
            ),
            (json!([{"Subnet": "127.0.0.0/8"}]), true),
            // Documentation's network: nobody is on it.
            (
                json!([{"Subnet": "198.51.100.0/24", "Gateway": "198.51.100.1"}]),
                false,
            ),
            (
                json!([{"Subnet": "fd00::/64", "Gateway": "fd00::1"}]),
                false,
            ),
            (json!([{"Subnet": "nonsense"}]), false),
            (json!([]), false),
            (json!(null), false),
        ];
        for (config, near) in table {
            assert_eq!(is_near(&network(&config)), near, "{config}");
        }
    }
}
