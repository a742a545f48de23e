//! nginx: as a proxy, and as the web application behind all of them.

use std::{fs, net::SocketAddr, path::Path, process::Command};

use super::{Goal, Peer, WORKERS};

/// What stands in both configurations.
fn configuration(server: &str, more: &str) -> String {
    format!(
        "daemon off;
pid nginx.pid;
error_log stderr error;
worker_processes {WORKERS};
worker_rlimit_nofile 16384;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    # The default closes after a thousand.
    keepalive_requests 1000000000;
    {more}
    server {{
        {server}
    }}
}}
"
    )
}

fn command(configuration: &Path, folder: &Path) -> Command {
    let mut command = Command::new("nginx");
    command
        .arg("-p")
        .arg(folder)
        .arg("-c")
        .arg(configuration)
        .args(["-e", "stderr"]);
    command
}

pub(super) async fn start(goal: Goal<'_>) -> anyhow::Result<Peer> {
    let Goal {
        address,
        authorization,
    } = goal;
    let upstream = format!(
        "upstream desktop {{ server {address}; keepalive 64; keepalive_requests 1000000000; }}
    map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}"
    );
    let text = |own: SocketAddr| {
        let server = format!(
            "listen {own};
        location / {{
            proxy_pass https://desktop;
            proxy_http_version 1.1;
            proxy_ssl_verify off;
            # The same versions as ours; the default of this nginx ends at 1.2.
            proxy_ssl_protocols TLSv1.2 TLSv1.3;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header Authorization \"{authorization}\";
            proxy_read_timeout 1h;
            # What a relay of frames reads at a time; the default is a page of memory. And a large answer stays out of
            # files.
            proxy_buffer_size 32k;
            proxy_buffers 4 32k;
            proxy_busy_buffers_size 64k;
            proxy_max_temp_file_size 0;
        }}"
        );
        configuration(&server, &upstream)
    };
    Peer::start("nginx", ("nginx.conf", text), command).await
}

/// A web server with TLS whose files are these.
pub(crate) async fn web_server(
    files: &[(&str, usize)],
    certificate_and_key: &str,
) -> anyhow::Result<Peer> {
    let text = |own: SocketAddr| {
        let server = format!(
            "listen {own} ssl;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_certificate own.pem;
        ssl_certificate_key own.pem;
        root files;"
        );
        configuration(&server, "open_file_cache max=16;")
    };
    let prepare = |configuration: &Path, folder: &Path| {
        let written = fs::write(folder.join("own.pem"), certificate_and_key)
            .and_then(|()| fs::create_dir(folder.join("files")));
        let each = files.iter().try_for_each(|(name, size)| {
            fs::write(folder.join("files").join(name), vec![b'x'; *size])
        });
        written.and(each).expect("a temporary folder takes files");
        command(configuration, folder)
    };
    Peer::start("a web server", ("nginx.conf", text), prepare).await
}
