//! Where containers run and how they are reached.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{Egress, EgressRules, EnvSource};

/// Where containers run and how they are reached.
#[derive(Clone, Debug)]
pub struct RuntimeConfig {
    /// `DOCKER_HOST`: `unix:///…` or `tcp://…`; the engine's usual socket when not set.
    pub docker_host: Option<String>,
    /// `DESKTOP_PORTS`: host ports for desktops, both ends included.
    pub ports: (u16, u16),
    /// `DESKTOP_CONNECT`.
    pub connect: DesktopConnect,
    /// `DESKTOP_NETWORK`: the bridge network of desktops; made when missing. Those of other kinds have its name with
    /// their kind.
    pub network: String,
    /// `DESKTOP_EGRESS`: what desktops may reach whose type says nothing about it.
    pub egress: Egress,
    /// `DESKTOP_EGRESS_RULES`.
    pub egress_rules: EgressRules,
    /// `DESKTOP_DISK`: MiB a desktop may write besides its home, unless its type says something else.
    pub disk_mb: i64,
    /// `START_WAIT`: how long `POST /api/container/start` waits before it answers 202.
    pub start_wait: Duration,
    /// `VNC_PASSWORD`: one password for all desktops instead of a random one each. Not recommended.
    pub fixed_vnc_password: Option<SecretString>,
    /// `KASM_VERIFY_SSL`: whether a desktop's certificate must be vouched for by an authority.
    pub verify_desktops: bool,
    /// `{DOCKER_HOST_PROTOCOL}://{DOCKER_HOST_URL}`, or the public URL: how the original writes a desktop's address.
    pub desktop_base: String,
    /// `IDLE_LIMIT`: a desktop without input for so long is stopped, unless a group says something else.
    pub idle_limit: Option<Duration>,
    /// `MAX_LIFETIME`: a desktop is stopped after so long in any case, unless a group says something else.
    pub max_lifetime: Option<Duration>,
    /// `HISTORY_DAYS`: for so many days it is kept who used which desktop type for how long.
    pub history_days: u16,
}

/// How this server reaches a desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DesktopConnect {
    /// The container's address where it can be reached, else a port: `runtime::way` looks.
    Auto,
    /// A port of `DESKTOP_PORTS`, published on 127.0.0.1 only.
    HostPort,
    /// The container's address on its network, whether or not it seems to be reachable.
    ContainerAddress,
}

/// A caller's patience, and that of the proxies in front of us.
const LONGEST_START_WAIT: Duration = Duration::from_mins(5);

/// MiB a desktop may be allowed to write: less than the first and no desktop starts.
pub const DISK_MB: std::ops::RangeInclusive<i64> = 256..=10_485_760;

/// Ten years.
const LONGEST_HISTORY: u16 = 3_650;

const SHORTEST_LIMIT: Duration = Duration::from_mins(1);
const LONGEST_LIMIT: Duration = Duration::from_hours(365 * 24);

impl RuntimeConfig {
    pub(super) fn from_env(env: &mut EnvSource, public_url: &Url) -> Self {
        let start_wait = env.duration("START_WAIT", Duration::from_secs(30));
        if start_wait > LONGEST_START_WAIT {
            env.problem(format!(
                "START_WAIT: at most {} s; a start that takes longer goes on by itself",
                LONGEST_START_WAIT.as_secs()
            ));
        }
        let network = env.text("DESKTOP_NETWORK", "deskcast-desktops");
        if !is_docker_name(&network) {
            env.problem(format!(
                "DESKTOP_NETWORK: \"{network}\" is not a network's name (letters, digits, _ . -)"
            ));
        }
        Self {
            docker_host: docker_host(env),
            ports: ports(env),
            connect: env.choice(
                "DESKTOP_CONNECT",
                &[
                    ("auto", DesktopConnect::Auto),
                    ("host-port", DesktopConnect::HostPort),
                    ("container-address", DesktopConnect::ContainerAddress),
                ],
            ),
            network,
            egress: env.choice("DESKTOP_EGRESS", &Egress::choices()),
            egress_rules: env.choice(
                "DESKTOP_EGRESS_RULES",
                &[("set", EgressRules::Set), ("look", EgressRules::Look)],
            ),
            disk_mb: disk_mb(env),
            start_wait,
            fixed_vnc_password: fixed_vnc_password(env),
            verify_desktops: env.flag("KASM_VERIFY_SSL", false),
            desktop_base: desktop_base(env, public_url),
            idle_limit: limit(env, "IDLE_LIMIT"),
            max_lifetime: limit(env, "MAX_LIFETIME"),
            history_days: history_days(env),
        }
    }
}

/// A run that is still counted for limits of a day must not be forgotten.
fn history_days(env: &mut EnvSource) -> u16 {
    let days = env
        .parsed("HISTORY_DAYS", "a number of days")
        .unwrap_or(365);
    if !(2..=LONGEST_HISTORY).contains(&days) {
        env.problem(format!("HISTORY_DAYS: from 2 to {LONGEST_HISTORY}"));
    }
    days
}

/// The bounds are those of a type.
fn disk_mb(env: &mut EnvSource) -> i64 {
    let most = env
        .parsed("DESKTOP_DISK", "a number of MiB")
        .unwrap_or(10_240);
    if !DISK_MB.contains(&most) {
        env.problem(format!(
            "DESKTOP_DISK: from {} to {} (MiB)",
            DISK_MB.start(),
            DISK_MB.end()
        ));
        return 10_240;
    }
    most
}

/// Whole minutes: what is shorter ends before anybody could use it.
fn limit(env: &mut EnvSource, name: &'static str) -> Option<Duration> {
    let limit = env.optional_duration(name)?;
    if limit < SHORTEST_LIMIT || limit > LONGEST_LIMIT || !limit.as_secs().is_multiple_of(60) {
        env.problem(format!("{name}: whole minutes, from 1m to 365d"));
    }
    Some(limit)
}

fn is_docker_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

fn fixed_vnc_password(env: &mut EnvSource) -> Option<SecretString> {
    let password = env.secret("VNC_PASSWORD")?;
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
            "VNC_PASSWORD: only letters and digits (the images pass it through a shell)".into(),
        );
    }
    Some(password)
}

fn desktop_base(env: &mut EnvSource, public_url: &Url) -> String {
    let protocol = env.choice(
        "DOCKER_HOST_PROTOCOL",
        &[("https", "https"), ("http", "http")],
    );
    let Some(host) = env.optional("DOCKER_HOST_URL") else {
        return public_url.origin().ascii_serialization();
    };
    let base = format!("{protocol}://{host}");
    if !Url::parse(&base).is_ok_and(|url| url.path() == "/" && url.query().is_none()) {
        env.problem(format!(
            "DOCKER_HOST_URL: \"{host}\" is not a host such as desk.example.org or localhost:8080"
        ));
    }
    base
}

fn docker_host(env: &mut EnvSource) -> Option<String> {
    let host = env.optional("DOCKER_HOST")?;
    if !["unix://", "tcp://", "http://"]
        .iter()
        .any(|scheme| host.starts_with(scheme))
    {
        env.problem(format!(
            "DOCKER_HOST: \"{host}\" must begin with unix:// or tcp://"
        ));
    }
    Some(host)
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
