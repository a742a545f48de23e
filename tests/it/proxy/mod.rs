//! The data plane as a browser and a container see it: the real server between real sockets, and behind it a
//! stand-in that behaves like a kasmweb image, or like a plain web application.

mod access;
pub(crate) mod client;
mod ending;
mod kept_connections;
mod paths;
mod tunnel;
mod upstream;
mod web_application;

use std::{fmt::Write, time::Duration};

use axum::body::Body;
use deskcast::{
    catalog::DesktopType,
    desktops::{Desktop, DesktopState, StartOptions, StopReason},
    ids::UserId,
};
use hyper::{HeaderMap, Method, Request, StatusCode};
use kasm_standin::{Builder, Flavour, Standin};
use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::support::{Client, TestApp, eventually};

pub(crate) const PASSWORD: &str = "sesame1234567";

/// The files of the image's client.
const CLIENT: &[(&str, &[u8])] = &[
    ("index.html", b"<!DOCTYPE html><title>client</title>"),
    ("main.bundle.js", b"export const trusted = true;"),
    ("assets/decoder.wasm", b"\0asm\x01\0\0\0"),
    ("assets/odd name & #1.txt", b"odd"),
];

/// A server, a container that answers, and jane's desktop in it.
pub(crate) struct Scene {
    pub(crate) app: TestApp,
    pub(crate) standin: Standin,
    pub(crate) jane: Client,
    pub(crate) desktop: Desktop,
    pub(crate) kind: DesktopType,
}

impl Scene {
    /// A VNC desktop of either kind of server.
    pub(crate) async fn vnc(pool: PgPool, flavour: Flavour) -> Self {
        let standin = Standin::builder().flavour(flavour).password(PASSWORD);
        Self::with(pool, standin, "vnc", true).await
    }

    /// A plain web application.
    pub(crate) async fn plain(pool: PgPool) -> Self {
        Self::with(pool, Standin::builder().plain(), "passthrough", false).await
    }

    async fn with(pool: PgPool, standin: Builder, client: &str, tls: bool) -> Self {
        let app = TestApp::start_with(pool, &[("VNC_PASSWORD", PASSWORD)]).await;
        let standin = standin.spawn();
        sqlx::query(
            "update desktop_types set client = $1::client_kind, container_tls = $2 where slug = 'debian-desktop'",
        )
        .bind(client)
        .bind(tls)
        .execute(&app.pool)
        .await
        .unwrap();
        let kind = app.state.catalog.find_by_slug("debian-desktop").await;
        let kind = kind.unwrap().unwrap();
        app.engine.add_image(&kind.image);
        app.engine.set_address(standin.addr());
        app.engine.set_folder(CLIENT);
        let jane = app.user("jane").await;
        let desktop = start(&app, "jane", &kind).await;
        Self {
            app,
            standin,
            jane,
            desktop,
            kind,
        }
    }

    /// An address of the desktop.
    pub(crate) fn at(&self, rest: &str) -> String {
        format!("/desktop/{}/{rest}", self.desktop.name)
    }

    /// Stops the desktop, as its owner does.
    pub(crate) async fn stop(&self) {
        self.app
            .state
            .desktops
            .stop(self.desktop.id, StopReason::Owner)
            .await
            .unwrap();
    }

    /// How many requests reached the container by now.
    pub(crate) fn reached(&self) -> usize {
        self.standin.requests().len()
    }

    /// Waits until the container has so many sockets. Not the stand-in's own wait: it would stop the server, which
    /// runs on the same thread.
    pub(crate) async fn has_sockets(&self, count: usize) {
        let what = format!("{count} sockets");
        eventually(&what, Duration::from_secs(5), async || {
            match self.standin.websocket_count() {
                now if now == count => Ok(()),
                now => Err(format!("but {now}")),
            }
        })
        .await;
    }

    /// Opens a socket at `rest` as the page of `client` does.
    pub(crate) async fn socket(&self, client: &Client, rest: &str) -> Socket {
        let request = self.handshake(client, rest);
        Socket::open(&self.app, request)
            .await
            .unwrap_or_else(|(status, text)| panic!("{status}: {text}"))
    }

    /// A browser's handshake, right in every part.
    pub(crate) fn handshake(&self, client: &Client, rest: &str) -> Request<Body> {
        handshake(&self.app, client, &self.at(rest))
    }
}

/// A browser's handshake at this address, right in every part.
pub(crate) fn handshake(app: &TestApp, client: &Client, path: &str) -> Request<Body> {
    let mut request = client.request(Method::GET, path);
    let origin = format!("http://{}", app.address);
    for (name, value) in [
        ("connection", "keep-alive, Upgrade"),
        ("upgrade", "websocket"),
        ("origin", origin.as_str()),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-protocol", "binary"),
        ("sec-websocket-extensions", "permessage-deflate"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    request
}

/// Starts a desktop of `kind` for the account `name` and waits until it runs.
pub(crate) async fn start(app: &TestApp, name: &str, kind: &DesktopType) -> Desktop {
    let id: UserId = sqlx::query_scalar("select id from users where username = $1")
        .bind(name)
        .fetch_one(&app.pool)
        .await
        .unwrap();
    let user = app.state.people.user(id).await.unwrap().unwrap();
    let desktops = &app.state.desktops;
    let claimed = desktops
        .start(&user, kind, StartOptions::default())
        .await
        .unwrap();
    let desktop = desktops
        .wait_while_starting(claimed.id, Duration::from_secs(20))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(desktop.state, DesktopState::Running, "{:?}", desktop.end);
    desktop
}

/// A browser's end of a WebSocket, by hand: what is tested is what a library would hide.
pub(crate) struct Socket {
    stream: TcpStream,
    pub(crate) headers: HeaderMap,
    pending: Vec<u8>,
}

/// What a frame held.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) opcode: u8,
    pub(crate) payload: Vec<u8>,
}

/// No socket of a test is silent for longer.
const LIMIT: Duration = Duration::from_secs(15);

impl Socket {
    /// The socket, or the answer that was none.
    pub(crate) async fn open(
        app: &TestApp,
        request: Request<Body>,
    ) -> Result<Self, (StatusCode, String)> {
        let mut text = format!("{} {} HTTP/1.1\r\n", request.method(), request.uri());
        for (name, value) in request.headers() {
            write!(text, "{name}: {}\r\n", value.to_str().unwrap()).unwrap();
        }
        text.push_str("\r\n");
        let mut stream = TcpStream::connect(app.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut read = Vec::new();
        let end = loop {
            if let Some(at) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            let count = tokio::time::timeout(LIMIT, stream.read_buf(&mut read)).await;
            assert!(count.unwrap().unwrap() > 0, "closed without an answer");
        };
        let mut lines = [httparse::EMPTY_HEADER; 64];
        let mut head = httparse::Response::new(&mut lines);
        head.parse(&read[..end]).unwrap();
        let headers = head
            .headers
            .iter()
            .map(|line| (line.name.parse().unwrap(), line.value.try_into().unwrap()))
            .collect();
        let status = StatusCode::from_u16(head.code.unwrap()).unwrap();
        let pending = read.split_off(end);
        if status != StatusCode::SWITCHING_PROTOCOLS {
            return Err((status, String::from_utf8_lossy(&pending).into_owned()));
        }
        Ok(Self {
            stream,
            headers,
            pending,
        })
    }

    /// Sends a masked frame.
    pub(crate) async fn send(&mut self, opcode: u8, payload: &[u8]) {
        let mut frame = vec![0x80 | opcode];
        match payload.len() {
            short @ 0..126 => frame.push(0x80 | u8::try_from(short).unwrap()),
            long => {
                frame.push(0x80 | 0x7e);
                frame.extend_from_slice(&u16::try_from(long).unwrap().to_be_bytes());
            }
        }
        let mask = [0x5a, 0xa5, 0x0f, 0xf0];
        frame.extend_from_slice(&mask);
        frame.extend(
            payload
                .iter()
                .zip(mask.iter().cycle())
                .map(|(byte, key)| byte ^ key),
        );
        self.stream.write_all(&frame).await.unwrap();
    }

    /// The next frame; `None` when the connection has ended.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some((frame, length)) = parse(&self.pending) {
                self.pending.drain(..length);
                return Some(frame);
            }
            let read = tokio::time::timeout(LIMIT, self.stream.read_buf(&mut self.pending))
                .await
                .expect("a frame or an end within the limit");
            if !matches!(read, Ok(count) if count > 0) {
                assert!(self.pending.is_empty(), "ended inside a frame");
                return None;
            }
        }
    }

    /// So many bytes of binary frames, however they are cut.
    pub(crate) async fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        while bytes.len() < count {
            let frame = self.next().await.expect("more frames");
            assert_eq!(frame.opcode, 2, "{frame:?}");
            bytes.extend(frame.payload);
        }
        assert_eq!(bytes.len(), count);
        bytes
    }

    /// Says what a VNC client says until the desktop is open.
    pub(crate) async fn begin(&mut self, flavour: Flavour) {
        use kasm_standin::messages::{CLIENT_INIT, VERSION};
        assert_eq!(self.bytes(12).await, VERSION);
        self.send(2, VERSION).await;
        let offered = self.bytes(2).await;
        self.send(2, &offered[1..]).await;
        if flavour == Flavour::Old {
            self.bytes(16).await;
            self.send(2, &[0; 16]).await;
        }
        assert_eq!(self.bytes(4).await, [0; 4]);
        self.send(2, &CLIENT_INIT).await;
        let start = self.next().await.expect("the desktop's size");
        assert!(start.payload.len() > 24);
    }

    /// Expects a Close frame and the end; answers code and reason.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        loop {
            let frame = self.next().await.expect("a Close frame before the end");
            if frame.opcode == 8 {
                assert_eq!(self.next().await, None, "nothing after the Close frame");
                let code = u16::from_be_bytes(frame.payload[..2].try_into().unwrap());
                return (
                    code,
                    String::from_utf8(frame.payload[2..].to_vec()).unwrap(),
                );
            }
        }
    }

    /// Ends the sending half of the connection.
    pub(crate) async fn finish(&mut self) {
        self.stream.shutdown().await.unwrap();
    }
}

fn parse(bytes: &[u8]) -> Option<(Frame, usize)> {
    let second = *bytes.get(1)?;
    assert_eq!(second & 0x80, 0, "a server does not mask");
    let (length, start) = match second {
        126 => (
            usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().unwrap())),
            4,
        ),
        127 => (
            usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().unwrap())).unwrap(),
            10,
        ),
        short => (usize::from(short), 2),
    };
    let payload = bytes.get(start..start + length)?.to_vec();
    let opcode = bytes[0] & 0x0f;
    Some((Frame { opcode, payload }, start + length))
}
