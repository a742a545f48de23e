//! What the database notifies, heard by one connection per server and passed on by channel.
//!
//! A hint only says that something changed: the rows are the truth. Hints can be lost, with the connection or because
//! somebody was too slow, and whoever listens hears of that: [`Hint::Missed`] asks to look at everything again.

use std::{collections::HashMap, sync::Arc, time::Duration};

use sqlx::{PgPool, postgres::PgListener};
use tokio::{
    sync::broadcast::{
        self,
        error::{RecvError, TryRecvError},
    },
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::db;

/// How many hints of a channel wait for a slow listener before it has missed some.
const WAITING: usize = 512;

/// After this much silence the connection is asked whether it still lives: one that only reads would never notice.
const SILENCE: Duration = Duration::from_secs(20);

/// How long the answer to that may take.
const ANSWER: Duration = Duration::from_secs(4);

/// From a connection that was lost to the next try.
const AGAIN: Duration = Duration::from_secs(1);

/// What a channel said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// The payload of one notification.
    Said(Arc<str>),
    /// Hints may have been lost. Always comes first, because nobody knows what was said before.
    Missed,
}

/// The channels somebody wants to hear, until [`Hints::listen`] begins.
#[derive(Debug, Default)]
pub struct Hints {
    channels: HashMap<&'static str, broadcast::Sender<Hint>>,
}

/// The hints of one channel.
#[derive(Debug)]
pub struct HintsOf {
    receiver: broadcast::Receiver<Hint>,
}

impl Hints {
    /// Nobody listens yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The hints of `channel`, as soon as [`Self::listen`] runs. Any number of listeners may share a channel.
    pub fn on(&mut self, channel: &'static str) -> HintsOf {
        let sender = self
            .channels
            .entry(channel)
            .or_insert_with(|| broadcast::channel(WAITING).0);
        HintsOf {
            receiver: sender.subscribe(),
        }
    }

    /// Passes on what the database notifies until `stop`; connects again when the connection is lost. Holds one
    /// connection of the pool for good.
    pub async fn listen(self, pool: PgPool, stop: CancellationToken) {
        let always = async {
            loop {
                let heard = self.listen_once(&pool).await;
                // Whatever cut this connection has probably cut those that wait in the pool as well.
                db::doubt_idle_connections();
                if let Err(error) = heard {
                    tracing::warn!(%error, "hints of the database are interrupted; trying again");
                }
                tokio::time::sleep(AGAIN).await;
            }
        };
        stop.run_until_cancelled(always).await;
    }

    async fn listen_once(&self, pool: &PgPool) -> Result<(), sqlx::Error> {
        let mut listener = PgListener::connect_with(pool).await?;
        // Reconnecting by itself would hide that hints were lost.
        listener.eager_reconnect(false);
        listener.listen_all(self.channels.keys().copied()).await?;
        for channel in self.channels.values() {
            pass_on(channel, Hint::Missed);
        }
        loop {
            match timeout(SILENCE, listener.try_recv()).await {
                Ok(Ok(Some(said))) => {
                    if let Some(channel) = self.channels.get(said.channel()) {
                        pass_on(channel, Hint::Said(said.payload().into()));
                    }
                }
                Ok(Ok(None)) => return Ok(()),
                Ok(Err(error)) => return Err(error),
                Err(_) => timeout(ANSWER, db::answers(&mut listener))
                    .await
                    .unwrap_or(Err(sqlx::Error::PoolTimedOut))?,
            }
        }
    }
}

fn pass_on(channel: &broadcast::Sender<Hint>, hint: Hint) {
    // No receiver is fine: nobody wants to know any more.
    let _ = channel.send(hint);
}

impl HintsOf {
    /// The next hint; `None` once the server stops to listen.
    pub async fn next(&mut self) -> Option<Hint> {
        match self.receiver.recv().await {
            Ok(hint) => Some(hint),
            Err(RecvError::Lagged(_)) => Some(Hint::Missed),
            Err(RecvError::Closed) => None,
        }
    }

    /// The next hint if it is there already: what came in a burst can be looked up together.
    pub fn waiting(&mut self) -> Option<Hint> {
        match self.receiver.try_recv() {
            Ok(hint) => Some(hint),
            Err(TryRecvError::Lagged(_)) => Some(Hint::Missed),
            Err(TryRecvError::Empty | TryRecvError::Closed) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_is_too_slow_hears_that_something_was_missed() {
        let mut hints = Hints::new();
        let (mut slow, mut other) = (hints.on("one"), hints.on("two"));
        for number in 0..=WAITING {
            pass_on(
                &hints.channels["one"],
                Hint::Said(number.to_string().into()),
            );
        }
        assert_eq!(slow.next().await, Some(Hint::Missed));
        assert_eq!(slow.waiting(), Some(Hint::Said("1".into())));
        assert_eq!(other.waiting(), None, "each channel stands for itself");
        drop(hints);
        assert_eq!(other.next().await, None);
    }
}
