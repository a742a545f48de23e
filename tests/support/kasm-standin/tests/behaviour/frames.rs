//! The desktop socket.

use std::io::Write;
use std::time::Duration;

use kasm_standin::{Flavour, Standin, messages};

use crate::client::{PASSWORD, Socket, frame, get};

const SOON: Duration = Duration::from_secs(5);

fn standin() -> Standin {
    Standin::builder().password(PASSWORD).spawn()
}

#[test]
fn any_path_becomes_the_socket_with_the_first_protocol() {
    let standin = standin();
    let socket = Socket::open(standin.addr(), "kasm_user");
    assert!(
        socket
            .head
            .contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")
    );
    assert!(
        socket
            .head
            .contains("\r\nSec-WebSocket-Protocol: binary\r\n")
    );
    let recorded = standin.requests().remove(0);
    assert!(recorded.upgrade && recorded.path == "/any/path?at=all");
    assert!(standin.wait_for_websockets(1, SOON));
}

#[test]
fn old_offers_the_empty_key_only() {
    let standin = Standin::builder()
        .flavour(Flavour::Old)
        .password(PASSWORD)
        .spawn();
    let mut socket = Socket::open(standin.addr(), "kasm_user");
    assert_eq!(socket.take(12), messages::VERSION);
    socket.send(2, messages::VERSION);
    assert_eq!(socket.take(2), [1, 2]);
    socket.send(2, &[2]);
    assert_eq!(socket.take(16).len(), 16);
    socket.send(2, &[0; 16]);
    assert_eq!(socket.take(4), [0; 4]);
}

#[test]
fn megabytes_come_back_byte_for_byte_in_frames_of_limited_size() {
    let standin = standin();
    let mut socket = Socket::desktop(standin.addr(), "kasm_user");
    let payload: Vec<u8> = (0..8_000_000_u32)
        .map(|number| number.to_le_bytes()[usize::from(number % 7 == 0)])
        .collect();
    let message = messages::echo(&payload);
    // All of it goes out before anything is read: neither end may stop.
    for part in message.chunks(60_000) {
        socket.send(2, part);
    }
    assert!(socket.take(message.len()) == message);
    assert!(socket.lengths.iter().all(|length| *length <= 49_132));
    assert!(socket.lengths.contains(&49_132));
}

#[test]
fn ping_pong_and_continuation_are_dropped_without_a_word() {
    let standin = standin();
    let mut socket = Socket::desktop(standin.addr(), "kasm_user");
    for first in [0x89, 0x8a, 0x80] {
        socket.send_raw(&frame(first, b"ignored"));
    }
    let message = messages::echo(b"still here");
    // A first part without FIN counts, its continuation does not.
    socket.send_raw(&frame(0x02, &message));
    assert_eq!(socket.take(message.len()), message);
}

#[test]
fn text_frames_are_base64() {
    use base64::Engine;

    let standin = standin();
    let mut socket = Socket::desktop(standin.addr(), "kasm_user");
    let message = messages::echo(b"as text");
    socket.send(
        1,
        base64::engine::general_purpose::STANDARD
            .encode(&message)
            .as_bytes(),
    );
    assert_eq!(socket.take(message.len()), message);
}

#[test]
fn a_message_may_be_cut_anywhere() {
    let standin = standin();
    let mut socket = Socket::desktop(standin.addr(), "kasm_user");
    let mut all = messages::clipboard(b"some text");
    all.extend(messages::key(true, 0x61));
    all.extend(messages::counts());
    for byte in &all {
        socket.send(2, &[*byte]);
    }
    let counts = messages::read_counts(&socket.take(messages::COUNTS_LENGTH)).unwrap();
    assert_eq!(
        (
            counts.keys,
            counts.pointers,
            counts.clipboards,
            counts.ignored
        ),
        (1, 0, 1, 0)
    );
}

#[test]
fn what_a_viewer_types_is_ignored() {
    let standin = standin();
    let mut socket = Socket::desktop(standin.addr(), "kasm_viewer");
    socket.send(2, &messages::key(true, 0x61));
    socket.send(2, &messages::pointer(3, 4));
    socket.send(2, &messages::counts());
    let counts = messages::read_counts(&socket.take(messages::COUNTS_LENGTH)).unwrap();
    assert_eq!((counts.keys, counts.pointers, counts.ignored), (0, 0, 2));
    assert_eq!(standin.input(), counts);
}

#[test]
fn close_big_frames_and_unmasked_frames_end_the_connection_without_reply() {
    let standin = standin();
    let mut unmasked = vec![0x82, 1, 0];
    unmasked.extend([0; 4]);
    let whole = frame(0x82, &vec![150; 65_528]);
    let long = frame(0x82, &vec![0; 70_000]);
    for bytes in [frame(0x88, &[3, 232]), whole, long, unmasked] {
        let mut socket = Socket::desktop(standin.addr(), "kasm_user");
        // It may have ended before all of it is out.
        drop(socket.wire.write_all(&bytes));
        assert!(socket.is_dropped());
    }
    assert!(standin.wait_for_websockets(0, SOON));
    assert_eq!(standin.websockets_opened(), 4);
}

#[test]
fn the_longest_frame_that_fits_is_taken() {
    let standin = standin();
    let mut socket = Socket::desktop(standin.addr(), "kasm_user");
    let message = messages::echo(&vec![9; 65_527 - 5]);
    socket.send(2, &message);
    assert!(socket.take(message.len()) == message);
}

#[test]
fn sockets_can_be_ended_from_the_server_side() {
    let standin = standin();
    let mut socket = Socket::desktop(standin.addr(), "kasm_user");
    standin.end_sockets();
    assert!(socket.is_dropped());
    let mut viewer = Socket::desktop(standin.addr(), "kasm_viewer");
    assert_eq!(
        get(standin.addr(), "/api/remove_user?name=kasm_viewer").status(),
        "HTTP/1.1 200 OK"
    );
    assert!(viewer.is_dropped());
}

#[test]
fn a_hostile_frame_can_be_sent() {
    let standin = standin();
    let mut socket = Socket::desktop(standin.addr(), "kasm_user");
    standin.send_raw(&[0x82, 3, 1, 2, 3]);
    assert_eq!(socket.take(3), [1, 2, 3]);
}
