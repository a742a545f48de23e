//! A provider on https is only as good as its certificate.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use hyper::Method;
use rcgen::{CertificateParams, KeyPair, SanType};
use rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

use crate::support::{
    http::{self, By},
    installation::Installation,
    server::Server,
    written_provider::{SECRET_KEY, Written},
};

/// Describes itself over TLS, until it is dropped.
#[derive(Debug)]
struct SecureProvider {
    address: SocketAddr,
    /// Its own certificate, as a file.
    certificate: PathBuf,
    _folder: tempfile::TempDir,
    _serving: JoinSet<()>,
}

impl SecureProvider {
    /// `scheme` is that of the authorization endpoint it names.
    async fn start(scheme: &'static str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::default();
        parameters.subject_alt_names = vec![SanType::IpAddress([127, 0, 0, 1].into())];
        let certificate = parameters.self_signed(&key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("authority.pem");
        let text = STANDARD.encode(certificate.der());
        let pem = format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
        std::fs::write(&file, pem).unwrap();

        let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(rustls::ALL_VERSIONS)
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answer = answer(address, scheme);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Whoever does not trust it goes away.
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let mut request = [0; 4096];
                if stream.read(&mut request).await.is_ok() {
                    let _ = stream.write_all(answer.as_bytes()).await;
                    let _ = stream.shutdown().await;
                }
            }
        });
        Self {
            address,
            certificate: file,
            _folder: folder,
            _serving: serving,
        }
    }

    fn issuer(&self) -> String {
        format!("https://{}", self.address)
    }
}

fn answer(address: SocketAddr, scheme: &str) -> String {
    let document = json!({
        "issuer": format!("https://{address}"),
        "authorization_endpoint": format!("{scheme}://id.example.org/authorize"),
        "token_endpoint": format!("https://{address}/token"),
        "jwks_uri": format!("https://{address}/jwks"),
    })
    .to_string();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{document}",
        document.len()
    )
}

/// A server that knows the provider, and the certificate if it is to trust it.
async fn server(provider: &SecureProvider, trusted: bool) -> Server {
    let file = provider.certificate.to_str().unwrap();
    let mut settings = vec![("SECRET_KEY", SECRET_KEY)];
    if trusted {
        settings.push(("SSL_CERT_FILE", file));
    }
    let server = Server::start_on(&Installation::new().await, &settings).await;
    Written {
        name: "Secure",
        issuer: &provider.issuer(),
        client: ("kasm", "insecure_secret"),
        token_auth_method: "client_secret_basic",
        scopes: &["openid"],
        username_claim: "preferred_username",
        ..Written::default()
    }
    .into(&server.installation.database)
    .await;
    server
}

async fn begins(server: &Server) -> http::Answer {
    let accept = [("Accept", "text/html")];
    let path = "/login/oidc/Secure";
    http::send(server.address, By::Nobody, Method::GET, path, &accept, "").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_is_trusted_by_its_certificate_alone() {
    let provider = SecureProvider::start("https").await;
    let distrusting = server(&provider, false).await;
    let answer = begins(&distrusting).await;
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert!(answer.text.contains("Secure does not answer."));
    assert!(!answer.text.contains("certificate"));

    let trusting = server(&provider, true).await;
    let answer = begins(&trusting).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let there = answer.headers["location"].to_str().unwrap();
    assert!(
        there.starts_with("https://id.example.org/authorize?"),
        "{there}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secure_provider_sends_nobody_to_plain_http() {
    let provider = SecureProvider::start("http").await;
    let server = server(&provider, true).await;
    let answer = begins(&server).await;
    assert_eq!(answer.status, 502, "{}", answer.text);
    assert!(answer.text.contains("in a way that cannot be used"));
}
