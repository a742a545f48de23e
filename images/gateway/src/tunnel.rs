//! One viewer's websocket, joined to the X server's RFB socket.

use std::{io, time::Duration};

use bytes::{Bytes, BytesMut};
use futures_util::{SinkExt, StreamExt};
use thiserror::Error;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{UnixStream, unix},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message,
        protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
    },
};
use tokio_util::sync::CancellationToken;

use crate::{
    auth::Access,
    rfb::{RfbRefusal, ViewOnly},
};

/// A frame carries what one read brought, up to this; its length then fits 16 bits with room to spare.
const CHUNK: usize = 32 * 1024;
/// A large clipboard comes as one message; nothing larger is expected from a client.
const MAX_MESSAGE: usize = 16 * 1024 * 1024;
/// How long the other side may take to answer our Close.
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);

/// Why a tunnel ended.
#[derive(Debug, Error)]
pub(crate) enum Ending {
    /// The viewer closed the page or the connection broke.
    #[error("the viewer left")]
    ViewerLeft,
    /// The X server closed its side.
    #[error("the desktop ended")]
    DesktopEnded,
    /// We were told to stop.
    #[error("the desktop is shutting down")]
    ShuttingDown,
    /// Only binary messages carry RFB.
    #[error("only binary messages are understood")]
    NotBinary,
    /// A watcher sent what we cannot follow.
    #[error("{0}")]
    Refused(#[from] RfbRefusal),
}

impl Ending {
    fn close_code(&self) -> CloseCode {
        match self {
            Self::ViewerLeft => CloseCode::Normal,
            Self::DesktopEnded | Self::ShuttingDown => CloseCode::Away,
            Self::NotBinary => CloseCode::Unsupported,
            Self::Refused(_) => CloseCode::Policy,
        }
    }
}

/// Carries bytes both ways until one side ends, then says goodbye with a real Close frame.
/// `early` are bytes of the viewer that were read together with its request.
pub(crate) async fn run<S>(
    stream: S,
    early: Bytes,
    desktop: UnixStream,
    access: Access,
    stop: &CancellationToken,
) -> Ending
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let config = WebSocketConfig::default()
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_MESSAGE));
    let websocket =
        WebSocketStream::from_partially_read(stream, early.into(), Role::Server, Some(config))
            .await;
    let (mut to_viewer, mut from_viewer) = websocket.split();
    let (mut from_desktop, mut to_desktop) = desktop.into_split();

    let ending = tokio::select! {
        ending = carry_pictures(&mut from_desktop, &mut to_viewer) => ending,
        ending = carry_input(&mut from_viewer, &mut to_desktop, access) => ending,
        () = stop.cancelled() => Ending::ShuttingDown,
    };
    if let Ok(mut websocket) = to_viewer.reunite(from_viewer) {
        let frame = CloseFrame {
            code: ending.close_code(),
            reason: ending.to_string().into(),
        };
        let goodbye = async {
            websocket.close(Some(frame)).await?;
            // Until the viewer's own Close: leaving earlier could cut off ours.
            while let Some(message) = websocket.next().await {
                message?;
            }
            Ok::<_, tungstenite::Error>(())
        };
        let _gone_already = timeout(CLOSE_PATIENCE, goodbye).await;
    }
    ending
}

/// The X server's bytes, as they come: what one read brings is one frame, sent at once.
async fn carry_pictures(
    desktop: &mut unix::OwnedReadHalf,
    viewer: &mut (impl SinkExt<Message, Error = tungstenite::Error> + Unpin),
) -> Ending {
    let mut buffer = BytesMut::with_capacity(8 * CHUNK);
    loop {
        // Frames leave as slices of this buffer; it is used again once they are written.
        buffer.reserve(CHUNK);
        match (&mut *desktop)
            .take(CHUNK as u64)
            .read_buf(&mut buffer)
            .await
        {
            Ok(0) | Err(_) => return Ending::DesktopEnded,
            Ok(_) => {}
        }
        if viewer
            .send(Message::Binary(buffer.split().freeze()))
            .await
            .is_err()
        {
            return Ending::ViewerLeft;
        }
    }
}

/// The viewer's bytes; a watcher's are sifted first.
async fn carry_input(
    viewer: &mut (impl StreamExt<Item = tungstenite::Result<Message>> + Unpin),
    desktop: &mut unix::OwnedWriteHalf,
    access: Access,
) -> Ending {
    let mut view_only = (access == Access::ViewOnly).then(ViewOnly::default);
    let mut allowed = Vec::new();
    while let Some(Ok(message)) = viewer.next().await {
        let bytes = match message {
            Message::Binary(bytes) => bytes,
            Message::Text(_) => return Ending::NotBinary,
            // Ping and Close are answered by the library while we read on.
            _ => continue,
        };
        let written: io::Result<()> = match &mut view_only {
            None => desktop.write_all(&bytes).await,
            Some(filter) => {
                allowed.clear();
                if let Err(refusal) = filter.filter(&bytes, &mut allowed) {
                    return refusal.into();
                }
                desktop.write_all(&allowed).await
            }
        };
        if written.is_err() {
            return Ending::DesktopEnded;
        }
    }
    Ending::ViewerLeft
}
