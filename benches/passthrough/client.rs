//! A browser that asks one thing after the other over a connection it keeps, spoken byte by byte so that it costs next
//! to nothing.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, ensure};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};

/// For an answer; what takes longer is a fault and no figure.
const LIMIT: Duration = Duration::from_secs(20);

/// A connection, and what is asked on it.
#[derive(Debug)]
pub(crate) struct Client {
    wire: BufReader<TcpStream>,
    request: String,
}

impl Client {
    /// Connects; `path` is what it will ask for as the holder of `session`.
    pub(crate) async fn connect(at: SocketAddr, path: &str, session: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(at).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            wire: BufReader::with_capacity(64 * 1024, stream),
            request: format!(
                "GET {path} HTTP/1.1\r\nHost: {at}\r\nCookie: deskcast={session}\r\n\r\n"
            ),
        })
    }

    /// Asks, and reads the answer to its end; it must have this length.
    pub(crate) async fn ask(&mut self, length: usize) -> anyhow::Result<()> {
        timeout(LIMIT, self.try_ask(length)).await?
    }

    async fn try_ask(&mut self, length: usize) -> anyhow::Result<()> {
        self.wire.write_all(self.request.as_bytes()).await?;
        let mut line = String::new();
        self.wire.read_line(&mut line).await?;
        ensure!(
            line.starts_with("HTTP/1.1 200 "),
            "{}: {line}",
            self.request
        );
        let mut said = None;
        while line != "\r\n" {
            line.clear();
            ensure!(self.wire.read_line(&mut line).await? > 0, "half a head");
            let (name, value) = line.split_once(':').unwrap_or_default();
            if name.eq_ignore_ascii_case("content-length") {
                said = Some(value.trim().parse::<usize>()?);
            }
        }
        let mut left = said.context("an answer of unknown length")?;
        ensure!(left == length, "{left} bytes instead of {length}");
        while left > 0 {
            let now = self.wire.fill_buf().await?.len().min(left);
            ensure!(now > 0, "half an answer");
            self.wire.consume(now);
            left -= now;
        }
        Ok(())
    }
}
