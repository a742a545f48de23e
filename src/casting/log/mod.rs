//! What was asked of casts: served, or refused and why.

pub(super) mod store;

use std::net::IpAddr;

use time::OffsetDateTime;

use super::{Casting, refusal::Refusal};
use crate::{
    db::Connection,
    ids::{CastId, CastLogId, DesktopId, UserId},
    paging::{Cursor, Key, Page, PageRequest},
};

/// A request to a cast, to be written down.
#[derive(Clone, Debug)]
pub struct LogEntry<'a> {
    /// The cast; `None` when no cast has the key.
    pub cast: Option<CastId>,
    /// As it was asked for, however long.
    pub key: &'a str,
    /// Why it was refused; `None`: it was served.
    pub refusal: Option<Refusal>,
    /// Who asked, by address.
    pub address: IpAddr,
    /// The `Referer` header; its host is kept.
    pub referrer: Option<&'a str>,
    /// Who was signed in, or the guest that was made, with their name.
    pub person: Option<(UserId, &'a str)>,
    /// The name on the one-time link they came by.
    pub link: Option<&'a str>,
    /// What they got.
    pub desktop: Option<DesktopId>,
    /// What their page showed.
    pub reference: Option<&'a str>,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct LogLine {
    /// Names it.
    pub id: CastLogId,
    /// When it was.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The cast; `null` when no cast has the key.
    pub cast: Option<CastId>,
    /// As it was asked for.
    pub key: String,
    /// Why it was refused; `null`: it was served.
    pub refusal: Option<Refusal>,
    /// An address, or the network it was in once it is old.
    pub address: String,
    /// The host the visitor came from, if their browser said so.
    pub referrer: Option<String>,
    /// Who was signed in, or the guest that was made.
    pub user_id: Option<UserId>,
    /// How they were called then.
    pub user_name: Option<String>,
    /// The name on the one-time link they came by, if they did.
    pub link_name: Option<String>,
    /// What they got.
    pub desktop_id: Option<DesktopId>,
    /// What their page showed.
    pub reference: Option<String>,
}

/// The log is ordered by its ids, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newest;

impl Key for Newest {
    fn text(&self) -> String {
        String::new()
    }

    fn read(text: &str) -> Option<Self> {
        text.is_empty().then_some(Self)
    }
}

/// Which lines of the log are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Of this cast alone; `None`: of all, and of keys that no cast has.
    pub cast: Option<CastId>,
    /// Only what was refused.
    pub refused: bool,
}

/// Writes a line and counts it, with one statement, on the caller's connection.
pub async fn append(db: &mut Connection, entry: &LogEntry<'_>) -> Result<(), sqlx::Error> {
    store::append(db, CastLogId::new(), entry).await
}

/// Rows that one statement changes.
const PIECE: i64 = 2_000;

/// Statements of one look; the rest has its turn in the next.
const PIECES: u32 = 10;

impl Casting {
    /// For so many days the log keeps addresses whole; after that the network they are in.
    #[must_use]
    pub fn address_days(&self) -> u16 {
        self.settings.now().cast_log_address_days
    }

    /// Shortens the addresses of old lines, and forgets lines and counts that are older than `days`: a little at a
    /// time, for upkeep, about once a minute.
    pub async fn tidy_log(&self, days: u16) -> Result<(), sqlx::Error> {
        let more = |done: u64| done >= PIECE.unsigned_abs();
        for _ in 0..PIECES {
            let mut db = self.db().acquire().await?;
            let shortened = store::shorten(&mut db, self.address_days(), PIECE).await?;
            let forgotten = store::forget(&mut db, days, PIECE).await?;
            if !more(shortened) && !more(forgotten) {
                break;
            }
        }
        store::forget_days(&mut self.db().acquire().await?, days).await
    }

    /// One page of the log, newest first.
    pub async fn log(
        &self,
        filter: LogFilter,
        request: &PageRequest<Newest>,
    ) -> Result<Page<LogLine, Newest>, sqlx::Error> {
        let rows = store::page(&mut self.db().acquire().await?, filter, request).await?;
        Ok(Page::of(rows, request, |line| Cursor {
            key: Newest,
            id: line.id.0,
        }))
    }
}
