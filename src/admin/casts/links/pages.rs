//! `/admin/casts/{id}/links`: the one-time links of a cast, made of a pasted list of names.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{FromRequestParts, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{Given, sheet};
use crate::{
    admin::{
        casts::{known, list::day, page_of},
        form::{Sent, see},
        pages::Section,
    },
    casting::{
        Cast, CastError, Casting,
        links::{self, CastLink, LinkState, MOST_AT_ONCE},
    },
    config::Config,
    error::{AppError, Result},
    ids::{CastId, CastLinkId},
    language::Sentence,
    paging::{Cursor, PageRequest, PageWords},
    people::User,
    say,
    sessions::guard::AdminUser,
    state::AppState,
    web::{
        extract::{Form, Path, Query},
        page::{Chrome, Page, html},
    },
};

/// Links on one page.
const ROWS: u16 = 100;

/// A line of the list.
#[derive(Debug)]
struct Row {
    name: String,
    /// Look, icon and words of its state.
    state: (&'static str, &'static str, Sentence),
    used_by: String,
    used_at: Option<(String, String)>,
    /// Where the form that withdraws it goes, and what its button does.
    withdraw: Option<(String, Sentence)>,
}

impl Row {
    fn new(cast: CastId, link: CastLink) -> Self {
        let withdraw = format!("{}/links/{}/withdraw", page_of(cast), link.id);
        let named = say!("cast-link-withdraw-name", name = &link.name);
        Self {
            state: match link.state {
                LinkState::Open => ("running", "link", say!("cast-link-open")),
                LinkState::Used => ("idle", "check-circle", say!("cast-link-used-by")),
                LinkState::Withdrawn => ("stopped", "cross-circle", say!("cast-link-withdrawn")),
            },
            withdraw: (link.state == LinkState::Open).then_some((withdraw, named)),
            name: link.name,
            used_by: link.user_name.unwrap_or_default(),
            used_at: link.used_at.map(day),
        }
    }
}

#[derive(Debug, Template)]
#[template(path = "admin/cast_links.html")]
struct LinksPage {
    chrome: Chrome,
    section: Section,
    /// The cast, by name and page.
    cast: (String, String),
    /// What was just done.
    done: Option<Sentence>,
    /// What was just made; nobody sees it twice.
    given: Vec<Given>,
    /// What was typed, and what is wrong with it.
    typed: String,
    problem: Option<Sentence>,
    rows: Vec<Row>,
    before: Option<String>,
    after: Option<String>,
}

/// The handles these pages ask.
#[derive(Debug, FromRequestParts)]
#[from_request(state(AppState))]
pub(crate) struct Desk {
    #[from_request(via(State))]
    casting: Casting,
    #[from_request(via(State))]
    config: Arc<Config>,
    page: Page,
}

/// What was just done, by a word in the address.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct After {
    #[serde(default)]
    done: String,
}

/// What a form leaves on the page.
#[derive(Debug, Default)]
struct Left {
    done: Option<Sentence>,
    given: Vec<Given>,
    typed: String,
    problem: Option<Sentence>,
}

impl Desk {
    async fn render(
        self,
        admin: &User,
        cast: &Cast,
        request: &PageRequest<String>,
        left: Left,
    ) -> Result<LinksPage> {
        let found = self.casting.links(cast.id, request).await?;
        let here = links_of(cast.id);
        let turn = |name, cursor: Option<Cursor<String>>| {
            cursor.map(|cursor| format!("{here}?{name}={}", cursor.text()))
        };
        let mut chrome = self.page.chrome(say!("cast-links"), Some(admin.into()));
        // The answer of a form has what nobody is to come back to.
        chrome.here.clone_from(&here);
        Ok(LinksPage {
            chrome,
            section: Section::Casts,
            cast: (cast.fields.name.clone(), page_of(cast.id)),
            done: left.done,
            given: left.given,
            typed: left.typed,
            problem: left.problem,
            before: turn("before", found.previous),
            after: turn("after", found.next),
            rows: found
                .rows
                .into_iter()
                .map(|link| Row::new(cast.id, link))
                .collect(),
        })
    }
}

fn links_of(cast: CastId) -> String {
    format!("{}/links", page_of(cast))
}

/// `GET /admin/casts/{id}/links`.
pub(crate) async fn show(
    AdminUser(admin): AdminUser,
    desk: Desk,
    Path(id): Path<CastId>,
    Query(words): Query<PageWords>,
    Query(after): Query<After>,
) -> Result<Response> {
    let request = PageRequest::read(&words, ROWS).map_err(AppError::Invalid)?;
    let cast = known(&desk.casting, id).await?;
    let left = Left {
        done: (after.done == "withdrawn").then(|| say!("cast-link-done-withdrawn")),
        ..Left::default()
    };
    Ok(html(
        &desk.render(&admin.user, &cast, &request, left).await?,
    ))
}

/// Makes links. The answer shows their addresses, or is a table of them: they stand nowhere else.
pub(crate) async fn make(
    AdminUser(admin): AdminUser,
    desk: Desk,
    Path(id): Path<CastId>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let sent = Sent::from(pairs);
    let cast = known(&desk.casting, id).await?;
    let first = PageRequest::first(ROWS);
    let refused = |status: StatusCode, sentence: Sentence| {
        let left = Left {
            typed: sent.text("names").to_owned(),
            problem: Some(sentence),
            ..Left::default()
        };
        (status, left)
    };
    let made = match links::names(sent.text("names")) {
        Ok(names) => match desk.casting.make_links(id, names, admin.user.id).await {
            Ok(made) => Ok(made),
            Err(error @ CastError::TooManyLinks) => {
                Err(refused(StatusCode::CONFLICT, error.sentence()))
            }
            Err(error) => return Err(error.into()),
        },
        Err(problem) => Err(refused(StatusCode::UNPROCESSABLE_ENTITY, problem.problem)),
    };
    match made {
        Ok(made) => {
            tracing::info!(user.id = %admin.user.id, cast.id = %id, links = made.len(), "one-time links were made");
            let origin = desk.config.http.origin();
            let given: Vec<_> = made
                .iter()
                .map(|link| Given::of(&cast, link, &origin))
                .collect();
            if sent.text("do") == "csv" {
                return sheet::of_made(&cast, &given);
            }
            let left = Left {
                done: Some(say!("cast-links-made", count = given.len())),
                given,
                ..Left::default()
            };
            Ok(html(&desk.render(&admin.user, &cast, &first, left).await?))
        }
        Err((status, left)) => {
            let page = html(&desk.render(&admin.user, &cast, &first, left).await?);
            Ok((status, page).into_response())
        }
    }
}

/// `POST /admin/casts/{id}/links/{link}/withdraw`.
pub(crate) async fn withdraw(
    AdminUser(admin): AdminUser,
    State(casting): State<Casting>,
    Path((id, link)): Path<(CastId, CastLinkId)>,
) -> Result<Response> {
    casting.withdraw_link(id, link).await?;
    tracing::info!(user.id = %admin.user.id, cast.id = %id, link.id = %link, "a one-time link was withdrawn");
    Ok(see(&format!("{}?done=withdrawn", links_of(id))))
}

/// `GET /admin/casts/{id}/links.csv`.
pub(crate) async fn csv(
    _: AdminUser,
    State(casting): State<Casting>,
    Path(id): Path<CastId>,
) -> Result<Response> {
    let cast = known(&casting, id).await?;
    sheet::of_all(&cast, &casting.all_links(cast.id).await?)
}

impl LinksPage {
    /// How many names the form takes.
    fn help() -> Sentence {
        say!("cast-links-names-help", most = MOST_AT_ONCE)
    }
}
