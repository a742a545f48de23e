//! Keeps the browser's clipboard out of a desktop where it is off (contract casting 1, kasm-image 10).
//!
//! The start tells the server in the desktop to take no clipboard, but the desktop's own user can tell it otherwise. So
//! the messages that carry one are left out of the stream, whole frames at a time: clients send such a message in
//! frames of its own. Somebody could still type a text key by key; a key is not a clipboard.

use std::{
    io, mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    frames::{LONGEST_HEADER, header_length},
    rfb::{BINARY_CLIPBOARD, CUT_TEXT, LONGEST_HEAD, Length, length},
};

/// Read at a time: what people type and point is small.
const PIECE: usize = 4096;

/// A browser's connection without the clipboards in it.
#[derive(Debug)]
pub(super) struct NoPaste<S> {
    stream: S,
    sieve: Sieve,
    /// Passed the sieve and not yet given on from `given`; empty while nothing waits.
    kept: Vec<u8>,
    given: usize,
}

impl<S> NoPaste<S> {
    /// `stream`, of which `early` was read already.
    ///
    /// # Errors
    ///
    /// `early` hides a clipboard among other messages.
    pub(super) fn new(stream: S, early: &[u8]) -> io::Result<Self> {
        let mut sieve = Sieve::default();
        let mut kept = Vec::new();
        sieve.pass(early, &mut kept)?;
        Ok(Self {
            stream,
            sieve,
            kept,
            given: 0,
        })
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for NoPaste<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            let waiting = &this.kept[this.given..];
            if !waiting.is_empty() {
                let count = waiting.len().min(buf.remaining());
                buf.put_slice(&waiting[..count]);
                this.given += count;
                if this.given == this.kept.len() {
                    this.kept = Vec::new();
                    this.given = 0;
                }
                return Poll::Ready(Ok(()));
            }
            let mut piece = [mem::MaybeUninit::uninit(); PIECE];
            let mut read = ReadBuf::uninit(&mut piece);
            ready!(Pin::new(&mut this.stream).poll_read(cx, &mut read))?;
            if read.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            this.sieve.pass(read.filled(), &mut this.kept)?;
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for NoPaste<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// What happens to the frame that is passing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Fate {
    /// Its first byte decides.
    #[default]
    Open,
    Kept,
    Dropped,
}

/// What the next byte of the client's messages is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    /// So many bytes of the version are still to come.
    Version(u8),
    Security,
    /// So many bytes of the answer to a challenge are.
    Challenge(u8),
    Init,
    /// The beginning of a message.
    Head,
    /// So many bytes of a message are still to come.
    Rest(u64),
    Clipboard(Piece),
    /// Nobody knows, until the next frame.
    Unknown,
}

/// A part of a clipboard of any kind of data: a count, and for each kind its name and its data with their lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Kinds,
    NameLength(u8),
    Name(u8, u8),
    /// Kinds left, bytes of the length that are still to come, the length so far.
    DataLength(u8, u8, u32),
    Data(u8, u32),
}

/// Lets frames pass that carry no clipboard (pure).
#[derive(Clone, Debug)]
pub(super) struct Sieve {
    header: [u8; LONGEST_HEADER],
    have: usize,
    payload_left: u64,
    passed: usize,
    fate: Fate,
    within: Within,
    /// The message that is passing is a clipboard: the frames with the rest of it are dropped, too.
    clipboard: bool,
    head: [u8; LONGEST_HEAD],
    head_have: usize,
}

impl Default for Sieve {
    fn default() -> Self {
        Self {
            header: [0; LONGEST_HEADER],
            have: 0,
            payload_left: 0,
            passed: 0,
            fate: Fate::Open,
            within: Within::Version(12),
            clipboard: false,
            head: [0; LONGEST_HEAD],
            head_have: 0,
        }
    }
}

impl Sieve {
    /// Appends what may pass of the stream's next bytes to `kept`.
    ///
    /// # Errors
    ///
    /// A clipboard shares a frame with something else. No client does that by itself.
    pub(super) fn pass(&mut self, bytes: &[u8], kept: &mut Vec<u8>) -> io::Result<()> {
        let mut at = 0;
        while at < bytes.len() {
            if self.payload_left == 0 {
                self.header[self.have] = bytes[at];
                self.have += 1;
                at += 1;
                if self.have == header_length(&self.header[..self.have]) {
                    self.begin_frame();
                    if self.payload_left == 0 {
                        self.keep_header(kept);
                    }
                }
                continue;
            }
            let left = usize::try_from(self.payload_left).unwrap_or(usize::MAX);
            let now = left.min(bytes.len() - at);
            self.payload(&bytes[at..at + now], kept)?;
            self.payload_left -= now as u64;
            at += now;
            if self.payload_left == 0 {
                self.have = 0;
            }
        }
        Ok(())
    }

    fn begin_frame(&mut self) {
        let seven = self.header[1] & 0x7f;
        self.payload_left = match seven {
            126 => u16::from_be_bytes([self.header[2], self.header[3]]).into(),
            127 => {
                let mut length = [0; 8];
                length.copy_from_slice(&self.header[2..10]);
                u64::from_be_bytes(length)
            }
            short => short.into(),
        };
        self.passed = 0;
        self.fate = Fate::Open;
        if self.within == Within::Unknown {
            self.within = Within::Head;
        }
    }

    fn keep_header(&mut self, kept: &mut Vec<u8>) {
        kept.extend_from_slice(&self.header[..self.have]);
        self.have = 0;
        self.fate = Fate::Kept;
    }

    fn payload(&mut self, bytes: &[u8], kept: &mut Vec<u8>) -> io::Result<()> {
        // Control frames are no messages.
        let is_data = self.header[0] & 0x08 == 0;
        if self.fate == Fate::Open {
            let first = bytes[0] ^ self.mask(0);
            let begins = self.within == Within::Head
                && self.head_have == 0
                && matches!(first, CUT_TEXT | BINARY_CLIPBOARD);
            if is_data && (begins || self.clipboard) {
                self.fate = Fate::Dropped;
            } else {
                kept.extend_from_slice(&self.header[..self.have]);
                self.fate = Fate::Kept;
            }
        }
        if is_data {
            self.read(bytes)?;
        }
        if self.fate == Fate::Kept {
            kept.extend_from_slice(bytes);
        }
        self.passed += bytes.len();
        Ok(())
    }

    fn mask(&self, at: usize) -> u8 {
        if self.header[1] & 0x80 == 0 {
            0
        } else {
            // The mask ends the header.
            self.header[header_length(&self.header) - 4 + at % 4]
        }
    }

    /// Follows the messages in `bytes`, the next ones of the frame.
    fn read(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut at = 0;
        while at < bytes.len() {
            let left = bytes.len() - at;
            let skip = |rest: u64| usize::try_from(rest).unwrap_or(usize::MAX).min(left);
            match self.within {
                Within::Unknown => return Ok(()),
                Within::Rest(rest) => {
                    let now = skip(rest);
                    at += now;
                    self.go_on(rest - now as u64);
                    continue;
                }
                Within::Clipboard(Piece::Data(kinds, rest)) if rest > 0 => {
                    let now = skip(rest.into());
                    at += now;
                    let rest = rest - u32::try_from(now).unwrap_or(rest);
                    self.within = Within::Clipboard(Piece::Data(kinds, rest));
                    self.end_of_data();
                    continue;
                }
                _ => {}
            }
            let byte = bytes[at] ^ self.mask(self.passed + at);
            // Of the frame's payload, this byte among them.
            let in_frame = self.payload_left - at as u64;
            self.byte(byte, in_frame)?;
            at += 1;
        }
        Ok(())
    }

    fn byte(&mut self, byte: u8, in_frame: u64) -> io::Result<()> {
        self.within = match self.within {
            Within::Version(1) => Within::Security,
            Within::Version(left) => Within::Version(left - 1),
            Within::Security if byte == 2 => Within::Challenge(16),
            Within::Security if byte == 1 => Within::Init,
            // A way to sign in that is not known. Sooner or later a frame begins with a message.
            Within::Security => Within::Unknown,
            Within::Challenge(1) => Within::Init,
            Within::Challenge(left) => Within::Challenge(left - 1),
            Within::Init => Within::Head,
            Within::Head => return self.of_head(byte, in_frame),
            Within::Clipboard(piece) => {
                self.within = Within::Clipboard(of_clipboard(piece, byte));
                self.end_of_data();
                return Ok(());
            }
            // Skipped by `read`.
            rest @ (Within::Rest(_) | Within::Unknown) => rest,
        };
        Ok(())
    }

    fn of_head(&mut self, byte: u8, in_frame: u64) -> io::Result<()> {
        if self.head_have == 0 {
            let clipboard = matches!(byte, CUT_TEXT | BINARY_CLIPBOARD);
            if clipboard != (self.fate == Fate::Dropped) {
                return Err(io::Error::new(
                    io::ErrorKind::PermissionDenied,
                    "a clipboard shares a frame with other messages",
                ));
            }
            self.clipboard = clipboard;
        }
        self.head[self.head_have] = byte;
        self.head_have += 1;
        let have = self.head_have as u64;
        match length(&self.head[..self.head_have]) {
            Length::More => {}
            Length::Is(length) => {
                self.head_have = 0;
                self.go_on(length.saturating_sub(have));
            }
            // A pointer that fills its frame tells its form; any other is not known.
            Length::Pointer => {
                self.head_have = 0;
                match in_frame {
                    6 | 11 => self.within = Within::Rest(in_frame - 1),
                    _ => self.within = Within::Unknown,
                }
            }
            Length::Pieces => {
                self.head_have = 0;
                self.within = Within::Clipboard(Piece::Kinds);
            }
            Length::Unknown => {
                self.head_have = 0;
                self.within = Within::Unknown;
            }
        }
        Ok(())
    }

    /// So many bytes of the message are still to come.
    fn go_on(&mut self, rest: u64) {
        if rest == 0 {
            self.within = Within::Head;
            self.clipboard = false;
        } else {
            self.within = Within::Rest(rest);
        }
    }

    /// A clipboard may be at its end, or at that of a kind of data.
    fn end_of_data(&mut self) {
        match self.within {
            Within::Clipboard(Piece::Data(kinds, 0)) if kinds > 1 => {
                self.within = Within::Clipboard(Piece::NameLength(kinds - 1));
            }
            Within::Clipboard(Piece::Data(_, 0) | Piece::NameLength(0)) => self.go_on(0),
            _ => {}
        }
    }
}

/// What comes after `byte`, which is of `piece`.
fn of_clipboard(piece: Piece, byte: u8) -> Piece {
    match piece {
        Piece::Kinds => Piece::NameLength(byte),
        Piece::NameLength(kinds) if byte == 0 => Piece::DataLength(kinds, 4, 0),
        Piece::NameLength(kinds) => Piece::Name(kinds, byte),
        Piece::Name(kinds, 1) => Piece::DataLength(kinds, 4, 0),
        Piece::Name(kinds, left) => Piece::Name(kinds, left - 1),
        Piece::DataLength(kinds, left, so_far) => {
            let so_far = so_far << 8 | u32::from(byte);
            if left == 1 {
                Piece::Data(kinds, so_far)
            } else {
                Piece::DataLength(kinds, left - 1, so_far)
            }
        }
        Piece::Data(kinds, rest) => Piece::Data(kinds, rest.saturating_sub(1)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MASK: [u8; 4] = [0x5a, 0x81, 0x0f, 0xf0];
    const KEY: [u8; 8] = [4, 1, 0, 0, 0, 0, 0, 6];
    const POINTER: [u8; 11] = [5, 0, 0, 0, 6, 0, 180, 6, 6, 6, 6];

    fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![0x80 | opcode];
        match u16::try_from(payload.len()).unwrap() {
            short @ 0..126 => frame.push(0x80 | u8::try_from(short).unwrap()),
            medium => {
                frame.push(0x80 | 0x7e);
                frame.extend_from_slice(&medium.to_be_bytes());
            }
        }
        frame.extend_from_slice(&MASK);
        let masked = payload.iter().zip(MASK.iter().cycle());
        frame.extend(masked.map(|(byte, key)| byte ^ key));
        frame
    }

    fn text(text: &[u8]) -> Vec<u8> {
        let length = u32::try_from(text.len()).unwrap();
        [&[6, 0, 0, 0], &length.to_be_bytes(), text].concat()
    }

    fn extended(data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap().wrapping_neg();
        [&[6, 0, 0, 0], &length.to_be_bytes(), data].concat()
    }

    fn binary(kinds: &[(&[u8], &[u8])]) -> Vec<u8> {
        let mut message = vec![180, u8::try_from(kinds.len()).unwrap()];
        for (name, data) in kinds {
            message.push(u8::try_from(name.len()).unwrap());
            message.extend_from_slice(name);
            message.extend_from_slice(&u32::try_from(data.len()).unwrap().to_be_bytes());
            message.extend_from_slice(data);
        }
        message
    }

    fn opening() -> Vec<u8> {
        let parts: [&[u8]; 4] = [b"RFB 003.008\n", &[2], &[6; 16], &[1]];
        parts.map(|part| frame(2, part)).concat()
    }

    /// What comes through of `stream` when it arrives in pieces of `size` bytes.
    fn sifted(stream: &[u8], size: usize) -> io::Result<Vec<u8>> {
        let (mut sieve, mut kept) = (Sieve::default(), Vec::new());
        for piece in stream.chunks(size) {
            sieve.pass(piece, &mut kept)?;
        }
        Ok(kept)
    }

    #[test]
    fn clipboards_are_left_out_and_everything_else_passes_as_it_was() {
        let clipboards = [
            vec![text(b"a")],
            vec![text(b"")],
            vec![extended(&[0x10, 0, 0, 1, 5, 5])],
            vec![binary(&[
                (b"text/plain", b"a"),
                (b"image/png", &[180; 300]),
            ])],
            vec![binary(&[(b"text/plain", b"")])],
            vec![binary(&[])],
            // In pieces, cut wherever.
            text(&[6; 70]).chunks(30).map(<[u8]>::to_vec).collect(),
            binary(&[(b"text/html", &[4; 20]), (b"", b"x")])
                .chunks(7)
                .map(<[u8]>::to_vec)
                .collect(),
        ];
        let others: Vec<u8> = [
            frame(2, &KEY),
            frame(2, &POINTER),
            frame(2, &POINTER[..6]),
            frame(9, &[6, 6]),
            frame(2, &[]),
            // A fence and a request for a picture in one frame, encodings in two.
            frame(
                2,
                &[&[248, 0, 0, 0, 0, 0, 0, 0, 1, 6][..], &[3; 10]].concat(),
            ),
            frame(2, &[2, 0, 0, 2, 6, 6]),
            frame(2, &[6, 6, 6, 6, 6, 6]),
            // Nobody knows its end.
            frame(2, &[188, 6, 180]),
            frame(2, &KEY),
        ]
        .concat();
        for clipboard in clipboards {
            let dropped: Vec<u8> = clipboard.iter().flat_map(|part| frame(2, part)).collect();
            let stream = [opening(), others.clone(), dropped, others.clone()].concat();
            let expected = [opening(), others.clone(), others.clone()].concat();
            for size in [1, 2, 3, 5, 64, 4_096] {
                assert!(
                    sifted(&stream, size).unwrap() == expected,
                    "{clipboard:?} {size}"
                );
            }
        }
    }

    #[test]
    fn a_control_frame_within_a_clipboard_passes() {
        let whole = text(&[9; 40]);
        let (one, two) = whole.split_at(20);
        let stream = [
            opening(),
            frame(2, one),
            frame(10, b"x"),
            frame(2, two),
            frame(2, &KEY),
        ];
        let expected = [opening(), frame(10, b"x"), frame(2, &KEY)].concat();
        assert_eq!(sifted(&stream.concat(), 9).unwrap(), expected);
    }

    #[test]
    fn one_that_shares_its_frame_ends_the_stream() {
        let hidden = [
            [&KEY[..], &text(b"a")].concat(),
            [&KEY[..], &binary(&[(b"text/plain", b"a")])].concat(),
            [&text(b"a")[..], &KEY].concat(),
        ];
        for payload in hidden {
            let stream = [opening(), frame(2, &payload)].concat();
            let error = sifted(&stream, 4_096).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::PermissionDenied, "{payload:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_a_browser_sends_breaks_it(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
            let _ = sifted(&bytes, 7);
            let _ = sifted(&[opening(), bytes].concat(), 64);
        }
    }
}
