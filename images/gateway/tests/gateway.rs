//! The gateway from outside: TLS, Basic auth, files and the tunnel, with a made-up X server behind it.
#![expect(
    clippy::unwrap_used,
    reason = "a test tells what went wrong by panicking"
)]

use std::{fs, net::SocketAddr, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use desktop_gateway::{auth::Credentials, files::ClientFiles, server::Gateway, tls};
use futures_util::{SinkExt, StreamExt};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixListener, UnixStream},
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest, protocol::frame::coding::CloseCode},
};
use tokio_util::sync::CancellationToken;

const HELLO: &[u8] = b"RFB 003.008\n\x01\x01";
const KEY: &[u8] = &[4, 1, 0, 0, 0, 0, 0, 0x61];
const REQUEST: &[u8] = &[3, 1, 0, 0, 0, 0, 4, 0, 3, 0];

struct Fixture {
    address: SocketAddr,
    x_server: UnixListener,
    stop: CancellationToken,
    serving: JoinHandle<()>,
    _folder: TempDir,
}

impl Fixture {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let www = folder.path().join("www");
        fs::create_dir(&www).unwrap();
        fs::write(www.join("index.html"), "the client").unwrap();
        let rfb_socket = folder.path().join("rfb");
        let x_server = UnixListener::bind(&rfb_socket).unwrap();
        let gateway = Gateway {
            credentials: Credentials::new(Some("secret1")).unwrap(),
            files: ClientFiles::load(&www).unwrap(),
            rfb_socket,
            tls: tls::acceptor().unwrap(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let serving = tokio::spawn(gateway.serve(listener, stop.clone()));
        Self {
            address,
            x_server,
            stop,
            serving,
            _folder: folder,
        }
    }

    async fn connect(&self) -> TlsStream<TcpStream> {
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
            .with_no_client_auth();
        let stream = TcpStream::connect(self.address).await.unwrap();
        let name = ServerName::try_from("desktop").unwrap();
        TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
            .unwrap()
    }

    /// Sends a request with these credentials and returns the whole answer.
    async fn ask(&self, method: &str, target: &str, user: &str) -> String {
        let mut stream = self.connect().await;
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: d\r\nAuthorization: {}\r\n\r\n",
            basic(user)
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    /// Opens a tunnel; both of its ends.
    async fn tunnel(&self, user: &str) -> (WebSocketStream<TlsStream<TcpStream>>, UnixStream) {
        let mut request = "wss://desktop/websockify".into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("Authorization", basic(user).parse().unwrap());
        headers.insert("Origin", "https://desktop".parse().unwrap());
        headers.insert("Sec-WebSocket-Protocol", "binary".parse().unwrap());
        let (viewer, answer) = client_async(request, self.connect().await).await.unwrap();
        assert_eq!(answer.headers()["Sec-WebSocket-Protocol"], "binary");
        (viewer, self.x_server.accept().await.unwrap().0)
    }
}

fn basic(user: &str) -> String {
    format!("Basic {}", STANDARD.encode(user))
}

#[tokio::test]
async fn every_request_needs_the_password() {
    let gateway = Fixture::start().await;
    for user in ["kasm_user:wrong", "other:secret1", ""] {
        for target in ["/", "/websockify", "/nothing"] {
            let answer = gateway.ask("GET", target, user).await;
            assert!(
                answer.starts_with("HTTP/1.1 401 Unauthorized\r\n"),
                "{answer}"
            );
            assert!(
                answer.contains("WWW-Authenticate: Basic realm=\"Websockify\"\r\n"),
                "{answer}"
            );
        }
    }
}

#[tokio::test]
async fn files_are_served_to_get_alone() {
    let gateway = Fixture::start().await;
    let answer = gateway
        .ask("GET", "/?resize=remote", "kasm_viewer:secret1")
        .await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nthe client"),
        "{answer}"
    );
    assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
    for (method, target) in [
        ("HEAD", "/"),
        ("POST", "/"),
        ("GET", "/../rfb"),
        ("GET", "/websockify"),
        ("GET", "/api/x"),
    ] {
        let answer = gateway.ask(method, target, "kasm_user:secret1").await;
        assert!(
            answer.starts_with("HTTP/1.1 404 Not Found\r\n"),
            "{method} {target}: {answer}"
        );
    }
}

#[tokio::test]
async fn plain_http_is_closed_without_a_byte() {
    let gateway = Fixture::start().await;
    let mut stream = TcpStream::connect(gateway.address).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: d\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    // The unread request may turn the end into a reset; no byte must come in either case.
    let _end = stream.read_to_end(&mut answer).await;
    assert!(answer.is_empty());
}

#[tokio::test]
async fn the_owner_reaches_the_x_server_byte_for_byte() {
    let gateway = Fixture::start().await;
    let (mut viewer, mut x_server) = gateway.tunnel("kasm_user:secret1").await;
    let input: Vec<u8> = (0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    viewer
        .send(Message::Binary(input.clone().into()))
        .await
        .unwrap();
    let mut arrived = vec![0; input.len()];
    x_server.read_exact(&mut arrived).await.unwrap();
    assert!(arrived == input);

    let pictures: Vec<u8> = (0..3_000_000_u32)
        .map(|n| (n / 7).to_le_bytes()[0])
        .collect();
    let sent = pictures.clone();
    tokio::spawn(async move { x_server.write_all(&sent).await });
    let mut seen = Vec::new();
    let close = loop {
        match viewer.next().await.unwrap().unwrap() {
            Message::Binary(bytes) => {
                assert!(bytes.len() <= 65_535, "a frame of {} bytes", bytes.len());
                seen.extend_from_slice(&bytes);
            }
            Message::Close(frame) => break frame.unwrap(),
            other => panic!("unexpected {other:?}"),
        }
    };
    assert!(seen == pictures);
    // The X server has closed its socket: that is a real Close, not a broken connection.
    assert_eq!(close.code, CloseCode::Away);
}

#[tokio::test]
async fn a_watcher_only_watches() {
    let gateway = Fixture::start().await;
    let (mut viewer, mut x_server) = gateway.tunnel("kasm_viewer:secret1").await;
    for bytes in [HELLO, KEY, REQUEST, &KEY[..3], &KEY[3..], REQUEST] {
        viewer
            .send(Message::Binary(bytes.to_vec().into()))
            .await
            .unwrap();
    }
    let expected = [HELLO, REQUEST, REQUEST].concat();
    let mut arrived = vec![0; expected.len()];
    x_server.read_exact(&mut arrived).await.unwrap();
    assert_eq!(arrived, expected);

    viewer.send(Message::Binary(vec![77].into())).await.unwrap();
    let Some(Ok(Message::Close(Some(close)))) = viewer.next().await else {
        panic!("no Close frame")
    };
    assert_eq!(close.code, CloseCode::Policy);
    assert_eq!(
        close.reason.as_str(),
        "RFB message 77 is not allowed for a viewer"
    );
    assert_eq!(x_server.read(&mut [0; 16]).await.unwrap(), 0);
}

#[tokio::test]
async fn stopping_says_goodbye_and_does_not_wait_for_the_silent() {
    let gateway = Fixture::start().await;
    let (mut polite, _x1) = gateway.tunnel("kasm_user:secret1").await;
    let (_silent, _x2) = gateway.tunnel("kasm_user:secret1").await;
    gateway.stop.cancel();
    let Some(Ok(Message::Close(Some(close)))) = polite.next().await else {
        panic!("no Close frame")
    };
    assert_eq!(close.code, CloseCode::Away);
    timeout(Duration::from_secs(2), gateway.serving)
        .await
        .expect("serving ends soon")
        .unwrap();
}

/// What a proxy in front of self-signed desktops does, too.
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
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(
            message,
            certificate,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(
            message,
            certificate,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
