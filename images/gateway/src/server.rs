//! The door itself: accepts connections and decides what each request gets.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream, UnixStream},
    time::{sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    auth::{Access, Credentials},
    files::ClientFiles,
    request::{self, Request},
    tunnel,
};

/// How long a peer may take for the TLS handshake and its request.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long open tunnels may take to say goodbye when we stop.
const GOODBYE: Duration = Duration::from_millis(1200);
/// First byte of a TLS handshake.
const TLS_HANDSHAKE: u8 = 0x16;

/// Everything a request may need.
pub struct Gateway {
    /// Who may come in.
    pub credentials: Credentials,
    /// What is served.
    pub files: ClientFiles,
    /// Where the X server speaks RFB.
    pub rfb_socket: PathBuf,
    /// How we speak TLS.
    pub tls: TlsAcceptor,
}

impl Gateway {
    /// Serves until `stop`, then lets the tunnels close properly.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) {
        let gateway = Arc::new(self);
        let tasks = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = stop.cancelled() => break,
            };
            match accepted {
                Ok((stream, _)) => {
                    let gateway = Arc::clone(&gateway);
                    let stop = stop.clone();
                    tasks.spawn(async move {
                        // A peer that breaks off is nobody's fault and nobody's news.
                        let _broken_off = gateway.welcome(stream, &stop).await;
                    });
                }
                Err(problem) => {
                    eprintln!("desktop-gateway: could not accept a connection: {problem}");
                    sleep(Duration::from_millis(100)).await;
                }
            }
        }
        drop(listener);
        tasks.close();
        let _late = timeout(GOODBYE, tasks.wait()).await;
    }

    async fn welcome(&self, stream: TcpStream, stop: &CancellationToken) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let Ok(arrival) = timeout(PATIENCE, self.read_request(stream)).await else {
            return Ok(());
        };
        let Some((mut stream, request)) = arrival? else {
            return Ok(());
        };

        let Some(access) = self.credentials.check(&request.authorization) else {
            request::refuse(&mut stream, "401 Unauthorized").await?;
            return stream.shutdown().await;
        };
        if is_websocket(&request) {
            return self.open_tunnel(stream, request, access, stop).await;
        }
        match self
            .files
            .find(&request.target)
            .filter(|_| request.method == "GET")
        {
            Some(file) => request::send_file(&mut stream, file).await?,
            None => request::refuse(&mut stream, "404 Not Found").await?,
        }
        stream.shutdown().await
    }

    /// `None`: not TLS or not HTTP, and so not worth an answer.
    async fn read_request(
        &self,
        stream: TcpStream,
    ) -> io::Result<Option<(TlsStream<TcpStream>, Request)>> {
        let mut first = [0];
        if stream.peek(&mut first).await? == 0 || first[0] != TLS_HANDSHAKE {
            return Ok(None);
        }
        let mut stream = self.tls.accept(stream).await?;
        let request = request::read(&mut stream).await?;
        Ok(request.map(|request| (stream, request)))
    }

    async fn open_tunnel(
        &self,
        mut stream: TlsStream<TcpStream>,
        request: Request,
        access: Access,
        stop: &CancellationToken,
    ) -> io::Result<()> {
        let Ok(desktop) = UnixStream::connect(&self.rfb_socket).await else {
            request::refuse(&mut stream, "503 Service Unavailable").await?;
            return stream.shutdown().await;
        };
        let accept = derive_accept_key(request.websocket_key.as_deref().unwrap_or_default());
        request::switch_protocols(&mut stream, &accept).await?;
        let ending = tunnel::run(stream, request.rest, desktop, access, stop).await;
        println!("desktop-gateway: {access:?} tunnel closed: {ending}");
        Ok(())
    }
}

fn is_websocket(request: &Request) -> bool {
    let path = request.target.split('?').next().unwrap_or_default();
    request.websocket_key.is_some() && path == "/websockify"
}
