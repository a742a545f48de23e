//! Reads the container's environment and opens the door.

use std::{
    env,
    net::{Ipv4Addr, Ipv6Addr},
    path::Path,
    process::ExitCode,
};

use desktop_gateway::{auth::Credentials, files::ClientFiles, server::Gateway, tls};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

const CLIENT_FILES: &str = "/usr/share/kasmvnc/www";
const DEFAULT_PORT: u16 = 6901;
const DEFAULT_RFB_SOCKET: &str = "/tmp/.rfb/socket";

type Problem = Box<dyn std::error::Error>;

/// Checks the settings alone with `--check`; otherwise serves until SIGTERM.
#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    let credentials = match Credentials::new(env::var("VNC_PW").ok().as_deref()) {
        Ok(credentials) => credentials,
        Err(problem) => {
            eprintln!("desktop-gateway: {problem}");
            return ExitCode::from(2);
        }
    };
    if env::args().any(|argument| argument == "--check") {
        return ExitCode::SUCCESS;
    }
    match open(credentials).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("desktop-gateway: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn open(credentials: Credentials) -> Result<(), Problem> {
    let port = match env::var("NO_VNC_PORT") {
        Ok(port) => port
            .parse()
            .map_err(|_| format!("NO_VNC_PORT is not a port: {port}"))?,
        Err(_) => DEFAULT_PORT,
    };
    let gateway = Gateway {
        credentials,
        files: ClientFiles::load(Path::new(CLIENT_FILES))
            .map_err(|problem| format!("{CLIENT_FILES}: {problem}"))?,
        rfb_socket: env::var("RFB_SOCKET")
            .unwrap_or_else(|_| DEFAULT_RFB_SOCKET.to_owned())
            .into(),
        tls: tls::acceptor()?,
    };
    let stop = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let told_to_stop = stop.clone();
    tokio::spawn(async move {
        terminate.recv().await;
        told_to_stop.cancel();
    });
    let listener = listen(port).await?;
    println!("desktop-gateway: listening on {port}");
    gateway.serve(listener, stop).await;
    Ok(())
}

/// All addresses; IPv4 alone where the container has no IPv6.
async fn listen(port: u16) -> std::io::Result<TcpListener> {
    match TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await,
    }
}
