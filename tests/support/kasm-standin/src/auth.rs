//! Users, passwords and the ban after five failures.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

use crate::Flavour;
use crate::http::{Head, find, find_any_case};
use crate::state::lock;

/// Failures until a caller is shut out.
const THRESHOLD: u32 = 5;

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) hash: String,
    pub(crate) read: bool,
    pub(crate) write: bool,
    pub(crate) owner: bool,
}

impl User {
    pub(crate) fn new(name: &str, password: &str, flags: &str) -> Self {
        Self {
            name: name.to_owned(),
            hash: hash(password),
            read: flags.contains(['r', 'w']),
            write: flags.contains('w'),
            owner: flags.contains('o'),
        }
    }

    fn from_line(line: &str) -> Option<Self> {
        let mut parts = line.splitn(3, ':');
        let (name, hash, flags) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self {
            hash: hash.to_owned(),
            ..Self::new(name, "", flags)
        })
    }

    fn line(&self) -> String {
        let flag = |set: bool, letter: &'static str| if set { letter } else { "" };
        let read = flag(self.read && !self.write, "r");
        format!(
            "{}:{}:{read}{}{}\n",
            self.name,
            self.hash,
            flag(self.write, "w"),
            flag(self.owner, "o")
        )
    }
}

/// Not the real SHA-256 crypt, which nobody but the server itself ever reads; only its shape.
pub(crate) fn hash(password: &str) -> String {
    format!(
        "$5$kasm${}",
        STANDARD.encode(Sha1::digest(password.as_bytes()))
    )
}

/// The users, in memory or in a file that is read for every request: whoever rewrites it changes the passwords of a
/// running server.
#[derive(Debug)]
pub(crate) struct Users {
    memory: Mutex<Vec<User>>,
    file: Option<PathBuf>,
}

impl Users {
    pub(crate) fn new(
        password: &str,
        viewer_password: &str,
        file: Option<PathBuf>,
    ) -> io::Result<Self> {
        let users = vec![
            User::new("kasm_user", password, "wo"),
            User::new("kasm_viewer", viewer_password, "r"),
        ];
        if let Some(path) = &file {
            fs::write(path, users.iter().map(User::line).collect::<String>())?;
        }
        Ok(Self {
            memory: Mutex::new(users),
            file,
        })
    }

    pub(crate) fn all(&self) -> Vec<User> {
        match &self.file {
            Some(path) => fs::read_to_string(path)
                .unwrap_or_default()
                .lines()
                .filter_map(User::from_line)
                .collect(),
            None => lock(&self.memory).clone(),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<User> {
        self.all().into_iter().find(|user| user.name == name)
    }

    /// Adds a user or replaces the one of that name.
    pub(crate) fn put(&self, user: User) {
        let mut users = self.all();
        users.retain(|known| known.name != user.name);
        users.push(user);
        self.store(users);
    }

    pub(crate) fn remove(&self, name: &str) {
        let mut users = self.all();
        users.retain(|user| user.name != name);
        self.store(users);
    }

    pub(crate) fn set_password(&self, name: &str, password: &str) {
        if let Some(user) = self.get(name) {
            self.put(User {
                hash: hash(password),
                ..user
            });
        }
    }

    fn store(&self, users: Vec<User>) {
        if let Some(path) = &self.file {
            drop(fs::write(
                path,
                users.iter().map(User::line).collect::<String>(),
            ));
        }
        *lock(&self.memory) = users;
    }
}

/// Failures and bans by address.
#[derive(Debug)]
pub(crate) struct Bans {
    time: Duration,
    seen: Mutex<HashMap<String, Seen>>,
    /// How far [`Bans::pass`] has moved the clock.
    passed: Mutex<Duration>,
}

#[derive(Debug, Default)]
struct Seen {
    failures: u32,
    banned: Option<Instant>,
}

impl Bans {
    pub(crate) fn new(time: Duration) -> Self {
        Self {
            time,
            seen: Mutex::default(),
            passed: Mutex::default(),
        }
    }

    /// Whether the address is shut out. Asking renews the ban.
    pub(crate) fn is_banned(&self, address: &str) -> bool {
        let mut all = lock(&self.seen);
        let Some(seen) = all.get_mut(address) else {
            return false;
        };
        match seen.banned {
            None => false,
            Some(since) if self.now().duration_since(since) > self.time => {
                all.remove(address);
                false
            }
            Some(_) => {
                seen.banned = Some(self.now());
                true
            }
        }
    }

    /// Counts a failure. A success in between does not take one back, and they do not grow old.
    pub(crate) fn failed(&self, address: &str) {
        let mut all = lock(&self.seen);
        let seen = all.entry(address.to_owned()).or_default();
        seen.failures += 1;
        if seen.failures >= THRESHOLD {
            seen.banned = Some(self.now());
        }
    }

    /// Moves the clock of all bans.
    pub(crate) fn pass(&self, time: Duration) {
        *lock(&self.passed) += time;
    }

    fn now(&self) -> Instant {
        Instant::now() + *lock(&self.passed)
    }

    pub(crate) fn forget(&self) {
        lock(&self.seen).clear();
    }
}

/// The address that failures are counted for: the first of `X-Forwarded-For` if it could be one, else the peer.
pub(crate) fn caller(head: &Head, peer: &str) -> String {
    const MARKER: &[u8] = b"X-Forwarded-For: ";
    let forwarded = find_any_case(&head.all, MARKER).map(|at| &head.all[at + MARKER.len()..]);
    let first = forwarded.and_then(|rest| rest.split(|byte| matches!(byte, b'\r' | b',')).next());
    let possible = |text: &&[u8]| {
        text.len() < 64
            && text
                .iter()
                .all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':'))
    };
    first.filter(possible).map_or_else(
        || peer.to_owned(),
        |text| String::from_utf8_lossy(text).into_owned(),
    )
}

/// What the sign-in came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SignIn {
    As(User),
    /// No header, or not spelled the way this flavour looks for it.
    Missing,
    /// The header is longer than 256 characters.
    TooLong,
    /// Wrong password, unknown user, empty password, no base64.
    Wrong,
}

/// Looks for the first `Authorization: Basic ` anywhere in the request, so a `Proxy-Authorization` that comes earlier
/// is the one that counts.
pub(crate) fn sign_in(head: &Head, flavour: Flavour, users: &Users) -> SignIn {
    const MARKER: &[u8] = b"Authorization: Basic ";
    let at = match flavour {
        Flavour::Old => find(&head.all, MARKER),
        Flavour::New => find_any_case(&head.all, MARKER),
    };
    let Some(at) = at else { return SignIn::Missing };
    let rest = &head.all[at + MARKER.len()..];
    let value = rest.split(|byte| *byte == b'\r').next().unwrap_or_default();
    if value.len() > 256 {
        return SignIn::TooLong;
    }
    let Some(text) = STANDARD
        .decode(value)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
    else {
        return SignIn::Wrong;
    };
    match text.split_once(':') {
        Some((name, password)) if !password.is_empty() => match users.get(name) {
            Some(user) if user.hash == hash(password) => SignIn::As(user),
            _ => SignIn::Wrong,
        },
        _ => SignIn::Wrong,
    }
}
