//! The configuration: read once from the environment, checked whole, typed.
//!
//! [`Config::from_env`] either answers a complete configuration or every problem at once, so that nobody starts the
//! server five times to find five mistakes. Secrets are wrapped and cannot be printed.

pub mod address;
mod egress;
mod env;
mod http;
mod oidc;
mod runtime;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

pub use address::{AddressProblem, outside_address};
pub use egress::{Egress, EgressRules};
pub use env::{EnvSource, arguments};
pub use http::HttpConfig;
pub use oidc::{CALLBACKS, ConfiguredProvider, OidcConfig};
pub use runtime::{DISK_MB, DesktopConnect, RuntimeConfig};

/// Everything a server needs to know before it starts.
#[derive(Clone, Debug)]
pub struct Config {
    /// Addresses and what callers see of them.
    pub http: HttpConfig,
    /// Postgres.
    pub database: DatabaseConfig,
    /// The account made at the first start.
    pub first_admin: FirstAdmin,
    /// `SECRET_KEY`: what is stored encrypted cannot be read with another one.
    pub secret_key: Option<SecretString>,
    /// Signing in with OpenID providers.
    pub oidc: OidcConfig,
    /// Where containers run and how they are reached.
    pub runtime: RuntimeConfig,
    /// Defaults of the catalogue at the first start.
    pub catalog: CatalogConfig,
    /// Log lines.
    pub log: LogConfig,
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
        let secret_key = oidc::secret_key(&mut env);
        let config = Self {
            database: DatabaseConfig::from_env(&mut env),
            first_admin: FirstAdmin::from_env(&mut env),
            oidc: OidcConfig::from_env(&mut env, &http.public_url, secret_key.is_some()),
            secret_key,
            runtime: RuntimeConfig::from_env(&mut env, &http.public_url),
            catalog: CatalogConfig::from_env(&mut env),
            log: LogConfig::from_env(&mut env),
            http,
        };
        config.cross_check(&mut env);
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

impl Config {
    /// What is right by itself and wrong together.
    fn cross_check(&self, env: &mut EnvSource) {
        let (low, high) = self.runtime.ports;
        let port = self.http.listen.port();
        if self.runtime.connect != DesktopConnect::ContainerAddress && (low..=high).contains(&port)
        {
            env.problem(format!(
                "LISTEN: port {port} is one of DESKTOP_PORTS ({low}-{high}); a desktop could not use it"
            ));
        }
        let elsewhere = self
            .runtime
            .docker_host
            .as_deref()
            .filter(|host| !is_engine_here(host));
        if let (DesktopConnect::Auto | DesktopConnect::HostPort, Some(host)) =
            (self.runtime.connect, elsewhere)
        {
            env.problem(format!(
                "DESKTOP_CONNECT: with auto or host-port, desktops are published on 127.0.0.1 of the engine's machine, and DOCKER_HOST (\"{host}\") is another one; use container-address or an engine on this machine"
            ));
        }
    }
}

impl FirstAdmin {
    fn from_env(env: &mut EnvSource) -> Self {
        let username = env.text("ADMIN_USERNAME", "admin");
        if !crate::text::is_line(&username, 200) {
            env.problem(
                "ADMIN_USERNAME: at most 200 characters, none of them a control character".into(),
            );
        }
        let password = env.secret("ADMIN_PASSWORD");
        if let Some(password) = &password
            && password.expose_secret().chars().count() < 8
        {
            env.problem("ADMIN_PASSWORD: at least 8 characters".into());
        }
        Self { username, password }
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
            && !Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "postgres" | "postgresql"))
        {
            // Not shown: there is a password in it.
            env.problem("DATABASE_URL: is not a Postgres address such as postgres://deskcast:password@localhost/deskcast".into());
        }
        let connections = env.parsed("DATABASE_CONNECTIONS", "a number").unwrap_or(20);
        if !(2..=1_000).contains(&connections) {
            env.problem("DATABASE_CONNECTIONS: from 2 to 1000".into());
        }
        Self { url, connections }
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
        let container_port = env.parsed("KASM_CONTAINER_PORT", "a port").unwrap_or(6901);
        if container_port == 0 {
            env.problem("KASM_CONTAINER_PORT: 0 is not a port".into());
        }
        Self {
            kasm_image: env.text("KASM_IMAGE", "kasmweb/ubuntu-focal-desktop:1.15.0"),
            container_port,
            container_tls: env.choice(
                "KASM_CONTAINER_PROTOCOL",
                &[("https", true), ("http", false)],
            ),
            vnc_user: env.text("VNC_USER", "kasm_user"),
        }
    }
}

/// Whether an engine at `host` runs where this server runs.
fn is_engine_here(host: &str) -> bool {
    let address = host
        .strip_prefix("tcp://")
        .or_else(|| host.strip_prefix("http://"));
    address.is_none_or(|address| {
        let name = address.rsplit_once(':').map_or(address, |(name, _)| name);
        address::is_this_machine(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(set: &[(&str, &str)]) -> Result<Config, ConfigProblems> {
        let always = [(
            "DATABASE_URL",
            "postgres://deskcast:s3cret@localhost/deskcast",
        )];
        let env = always
            .iter()
            .chain(set)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Config::from_env(env).0
    }

    #[test]
    fn a_database_is_all_that_must_be_named() {
        let config = config(&[]).unwrap();
        assert_eq!(config.http.public_url.as_str(), "http://127.0.0.1:8080/");
        assert_eq!(config.http.origin(), "http://127.0.0.1:8080");
        assert!(!config.http.secure());
        assert!(config.http.trusted_proxies.is_empty(), "nobody is believed");
        assert_eq!(config.runtime.desktop_base, config.http.origin());
    }

    #[test]
    fn each_mistake_is_named_and_nothing_else() {
        let table = [
            ("LISTEN", "8080"),
            ("LISTEN", "localhost"),
            ("LISTEN", "127.0.0.1:7100"),
            ("PUBLIC_URL", "desk.example.org"),
            ("PUBLIC_URL", "ftp://desk.example.org"),
            ("PUBLIC_URL", "https://desk.example.org/app"),
            ("PUBLIC_URL", "https://desk.example.org/?a"),
            ("PUBLIC_URL", "https://me:pw@desk.example.org"),
            ("TRUSTED_PROXIES", "0.0.0.0/0"),
            ("TRUSTED_PROXIES", "10.0.0.1, ::/0"),
            ("TRUSTED_PROXIES", "nginx"),
            ("ALLOW_SESSION_ID_QUERY", "maybe"),
            ("SHUTDOWN_GRACE", "30"),
            ("DATABASE_URL", "mysql://localhost/x"),
            ("DATABASE_URL", "postgres//localhost"),
            ("DATABASE_CONNECTIONS", "1"),
            ("DATABASE_CONNECTIONS", "many"),
            ("ADMIN_PASSWORD", "short"),
            ("SECRET_KEY", "thirty-one characters are short"),
            ("OAUTH_REDIRECT_URI", "http://127.0.0.1:8080/callback"),
            ("OAUTH_REDIRECT_URI", "https://127.0.0.1:8080/authorize"),
            ("OAUTH_REDIRECT_URI", "http://127.0.0.1:8080/authorize?a"),
            ("OAUTH_REDIRECT_URI", "/authorize"),
            ("FRONTEND_URL", "http://localhost:3000"),
            ("FRONTEND_URL", "127.0.0.1:8080"),
            ("LOCAL_ACCOUNTS", "sometimes"),
            ("DOCKER_HOST", "/var/run/docker.sock"),
            ("HISTORY_DAYS", "1"),
            ("HISTORY_DAYS", "year"),
            ("DESKTOP_PORTS", "7000"),
            ("DESKTOP_PORTS", "80-90"),
            ("DESKTOP_PORTS", "8000-7000"),
            ("DESKTOP_CONNECT", "host"),
            ("DESKTOP_NETWORK", "-x y"),
            ("DESKTOP_EGRESS", "lan"),
            ("DESKTOP_EGRESS_RULES", "never"),
            ("DESKTOP_DISK", "1"),
            ("START_WAIT", "1h"),
            ("START_WAIT", "soon"),
            ("VNC_PASSWORD", "password"),
            ("VNC_PASSWORD", "abc"),
            ("VNC_PASSWORD", "with space $x"),
            ("DOCKER_HOST_URL", "https://desk.example.org"),
            ("DOCKER_HOST_PROTOCOL", "ftp"),
            ("KASM_CONTAINER_PORT", "0"),
            ("KASM_CONTAINER_PORT", "70000"),
            ("KASM_CONTAINER_PROTOCOL", "tls"),
            ("KASM_VERIFY_SSL", "maybe"),
            ("LOG_FORMAT", "xml"),
            ("LOG_LEVEL", "deskcast=loud"),
        ];
        for (name, value) in table {
            let ConfigProblems(problems) = config(&[(name, value)]).unwrap_err();
            assert_eq!(problems.len(), 1, "{name}={value}: {problems:?}");
            assert!(
                problems[0].starts_with(&format!("{name}: ")),
                "{problems:?}"
            );
        }
    }

    #[test]
    fn an_engine_elsewhere_has_no_ports_here() {
        let far = ("DOCKER_HOST", "tcp://10.0.0.5:2375");
        let ConfigProblems(problems) = config(&[far]).unwrap_err();
        assert!(problems[0].starts_with("DESKTOP_CONNECT: "), "{problems:?}");
        config(&[far, ("DESKTOP_CONNECT", "container-address")]).unwrap();
        for near in [
            "unix:///run/docker.sock",
            "tcp://127.0.0.1:2375",
            "tcp://[::1]:2375",
        ] {
            config(&[("DOCKER_HOST", near)]).unwrap();
        }
    }

    /// A provider as the original's installations have it.
    const ISERV: [(&str, &str); 10] = [
        ("SECRET_KEY", "thirty-two characters are enough"),
        ("OAUTH_CLIENT_ID", "deskcast"),
        ("OAUTH_CLIENT_SECRET", "insecure_secret"),
        (
            "OAUTH_AUTHORIZE_URL",
            "https://school.example/iserv/oauth/v2/auth",
        ),
        (
            "OAUTH_TOKEN_URL",
            "https://school.example/iserv/oauth/v2/token",
        ),
        (
            "OAUTH_USERINFO_URL",
            "https://school.example/iserv/public/oauth/userinfo",
        ),
        ("OAUTH_JWKS_URI", "https://school.example/iserv/public/jwk"),
        ("OAUTH_REDIRECT_URI", "http://127.0.0.1:8080/authorize"),
        ("ROLE_ADMIN", "desktop-admins"),
        ("ROLE_TEACHER", "Lehrer"),
    ];

    /// Without this variable.
    fn iserv_without(left_out: &[&str]) -> Vec<(&'static str, &'static str)> {
        ISERV
            .into_iter()
            .filter(|(name, _)| !left_out.contains(name))
            .collect()
    }

    #[test]
    fn the_original_s_provider_is_read_whole() {
        let config = config(&ISERV).unwrap();
        let provider = config.oidc.provider.unwrap();
        assert_eq!(provider.client_id, "deskcast");
        assert_eq!(provider.client_secret.expose_secret(), "insecure_secret");
        assert_eq!(
            provider.jwks_url.unwrap().as_str(),
            "https://school.example/iserv/public/jwk"
        );
        assert_eq!(provider.issuer, None);
        assert_eq!(provider.admin_group.as_deref(), Some("desktop-admins"));
        assert_eq!(provider.teacher_group.as_deref(), Some("Lehrer"));
        assert_eq!(config.oidc.redirect_uri.path(), "/authorize");
        assert!(config.oidc.local_accounts);
    }

    #[test]
    fn a_provider_that_is_not_whole_is_named_with_all_that_is_missing() {
        let table: [(&[&str], &[&str]); 5] = [
            (&["SECRET_KEY"], &["SECRET_KEY: missing"]),
            (&["OAUTH_CLIENT_ID"], &["OAUTH_CLIENT_ID: missing"]),
            (&["OAUTH_CLIENT_SECRET"], &["OAUTH_CLIENT_SECRET: missing"]),
            (
                &["OAUTH_AUTHORIZE_URL", "OAUTH_TOKEN_URL"],
                &["OAUTH_AUTHORIZE_URL: missing", "OAUTH_TOKEN_URL: missing"],
            ),
            (
                &["OAUTH_CLIENT_ID", "OAUTH_TOKEN_URL"],
                &["OAUTH_CLIENT_ID: missing", "OAUTH_TOKEN_URL: missing"],
            ),
        ];
        for (left_out, named) in table {
            let ConfigProblems(problems) = config(&iserv_without(left_out)).unwrap_err();
            assert_eq!(problems.len(), named.len(), "{problems:?}");
            for (problem, name) in problems.iter().zip(named) {
                assert!(problem.starts_with(name), "{problem} instead of {name}");
            }
        }
        let mut by_issuer = iserv_without(&["OAUTH_AUTHORIZE_URL", "OAUTH_TOKEN_URL"]);
        by_issuer.push(("OIDC_ISSUER", "https://school.example"));
        config(&by_issuer).unwrap();
    }

    #[test]
    fn a_provider_s_addresses_are_safe_to_send_secrets_to() {
        for name in [
            "OIDC_ISSUER",
            "OAUTH_AUTHORIZE_URL",
            "OAUTH_TOKEN_URL",
            "OAUTH_USERINFO_URL",
            "OAUTH_JWKS_URI",
        ] {
            for value in ["school.example", "http://school.example", "https://a:b@c"] {
                let mut set = iserv_without(&[name]);
                set.push((name, value));
                let ConfigProblems(problems) = config(&set).unwrap_err();
                assert_eq!(problems.len(), 1, "{name}={value}: {problems:?}");
                assert!(problems[0].starts_with(&format!("{name}: must")));
            }
        }
    }

    #[test]
    fn without_its_variables_there_is_no_provider() {
        let config = config(&[
            ("ROLE_ADMIN", "admins"),
            ("OAUTH_REDIRECT_URI", "http://127.0.0.1:8080/authorize"),
            ("FRONTEND_URL", "http://127.0.0.1:8080/"),
            ("LOCAL_ACCOUNTS", "false"),
        ])
        .unwrap();
        assert!(config.oidc.provider.is_none() && config.secret_key.is_none());
        assert!(!config.oidc.local_accounts);
        let usual = super::tests::config(&[]).unwrap();
        assert_eq!(
            usual.oidc.redirect_uri.as_str(),
            "http://127.0.0.1:8080/api/oidc_callback"
        );
    }

    #[test]
    fn an_address_for_browsers_is_needed_when_the_port_is_not_known() {
        let free = ("LISTEN", "127.0.0.1:0");
        assert!(config(&[free]).is_err());
        config(&[free, ("PUBLIC_URL", "https://desk.example.org")]).unwrap();
    }

    #[test]
    fn the_original_s_variables_mean_what_they_meant() {
        let config = config(&[
            ("DOCKER_HOST_URL", "desk.example.org"),
            ("KASM_CONTAINER_PROTOCOL", "http"),
            ("TRUSTED_PROXIES", "10.0.0.1, 172.16.0.0/12"),
        ])
        .unwrap();
        assert_eq!(config.runtime.desktop_base, "https://desk.example.org");
        assert!(!config.catalog.container_tls);
        assert_eq!(config.http.trusted_proxies.len(), 2);
        let env = [("DATABASE_URI".to_owned(), "postgresql://db/x".to_owned())];
        let original = Config::from_env(env.into_iter().collect()).0.unwrap();
        assert_eq!(original.database.url.expose_secret(), "postgresql://db/x");
    }
}
