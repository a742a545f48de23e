//! Connecting, and sending one request.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::body::Body;
use http::{Request, Response, StatusCode};
use hyper::{
    body::Incoming,
    client::conn::http1::{self, Connection, SendRequest},
};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};

use super::{
    DesktopStream, Endpoint, UpstreamLimits,
    patience::Refusals,
    pool::Bounds,
    progress::{LastMove, Watched},
    tls,
    tls_stream::TlsStream,
};
use crate::lifecycle::Tasks;

/// The first step towards a desktop.
const CONNECT: &str = "connect";

/// A head longer than this is no answer of a desktop.
const LONGEST_HEAD: usize = 64 * 1024;

/// Whether somebody is at `address` at all: accepts a connection within `limit`, or refuses it.
pub async fn answers(address: SocketAddr, limit: Duration) -> bool {
    match tokio::time::timeout(limit, TcpStream::connect(address)).await {
        Ok(Ok(_)) => true,
        Ok(Err(error)) => error.kind() == io::ErrorKind::ConnectionRefused,
        Err(_) => false,
    }
}

/// Opens connections to desktops.
#[derive(Clone, Debug)]
pub struct Upstream {
    pub(super) limits: UpstreamLimits,
    tls: Arc<ClientConfig>,
    refusals: Arc<Refusals>,
    pub(super) tasks: Tasks,
    pub(super) bounds: Bounds,
}

/// Why a desktop did not answer.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// Nobody listens there.
    #[error("the desktop does not accept connections")]
    Refused(#[source] io::Error),
    /// It did not answer within the named limit.
    #[error("the desktop did not answer in time ({0})")]
    TooSlow(&'static str),
    /// It answered something that is not HTTP, or ended before its answer.
    #[error("the desktop broke off its answer")]
    Broken(#[source] crate::error::BoxError),
    /// It does not accept its own password, now or a moment ago; asking again at once would lock everybody out.
    #[error("the desktop does not accept its own password")]
    WrongPassword,
}

impl UpstreamError {
    /// Nobody said anything: not even that the connection is refused.
    #[must_use]
    pub fn is_silence(&self) -> bool {
        match self {
            Self::TooSlow(step) => *step == CONNECT,
            Self::Refused(error) => error.kind() != io::ErrorKind::ConnectionRefused,
            Self::Broken(_) | Self::WrongPassword => false,
        }
    }
}

impl Upstream {
    /// A connector with these limits; connections are driven on `tasks`.
    #[must_use]
    pub fn new(limits: UpstreamLimits, tasks: Tasks) -> Self {
        Self {
            limits,
            tls: tls::unchecked(),
            refusals: Arc::default(),
            tasks,
            bounds: Bounds::default(),
        }
    }

    /// The same, with only those desktops reached on TLS whose certificate an authority vouches for that this machine
    /// trusts. The usual images make one themselves: nobody vouches for it.
    #[must_use]
    pub fn checking_certificates(self) -> Self {
        self.trusting(tls::authorities())
    }

    /// The same for these authorities.
    #[must_use]
    pub fn trusting(self, authorities: RootCertStore) -> Self {
        Self {
            tls: tls::checked_by(authorities),
            ..self
        }
    }

    /// Sends one request over a fresh connection and answers its head; the body streams. For an upgrade,
    /// [`hyper::upgrade::on`] the response gives the raw stream, a [`TokioIo`] of a [`DesktopStream`]. The caller
    /// wrote every header; none is added but what the body needs.
    ///
    /// The limit for the head counts from the last byte of the request's body that moved, so an upload may take as
    /// long as it goes on. Dropping the future, or the answer's body, closes the connection.
    ///
    /// An endpoint with an account that answers 401 is an error, and for ten seconds from then on nothing is sent to
    /// it with that account.
    pub async fn send(
        &self,
        to: &Endpoint,
        request: Request<Body>,
    ) -> Result<Response<Incoming>, UpstreamError> {
        if self.refusals.holds_back(to) {
            return Err(UpstreamError::WrongPassword);
        }
        let stream = self.connect(to).await?;
        let last_move = LastMove::now();
        let request = request.map(|body| Watched::new(body, last_move.clone()));
        let (mut sender, connection) = self.handshake(stream).await?;
        let hard = self.tasks.hard();
        self.tasks.spawn(async move {
            tokio::select! {
                // An error reaches whoever waits for the answer or reads its body.
                _ = connection.with_upgrades() => {}
                () = hard.cancelled() => {}
            }
        });
        let answer = tokio::select! {
            answer = sender.send_request(request) => answer,
            () = last_move.silent_for(self.limits.head) => {
                return Err(UpstreamError::TooSlow("head of the answer"));
            }
        };
        let answer = answer.map_err(|error| UpstreamError::Broken(error.into()))?;
        if answer.status() == StatusCode::UNAUTHORIZED && to.account.is_some() {
            self.refusals.refused(to);
            tracing::warn!(endpoint = %to.address, "the desktop at {} does not accept its own password", to.address);
            return Err(UpstreamError::WrongPassword);
        }
        Ok(answer)
    }

    /// HTTP on a connection that is open.
    pub(super) async fn handshake<S>(
        &self,
        stream: S,
    ) -> Result<(SendRequest<Watched>, Connection<TokioIo<S>, Watched>), UpstreamError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        http1::Builder::new()
            // KasmVNC up to 1.3.4 finds Host, Connection and Authorization only when spelled so (rule R1).
            .title_case_headers(true)
            .max_buf_size(LONGEST_HEAD)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| UpstreamError::Broken(error.into()))
    }

    pub(super) async fn connect(&self, to: &Endpoint) -> Result<DesktopStream, UpstreamError> {
        let tcp = tokio::time::timeout(self.limits.connect, TcpStream::connect(to.address))
            .await
            .map_err(|_| UpstreamError::TooSlow(CONNECT))?
            .map_err(UpstreamError::Refused)?;
        prepare(&tcp).map_err(UpstreamError::Refused)?;
        if !to.tls {
            return Ok(DesktopStream::Plain(tcp));
        }
        let name = ServerName::IpAddress(to.address.ip().into());
        let handshake = TlsStream::connect(&self.tls, name, tcp);
        tokio::time::timeout(self.limits.handshake, handshake)
            .await
            .map_err(|_| UpstreamError::TooSlow("TLS handshake"))?
            .map(|tls| DesktopStream::Tls(Box::new(tls)))
            .map_err(|error| UpstreamError::Broken(error.into()))
    }
}

/// Small packets go out at once (a key stroke must not wait for the next one), and a desktop that has vanished is
/// noticed within a minute even on a silent connection.
fn prepare(tcp: &TcpStream) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    let socket = SockRef::from(tcp);
    let keepalive = TcpKeepalive::new()
        .with_time(Duration::from_secs(30))
        .with_interval(Duration::from_secs(10))
        .with_retries(3);
    socket.set_tcp_keepalive(&keepalive)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(Duration::from_secs(30)))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use socket2::{Domain, Socket, Type};

    use super::*;

    #[tokio::test]
    async fn a_refusal_is_an_answer_and_silence_is_none() {
        const LIMIT: Duration = Duration::from_millis(500);
        let any: SocketAddr = ([127, 0, 0, 1], 0).into();
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&any.into()).unwrap();
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        assert!(answers(address, LIMIT).await, "it refuses");
        socket.listen(0).unwrap();
        assert!(answers(address, LIMIT).await, "it accepts");
        // What waits to be accepted fills the queue, and the kernel drops the next one.
        let mut waiting = Vec::new();
        while let Ok(Ok(stream)) = tokio::time::timeout(LIMIT, TcpStream::connect(address)).await {
            waiting.push(stream);
            assert!(waiting.len() < 8, "the queue is not full");
        }
        assert!(!answers(address, LIMIT).await, "it says nothing");
    }
}
