//! A desktop's live stream as a browser opens it, spoken by a program.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use kasm_standin::messages;
use tokio::{
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        self, Message,
        handshake::client::generate_key,
        http::Request,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use crate::support::server::Server;

/// For a live stream's answer: longer, and the desktop feels stuck.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);
/// For opening one.
const OPEN_LIMIT: Duration = Duration::from_secs(10);

/// An open stream with its protocol's handshake done.
#[derive(Debug)]
pub(crate) struct Tunnel {
    socket: WebSocketStream<TcpStream>,
    unread: Vec<u8>,
}

/// How a stream ended.
#[derive(Debug)]
pub(crate) enum End {
    /// With a Close frame, as it should.
    Said(CloseCode, String),
    /// Without a word.
    Broken(String),
}

impl Tunnel {
    /// Opens the stream of the desktop `name` as the browser that holds `session`.
    pub(crate) async fn open(server: &Server, session: &str, name: &str) -> Self {
        let opening = timeout(OPEN_LIMIT, Self::try_open(server, session, name));
        let opened = opening.await.expect("a stream opens in time");
        opened.unwrap_or_else(|refusal| panic!("no stream of {name}: {refusal}"))
    }

    async fn try_open(
        server: &Server,
        session: &str,
        name: &str,
    ) -> Result<Self, tungstenite::Error> {
        let socket = upgrade(server, session, &format!("/desktop/{name}/websockify")).await?;
        let mut tunnel = Self {
            socket,
            unread: Vec::new(),
        };
        tunnel.shake_hands().await;
        Ok(tunnel)
    }

    /// RFB 3.8 up to the desktop's name, without a password of its own: the gate is the sign-in before.
    async fn shake_hands(&mut self) {
        assert_eq!(self.read(12).await, messages::VERSION);
        self.write(messages::VERSION.to_vec()).await;
        let [count] = self.read(1).await[..] else {
            unreachable!("one byte was asked for")
        };
        assert_eq!(self.read(count.into()).await, [1], "no second password");
        self.write(vec![1]).await;
        assert_eq!(self.read(4).await, [0; 4], "let in");
        self.write(messages::CLIENT_INIT.to_vec()).await;
        let screen = self.read(24).await;
        let length = u32::from_be_bytes(screen[20..].try_into().unwrap());
        self.read(usize::try_from(length).unwrap()).await;
    }

    /// Sends a text through the stream and waits for it to come back; only the stand-in can do that.
    pub(crate) async fn echoes(&mut self, text: &str) {
        let sent = messages::echo(text.as_bytes());
        self.write(sent.clone()).await;
        assert_eq!(self.read(sent.len()).await, sent, "{text}");
    }

    /// Asks for the picture and waits for the first bytes of it.
    pub(crate) async fn shows_something(&mut self) {
        self.write(messages::update_request()).await;
        self.read(4).await;
    }

    /// Waits for the stream's end.
    pub(crate) async fn ends_within(mut self, limit: Duration) -> End {
        let until = Instant::now() + limit;
        loop {
            let next = tokio::time::timeout_at(until, self.socket.next()).await;
            match next.unwrap_or_else(|_| panic!("the stream is still open after {limit:?}")) {
                Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) => {
                    return End::Said(code, reason.to_string());
                }
                Some(Ok(Message::Close(None))) => return End::Broken("an empty Close".into()),
                Some(Ok(_)) => {}
                Some(Err(error)) => return End::Broken(error.to_string()),
                None => return End::Broken("the end of TCP".into()),
            }
        }
    }

    /// Leaves, as a closed tab does.
    pub(crate) async fn close(mut self) {
        drop(self.socket.close(None).await);
    }

    async fn write(&mut self, bytes: Vec<u8>) {
        let sending = self.socket.send(Message::binary(bytes));
        timeout(ANSWER_LIMIT, sending)
            .await
            .expect("the stream takes input")
            .expect("the stream is open");
    }

    async fn read(&mut self, count: usize) -> Vec<u8> {
        let until = Instant::now() + ANSWER_LIMIT;
        while self.unread.len() < count {
            let next = tokio::time::timeout_at(until, self.socket.next()).await;
            match next.unwrap_or_else(|_| panic!("the stream says nothing for {ANSWER_LIMIT:?}")) {
                Some(Ok(Message::Binary(bytes))) => self.unread.extend_from_slice(&bytes),
                other => panic!("the stream ended early: {other:?}"),
            }
        }
        self.unread.drain(..count).collect()
    }
}

/// A WebSocket at any address of the server, asked for by a browser with more credentials than it should show.
pub(crate) async fn upgrade(
    server: &Server,
    session: &str,
    path: &str,
) -> Result<WebSocketStream<TcpStream>, tungstenite::Error> {
    let at = server.address;
    let request = Request::builder()
        .uri(format!("ws://{at}{path}"))
        .header("Host", at.to_string())
        .header("Origin", format!("http://{at}"))
        .header("Cookie", format!("deskcast={session}"))
        .header("Authorization", format!("Bearer {session}"))
        .header("X-Session-ID", session)
        .header("Connection", "Upgrade")
        .header("Upgrade", "websocket")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", generate_key())
        .header("Sec-WebSocket-Protocol", "binary")
        .body(())?;
    let stream = TcpStream::connect(at).await?;
    client_async(request, stream)
        .await
        .map(|(socket, _)| socket)
}
