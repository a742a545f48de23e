//! The real binary as a process of its own, on a free port.

use std::{
    fs::{File, OpenOptions},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use hyper::Method;
use serde_json::json;

use super::{
    docker::engine,
    eventually,
    http::{self, Answer, By},
    installation::Installation,
};

/// From the process's start until it says that it can work.
const READY_LIMIT: Duration = Duration::from_secs(30);
/// Lines of the log shown when a test fails.
const LOG_LINES: usize = 400;
/// The first administrator.
pub(crate) const ADMIN: (&str, &str) = ("admin", "an unguessable first password");

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    /// What it works for.
    pub(crate) installation: Arc<Installation>,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Its process; tests of faults end it.
    pub(crate) process: Child,
    settings: Vec<(String, String)>,
    log: PathBuf,
}

impl Server {
    /// Starts a server with a new installation and waits until it is ready.
    pub(crate) async fn start() -> Self {
        Self::start_on(&Installation::new().await, &[]).await
    }

    /// Starts a server on an installation, with settings besides the usual ones, and waits until it is ready.
    pub(crate) async fn start_on(
        installation: &Arc<Installation>,
        settings: &[(&str, &str)],
    ) -> Self {
        let address = free_address();
        let own = [
            ("LISTEN", address.to_string()),
            ("DATABASE_URL", installation.database_url().to_string()),
            ("DOCKER_HOST", engine()),
            ("DESKTOP_NETWORK", installation.name.clone()),
            // The machine's firewall is nobody's to leave things in.
            ("DESKTOP_EGRESS_RULES", "look".to_owned()),
            (
                "DESKTOP_PORTS",
                format!("{}-{}", installation.ports.0, installation.ports.1),
            ),
            ("ADMIN_USERNAME", ADMIN.0.to_owned()),
            ("ADMIN_PASSWORD", ADMIN.1.to_owned()),
            ("LOG_FORMAT", "json".to_owned()),
            ("LOG_LEVEL", "info,deskcast=debug".to_owned()),
            ("RUST_BACKTRACE", "1".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value));
        let more = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let settings: Vec<_> = own.into_iter().chain(more).collect();
        let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!(
            "{}-{}.log",
            installation.name,
            address.port()
        ));
        let server = Self {
            installation: Arc::clone(installation),
            address,
            process: spawn(&settings, &log),
            settings,
            log,
        };
        server.is_ready().await;
        server
    }

    /// Starts the process again after it has ended, with the same settings, and waits until it is ready.
    pub(crate) async fn start_again(&mut self) {
        self.process = spawn(&self.settings, &self.log);
        self.is_ready().await;
    }

    /// Everything the process wrote so far.
    pub(crate) fn log_text(&self) -> String {
        let log = std::fs::read(&self.log).unwrap();
        assert!(!log.is_empty(), "the server logs");
        String::from_utf8_lossy(&log).into_owned()
    }

    async fn is_ready(&self) {
        eventually("the server is ready", READY_LIMIT, async || {
            let asked = http::try_send(self.address, By::Nobody, Method::GET, "/readyz", &[], "");
            let answer = asked.await.ok()?;
            (answer.status == 200).then_some(())
        })
        .await;
    }

    /// Sends a request without a body.
    pub(crate) async fn send(&self, by: By<'_>, method: Method, path: &str) -> Answer {
        http::send(self.address, by, method, path, &[], "").await
    }

    /// Opens a page or reads from the API.
    pub(crate) async fn get(&self, by: By<'_>, path: &str) -> Answer {
        self.send(by, Method::GET, path).await
    }

    /// Tries to sign in with a name and a password.
    pub(crate) async fn try_sign_in(&self, (username, password): (&str, &str)) -> Answer {
        let body = json!({ "username": username, "password": password }).to_string();
        let headers = [("Content-Type", "application/json")];
        http::send(
            self.address,
            By::Nobody,
            Method::POST,
            "/api/login",
            &headers,
            &body,
        )
        .await
    }

    /// Signs the first administrator in and answers the session's id.
    pub(crate) async fn sign_in(&self) -> String {
        let body = self.try_sign_in(ADMIN).await.json_with(200);
        body["session"]["id"].as_str().unwrap().to_owned()
    }

    /// Asks the API to start a desktop of this type.
    pub(crate) async fn start_desktop(&self, session: &str, slug: &str) -> Answer {
        let path = format!("/api/container/start?desktop_type={slug}");
        self.send(By::Program(session), Method::POST, &path).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
        if std::thread::panicking() {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            let from = lines.len().saturating_sub(LOG_LINES);
            eprintln!(
                "--- log of the server at {}\n{}",
                self.address,
                lines[from..].join("\n")
            );
        } else {
            drop(std::fs::remove_file(&self.log));
        }
    }
}

/// Only what is set here, and what a program needs to run at all.
fn spawn(settings: &[(String, String)], log: &Path) -> Child {
    let log = append_to(log);
    Command::new(env!("CARGO_BIN_EXE_deskcast"))
        .env_clear()
        .env("PATH", super::surroundings("PATH").unwrap_or_default())
        .envs(settings.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .expect("the server's binary can be started")
}

fn append_to(log: &Path) -> File {
    let mut options = OpenOptions::new();
    options
        .create(true)
        .append(true)
        .open(log)
        .expect("a log can be written beside the tests' binaries")
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("this machine has a free port")
}
