//! The casts page by page, for administrators.

use super::{
    Casting,
    cast::{Cast, CastState},
    store,
};
use crate::paging::{Cursor, Page, PageRequest};

/// A cast as a list shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedCast {
    /// The cast.
    pub cast: Cast,
    /// What people read of what it starts.
    pub type_title: String,
    /// Sessions served since midnight (UTC).
    pub served_today: i64,
    /// Requests refused since midnight (UTC).
    pub refused_today: i64,
}

/// How many casts there are, and what all of them did today.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CastCounts {
    by_state: [i64; CastState::ALL.len()],
    /// Sessions served since midnight (UTC).
    pub served_today: i64,
    /// Requests refused since midnight (UTC).
    pub refused_today: i64,
}

impl CastCounts {
    /// How many are in `state`.
    #[must_use]
    pub fn of(&self, state: CastState) -> i64 {
        self.by_state[state as usize]
    }

    /// How many there are.
    #[must_use]
    pub fn all(&self) -> i64 {
        self.by_state.iter().sum()
    }
}

impl Casting {
    /// One page of the casts that have `search` in name, key or type, in the order of their names.
    pub async fn list(
        &self,
        search: &str,
        state: Option<CastState>,
        request: &PageRequest<String>,
    ) -> Result<Page<ListedCast, String>, sqlx::Error> {
        let rows = store::page(&mut self.db().acquire().await?, search, state, request).await?;
        let page = Page::of(rows, request, |(listed, name)| Cursor {
            key: name.clone(),
            id: listed.cast.id.0,
        });
        Ok(page.map(|(listed, _)| listed))
    }

    /// How many casts there are in each state, and what they did today.
    pub async fn counts(&self) -> Result<CastCounts, sqlx::Error> {
        let mut counts = CastCounts::default();
        for (state, casts, served, refused) in
            store::counts(&mut self.db().acquire().await?).await?
        {
            if let Some(state) = CastState::read(&state) {
                counts.by_state[state as usize] = casts;
            }
            counts.served_today += served;
            counts.refused_today += refused;
        }
        Ok(counts)
    }
}
