//! Which network of the engine a launched desktop is on (pure).

use super::{
    super::refusal::Refusal,
    parameters::{Given, Parameters},
};
use crate::catalog::is_network_name;

/// Parameter of a link.
pub const PARAMETER: &str = "docker_network";

/// What a type says about networks.
#[derive(Clone, Copy, Debug)]
pub struct Offered<'a> {
    /// *Allow Network Selection*.
    pub allowed: bool,
    /// Names; nothing else is ever chosen.
    pub names: &'a [String],
}

/// The name of the network the link asks for; `None`: it asks for none.
pub fn chosen<'a>(
    dynamic: bool,
    offered: Offered<'a>,
    parameters: &Parameters,
) -> Result<Option<&'a str>, Refusal> {
    let given = match parameters.get(PARAMETER) {
        Given::Not => return Ok(None),
        _ if !(dynamic && offered.allowed) => return Err(Refusal::NetworkNotAllowed),
        Given::Once(name) => name,
        Given::Often => return Err(Refusal::NetworkInvalid),
    };
    let name = offered.names.iter().find(|name| *name == given);
    name.map(String::as_str)
        // A list that another version wrote is no reason to let a container out of its network.
        .filter(|name| is_network_name(name))
        .map(Some)
        .ok_or(Refusal::NetworkInvalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_type_offers_by_name() {
        type Line = (
            bool,
            bool,
            &'static str,
            Result<Option<&'static str>, Refusal>,
        );
        use Refusal::{NetworkInvalid as Invalid, NetworkNotAllowed as NotAllowed};
        let names: Vec<String> = ["class-net", "internet", "host"].map(String::from).into();
        let table: [Line; 17] = [
            (false, false, "", Ok(None)),
            (true, true, "", Ok(None)),
            (
                true,
                true,
                "docker_network=class-net",
                Ok(Some("class-net")),
            ),
            (
                true,
                true,
                "x=1&docker_network=internet",
                Ok(Some("internet")),
            ),
            (false, true, "docker_network=class-net", Err(NotAllowed)),
            (true, false, "docker_network=class-net", Err(NotAllowed)),
            (false, false, "docker_network=", Err(NotAllowed)),
            (
                false,
                false,
                "docker_network=a&docker_network=b",
                Err(NotAllowed),
            ),
            (true, true, "docker_network=", Err(Invalid)),
            (true, true, "docker_network=other", Err(Invalid)),
            (true, true, "docker_network=Class-Net", Err(Invalid)),
            (true, true, "docker_network=class", Err(Invalid)),
            (true, true, "docker_network=class-net%20", Err(Invalid)),
            (true, true, "docker_network=none", Err(Invalid)),
            (
                true,
                true,
                "docker_network=container:deskcast",
                Err(Invalid),
            ),
            (
                true,
                true,
                "docker_network=class-net&docker_network=class-net",
                Err(Invalid),
            ),
            // Listed by mistake, refused all the same.
            (true, true, "docker_network=host", Err(Invalid)),
        ];
        for (dynamic, allowed, query, expected) in table {
            let offered = Offered {
                allowed,
                names: &names,
            };
            let found = chosen(dynamic, offered, &Parameters::read(query));
            assert_eq!(found, expected, "{dynamic} {allowed} {query}");
        }
    }
}
