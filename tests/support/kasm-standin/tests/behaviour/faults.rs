//! Everything that can be made to go wrong.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use kasm_standin::{Fault, Standin};

use crate::client::{PASSWORD, Socket, exchange, get, tcp, tls, upgrade};

fn with(fault: Fault) -> Standin {
    Standin::builder().password(PASSWORD).fault(fault).spawn()
}

fn times_out(wire: &mut impl Read) -> bool {
    let read = wire.read(&mut [0]);
    read.is_err_and(|error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut))
}

#[test]
fn silence_before_tls_and_after_the_request() {
    let standin = with(Fault::HangBeforeTls);
    let mut sock = tcp(standin.addr());
    sock.set_read_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    sock.write_all(&[0x16, 3, 1]).unwrap();
    assert!(times_out(&mut sock));
    standin.set_fault(Some(Fault::Hang));
    let mut wire = tls(standin.addr());
    wire.sock
        .set_read_timeout(Some(Duration::from_millis(300)))
        .unwrap();
    wire.write_all(upgrade("kasm_user").as_bytes()).unwrap();
    assert!(times_out(&mut wire));
    assert_eq!(standin.requests().len(), 1);
}

#[test]
fn closing_at_once_after_the_request_and_by_reset() {
    let standin = with(Fault::CloseAtOnce);
    assert_eq!(tcp(standin.addr()).read(&mut [0]).unwrap(), 0);
    standin.set_fault(Some(Fault::CloseAfterRequest));
    assert!(get(standin.addr(), "/").text.is_empty());
    standin.set_fault(Some(Fault::Reset));
    let mut wire = tls(standin.addr());
    while wire.conn.is_handshaking() {
        wire.conn.complete_io(&mut wire.sock).unwrap();
    }
    assert_eq!(
        wire.sock.read(&mut [0]).unwrap_err().kind(),
        ErrorKind::ConnectionReset
    );
}

#[test]
fn upgrades_that_are_not_or_not_quite() {
    let standin = with(Fault::NotSwitching(503));
    let refused = exchange(standin.addr(), &upgrade("kasm_user"));
    assert_eq!(refused.status(), "HTTP/1.1 503 Service Unavailable");
    // It is about upgrades only.
    assert_eq!(get(standin.addr(), "/").status(), "HTTP/1.1 200 OK");
    standin.set_fault(Some(Fault::WrongAccept));
    let head = Socket::open(standin.addr(), "kasm_user").head;
    assert!(head.starts_with("HTTP/1.1 101") && !head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    standin.set_fault(Some(Fault::NoAccept));
    assert!(
        !Socket::open(standin.addr(), "kasm_user")
            .head
            .contains("Sec-WebSocket-Accept")
    );
}

#[test]
fn a_socket_that_stalls_until_it_is_ended() {
    let standin = with(Fault::StallAfterUpgrade);
    let mut socket = Socket::open(standin.addr(), "kasm_user");
    socket
        .wire
        .sock
        .set_read_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    assert!(times_out(&mut socket.wire));
    assert_eq!(standin.websocket_count(), 1);
    standin.end_sockets();
    assert!(socket.is_dropped());
}

#[test]
fn an_answer_that_drips_one_that_is_cut_and_one_that_is_nonsense() {
    let standin = with(Fault::Drip(Duration::from_millis(1)));
    let started = Instant::now();
    assert_eq!(get(standin.addr(), "/").status(), "HTTP/1.1 200 OK");
    assert!(started.elapsed() > Duration::from_millis(200));
    standin.set_fault(Some(Fault::CutBody(10)));
    assert_eq!(get(standin.addr(), "/").body(), "<!DOCTYPE ");
    standin.set_fault(Some(Fault::Raw(b"SSH-2.0-nonsense\r\n".to_vec())));
    assert_eq!(get(standin.addr(), "/").text, "SSH-2.0-nonsense\r\n");
}

#[test]
fn a_redirect_and_headers_that_a_proxy_must_not_pass_on() {
    let standin = Standin::builder()
        .password(PASSWORD)
        .response_header("Set-Cookie", "session=stolen; Path=/")
        .response_header("X-Accel-Redirect", "/internal")
        .spawn();
    assert!(get(standin.addr(), "/").has("X-Accel-Redirect: /internal"));
    assert!(
        Socket::open(standin.addr(), "kasm_user")
            .head
            .contains("\r\nSet-Cookie: session=stolen; Path=/\r\n")
    );
    standin.set_response_headers(&[("Clear-Site-Data", "\"*\"")]);
    standin.fault_once(Fault::Redirect("/Downloads/".to_owned()));
    let moved = get(standin.addr(), "/");
    assert!(moved.has("HTTP/1.1 301 Moved Permanently") && moved.has("Location: /Downloads/"));
    assert!(moved.has("Clear-Site-Data: \"*\"") && !moved.text.contains("Set-Cookie"));
    // Used up.
    assert_eq!(get(standin.addr(), "/").status(), "HTTP/1.1 200 OK");
}

#[test]
fn fixed_answers_come_after_the_sign_in() {
    let standin = Standin::builder()
        .password(PASSWORD)
        .route("/made-up", 201, &[("Content-Type", "text/x")], b"body")
        .spawn();
    let answer = get(standin.addr(), "/made-up?query=1");
    assert_eq!(
        (answer.status(), answer.body()),
        ("HTTP/1.1 201 Created", "body")
    );
    assert!(answer.has("Content-Type: text/x") && answer.has("Content-length: 4"));
    let anonymous = exchange(
        standin.addr(),
        "GET /made-up HTTP/1.1\r\nHost: desktop\r\n\r\n",
    );
    assert_eq!(anonymous.status(), "HTTP/1.1 401 Unauthorized");
    standin.set_route("/made-up", 404, &[], b"");
    assert_eq!(
        get(standin.addr(), "/made-up").status(),
        "HTTP/1.1 404 Not Found"
    );
}

#[test]
fn killed_it_refuses_connections_and_ends_those_it_had() {
    let mut standin = Standin::builder().password(PASSWORD).spawn();
    let mut socket = Socket::desktop(standin.addr(), "kasm_user");
    standin.kill();
    assert!(socket.is_dropped());
    let refused = TcpStream::connect(standin.addr()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}
