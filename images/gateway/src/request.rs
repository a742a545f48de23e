//! Reading a request's head, and writing the short answers.

use std::io;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::files::ClientFile;

/// The same limit as newer `KasmVNC`.
const MAX_HEAD: usize = 16_383;
const MAX_HEADERS: usize = 64;

/// What we need to know of a request.
#[derive(Debug, Default)]
pub(crate) struct Request {
    /// GET and others.
    pub(crate) method: String,
    /// Path and query as sent.
    pub(crate) target: String,
    /// Value of `Authorization`.
    pub(crate) authorization: Vec<u8>,
    /// Set when every header of a websocket request as `KasmVNC` wants it is there.
    pub(crate) websocket_key: Option<Vec<u8>>,
    /// What was sent right behind the head.
    pub(crate) rest: Bytes,
}

/// Reads up to the blank line. `None`: the peer left, or what it sent is no request.
pub(crate) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Request>> {
    let mut bytes = BytesMut::with_capacity(2048);
    while bytes.len() <= MAX_HEAD {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
        let Ok(parsed) = parse(&bytes) else {
            return Ok(None);
        };
        if let Some((mut request, head_length)) = parsed {
            request.rest = bytes.split_off(head_length).freeze();
            return Ok(Some(request));
        }
    }
    Ok(None)
}

/// `Ok(None)` while the head is incomplete.
fn parse(bytes: &[u8]) -> Result<Option<(Request, usize)>, httparse::Error> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(head_length) = parsed.parse(bytes)? else {
        return Ok(None);
    };

    let find = |name: &str| {
        let found = parsed
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name));
        found.map(|header| header.value)
    };
    let says = |name: &str, word: &str| {
        let value = find(name).unwrap_or_default();
        value
            .split(|&byte| byte == b',')
            .any(|part| part.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
    };
    // KasmVNC takes a request without Origin or protocol for one that asks for a file; so do we.
    let is_websocket = parsed.method == Some("GET")
        && parsed.version == Some(1)
        && says("Upgrade", "websocket")
        && says("Connection", "upgrade")
        && says("Sec-WebSocket-Version", "13")
        && says("Sec-WebSocket-Protocol", "binary")
        && find("Host").is_some()
        && find("Origin")
            .or_else(|| find("Sec-WebSocket-Origin"))
            .is_some();

    let request = Request {
        method: parsed.method.unwrap_or_default().to_owned(),
        target: parsed.path.unwrap_or_default().to_owned(),
        authorization: find("Authorization").unwrap_or_default().to_vec(),
        websocket_key: find("Sec-WebSocket-Key")
            .filter(|_| is_websocket)
            .map(<[u8]>::to_vec),
        rest: Bytes::new(),
    };
    Ok(Some((request, head_length)))
}

/// Sends an answer without a body.
pub(crate) async fn refuse(stream: &mut (impl AsyncWrite + Unpin), status: &str) -> io::Result<()> {
    let challenge = if status.starts_with("401") {
        "WWW-Authenticate: Basic realm=\"Websockify\"\r\n"
    } else {
        ""
    };
    let head =
        format!("HTTP/1.1 {status}\r\n{challenge}Content-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.flush().await
}

/// Sends a file.
pub(crate) async fn send_file(
    stream: &mut (impl AsyncWrite + Unpin),
    file: &ClientFile,
) -> io::Result<()> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {}\r\nContent-Length: {}\r\n\
         X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        file.mime,
        file.body.len(),
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&file.body).await?;
    stream.flush().await
}

/// Agrees to a websocket.
pub(crate) async fn switch_protocols(
    stream: &mut (impl AsyncWrite + Unpin),
    accept: &str,
) -> io::Result<()> {
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: binary\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    const UPGRADE: &str = "GET /websockify HTTP/1.1\r\nHost: d\r\nUpgrade: WebSocket\r\n\
        Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: abc\r\n\
        Sec-WebSocket-Protocol: chat, binary\r\nOrigin: https://d\r\n\r\n";

    async fn read_bytes(mut bytes: &[u8]) -> Option<Request> {
        read(&mut bytes).await.unwrap()
    }

    #[tokio::test]
    async fn a_websocket_request_must_be_complete() {
        assert_eq!(
            read_bytes(UPGRADE.as_bytes())
                .await
                .unwrap()
                .websocket_key
                .unwrap(),
            b"abc"
        );
        for missing in [
            "Host",
            "Upgrade",
            "Connection",
            "Sec-WebSocket-Version",
            "Sec-WebSocket-Protocol",
            "Origin",
        ] {
            let other = UPGRADE.replace(&format!("{missing}:"), "X-Other:");
            assert!(
                read_bytes(other.as_bytes())
                    .await
                    .unwrap()
                    .websocket_key
                    .is_none(),
                "{missing}"
            );
        }
        let post = UPGRADE.replace("GET", "POST");
        assert!(
            read_bytes(post.as_bytes())
                .await
                .unwrap()
                .websocket_key
                .is_none()
        );
    }

    #[tokio::test]
    async fn header_names_may_have_any_case_and_bytes_behind_are_kept() {
        let bytes = b"GET /a?b=c HTTP/1.1\r\nauthorization: Basic eA==\r\n\r\n\x82\x00";
        let request = read_bytes(bytes).await.unwrap();
        assert_eq!(
            (request.method.as_str(), request.target.as_str()),
            ("GET", "/a?b=c")
        );
        assert_eq!(request.authorization, b"Basic eA==");
        assert_eq!(&request.rest[..], b"\x82\x00");
    }

    #[tokio::test]
    async fn what_is_no_request_gets_no_answer() {
        let endless = format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(20_000));
        for bytes in [
            &b""[..],
            b"GET / HT",
            b"RFB 003.008\n\n",
            b"\x00\x01\x02\r\n\r\n",
            endless.as_bytes(),
        ] {
            assert!(
                read_bytes(bytes).await.is_none(),
                "{}",
                String::from_utf8_lossy(&bytes[..bytes.len().min(20)])
            );
        }
    }
}
