//! Buffers that a thread lends to the streams it carries.
//!
//! A stream needs a buffer while bytes pass, not while it waits. Between two looks at a stream its buffer goes back, so
//! ten thousand quiet streams hold none, and a busy thread works in memory that is still in the processor's cache.

use std::cell::RefCell;

/// How much is read before it is written: four TLS records of the largest size.
pub(super) const SIZE: usize = 64 * 1024;
/// One for each direction of the stream at hand; what more comes back belongs to a jam that is over.
const KEPT: usize = 2;

thread_local! {
    static FREE: RefCell<Vec<Box<[u8]>>> = const { RefCell::new(Vec::new()) };
}

/// A buffer of [`SIZE`] bytes, whatever they are.
pub(super) fn take() -> Box<[u8]> {
    FREE.with_borrow_mut(Vec::pop)
        .unwrap_or_else(|| vec![0; SIZE].into())
}

/// Gives a buffer back.
pub(super) fn give(buffer: Box<[u8]>) {
    FREE.with_borrow_mut(|free| {
        if buffer.len() == SIZE && free.len() < KEPT {
            free.push(buffer);
        }
    });
}
