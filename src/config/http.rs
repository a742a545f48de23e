//! Addresses and what callers see of them.

use std::{net::SocketAddr, time::Duration};

use ipnet::IpNet;
use url::Url;

use super::EnvSource;

/// Addresses and what callers see of them.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// `LISTEN`: where the server accepts connections.
    pub listen: SocketAddr,
    /// `PUBLIC_URL`: how browsers reach it; links, the Origin rule and the cookie's name follow from it.
    pub public_url: Url,
    /// `TRUSTED_PROXIES`: peers whose `X-Forwarded-For` is believed. Empty: nobody's.
    pub trusted_proxies: Vec<IpNet>,
    /// `ALLOW_SESSION_ID_QUERY`: whether the API takes `?session_id=`.
    pub session_id_in_query: bool,
    /// `SHUTDOWN_GRACE`: how long open streams may go on after the first stop signal.
    pub shutdown_grace: Duration,
}

impl HttpConfig {
    pub(super) fn from_env(env: &mut EnvSource) -> Self {
        let listen = env
            .parsed("LISTEN", "an address such as 127.0.0.1:8080")
            .unwrap_or(([127, 0, 0, 1], 8080).into());
        let local = Url::parse(&format!("http://{}", local_address(listen))).ok();
        let given = env.parsed::<Url>("PUBLIC_URL", "a URL such as https://desk.example.org");
        let public_url = given.or(local).unwrap_or_else(|| {
            Url::parse("http://127.0.0.1:8080").unwrap_or_else(|_| unreachable!())
        });
        if !matches!(public_url.scheme(), "http" | "https")
            || public_url.path() != "/"
            || public_url.query().is_some()
            || public_url.fragment().is_some()
        {
            env.problem(format!("PUBLIC_URL: \"{public_url}\" must be http:// or https:// and a host, without a path"));
        }
        if !public_url.username().is_empty() || public_url.password().is_some() {
            env.problem("PUBLIC_URL: must not contain an account".into());
        }
        if public_url.port() == Some(0) {
            env.problem("PUBLIC_URL: missing; it cannot be guessed while LISTEN lets the system choose the port".into());
        }
        Self {
            listen,
            public_url,
            trusted_proxies: networks(env, "TRUSTED_PROXIES"),
            session_id_in_query: env.flag("ALLOW_SESSION_ID_QUERY", true),
            shutdown_grace: env.duration("SHUTDOWN_GRACE", Duration::from_secs(30)),
        }
    }

    /// `http://host:port` as a browser writes it in `Origin`.
    #[must_use]
    pub fn origin(&self) -> String {
        self.public_url.origin().ascii_serialization()
    }

    /// Whether browsers reach us over TLS: then the cookie is `__Host-Http-deskcast` and Secure.
    #[must_use]
    pub fn secure(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}

fn networks(env: &mut EnvSource, name: &'static str) -> Vec<IpNet> {
    let text = env.optional(name).unwrap_or_default();
    let mut networks = Vec::new();
    for part in text.split([',', ' ']).filter(|part| !part.is_empty()) {
        match part
            .parse::<IpNet>()
            .or_else(|_| part.parse::<std::net::IpAddr>().map(IpNet::from))
        {
            Ok(network) if network.prefix_len() == 0 => {
                env.problem(format!(
                    "{name}: \"{part}\" would believe everybody; name the proxies"
                ));
            }
            Ok(network) => networks.push(network),
            Err(_) => env.problem(format!(
                "{name}: \"{part}\" is not an address or network such as 10.0.0.0/8"
            )),
        }
    }
    networks
}

/// A browser cannot open 0.0.0.0.
fn local_address(listen: SocketAddr) -> SocketAddr {
    if listen.ip().is_unspecified() {
        ([127, 0, 0, 1], listen.port()).into()
    } else {
        listen
    }
}
