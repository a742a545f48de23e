//! The rules of the firewall that keep desktops from the host and from private networks (pure): what they are, whether
//! a listing of the firewall has them, and the transaction that puts them there.
//!
//! They are written as `iptables -S` prints them, so that a look is a comparison.

use std::net::IpAddr;

use super::names::{self, CHAINS};
use crate::config::Egress;

/// IPv4 or IPv6; each has a firewall of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `iptables`.
    V4,
    /// `ip6tables`.
    V6,
}

/// Networks that are nobody's on the internet (RFC 6890, multicast included). 100.64.0.0/10 is where providers and
/// clouds keep services of their own.
const PRIVATE_V4: [&str; 11] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/4",
    "240.0.0.0/4",
];
const PRIVATE_V6: [&str; 4] = ["64:ff9b::/96", "fc00::/7", "fe80::/10", "ff00::/8"];

impl Family {
    /// Both.
    pub const ALL: [Self; 2] = [Self::V4, Self::V6];

    fn private(self) -> &'static [&'static str] {
        match self {
            Self::V4 => &PRIVATE_V4,
            Self::V6 => &PRIVATE_V6,
        }
    }

    /// Where rules for forwarding are hooked in. The engine has a chain for it where it looks after a family at all,
    /// and usually it leaves IPv6 alone.
    fn forward_hook(self) -> &'static str {
        match self {
            Self::V4 => "DOCKER-USER",
            Self::V6 => "FORWARD",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::V4 => "# IPv4",
            Self::V6 => "# IPv6",
        }
    }

    fn reject(self) -> &'static str {
        match self {
            Self::V4 => "-j REJECT --reject-with icmp-port-unreachable",
            Self::V6 => "-j REJECT --reject-with icmp6-port-unreachable",
        }
    }

    fn one_address(self, address: IpAddr) -> Option<String> {
        match (self, address) {
            (Self::V4, IpAddr::V4(address)) => Some(format!("{address}/32")),
            (Self::V6, IpAddr::V6(address)) => Some(format!("{address}/128")),
            _ => None,
        }
    }
}

/// The interface of a network of desktops, and what they may reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bridge {
    /// As the kernel calls it.
    pub interface: String,
    /// What its desktops may reach.
    pub egress: Egress,
}

/// What a firewall lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The engine's chain `DOCKER-USER` is not in force: nothing can be hooked in.
    Hook,
    /// Rules are not there, or not the right ones, or not at the right place.
    Rules,
}

/// The rules of one family for one installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    family: Family,
    /// Each hook with its chain.
    hooks: [(&'static str, String); 2],
    /// Rules of both chains, in order.
    lines: Vec<String>,
}

impl Rules {
    /// The rules for the networks of `base` (`DESKTOP_NETWORK`). `resolvers` are the name servers of the host: the
    /// engine's own resolver asks them from inside the container's network.
    #[must_use]
    pub fn new(family: Family, base: &str, bridges: &[Bridge], resolvers: &[IpAddr]) -> Self {
        let forward = names::forward_chain(base);
        let input = names::input_chain(base);
        let limited = || {
            bridges
                .iter()
                .filter(|bridge| bridge.egress != Egress::Everything)
        };
        let mut lines = Vec::new();
        for bridge in limited() {
            lines.extend(beginning(family, &forward, bridge, resolvers));
            let on = &bridge.interface;
            let reject = family.reject();
            if bridge.egress == Egress::Internet {
                let private = family.private().iter();
                lines.extend(private.map(|net| format!("-A {forward} -d {net} -i {on} {reject}")));
            } else {
                lines.push(format!("-A {forward} -i {on} {reject}"));
            }
        }
        for bridge in limited() {
            lines.extend(beginning(family, &input, bridge, resolvers));
            let on = &bridge.interface;
            if family == Family::V6 {
                // Neighbours: without these a network that has IPv6 has none.
                lines.extend([133, 135, 136].map(|kind| {
                    format!(
                        "-A {input} -i {on} -p ipv6-icmp -m icmp6 --icmpv6-type {kind} -j RETURN"
                    )
                }));
            }
            lines.push(format!("-A {input} -i {on} {}", family.reject()));
        }
        Self {
            family,
            hooks: [(family.forward_hook(), forward), ("INPUT", input)],
            lines,
        }
    }

    /// What a firewall lacks whose `iptables -S` is `listing`; `None`: the rules are in force.
    #[must_use]
    pub fn lack(&self, listing: &str) -> Option<Lack> {
        if self.family == Family::V4 && !hook_is_passed(listing) {
            return Some(Lack::Hook);
        }
        let right = self.hooks.iter().all(|(hook, chain)| {
            let begins = format!("-A {chain} ");
            let wanted = self.lines.iter().filter(|line| line.starts_with(&begins));
            let found = listing.lines().filter(|line| line.starts_with(&begins));
            comes_first(listing, hook, chain) && wanted.map(String::as_str).eq(found)
        });
        (!right).then_some(Lack::Rules)
    }

    /// What `iptables-restore --noflush` is given: all of it or nothing comes into force, and nobody else's rules are
    /// touched.
    #[must_use]
    pub fn transaction(&self, listing: &str) -> String {
        let mut text = self.declared();
        for (hook, chain) in &self.hooks {
            let jump = jump(hook, chain);
            let there = listing.lines().filter(|line| *line == jump).count();
            text.extend(vec![format!("-D {hook} -j {chain}\n"); there]);
            text.extend([format!("-I {hook} 1 -j {chain}\n")]);
        }
        text + "COMMIT\n"
    }

    /// For a person, or for `scripts/egress-rules.sh`: what stands in the chains. What jumps to them depends on what is
    /// there already.
    #[must_use]
    pub fn printed(&self) -> String {
        let [(forward, _), (input, _)] = &self.hooks;
        format!(
            "{}\n# hooked into {forward} and {input}\n{}COMMIT\n",
            self.family.title(),
            self.declared()
        )
    }

    /// The chains, empty, and then their rules.
    fn declared(&self) -> String {
        let chains = self
            .hooks
            .iter()
            .map(|(_, chain)| format!(":{chain} - [0:0]"));
        let lines = chains.chain(self.lines.iter().cloned());
        lines.fold("*filter\n".to_owned(), |text, line| text + &line + "\n")
    }
}

/// What every chain begins with for a bridge: answers to whoever asked a desktop, the proxy above all, and names.
fn beginning(family: Family, chain: &str, bridge: &Bridge, resolvers: &[IpAddr]) -> Vec<String> {
    let on = &bridge.interface;
    let mut lines = vec![format!(
        "-A {chain} -i {on} -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN"
    )];
    if bridge.egress == Egress::Internet {
        for server in resolvers.iter().filter_map(|one| family.one_address(*one)) {
            lines.extend(["udp", "tcp"].map(|by| {
                format!("-A {chain} -d {server} -i {on} -p {by} -m {by} --dport 53 -j RETURN")
            }));
        }
    }
    lines
}

fn jump(hook: &str, chain: &str) -> String {
    format!("-A {hook} -j {chain}")
}

/// Whether everything that is forwarded passes the engine's chain for administrators before it is accepted.
fn hook_is_passed(listing: &str) -> bool {
    let mut forward = listing
        .lines()
        .filter(|line| line.starts_with("-A FORWARD "))
        .take_while(|line| !line.contains("-j ACCEPT"));
    forward.any(|line| line == "-A FORWARD -j DOCKER-USER")
}

/// Whether `hook` jumps to `chain` before anything else; chains of other installations may come before.
fn comes_first(listing: &str, hook: &str, chain: &str) -> bool {
    let begins = format!("-A {hook} ");
    let others = format!("-A {hook} -j {CHAINS}");
    let wanted = jump(hook, chain);
    listing
        .lines()
        .filter(|line| line.starts_with(&begins))
        .take_while(|line| line.starts_with(&others))
        .any(|line| line == wanted)
}

/// The name servers that a `resolv.conf` names, without those that only this host reaches.
#[must_use]
pub fn resolvers(resolv_conf: &str) -> Vec<IpAddr> {
    let named = resolv_conf
        .lines()
        .filter_map(|line| line.trim().strip_prefix("nameserver"))
        .filter_map(|rest| rest.trim().parse::<IpAddr>().ok());
    let mut found: Vec<_> = named.filter(|address| !address.is_loopback()).collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bridges() -> Vec<Bridge> {
        Egress::ALL
            .map(|egress| Bridge {
                interface: format!("br-{}", egress.word()),
                egress,
            })
            .to_vec()
    }

    fn rules(family: Family) -> Rules {
        Rules::new(family, "desks", &bridges(), &["10.0.0.53".parse().unwrap()])
    }

    /// A firewall as the engine leaves it, with `inside` in its chains.
    fn firewall(hook: &[&str], input: &[&str], rules: &Rules) -> String {
        let added = |hook: &str, jumps: &[&str]| {
            let line = |to: &&str| format!("-A {hook} {to}\n");
            jumps.iter().map(line).collect::<String>()
        };
        format!(
            "-P INPUT ACCEPT\n-N DOCKER-USER\n{}-A FORWARD -j DOCKER-USER\n-A FORWARD -o docker0 -j ACCEPT\n{}{}\n",
            added("INPUT", input),
            added("DOCKER-USER", hook),
            rules.lines.join("\n"),
        )
    }

    #[test]
    fn the_rules_of_each_kind() {
        let rules = rules(Family::V4);
        let of = |interface: &str| {
            let on = format!("-i {interface} ");
            let lines = rules.lines.iter().filter(|line| line.contains(&on));
            lines.cloned().collect::<Vec<_>>()
        };
        assert!(of("br-everything").is_empty());
        let nothing = of("br-none");
        assert_eq!(nothing.len(), 4, "{nothing:#?}");
        assert!(nothing.iter().all(|line| !line.contains(" -d ")));
        let internet = of("br-internet");
        for net in PRIVATE_V4 {
            let refused =
                |line: &&String| line.contains(&format!("-d {net} ")) && line.contains("REJECT");
            assert_eq!(internet.iter().filter(refused).count(), 1, "{net}");
        }
        // Answers pass before anything is refused, in both chains, and the host itself is refused last.
        assert!(internet[0].contains("RELATED,ESTABLISHED -j RETURN"));
        let last = internet.last().unwrap();
        assert!(last.starts_with("-A DESKCAST-IN-") && last.contains("REJECT"));
        let names = internet.iter().filter(|line| line.contains("--dport 53"));
        assert_eq!(names.count(), 4);
    }

    #[test]
    fn a_look_tells_what_is_lacking() {
        let rules = rules(Family::V4);
        let [(_, forward), (_, input)] = &rules.hooks;
        let (forward, input) = (format!("-j {forward}"), format!("-j {input}"));
        let (forward, input) = (forward.as_str(), input.as_str());
        let table: &[(&[&str], &[&str], Option<Lack>)] = &[
            (&[forward, "-j RETURN"], &[input], None),
            (
                &["-j DESKCAST-FWD-0", forward],
                &["-j DESKCAST-IN-0", input],
                None,
            ),
            (&["-j RETURN", forward], &[input], Some(Lack::Rules)),
            (&[forward], &["-i lo -j ACCEPT", input], Some(Lack::Rules)),
            (&[forward], &[], Some(Lack::Rules)),
            (&[], &[input], Some(Lack::Rules)),
        ];
        for (hook, jumps, expected) in table {
            let listing = firewall(hook, jumps, &rules);
            assert_eq!(rules.lack(&listing), *expected, "{listing}");
        }
        let whole = firewall(&[forward], &[input], &rules);
        let one_less = whole.replace(&rules.lines[3], "");
        assert_eq!(rules.lack(&one_less), Some(Lack::Rules));
        let one_more = format!("{whole}-A DESKCAST-FWD-0 -j RETURN\n{}\n", rules.lines[0]);
        assert_eq!(rules.lack(&one_more), Some(Lack::Rules));
        for hookless in [
            whole.replace("-A FORWARD -j DOCKER-USER\n", ""),
            whole.replace("-A FORWARD -j", "-A FORWARD -j ACCEPT\n-A FORWARD -j"),
        ] {
            assert_eq!(rules.lack(&hookless), Some(Lack::Hook));
        }
    }

    #[test]
    fn the_transaction_leaves_one_jump_at_the_top() {
        let rules = rules(Family::V6);
        let [(hook, forward), (_, input)] = &rules.hooks;
        assert_eq!(*hook, "FORWARD");
        let jump = format!("-A FORWARD -j {forward}\n");
        let text = rules.transaction(&format!("{jump}{jump}-A INPUT -j {input}0\n"));
        let count = |words: String| text.lines().filter(|line| **line == words).count();
        assert_eq!(count(format!("-D FORWARD -j {forward}")), 2);
        assert_eq!(count(format!("-D INPUT -j {input}")), 0);
        assert_eq!(count(format!("-I INPUT 1 -j {input}")), 1);
        assert!(text.starts_with("*filter\n:DESKCAST-FWD-") && text.ends_with("COMMIT\n"));
    }

    #[test]
    fn name_servers_that_a_container_can_ask() {
        let text = "# by hand\nsearch example.org\nnameserver 127.0.0.53\nnameserver 10.0.0.53\n nameserver ::1\nnameserver fd00::53\nnameserver 10.0.0.53\nnameserver x\n";
        let expected: [IpAddr; 2] = ["10.0.0.53".parse().unwrap(), "fd00::53".parse().unwrap()];
        assert_eq!(resolvers(text), expected);
        assert_eq!(resolvers(""), [] as [IpAddr; 0]);
    }
}
