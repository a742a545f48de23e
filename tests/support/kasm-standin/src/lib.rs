//! A stand-in for a `kasmweb/*` container, so that a test fails where a real one would.
//!
//! A real `KasmVNC` server differs from every HTTP library a test would otherwise use: it speaks TLS only, answers one
//! request per connection, leaves out `close_notify` and often `Content-Length`, looks for some headers by their exact
//! spelling, turns any path into the desktop's socket and shuts a caller out after five failures. This crate copies
//! those habits on purpose. Where the code looks wrong, look for the reason in the doc comment first.
//!
//! Map, in the order a connection meets the modules:
//!
//! | module | one reason to change |
//! | --- | --- |
//! | [`Standin`], [`Builder`] | what a test can set and ask |
//! | `state` | what the connections share: records, counters, live sockets |
//! | [`Fault`] | what can be made to go wrong |
//! | `server` | the order of decisions on one connection |
//! | `tls` | the certificate, and bytes in and out |
//! | `http` | reading a request head, writing an answer |
//! | `auth` | users, passwords, the ban after five failures |
//! | `files` | the client page, the downloads folder, names and types |
//! | `api` | the owner's `/api` |
//! | `websocket` | the upgrade and the frames |
//! | `rfb`, [`messages`] | the desktop protocol inside the frames, and a client's side of it |
//! | `plain` | a plain web application, the other kind of workspace |

mod api;
mod auth;
mod builder;
mod faults;
mod files;
mod http;
pub mod messages;
mod plain;
mod rfb;
mod server;
mod state;
mod tls;
mod websocket;

pub use builder::Builder;
pub use faults::Fault;
pub use state::{Input, Recorded};
pub use tls::CERTIFICATE_AND_KEY_PEM;

use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use server::End;
use state::{Shared, lock};

/// Which generation of the request parser to copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// Before 1.4.0: `Host`, `Connection` and `Authorization` must be spelled exactly so, a request head has at most
    /// 4095 bytes (more: closed without a word), and VNC authentication with an empty key is the only security type.
    Old,
    /// 1.4.0 and later: header names in any case, 16383 bytes (more: 400), security type 1.
    New,
}

/// A running stand-in. Dropping it ends it, as [`Standin::kill`] does.
#[derive(Debug)]
pub struct Standin {
    addr: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

impl Standin {
    /// Starts to describe a stand-in.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn start(listener: TcpListener, shared: Shared) -> std::io::Result<Self> {
        let addr = listener.local_addr()?;
        let shared = Arc::new(shared);
        let accepting = Some(thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        }));
        Ok(Self {
            addr,
            shared,
            accepting,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Every request that was read to the end of its head, in the order of arrival, refused ones included.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        lock(&self.shared.requests).clone()
    }

    /// How many TCP connections were accepted, including those that never sent a request.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// How many requests counted as a failed sign-in. A ban's answers are not counted again.
    #[must_use]
    pub fn auth_failures(&self) -> usize {
        self.shared.auth_failures.load(Ordering::SeqCst)
    }

    /// How many answers were "you are banned".
    #[must_use]
    pub fn banned_answers(&self) -> usize {
        self.shared.banned_answers.load(Ordering::SeqCst)
    }

    /// How many desktop sockets are open now.
    #[must_use]
    pub fn websocket_count(&self) -> usize {
        self.shared.sockets.live()
    }

    /// How many desktop sockets were ever opened.
    #[must_use]
    pub fn websockets_opened(&self) -> usize {
        self.shared.sockets.opened()
    }

    /// What came in from keyboards, pointers and clipboards so far.
    #[must_use]
    pub fn input(&self) -> Input {
        *lock(&self.shared.input)
    }

    /// From now on every connection has this fault; `None` ends it.
    pub fn set_fault(&self, fault: Option<Fault>) {
        self.shared.faults.always(fault);
    }

    /// The next connection that the fault can apply to has it, then it is used up. Several are used in order.
    pub fn fault_once(&self, fault: Fault) {
        self.shared.faults.once(fault);
    }

    /// From now on every answer, the 101 included, carries these headers as well.
    pub fn set_response_headers(&self, headers: &[(&str, &str)]) {
        *lock(&self.shared.response_headers) = builder::owned(headers);
    }

    /// Adds or replaces a path with a fixed answer.
    pub fn set_route(&self, path: &str, status: u16, headers: &[(&str, &str)], body: &[u8]) {
        self.shared.set_route(path, status, headers, body);
    }

    /// Sets a user's password, as a second container does that starts with the same home.
    pub fn set_password(&self, user: &str, password: &str) {
        self.shared.users.set_password(user, password);
    }

    /// Moves the clock that bans are measured with, as if nobody had asked for this time.
    pub fn pass_ban_time(&self, time: Duration) {
        self.shared.bans.pass(time);
    }

    /// Forgets all failures and bans.
    pub fn forgive(&self) {
        self.shared.bans.forget();
    }

    /// Sends a frame of raw bytes, header included, on every open desktop socket: for what a hostile server may send.
    pub fn send_raw(&self, bytes: &[u8]) {
        self.shared.sockets.send_raw(bytes);
    }

    /// Ends all open desktop sockets by closing TCP: no Close frame and no `close_notify`, as the real server does.
    pub fn end_sockets(&self) {
        self.shared.sockets.end(|_| true);
    }

    /// Waits until as many desktop sockets are open as said. True when it came to that in time.
    #[must_use]
    pub fn wait_for_websockets(&self, count: usize, within: Duration) -> bool {
        self.shared.sockets.wait_for(count, within)
    }

    /// Stops listening and closes every connection. Later connection attempts are refused.
    pub fn kill(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        let Some(accepting) = self.accepting.take() else {
            return;
        };
        let mut own = self.addr;
        if own.ip().is_unspecified() {
            own.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
        }
        // The accepting thread notices the flag when somebody connects.
        let woken = TcpStream::connect_timeout(&own, Duration::from_secs(1)).is_ok();
        if woken {
            drop(accepting.join());
        }
        self.shared.connected.close_all();
    }

    /// Serves until the process ends: for the image.
    pub fn run_forever(mut self) {
        if let Some(accepting) = self.accepting.take() {
            drop(accepting.join());
        }
    }
}

impl Drop for Standin {
    fn drop(&mut self) {
        self.kill();
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for (number, sock) in (0_u64..).zip(listener.incoming()) {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(sock) = sock else { continue };
        let (Ok(peer), Ok(closer)) = (sock.peer_addr(), sock.try_clone()) else {
            continue;
        };
        shared.connections.fetch_add(1, Ordering::SeqCst);
        shared.connected.add(number, closer);
        let shared = Arc::clone(shared);
        // A thread per connection, as the real server has: simple, and a hung one disturbs nobody.
        thread::spawn(move || {
            let closing = sock.try_clone();
            let end = server::serve(&shared, sock, peer, number);
            shared.connected.remove(number);
            // A reset happens by itself when the last handle is dropped.
            if let (End::Close, Ok(sock)) = (end, closing) {
                close(&sock);
            }
        });
    }
}

/// Closes TCP without a TLS `close_notify`. What is still unread is read first, because the kernel would otherwise
/// turn the close into a reset and might take the answer with it.
fn close(sock: &TcpStream) {
    use std::io::Read;
    if sock.set_nonblocking(true).is_ok() {
        let mut rest = [0; 4096];
        let mut reader = sock;
        while matches!(reader.read(&mut rest), Ok(read) if read > 0) {}
    }
    drop(sock.shutdown(Shutdown::Both));
}
