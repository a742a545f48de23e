//! The real binary as a process: its first words, its signals, and a machine that is short of everything.

use std::{
    net::{SocketAddr, TcpListener as StdListener},
    os::unix::fs::PermissionsExt,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use hyper::{Method, StatusCode};
use sqlx::{ConnectOptions, PgPool};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
};

use super::support::{Client, Credential, eventually};

/// Nothing here takes longer on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

struct Process {
    child: Child,
    address: SocketAddr,
}

impl Process {
    /// Starts the binary on the database of `pool`; it is killed when this is dropped.
    async fn start(pool: &PgPool, more: &[(&str, &str)]) -> Self {
        let process = Self::spawn(
            &["serve"],
            pool.connect_options().to_url_lossy().as_str(),
            more,
        );
        process.answers().await;
        process
    }

    fn spawn(command: &[&str], database: &str, more: &[(&str, &str)]) -> Self {
        let free = StdListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let binary = env!("CARGO_BIN_EXE_deskcast");
        let (program, arguments) = match command.split_first() {
            Some((&"serve", _)) => (binary, command.to_vec()),
            Some((shell, rest)) => (*shell, rest.iter().copied().chain([binary]).collect()),
            None => unreachable!("a command is given"),
        };
        let child = Command::new(program)
            .args(arguments)
            .env_clear()
            .env("DATABASE_URL", database)
            .env("LISTEN", address.to_string())
            .envs(more.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self { child, address }
    }

    fn client(&self) -> Client {
        Client::new(self.address, Credential::None)
    }

    async fn answers(&self) {
        eventually("it starts", PATIENCE, async || {
            TcpStream::connect(self.address).await.ok()
        })
        .await;
        let client = self.client();
        let answer = tokio::time::timeout(PATIENCE, client.get("/healthz")).await;
        assert_eq!(answer.expect("it answers").status, StatusCode::OK);
    }

    /// A request that is under way: the server has asked for its body, so many bytes.
    async fn is_asked_to_wait_for(&self, bytes: usize) -> TcpStream {
        let mut open = TcpStream::connect(self.address).await.unwrap();
        let head = format!(
            "POST /api/login HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {bytes}\r\nExpect: 100-continue\r\n\r\n",
            self.address
        );
        open.write_all(head.as_bytes()).await.unwrap();
        assert_eq!(first_line(&mut open).await, "HTTP/1.1 100 Continue");
        open
    }

    /// Its next line, wherever log lines go, that contains `words`.
    async fn says(&mut self, words: &str) -> String {
        let out = self.child.stdout.as_mut().unwrap();
        let mut lines = BufReader::new(out).lines();
        let found = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if line.contains(words) {
                    return line;
                }
            }
            panic!("it ended without saying {words}");
        };
        tokio::time::timeout(PATIENCE, found)
            .await
            .unwrap_or_else(|_| panic!("it does not say {words}"))
    }

    async fn signal(&self) {
        let id = self.child.id().unwrap().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().await;
        assert!(sent.unwrap().success());
    }

    async fn ends(&mut self) -> ExitStatus {
        tokio::time::timeout(PATIENCE, self.child.wait())
            .await
            .expect("it ends")
            .unwrap()
    }

    /// Everything it has said, after it ended.
    async fn all_it_said(mut self) -> String {
        let mut text = String::new();
        let out = self.child.stdout.as_mut().unwrap();
        out.read_to_string(&mut text).await.unwrap();
        let err = self.child.stderr.as_mut().unwrap();
        err.read_to_string(&mut text).await.unwrap();
        text
    }
}

/// The next answer's first line; the rest of its head is read, too.
async fn first_line(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let read = async {
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
    };
    tokio::time::timeout(PATIENCE, read).await.expect("a head");
    let head = String::from_utf8(head).unwrap();
    head.lines().next().unwrap_or_default().to_owned()
}

#[sqlx::test(migrations = false)]
async fn the_first_start_makes_an_administrator_and_says_the_password_once(pool: PgPool) {
    let mut first = Process::start(&pool, &[]).await;
    let line = first.says("Password:").await;
    let password = line.split_whitespace().nth(1).unwrap();
    let body = serde_json::json!({"username": "admin", "password": password});
    let signed_in = first.client().post_json("/api/login", &body).await;
    assert_eq!(signed_in.status, StatusCode::OK, "{}", signed_in.text());
    assert_eq!(signed_in.json()["user"]["role"], "admin");

    // A browser keeps its connection open; that holds nothing up.
    let _idle = TcpStream::connect(first.address).await.unwrap();
    first.signal().await;
    assert!(first.ends().await.success());

    let mut second = Process::start(&pool, &[]).await;
    second.signal().await;
    assert!(second.ends().await.success());
    let said = second.all_it_said().await;
    assert!(said.contains("Deskcast is at http://127.0.0.1:"), "{said}");
    assert!(!said.contains("Password:"), "{said}");
}

#[sqlx::test(migrations = false)]
async fn the_database_can_be_prepared_alone(pool: PgPool) {
    let url = pool.connect_options().to_url_lossy();
    let output = Command::new(env!("CARGO_BIN_EXE_deskcast"))
        .arg("migrate")
        .env_clear()
        .env("DATABASE_URL", url.as_str())
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let tables: i64 = sqlx::query_scalar("select count(*) from desktop_types")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(
        tables, 0,
        "the schema is there, the catalogue comes with the first start"
    );
}

#[tokio::test]
async fn a_database_that_is_away_is_waited_for_and_named_without_its_password() {
    let mut process = Process::spawn(&["serve"], "postgres://desk:canary@127.0.0.1:1/x", &[]);
    let line = process.says("waiting up to 30 s").await;
    assert!(line.contains("127.0.0.1:1"), "{line}");
    assert!(!line.contains("canary"), "{line}");
    process.child.kill().await.unwrap();
    assert!(!process.all_it_said().await.contains("canary"));
}

#[sqlx::test(migrations = false)]
async fn a_database_that_refuses_us_is_not_waited_for(pool: PgPool) {
    let mut url = pool.connect_options().to_url_lossy();
    url.set_password(Some("canary")).unwrap();
    url.set_username("nobody_of_this_name").unwrap();
    let mut process = Process::spawn(&["serve"], url.as_str(), &[]);
    assert_eq!(process.ends().await.code(), Some(1));
    let said = process.all_it_said().await;
    assert!(said.contains("Postgres at "), "{said}");
    assert!(!said.contains("canary"), "{said}");
}

#[sqlx::test(migrations = false)]
async fn the_second_signal_does_not_wait_for_anybody(pool: PgPool) {
    let mut process = Process::start(&pool, &[("SHUTDOWN_GRACE", "10m")]).await;
    // One request whose body comes late, and one whose body never comes.
    let body = r#"{"username": "nobody", "password": "no password of anybody"}"#;
    let mut late = process.is_asked_to_wait_for(body.len()).await;
    let _never = process.is_asked_to_wait_for(body.len()).await;
    process.signal().await;
    process.says("stopping").await;
    late.write_all(body.as_bytes()).await.unwrap();
    assert_eq!(first_line(&mut late).await, "HTTP/1.1 401 Unauthorized");
    assert!(
        process.child.try_wait().unwrap().is_none(),
        "the request is waited for"
    );
    process.signal().await;
    assert!(process.ends().await.success());
}

#[sqlx::test(migrations = false)]
async fn more_connections_than_files_do_not_end_the_server(pool: PgPool) {
    let command = ["/bin/sh", "-c", "ulimit -n 48; exec \"$0\""];
    let url = pool.connect_options().to_url_lossy();
    let mut process = Process::spawn(&command, url.as_str(), &[("DATABASE_CONNECTIONS", "5")]);
    process.answers().await;
    let mut held = Vec::new();
    for _ in 0..100 {
        held.push(TcpStream::connect(process.address).await.unwrap());
    }
    process.says("new connections cannot be accepted").await;
    drop(held);
    let answer = process.client().get("/healthz").await;
    assert_eq!(answer.text(), "ok");
}

#[sqlx::test(migrations = false)]
async fn a_reader_of_the_log_that_is_stuck_does_not_hold_requests_up(pool: PgPool) {
    // Each request is a line or more: the pipe is full after some hundred, and nobody reads.
    let process = Process::start(&pool, &[("LOG_LEVEL", "trace")]).await;
    let client = process.client();
    let flood = async {
        for _ in 0..1_500 {
            let request = client.request(Method::GET, "/healthz?a=b");
            assert_eq!(client.send(request).await.status, StatusCode::OK);
        }
    };
    tokio::time::timeout(PATIENCE, flood)
        .await
        .expect("requests are answered");
}

/// The server's user is often not in Docker's group on the first day.
#[sqlx::test(migrations = false)]
async fn an_engine_whose_socket_it_may_not_use_is_named_as_the_cause(pool: PgPool) {
    let place = tempfile::tempdir().unwrap();
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(place.path(), open).unwrap();
    let socket = place.path().join("docker.sock");
    let _engine = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o000)).unwrap();
    let host = format!("unix://{}", socket.display());
    let url = pool.connect_options().to_url_lossy();
    // Nothing is refused to root, so it runs as nobody; the folder of this build may be closed to them.
    let binary = place.path().join("deskcast");
    std::fs::copy(env!("CARGO_BIN_EXE_deskcast"), &binary).unwrap();
    let as_nobody = format!(
        "if [ \"$(id -u)\" = 0 ]; then exec setpriv --reuid 65534 --clear-groups {0}; else exec {0}; fi",
        binary.display()
    );
    let command = ["/bin/sh", "-c", &as_nobody];
    let mut process = Process::spawn(&command, url.as_str(), &[("DOCKER_HOST", &host)]);
    process.answers().await;
    let line = process.says("permission denied").await;
    assert!(line.contains("WARN") && line.contains(&host), "{line}");
    let ready = process.client().get("/readyz").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    let why = ready.json()["parts"]["runtime"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(why.contains("permission denied"), "{why}");
    assert!(!why.contains("docker.sock"), "{why}");
}
