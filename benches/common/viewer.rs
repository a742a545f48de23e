//! Somebody in front of a desktop's stream, spoken byte by byte: a client that costs next to nothing, because it runs on
//! the same processor as what is measured.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, ensure};
use kasm_standin::messages;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::{Instant, timeout},
};

/// For an answer; what takes longer is a fault and no figure.
const LIMIT: Duration = Duration::from_secs(20);
/// The example of RFC 6455: nobody here has a cache that could be poisoned.
pub(crate) const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const BINARY: u8 = 0x82;

/// Bytes both ways.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<W: AsyncRead + AsyncWrite + Unpin + Send> Wire for W {}

/// An open stream.
pub(crate) struct Viewer {
    wire: BufReader<Box<dyn Wire>>,
    /// Of the frame that is being read.
    left: usize,
}

/// What a desktop says about its screen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    width: u16,
    height: u16,
    bytes_per_pixel: usize,
}

impl Viewer {
    /// Takes over a stream behind its 101.
    pub(crate) fn new(wire: impl Wire + 'static) -> Self {
        Self {
            wire: BufReader::new(Box::new(wire)),
            left: 0,
        }
    }

    /// Opens the stream at `path` of a proxy as a browser does that holds `session`.
    pub(crate) async fn open(at: SocketAddr, path: &str, session: &str) -> anyhow::Result<Self> {
        let opening = async {
            let stream = TcpStream::connect(at).await?;
            stream.set_nodelay(true)?;
            let mut viewer = Self::new(stream);
            let head = format!(
                "GET {path} HTTP/1.1\r\nHost: {at}\r\nOrigin: http://{at}\r\nCookie: deskcast={session}\r\n\
                 Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                 Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Protocol: binary\r\n\r\n"
            );
            viewer.wire.write_all(head.as_bytes()).await?;
            let mut line = String::new();
            viewer.wire.read_line(&mut line).await?;
            ensure!(line.starts_with("HTTP/1.1 101 "), "{path}: {line}");
            while line != "\r\n" {
                line.clear();
                ensure!(viewer.wire.read_line(&mut line).await? > 0, "half a head");
            }
            Ok(viewer)
        };
        timeout(LIMIT, opening).await.context(path.to_owned())?
    }

    /// RFB 3.8 up to the desktop's name, without a password of its own: the gate is the sign-in before.
    pub(crate) async fn shake_hands(&mut self) -> anyhow::Result<Screen> {
        timeout(LIMIT, self.try_shake_hands()).await?
    }

    async fn try_shake_hands(&mut self) -> anyhow::Result<Screen> {
        self.greeting().await?;
        self.write(messages::VERSION).await?;
        let [count] = self.read().await?;
        ensure!(count == 1, "{count} security types");
        let [kind] = self.read().await?;
        ensure!(kind == 1, "security type {kind}");
        self.write(&[kind]).await?;
        ensure!(self.read::<4>().await? == [0; 4], "not let in");
        self.write(&messages::CLIENT_INIT).await?;
        let screen: [u8; 24] = self.read().await?;
        let name = u32::from_be_bytes([screen[20], screen[21], screen[22], screen[23]]);
        self.skip(usize::try_from(name)?).await?;
        Ok(Screen {
            width: u16::from_be_bytes([screen[0], screen[1]]),
            height: u16::from_be_bytes([screen[2], screen[3]]),
            bytes_per_pixel: usize::from(screen[4] / 8),
        })
    }

    /// What the desktop says first.
    pub(crate) async fn greeting(&mut self) -> anyhow::Result<()> {
        let greeting: [u8; 12] = self.read().await?;
        ensure!(&greeting == messages::VERSION, "another protocol");
        Ok(())
    }

    /// Asks for the whole screen and waits for its last byte. Without a word about encodings it comes raw.
    pub(crate) async fn whole_picture(&mut self, screen: Screen) -> anyhow::Result<()> {
        timeout(LIMIT, self.try_whole_picture(screen)).await?
    }

    async fn try_whole_picture(&mut self, screen: Screen) -> anyhow::Result<()> {
        let ([w1, w2], [h1, h2]) = (screen.width.to_be_bytes(), screen.height.to_be_bytes());
        self.write(&[3, 0, 0, 0, 0, 0, w1, w2, h1, h2]).await?;
        let [kind, _, r1, r2] = self.read().await?;
        ensure!(kind == 0, "message {kind} instead of a picture");
        for _ in 0..u16::from_be_bytes([r1, r2]) {
            let part: [u8; 12] = self.read().await?;
            ensure!(part[8..] == [0; 4], "not raw: {part:?}");
            let width = usize::from(u16::from_be_bytes([part[4], part[5]]));
            let height = usize::from(u16::from_be_bytes([part[6], part[7]]));
            self.skip(width * height * screen.bytes_per_pixel).await?;
        }
        Ok(())
    }

    /// Sends a message that the stand-in sends back, and answers how long that took.
    pub(crate) async fn round_trip(&mut self, message: &[u8]) -> anyhow::Result<Duration> {
        let began = Instant::now();
        self.write(message).await?;
        timeout(LIMIT, self.skip(message.len())).await??;
        Ok(began.elapsed())
    }

    /// Bytes of the stream as they come, frames and all.
    pub(crate) async fn raw(&mut self, into: &mut [u8]) -> anyhow::Result<usize> {
        let count = timeout(LIMIT, self.wire.read(into)).await??;
        ensure!(count > 0, "the stream ended");
        Ok(count)
    }

    /// One short frame in one write. The mask is all zeroes, which is allowed and costs nothing.
    async fn write(&mut self, payload: &[u8]) -> anyhow::Result<()> {
        let length = u8::try_from(payload.len()).ok().filter(|it| *it < 126);
        let length = length.context("too long for a short frame")?;
        let frame = [&[BINARY, 0x80 | length, 0, 0, 0, 0], payload].concat();
        Ok(self.wire.write_all(&frame).await?)
    }

    async fn read<const COUNT: usize>(&mut self) -> anyhow::Result<[u8; COUNT]> {
        let mut bytes = [0; COUNT];
        let mut have = 0;
        while have < COUNT {
            let now = self.in_this_frame(COUNT - have).await?;
            self.wire.read_exact(&mut bytes[have..have + now]).await?;
            have += now;
        }
        Ok(bytes)
    }

    async fn skip(&mut self, mut count: usize) -> anyhow::Result<()> {
        while count > 0 {
            let frame = self.in_this_frame(count).await?;
            let now = self.wire.fill_buf().await?.len().min(frame);
            ensure!(now > 0, "the stream ended");
            self.wire.consume(now);
            self.left += frame - now;
            count -= now;
        }
        Ok(())
    }

    /// How much of `wanted` the present frame has, taken off it; reads the next one's header when it is empty.
    async fn in_this_frame(&mut self, wanted: usize) -> anyhow::Result<usize> {
        while self.left == 0 {
            let mut head = [0; 2];
            self.wire.read_exact(&mut head).await?;
            ensure!(head[0] == BINARY, "a frame of another kind: {head:?}");
            self.left = match head[1] {
                126 => self.wire.read_u16().await?.into(),
                127 => usize::try_from(self.wire.read_u64().await?)?,
                short => short.into(),
            };
        }
        let now = self.left.min(wanted);
        self.left -= now;
        Ok(now)
    }
}
