//! The configuration: read once from the environment, checked whole, typed.
//!
//! [`Config::from_env`] either answers a complete configuration or every problem at once, so that nobody starts the
//! server five times to find five mistakes. Secrets are wrapped and cannot be printed.

mod env;

use std::{net::SocketAddr, time::Duration};

use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

pub use env::EnvSource;

/// Everything a server needs to know before it starts.
#[derive(Clone, Debug)]
pub struct Config {
    /// Addresses and what callers see of them.
    pub http: HttpConfig,
    /// Postgres.
    pub database: DatabaseConfig,
    /// The account made at the first start.
    pub first_admin: FirstAdmin,
    /// Where containers run and how they are reached.
    pub runtime: RuntimeConfig,
    /// Defaults of the catalogue at the first start.
    pub catalog: CatalogConfig,
    /// Log lines.
    pub log: LogConfig,
}

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

/// Postgres.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// `DATABASE_URL`, or the original's `DATABASE_URI`.
    pub url: SecretString,
    /// `DATABASE_CONNECTIONS`: the pool's size.
    pub connections: u32,
}

/// The account made at the first start.
#[derive(Clone, Debug)]
pub struct FirstAdmin {
    /// `ADMIN_USERNAME`.
    pub username: String,
    /// `ADMIN_PASSWORD`; a random one is printed once when it is not set.
    pub password: Option<SecretString>,
}

/// Where containers run and how they are reached.
#[derive(Clone, Debug)]
pub struct RuntimeConfig {
    /// `DOCKER_HOST`: `unix:///…` or `tcp://…`; the engine's usual socket when not set.
    pub docker_host: Option<String>,
    /// `DESKTOP_PORTS`: host ports for desktops, both ends included.
    pub ports: (u16, u16),
    /// `DESKTOP_CONNECT`.
    pub connect: DesktopConnect,
    /// `DESKTOP_NETWORK`: the bridge network of all desktops; made when missing.
    pub network: String,
    /// `START_WAIT`: how long `POST /api/container/start` waits before it answers 202.
    pub start_wait: Duration,
    /// `VNC_PASSWORD`: one password for all desktops instead of a random one each. Not recommended.
    pub fixed_vnc_password: Option<SecretString>,
    /// `{DOCKER_HOST_PROTOCOL}://{DOCKER_HOST_URL}`, or the public URL: how the original writes a desktop's address.
    pub desktop_base: String,
}

/// How this server reaches a desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DesktopConnect {
    /// A port of `DESKTOP_PORTS`, published on 127.0.0.1 only.
    HostPort,
    /// The container's address on its network; for a server that is a container itself.
    ContainerAddress,
}

/// Defaults of the catalogue at the first start.
#[derive(Clone, Debug)]
pub struct CatalogConfig {
    /// `KASM_IMAGE`: image of `ubuntu-desktop`.
    pub kasm_image: String,
    /// `KASM_CONTAINER_PORT`.
    pub container_port: u16,
    /// `KASM_CONTAINER_PROTOCOL` is `https`.
    pub container_tls: bool,
    /// `VNC_USER`.
    pub vnc_user: String,
}

/// Log lines.
#[derive(Clone, Debug)]
pub struct LogConfig {
    /// `LOG_FORMAT`.
    pub format: LogFormat,
    /// `LOG_LEVEL`: `info`, or per module such as `info,deskcast=debug`.
    pub level: String,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Every problem of a configuration.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigProblems(pub Vec<String>);

impl Config {
    /// Reads and checks everything; the names of all variables read come along for the test of `.env.example`.
    pub fn from_env(mut env: EnvSource) -> (Result<Self, ConfigProblems>, Vec<&'static str>) {
        let http = HttpConfig::from_env(&mut env);
        let config = Self {
            database: DatabaseConfig::from_env(&mut env),
            first_admin: FirstAdmin {
                username: env.text("ADMIN_USERNAME", "admin"),
                password: env.secret("ADMIN_PASSWORD"),
            },
            runtime: RuntimeConfig::from_env(&mut env, &http.public_url),
            catalog: CatalogConfig::from_env(&mut env),
            log: LogConfig::from_env(&mut env),
            http,
        };
        if config
            .first_admin
            .password
            .as_ref()
            .is_some_and(|password| password.expose_secret().chars().count() < 8)
        {
            env.problem("ADMIN_PASSWORD: at least 8 characters".into());
        }
        let (read, problems) = env.finish();
        (
            if problems.is_empty() {
                Ok(config)
            } else {
                Err(ConfigProblems(problems))
            },
            read,
        )
    }
}

impl HttpConfig {
    fn from_env(env: &mut EnvSource) -> Self {
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
        {
            env.problem(format!("PUBLIC_URL: \"{public_url}\" must be http:// or https:// and a host, without a path"));
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

    /// Whether browsers reach us over TLS: then the cookie is `__Host-deskcast` and Secure.
    #[must_use]
    pub fn secure(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}

impl DatabaseConfig {
    fn from_env(env: &mut EnvSource) -> Self {
        let url = env.secret("DATABASE_URL");
        let original = env.secret("DATABASE_URI");
        let url = url.or(original).unwrap_or_else(|| {
            env.problem("DATABASE_URL: missing; a Postgres address such as postgres://deskcast:password@localhost/deskcast".into());
            SecretString::from("")
        });
        let text = url.expose_secret();
        if !text.is_empty()
            && !text.starts_with("postgres://")
            && !text.starts_with("postgresql://")
        {
            env.problem("DATABASE_URL: must begin with postgres://".into());
        }
        let connections = env.parsed("DATABASE_CONNECTIONS", "a number").unwrap_or(20);
        if !(2..=1_000).contains(&connections) {
            env.problem("DATABASE_CONNECTIONS: from 2 to 1000".into());
        }
        Self { url, connections }
    }
}

impl RuntimeConfig {
    fn from_env(env: &mut EnvSource, public_url: &Url) -> Self {
        let fixed_vnc_password = env.secret("VNC_PASSWORD");
        if let Some(password) = &fixed_vnc_password {
            let text = password.expose_secret();
            if text.len() < 6
                || matches!(
                    text,
                    "password" | "vncpassword" | "kasm_password" | "changeme"
                )
            {
                env.problem("VNC_PASSWORD: shorter than 6 characters or a known default; leave it unset for a random one per desktop".into());
            } else if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                env.problem(
                    "VNC_PASSWORD: only letters and digits (the images pass it through a shell)"
                        .into(),
                );
            }
        }
        let protocol = env.choice(
            "DOCKER_HOST_PROTOCOL",
            &[("https", "https"), ("http", "http")],
        );
        let desktop_base = match env.optional("DOCKER_HOST_URL") {
            Some(host) => format!("{protocol}://{host}"),
            None => public_url.origin().ascii_serialization(),
        };
        let docker_host = env.optional("DOCKER_HOST");
        if let Some(host) = &docker_host
            && !["unix://", "tcp://", "http://"]
                .iter()
                .any(|scheme| host.starts_with(scheme))
        {
            env.problem(format!(
                "DOCKER_HOST: \"{host}\" must begin with unix:// or tcp://"
            ));
        }
        Self {
            docker_host,
            ports: ports(env),
            connect: env.choice(
                "DESKTOP_CONNECT",
                &[
                    ("host-port", DesktopConnect::HostPort),
                    ("container-address", DesktopConnect::ContainerAddress),
                ],
            ),
            network: env.text("DESKTOP_NETWORK", "deskcast-desktops"),
            start_wait: env.duration("START_WAIT", Duration::from_secs(30)),
            fixed_vnc_password,
            desktop_base,
        }
    }
}

impl LogConfig {
    fn from_env(env: &mut EnvSource) -> Self {
        let format = env.choice(
            "LOG_FORMAT",
            &[("text", LogFormat::Text), ("json", LogFormat::Json)],
        );
        let level = env.text("LOG_LEVEL", "info,deskcast=info");
        if let Err(error) = level.parse::<tracing_subscriber::EnvFilter>() {
            env.problem(format!(
                "LOG_LEVEL: \"{level}\" is not a level such as info, or levels per module such as info,deskcast=debug ({error})"
            ));
        }
        Self { format, level }
    }
}

impl CatalogConfig {
    fn from_env(env: &mut EnvSource) -> Self {
        Self {
            kasm_image: env.text("KASM_IMAGE", "kasmweb/ubuntu-focal-desktop:1.15.0"),
            container_port: env.parsed("KASM_CONTAINER_PORT", "a port").unwrap_or(6901),
            container_tls: env.choice(
                "KASM_CONTAINER_PROTOCOL",
                &[("https", true), ("http", false)],
            ),
            vnc_user: env.text("VNC_USER", "kasm_user"),
        }
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

fn ports(env: &mut EnvSource) -> (u16, u16) {
    let text = env.text("DESKTOP_PORTS", "7000-8000");
    let range = text
        .split_once('-')
        .and_then(|(low, high)| Some((low.trim().parse().ok()?, high.trim().parse().ok()?)));
    match range {
        Some((low, high)) if low >= 1024 && low <= high => (low, high),
        _ => {
            env.problem(format!(
                "DESKTOP_PORTS: \"{text}\" is not a range such as 7000-8000 (from 1024 up)"
            ));
            (7000, 8000)
        }
    }
}

/// A browser cannot open 0.0.0.0.
fn local_address(listen: SocketAddr) -> SocketAddr {
    if listen.ip().is_unspecified() {
        ([127, 0, 0, 1], listen.port()).into()
    } else {
        listen
    }
}
