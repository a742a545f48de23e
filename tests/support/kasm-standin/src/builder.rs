//! Describing a stand-in before it starts.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::time::Duration;

use crate::auth::{Bans, Users};
use crate::faults::Faults;
use crate::files::Files;
use crate::state::{Connected, Input, Shared, Sockets};
use crate::{Fault, Flavour, Standin};

/// Owned copies of a header list.
pub(crate) fn owned(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

type FixedAnswer = (String, u16, Vec<(String, String)>, Vec<u8>);

/// What to start. See [`Standin::builder`].
#[derive(Clone, Debug)]
pub struct Builder {
    listen: SocketAddr,
    flavour: Flavour,
    plain: bool,
    password: String,
    viewer_password: Option<String>,
    ban: Duration,
    fault: Option<Fault>,
    response_headers: Vec<(String, String)>,
    routes: Vec<FixedAnswer>,
    downloads: Vec<(String, Vec<u8>)>,
    password_file: Option<PathBuf>,
    folder: Option<PathBuf>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            flavour: Flavour::New,
            plain: false,
            password: "vncpassword".to_owned(),
            viewer_password: None,
            ban: Duration::from_secs(10),
            fault: None,
            response_headers: Vec::new(),
            routes: Vec::new(),
            downloads: Vec::new(),
            password_file: None,
            folder: None,
        }
    }
}

impl Builder {
    /// Which parser to copy; [`Flavour::New`] unless said.
    #[must_use]
    pub fn flavour(mut self, flavour: Flavour) -> Self {
        self.flavour = flavour;
        self
    }

    /// Becomes a plain web application instead: no TLS, no sign-in, paths of its own (`/`, `/echo`, `/redirect?to=`,
    /// `/cookie?name=value`, a socket at `/ws`).
    #[must_use]
    pub fn plain(mut self) -> Self {
        self.plain = true;
        self
    }

    /// The password of `kasm_user`, and of `kasm_viewer` unless that has its own.
    #[must_use]
    pub fn password(mut self, password: &str) -> Self {
        password.clone_into(&mut self.password);
        self
    }

    /// A password of its own for `kasm_viewer`.
    #[must_use]
    pub fn viewer_password(mut self, password: &str) -> Self {
        self.viewer_password = Some(password.to_owned());
        self
    }

    /// How long a ban lasts after its last attempt: 10 s as in the real server unless said.
    #[must_use]
    pub fn ban_time(mut self, ban: Duration) -> Self {
        self.ban = ban;
        self
    }

    /// A fault that every connection has.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// One more header on every answer, the 101 included. Written as given, also when it is nonsense.
    #[must_use]
    pub fn response_header(mut self, name: &str, value: &str) -> Self {
        self.response_headers
            .push((name.to_owned(), value.to_owned()));
        self
    }

    /// A fixed answer for a path (the query is ignored). Sign-in comes first, as for files.
    #[must_use]
    pub fn route(mut self, path: &str, status: u16, headers: &[(&str, &str)], body: &[u8]) -> Self {
        self.routes
            .push((path.to_owned(), status, owned(headers), body.to_vec()));
        self
    }

    /// A file in the desktop's Downloads folder.
    #[must_use]
    pub fn download(mut self, name: &str, body: &[u8]) -> Self {
        self.downloads.push((name.to_owned(), body.to_vec()));
        self
    }

    /// Where to listen; a free port of 127.0.0.1 unless said.
    #[must_use]
    pub fn listen(mut self, addr: SocketAddr) -> Self {
        self.listen = addr;
        self
    }

    /// Keeps the users in this file, written at start and read for every request.
    #[must_use]
    pub fn password_file(mut self, path: &Path) -> Self {
        self.password_file = Some(path.to_owned());
        self
    }

    /// Serves the client page from this folder instead of from memory.
    #[must_use]
    pub fn folder(mut self, path: &Path) -> Self {
        self.folder = Some(path.to_owned());
        self
    }

    /// Starts it.
    ///
    /// # Panics
    /// When the address or the password file cannot be had; a test has nothing better to do then.
    #[must_use]
    pub fn spawn(self) -> Standin {
        self.try_spawn().expect("the stand-in starts")
    }

    /// Starts it, or says why not.
    pub fn try_spawn(self) -> io::Result<Standin> {
        let listener = TcpListener::bind(self.listen)?;
        let viewer = self.viewer_password.as_ref().unwrap_or(&self.password);
        let users = Users::new(&self.password, viewer, self.password_file)?;
        let faults = Faults::default();
        faults.always(self.fault);
        let shared = Shared {
            flavour: self.flavour,
            plain: self.plain,
            users,
            bans: Bans::new(self.ban),
            files: self
                .folder
                .map_or_else(|| Files::in_memory(self.downloads), Files::Folder),
            faults,
            routes: Mutex::default(),
            response_headers: Mutex::new(self.response_headers),
            requests: Mutex::default(),
            connections: AtomicUsize::new(0),
            auth_failures: AtomicUsize::new(0),
            banned_answers: AtomicUsize::new(0),
            input: Mutex::new(Input::default()),
            viewed: AtomicBool::new(false),
            sockets: Sockets::default(),
            connected: Connected::default(),
            stopping: AtomicBool::new(false),
        };
        for (path, status, headers, body) in &self.routes {
            let headers: Vec<_> = headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            shared.set_route(path, *status, &headers, body);
        }
        Standin::start(listener, shared)
    }
}
