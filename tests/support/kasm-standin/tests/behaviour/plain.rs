//! The plain web application.

use std::io::{Read, Write};

use kasm_standin::Standin;

use crate::client::{KEY, Response, frame, tcp, to_the_end};

fn ask(standin: &Standin, request: &str) -> Response {
    let mut sock = tcp(standin.addr());
    sock.write_all(request.as_bytes())
        .expect("the request goes out");
    to_the_end(&mut sock)
}

#[test]
fn its_pages_need_no_sign_in() {
    let standin = Standin::builder().plain().spawn();
    let page = ask(&standin, "GET / HTTP/1.1\r\nHost: app\r\n\r\n");
    assert!(page.has("HTTP/1.1 200 OK") && page.has("Content-Type: text/html; charset=utf-8"));
    assert!(page.has("Set-Cookie: plain=1; Path=/; HttpOnly"));
    let head = "GET /echo?a=b HTTP/1.1\r\nHost: app\r\nX-Seen: yes\r\n\r\n";
    assert_eq!(ask(&standin, head).body(), head);
    let moved = ask(
        &standin,
        "GET /redirect?to=%2Fecho HTTP/1.1\r\nHost: app\r\n\r\n",
    );
    assert!(moved.has("HTTP/1.1 302 Found") && moved.has("Location: /echo"));
    let cookies = ask(
        &standin,
        "GET /cookie?a=1&b=2 HTTP/1.1\r\nHost: app\r\n\r\n",
    );
    assert!(cookies.has("Set-Cookie: a=1; Path=/") && cookies.has("Set-Cookie: b=2; Path=/"));
    assert_eq!(
        ask(&standin, "GET /nowhere HTTP/1.1\r\n\r\n").status(),
        "HTTP/1.1 404 Not Found"
    );
    assert_eq!(standin.requests().len(), 5);
}

#[test]
fn a_body_comes_back_with_a_length_and_in_chunks() {
    let standin = Standin::builder().plain().spawn();
    let sized = ask(
        &standin,
        "POST /echo HTTP/1.1\r\nContent-Type: text/x\r\nContent-Length: 5\r\n\r\nhello",
    );
    assert!(sized.has("Content-Type: text/x") && sized.body() == "hello");
    let chunked =
        "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
    assert_eq!(ask(&standin, chunked).body(), "hello");
    assert_eq!(standin.requests()[1].body, b"hello");
}

#[test]
fn its_socket_answers_as_a_good_one_does() {
    let standin = Standin::builder().plain().spawn();
    let mut sock = tcp(standin.addr());
    let head = format!(
        "GET /ws HTTP/1.1\r\nhost: app\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: {KEY}\r\n\r\n"
    );
    sock.write_all(head.as_bytes()).unwrap();
    for bytes in [
        frame(0x81, b"text"),
        frame(0x89, b"ping"),
        frame(0x88, &[3, 232]),
    ] {
        sock.write_all(&bytes).unwrap();
    }
    let mut answer = Vec::new();
    sock.read_to_end(&mut answer).unwrap();
    let end = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap()
        + 4;
    assert!(String::from_utf8_lossy(&answer[..end]).contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    assert_eq!(answer[end..], *b"\x81\x04text\x8a\x04ping\x88\x02\x03\xe8");
}
