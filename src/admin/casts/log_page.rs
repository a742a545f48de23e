//! The log of one cast, or of all of them, as a page.

use askama::Template;
use axum::{extract::State, response::Response};

use super::{
    LIST,
    api::{LogListing, both},
    known,
    list::{Chip, day},
    page_of,
};
use crate::{
    admin::pages::Section,
    casting::{
        Casting, Refusal,
        log::{LogFilter, LogLine, Newest},
    },
    error::Result,
    ids::CastId,
    language::Sentence,
    paging::{Cursor, PageRequest, PageWords},
    say,
    sessions::guard::AdminUser,
    web::{
        extract::{Path, Query},
        page::{Chrome, Page, html},
    },
};

/// Lines on one page.
const ROWS: u16 = 100;

/// A line of the log.
#[derive(Debug)]
pub(super) struct LogRow {
    pub(super) exact: String,
    pub(super) at: String,
    /// Where the cast is; one that is gone has no page.
    pub(super) cast: Option<String>,
    pub(super) key: String,
    pub(super) refusal: Option<(Sentence, &'static str)>,
    pub(super) address: String,
    pub(super) referrer: String,
    pub(super) person: String,
    /// The name on the one-time link they came by; empty without one.
    pub(super) link: String,
    pub(super) reference: String,
}

impl From<LogLine> for LogRow {
    fn from(line: LogLine) -> Self {
        let (exact, at) = day(line.at);
        let told = |refusal: Refusal| (refusal.reason(), refusal.code());
        Self {
            exact,
            at,
            cast: line.cast.map(page_of),
            key: line.key,
            refusal: line.refusal.map(told),
            address: line.address,
            referrer: line.referrer.unwrap_or_default(),
            person: line.user_name.unwrap_or_default(),
            link: line.link_name.unwrap_or_default(),
            reference: line.reference.unwrap_or_default(),
        }
    }
}

#[derive(Debug, Template)]
#[template(path = "admin/cast_log.html")]
struct LogPage {
    chrome: Chrome,
    section: Section,
    /// The cast it is about, by name and page.
    of: Option<(String, String)>,
    chips: Vec<Chip>,
    rows: Vec<LogRow>,
    shortened: Sentence,
    before: Option<String>,
    after: Option<String>,
}

/// `GET /admin/casts/{id}/log`.
pub(super) async fn of_cast(
    AdminUser(admin): AdminUser,
    State(casting): State<Casting>,
    Path(id): Path<CastId>,
    Query(words): Query<PageWords>,
    Query(listing): Query<LogListing>,
    page: Page,
) -> Result<Response> {
    let cast = known(&casting, id).await?;
    let of = (cast.fields.name, page_of(id));
    let chrome = page.chrome(say!("cast-log"), Some(admin.user.as_ref().into()));
    show(&casting, chrome, Some((id, of)), &words, &listing).await
}

/// `GET /admin/casts/log`.
pub(super) async fn of_all(
    AdminUser(admin): AdminUser,
    State(casting): State<Casting>,
    Query(words): Query<PageWords>,
    Query(listing): Query<LogListing>,
    page: Page,
) -> Result<Response> {
    let chrome = page.chrome(say!("cast-log-whole"), Some(admin.user.as_ref().into()));
    show(&casting, chrome, None, &words, &listing).await
}

async fn show(
    casting: &Casting,
    chrome: Chrome,
    of: Option<(CastId, (String, String))>,
    words: &PageWords,
    listing: &LogListing,
) -> Result<Response> {
    let (request, refused) = both(PageRequest::read(words, ROWS), listing.refused())?;
    let cast = of.as_ref().map(|(id, _)| *id);
    let found = casting.log(LogFilter { cast, refused }, &request).await?;
    let here = cast.map_or_else(
        || format!("{LIST}/log"),
        |id| format!("{}/log", page_of(id)),
    );
    let turn = |name, cursor: Option<Cursor<Newest>>| {
        let outcome = if refused { "outcome=refused&" } else { "" };
        cursor.map(|cursor| format!("{here}?{outcome}{name}={}", cursor.text()))
    };
    Ok(html(&LogPage {
        section: Section::Casts,
        chips: vec![
            Chip {
                address: here.clone(),
                words: say!("cast-log-all"),
                chosen: !refused,
            },
            Chip {
                address: format!("{here}?outcome=refused"),
                words: say!("cast-log-refused"),
                chosen: refused,
            },
        ],
        before: turn("before", found.previous),
        after: turn("after", found.next),
        rows: found.rows.into_iter().map(LogRow::from).collect(),
        shortened: say!("cast-log-shortened", days = casting.address_days()),
        of: of.map(|(_, of)| of),
        chrome,
    }))
}
