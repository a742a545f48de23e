//! The certificate, and bytes in and out with or without TLS.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, JoinHandle};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::NoServerSessionStorage;
use rustls::{ServerConfig, ServerConnection};

use crate::state::lock;

/// The key and the certificate, as a container keeps them in `~/.vnc/self.pem`: RSA-2048, CN=kasm, CA:TRUE, no SAN.
/// For tests only; `cert/make.sh` made it.
pub const CERTIFICATE_AND_KEY_PEM: &str = include_str!("../cert/self.pem");

/// No ALPN and no resumption, as in the real server.
fn config() -> Arc<ServerConfig> {
    static CONFIG: OnceLock<Arc<ServerConfig>> = OnceLock::new();
    let make = || {
        let pem = CERTIFICATE_AND_KEY_PEM.as_bytes();
        let certificate =
            CertificateDer::from_pem_slice(pem).expect("the embedded certificate is one");
        let key = PrivateKeyDer::from_pem_slice(pem).expect("the embedded key is one");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring knows TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .expect("the embedded key fits the certificate");
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Arc::new(config)
    };
    Arc::clone(CONFIG.get_or_init(make))
}

/// A connection, with TLS or without.
pub(crate) struct Wire {
    sock: TcpStream,
    tls: Option<ServerConnection>,
}

impl Wire {
    pub(crate) fn plain(sock: TcpStream) -> Self {
        Self { sock, tls: None }
    }

    /// Makes the TLS handshake.
    pub(crate) fn secure(mut sock: TcpStream) -> io::Result<Self> {
        let mut tls = ServerConnection::new(config()).map_err(io::Error::other)?;
        tls.set_buffer_limit(None);
        while tls.is_handshaking() {
            tls.complete_io(&mut sock)?;
        }
        Ok(Self {
            sock,
            tls: Some(tls),
        })
    }

    pub(crate) fn sock(&self) -> &TcpStream {
        &self.sock
    }

    /// Separates the directions, so that a big echo cannot stop because both ends only write.
    pub(crate) fn split(self) -> io::Result<(Incoming, Outgoing, JoinHandle<()>)> {
        let tls = self.tls.map(|tls| Arc::new(Mutex::new(tls)));
        let (outgoing, writing) = Outgoing::start(self.sock.try_clone()?, tls.clone());
        Ok((
            Incoming {
                sock: self.sock,
                tls,
                raw: vec![0; 64 * 1024],
            },
            outgoing,
            writing,
        ))
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(tls) = &mut self.tls else {
            return self.sock.read(buffer);
        };
        match rustls::Stream::new(tls, &mut self.sock).read(buffer) {
            // The other end also left out close_notify: an end like any other.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
            read => read,
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.tls {
            Some(tls) => rustls::Stream::new(tls, &mut self.sock).write(bytes),
            None => self.sock.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.tls {
            Some(tls) => rustls::Stream::new(tls, &mut self.sock).flush(),
            None => self.sock.flush(),
        }
    }
}

/// The reading half.
pub(crate) struct Incoming {
    sock: TcpStream,
    tls: Option<Arc<Mutex<ServerConnection>>>,
    raw: Vec<u8>,
}

impl Incoming {
    /// Appends what arrives next. Zero means the other end is done.
    pub(crate) fn read(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        let before = into.len();
        // What came together with the request is already decrypted.
        self.take_decrypted(&mut &[][..], into)?;
        while into.len() == before {
            let read = self.sock.read(&mut self.raw)?;
            if read == 0 {
                return Ok(0);
            }
            let raw = std::mem::take(&mut self.raw);
            let taken = self.take_decrypted(&mut &raw[..read], into);
            self.raw = raw;
            if !taken? {
                return Ok(into.len() - before);
            }
        }
        Ok(into.len() - before)
    }

    /// False when the other end said `close_notify`.
    fn take_decrypted(&mut self, raw: &mut &[u8], into: &mut Vec<u8>) -> io::Result<bool> {
        let Some(tls) = &self.tls else {
            into.extend_from_slice(raw);
            return Ok(true);
        };
        let mut tls = lock(tls);
        loop {
            if !raw.is_empty() && tls.read_tls(raw)? == 0 {
                return Ok(false);
            }
            let state = tls.process_new_packets().map_err(io::Error::other)?;
            let start = into.len();
            into.resize(start + state.plaintext_bytes_to_read(), 0);
            tls.reader().read_exact(&mut into[start..])?;
            if state.peer_has_closed() {
                return Ok(false);
            }
            if raw.is_empty() {
                return Ok(true);
            }
        }
    }
}

/// The writing half: a queue with a thread behind it, which ends when the last handle is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing(Sender<Vec<u8>>);

impl Outgoing {
    fn start(
        mut sock: TcpStream,
        tls: Option<Arc<Mutex<ServerConnection>>>,
    ) -> (Self, JoinHandle<()>) {
        let (sender, queue) = mpsc::channel::<Vec<u8>>();
        let writing = thread::spawn(move || {
            for bytes in queue {
                let encrypted = match &tls {
                    Some(tls) => encrypt(&mut lock(tls), &bytes),
                    None => Ok(bytes),
                };
                // The lock is gone here: a slow reader at the other end must not stop our own reading.
                if encrypted.and_then(|bytes| sock.write_all(&bytes)).is_err() {
                    drop(sock.shutdown(std::net::Shutdown::Both));
                    return;
                }
            }
        });
        (Self(sender), writing)
    }

    /// Queues bytes. After an error at the other end they go nowhere; the reading half notices that.
    pub(crate) fn send(&self, bytes: Vec<u8>) {
        drop(self.0.send(bytes));
    }
}

fn encrypt(tls: &mut ServerConnection, bytes: &[u8]) -> io::Result<Vec<u8>> {
    tls.writer().write_all(bytes)?;
    let mut encrypted = Vec::with_capacity(bytes.len() + 1024);
    while tls.wants_write() {
        tls.write_tls(&mut encrypted)?;
    }
    Ok(encrypted)
}
