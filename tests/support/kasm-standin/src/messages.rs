//! A desktop client's side of the protocol, for tests that speak through a proxy. Every function returns the payload
//! of a binary frame; framing and masking are the test's.

/// What the server says first.
pub const VERSION: &[u8; 12] = b"RFB 003.008\n";

/// Type of the made-up message that comes back as it is.
pub const ECHO: u8 = 200;
/// Type of the made-up message that asks for the server's counts.
pub const COUNTS: u8 = 201;

/// `ClientInit`: share the desktop with others.
pub const CLIENT_INIT: [u8; 1] = [1];

/// A key of the keyboard going down or up.
#[must_use]
pub fn key(down: bool, keysym: u32) -> Vec<u8> {
    let mut message = vec![4, u8::from(down), 0, 0];
    message.extend_from_slice(&keysym.to_be_bytes());
    message
}

/// The pointer at a place, with no button; in `KasmVNC`'s own form of eleven bytes.
#[must_use]
pub fn pointer(x: u16, y: u16) -> Vec<u8> {
    let mut message = vec![5, 0, 0];
    message.extend_from_slice(&x.to_be_bytes());
    message.extend_from_slice(&y.to_be_bytes());
    message.extend_from_slice(&[0; 4]);
    message
}

/// A text for the desktop's clipboard.
#[must_use]
pub fn clipboard(text: &[u8]) -> Vec<u8> {
    with_length(&[6, 0, 0, 0], text)
}

/// Asks for a picture. The answer has [`UPDATE_LENGTH`] bytes.
#[must_use]
pub fn update_request() -> Vec<u8> {
    vec![3, 0, 0, 0, 0, 0, 0, 1, 0, 1]
}

/// Length of the answer to [`update_request`]: one raw rectangle of one pixel.
pub const UPDATE_LENGTH: usize = 4 + 12 + 4;

/// A message that the server sends back byte for byte, length field included.
#[must_use]
pub fn echo(payload: &[u8]) -> Vec<u8> {
    with_length(&[ECHO], payload)
}

/// Asks for the counts; see [`read_counts`].
#[must_use]
pub fn counts() -> Vec<u8> {
    vec![COUNTS]
}

/// Length of the answer to [`counts`].
pub const COUNTS_LENGTH: usize = 1 + 4 * 4;

/// Reads the answer to [`counts`].
#[must_use]
pub fn read_counts(answer: &[u8]) -> Option<crate::Input> {
    let [COUNTS, numbers @ ..] = answer else {
        return None;
    };
    let mut numbers = numbers
        .chunks_exact(4)
        .map(|four| four.try_into().map_or(0, u32::from_be_bytes));
    Some(crate::Input {
        keys: numbers.next()?,
        pointers: numbers.next()?,
        clipboards: numbers.next()?,
        ignored: numbers.next()?,
    })
}

fn with_length(start: &[u8], payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a test's message is shorter than 4 GiB");
    [start, &length.to_be_bytes(), payload].concat()
}
