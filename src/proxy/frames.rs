//! Where WebSocket frames begin and end in a stream of bytes (pure).
//!
//! The tunnel copies bytes and never takes a frame apart (rule R3). It only needs to know two things: whether the
//! bytes that went to the browser end at the end of a frame, because only there a Close frame of our own may follow;
//! and whether somebody has said Close. Payloads are skipped by their length, so the work is per frame, not per byte.

/// The longest header: two bytes, eight of length, four of mask.
pub(super) const LONGEST_HEADER: usize = 14;
const CLOSE: u8 = 8;

/// Follows the frames of one direction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frames {
    header: [u8; LONGEST_HEADER],
    have: usize,
    payload_left: u64,
    close: Option<Close>,
}

/// A Close frame that is passing, or has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Close {
    code: [u8; 2],
    code_bytes: usize,
    complete: bool,
}

impl Frames {
    /// Takes the next bytes of the stream. Answers how many of them belong to complete frames, if any frame ended in
    /// them.
    pub(crate) fn advance(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        let mut boundary = None;
        while at < bytes.len() {
            if self.payload_left > 0 {
                let left = usize::try_from(self.payload_left).unwrap_or(usize::MAX);
                let now = left.min(bytes.len() - at);
                self.see_payload(&bytes[at..at + now]);
                self.payload_left -= now as u64;
                at += now;
            } else {
                self.header[self.have] = bytes[at];
                self.have += 1;
                at += 1;
                if self.have < header_length(&self.header[..self.have]) {
                    continue;
                }
                self.begin_payload();
            }
            if self.payload_left == 0 {
                self.end_frame();
                boundary = Some(at);
            }
        }
        boundary
    }

    /// Whether the stream stands between two frames.
    pub(crate) fn at_boundary(&self) -> bool {
        self.have == 0
    }

    /// Whether a Close frame has passed completely. Nothing may follow it.
    pub(crate) fn closed(&self) -> bool {
        self.close.is_some_and(|close| close.complete)
    }

    /// The code of the Close frame that passed, if it had one.
    pub(crate) fn close_code(&self) -> Option<u16> {
        let close = self.close.filter(|close| close.complete)?;
        (close.code_bytes == 2).then(|| u16::from_be_bytes(close.code))
    }

    fn begin_payload(&mut self) {
        self.payload_left = match self.header[1] & 0x7f {
            126 => u16::from_be_bytes([self.header[2], self.header[3]]).into(),
            127 => {
                let mut length = [0; 8];
                length.copy_from_slice(&self.header[2..10]);
                u64::from_be_bytes(length)
            }
            short => short.into(),
        };
        if self.header[0] & 0x0f == CLOSE && self.close.is_none() {
            self.close = Some(Close {
                code: [0; 2],
                code_bytes: 0,
                complete: false,
            });
        }
    }

    fn see_payload(&mut self, bytes: &[u8]) {
        let masked = self.header[1] & 0x80 != 0;
        let mask = |at: usize| {
            if masked {
                self.header[self.have - 4 + at]
            } else {
                0
            }
        };
        if let Some(close) = self.close.as_mut().filter(|close| !close.complete) {
            for byte in bytes.iter().take(2 - close.code_bytes) {
                close.code[close.code_bytes] = byte ^ mask(close.code_bytes);
                close.code_bytes += 1;
            }
        }
    }

    fn end_frame(&mut self) {
        self.have = 0;
        if let Some(close) = &mut self.close {
            close.complete = true;
        }
    }
}

/// How long the header will be, as far as `known` tells.
pub(super) fn header_length(known: &[u8]) -> usize {
    let Some(second) = known.get(1) else { return 2 };
    let length = match second & 0x7f {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    2 + length + mask
}

/// A Close frame as a server sends it; `reason` is cut where a control frame ends.
pub(crate) fn close_frame(code: Option<u16>, reason: &str) -> Vec<u8> {
    let mut payload = Vec::new();
    if let Some(code) = code {
        payload.extend_from_slice(&code.to_be_bytes());
        let fits = (0..=reason.len().min(123))
            .rev()
            .find(|at| reason.is_char_boundary(*at));
        payload.extend_from_slice(&reason.as_bytes()[..fits.unwrap_or(0)]);
    }
    let mut frame = vec![0x80 | CLOSE, u8::try_from(payload.len()).unwrap_or(0)];
    frame.append(&mut payload);
    frame
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(opcode: u8, payload: &[u8], mask: Option<[u8; 4]>) -> Vec<u8> {
        let masked = if mask.is_some() { 0x80 } else { 0 };
        let mut frame = vec![0x80 | opcode];
        match payload.len() {
            short @ 0..126 => frame.push(masked | u8::try_from(short).unwrap()),
            medium @ 126..65536 => {
                frame.push(masked | 0x7e);
                frame.extend_from_slice(&u16::try_from(medium).unwrap().to_be_bytes());
            }
            long => {
                frame.push(masked | 0x7f);
                frame.extend_from_slice(&(long as u64).to_be_bytes());
            }
        }
        let mask = mask.inspect(|mask| frame.extend_from_slice(mask));
        let key = |at: usize| mask.map_or(0, |mask| mask[at % 4]);
        frame.extend(payload.iter().enumerate().map(|(at, byte)| byte ^ key(at)));
        frame
    }

    #[test]
    fn frames_of_every_form_end_where_they_end() {
        let sizes = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000];
        for mask in [None, Some([0x12, 0x81, 0xff, 0x00])] {
            for size in sizes {
                let whole = frame(2, &vec![0x88; size], mask);
                let mut frames = Frames::default();
                assert_eq!(frames.advance(&whole), Some(whole.len()), "{size} at once");
                assert!(frames.at_boundary() && !frames.closed());
                let (most, last) = whole.split_at(whole.len() - 1);
                assert_eq!(frames.advance(most), None, "{size} but one byte");
                assert!(!frames.at_boundary());
                assert_eq!(frames.advance(last), Some(1));
                assert!(frames.at_boundary());
            }
        }
    }

    #[test]
    fn a_stream_may_be_cut_anywhere() {
        let stream = [
            frame(2, b"first", Some([1, 2, 3, 4])),
            frame(9, b"", Some([9; 4])),
            frame(2, &[7; 300], Some([0; 4])),
            frame(8, &[0x0f, 0xa0, b'x'], Some([0xaa, 0xbb, 0xcc, 0xdd])),
        ]
        .concat();
        for cut in 0..=stream.len() {
            let (before, after) = stream.split_at(cut);
            let mut frames = Frames::default();
            frames.advance(before);
            assert_eq!(frames.closed(), cut == stream.len());
            frames.advance(after);
            assert!(frames.at_boundary() && frames.closed(), "cut at {cut}");
            assert_eq!(frames.close_code(), Some(4000), "cut at {cut}");
        }
    }

    #[test]
    fn the_last_boundary_is_found_in_a_read_that_ends_inside_a_frame() {
        let one = frame(2, b"one", None);
        let two = frame(2, b"two", None);
        let read = [&one[..], &two[..4]].concat();
        let mut frames = Frames::default();
        assert_eq!(frames.advance(&read), Some(one.len()));
        assert!(!frames.at_boundary());
        assert_eq!(frames.advance(&two[4..]), Some(1));
    }

    #[test]
    fn close_frames() {
        let table: [(&[u8], Option<u16>); 3] = [
            (b"", None),
            (&[0x03], None),
            (&[0x03, 0xe9, b'h', b'i'], Some(1001)),
        ];
        for (payload, code) in table {
            for mask in [None, Some([5, 6, 7, 8])] {
                let mut frames = Frames::default();
                frames.advance(&frame(8, payload, mask));
                assert!(frames.closed());
                assert_eq!(frames.close_code(), code);
            }
        }
        assert_eq!(close_frame(None, "unused"), [0x88, 0]);
        assert_eq!(close_frame(Some(1001), "x"), [0x88, 3, 0x03, 0xe9, b'x']);
        let long = close_frame(Some(1001), &"ä".repeat(100));
        assert_eq!(long.len(), 2 + 2 + 122);
        assert!(std::str::from_utf8(&long[4..]).is_ok());
    }

    proptest! {
        #[test]
        fn however_it_is_cut_the_stream_is_read_the_same(
            payloads in prop::collection::vec((0_u8..8, prop::collection::vec(any::<u8>(), 0..400), any::<Option<[u8; 4]>>()), 0..8),
            cuts in prop::collection::vec(1_usize..64, 1..64),
        ) {
            let stream: Vec<u8> = payloads.iter().flat_map(|(opcode, payload, mask)| frame(*opcode, payload, *mask)).collect();
            let mut ends = Vec::new();
            let mut at = 0;
            for (opcode, payload, mask) in &payloads {
                at += frame(*opcode, payload, *mask).len();
                ends.push(at);
            }
            let mut frames = Frames::default();
            let (mut done, mut cut) = (0, cuts.iter().cycle());
            while done < stream.len() {
                let size = (*cut.next().unwrap()).min(stream.len() - done);
                let boundary = frames.advance(&stream[done..done + size]).map(|at| done + at);
                let expected = ends.iter().copied().filter(|end| (done + 1..=done + size).contains(end)).max();
                prop_assert_eq!(boundary, expected);
                done += size;
                prop_assert_eq!(frames.at_boundary(), done == 0 || ends.contains(&done));
            }
            prop_assert!(frames.at_boundary() && !frames.closed());
        }
    }
}
