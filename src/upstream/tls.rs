//! TLS towards desktops: their certificate is self-signed, without a name (kasm-image P5), so it proves nothing and
//! is not checked; what protects the way is that it never leaves this host. The handshake's signatures are checked
//! all the same: whoever answers holds the key of the certificate it shows.
//!
//! Who has images with certificates of an authority can have them checked (`KASM_VERIFY_SSL` of the contract).

use std::sync::Arc;

use rustls::{
    ClientConfig, ConfigBuilder, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    WantsVerifier,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};

/// The usual configuration: any certificate.
pub(super) fn unchecked() -> Arc<ClientConfig> {
    let verifier = Arc::new(AnyCertificate {
        provider: Arc::new(ring::default_provider()),
    });
    let builder = builder().dangerous();
    finished(
        builder
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth(),
    )
}

/// Only certificates for the desktop's address by one of these authorities.
pub(super) fn checked_by(authorities: RootCertStore) -> Arc<ClientConfig> {
    let builder = builder().with_root_certificates(authorities);
    finished(builder.with_no_client_auth())
}

/// The authorities this machine trusts, and those of `SSL_CERT_FILE`.
pub(super) fn authorities() -> RootCertStore {
    let found = rustls_native_certs::load_native_certs();
    let mut authorities = RootCertStore::empty();
    authorities.add_parsable_certificates(found.certs);
    if authorities.is_empty() {
        tracing::warn!(errors = ?found.errors, "KASM_VERIFY_SSL is set, and there are no certificates of authorities on this machine: no desktop on https can be reached");
    }
    authorities
}

fn builder() -> ConfigBuilder<ClientConfig, WantsVerifier> {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(rustls::ALL_VERSIONS)
        .expect("ring offers the cipher suites of TLS 1.2 and 1.3")
}

/// What every connection has in common: no ALPN (the other side knows none), no resumption (it forgets every session,
/// and a connection serves one request).
fn finished(mut config: ClientConfig) -> Arc<ClientConfig> {
    config.resumption = Resumption::disabled();
    // The server is found by its address; it would not look at a name.
    config.enable_sni = false;
    Arc::new(config)
}

/// Takes every certificate, but only from somebody who holds its key.
#[derive(Debug)]
struct AnyCertificate {
    provider: Arc<CryptoProvider>,
}

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
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
