//! Caddy.

use std::{net::SocketAddr, process::Command};

use super::{Goal, Peer, WORKERS};

pub(super) async fn start(goal: Goal<'_>) -> anyhow::Result<Peer> {
    let Goal {
        address,
        authorization,
    } = goal;
    let text = |own: SocketAddr| {
        let (ip, port) = (own.ip(), own.port());
        format!(
            "{{
    admin off
    auto_https off
    log {{
        level ERROR
    }}
}}
:{port} {{
    bind {ip}
    reverse_proxy https://{address} {{
        header_up Authorization \"{authorization}\"
        transport http {{
            tls_insecure_skip_verify
            versions 1.1
            keepalive_idle_conns_per_host 64
        }}
    }}
}}
"
        )
    };
    Peer::start("Caddy", ("Caddyfile", text), |configuration, folder| {
        let mut command = Command::new("caddy");
        command
            .args(["run", "--adapter", "caddyfile", "--config"])
            .arg(configuration)
            .env("HOME", folder)
            .env("XDG_DATA_HOME", folder)
            .env("XDG_CONFIG_HOME", folder)
            .env("GOMAXPROCS", WORKERS.to_string());
        command
    })
    .await
}
