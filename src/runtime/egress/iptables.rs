//! The kernel's firewall of this machine, asked and told by its own command line. Nothing else in the server runs
//! programs.

use std::{net::IpAddr, path::Path, process::Stdio, time::Duration};

use tokio::{io::AsyncWriteExt, process::Command};

use super::rules::{self, Family};

/// How long a program may take, its wait for others who change the firewall included.
const LIMIT: Duration = Duration::from_secs(10);

/// Why the firewall could not be asked or told, in the words of whoever refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fault(pub String);

/// All rules of the table `filter`, as `iptables -S` prints them.
pub(super) async fn listing(family: Family) -> Result<String, Fault> {
    run(program(family), &["--wait", "5", "-S"], "").await
}

/// Puts `transaction` into force: all of it, or nothing.
pub(super) async fn restore(family: Family, transaction: &str) -> Result<(), Fault> {
    let program = match family {
        Family::V4 => "iptables-restore",
        Family::V6 => "ip6tables-restore",
    };
    run(program, &["--noflush", "--wait", "5"], transaction)
        .await
        .map(drop)
}

/// Whether this machine has the network interface `name`.
#[must_use]
pub(super) fn has_interface(name: &str) -> bool {
    Path::new("/sys/class/net").join(name).exists()
}

/// Whether this machine speaks `family` at all.
#[must_use]
pub(super) fn speaks(family: Family) -> bool {
    family == Family::V4 || Path::new("/proc/net/if_inet6").exists()
}

/// The name servers of this machine that containers ask. Where systemd-resolved stands in between, the engine asks those
/// behind it.
pub(super) async fn name_servers() -> Vec<IpAddr> {
    for file in ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"] {
        let text = tokio::fs::read_to_string(file).await.unwrap_or_default();
        let found = rules::resolvers(&text);
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

fn program(family: Family) -> &'static str {
    match family {
        Family::V4 => "iptables",
        Family::V6 => "ip6tables",
    }
}

async fn run(program: &str, arguments: &[&str], input: &str) -> Result<String, Fault> {
    let running = async {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes()).await?;
        }
        child.wait_with_output().await
    };
    let ended = tokio::time::timeout(LIMIT, running)
        .await
        .map_err(|_| Fault(format!("{program} took longer than {} s", LIMIT.as_secs())))?
        .map_err(|error| Fault(format!("{program}: {error}")))?;
    if ended.status.success() {
        return Ok(String::from_utf8_lossy(&ended.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&ended.stderr);
    let first = said.lines().find(|line| !line.trim().is_empty());
    let words: String = first.unwrap_or("failed").chars().take(200).collect();
    Err(Fault(format!("{program}: {words}")))
}
