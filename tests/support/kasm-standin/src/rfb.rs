//! The desktop protocol inside the frames: RFB 3.8 with a screen of next to nothing, and two made-up messages.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::Flavour;
use crate::auth::User;
use crate::messages::{COUNTS, ECHO, VERSION};
use crate::state::{Shared, lock};

const WIDTH: u16 = 64;
const HEIGHT: u16 = 48;
const NAME: &str = "stand-in:1 (kasm-user)";
const PIXEL_FORMAT: [u8; 16] = [32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0];

/// The client said something the protocol has no place for; the connection ends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Nonsense;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Version,
    Security,
    Challenge,
    Init,
    Messages,
    /// So many bytes of an echo are still to come.
    Echo(usize),
    /// So many bytes of something uninteresting are still to come.
    Skip(usize),
}

/// One desktop connection. Bytes in, bytes out; it does not care how they are cut into frames.
pub(crate) struct Session {
    shared: Arc<Shared>,
    user: User,
    phase: Phase,
    pending: Vec<u8>,
}

impl Session {
    /// A new session and what the server says first.
    pub(crate) fn start(shared: Arc<Shared>, user: User) -> (Self, Vec<u8>) {
        (
            Self {
                shared,
                user,
                phase: Phase::Version,
                pending: Vec::new(),
            },
            VERSION.to_vec(),
        )
    }

    /// Takes what the client sent and appends what it gets.
    pub(crate) fn feed(&mut self, mut input: &[u8], out: &mut Vec<u8>) -> Result<(), Nonsense> {
        while !input.is_empty() {
            match &mut self.phase {
                // The long ones are passed on as they come.
                Phase::Echo(left) | Phase::Skip(left) if *left > 0 => {
                    let (now, later) = input.split_at(input.len().min(*left));
                    *left -= now.len();
                    input = later;
                    if matches!(self.phase, Phase::Echo(_)) {
                        out.extend_from_slice(now);
                    }
                }
                _ => {
                    self.pending.push(input[0]);
                    input = &input[1..];
                    self.step(out)?;
                }
            }
            if matches!(self.phase, Phase::Echo(0) | Phase::Skip(0)) {
                self.phase = Phase::Messages;
            }
        }
        Ok(())
    }

    /// Looks whether the pending bytes are a whole message, and answers it.
    fn step(&mut self, out: &mut Vec<u8>) -> Result<(), Nonsense> {
        let offered: u8 = if self.shared.flavour == Flavour::Old {
            2
        } else {
            1
        };
        self.phase = match self.phase {
            Phase::Version if self.pending.len() == VERSION.len() => {
                if self.pending != VERSION {
                    return Err(Nonsense);
                }
                out.extend_from_slice(&[1, offered]);
                Phase::Security
            }
            Phase::Security if self.pending == [offered] => {
                if offered == 2 {
                    // Whatever comes back is right: the key is empty, the real gate was the sign-in before.
                    out.extend_from_slice(b"sixteen bytes...");
                    Phase::Challenge
                } else {
                    out.extend_from_slice(&[0; 4]);
                    Phase::Init
                }
            }
            Phase::Security => return Err(Nonsense),
            Phase::Challenge if self.pending.len() == 16 => {
                out.extend_from_slice(&[0; 4]);
                Phase::Init
            }
            Phase::Init => {
                server_init(out);
                Phase::Messages
            }
            Phase::Messages => return self.message(out),
            waiting => {
                self.phase = waiting;
                return Ok(());
            }
        };
        self.pending.clear();
        Ok(())
    }

    fn message(&mut self, out: &mut Vec<u8>) -> Result<(), Nonsense> {
        let length_field = |at: usize, message: &[u8]| {
            let field = message
                .get(at..at + 4)
                .and_then(|four| four.try_into().ok());
            field.map(|four| u32::from_be_bytes(four) as usize)
        };
        let count = |at: usize, message: &[u8]| message.get(at).copied().map(usize::from);
        let message = &self.pending[..];
        // The whole length if it is known by now, and how much of it may be skipped without looking.
        let (whole, rest) = match message[0] {
            0 => (20, 0),
            2 => (
                4,
                message.get(2..4).map_or(0, |two| {
                    4 * (usize::from(two[0]) * 256 + usize::from(two[1]))
                }),
            ),
            3 | 150 => (10, 0),
            4 => (8, 0),
            5 => (11, 0),
            6 => (8, length_field(4, message).unwrap_or(0)),
            185 | COUNTS => (1, 0),
            251 => (8, count(6, message).unwrap_or(0) * 16),
            ECHO => (5, 0),
            _ => return Err(Nonsense),
        };
        if message.len() < whole {
            return Ok(());
        }
        match message[0] {
            3 => {
                self.shared.viewed.store(true, Ordering::SeqCst);
                update(out);
            }
            4..=6 => self.count(message[0]),
            COUNTS => {
                let input = *lock(&self.shared.input);
                out.push(COUNTS);
                for number in [input.keys, input.pointers, input.clipboards, input.ignored] {
                    out.extend_from_slice(&number.to_be_bytes());
                }
            }
            ECHO => out.extend_from_slice(message),
            _ => {}
        }
        if message[0] == ECHO {
            self.phase = Phase::Echo(length_field(1, message).unwrap_or(0));
        } else if rest > 0 {
            self.phase = Phase::Skip(rest);
        }
        self.pending.clear();
        Ok(())
    }

    /// Permissions are looked up now, not at the start: the API changes them for live connections.
    fn count(&self, kind: u8) {
        let may_write = self
            .shared
            .users
            .get(&self.user.name)
            .is_some_and(|user| user.write);
        let mut input = lock(&self.shared.input);
        let counter = match kind {
            _ if !may_write => &mut input.ignored,
            4 => &mut input.keys,
            5 => &mut input.pointers,
            _ => &mut input.clipboards,
        };
        *counter += 1;
    }
}

fn server_init(out: &mut Vec<u8>) {
    out.extend_from_slice(&WIDTH.to_be_bytes());
    out.extend_from_slice(&HEIGHT.to_be_bytes());
    out.extend_from_slice(&PIXEL_FORMAT);
    out.extend_from_slice(&u32::try_from(NAME.len()).unwrap_or(0).to_be_bytes());
    out.extend_from_slice(NAME.as_bytes());
}

/// One rectangle of one grey pixel at the origin, raw.
fn update(out: &mut Vec<u8>) {
    out.extend_from_slice(&[0, 0, 0, 1]);
    out.extend_from_slice(&[0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0]);
    out.extend_from_slice(&[0x80, 0x80, 0x80, 0]);
}
