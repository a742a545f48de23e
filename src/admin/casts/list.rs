//! `/admin/casts`: the list with what each cast did today, searched, filtered and turned page by page.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use time::OffsetDateTime;

use super::{
    LIST,
    api::{Listing, both},
    body::address,
    log_page::LogRow,
    page_of,
};
use crate::{
    admin::pages::Section,
    casting::{
        CastFields, CastState, Casting,
        list::{CastCounts, ListedCast},
        log::LogFilter,
    },
    config::Config,
    error::Result,
    language::Sentence,
    paging::{Cursor, PageRequest, PageWords, Place},
    say,
    sessions::guard::AdminUser,
    web::{
        extract::Query,
        page::{Chrome, Page, html},
        words::exact,
    },
};

/// Casts on one page.
const ROWS: u16 = 50;

/// Refusals below the list.
const LATEST: u16 = 5;

/// A state as a chip.
#[derive(Debug)]
pub(super) struct StateChip {
    pub(super) look: &'static str,
    pub(super) icon: &'static str,
    pub(super) words: Sentence,
}

impl From<CastState> for StateChip {
    fn from(state: CastState) -> Self {
        let (look, icon) = match state {
            CastState::On => ("running", "check-circle"),
            CastState::Off => ("stopped", "power"),
            CastState::Expired => ("stopped", "clock"),
            CastState::UsedUp => ("idle", "hourglass"),
        };
        Self {
            look,
            icon,
            words: state_words(state),
        }
    }
}

fn state_words(state: CastState) -> Sentence {
    match state {
        CastState::On => say!("cast-state-on"),
        CastState::Off => say!("cast-state-off"),
        CastState::Expired => say!("cast-state-expired"),
        CastState::UsedUp => say!("cast-state-used-up"),
    }
}

/// A line of the list.
#[derive(Debug)]
struct Row {
    id: String,
    page: String,
    name: String,
    path: String,
    link: String,
    state: StateChip,
    opens: String,
    for_whom: (&'static str, Sentence),
    served: i64,
    remaining: Option<i32>,
    refused: i64,
    expires: Option<(String, String)>,
}

impl Row {
    fn new(listed: ListedCast, origin: &str) -> Self {
        let cast = listed.cast;
        Self {
            id: cast.id.to_string(),
            page: page_of(cast.id),
            path: address(&cast, ""),
            link: address(&cast, origin),
            state: cast.state().into(),
            for_whom: for_whom(&cast.fields),
            remaining: cast.fields.remaining(),
            expires: cast.fields.valid_until.map(day),
            name: cast.fields.name,
            opens: listed.type_title,
            served: listed.served_today,
            refused: listed.refused_today,
        }
    }
}

fn for_whom(fields: &CastFields) -> (&'static str, Sentence) {
    match (
        fields.allow_anonymous,
        fields.require_captcha,
        fields.allow_resume,
    ) {
        (true, true, _) => ("users", say!("cast-for-checked")),
        (true, false, _) => ("users", say!("cast-for-anyone")),
        (false, _, true) => ("key", say!("cast-for-resuming")),
        (false, _, false) => ("key", say!("cast-for-signed-in")),
    }
}

/// Exact for the browser, and `2026-12-18 16:00` in UTC for people of every language.
pub(super) fn day(moment: OffsetDateTime) -> (String, String) {
    let exact = exact(moment.to_offset(time::UtcOffset::UTC));
    let words = exact.get(..16).unwrap_or(&exact).replace('T', " ");
    (exact, words)
}

/// A filter as a link.
#[derive(Debug)]
pub(super) struct Chip {
    pub(super) address: String,
    pub(super) words: Sentence,
    pub(super) chosen: bool,
}

#[derive(Debug, Template)]
#[template(path = "admin/casts.html")]
struct CastsPage {
    chrome: Chrome,
    section: Section,
    search: String,
    state: &'static str,
    chips: Vec<Chip>,
    today: Sentence,
    /// Whether there is no cast at all.
    none: bool,
    rows: Vec<Row>,
    latest: Vec<LogRow>,
    filtered: bool,
    before: Option<String>,
    after: Option<String>,
    done: Option<Sentence>,
}

/// What the page before did.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct After {
    #[serde(default)]
    done: String,
}

/// Which list, as an address; `place` says where its page begins or ends.
fn listing(search: &str, state: &str, place: Option<(&str, String)>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("q", search), ("state", state)] {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    if let Some((name, cursor)) = place {
        query.append_pair(name, &cursor);
    }
    match query.finish() {
        query if query.is_empty() => LIST.to_owned(),
        query => format!("{LIST}?{query}"),
    }
}

fn chips(search: &str, chosen: Option<CastState>, counts: &CastCounts) -> Vec<Chip> {
    let all = Chip {
        address: listing(search, "", None),
        words: say!("casts-all", count = counts.all()),
        chosen: chosen.is_none(),
    };
    let one = |state: CastState| Chip {
        address: listing(search, state.key(), None),
        words: say!(
            "cast-state-count",
            state = state_words(state),
            count = counts.of(state)
        ),
        chosen: chosen == Some(state),
    };
    let states = CastState::ALL
        .into_iter()
        .filter(|state| counts.of(*state) > 0);
    std::iter::once(all).chain(states.map(one)).collect()
}

/// `GET /admin/casts`.
pub(super) async fn show(
    AdminUser(admin): AdminUser,
    State(casting): State<Casting>,
    State(config): State<Arc<Config>>,
    Query(words): Query<PageWords>,
    Query(wanted): Query<Listing>,
    Query(after): Query<After>,
    page: Page,
) -> Result<Response> {
    let (request, state) = both(PageRequest::read(&words, ROWS), wanted.state())?;
    let search = wanted.search();
    let found = casting.list(&search, state, &request).await?;
    let counts = casting.counts().await?;
    let filtered = !search.is_empty() || state.is_some();
    let refused = LogFilter {
        cast: None,
        refused: true,
    };
    let latest = match request.place {
        Place::First if !filtered => {
            casting
                .log(refused, &PageRequest::first(LATEST))
                .await?
                .rows
        }
        _ => Vec::new(),
    };
    let origin = config.http.origin();
    let key = state.map(CastState::key).unwrap_or_default();
    let turn = |name, cursor: Option<Cursor<String>>| {
        cursor.map(|cursor| listing(&search, key, Some((name, cursor.text()))))
    };
    Ok(html(&CastsPage {
        section: Section::Casts,
        chips: chips(&search, state, &counts),
        today: say!(
            "casts-today",
            served = counts.served_today,
            refused = counts.refused_today
        ),
        none: counts.all() == 0,
        before: turn("before", found.previous),
        after: turn("after", found.next),
        rows: found
            .rows
            .into_iter()
            .map(|row| Row::new(row, &origin))
            .collect(),
        latest: latest.into_iter().map(LogRow::from).collect(),
        filtered,
        done: (after.done == "deleted").then(|| say!("cast-deleted")),
        state: key,
        search,
        chrome: page.chrome(say!("admin-casts"), Some(admin.user.as_ref().into())),
    }))
}
