//! `/admin/audit` and `GET /api/admin/audit`: what was written down, newest first.

use askama::Template;
use axum::{extract::State, response::Response};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

use super::pages::Section;
use crate::{
    audit::{Audit, Event, Filter, Kind, Newest, ROWS},
    clock::Clock,
    error::{AppError, FieldProblem, Result},
    ids::{DesktopId, UserId},
    language::Sentence,
    paging::{Cursor, PageRequest, PageWords},
    say,
    sessions::guard::AdminUser,
    settings::Setting,
    state::AppState,
    web::{
        extract::{Json, Query},
        page::{Chrome, Page, html},
        routes::Routes,
        words::Moment,
    },
};

/// The page.
pub(super) fn pages() -> Routes<AppState> {
    Routes::new().get("/admin/audit", show)
}

/// Which events, as an address says it.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Of this kind alone, such as `look.began`.
    #[serde(default)]
    kind: String,
    /// By or about the person with this id alone.
    #[serde(default)]
    #[param(value_type = Option<UserId>)]
    person: String,
}

impl Wanted {
    /// Words nobody knows are told; an empty one means all.
    fn filter(&self) -> Result<Filter, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let kind = Kind::read(&self.kind);
        if kind.is_none() && !self.kind.is_empty() {
            problems.push(FieldProblem::new("kind", say!("audit-kind-form")));
        }
        let person = self.person.parse().ok();
        if person.is_none() && !self.person.is_empty() {
            problems.push(FieldProblem::new("person", say!("audit-person-form")));
        }
        if problems.is_empty() {
            Ok(Filter { kind, person })
        } else {
            Err(problems)
        }
    }
}

/// What was asked for, or every wrong parameter.
fn read(words: &PageWords, wanted: &Wanted) -> Result<(PageRequest<Newest>, Filter)> {
    match (PageRequest::read(words, ROWS), wanted.filter()) {
        (Ok(request), Ok(filter)) => Ok((request, filter)),
        (request, filter) => {
            let mut problems = filter.err().unwrap_or_default();
            problems.extend(request.err().unwrap_or_default());
            Err(AppError::Invalid(problems))
        }
    }
}

/// Somebody or something as it was called then.
#[derive(Debug, Serialize, ToSchema)]
struct Named<T> {
    /// It may have gone since.
    id: T,
    /// At that time.
    name: String,
}

impl<T> From<(T, String)> for Named<T> {
    fn from((id, name): (T, String)) -> Self {
        Self { id, name }
    }
}

/// One act.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventBody {
    id: uuid::Uuid,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    /// What: `look.began`, `look.ended`, `look.control_taken`, `look.control_given_back`, `settings.changed`, `desktop.kept`;
    /// more may come.
    kind: String,
    /// Who did it.
    actor: Named<UserId>,
    /// To which desktop.
    desktop: Option<Named<DesktopId>>,
    /// Whom it concerned.
    person: Option<Named<UserId>>,
    /// What else was known.
    #[schema(value_type = Object)]
    details: serde_json::Value,
}

impl From<Event> for EventBody {
    fn from(event: Event) -> Self {
        Self {
            id: event.id,
            at: event.at,
            kind: event.code,
            actor: event.actor.into(),
            desktop: event.desktop.map(Named::from),
            person: event.person.map(Named::from),
            details: event.details,
        }
    }
}

/// One page of them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventList {
    success: bool,
    events: Vec<EventBody>,
    /// For `after`: the list goes on.
    next: Option<String>,
}

/// What was written down, newest first: looks at other people's desktops, control taken of them, changed server settings,
/// and desktops of guests that were kept.
#[utoipa::path(get, path = "/api/admin/audit", tag = "audit", params(PageWords, Wanted),
    responses((status = 200, body = EventList), (status = 422, description = "Every wrong parameter, named")))]
pub(super) async fn list(
    _: AdminUser,
    State(audit): State<Audit>,
    Query(words): Query<PageWords>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<EventList>> {
    let (request, filter) = read(&words, &wanted)?;
    let found = audit.page(&filter, &request).await?;
    Ok(Json(EventList {
        success: true,
        next: found.next.map(|cursor| cursor.text()),
        events: found.rows.into_iter().map(EventBody::from).collect(),
    }))
}

/// A row of the page.
#[derive(Debug)]
struct Row {
    when: Moment,
    actor: String,
    /// The list of this person alone.
    of_actor: String,
    what: Sentence,
    /// How long it took.
    took: Option<Sentence>,
    /// What of it, in the words of its page.
    parts: Vec<Sentence>,
    desktop: String,
    whose: String,
}

impl Row {
    fn new(event: Event, now: OffsetDateTime) -> Self {
        let seconds = event.details["seconds"].as_i64();
        Self {
            when: Moment::new(event.at, now),
            of_actor: address("", &event.actor.0.to_string(), None),
            actor: event.actor.1,
            what: event
                .kind
                .map_or_else(|| Sentence::plain(event.code), words),
            took: seconds.map(|seconds| say!("audit-seconds", seconds = seconds)),
            parts: settings_in(&event.details),
            desktop: event.desktop.map(|(_, name)| name).unwrap_or_default(),
            whose: event.person.map(|(_, name)| name).unwrap_or_default(),
        }
    }
}

/// The settings that were changed.
fn settings_in(details: &serde_json::Value) -> Vec<Sentence> {
    let changed = details["settings"].as_object().into_iter().flatten();
    let label = |key: &String| {
        let setting = Setting::read(key);
        setting.map_or_else(|| Sentence::plain(key.clone()), Setting::label)
    };
    changed.map(|(key, _)| label(key)).collect()
}

fn words(kind: Kind) -> Sentence {
    match kind {
        Kind::LookBegan => say!("audit-look-began"),
        Kind::LookEnded => say!("audit-look-ended"),
        Kind::ControlTaken => say!("audit-control-taken"),
        Kind::ControlGivenBack => say!("audit-control-given-back"),
        Kind::SettingsChanged => say!("audit-settings-changed"),
        Kind::DesktopKept => say!("audit-desktop-kept"),
    }
}

/// A filter as a link.
#[derive(Debug)]
struct Chip {
    address: String,
    words: Sentence,
    chosen: bool,
}

#[derive(Debug, Template)]
#[template(path = "admin/audit.html")]
struct AuditPage {
    chrome: Chrome,
    section: Section,
    chips: Vec<Chip>,
    /// The list without the filter for one person, when there is one.
    everybody: Option<String>,
    rows: Vec<Row>,
    before: Option<String>,
    after: Option<String>,
}

/// Which list, as an address; `place` says where its page begins or ends.
fn address(kind: &str, person: &str, place: Option<(&str, String)>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("kind", kind), ("person", person)] {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    if let Some((name, cursor)) = place {
        query.append_pair(name, &cursor);
    }
    match query.finish() {
        query if query.is_empty() => "/admin/audit".to_owned(),
        query => format!("/admin/audit?{query}"),
    }
}

async fn show(
    AdminUser(admin): AdminUser,
    State(audit): State<Audit>,
    State(clock): State<Clock>,
    Query(place): Query<PageWords>,
    Query(wanted): Query<Wanted>,
    page: Page,
) -> Result<Response> {
    let (request, filter) = read(&place, &wanted)?;
    let found = audit.page(&filter, &request).await?;
    let Wanted { kind, person } = &wanted;
    let all = Chip {
        address: address("", person, None),
        words: say!("audit-all"),
        chosen: filter.kind.is_none(),
    };
    let of_kind = |one: Kind| Chip {
        address: address(one.code(), person, None),
        words: words(one),
        chosen: filter.kind == Some(one),
    };
    let turn = |name, cursor: Option<Cursor<Newest>>| {
        cursor.map(|cursor| address(kind, person, Some((name, cursor.text()))))
    };
    let now = clock.now();
    Ok(html(&AuditPage {
        section: Section::Audit,
        chips: [all].into_iter().chain(Kind::ALL.map(of_kind)).collect(),
        everybody: filter.person.map(|_| address(kind, "", None)),
        before: turn("before", found.previous),
        after: turn("after", found.next),
        rows: found
            .rows
            .into_iter()
            .map(|event| Row::new(event, now))
            .collect(),
        chrome: page.chrome(say!("admin-audit"), Some(admin.user.as_ref().into())),
    }))
}
