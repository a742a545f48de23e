//! nginx as a plain reverse proxy in front of the stand-in, with a configuration of its own in a folder of its own.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    time::Duration,
};

use kasm_standin::Standin;
use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::{common::direct::Direct, support::eventually};

/// What nginx reads and writes at a time, as much as our own relay; its default is a page of memory.
pub(crate) const LARGE_BUFFERS: &str =
    "proxy_buffer_size 32k; proxy_buffers 4 32k; proxy_busy_buffers_size 64k;";
const START_LIMIT: Duration = Duration::from_secs(10);

/// A running nginx; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Nginx {
    pub(crate) address: SocketAddr,
    master: Child,
    _folder: TempDir,
}

impl Nginx {
    /// Starts one; `more` are further lines for the location.
    pub(crate) async fn start(
        standin: &Standin,
        desktop: &Direct,
        more: &str,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let configuration = folder.path().join("nginx.conf");
        let basic = desktop.basic();
        let text = configuration_text(address, standin.addr(), basic.to_str()?, more);
        fs::write(&configuration, text)?;
        let master = Command::new("nginx")
            .arg("-p")
            .arg(folder.path())
            .arg("-c")
            .arg(&configuration)
            .args(["-e", "stderr"])
            .stdin(Stdio::null())
            .spawn()?;
        let nginx = Self {
            address,
            master,
            _folder: folder,
        };
        eventually("nginx listens", START_LIMIT, async || {
            TcpStream::connect(address).await.ok()
        })
        .await;
        Ok(nginx)
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.master.id()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // A killed master would leave its workers behind.
        let id = self.master.id().to_string();
        drop(Command::new("kill").args(["-TERM", &id]).status());
        drop(self.master.wait());
    }
}

fn configuration_text(own: SocketAddr, desktop: SocketAddr, basic: &str, more: &str) -> String {
    format!(
        "daemon off;
pid nginx.pid;
error_log stderr error;
worker_processes auto;
worker_rlimit_nofile 16384;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    server {{
        listen {own};
        location / {{
            proxy_pass https://{desktop};
            proxy_http_version 1.1;
            proxy_ssl_verify off;
            # The same versions as ours; the default of this nginx ends at 1.2.
            proxy_ssl_protocols TLSv1.2 TLSv1.3;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection upgrade;
            proxy_set_header Authorization \"{basic}\";
            proxy_read_timeout 1h;
            {more}
        }}
    }}
}}
"
    )
}
