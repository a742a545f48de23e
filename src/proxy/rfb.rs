//! How long the messages are that a VNC client sends (pure): RFC 6143 section 7.5, and those Kasm's servers 1.3 to
//! 1.5 know besides.

/// The longest beginning of a message that has to be read: an extended clipboard's flags, a pixel format.
pub(super) const LONGEST_HEAD: usize = 12;

/// A text for the desktop's clipboard.
pub(super) const CUT_TEXT: u8 = 6;

/// Kasm's clipboard of any kind of data.
pub(super) const BINARY_CLIPBOARD: u8 = 180;

/// The pointer.
pub(super) const POINTER: u8 = 5;

/// What the beginning of a message tells of its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// Not enough of it is there.
    More,
    /// So many bytes, its beginning among them.
    Is(u64),
    /// Six bytes as the RFC has it, eleven as Kasm does: the message does not tell.
    Pointer,
    /// Said piece by piece, see [`BINARY_CLIPBOARD`].
    Pieces,
    /// A message that is not known.
    Unknown,
}

/// The length of the message that begins with `head`, of which at least one byte is there; never asks for more than
/// [`LONGEST_HEAD`].
pub(super) fn length(head: &[u8]) -> Length {
    let after = |length: Option<u64>| length.map_or(Length::More, Length::Is);
    match head[0] {
        // Pixel format, encodings, a request for a picture, continuous updates.
        0 => Length::Is(20),
        2 => after(short(head, 2).map(|count| 4 + 4 * u64::from(count))),
        3 | 150 => Length::Is(10),
        // A key.
        4 => Length::Is(8),
        POINTER => Length::Pointer,
        // A negative length: extended.
        CUT_TEXT => after(long(head, 4).map(|length| {
            let length = if length > i32::MAX as u32 {
                length.wrapping_neg()
            } else {
                length
            };
            8 + u64::from(length)
        })),
        // Figures asked for, and of pictures drawn.
        178 => Length::Is(4),
        179 => Length::Is(12),
        BINARY_CLIPBOARD => Length::Pieces,
        // Another way for pictures, a channel beside them.
        181 => after(short(head, 1).map(|length| 3 + u64::from(length))),
        182 => after(head.get(1).map(|name| 2 + u64::from(*name))),
        // A sign of life.
        185 => Length::Is(1),
        // A fence, the size of the window.
        248 => after(head.get(8).map(|length| 9 + u64::from(*length))),
        251 => after(head.get(6).map(|screens| 8 + 16 * u64::from(*screens))),
        252 => Length::Is(5),
        // A key with its code.
        255 => match head.get(1) {
            None => Length::More,
            Some(0) => Length::Is(12),
            Some(_) => Length::Unknown,
        },
        _ => Length::Unknown,
    }
}

/// The number in two bytes at `at`.
pub(super) fn short(head: &[u8], at: usize) -> Option<u16> {
    let two = head.get(at..at + 2)?;
    Some(u16::from_be_bytes([two[0], two[1]]))
}

/// The number in four bytes at `at`.
pub(super) fn long(head: &[u8], at: usize) -> Option<u32> {
    let four = head.get(at..at + 4)?;
    Some(u32::from_be_bytes([four[0], four[1], four[2], four[3]]))
}
