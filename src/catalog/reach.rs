//! What stands behind a type and how it is reached: rules for servers, addresses to open and networks (pure).

use url::Host;

use super::{
    DesktopTypeDraft, TypeKind, network_name::is_network_name, reference::is_image_reference,
};
use crate::{error::FieldProblem, say};

/// Most networks a link may choose from.
const MOST_NETWORKS: usize = 50;

/// Everything that is wrong about it.
pub(super) fn problems(draft: &DesktopTypeDraft) -> Vec<FieldProblem> {
    let is_server = draft.kind == TypeKind::Server;
    let host = draft.server_host.as_deref();
    let checks = [
        (
            "image",
            (is_server && draft.image.is_empty()) || is_image_reference(&draft.image),
            say!("type-image"),
        ),
        (
            "server_host",
            host.map_or(!is_server, is_host),
            say!("type-server-host"),
        ),
        (
            "server_port",
            draft.server_port.map_or(!is_server, |port| port != 0),
            say!("type-port"),
        ),
        (
            "server_protocol",
            draft.server_protocol.is_some() || !is_server,
            say!("type-server-protocol"),
        ),
        (
            "takes_address",
            !(is_server && draft.takes_address),
            say!("type-server-takes-no-address"),
        ),
        (
            "allow_network_selection",
            !(is_server && draft.allow_network_selection),
            say!("type-server-has-no-network"),
        ),
    ];
    let wrong = checks
        .into_iter()
        .filter(|(_, fine, _)| !fine)
        .map(|(field, _, sentence)| FieldProblem::new(field, sentence));
    wrong.chain(network_problem(draft)).collect()
}

/// The first name that is none, a choice of nothing, or too many of them.
fn network_problem(draft: &DesktopTypeDraft) -> Option<FieldProblem> {
    let names = &draft.networks;
    let sentence = if let Some(wrong) = names.iter().find(|name| !is_network_name(name)) {
        let shown: String = wrong.chars().take(60).collect();
        say!("type-network-name", name = format!("{shown:?}"))
    } else if names.len() > MOST_NETWORKS {
        say!("type-networks-many", most = MOST_NETWORKS)
    } else if draft.allow_network_selection && names.is_empty() {
        say!("type-networks-none")
    } else {
        return None;
    };
    Some(FieldProblem::new("networks", sentence))
}

/// A name or an address, and nothing around it.
fn is_host(text: &str) -> bool {
    let plain = |letter: char| {
        letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | ':' | '[' | ']')
    };
    (1..=253).contains(&text.len())
        && text.chars().all(plain)
        && !text.starts_with(['.', '-'])
        && (text.parse::<std::net::IpAddr>().is_ok() || Host::parse(text).is_ok())
}

#[cfg(test)]
mod tests {
    use super::{super::ServerProtocol, *};

    fn wrong(change: impl FnOnce(&mut DesktopTypeDraft)) -> Vec<String> {
        let mut draft = DesktopTypeDraft {
            image: "deskcast/desktop:latest".into(),
            ..DesktopTypeDraft::default()
        };
        change(&mut draft);
        let problems = problems(&draft);
        problems.into_iter().map(|problem| problem.field).collect()
    }

    fn server(draft: &mut DesktopTypeDraft) {
        draft.kind = TypeKind::Server;
        draft.image = String::new();
        draft.server_host = Some("excel.school.example".into());
        draft.server_port = Some(3389);
        draft.server_protocol = Some(ServerProtocol::Rdp);
    }

    #[test]
    fn a_server_says_where_it_is() {
        assert_eq!(wrong(server), [""; 0]);
        assert_eq!(
            wrong(|draft| draft.kind = TypeKind::Server),
            ["server_host", "server_port", "server_protocol"]
        );
        let both = wrong(|draft| {
            server(draft);
            draft.takes_address = true;
            draft.allow_network_selection = true;
            draft.networks = vec!["class-net".into()];
        });
        assert_eq!(both, ["takes_address", "allow_network_selection"]);
        assert_eq!(wrong(|draft| draft.image = String::new()), ["image"]);
        for (host, fine) in [
            ("10.0.0.7", true),
            ("2001:db8::7", true),
            ("[2001:db8::7]", true),
            ("excel", true),
            ("", false),
            ("a b", false),
            ("rdp://excel", false),
            ("excel/", false),
            ("-oProxyCommand=x", false),
            ("excel:3389:x", false),
        ] {
            let found = wrong(|draft| {
                server(draft);
                draft.server_host = Some(host.into());
            });
            assert_eq!(found.is_empty(), fine, "{host}");
        }
    }

    #[test]
    fn networks_are_names_and_a_choice_has_some() {
        let networks = |names: &[&str], allow| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            wrong(|draft| (draft.networks, draft.allow_network_selection) = (names, allow))
        };
        assert_eq!(networks(&[], false), [""; 0]);
        assert_eq!(networks(&["class-net", "internet"], true), [""; 0]);
        for (names, allow) in [
            (&[][..], true),
            (&["class-net", "host"][..], true),
            (&["container:x"][..], false),
        ] {
            assert_eq!(networks(names, allow), ["networks"], "{names:?}");
        }
        assert_eq!(networks(&["net"; 51], true), ["networks"]);
    }
}
