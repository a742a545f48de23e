//! A request must name this server as its host (threat T11): what a stranger writes there must never end up in a link,
//! a redirect or a rule.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use url::Url;

use super::security::single;
use crate::{config::address::leads_to_this_machine, error::AppError, say};

/// Why a request's host is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrongHost {
    /// None, or more than one, or no text: 400.
    Malformed,
    /// Another server's name: 421.
    Foreign,
}

/// Which hosts a request may name.
#[derive(Clone, Debug)]
pub struct HostRule {
    names: Vec<(String, u16)>,
    default_port: u16,
}

impl HostRule {
    /// The host of `public_url`; when that is this machine itself, every usual name of it, also with `listen_port`,
    /// so that health checks on the machine work.
    #[must_use]
    pub fn new(public_url: &Url, listen_port: u16) -> Self {
        let default_port = if public_url.scheme() == "https" {
            443
        } else {
            80
        };
        let port = public_url.port().unwrap_or(default_port);
        let host = public_url.host_str().unwrap_or_default().to_owned();
        let mut names = vec![(host, port)];
        if leads_to_this_machine(public_url) {
            for name in ["127.0.0.1", "localhost", "[::1]"] {
                names.extend([port, listen_port].map(|port| (name.to_owned(), port)));
            }
        }
        Self {
            names,
            default_port,
        }
    }

    /// Checks the `Host` header and, when the request line has an authority too, that one.
    pub fn check(&self, target: &Uri, headers: &HeaderMap) -> Result<(), WrongHost> {
        let host = single(headers, &header::HOST)
            .map_err(|()| WrongHost::Malformed)?
            .ok_or(WrongHost::Malformed)?;
        let host: Authority = host.parse().map_err(|_| WrongHost::Malformed)?;
        if !self.is_ours(&host) || !target.authority().is_none_or(|named| self.is_ours(named)) {
            return Err(WrongHost::Foreign);
        }
        Ok(())
    }

    fn is_ours(&self, authority: &Authority) -> bool {
        // `user@host` and `host:` are not equal to what they look like.
        let text = authority.as_str();
        let port = authority.port_u16();
        let spelled = match port {
            Some(port) => format!("{}:{port}", authority.host()),
            None => authority.host().to_owned(),
        };
        spelled == text
            && self.names.iter().any(|(name, ours)| {
                name.eq_ignore_ascii_case(authority.host())
                    && port.unwrap_or(self.default_port) == *ours
            })
    }
}

/// Layer: refuses requests that name another server as their host (T11). The answer does not repeat the name.
pub async fn host_rule(
    State(rule): State<Arc<HostRule>>,
    request: Request,
    next: Next,
) -> Response {
    let refusal = match rule.check(request.uri(), request.headers()) {
        Ok(()) => return next.run(request).await,
        Err(WrongHost::Malformed) => AppError::bad_request("bad_host", say!("error-bad-host")),
        Err(WrongHost::Foreign) => AppError::BadRequest {
            status: StatusCode::MISDIRECTED_REQUEST,
            code: "wrong_host",
            sentence: say!("error-wrong-host"),
        },
    };
    refusal.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: &str = "https://desk.example.com";

    fn map(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_request_names_this_server() {
        use WrongHost::{Foreign, Malformed};
        let public = HostRule::new(&PUBLIC.parse().unwrap(), 8080);
        let table = [
            ("/", "desk.example.com", Ok(())),
            ("/", "DESK.example.com", Ok(())),
            ("/", "desk.example.com:443", Ok(())),
            ("https://desk.example.com/", "desk.example.com", Ok(())),
            ("/", "desk.example.com:8080", Err(Foreign)),
            ("/", "desk.example.com:", Err(Foreign)),
            ("/", "desk.example.com.", Err(Foreign)),
            ("/", "evil.example", Err(Foreign)),
            ("/", "evil@desk.example.com", Err(Foreign)),
            ("/", "desk.example.com@evil", Err(Foreign)),
            ("/", "127.0.0.1:8080", Err(Foreign)),
            ("/", "localhost", Err(Foreign)),
            ("/", "", Err(Malformed)),
            ("/", "desk.example.com/x", Err(Malformed)),
            ("/", "desk.example.com, evil", Err(Malformed)),
            ("https://evil.example/", "desk.example.com", Err(Foreign)),
            ("https://desk.example.com/", "evil.example", Err(Foreign)),
        ];
        for (target, host, expected) in table {
            let answer = public.check(&target.parse().unwrap(), &map(&[("host", host)]));
            assert_eq!(answer, expected, "{target} Host: {host}");
        }
        let two = map(&[("host", "desk.example.com"), ("host", "desk.example.com")]);
        assert_eq!(public.check(&"/".parse().unwrap(), &two), Err(Malformed));
        let none = public.check(&"/".parse().unwrap(), &map(&[]));
        assert_eq!(none, Err(Malformed));
    }

    #[test]
    fn this_machine_goes_by_all_its_names() {
        let local = HostRule::new(&"http://127.0.0.1:8080".parse().unwrap(), 9090);
        for host in [
            "127.0.0.1:8080",
            "localhost:8080",
            "[::1]:8080",
            "127.0.0.1:9090",
        ] {
            let answer = local.check(&"/".parse().unwrap(), &map(&[("host", host)]));
            assert_eq!(answer, Ok(()), "{host}");
        }
        for host in ["127.0.0.1", "127.0.0.2:8080", "example.com:8080"] {
            let answer = local.check(&"/".parse().unwrap(), &map(&[("host", host)]));
            assert_eq!(answer, Err(WrongHost::Foreign), "{host}");
        }
    }
}
