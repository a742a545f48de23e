//! A plain web application: no TLS, no sign-in, ordinary manners. The other kind of workspace a proxy serves.

use std::io::{self, Read};
use std::net::TcpStream;

use crate::faults::Stage;
use crate::http::{Answer, Head, ReadHead, percent_decode, read_head, status_line};
use crate::server::{Caller, End, fixed, misbehave, reset};
use crate::state::lock;
use crate::tls::Wire;
use crate::websocket::{Accept, Frame, finish, frame, switching};

const LONGEST_FRAME: usize = 16 * 1024 * 1024;
const PAGE: &str = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Plain application</title></head>\n\
                    <body><h1>It works</h1><p><a href=\"echo\">echo</a></p></body></html>\n";

pub(crate) fn serve(caller: &Caller<'_>, sock: TcpStream) -> io::Result<End> {
    let shared = caller.shared;
    if shared.faults.take(Stage::Secured).is_some() {
        return reset(&sock);
    }
    let mut wire = Wire::plain(sock);
    let ReadHead::Head(mut head) = read_head(&mut wire, 64 * 1024)? else {
        return Ok(End::Close);
    };
    let key = head.value("Sec-WebSocket-Key", true).map(<[u8]>::to_vec);
    let key = key.filter(|_| head.path() == "/ws" && head.method == "GET");
    if key.is_none() {
        read_body(&mut wire, &mut head)?;
    }
    caller.record(&head, key.is_some(), None);
    let fault = shared.faults.take(Stage::Request {
        upgrade: key.is_some(),
    });
    let Some(pause) = misbehave(caller, &mut wire, fault.as_ref())? else {
        return Ok(End::Close);
    };
    let more = lock(&shared.response_headers).clone();
    let Some(key) = key else {
        let answer = fixed(shared, &head)
            .unwrap_or_else(|| page(&head))
            .headers(&more);
        answer.cut_for(fault.as_ref()).write(&mut wire, pause)?;
        return Ok(End::Close);
    };
    let accept = Accept::with(fault.as_ref());
    upgrade(&head, &key, accept)
        .headers(&more)
        .write(&mut wire, pause)?;
    // A client may send its first frames at once.
    echo(wire, caller, head.body().to_vec())?;
    Ok(End::Close)
}

fn page(head: &Head) -> Answer {
    let argument = |name: &str| {
        let pair = head
            .query()
            .split('&')
            .find_map(|pair| pair.strip_prefix(&format!("{name}=")));
        pair.map(|value| String::from_utf8_lossy(&percent_decode(value, false)).into_owned())
    };
    let answer = |status: u16, kind: &str| {
        Answer::bare(&status_line(status))
            .header("Content-Type", kind)
            .header("Connection", "close")
    };
    match head.path() {
        "/" => answer(200, "text/html; charset=utf-8")
            .header("Set-Cookie", "plain=1; Path=/; HttpOnly")
            .sized(PAGE),
        "/echo" if head.body().is_empty() => {
            answer(200, "text/plain; charset=utf-8").sized(head.head())
        }
        "/echo" => {
            let kind = head
                .value("Content-Type", true)
                .map(|kind| String::from_utf8_lossy(kind).into_owned());
            answer(200, kind.as_deref().unwrap_or("application/octet-stream")).sized(head.body())
        }
        "/redirect" => answer(302, "text/plain")
            .header("Location", &argument("to").unwrap_or_default())
            .sized(""),
        "/cookie" => {
            let set = |answer: Answer, pair: &str| {
                answer.header("Set-Cookie", &format!("{pair}; Path=/"))
            };
            head.query()
                .split('&')
                .filter(|pair| !pair.is_empty())
                .fold(answer(200, "text/plain"), set)
                .sized("set")
        }
        _ => answer(404, "text/plain").sized("not here"),
    }
}

/// Reads the body that belongs to the head, chunked or with a length, and leaves it behind the head unchunked.
fn read_body(wire: &mut Wire, head: &mut Head) -> io::Result<()> {
    let text = |value: Option<&[u8]>| {
        value.map(|value| String::from_utf8_lossy(value).trim().to_ascii_lowercase())
    };
    let length =
        text(head.value("Content-Length", true)).and_then(|value| value.parse::<usize>().ok());
    if text(head.value("Transfer-Encoding", true)).is_some_and(|value| value.contains("chunked")) {
        let mut body = Vec::new();
        loop {
            let line = take_line(wire, head)?;
            let size = line.split(';').next().map(str::trim);
            let size = size.and_then(|size| usize::from_str_radix(size, 16).ok());
            let size = size.ok_or(io::ErrorKind::InvalidData)?;
            fill(wire, head, size + 2)?;
            let chunk: Vec<u8> = head.all.drain(head.end..head.end + size + 2).collect();
            body.extend_from_slice(&chunk[..size]);
            if size == 0 {
                break;
            }
        }
        head.all.truncate(head.end);
        head.all.append(&mut body);
    } else if let Some(length) = length {
        fill(wire, head, length)?;
        head.all.truncate(head.end + length);
    }
    Ok(())
}

fn take_line(wire: &mut Wire, head: &mut Head) -> io::Result<String> {
    loop {
        if let Some(at) = crate::http::find(head.body(), b"\r\n") {
            let line: Vec<u8> = head.all.drain(head.end..head.end + at + 2).collect();
            return Ok(String::from_utf8_lossy(&line[..at]).into_owned());
        }
        let have = head.body().len();
        fill(wire, head, have + 1)?;
    }
}

/// Reads until so many bytes follow the head.
fn fill(wire: &mut Wire, head: &mut Head, wanted: usize) -> io::Result<()> {
    let mut piece = vec![0; 64 * 1024];
    while head.body().len() < wanted {
        let read = wire.read(&mut piece)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        head.all.extend_from_slice(&piece[..read]);
    }
    Ok(())
}

fn upgrade(head: &Head, key: &[u8], accept: Accept) -> Answer {
    let answer = switching(key, accept);
    let offered = head
        .value("Sec-WebSocket-Protocol", true)
        .map(|value| String::from_utf8_lossy(value).into_owned());
    match offered
        .as_deref()
        .and_then(|offered| offered.split(',').next())
    {
        Some(first) => answer.header("Sec-WebSocket-Protocol", first.trim()),
        None => answer,
    }
}

/// Sends every frame back as it came, pings as pongs, and answers Close.
fn echo(wire: Wire, caller: &Caller<'_>, mut buffer: Vec<u8>) -> io::Result<()> {
    let sockets = &caller.shared.sockets;
    let closer = wire.sock().try_clone()?;
    let (mut incoming, outgoing, writing) = wire.split()?;
    sockets.add(caller.number, "", closer, Some(outgoing.clone()));
    'open: loop {
        let mut done = 0;
        while let Some(next) = Frame::parse(&buffer[done..]) {
            if next.length > LONGEST_FRAME || next.mask.is_none() {
                break 'open;
            }
            let Some(payload) = next.payload(&mut buffer[done..]) else {
                break;
            };
            let opcode = if next.opcode == 9 { 10 } else { next.opcode };
            if opcode != 10 || next.opcode == 9 {
                let mut answer = Vec::with_capacity(payload.len() + 10);
                frame(opcode, next.last, payload, &mut answer);
                outgoing.send(answer);
            }
            if opcode == 8 {
                break 'open;
            }
            done += next.start + next.length;
        }
        buffer.drain(..done);
        if !incoming.read(&mut buffer).is_ok_and(|read| read > 0) {
            break;
        }
    }
    sockets.remove(caller.number);
    drop(outgoing);
    finish(&writing);
    Ok(())
}
