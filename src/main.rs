//! The command: `deskcast [serve|migrate|check-config|egress-rules|healthcheck]`.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use deskcast::{
    app::{self, App},
    clock::Clock,
    config::{Config, EnvSource, HttpConfig, arguments},
    db,
    error::BoxError,
    ids::InstallationId,
    lifecycle::{Tasks, stop_signal},
    people::FirstAdminMade,
    runtime::{Limits, docker::DockerEngine, egress},
    state::Parts,
    telemetry,
};
use secrecy::ExposeSecret;
use sqlx::PgPool;
use tokio::net::TcpListener;

/// The arguments or the configuration are wrong; nothing was opened.
const WRONG_CONFIG: u8 = 64;

/// How long the start waits for Postgres, which may be starting too.
const DATABASE_START: Duration = Duration::from_secs(30);

/// How long tasks have to notice that waiting is over.
const AFTER_CUT: Duration = Duration::from_secs(5);

const USAGE: &str = "deskcast: remote desktops in the browser

Usage: deskcast [COMMAND]

  serve         serve (this is what happens without a command)
  migrate       bring the database up to date and end
  check-config  say every problem of the configuration and end
  egress-rules  print the firewall's rules for desktops and end (scripts/egress-rules.sh sets them)
  healthcheck   ask the server that runs on this machine whether it lives

Everything is set by environment variables; .env.example explains each.";

fn main() -> ExitCode {
    let arguments = arguments();
    let command = match arguments.as_slice() {
        [] => "serve",
        [one] => one.as_str(),
        _ => "more than one command",
    };
    match command {
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        "--version" | "-V" => {
            println!("deskcast {}", env!("CARGO_PKG_VERSION"));
            return ExitCode::SUCCESS;
        }
        "serve" | "migrate" | "check-config" | "egress-rules" | "healthcheck" => {}
        other => {
            eprintln!("deskcast: \"{other}\" is not a command\n\n{USAGE}");
            return ExitCode::from(WRONG_CONFIG);
        }
    }
    let config = match Config::from_env(EnvSource::process()).0 {
        Ok(config) => config,
        Err(problems) => {
            eprintln!("deskcast cannot start; the configuration has these problems:\n{problems}");
            return ExitCode::from(WRONG_CONFIG);
        }
    };
    let done = match command {
        "check-config" => {
            println!("The configuration is complete.");
            Ok(())
        }
        "healthcheck" => healthcheck(&config),
        "egress-rules" => egress_rules(&config),
        _ => run(command, config),
    };
    done.map_or_else(
        |error| {
            eprintln!("deskcast: {error}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

fn run(command: &str, config: Config) -> Result<(), BoxError> {
    let _flush = telemetry::init(&config.log);
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        match command {
            "migrate" => {
                let db = database(&config).await?;
                app::prepare(&db).await?;
                println!("The database is up to date.");
                Ok(())
            }
            _ => serve(config).await,
        }
    })
}

/// Needs the engine, and nothing of the database.
fn egress_rules(config: &Config) -> Result<(), BoxError> {
    let host = config.runtime.docker_host.as_deref();
    let engine = DockerEngine::connect(host, InstallationId::new(), Limits::default())?;
    let runtime = tokio::runtime::Runtime::new()?;
    let rules = runtime.block_on(egress::printed(&engine, &config.runtime.network))?;
    print!("{rules}");
    Ok(())
}

async fn serve(config: Config) -> Result<(), BoxError> {
    // The port first: a second server on it must not migrate the database or touch containers.
    let listener = TcpListener::bind(config.http.listen)
        .await
        .map_err(|error| format!("{} cannot be listened on: {error}", config.http.listen))?;
    let db = database(&config).await?;
    let installation = app::prepare(&db).await?;
    let tasks = Tasks::new();
    let parts = Parts {
        runtime: Arc::new(DockerEngine::connect(
            config.runtime.docker_host.as_deref(),
            installation,
            Limits::default(),
        )?),
        db,
        installation,
        clock: Clock::system(),
        tasks: tasks.clone(),
    };
    let http = config.http.clone();
    let app = App::build(config, parts).await?;
    greet(&http, app.first_admin.as_ref());
    let first_signal = async {
        let soft = tasks.soft();
        tokio::select! {
            () = stop_signal() => {
                tasks.begin_shutdown();
                true
            }
            () = soft.cancelled() => false,
        }
    };
    let ((), asked) = tokio::join!(app.serve(listener), first_signal);
    let grace = http.shutdown_grace;
    tracing::info!(
        grace_s = grace.as_secs(),
        "stopping: open streams may go on for the grace period, a second signal cuts them"
    );
    let in_time = tasks.finish(grace, stop_signal(), AFTER_CUT).await;
    tracing::info!(in_time, "stopped");
    if asked {
        Ok(())
    } else {
        Err("a task the server cannot do without ended; the log says which".into())
    }
}

/// What people need at the start goes to standard output as it is, not into the log: the password is shown once and
/// must not be kept anywhere.
fn greet(http: &HttpConfig, made: Option<&FirstAdminMade>) {
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        listen = %http.listen,
        public_url = %http.public_url,
        "serving"
    );
    if http.secure() && http.trusted_proxies.is_empty() {
        tracing::warn!(
            "PUBLIC_URL is https and TRUSTED_PROXIES is empty: every caller will seem to have the address of the proxy in front"
        );
    }
    let mut lines = vec![format!("Deskcast is at {}\n", http.public_url)];
    if let Some(made) = made {
        lines.push(format!("Administrator: {}\n", made.username));
        // One that was configured is known to whoever did.
        if let Some(password) = &made.password {
            let password = password.expose_secret();
            lines.push(format!("Password:      {password} (shown this once)\n"));
        }
    }
    // Of its own, because nobody may be reading (fault F25): the server serves all the same.
    std::thread::spawn(move || {
        let mut out = std::io::stdout().lock();
        let _ = out
            .write_all(lines.concat().as_bytes())
            .and_then(|()| out.flush());
    });
}

/// Opens the pool and waits until the database answers, saying so.
async fn database(config: &Config) -> Result<PgPool, BoxError> {
    let pool = db::pool(
        config.database.url.expose_secret(),
        config.database.connections,
    )?;
    let place = db::place(&pool);
    let waiting = async {
        let mut said = false;
        while let Err(error) = db::answers(&pool).await {
            if !db::is_away(&error) {
                return Err(format!("Postgres at {place}: {error}"));
            }
            if !said {
                tracing::warn!(%error, "waiting up to {} s for Postgres at {place}", DATABASE_START.as_secs());
                said = true;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        Ok(())
    };
    tokio::time::timeout(DATABASE_START, waiting)
        .await
        .map_err(|_| {
            format!(
                "Postgres at {place} did not answer within {} s (DATABASE_URL)",
                DATABASE_START.as_secs()
            )
        })??;
    Ok(pool)
}

/// Asks `/healthz` of the server on this machine, by the name it goes by.
fn healthcheck(config: &Config) -> Result<(), BoxError> {
    const LIMIT: Duration = Duration::from_secs(3);
    let url = &config.http.public_url;
    let host = match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (host, _) => host.unwrap_or_default().to_owned(),
    };
    let mut stream = TcpStream::connect_timeout(&own_address(config.http.listen), LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    write!(
        stream,
        "GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )?;
    let mut head = [0; 12];
    stream.read_exact(&mut head)?;
    if &head == b"HTTP/1.1 200" {
        Ok(())
    } else {
        Err(format!("the server answers {}", String::from_utf8_lossy(&head)).into())
    }
}

/// Nobody can connect to "every address"; the loopback is one of them.
fn own_address(listen: SocketAddr) -> SocketAddr {
    match listen {
        SocketAddr::V4(all) if all.ip().is_unspecified() => ([127, 0, 0, 1], all.port()).into(),
        SocketAddr::V6(all) if all.ip().is_unspecified() => {
            (std::net::Ipv6Addr::LOCALHOST, all.port()).into()
        }
        one => one,
    }
}
