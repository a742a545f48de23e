//! Everybody's desktops, page by page, for administrators.

mod store;

use std::time::Duration;

use time::OffsetDateTime;
use uuid::Uuid;

use super::{DesktopState, Desktops, OwnedDesktop};
use crate::{
    error::FieldProblem,
    paging::{Cursor, Key, Page, PageRequest, search_words},
    say,
};

/// When a desktop was started for the last time: what lists are ordered by, the newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartedAt(pub OffsetDateTime);

/// Microseconds since 1970, as exact as the database is.
impl Key for StartedAt {
    fn text(&self) -> String {
        (self.0.unix_timestamp_nanos() / 1_000).to_string()
    }

    fn read(text: &str) -> Option<Self> {
        let micros: i64 = text.parse().ok()?;
        let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000).ok()?;
        // Postgres has no other years.
        (time.year() > 0).then_some(Self(time))
    }
}

/// Which states are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum States {
    /// Starting, running or stopping.
    #[default]
    Live,
    /// One alone.
    Only(DesktopState),
    /// Whatever it is.
    All,
}

impl States {
    const EACH: [DesktopState; 5] = [
        DesktopState::Starting,
        DesktopState::Running,
        DesktopState::Stopping,
        DesktopState::Stopped,
        DesktopState::Failed,
    ];

    /// The states with this word; an empty one means what is live.
    pub fn read(word: &str) -> Result<Self, FieldProblem> {
        Ok(match word {
            "" | "live" => Self::Live,
            "all" => Self::All,
            "starting" => Self::Only(DesktopState::Starting),
            "running" => Self::Only(DesktopState::Running),
            "stopping" => Self::Only(DesktopState::Stopping),
            "stopped" => Self::Only(DesktopState::Stopped),
            "failed" => Self::Only(DesktopState::Failed),
            _ => return Err(FieldProblem::new("state", say!("containers-state-form"))),
        })
    }

    fn list(self) -> Vec<DesktopState> {
        Self::EACH
            .into_iter()
            .filter(|state| match self {
                Self::Live => state.is_live(),
                Self::Only(only) => *state == only,
                Self::All => true,
            })
            .collect()
    }
}

/// Which desktops are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DesktopFilter {
    /// In the desktop's name, or in its owner's user name, shown name or e-mail address.
    pub search: String,
    /// In these states.
    pub states: States,
}

impl DesktopFilter {
    /// Reads the words of an address.
    pub fn read(search: &str, state: &str) -> Result<Self, FieldProblem> {
        Ok(Self {
            search: search_words(search),
            states: States::read(state)?,
        })
    }
}

/// What is live, in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Running desktops.
    pub running: i64,
    /// Those that are being started.
    pub starting: i64,
    /// People who have one that is live.
    pub people: i64,
}

impl Desktops {
    /// One page of the desktops that `filter` lets through, the one started last at the front.
    pub async fn list(
        &self,
        filter: &DesktopFilter,
        request: &PageRequest<StartedAt>,
    ) -> Result<Page<OwnedDesktop, StartedAt>, sqlx::Error> {
        let mut db = self.inner.db.acquire().await?;
        let rows = match filter {
            DesktopFilter { search, states } if search.is_empty() && *states == States::Live => {
                store::live(&mut db, request).await?
            }
            _ => store::found(&mut db, filter, request).await?,
        };
        Ok(Page::of(rows, request, |owned| Cursor {
            key: StartedAt(owned.desktop.phases.preparing),
            id: owned.desktop.id.0,
        }))
    }

    /// What is live at the moment, counted.
    pub async fn now(&self) -> Result<Now, sqlx::Error> {
        store::now(&mut self.inner.db.acquire().await?).await
    }
}

/// Later than every start, for the first page.
fn end_of_time() -> Cursor<StartedAt> {
    Cursor {
        key: StartedAt(OffsetDateTime::UNIX_EPOCH + Duration::from_hours(24 * 365 * 7_000)),
        id: Uuid::max(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_by_their_words() {
        let table: &[(&str, usize)] = &[
            ("", 3),
            ("live", 3),
            ("all", 5),
            ("running", 1),
            ("failed", 1),
        ];
        for (word, count) in table {
            assert_eq!(States::read(word).unwrap().list().len(), *count, "{word}");
        }
        for word in ["Running", "dead", "live,failed"] {
            assert_eq!(States::read(word).unwrap_err().field, "state", "{word}");
        }
    }

    #[test]
    fn the_place_of_a_start_comes_back_to_the_microsecond() {
        let time = OffsetDateTime::UNIX_EPOCH + Duration::from_micros(1_764_313_756_123_456);
        let key = StartedAt(time);
        assert_eq!(StartedAt::read(&key.text()), Some(key));
        for text in ["", "now", "99999999999999999999", "-99999999999999999"] {
            assert_eq!(StartedAt::read(text), None, "{text}");
        }
        assert!(StartedAt::read(&end_of_time().key.text()).is_some());
    }
}
