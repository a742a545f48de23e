//! A connection that can be cut, silenced or held up at will, between the server and what it needs.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use socket2::{SockRef, Socket};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::{TcpListener, TcpStream, UnixListener, UnixStream},
    sync::watch,
    task::JoinSet,
    time::timeout,
};

/// For what a test waits for.
const HELD_LIMIT: Duration = Duration::from_secs(20);

/// What happens to bytes on their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Everything gets through.
    Pass,
    /// Open connections are reset, new ones refused.
    Cut,
    /// Connections are taken, no byte gets through in either direction. What waits goes on when it passes again.
    Blackhole,
    /// A request that contains this text does not get there.
    HoldRequest(&'static str),
    /// A request that contains this text gets there, its answer does not come back.
    HoldAnswer(&'static str),
}

/// Where one listens or connects.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// Stands in front of a server until it is dropped.
#[derive(Debug)]
pub(crate) struct FaultProxy {
    mode: watch::Sender<Mode>,
    held: watch::Sender<u32>,
    place: Place,
    // Dropping it ends everything.
    _tasks: JoinSet<()>,
}

impl FaultProxy {
    /// Stands in front of a TCP server.
    pub(crate) async fn tcp(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = Place::Tcp(listener.local_addr().unwrap());
        Self::start(Listener::Tcp(listener), place, Place::Tcp(target))
    }

    /// Stands in front of a server at `unix://…` or `tcp://…`; listens at `socket`.
    pub(crate) fn unix(target: &str, socket: &Path) -> Self {
        let target = if let Some(path) = target.strip_prefix("unix://") {
            Place::Unix(path.into())
        } else {
            let (_, address) = target.split_once("://").expect("unix:// or tcp://");
            Place::Tcp(address.parse().expect("an address"))
        };
        let listener = UnixListener::bind(socket).unwrap();
        Self::start(Listener::Unix(listener), Place::Unix(socket.into()), target)
    }

    fn start(listener: Listener, place: Place, target: Place) -> Self {
        let (mode, _) = watch::channel(Mode::Pass);
        let (held, _) = watch::channel(0);
        let mut tasks = JoinSet::new();
        let shared = Shared {
            mode: mode.subscribe(),
            held: held.clone(),
            target,
        };
        tasks.spawn(accept(listener, place.clone(), shared));
        Self {
            mode,
            held,
            place,
            _tasks: tasks,
        }
    }

    /// Where a TCP proxy listens.
    pub(crate) fn address(&self) -> SocketAddr {
        match &self.place {
            Place::Tcp(address) => *address,
            Place::Unix(path) => panic!("{} is no address", path.display()),
        }
    }

    /// From now on it is like this, for open connections too.
    pub(crate) fn set(&self, mode: Mode) {
        self.held.send_replace(0);
        self.mode.send_replace(mode);
    }

    /// Waits until something is held up.
    pub(crate) async fn holds_something(&self) {
        let mut held = self.held.subscribe();
        let waiting = timeout(HELD_LIMIT, held.wait_for(|count| *count > 0));
        let waited = waiting.await;
        assert!(waited.is_ok(), "nothing came that could be held up");
    }
}

#[derive(Debug)]
enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Listener {
    async fn at(place: &Place) -> io::Result<Self> {
        match place {
            Place::Tcp(address) => TcpListener::bind(address).await.map(Self::Tcp),
            Place::Unix(path) => {
                drop(std::fs::remove_file(path));
                UnixListener::bind(path).map(Self::Unix)
            }
        }
    }

    async fn accept(&self) -> io::Result<Wire> {
        match self {
            Self::Tcp(listener) => Ok(Wire::Tcp(listener.accept().await?.0)),
            Self::Unix(listener) => Ok(Wire::Unix(listener.accept().await?.0)),
        }
    }
}

#[derive(Clone, Debug)]
struct Shared {
    mode: watch::Receiver<Mode>,
    held: watch::Sender<u32>,
    target: Place,
}

/// Listens while connections are not refused.
async fn accept(listener: Listener, place: Place, shared: Shared) {
    let mut listener = Some(listener);
    let mut mode = shared.mode.clone();
    let mut connections = JoinSet::new();
    loop {
        if *mode.borrow_and_update() == Mode::Cut {
            listener = None;
        } else if listener.is_none() {
            listener = Listener::at(&place).await.ok();
        }
        let accepted = async {
            match &listener {
                Some(listener) => listener.accept().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            accepted = accepted => {
                if let Ok(wire) = accepted {
                    connections.spawn(carry(wire, shared.clone()));
                }
            }
            changed = mode.changed() => if changed.is_err() { return },
        }
    }
}

async fn carry(near: Wire, shared: Shared) {
    let Ok(far) = Wire::to(&shared.target).await else {
        return;
    };
    let ends = [near.end(), far.end()];
    let (near_in, near_out) = tokio::io::split(near);
    let (far_in, far_out) = tokio::io::split(far);
    let (asked, answered) = watch::channel(false);
    let requests = requests(near_in, far_out, shared.clone(), asked);
    let answers = answers(far_in, near_out, shared.clone(), answered);
    let both = async { tokio::join!(requests, answers) };
    let mut mode = shared.mode.clone();
    tokio::select! {
        _ = both => return,
        _ = mode.wait_for(|mode| *mode == Mode::Cut) => {}
    }
    for end in ends.iter().flatten() {
        // Closing now means a reset.
        drop(end.set_linger(Some(Duration::ZERO)));
    }
}

async fn requests(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    shared: Shared,
    asked: watch::Sender<bool>,
) -> io::Result<()> {
    let mut mode = shared.mode.clone();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer).await?;
        let text = String::from_utf8_lossy(&buffer[..read]).into_owned();
        let held = |mode: &Mode| match mode {
            Mode::Blackhole => true,
            Mode::HoldRequest(part) => text.contains(part),
            _ => false,
        };
        let now = *mode.borrow();
        if held(&now) {
            shared.held.send_modify(|count| *count += 1);
        }
        if matches!(now, Mode::HoldAnswer(part) if text.contains(part)) {
            asked.send_replace(true);
        }
        if mode.wait_for(|mode| !held(mode)).await.is_err() || read == 0 {
            return to.shutdown().await;
        }
        to.write_all(&buffer[..read]).await?;
    }
}

async fn answers(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    shared: Shared,
    asked: watch::Receiver<bool>,
) -> io::Result<()> {
    let mut mode = shared.mode.clone();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer).await?;
        let held = |mode: &Mode| match mode {
            Mode::Blackhole => true,
            Mode::HoldAnswer(_) => *asked.borrow(),
            _ => false,
        };
        if held(&mode.borrow()) {
            shared.held.send_modify(|count| *count += 1);
        }
        if mode.wait_for(|mode| !held(mode)).await.is_err() || read == 0 {
            return to.shutdown().await;
        }
        to.write_all(&buffer[..read]).await?;
    }
}

#[derive(Debug)]
enum Wire {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Wire {
    async fn to(place: &Place) -> io::Result<Self> {
        match place {
            Place::Tcp(address) => TcpStream::connect(address).await.map(Self::Tcp),
            Place::Unix(path) => UnixStream::connect(path).await.map(Self::Unix),
        }
    }

    /// A second handle, to decide how it is closed.
    fn end(&self) -> Option<Socket> {
        match self {
            Self::Tcp(stream) => SockRef::from(stream).try_clone().ok(),
            Self::Unix(_) => None,
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Unix(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Unix(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(context),
            Self::Unix(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Unix(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
