//! A TLS client that shows what is really on the wire.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{self, CryptoProvider};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned};

pub(crate) const PASSWORD: &str = "secret-1";
pub(crate) const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// Takes any certificate: the server's is self-signed.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        crypto::verify_tls12_signature(
            message,
            cert,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        crypto::verify_tls13_signature(
            message,
            cert,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

pub(crate) type Tls = StreamOwned<ClientConnection, TcpStream>;

pub(crate) fn tcp(addr: SocketAddr) -> TcpStream {
    let sock = TcpStream::connect(addr).expect("it listens");
    sock.set_read_timeout(Some(Duration::from_secs(10)))
        .expect("a timeout can be set");
    sock
}

pub(crate) fn tls(addr: SocketAddr) -> Tls {
    let provider = Arc::new(crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let name = ServerName::try_from("desktop").expect("a name");
    let connection = ClientConnection::new(Arc::new(config), name).expect("a client");
    StreamOwned::new(connection, tcp(addr))
}

/// What came back until the end, and how it ended.
pub(crate) struct Response {
    pub(crate) text: String,
    /// TLS ended without `close_notify`.
    pub(crate) unannounced: bool,
}

impl Response {
    pub(crate) fn status(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }

    pub(crate) fn body(&self) -> &str {
        self.text
            .split_once("\r\n\r\n")
            .map_or("", |(_, body)| body)
    }

    pub(crate) fn has(&self, line: &str) -> bool {
        self.text.lines().any(|found| found == line)
    }
}

pub(crate) fn exchange(addr: SocketAddr, request: &str) -> Response {
    let mut tls = tls(addr);
    tls.write_all(request.as_bytes())
        .expect("the request goes out");
    to_the_end(&mut tls)
}

pub(crate) fn to_the_end(wire: &mut impl Read) -> Response {
    let mut bytes = Vec::new();
    let ended = wire.read_to_end(&mut bytes);
    let unannounced = ended.is_err_and(|error| error.kind() == io::ErrorKind::UnexpectedEof);
    Response {
        text: String::from_utf8_lossy(&bytes).into_owned(),
        unannounced,
    }
}

pub(crate) fn credentials(user: &str, password: &str) -> String {
    format!(
        "Authorization: Basic {}\r\n",
        STANDARD.encode(format!("{user}:{password}"))
    )
}

pub(crate) fn owner() -> String {
    credentials("kasm_user", PASSWORD)
}

/// A signed-in `GET`.
pub(crate) fn get(addr: SocketAddr, target: &str) -> Response {
    exchange(
        addr,
        &format!("GET {target} HTTP/1.1\r\nHost: desktop\r\n{}\r\n", owner()),
    )
}

/// The head of an upgrade that every version accepts.
pub(crate) fn upgrade(user: &str) -> String {
    format!(
        "GET /any/path?at=all HTTP/1.1\r\nHost: desktop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Origin: https://desktop\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\
         Sec-WebSocket-Protocol: binary, base64\r\n{}\r\n",
        credentials(user, PASSWORD)
    )
}

/// An open desktop socket.
pub(crate) struct Socket {
    pub(crate) wire: Tls,
    pub(crate) head: String,
    /// Payload bytes that came and were not taken yet.
    payload: Vec<u8>,
    /// Lengths of the frames that came.
    pub(crate) lengths: Vec<usize>,
}

impl Socket {
    pub(crate) fn open(addr: SocketAddr, user: &str) -> Self {
        let mut wire = tls(addr);
        wire.write_all(upgrade(user).as_bytes())
            .expect("the upgrade goes out");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            wire.read_exact(&mut byte).expect("an answer");
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        Self {
            wire,
            head,
            payload: Vec::new(),
            lengths: Vec::new(),
        }
    }

    /// Opens and goes through the start of the desktop protocol, security type 1.
    pub(crate) fn desktop(addr: SocketAddr, user: &str) -> Self {
        let mut socket = Self::open(addr, user);
        assert_eq!(socket.take(12), b"RFB 003.008\n");
        socket.send(2, b"RFB 003.008\n");
        assert_eq!(socket.take(2), [1, 1]);
        socket.send(2, &[1]);
        assert_eq!(socket.take(4), [0; 4]);
        socket.send(2, &[1]);
        let start = socket.take(24);
        let name = socket.take(usize::from(start[23]));
        assert_eq!(name, b"stand-in:1 (kasm-user)");
        socket
    }

    pub(crate) fn send(&mut self, opcode: u8, payload: &[u8]) {
        self.send_raw(&frame(0x80 | opcode, payload));
    }

    pub(crate) fn send_raw(&mut self, bytes: &[u8]) {
        self.wire.write_all(bytes).expect("the frame goes out");
    }

    /// The next bytes of payload, whatever frames they come in. All frames must be binary and final.
    pub(crate) fn take(&mut self, count: usize) -> Vec<u8> {
        while self.payload.len() < count {
            let mut start = [0; 2];
            self.wire.read_exact(&mut start).expect("a frame");
            assert_eq!(start[0], 0x82, "only final binary frames");
            let length = match start[1] {
                126 => {
                    let mut long = [0; 2];
                    self.wire.read_exact(&mut long).expect("a length");
                    usize::from(u16::from_be_bytes(long))
                }
                short => usize::from(short),
            };
            let before = self.payload.len();
            self.payload.resize(before + length, 0);
            self.wire
                .read_exact(&mut self.payload[before..])
                .expect("a payload");
            self.lengths.push(length);
        }
        self.payload.drain(..count).collect()
    }

    /// Nothing more comes, and TLS was not ended properly.
    pub(crate) fn is_dropped(&mut self) -> bool {
        let end = to_the_end(&mut self.wire);
        end.text.is_empty() && end.unannounced
    }
}

/// A masked frame.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [7, 77, 177, 27];
    let mut frame = vec![first];
    match u16::try_from(payload.len()) {
        Ok(short) if short < 126 => frame.push(0x80 | u8::try_from(short).expect("below 126")),
        Ok(medium) => {
            frame.push(0x80 | 0x7e);
            frame.extend_from_slice(&medium.to_be_bytes());
        }
        Err(_) => {
            frame.push(0x80 | 127);
            frame.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(&mask);
    frame.extend(
        payload
            .iter()
            .zip(mask.iter().cycle())
            .map(|(byte, key)| byte ^ key),
    );
    frame
}
