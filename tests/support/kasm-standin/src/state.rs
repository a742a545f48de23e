//! What the connections share: settings, records, counters and the live sockets.

use std::collections::BTreeMap;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::Flavour;
use crate::auth::{Bans, Users};
use crate::faults::Faults;
use crate::files::Files;
use crate::http::find;
use crate::tls::Outgoing;

/// A request as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The bytes up to and including the blank line, after TLS was taken off.
    pub head: Vec<u8>,
    /// What arrived together with the head.
    pub body: Vec<u8>,
    /// `GET`, `POST`, …
    pub method: String,
    /// Path and query as sent.
    pub path: String,
    /// Names in their original spelling, in the order sent.
    pub headers: Vec<(String, String)>,
    /// Whether this flavour took it for a WebSocket upgrade.
    pub upgrade: bool,
    /// Who was signed in; `None` when the request was refused, or needs no sign-in.
    pub user: Option<String>,
    /// The other end of the TCP connection.
    pub peer: SocketAddr,
}

impl Recorded {
    /// The first header of this name, in any spelling.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self
            .headers
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str())
    }

    /// Whether these bytes occur anywhere in the head: for "the cookie must not get through".
    #[must_use]
    pub fn contains(&self, text: &str) -> bool {
        find(&self.head, text.as_bytes()).is_some()
    }
}

/// Counts of what people typed and clicked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Input {
    /// Key events from users who may write.
    pub keys: u32,
    /// Pointer events from users who may write.
    pub pointers: u32,
    /// Clipboard texts from users who may write.
    pub clipboards: u32,
    /// Events of all three kinds that were ignored because the user may only look.
    pub ignored: u32,
}

/// A fixed answer.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Everything a connection needs.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) flavour: Flavour,
    pub(crate) plain: bool,
    pub(crate) users: Users,
    pub(crate) bans: Bans,
    pub(crate) files: Files,
    pub(crate) faults: Faults,
    pub(crate) routes: Mutex<BTreeMap<String, Route>>,
    pub(crate) response_headers: Mutex<Vec<(String, String)>>,
    pub(crate) requests: Mutex<Vec<Recorded>>,
    pub(crate) connections: AtomicUsize,
    pub(crate) auth_failures: AtomicUsize,
    pub(crate) banned_answers: AtomicUsize,
    pub(crate) input: Mutex<Input>,
    /// A client has looked at the screen, so a screenshot exists.
    pub(crate) viewed: AtomicBool,
    pub(crate) sockets: Sockets,
    pub(crate) connected: Connected,
    pub(crate) stopping: AtomicBool,
}

impl Shared {
    pub(crate) fn set_route(&self, path: &str, status: u16, headers: &[(&str, &str)], body: &[u8]) {
        let route = Route {
            status,
            headers: crate::builder::owned(headers),
            body: body.to_vec(),
        };
        lock(&self.routes).insert(path.to_owned(), route);
    }
}

/// All TCP connections, so that they can be closed from outside.
#[derive(Debug, Default)]
pub(crate) struct Connected(Mutex<BTreeMap<u64, TcpStream>>);

impl Connected {
    pub(crate) fn add(&self, number: u64, sock: TcpStream) {
        lock(&self.0).insert(number, sock);
    }

    pub(crate) fn remove(&self, number: u64) {
        lock(&self.0).remove(&number);
    }

    pub(crate) fn has(&self, number: u64) -> bool {
        lock(&self.0).contains_key(&number)
    }

    pub(crate) fn close(&self, number: u64) {
        if let Some(sock) = lock(&self.0).remove(&number) {
            drop(sock.shutdown(Shutdown::Both));
        }
    }

    pub(crate) fn close_all(&self) {
        for (_, sock) in std::mem::take(&mut *lock(&self.0)) {
            drop(sock.shutdown(Shutdown::Both));
        }
    }
}

/// The open desktop sockets.
#[derive(Debug, Default)]
pub(crate) struct Sockets {
    live: Mutex<BTreeMap<u64, Socket>>,
    changed: Condvar,
    opened: AtomicUsize,
}

#[derive(Debug)]
struct Socket {
    user: String,
    sock: TcpStream,
    outgoing: Option<Outgoing>,
}

impl Sockets {
    pub(crate) fn add(&self, number: u64, user: &str, sock: TcpStream, outgoing: Option<Outgoing>) {
        self.opened.fetch_add(1, Ordering::SeqCst);
        lock(&self.live).insert(
            number,
            Socket {
                user: user.to_owned(),
                sock,
                outgoing,
            },
        );
        self.changed.notify_all();
    }

    pub(crate) fn remove(&self, number: u64) {
        lock(&self.live).remove(&number);
        self.changed.notify_all();
    }

    pub(crate) fn has(&self, number: u64) -> bool {
        lock(&self.live).contains_key(&number)
    }

    pub(crate) fn live(&self) -> usize {
        lock(&self.live).len()
    }

    pub(crate) fn opened(&self) -> usize {
        self.opened.load(Ordering::SeqCst)
    }

    pub(crate) fn wait_for(&self, count: usize, within: Duration) -> bool {
        let waited = self
            .changed
            .wait_timeout_while(lock(&self.live), within, |live| live.len() != count);
        waited.unwrap_or_else(PoisonError::into_inner).0.len() == count
    }

    pub(crate) fn send_raw(&self, bytes: &[u8]) {
        for socket in lock(&self.live).values() {
            if let Some(outgoing) = &socket.outgoing {
                outgoing.send(bytes.to_vec());
            }
        }
    }

    /// Closes the sockets of the users that are meant.
    pub(crate) fn end(&self, meant: impl Fn(&str) -> bool) {
        lock(&self.live).retain(|_, socket| {
            let stays = !meant(&socket.user);
            if !stays {
                drop(socket.sock.shutdown(Shutdown::Both));
            }
            stays
        });
        self.changed.notify_all();
    }
}

/// Locks even after another thread panicked: a test that failed already should not hide behind a second failure.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
