//! What a viewer who may only watch is allowed to say to the X server.
//!
//! The RFB stream of a client is cut into messages, across whatever frames it arrives in. Messages
//! that only ask for pictures pass; whatever could touch the desktop (keys, pointer, clipboard,
//! screen size) is swallowed; what is not known cannot be measured, so it ends the connection.
//!
//! Pure: bytes in, bytes out, no I/O.

use thiserror::Error;

/// Why a client's stream cannot be followed any further.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub(crate) enum RfbRefusal {
    /// Other versions have another handshake.
    #[error("unsupported RFB version")]
    Version,
    /// The X server offers "None" alone; any other choice would be followed by bytes we cannot read.
    #[error("unsupported RFB security type {0}")]
    Security(u8),
    /// A message whose length is not known.
    #[error("RFB message {0} is not allowed for a viewer")]
    Message(u8),
    /// A QEMU message whose length is not known.
    #[error("RFB message 255/{0} is not allowed for a viewer")]
    QemuMessage(u8),
}

/// Where in the conversation the client is.
#[derive(Clone, Copy, Debug)]
enum Phase {
    Version,
    Security,
    ClientInit,
    Messages,
}

/// What happens to the message whose first bytes are known.
#[derive(Clone, Copy, Debug)]
enum Verdict {
    /// Its length cannot be told before this many bytes are there.
    Measure(usize),
    /// Forward it; this many more bytes belong to it.
    Pass(u64),
    /// Swallow it; this many more bytes belong to it.
    Drop(u64),
}

/// Follows one client's stream and keeps what a watcher may say.
#[derive(Debug)]
pub(crate) struct ViewOnly {
    phase: Phase,
    /// The first bytes of the message being measured; never more than [`VERSION_LENGTH`].
    head: Vec<u8>,
    /// Bytes of the current message that are still to come, and whether they pass.
    body_left: u64,
    body_passes: bool,
}

const VERSION_LENGTH: usize = 12;
const SECURITY_NONE: u8 = 1;

impl Default for ViewOnly {
    fn default() -> Self {
        Self {
            phase: Phase::Version,
            head: Vec::with_capacity(VERSION_LENGTH),
            body_left: 0,
            body_passes: false,
        }
    }
}

impl ViewOnly {
    /// Appends to `allowed` what of `input` may go to the X server.
    pub(crate) fn filter(
        &mut self,
        mut input: &[u8],
        allowed: &mut Vec<u8>,
    ) -> Result<(), RfbRefusal> {
        while !input.is_empty() {
            if self.body_left > 0 {
                let length =
                    usize::try_from(self.body_left).map_or(input.len(), |n| n.min(input.len()));
                let (body, rest) = input.split_at(length);
                if self.body_passes {
                    allowed.extend_from_slice(body);
                }
                self.body_left -= length as u64;
                input = rest;
                continue;
            }
            self.head.push(input[0]);
            input = &input[1..];
            self.judge_head(allowed)?;
        }
        Ok(())
    }

    fn judge_head(&mut self, allowed: &mut Vec<u8>) -> Result<(), RfbRefusal> {
        let verdict = match self.phase {
            Phase::Version => judge_version(&self.head)?,
            Phase::Security if self.head[0] != SECURITY_NONE => {
                return Err(RfbRefusal::Security(self.head[0]));
            }
            Phase::Security => Verdict::Pass(0),
            Phase::ClientInit => {
                // "Shared", always: a watcher must not throw the others out.
                self.head[0] = 1;
                Verdict::Pass(0)
            }
            Phase::Messages => judge_message(&self.head)?,
        };
        (self.body_passes, self.body_left) = match verdict {
            Verdict::Measure(needed) => {
                debug_assert!(
                    self.head.len() < needed,
                    "a head of {needed} bytes must be enough"
                );
                return Ok(());
            }
            Verdict::Pass(rest) => (true, rest),
            Verdict::Drop(rest) => (false, rest),
        };
        if self.body_passes {
            allowed.extend_from_slice(&self.head);
        }
        self.head.clear();
        self.phase = match self.phase {
            Phase::Version => Phase::Security,
            Phase::Security => Phase::ClientInit,
            Phase::ClientInit | Phase::Messages => Phase::Messages,
        };
        Ok(())
    }
}

fn judge_version(head: &[u8]) -> Result<Verdict, RfbRefusal> {
    if head.len() < VERSION_LENGTH {
        return Ok(Verdict::Measure(VERSION_LENGTH));
    }
    match head {
        b"RFB 003.007\n" | b"RFB 003.008\n" => Ok(Verdict::Pass(0)),
        _ => Err(RfbRefusal::Version),
    }
}

/// The lengths are those of RFC 6143 and of the community's list of extensions.
fn judge_message(head: &[u8]) -> Result<Verdict, RfbRefusal> {
    // How many bytes must be there to tell the length.
    let needed = match head[0] {
        2 | 253 => 4,
        6 | 251 => 8,
        248 => 9,
        _ => 1,
    };
    if head.len() < needed {
        return Ok(Verdict::Measure(needed));
    }
    let verdict = match head[0] {
        // SetPixelFormat
        0 => Verdict::Pass(19),
        // SetEncodings: a count of 4-byte numbers
        2 => Verdict::Pass(4 * u64::from(u16::from_be_bytes([head[2], head[3]]))),
        // FramebufferUpdateRequest, EnableContinuousUpdates
        3 | 150 => Verdict::Pass(9),
        // ClientFence: up to 255 bytes that come back as they are
        248 => Verdict::Pass(u64::from(head[8])),
        // KeyEvent, PointerEvent, xvp
        4 => Verdict::Drop(7),
        5 => Verdict::Drop(5),
        250 => Verdict::Drop(3),
        // ClientCutText: a negative length marks the extended clipboard
        6 => {
            let length = i32::from_be_bytes([head[4], head[5], head[6], head[7]]);
            Verdict::Drop(u64::from(length.unsigned_abs()))
        }
        // SetDesktopSize: a count of 16-byte screens
        251 => Verdict::Drop(16 * u64::from(head[6])),
        // gii: the top bit of the second byte tells the byte order of the length
        253 if head[1] & 0x80 != 0 => {
            Verdict::Drop(u64::from(u16::from_be_bytes([head[2], head[3]])))
        }
        253 => Verdict::Drop(u64::from(u16::from_le_bytes([head[2], head[3]]))),
        255 => return judge_qemu(head),
        unknown => return Err(RfbRefusal::Message(unknown)),
    };
    Ok(verdict)
}

/// QEMU's messages: an extended key event, and switching audio on and off.
fn judge_qemu(head: &[u8]) -> Result<Verdict, RfbRefusal> {
    match head {
        [] | [_] => Ok(Verdict::Measure(2)),
        [_, 0, ..] => Ok(Verdict::Drop(10)),
        [_, 1] | [_, 1, _] => Ok(Verdict::Measure(4)),
        [_, 1, 0, 0 | 1] => Ok(Verdict::Drop(0)),
        [_, 1, 0, 2] => Ok(Verdict::Drop(6)),
        [_, kind, ..] => Err(RfbRefusal::QemuMessage(*kind)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: &[u8] = b"RFB 003.008\n\x01\x00";
    const HELLO_SHARED: &[u8] = b"RFB 003.008\n\x01\x01";

    /// Runs the stream in the given pieces and returns what passed.
    fn run<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, RfbRefusal> {
        let mut filter = ViewOnly::default();
        let mut allowed = Vec::new();
        for piece in pieces {
            filter.filter(piece, &mut allowed)?;
        }
        Ok(allowed)
    }

    fn message(kind: u8, rest: &[u8], body: usize) -> Vec<u8> {
        let mut bytes = vec![kind];
        bytes.extend_from_slice(rest);
        // 4 is a key event: a wrong length would show as a message of its own.
        bytes.extend(std::iter::repeat_n(4, body));
        bytes
    }

    /// Every known message, and whether a watcher may send it.
    fn messages() -> Vec<(&'static str, Vec<u8>, bool)> {
        vec![
            ("SetPixelFormat", message(0, &[], 19), true),
            ("SetEncodings, none", message(2, &[0, 0, 0], 0), true),
            ("SetEncodings, 300", message(2, &[0, 1, 44], 1200), true),
            ("FramebufferUpdateRequest", message(3, &[], 9), true),
            ("KeyEvent", message(4, &[], 7), false),
            ("PointerEvent", message(5, &[], 5), false),
            (
                "ClientCutText, empty",
                message(6, &[0, 0, 0, 0, 0, 0, 0], 0),
                false,
            ),
            (
                "ClientCutText, 70000",
                message(6, &[0, 0, 0, 0, 1, 0x11, 0x70], 70_000),
                false,
            ),
            (
                "ClientCutText, extended",
                message(6, &[0, 0, 0, 0xff, 0xff, 0xff, 0xf6], 10),
                false,
            ),
            ("EnableContinuousUpdates", message(150, &[], 9), true),
            (
                "ClientFence, empty",
                message(248, &[0, 0, 0, 0, 0, 0, 1, 0], 0),
                true,
            ),
            (
                "ClientFence, 64",
                message(248, &[0, 0, 0, 0, 0, 0, 1, 64], 64),
                true,
            ),
            ("xvp", message(250, &[0, 1, 2], 0), false),
            (
                "SetDesktopSize",
                message(251, &[0, 5, 0, 4, 0, 2, 0], 32),
                false,
            ),
            ("gii, big endian", message(253, &[0x81, 1, 4], 260), false),
            (
                "gii, little endian",
                message(253, &[0x01, 4, 1], 260),
                false,
            ),
            ("QEMU key", message(255, &[0], 10), false),
            ("QEMU audio on", message(255, &[1, 0, 0], 0), false),
            ("QEMU audio off", message(255, &[1, 0, 1], 0), false),
            ("QEMU audio format", message(255, &[1, 0, 2], 6), false),
        ]
    }

    #[test]
    fn each_message_passes_or_vanishes_whole() {
        let request = message(3, &[1], 8);
        for (name, bytes, passes) in messages() {
            // The request behind it proves that its length was measured rightly.
            let allowed = run([HELLO, &bytes, &request]).unwrap();
            let mut expected = HELLO_SHARED.to_vec();
            if passes {
                expected.extend_from_slice(&bytes);
            }
            expected.extend_from_slice(&request);
            assert!(allowed == expected, "{name}");
        }
    }

    #[test]
    fn frame_boundaries_change_nothing() {
        let mut stream = HELLO.to_vec();
        for (_, bytes, _) in messages() {
            if bytes.len() < 2000 {
                stream.extend_from_slice(&bytes);
            }
        }
        let whole = run([stream.as_slice()]).unwrap();
        for at in 0..=stream.len() {
            let (left, right) = stream.split_at(at);
            assert!(run([left, right]).unwrap() == whole, "split at {at}");
        }
        assert!(run(stream.chunks(1)).unwrap() == whole, "byte by byte");
    }

    #[test]
    fn what_cannot_be_measured_ends_the_stream() {
        let after_hello = |bytes: &[u8]| run([HELLO, bytes]).unwrap_err();
        assert_eq!(
            run([b"RFB 003.003\n".as_slice()]).unwrap_err(),
            RfbRefusal::Version
        );
        assert_eq!(
            run([b"GET / HTTP/1.1".as_slice()]).unwrap_err(),
            RfbRefusal::Version
        );
        assert_eq!(
            run([b"RFB 003.008\n\x02".as_slice()]).unwrap_err(),
            RfbRefusal::Security(2)
        );
        assert_eq!(after_hello(&[255, 2]), RfbRefusal::QemuMessage(2));
        assert_eq!(after_hello(&[255, 1, 0, 3]), RfbRefusal::QemuMessage(1));
        let known = [0, 2, 3, 4, 5, 6, 150, 248, 250, 251, 253, 255];
        for kind in (0..=255).filter(|kind| !known.contains(kind)) {
            assert_eq!(after_hello(&[kind]), RfbRefusal::Message(kind));
        }
    }

    #[test]
    fn the_longest_clipboard_is_measured_without_overflow() {
        let mut filter = ViewOnly::default();
        let mut allowed = Vec::new();
        filter.filter(HELLO, &mut allowed).unwrap();
        filter
            .filter(&[6, 0, 0, 0, 0x80, 0, 0, 0], &mut allowed)
            .unwrap();
        assert_eq!(filter.body_left, 1 << 31);
        assert_eq!(allowed, HELLO_SHARED);
    }
}
