//! Whether what a browser sends to a VNC desktop is somebody's doing (pure).
//!
//! An open window says nothing: the client asks for pictures all the time and sends a made-up key every five seconds
//! to keep the connection (kasm-image 3.8). Only keys, the pointer and the clipboard count.
//!
//! A client sends whole messages in a frame, so every frame is read from its beginning as the beginning of a message.
//! What is not known ends the reading of its frame and of no other: a message this code has never heard of, or the
//! second part of a long one, costs at most one frame.

use super::{
    frames::{LONGEST_HEADER, header_length},
    rfb::{BINARY_CLIPBOARD, CUT_TEXT, LONGEST_HEAD, Length, POINTER, length, long},
};

/// Keysym of the key that keeps a connection.
const KEEP_ALIVE: u32 = 1;

const BINARY: u8 = 2;
const VERSION_LENGTH: u8 = 12;
const CHALLENGE_LENGTH: u8 = 16;

/// Where in the conversation the client is: what comes first is counted in bytes, whatever frames it comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// So many bytes of the version are still to come.
    Version(u8),
    Security,
    /// So many bytes of the answer to a challenge are.
    Challenge(u8),
    Init,
    Messages,
}

/// What the beginning of a message tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// Not enough of it is there.
    More,
    /// Nobody's doing; so long.
    Nothing(u64),
    /// Somebody's doing.
    Input,
    /// Not known, so its end is not either.
    Unknown,
}

/// Follows what one browser sends.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    phase: Phase,
    header: [u8; LONGEST_HEADER],
    have: usize,
    /// Where in the header the mask of the frame stands.
    mask_at: usize,
    payload_left: u64,
    /// How much of the frame's payload has passed: where in the mask we are.
    passed: usize,
    head: [u8; LONGEST_HEAD],
    head_have: usize,
    /// Rest of a message that tells nothing.
    skip: u64,
    /// Nothing more is read of this frame.
    lost: bool,
}

impl Default for Input {
    fn default() -> Self {
        Self {
            phase: Phase::Version(VERSION_LENGTH),
            header: [0; LONGEST_HEADER],
            have: 0,
            mask_at: 0,
            payload_left: 0,
            passed: 0,
            head: [0; LONGEST_HEAD],
            head_have: 0,
            skip: 0,
            lost: false,
        }
    }
}

impl Input {
    /// Takes the next bytes of the stream; whether somebody typed, pointed or pasted in them.
    pub(crate) fn see(&mut self, bytes: &[u8]) -> bool {
        let mut input = false;
        let mut at = 0;
        while at < bytes.len() {
            if self.payload_left == 0 {
                self.header[self.have] = bytes[at];
                self.have += 1;
                at += 1;
                if self.have == header_length(&self.header[..self.have]) {
                    self.begin_frame();
                }
                continue;
            }
            let left = usize::try_from(self.payload_left).unwrap_or(usize::MAX);
            let now = left.min(bytes.len() - at);
            input |= self.payload(&bytes[at..at + now]);
            self.payload_left -= now as u64;
            at += now;
        }
        input
    }

    fn begin_frame(&mut self) {
        self.payload_left = match self.header[1] & 0x7f {
            126 => u16::from_be_bytes([self.header[2], self.header[3]]).into(),
            127 => {
                let mut length = [0; 8];
                length.copy_from_slice(&self.header[2..10]);
                u64::from_be_bytes(length)
            }
            short => short.into(),
        };
        self.lost = self.header[0] & 0x0f != BINARY;
        self.passed = 0;
        self.head_have = 0;
        self.skip = 0;
        self.mask_at = self.have.saturating_sub(4);
        self.have = 0;
    }

    fn payload(&mut self, bytes: &[u8]) -> bool {
        let mut input = false;
        let mut at = 0;
        while at < bytes.len() && !self.lost {
            if self.skip > 0 {
                let left = usize::try_from(self.skip).unwrap_or(usize::MAX);
                let now = left.min(bytes.len() - at);
                self.skip -= now as u64;
                at += now;
                continue;
            }
            let byte = bytes[at] ^ self.mask(self.passed + at);
            at += 1;
            input |= self.byte(byte);
        }
        self.passed += bytes.len();
        input
    }

    fn mask(&self, at: usize) -> u8 {
        if self.header[1] & 0x80 == 0 {
            0
        } else {
            self.header[self.mask_at + at % 4]
        }
    }

    /// One byte of a message's beginning, or of what comes before messages.
    fn byte(&mut self, byte: u8) -> bool {
        self.phase = match self.phase {
            Phase::Version(1) => Phase::Security,
            Phase::Version(left) => Phase::Version(left - 1),
            Phase::Security if byte == 2 => Phase::Challenge(CHALLENGE_LENGTH),
            Phase::Security if byte == 1 => Phase::Init,
            // A way to sign in that is not known. Sooner or later a frame begins with a message.
            Phase::Security => {
                self.lost = true;
                Phase::Messages
            }
            Phase::Challenge(1) => Phase::Init,
            Phase::Challenge(left) => Phase::Challenge(left - 1),
            Phase::Init => Phase::Messages,
            Phase::Messages => return self.of_message(byte),
        };
        false
    }

    fn of_message(&mut self, byte: u8) -> bool {
        self.head[self.head_have] = byte;
        self.head_have += 1;
        match told(&self.head[..self.head_have]) {
            Told::More => {}
            Told::Nothing(length) => {
                self.skip = length.saturating_sub(self.head_have as u64);
                self.head_have = 0;
            }
            Told::Input => {
                self.lost = true;
                return true;
            }
            Told::Unknown => self.lost = true,
        }
        false
    }
}

/// What a message that begins with `head` is; never asks for more than [`LONGEST_HEAD`].
fn told(head: &[u8]) -> Told {
    let key = |keysym: Option<u32>| match keysym {
        None => Some(Told::More),
        // The client's own sign of life.
        Some(KEEP_ALIVE) => None,
        Some(_) => Some(Told::Input),
    };
    let doing = match head[0] {
        4 => key(long(head, 4)),
        // The pointer, in its old and its newest form; a clipboard of any kind of data.
        POINTER | 188 | BINARY_CLIPBOARD => Some(Told::Input),
        CUT_TEXT => match long(head, 4) {
            None => Some(Told::More),
            // Extended. What the client can do is told at every connection; only a notice that there is something new,
            // or the thing itself, is somebody's doing.
            Some(length) if length > i32::MAX as u32 => match long(head, 8) {
                None => Some(Told::More),
                Some(flags) if flags & 0x1800_0000 != 0 => Some(Told::Input),
                Some(_) => None,
            },
            Some(_) => Some(Told::Input),
        },
        255 if head.get(1) == Some(&0) => key(long(head, 4)),
        _ => None,
    };
    doing.unwrap_or_else(|| match length(head) {
        Length::More => Told::More,
        Length::Is(length) => Told::Nothing(length),
        Length::Pointer | Length::Pieces => Told::Input,
        Length::Unknown => Told::Unknown,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MASK: [u8; 4] = [0x5a, 0x81, 0x0f, 0xf0];

    fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![0x80 | opcode];
        match payload.len() {
            short @ 0..126 => frame.push(0x80 | u8::try_from(short).unwrap()),
            medium => {
                frame.push(0x80 | 0x7e);
                frame.extend_from_slice(&u16::try_from(medium).unwrap().to_be_bytes());
            }
        }
        frame.extend_from_slice(&MASK);
        let masked = payload.iter().zip(MASK.iter().cycle());
        frame.extend(masked.map(|(byte, key)| byte ^ key));
        frame
    }

    /// A stream that has come to its messages, the handshake in pieces as browsers send it.
    fn opened(security: u8) -> Input {
        let mut input = Input::default();
        let challenge = [4; 16];
        let mut parts: Vec<&[u8]> = vec![b"RFB 003.008\n"];
        let choice = [security];
        parts.push(&choice);
        if security == 2 {
            parts.push(&challenge);
        }
        parts.push(&[1]);
        for part in parts {
            assert!(
                !input.see(&frame(BINARY, part)),
                "the handshake is no input"
            );
        }
        assert_eq!(input.phase, Phase::Messages);
        input
    }

    const KEY: [u8; 8] = [4, 1, 0, 0, 0, 0, 0, b'a'];
    const KEPT: [u8; 8] = [4, 0, 0, 0, 0, 0, 0, 1];
    const POINTER: [u8; 6] = [5, 0, 0, 1, 0, 1];
    const KASM_POINTER: [u8; 11] = [5, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0];
    const ASK: [u8; 10] = [3, 1, 0, 0, 0, 0, 4, 0, 3, 0];

    fn encodings() -> Vec<u8> {
        [&[2, 0, 0, 3][..], &[4; 12]].concat()
    }

    fn clipboard(length: i32, flags: u32) -> Vec<u8> {
        let mut message = vec![6, 0, 0, 0];
        message.extend_from_slice(&length.to_be_bytes());
        message.extend_from_slice(&flags.to_be_bytes());
        message
    }

    fn qemu(keysym: u8) -> Vec<u8> {
        vec![255, 0, 0, 1, 0, 0, 0, keysym, 0, 0, 0, 30]
    }

    /// A fence, a window's size and a pixel format, full of bytes that begin input elsewhere.
    fn settled() -> [Vec<u8>; 3] {
        [
            [&[248, 0, 0, 0, 0, 0, 0, 0, 3][..], &[5, 5, 5]].concat(),
            [&[251, 0, 4, 0, 3, 0, 1, 0][..], &[4; 16]].concat(),
            [&[0, 0, 0, 0][..], &[5; 16]].concat(),
        ]
    }

    fn counts(message: &[u8]) -> bool {
        let [one, other] = [1, 2].map(|security| opened(security).see(&frame(BINARY, message)));
        assert_eq!(one, other, "{message:?}");
        one
    }

    #[test]
    fn keys_pointer_and_clipboard_count() {
        let table: [(&str, &[u8]); 8] = [
            ("a key", &KEY),
            ("a key with its code", &qemu(b'a')),
            ("a pointer", &POINTER),
            ("a pointer as Kasm sends it", &KASM_POINTER),
            ("the newest pointer", &[188, 0, 0, 1, 0, 1]),
            ("text pasted", &clipboard(4, 0x6162_6364)),
            ("something new in it", &clipboard(-4, 0x0800_0001)),
            ("data pasted", &[180, 1, 0, 0, 0, 1]),
        ];
        for (what, message) in table {
            assert!(counts(message), "{what}");
            let [fence, window, format] = settled();
            let before = [&ASK[..], &KEPT, &encodings(), &fence, &window, &format].concat();
            assert!(counts(&[&before, message].concat()), "{what} after others");
        }
    }

    #[test]
    fn what_a_window_sends_by_itself_does_not_count() {
        let [fence, window, format] = settled();
        let table: [(&str, &[u8]); 10] = [
            ("the key that keeps the connection", &KEPT),
            ("that key with its code", &qemu(1)),
            ("the newest way to keep it", &[185]),
            ("a request for a picture", &ASK),
            ("encodings", &encodings()),
            ("a fence", &fence),
            ("a window's size", &window),
            ("a pixel format", &format),
            ("what the clipboard can do", &clipboard(-4, 0x0100_0001)),
            ("nobody knows", &[199, 4, 4, 4, 4, 4, 4, 4]),
        ];
        for (what, message) in table {
            assert!(!counts(message), "{what}");
        }
        let all = table.map(|(_, message)| message).concat();
        assert!(!counts(&all), "all of them");
    }

    #[test]
    fn what_is_not_known_costs_one_frame() {
        let mut input = opened(1);
        assert!(!input.see(&frame(BINARY, &[&[199, 0][..], &KEY].concat())));
        assert!(input.see(&frame(BINARY, &KEY)));
        // The second part of something long looks like encodings without end.
        assert!(!input.see(&frame(BINARY, &[2, 0, 0xff, 0xff, 0, 0])));
        assert!(input.see(&frame(BINARY, &KEY)));
    }

    #[test]
    fn only_binary_frames_are_read() {
        for opcode in [0, 1, 8, 9, 10] {
            assert!(!opened(1).see(&frame(opcode, &KEY)), "{opcode}");
        }
        let mut input = opened(1);
        input.see(&frame(9, b"ping"));
        assert!(input.see(&frame(BINARY, &KEY)), "a ping changes nothing");
    }

    #[test]
    fn a_sign_in_that_is_not_known_does_not_end_the_counting() {
        let mut input = Input::default();
        for part in [&b"RFB 003.008\n"[..], &[19], &[0, 2], &[0, 0, 1, 4]] {
            input.see(&frame(BINARY, part));
        }
        assert!(input.see(&frame(BINARY, &KEY)));
    }

    #[test]
    fn an_idle_window_that_is_open_all_day_is_idle() {
        let mut input = opened(2);
        for _ in 0..17_280 {
            assert!(!input.see(&frame(BINARY, &KEPT)));
            assert!(!input.see(&frame(BINARY, &ASK)));
        }
    }

    proptest! {
        #[test]
        fn however_it_is_cut_the_same_is_seen(
            messages in prop::collection::vec(0_usize..6, 1..20),
            cuts in prop::collection::vec(1_usize..40, 1..40),
        ) {
            let kinds: [(&[u8], bool); 6] = [
                (&KEY, true), (&KEPT, false), (&KASM_POINTER, true), (&ASK, false), (&[199, 4], false), (&[185], false),
            ];
            for (index, kind) in messages.iter().enumerate() {
                let (message, counts) = kinds[*kind];
                let mut input = opened(1);
                for before in &messages[..index] {
                    input.see(&frame(BINARY, kinds[*before].0));
                }
                let whole = frame(BINARY, message);
                let (mut at, mut cut, mut seen) = (0, cuts.iter().cycle(), false);
                while at < whole.len() {
                    let size = (*cut.next().unwrap()).min(whole.len() - at);
                    seen |= input.see(&whole[at..at + size]);
                    at += size;
                }
                prop_assert_eq!(seen, counts);
            }
        }

        #[test]
        fn nothing_a_browser_sends_breaks_it(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
            let mut input = Input::default();
            for part in bytes.chunks(7) {
                input.see(part);
            }
            let mut input = opened(1);
            input.see(&bytes);
        }
    }
}
