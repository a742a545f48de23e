//! The certificate of this desktop: self-signed, made anew at every start, like a Kasm image's.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, KeyPair};
use rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};
use thiserror::Error;
use tokio_rustls::TlsAcceptor;

/// TLS could not be set up.
#[derive(Debug, Error)]
pub enum TlsProblem {
    /// No certificate.
    #[error("could not make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The library refused what we made.
    #[error("could not set up TLS: {0}")]
    Config(#[from] rustls::Error),
}

/// Accepts TLS 1.2 and 1.3 with a fresh certificate: CN=kasm, no other name, nothing to verify it by.
pub fn acceptor() -> Result<TlsAcceptor, TlsProblem> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "kasm");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;

    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
