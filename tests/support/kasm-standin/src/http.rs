//! Reading a request head and writing an answer, both by hand: the real server searches text, it does not parse.

use std::io::{self, Read, Write};
use std::thread;
use std::time::Duration;

use crate::Fault;

/// Where `needle` starts in `hay`.
pub(crate) fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len())
        .position(|window| window == needle)
}

/// Where `needle` starts in `hay`, in any case.
pub(crate) fn find_any_case(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len())
        .position(|window| window.eq_ignore_ascii_case(needle))
}

/// A request head, and what came with it.
#[derive(Debug)]
pub(crate) struct Head {
    /// Head and whatever arrived together with it.
    pub(crate) all: Vec<u8>,
    /// Where the head ends, blank line included.
    pub(crate) end: usize,
    pub(crate) method: String,
    pub(crate) target: String,
}

impl Head {
    fn new(all: Vec<u8>, end: usize) -> Self {
        let line = all.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let mut words = line
            .split(|byte| *byte == b' ')
            .map(|word| String::from_utf8_lossy(word).into_owned());
        let method = words.next().unwrap_or_default();
        let target = words.next().unwrap_or_default();
        Self {
            all,
            end,
            method,
            target,
        }
    }

    pub(crate) fn head(&self) -> &[u8] {
        &self.all[..self.end]
    }

    pub(crate) fn body(&self) -> &[u8] {
        &self.all[self.end..]
    }

    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    pub(crate) fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The value after a header name written as `\r\nName: `, to the end of its line.
    pub(crate) fn value(&self, name: &str, any_case: bool) -> Option<&[u8]> {
        let marker = format!("\r\n{name}: ");
        let search = if any_case { find_any_case } else { find };
        let start = search(self.head(), marker.as_bytes())? + marker.len();
        let rest = &self.all[start..];
        rest.get(..find(rest, b"\r")?)
    }

    /// Names and values in order, as spelled.
    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        let text = String::from_utf8_lossy(self.head()).into_owned();
        let lines = text.split("\r\n").skip(1).filter(|line| !line.is_empty());
        lines
            .map(|line| {
                let (name, value) = line.split_once(':').unwrap_or((line, ""));
                (name.to_owned(), value.trim().to_owned())
            })
            .collect()
    }
}

/// How reading a head ended.
pub(crate) enum ReadHead {
    Head(Head),
    /// The other end closed, or it took more than ten reads.
    Closed,
    TooLarge,
}

/// Reads at most `limit` bytes in at most ten pieces, as the real server does.
pub(crate) fn read_head(wire: &mut impl Read, limit: usize) -> io::Result<ReadHead> {
    let mut all = Vec::new();
    let mut piece = vec![0; limit];
    for _ in 0..10 {
        let read = wire.read(&mut piece[..limit - all.len()])?;
        if read == 0 {
            return Ok(ReadHead::Closed);
        }
        all.extend_from_slice(&piece[..read]);
        if let Some(at) = find(&all, b"\r\n\r\n") {
            return Ok(ReadHead::Head(Head::new(all, at + 4)));
        }
        if all.len() >= limit {
            return Ok(ReadHead::TooLarge);
        }
    }
    Ok(ReadHead::Closed)
}

/// An answer being put together.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    head: String,
    body: Vec<u8>,
}

impl Answer {
    /// Only the status line; for the answers that have nothing else.
    pub(crate) fn bare(status: &str) -> Self {
        Self {
            head: format!("HTTP/1.1 {status}\r\n"),
            body: Vec::new(),
        }
    }

    /// The server's usual headers, without a length.
    pub(crate) fn new(status: &str, kind: &str) -> Self {
        Self::bare(status)
            .header("Server", "KasmVNC/4.0")
            .header("Connection", "close")
            .header("Content-type", kind)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.head.extend([name, ": ", value, "\r\n"]);
        self
    }

    pub(crate) fn headers(self, more: &[(String, String)]) -> Self {
        more.iter()
            .fold(self, |answer, (name, value)| answer.header(name, value))
    }

    /// What the real server adds to every answer of its file server and API.
    pub(crate) fn isolated(self) -> Self {
        self.header("Cross-Origin-Embedder-Policy", "require-corp")
            .header("Cross-Origin-Opener-Policy", "same-origin")
    }

    /// A body whose length only the end of the connection tells.
    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// A body with its length.
    pub(crate) fn sized(self, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        self.header("Content-length", &body.len().to_string())
            .body(body)
    }

    /// Loses the end of the body if that is what shall go wrong; the length in the head stays.
    pub(crate) fn cut_for(mut self, fault: Option<&Fault>) -> Self {
        if let Some(Fault::CutBody(at)) = fault {
            self.body.truncate(*at);
        }
        self
    }

    /// Writes it, one byte at a time if there is a pause to make.
    pub(crate) fn write(self, wire: &mut impl Write, pause: Duration) -> io::Result<()> {
        let mut bytes = self.head.into_bytes();
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&self.body);
        if pause.is_zero() {
            wire.write_all(&bytes)?;
        } else {
            for byte in bytes {
                wire.write_all(&[byte])?;
                wire.flush()?;
                thread::sleep(pause);
            }
        }
        wire.flush()
    }
}

/// Status line text for a number.
pub(crate) fn status_line(status: u16) -> String {
    let words = match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Status",
    };
    format!("{status} {words}")
}

/// Undoes percent-encoding; `+` stays. With `as_path`, an encoded slash becomes an underscore.
pub(crate) fn percent_decode(text: &str, as_path: bool) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            decoded.push(if as_path && byte == b'/' { b'_' } else { byte });
            at += 3;
        } else {
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    decoded
}

/// Percent-encodes everything but letters, digits and `-._~`.
pub(crate) fn percent_encode(name: &[u8]) -> String {
    name.iter().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            encoded.push(char::from(*byte));
        } else {
            encoded.extend(["%", &format!("{byte:02X}")]);
        }
        encoded
    })
}
