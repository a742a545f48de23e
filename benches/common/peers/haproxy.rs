//! `HAProxy`.

use std::{net::SocketAddr, process::Command};

use super::{Goal, Peer, WORKERS};

pub(super) async fn start(goal: Goal<'_>) -> anyhow::Result<Peer> {
    let Goal {
        address,
        authorization,
    } = goal;
    let text = |own: SocketAddr| {
        // A space in a word of its configuration is escaped.
        let authorization = authorization.replace(' ', "\\ ");
        format!(
            "global
    nbthread {WORKERS}
    maxconn 8192
defaults
    mode http
    timeout connect 5s
    timeout client 1h
    timeout server 1h
    timeout tunnel 1h
    option http-keep-alive
    http-reuse always
listen desktop
    bind {own}
    http-request set-header Authorization {authorization}
    server desktop {address} ssl verify none
"
        )
    };
    Peer::start("HAProxy", ("haproxy.cfg", text), |configuration, _| {
        let mut command = Command::new("haproxy");
        command.args(["-db", "-q", "-f"]).arg(configuration);
        command
    })
    .await
}
