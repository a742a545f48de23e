//! What people did that others may want to know later: one row for each act, kept as it was even when the account or the
//! desktop has gone. Whoever does such a thing writes it down in the transaction that does it ([`record`]).

mod store;

use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use crate::{
    db::{Connection, Db},
    ids::{DesktopId, UserId},
    paging::{Cursor, Key, Page, PageRequest},
};

/// Rows on a page when nothing else is asked.
pub const ROWS: u16 = 50;

/// What was done. The codes stand in the database and in the API: they may be added to, never changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody began to look at somebody else's desktop.
    LookBegan,
    /// They left it; `details.seconds` says how long they were there.
    LookEnded,
    /// An administrator who looked took control of it.
    ControlTaken,
    /// They gave it back and look on.
    ControlGivenBack,
    /// An administrator changed server settings; `details.settings` says which, and from what to what.
    SettingsChanged,
    /// Somebody signed in and kept the desktop they had as a guest.
    DesktopKept,
}

impl Kind {
    /// Every kind, in the order in which they are offered.
    pub const ALL: [Self; 6] = [
        Self::LookBegan,
        Self::LookEnded,
        Self::ControlTaken,
        Self::ControlGivenBack,
        Self::SettingsChanged,
        Self::DesktopKept,
    ];

    /// The word for programs and the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::LookBegan => "look.began",
            Self::LookEnded => "look.ended",
            Self::ControlTaken => "look.control_taken",
            Self::ControlGivenBack => "look.control_given_back",
            Self::SettingsChanged => "settings.changed",
            Self::DesktopKept => "desktop.kept",
        }
    }

    /// The kind of this code; `None` for one that this version does not know.
    #[must_use]
    pub fn read(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// An act to be written down, with ids and names as they are now.
#[derive(Clone, Debug)]
pub struct NewEvent<'a> {
    /// What.
    pub kind: Kind,
    /// Who did it.
    pub actor: (UserId, &'a str),
    /// To which desktop, if to one.
    pub desktop: Option<(DesktopId, &'a str)>,
    /// Whom it concerns, if somebody else.
    pub person: Option<(UserId, &'a str)>,
    /// What else is known: a JSON object.
    pub details: serde_json::Value,
}

/// An act that was written down.
#[derive(Clone, Debug)]
pub struct Event {
    /// Names it.
    pub id: Uuid,
    /// When.
    pub at: OffsetDateTime,
    /// What, if this version knows it.
    pub kind: Option<Kind>,
    /// What, as a word.
    pub code: String,
    /// Who did it: id and name at that time.
    pub actor: (UserId, String),
    /// To which desktop.
    pub desktop: Option<(DesktopId, String)>,
    /// Whom it concerned.
    pub person: Option<(UserId, String)>,
    /// What else was known: a JSON object.
    pub details: serde_json::Value,
}

/// Which events are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this kind alone.
    pub kind: Option<Kind>,
    /// By or about this person alone.
    pub person: Option<UserId>,
}

/// Events are ordered by their time, the newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newest(pub OffsetDateTime);

impl Key for Newest {
    fn text(&self) -> String {
        // A time of the database has four digits of a year and can always be written so.
        self.0.format(&Rfc3339).unwrap_or_default()
    }

    fn read(text: &str) -> Option<Self> {
        OffsetDateTime::parse(text, &Rfc3339).ok().map(Self)
    }
}

/// The handle on what was written down: cheap to clone.
#[derive(Clone, Debug)]
pub struct Audit {
    db: Db,
}

impl Audit {
    /// A handle.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// One page of what was done, newest first.
    pub async fn page(
        &self,
        filter: &Filter,
        request: &PageRequest<Newest>,
    ) -> Result<Page<Event, Newest>, sqlx::Error> {
        let rows = store::page(&mut self.db.acquire().await?, filter, request).await?;
        Ok(Page::of(rows, request, |event| Cursor {
            key: Newest(event.at),
            id: event.id,
        }))
    }
}

/// Writes down what is done in the same transaction.
pub async fn record(db: &mut Connection, events: &[NewEvent<'_>]) -> Result<(), sqlx::Error> {
    if events.is_empty() {
        return Ok(());
    }
    store::insert(db, events).await
}

/// Forgets at most `most` events that are older than `days`; how many. For upkeep.
pub async fn forget(db: &mut Connection, days: u16, most: i64) -> Result<u64, sqlx::Error> {
    store::forget(db, days, most).await
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn every_kind_has_a_word_of_its_own_that_the_database_takes() {
        for kind in Kind::ALL {
            assert_eq!(Kind::read(kind.code()), Some(kind));
            let (thing, act) = kind.code().split_once('.').unwrap();
            for part in [thing, act] {
                assert!(part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
            }
        }
        assert_eq!(Kind::read("look.unheard"), None);
    }

    #[test]
    fn a_place_in_the_list_comes_back_as_it_was() {
        let newest = Newest(datetime!(2026-11-22 14:32:07.123_456 UTC));
        assert_eq!(Newest::read(&newest.text()), Some(newest));
        assert_eq!(Newest::read("yesterday"), None);
    }
}
