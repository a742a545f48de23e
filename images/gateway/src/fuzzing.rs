//! What must hold for bytes of strangers, whatever they are; `make fuzz` runs it, and the tests for a moment.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use crate::{request, rfb::ViewOnly};

/// A watcher's stream is judged the same however it is cut, and what passes would pass again. A head is read to its end
/// and no further.
///
/// # Panics
///
/// The promise is broken.
pub fn gateway(bytes: &[u8]) {
    for stream in [
        bytes.to_vec(),
        [&b"RFB 003.008\n\x01\x01"[..], bytes].concat(),
    ] {
        let whole = filtered(&stream, stream.len().max(1));
        for size in [1, 3, 50] {
            assert_eq!(filtered(&stream, size), whole, "in pieces of {size}");
        }
        let (allowed, refused) = whole;
        assert!(allowed.len() <= stream.len());
        if !refused {
            assert_eq!(filtered(&allowed, 9), (allowed.clone(), false));
        }
    }
    let mut left = bytes;
    let read = {
        let reading = pin!(request::read(&mut left));
        // Bytes that are there make nobody wait.
        match reading.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(read) => read,
            Poll::Pending => panic!("it waits for bytes that are there"),
        }
    };
    if let Ok(Some(request)) = read {
        assert!(bytes.ends_with(left));
        let taken = &bytes[..bytes.len() - left.len()];
        assert!(taken.ends_with(&request.rest));
        assert!(request.target.len() + request.authorization.len() <= taken.len());
        assert!(request.websocket_key.is_none() || request.method == "GET");
    }
}

/// What passes of `stream` when it comes in pieces of `size`, and whether it was refused.
fn filtered(stream: &[u8], size: usize) -> (Vec<u8>, bool) {
    let (mut viewer, mut allowed) = (ViewOnly::default(), Vec::new());
    let refused = stream
        .chunks(size)
        .any(|piece| viewer.filter(piece, &mut allowed).is_err());
    (allowed, refused)
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::gateway;

    proptest! {
        #[test]
        fn any_bytes(bytes in vec(any::<u8>(), 0..600)) {
            gateway(&bytes);
        }

        #[test]
        fn messages_in_any_order(
            messages in vec((prop::sample::select(vec![0_u8, 2, 3, 4, 5, 6, 150, 248, 250, 251, 253, 255]), vec(any::<u8>(), 0..24)), 0..12),
        ) {
            let stream: Vec<u8> = messages.into_iter().flat_map(|(kind, rest)| [vec![kind], rest].concat()).collect();
            gateway(&stream);
        }

        #[test]
        fn heads(lines in vec("(GET|POST)? ?/[a-z?%]{0,9} HTTP/1.1|(Host|Upgrade|Connection|Origin|Authorization|Sec-WebSocket-(Key|Version|Protocol)): (websocket|upgrade|binary|13|[a-z]{0,9})|", 0..12)) {
            gateway(lines.join("\r\n").as_bytes());
        }
    }
}
