//! A client's end of a TLS connection that holds no memory while nothing is under way.
//!
//! A connection of rustls with buffers of its own keeps four KiB of them and reads no more than that at a time. Here
//! rustls works in buffers of the thread that runs at the moment: records are read by the dozen, and what stays with
//! the connection is only what was cut off in the middle.

use std::{
    cell::RefCell,
    fmt, io, mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use rustls::{
    ClientConfig,
    client::UnbufferedClientConnection,
    pki_types::ServerName,
    unbuffered::{ConnectionState, EncodeError, EncodeTlsData, InsufficientSizeError},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// A record with everything around it.
const LONGEST_RECORD: usize = 16 * 1024 + 2048 + 5;
/// What is read from the network at once; a handshake's longest message fits.
const SCRATCH: usize = 4 * LONGEST_RECORD;
/// Plaintext that is encrypted at once, so that the records fit into the same memory.
const WRITE_AT_ONCE: usize = 48 * 1024;

thread_local! {
    static READING: RefCell<Box<[u8]>> = RefCell::new(vec![0; SCRATCH].into());
    static WRITING: RefCell<Box<[u8]>> = RefCell::new(vec![0; SCRATCH].into());
}

/// The connection. Its end is an end, whether or not the other side said `close_notify`: `KasmVNC` never does
/// (kasm-image 3.1), and bodies with a length notice for themselves when something is missing.
pub struct TlsStream<S = TcpStream> {
    socket: S,
    tls: UnbufferedClientConnection,
    /// The beginning of a record.
    incoming: Vec<u8>,
    /// Decrypted, and not yet asked for: `plain[taken..]`.
    plain: Vec<u8>,
    taken: usize,
    /// Encrypted, and not yet sent: `outgoing[sent..]`.
    outgoing: Vec<u8>,
    sent: usize,
    ended: bool,
    said_goodbye: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream<S> {
    /// Makes the handshake over `socket`.
    pub(super) async fn connect(
        config: &Arc<ClientConfig>,
        name: ServerName<'static>,
        socket: S,
    ) -> io::Result<Self> {
        let tls = UnbufferedClientConnection::new(Arc::clone(config), name);
        let mut stream = Self {
            socket,
            tls: tls.map_err(io::Error::other)?,
            incoming: Vec::new(),
            plain: Vec::new(),
            taken: 0,
            outgoing: Vec::new(),
            sent: 0,
            ended: false,
            said_goodbye: false,
        };
        std::future::poll_fn(|cx| stream.poll_handshake(cx)).await?;
        Ok(stream)
    }

    fn poll_handshake(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The first words are ours.
        self.advance(&mut [], &mut ReadBuf::new(&mut []))?;
        loop {
            // Nobody waits for the other side to read: it may be waiting for us.
            let sent = self.poll_send(cx)?;
            if !self.tls.is_handshaking() {
                return sent.map(Ok);
            }
            if let Err(refused) = ready!(self.poll_receive(cx, &mut ReadBuf::new(&mut []))) {
                // An alert that says why, if it can leave at once.
                let _ = self.poll_send(cx);
                return Poll::Ready(Err(refused));
            }
            if self.ended {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
        }
    }

    /// Reads from the network once. What it brought goes to `into`, and what finds no room there stays in `plain`.
    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        READING.with_borrow_mut(|scratch| {
            let have = self.incoming.len();
            scratch[..have].copy_from_slice(&self.incoming);
            // As much as fits into `into`, so that nothing need be kept, but one record at least.
            let most = into.remaining().max(have + LONGEST_RECORD);
            let end = most.min(scratch.len());
            if have == end {
                let too_long = "a message longer than any of TLS";
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, too_long)));
            }
            let mut room = ReadBuf::new(&mut scratch[have..end]);
            ready!(Pin::new(&mut self.socket).poll_read(cx, &mut room))?;
            let count = room.filled().len();
            if count == 0 {
                self.ended = true;
                return Poll::Ready(Ok(()));
            }
            let used = match self.advance(&mut scratch[..have + count], into) {
                Ok(used) => used,
                Err(error) => {
                    self.ended = true;
                    return Poll::Ready(Err(error));
                }
            };
            let rest = &scratch[used..have + count];
            if rest.is_empty() {
                self.incoming = Vec::new();
            } else {
                self.incoming.clear();
                self.incoming.extend_from_slice(rest);
            }
            Poll::Ready(Ok(()))
        })
    }

    /// Lets rustls work until it needs more bytes than these; answers how many of them it is done with.
    fn advance(&mut self, bytes: &mut [u8], into: &mut ReadBuf<'_>) -> io::Result<usize> {
        let mut used = 0;
        loop {
            let status = self.tls.process_tls_records(&mut bytes[used..]);
            used += status.discard;
            match status.state {
                Ok(ConnectionState::ReadTraffic(mut traffic)) => {
                    while let Some(record) = traffic.next_record() {
                        let record = record.map_err(invalid)?;
                        used += record.discard;
                        let now = record.payload.len().min(into.remaining());
                        let (fits, more) = record.payload.split_at(now);
                        into.put_slice(fits);
                        self.plain.extend_from_slice(more);
                    }
                }
                Ok(ConnectionState::EncodeTlsData(data)) => encode(data, &mut self.outgoing)?,
                // What is in `outgoing` leaves before anything else does.
                Ok(ConnectionState::TransmitTlsData(sending)) => sending.done(),
                Ok(ConnectionState::PeerClosed | ConnectionState::Closed) => {
                    self.ended = true;
                    return Ok(bytes.len());
                }
                Ok(ConnectionState::BlockedHandshake | ConnectionState::WriteTraffic(_)) => {
                    return Ok(used);
                }
                Ok(state) => return Err(io::Error::other(format!("{state:?}"))),
                Err(error) => {
                    let alert = self.tls.process_tls_records(&mut []).state;
                    if let Ok(ConnectionState::EncodeTlsData(data)) = alert {
                        encode(data, &mut self.outgoing)?;
                    }
                    return Err(invalid(error));
                }
            }
        }
    }

    /// Sends what is still to be sent.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.sent < self.outgoing.len() {
            let rest = &self.outgoing[self.sent..];
            let count = ready!(Pin::new(&mut self.socket).poll_write(cx, rest))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent += count;
        }
        if !self.outgoing.is_empty() {
            self.outgoing = Vec::new();
            self.sent = 0;
        }
        Poll::Ready(Ok(()))
    }

    /// Writes records of `plain` into `records`, or a goodbye without it; answers how long they are.
    fn encrypt(&mut self, plain: Option<&[u8]>, records: &mut [u8]) -> io::Result<usize> {
        let mut incoming = mem::take(&mut self.incoming);
        let encrypted = loop {
            // All whole records of it are read already.
            let status = self.tls.process_tls_records(&mut incoming);
            match status.state.map_err(invalid)? {
                ConnectionState::WriteTraffic(mut traffic) => {
                    break match plain {
                        Some(plain) => traffic.encrypt(plain, records),
                        None => traffic.queue_close_notify(records),
                    };
                }
                ConnectionState::EncodeTlsData(data) => encode(data, &mut self.outgoing)?,
                ConnectionState::TransmitTlsData(sending) => sending.done(),
                _ => return Err(io::ErrorKind::BrokenPipe.into()),
            }
        };
        self.incoming = incoming;
        encrypted.map_err(io::Error::other)
    }

    /// Encrypts and sends; what does not leave at once waits in `outgoing`.
    fn poll_encrypted(&mut self, cx: &mut Context<'_>, plain: Option<&[u8]>) -> io::Result<()> {
        WRITING.with_borrow_mut(|records| {
            let length = self.encrypt(plain, records)?;
            let mut rest = &records[..length];
            while !rest.is_empty() && self.outgoing.is_empty() {
                match Pin::new(&mut self.socket).poll_write(cx, rest)? {
                    Poll::Ready(0) => return Err(io::ErrorKind::WriteZero.into()),
                    Poll::Ready(count) => rest = &rest[count..],
                    Poll::Pending => break,
                }
            }
            self.outgoing.extend_from_slice(rest);
            Ok(())
        })
    }
}

impl TlsStream<TcpStream> {
    /// Hands the connection to the event loop of whoever calls this.
    pub(super) fn here(self) -> io::Result<Self> {
        Ok(Self {
            socket: TcpStream::from_std(self.socket.into_std()?)?,
            ..self
        })
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for TlsStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let stream = self.get_mut();
        let before = into.filled().len();
        loop {
            if stream.taken < stream.plain.len() {
                let rest = &stream.plain[stream.taken..];
                let now = rest.len().min(into.remaining());
                into.put_slice(&rest[..now]);
                stream.taken += now;
            }
            if stream.taken == stream.plain.len() && stream.taken > 0 {
                stream.plain = Vec::new();
                stream.taken = 0;
            }
            if stream.ended || into.filled().len() > before || into.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            ready!(stream.poll_receive(cx, into))?;
            // An answer to a change of keys; if it cannot leave now it goes with the next bytes.
            if let Poll::Ready(Err(error)) = stream.poll_send(cx) {
                return Poll::Ready(Err(error));
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TlsStream<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let stream = self.get_mut();
        ready!(stream.poll_send(cx))?;
        let now = &bytes[..bytes.len().min(WRITE_AT_ONCE)];
        stream.poll_encrypted(cx, Some(now))?;
        Poll::Ready(Ok(now.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let stream = self.get_mut();
        ready!(stream.poll_send(cx))?;
        Pin::new(&mut stream.socket).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let stream = self.get_mut();
        if !stream.said_goodbye {
            ready!(stream.poll_send(cx))?;
            stream.said_goodbye = true;
            stream.poll_encrypted(cx, None)?;
        }
        ready!(stream.poll_send(cx))?;
        Pin::new(&mut stream.socket).poll_shutdown(cx)
    }
}

fn encode<D>(mut data: EncodeTlsData<'_, D>, outgoing: &mut Vec<u8>) -> io::Result<()> {
    let length = match data.encode(&mut []) {
        Err(EncodeError::InsufficientSize(InsufficientSizeError { required_size })) => {
            required_size
        }
        Ok(_) => return Ok(()),
        Err(error) => return Err(io::Error::other(error)),
    };
    let before = outgoing.len();
    outgoing.resize(before + length, 0);
    data.encode(&mut outgoing[before..])
        .map_err(io::Error::other)?;
    Ok(())
}

fn invalid(error: rustls::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

impl<S> fmt::Debug for TlsStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsStream").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use kasm_standin::CERTIFICATE_AND_KEY_PEM;
    use rustls::{
        ServerConfig, SupportedProtocolVersion,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
        version::{TLS12, TLS13},
    };
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio_rustls::{TlsAcceptor, server};

    use super::*;
    use crate::upstream::tls::unchecked;

    type Server = server::TlsStream<DuplexStream>;
    type Client = TlsStream<DuplexStream>;

    /// Both ends of a connection over a pipe of this width.
    async fn pair(width: usize, version: &'static SupportedProtocolVersion) -> (Client, Server) {
        let pem = CERTIFICATE_AND_KEY_PEM.as_bytes();
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from_pem_slice(pem).unwrap()],
                PrivateKeyDer::from_pem_slice(pem).unwrap(),
            )
            .unwrap();
        // They come behind the handshake, where in a narrow pipe nobody reads yet.
        config.send_tls13_tickets = if width > 4096 { 2 } else { 0 };
        let (ours, theirs) = duplex(width);
        let (config, acceptor) = (unchecked(), TlsAcceptor::from(Arc::new(config)));
        let client = Client::connect(&config, name(), ours);
        let (client, server) = tokio::join!(client, acceptor.accept(theirs));
        (client.unwrap(), server.unwrap())
    }

    fn name() -> ServerName<'static> {
        ServerName::IpAddress(std::net::IpAddr::from([127, 0, 0, 1]).into())
    }

    /// No two neighbouring records are the same.
    fn pattern(length: u32) -> Vec<u8> {
        (0..length)
            .map(|n| u8::try_from((n ^ (n >> 8)) % 251).unwrap())
            .collect()
    }

    fn held(client: &Client) -> usize {
        client.incoming.capacity() + client.plain.capacity() + client.outgoing.capacity()
    }

    #[tokio::test]
    async fn bytes_pass_unchanged_both_ways_whatever_the_pipe_cuts_off() {
        for version in [&TLS12, &TLS13] {
            for width in [1, 700, 16 * 1024 + 7, 1 << 20] {
                let (mut client, server) = pair(width, version).await;
                let length = if width == 1 { 20_000 } else { 300_000 };
                let (sent, answer) = (pattern(length), pattern(length + 17));
                let (mut reading, mut writing) = tokio::io::split(server);
                let theirs = async {
                    let mut seen = vec![0; sent.len()];
                    reading.read_exact(&mut seen).await.unwrap();
                    writing.write_all(&answer).await.unwrap();
                    writing.flush().await.unwrap();
                    seen
                };
                let ours = async {
                    client.write_all(&sent).await.unwrap();
                    client.flush().await.unwrap();
                    // A piece at first: the rest of a record waits for who asks next.
                    let mut seen = vec![0; answer.len()];
                    client.read_exact(&mut seen[..5]).await.unwrap();
                    client.read_exact(&mut seen[5..]).await.unwrap();
                    seen
                };
                let (seen, answered) = tokio::join!(theirs, ours);
                assert!(seen == sent && answered == answer, "{version:?} {width}");
                assert_eq!(held(&client), 0, "{version:?} {width}");
            }
        }
    }

    #[tokio::test]
    async fn keys_may_change_under_way() {
        let (mut client, mut server) = pair(1 << 16, &TLS13).await;
        for _ in 0..3 {
            server.get_mut().1.refresh_traffic_keys().unwrap();
            server.write_all(b"with other keys").await.unwrap();
            server.flush().await.unwrap();
            let mut seen = [0; 15];
            client.read_exact(&mut seen).await.unwrap();
            assert_eq!(&seen, b"with other keys");
            client.write_all(b"answer").await.unwrap();
            let mut answer = [0; 6];
            server.read_exact(&mut answer).await.unwrap();
            assert_eq!(&answer, b"answer");
        }
    }

    #[tokio::test]
    async fn every_end_is_an_end() {
        for version in [&TLS12, &TLS13] {
            for says_so in [false, true] {
                let (mut client, mut server) = pair(1 << 16, version).await;
                server.write_all(b"last words").await.unwrap();
                server.flush().await.unwrap();
                if says_so {
                    server.shutdown().await.unwrap();
                }
                drop(server);
                let mut seen = Vec::new();
                client.read_to_end(&mut seen).await.unwrap();
                assert_eq!(seen, b"last words");
                assert_eq!(client.read(&mut [0; 8]).await.unwrap(), 0, "and stays one");
            }
        }
    }

    #[tokio::test]
    async fn the_other_side_hears_a_goodbye() {
        let (mut client, mut server) = pair(1 << 16, &TLS13).await;
        client.write_all(b"bye").await.unwrap();
        client.shutdown().await.unwrap();
        let mut seen = Vec::new();
        // Without close_notify this is an error.
        server.read_to_end(&mut seen).await.unwrap();
        assert_eq!(seen, b"bye");
        server.write_all(b"still here").await.unwrap();
        server.flush().await.unwrap();
        let mut answer = [0; 10];
        client.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"still here");
    }

    #[tokio::test]
    async fn nonsense_is_refused_with_an_alert() {
        let (ours, mut theirs) = duplex(1 << 16);
        let config = unchecked();
        let nonsense = async {
            theirs
                .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                .await
                .unwrap();
            let mut seen = Vec::new();
            theirs.read_to_end(&mut seen).await.unwrap();
            seen
        };
        let (refused, seen) = tokio::join!(Client::connect(&config, name(), ours), nonsense);
        assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(seen[seen.len() - 7..][..2], [21, 3], "an alert at the end");
    }

    #[tokio::test]
    async fn a_record_that_was_changed_ends_the_connection() {
        let (mut client, server) = pair(1 << 16, &TLS13).await;
        let (mut pipe, mut session) = server.into_inner();
        std::io::Write::write_all(&mut session.writer(), b"secret").unwrap();
        let mut record = Vec::new();
        session.write_tls(&mut record).unwrap();
        *record.last_mut().unwrap() ^= 1;
        pipe.write_all(&record).await.unwrap();
        let refused = client.read(&mut [0; 8]).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::InvalidData);
        assert_eq!(
            client.read(&mut [0; 8]).await.unwrap(),
            0,
            "nothing follows"
        );
    }
}
