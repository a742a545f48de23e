//! Where a request comes from, behind proxies that may be believed and none else (threat T12).

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, request::Parts},
    middleware::Next,
    response::Response,
};
use ipnet::IpNet;

/// More addresses than any honest chain of proxies has.
const LONGEST_CHAIN: usize = 32;

/// The other end of the TCP connection; an extension of every request, put there by `web::serve`.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Who sent the request, by address: budgets are kept per address and log lines name it.
///
/// The peer itself, or what trusted proxies say of it; nothing a stranger writes into a header changes it. IPv4
/// addresses in IPv6 clothes are IPv4 addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientIp(pub IpAddr);

impl ClientIp {
    /// What one household has: the address itself, or the /64 network of an IPv6 address. The key for budgets.
    #[must_use]
    pub fn household(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(address) => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for ClientIp {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        // Without the layer (a test of one handler) everybody is the same nobody.
        Ok(parts
            .extensions
            .get()
            .copied()
            .unwrap_or(Self(Ipv4Addr::UNSPECIFIED.into())))
    }
}

/// Layer: puts the [`ClientIp`] on every request.
pub async fn client_ip(
    State(trusted): State<Arc<[IpNet]>>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request
        .extensions()
        .get()
        .map_or(Ipv4Addr::UNSPECIFIED.into(), |Peer(peer)| peer.ip());
    let client = client_of(peer, request.headers(), &trusted);
    request.extensions_mut().insert(ClientIp(client));
    next.run(request).await
}

/// Walks `X-Forwarded-For` from the right while proxies may be believed; the first address that may not is the
/// client. A chain that is malformed or too long proves nothing, so the peer stays.
pub(super) fn client_of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = peer.to_canonical();
    let believed = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    if !believed(&peer) {
        return peer;
    }
    let Some(chain) = forwarded_for(headers) else {
        return peer;
    };
    let mut client = peer;
    for hop in chain.iter().rev() {
        let Ok(address) = hop.parse::<IpAddr>() else {
            return peer;
        };
        client = address.to_canonical();
        if !believed(&client) {
            break;
        }
    }
    client
}

/// The addresses of all `X-Forwarded-For` lines in the order they were added.
fn forwarded_for(headers: &HeaderMap) -> Option<Vec<&str>> {
    let lines: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .map(HeaderValue::to_str)
        .collect::<Result<_, _>>()
        .ok()?;
    let hops: Vec<&str> = lines
        .iter()
        .flat_map(|line| line.split(','))
        .map(|hop| hop.trim_matches([' ', '\t']))
        .collect();
    (hops.len() <= LONGEST_CHAIN).then_some(hops)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.1";
    const STRANGER: &str = "203.0.113.9";

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(
                *name,
                HeaderValue::from_bytes(value.as_bytes()).expect("a header value"),
            );
        }
        headers
    }

    fn trusted() -> Vec<IpNet> {
        ["10.0.0.0/24", "fd00::/64"]
            .iter()
            .map(|network| network.parse().unwrap())
            .collect()
    }

    /// What a stranger may write, and who they are for us when a believed proxy passes it on unchanged.
    const SPOOFS: [(&str, &str); 44] = [
        ("198.51.100.7", "198.51.100.7"),
        ("127.0.0.1, 198.51.100.7", "198.51.100.7"),
        ("8.8.8.8,198.51.100.7", "198.51.100.7"),
        ("8.8.8.8 , 198.51.100.7 ", "198.51.100.7"),
        ("8.8.8.8,\t198.51.100.7", "198.51.100.7"),
        ("198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("198.51.100.7, 10.0.0.3, 10.0.0.2", "198.51.100.7"),
        ("198.51.100.7, fd00::9", "198.51.100.7"),
        ("rubbish, 198.51.100.7", "198.51.100.7"),
        (", 198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("::ffff:c633:6407", "198.51.100.7"),
        ("198.51.100.7, ::ffff:10.0.0.2", "198.51.100.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("2001:db8:0:0:0:0:0:1", "2001:db8::1"),
        ("10.0.0.2", "10.0.0.2"),
        ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.1.1", "10.0.1.1"),
        // From here on nothing is proved: the proxy itself is the client.
        ("", PROXY),
        (" ", PROXY),
        (",", PROXY),
        ("198.51.100.7,", PROXY),
        ("198.51.100.7, ", PROXY),
        ("198.51.100.7,,10.0.0.2", PROXY),
        ("198.51.100.7:443", PROXY),
        ("[2001:db8::1]", PROXY),
        ("[2001:db8::1]:443", PROXY),
        ("2001:db8::1:443:1:1:1:1:1", PROXY),
        ("fe80::1%eth0", PROXY),
        ("198.51.100.7%0", PROXY),
        ("\"198.51.100.7\"", PROXY),
        ("for=198.51.100.7", PROXY),
        ("198.51.100.07", PROXY),
        ("0306.063.0144.7", PROXY),
        ("0xc6.51.100.7", PROXY),
        ("198.51.100", PROXY),
        ("3325256711", PROXY),
        ("198.51.100.7.", PROXY),
        ("198.51.100.256", PROXY),
        ("198.51.100.7 10.0.0.2", PROXY),
        ("198.51.100.7;10.0.0.2", PROXY),
        ("localhost", PROXY),
        ("unknown, 10.0.0.2", PROXY),
    ];

    #[test]
    fn a_believed_proxy_is_asked_and_only_for_the_first_stranger() {
        for (line, client) in SPOOFS {
            let headers = headers(&[("x-forwarded-for", line)]);
            assert_eq!(
                client_of(ip(PROXY), &headers, &trusted()),
                ip(client),
                "{line:?}"
            );
        }
    }

    #[test]
    fn a_stranger_is_who_they_are_whatever_they_write() {
        for (line, _) in SPOOFS {
            for name in [
                "x-forwarded-for",
                "x-real-ip",
                "forwarded",
                "true-client-ip",
                "cf-connecting-ip",
            ] {
                let headers = headers(&[(name, line)]);
                assert_eq!(
                    client_of(ip(STRANGER), &headers, &trusted()),
                    ip(STRANGER),
                    "{name}: {line:?}"
                );
                assert_eq!(
                    client_of(ip(PROXY), &headers, &[]),
                    ip(PROXY),
                    "nobody is believed by default, {name}: {line:?}"
                );
            }
        }
    }

    #[test]
    fn only_one_header_counts() {
        for name in ["x-real-ip", "forwarded", "x-client-ip", "x-forwarded"] {
            let headers = headers(&[(name, "198.51.100.7")]);
            assert_eq!(client_of(ip(PROXY), &headers, &trusted()), ip(PROXY));
        }
    }

    #[test]
    fn two_lines_are_one_chain() {
        let headers = headers(&[
            ("x-forwarded-for", "8.8.8.8"),
            ("x-forwarded-for", "198.51.100.7"),
        ]);
        assert_eq!(
            client_of(ip(PROXY), &headers, &trusted()),
            ip("198.51.100.7")
        );
    }

    #[test]
    fn bytes_that_are_no_text_and_endless_chains_prove_nothing() {
        let odd = headers(&[("x-forwarded-for", "198.51.100.7, é")]);
        let endless = headers(&[("x-forwarded-for", &"198.51.100.7,".repeat(40))]);
        for headers in [odd, endless] {
            assert_eq!(client_of(ip(PROXY), &headers, &trusted()), ip(PROXY));
        }
    }

    #[test]
    fn a_peer_in_ipv6_clothes_is_believed_like_itself() {
        let headers = headers(&[("x-forwarded-for", "198.51.100.7")]);
        assert_eq!(
            client_of(ip("::ffff:10.0.0.1"), &headers, &trusted()),
            ip("198.51.100.7")
        );
    }

    #[test]
    fn a_household_shares_its_budget() {
        let household = |text| ClientIp(ip(text)).household();
        assert_eq!(household("198.51.100.7"), ip("198.51.100.7"));
        assert_eq!(household("2001:db8:1:2:3:4:5:6"), ip("2001:db8:1:2::"));
        assert_ne!(household("2001:db8:1:2::1"), household("2001:db8:1:3::1"));
    }
}
