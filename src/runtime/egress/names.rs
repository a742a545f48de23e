//! How the networks of desktops, their interfaces and the chains of rules are called (pure).
//!
//! Every name follows from `DESKTOP_NETWORK` alone, so that rules can be set before a network is there, and servers
//! that share a host do not touch each other's.

use sha2::{Digest, Sha256};

use crate::config::Egress;

/// The network of desktops that may reach `egress`. That of the default has the name an older version gave to all.
#[must_use]
pub fn network(base: &str, egress: Egress) -> String {
    match egress {
        Egress::Internet => base.to_owned(),
        other => format!("{base}-{}", other.word()),
    }
}

/// The interface of a network that this server makes. The kernel takes 15 characters at most.
#[must_use]
pub fn interface(network: &str) -> String {
    format!("dc-{}", digest(network, 12))
}

/// The chain for what desktops send on to others.
pub(super) fn forward_chain(base: &str) -> String {
    format!("{CHAINS}FWD-{}", digest(base, 8))
}

/// The chain for what desktops send to the host itself.
pub(super) fn input_chain(base: &str) -> String {
    format!("{CHAINS}IN-{}", digest(base, 8))
}

/// What all chains of this program begin with.
pub(super) const CHAINS: &str = "DESKCAST-";

fn digest(text: &str, letters: usize) -> String {
    let hex = format!("{:x}", Sha256::digest(text));
    hex[..letters].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_keeps_its_network_and_every_kind_has_its_own() {
        let names = Egress::ALL.map(|egress| network("deskcast-desktops", egress));
        assert_eq!(
            names,
            [
                "deskcast-desktops",
                "deskcast-desktops-everything",
                "deskcast-desktops-none"
            ]
        );
        let mut interfaces = names.map(|name| interface(&name)).to_vec();
        assert!(interfaces.iter().all(|name| name.len() == 15));
        interfaces.dedup();
        assert_eq!(interfaces.len(), 3);
    }

    #[test]
    fn chains_fit_and_are_those_of_one_installation() {
        for base in ["a", "deskcast-desktops"] {
            assert!(forward_chain(base).len() <= 28);
        }
        assert_ne!(forward_chain("a"), forward_chain("b"));
        assert_ne!(forward_chain("a"), input_chain("a"));
    }
}
