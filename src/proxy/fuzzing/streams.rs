//! WebSocket frames, and the VNC messages in them.

use super::super::{
    frames::{Frames, close_frame},
    input::Input,
    no_paste::Sieve,
};

/// However a stream is cut into pieces, it must be read the same.
const PIECES: [usize; 4] = [1, 2, 7, 100];

/// Frames end where they end, however they arrive; and a Close frame of ours is one.
///
/// # Panics
///
/// The promise is broken.
pub fn frames(stream: &[u8]) {
    let mut whole = Frames::default();
    let boundary = whole.advance(stream);
    assert_eq!(boundary, cut(stream).last().map(|frame| frame.end));
    for size in PIECES {
        let (mut frames, mut last) = (Frames::default(), None);
        for (number, piece) in stream.chunks(size).enumerate() {
            let at = frames.advance(piece);
            last = at.map(|at| number * size + at).or(last);
        }
        assert_eq!(last, boundary);
        assert_eq!(frames.at_boundary(), whole.at_boundary());
        assert_eq!(frames.closed(), whole.closed());
        assert_eq!(frames.close_code(), whole.close_code());
    }

    let code = stream.first_chunk().map(|code| u16::from_be_bytes(*code));
    let ours = close_frame(code, &String::from_utf8_lossy(stream));
    assert!(
        ours.len() <= 127,
        "a control frame is short (RFC 6455, 5.5)"
    );
    let mut read = Frames::default();
    assert_eq!(read.advance(&ours), Some(ours.len()));
    assert!(read.closed());
    assert_eq!(read.close_code(), code);
}

/// Whether somebody typed does not depend on the pieces, and only data frames count.
///
/// # Panics
///
/// The promise is broken.
pub fn input(stream: &[u8]) {
    for stream in [stream.to_vec(), [&opening(), stream].concat()] {
        let seen = |size| {
            let mut input = Input::default();
            stream
                .chunks(size)
                .fold(false, |seen, piece| seen | input.see(piece))
        };
        let whole = seen(stream.len().max(1));
        for size in PIECES {
            assert_eq!(seen(size), whole, "in pieces of {size}");
        }
    }
    let told = frame(1, stream);
    assert!(!Input::default().see(&told), "a text frame is no message");
}

/// What comes through the sieve has no clipboard in it: it comes through once more, unchanged. It is made of whole
/// frames of the stream, in their order.
///
/// # Panics
///
/// The promise is broken.
pub fn clipboard(stream: &[u8]) {
    for stream in [stream.to_vec(), [&opening(), stream].concat()] {
        let whole = sifted(&stream, stream.len().max(1));
        for size in PIECES {
            assert_eq!(sifted(&stream, size), whole, "in pieces of {size}");
        }
        let (kept, refused) = whole;
        assert!(kept.len() <= stream.len());
        if !refused {
            assert_eq!(sifted(&kept, 7), (kept.clone(), false));
        }
        let mut sent = cut(&stream).into_iter();
        for passed in cut(&kept) {
            let same = sent.any(|frame| stream[frame] == kept[passed.clone()]);
            assert!(same, "a frame nobody sent");
        }
    }
}

/// What is kept of `stream` when it comes in pieces of `size`, and whether it was refused.
fn sifted(stream: &[u8], size: usize) -> (Vec<u8>, bool) {
    let (mut sieve, mut kept) = (Sieve::default(), Vec::new());
    for piece in stream.chunks(size) {
        if sieve.pass(piece, &mut kept).is_err() {
            // What was kept of the last piece does not reach the desktop.
            return (Vec::new(), true);
        }
    }
    (kept, false)
}

/// A client's way to its messages.
fn opening() -> Vec<u8> {
    let parts: [&[u8]; 3] = [b"RFB 003.008\n", &[1], &[1]];
    parts.map(|part| frame(2, part)).concat()
}

fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u64).to_be_bytes();
    [&[0x80 | opcode, 127], &length[..], payload].concat()
}

/// Where the whole frames of `stream` are (RFC 6455, 5.2); written once more, and not as the proxy does it.
fn cut(stream: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(end) = frame_at(&stream[at..]) {
        found.push(at..at + end);
        at += end;
    }
    found
}

fn frame_at(rest: &[u8]) -> Option<usize> {
    let second = *rest.get(1)?;
    let (length, header) = match second & 0x7f {
        126 => (u64::from(u16::from_be_bytes(*rest[2..].first_chunk()?)), 4),
        127 => (u64::from_be_bytes(*rest[2..].first_chunk()?), 10),
        short => (u64::from(short), 2),
    };
    let header = header + if second & 0x80 == 0 { 0 } else { 4 };
    let end = usize::try_from(length).ok()?.checked_add(header)?;
    (end <= rest.len()).then_some(end)
}
