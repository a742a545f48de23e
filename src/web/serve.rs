//! The server loop: accepts connections, speaks HTTP/1.1 on them, and ends in two steps.
//!
//! `axum::serve` neither limits how slowly a head may arrive nor knows of upgraded connections at shutdown; this loop
//! does the first, and [`Tasks`] the second: a tunnel is a task of its own that outlives its connection's task.

use std::{io, net::SocketAddr, pin::pin, time::Duration};

use axum::{Router, body::Body};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::visitor::Peer;
use crate::lifecycle::Tasks;

/// The limits of a connection (T14, T30).
#[derive(Clone, Copy, Debug)]
pub struct ServeLimits {
    /// Until a head is complete, from the begin of the connection or the end of the answer before. It ends idle
    /// connections too: a proxy in front must keep its own for less.
    pub head: Duration,
    /// Bytes of a head.
    pub head_size: usize,
    /// Header lines.
    pub headers: usize,
    /// How long to wait after a failed accept: file descriptors may be used up for the moment (F13).
    pub accept_pause: Duration,
}

impl Default for ServeLimits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            // More than is served (`cookie_rule::HEAD_LIMIT`): whose cookies are too many is told so.
            head_size: 256 * 1024,
            headers: 100,
            accept_pause: Duration::from_millis(100),
        }
    }
}

/// Accepts on `listener` until the soft phase of shutdown begins. Connections go on as tasks: each finishes the
/// request it is in and closes, and is cut when the hard phase begins. Answers when the listener is closed.
pub async fn serve(listener: TcpListener, router: Router, tasks: Tasks, limits: ServeLimits) {
    let soft = tasks.soft();
    let mut failing = false;
    loop {
        let accepted = tokio::select! {
            () = soft.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                failing = false;
                if let Err(error) = keep_lively(&stream) {
                    tracing::debug!(%error, "a new connection is gone already");
                    continue;
                }
                let connection = connection(stream, peer, router.clone(), limits, tasks.clone());
                tasks.spawn(connection);
            }
            Err(error) if is_of_the_connection(&error) => {}
            Err(error) => {
                if !failing {
                    tracing::error!(%error, "new connections cannot be accepted; trying again");
                }
                failing = true;
                tokio::time::sleep(limits.accept_pause).await;
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: ServeLimits,
    tasks: Tasks,
) {
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        router.clone().oneshot(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_header_size(limits.head_size)
        .max_headers(limits.headers)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let (soft, hard) = (tasks.soft(), tasks.hard());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = soft.cancelled() => {
            connection.as_mut().graceful_shutdown();
            until_cut(connection, &hard).await
        }
    };
    if let Err(error) = ended {
        // The other side's doing: it broke off, was too slow, or did not speak HTTP.
        tracing::debug!(%error, client.ip = %peer.ip(), "a connection ended early");
    }
}

async fn until_cut(
    connection: impl Future<Output = hyper::Result<()>>,
    hard: &CancellationToken,
) -> hyper::Result<()> {
    tokio::select! {
        ended = connection => ended,
        () = hard.cancelled() => Ok(()),
    }
}

/// Frames of a desktop are small and urgent; and a browser that lost its network must be noticed.
fn keep_lively(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    socket.set_tcp_keepalive(
        &TcpKeepalive::new()
            .with_time(Duration::from_secs(30))
            .with_interval(Duration::from_secs(10))
            .with_retries(3),
    )?;
    socket.set_tcp_user_timeout(Some(Duration::from_secs(30)))
}

/// The connection failed before it was accepted; the listener is fine.
fn is_of_the_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}
