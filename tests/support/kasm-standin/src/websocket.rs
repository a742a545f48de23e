//! The upgrade and the frames, with the real server's gaps.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

use crate::Flavour;
use crate::auth::User;
use crate::faults::Fault;
use crate::http::{Answer, Head, find, find_any_case};
use crate::rfb::Session;
use crate::state::Shared;
use crate::tls::Wire;

/// The longest payload the server sends in one frame.
pub(crate) const LONGEST_OUT: usize = 49_132;
/// The longest payload the server's buffer has room for.
pub(crate) const LONGEST_IN: usize = 65_527;

/// What an upgrade asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Upgrade {
    key: Vec<u8>,
    protocol: String,
}

impl Upgrade {
    /// Whether this is an upgrade at all. The path does not matter, the values of `Host` and `Origin` neither.
    pub(crate) fn recognise(head: &Head, flavour: Flavour) -> Option<Self> {
        let lenient = flavour == Flavour::New;
        let asks = head.all.starts_with(b"GET ")
            && find_any_case(&head.all, b"Upgrade: websocket").is_some()
            && find(&head.all, b"HTTP/1.1").is_some();
        if !asks {
            return None;
        }
        head.value("Host", lenient)?;
        head.value("Connection", lenient)?;
        head.value("Origin", true)
            .or_else(|| head.value("Sec-WebSocket-Origin", true))?;
        head.value("Sec-WebSocket-Version", true)?;
        let protocols =
            String::from_utf8_lossy(head.value("Sec-WebSocket-Protocol", true)?).into_owned();
        let protocol = protocols
            .split(',')
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned();
        Some(Self {
            key: head.value("Sec-WebSocket-Key", true)?.to_vec(),
            protocol,
        })
    }

    /// The answer, or one that a client must refuse.
    pub(crate) fn answer(&self, accept: Accept) -> Answer {
        switching(&self.key, accept).header("Sec-WebSocket-Protocol", &self.protocol)
    }
}

/// Which `Sec-WebSocket-Accept` to answer with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accept {
    Right,
    Wrong,
    Missing,
}

impl Accept {
    pub(crate) fn with(fault: Option<&Fault>) -> Self {
        match fault {
            Some(Fault::WrongAccept) => Self::Wrong,
            Some(Fault::NoAccept) => Self::Missing,
            _ => Self::Right,
        }
    }
}

/// The start of a 101 answer.
pub(crate) fn switching(key: &[u8], accept: Accept) -> Answer {
    let answer = Answer::bare("101 Switching Protocols")
        .header("Upgrade", "websocket")
        .header("Connection", "Upgrade");
    match accept {
        Accept::Right => answer.header("Sec-WebSocket-Accept", &accept_value(key)),
        Accept::Wrong => answer.header("Sec-WebSocket-Accept", &accept_value(b"another key")),
        Accept::Missing => answer,
    }
}

fn accept_value(key: &[u8]) -> String {
    let mut digest = Sha1::new();
    digest.update(key);
    digest.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    STANDARD.encode(digest.finalize())
}

/// One frame's header and where its payload lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) last: bool,
    pub(crate) opcode: u8,
    pub(crate) mask: Option<[u8; 4]>,
    pub(crate) start: usize,
    pub(crate) length: usize,
}

impl Frame {
    /// Reads a header at the start of `bytes`; `None` while it is not complete.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let (&first, &second) = (bytes.first()?, bytes.get(1)?);
        let (length, mut start) = match second & 0x7f {
            126 => (
                usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)),
                4,
            ),
            127 => (
                usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?))
                    .unwrap_or(usize::MAX),
                10,
            ),
            short => (usize::from(short), 2),
        };
        let mask = if second & 0x80 == 0 {
            None
        } else {
            start += 4;
            Some(bytes.get(start - 4..start)?.try_into().ok()?)
        };
        Some(Self {
            last: first & 0x80 != 0,
            opcode: first & 0x0f,
            mask,
            start,
            length,
        })
    }

    /// The payload, unmasked in place; `None` while it is not complete.
    pub(crate) fn payload<'bytes>(&self, bytes: &'bytes mut [u8]) -> Option<&'bytes mut [u8]> {
        let payload = bytes.get_mut(self.start..self.start.checked_add(self.length)?)?;
        if let Some(mask) = self.mask {
            for four in payload.chunks_mut(4) {
                for (byte, key) in four.iter_mut().zip(mask) {
                    *byte ^= key;
                }
            }
        }
        Some(payload)
    }
}

/// Writes an unmasked frame.
pub(crate) fn frame(opcode: u8, last: bool, payload: &[u8], into: &mut Vec<u8>) {
    into.push(opcode | if last { 0x80 } else { 0 });
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(short), _) if short < 126 => into.push(short),
        (_, Ok(medium)) => {
            into.push(126);
            into.extend_from_slice(&medium.to_be_bytes());
        }
        _ => {
            into.push(127);
            into.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    into.extend_from_slice(payload);
}

/// Runs the desktop protocol inside frames until one end is done. Never sends ping, pong or Close.
pub(crate) fn desktop(
    wire: Wire,
    shared: &Arc<Shared>,
    user: &User,
    number: u64,
) -> io::Result<()> {
    let closer = wire.sock().try_clone()?;
    let (mut incoming, outgoing, writing) = wire.split()?;
    let (mut session, greeting) = Session::start(Arc::clone(shared), user.clone());
    let send = |bytes: &[u8]| {
        for part in bytes.chunks(LONGEST_OUT) {
            let mut framed = Vec::with_capacity(part.len() + 4);
            frame(2, true, part, &mut framed);
            outgoing.send(framed);
        }
    };
    send(&greeting);
    shared
        .sockets
        .add(number, &user.name, closer, Some(outgoing.clone()));
    let mut buffer = Vec::new();
    let mut answer = Vec::new();
    'open: while incoming.read(&mut buffer).is_ok_and(|read| read > 0) {
        let mut done = 0;
        while let Some(next) = Frame::parse(&buffer[done..]) {
            // A 64-bit length, more than the buffer holds, or no mask: the real server gives up.
            if next.length > LONGEST_IN || next.mask.is_none() {
                break 'open;
            }
            let Some(payload) = next.payload(&mut buffer[done..]) else {
                break;
            };
            let text = (next.opcode == 1).then(|| STANDARD.decode(&*payload).unwrap_or_default());
            let input = match next.opcode {
                1 => text.as_deref().unwrap_or_default(),
                2 => payload,
                8 => break 'open,
                // Continuation, ping, pong and the rest are dropped without a word.
                _ => &[],
            };
            if session.feed(input, &mut answer).is_err() {
                break 'open;
            }
            send(&answer);
            answer.clear();
            done += next.start + next.length;
        }
        buffer.drain(..done);
    }
    shared.sockets.remove(number);
    drop(outgoing);
    finish(&writing);
    shared.connected.close(number);
    Ok(())
}

/// Gives the queue a moment to empty; a reader that has stopped at the other end must not hold the thread for ever.
pub(crate) fn finish(writing: &JoinHandle<()>) {
    let patience = Instant::now() + Duration::from_millis(500);
    while !writing.is_finished() && Instant::now() < patience {
        thread::sleep(Duration::from_millis(2));
    }
}
