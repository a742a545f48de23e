//! `/admin/users`: the list, searched, filtered and turned page by page.

use askama::Template;
use axum::{extract::State, response::Response};
use time::OffsetDateTime;

use super::{address, api::Listing, pages::After, word_of};
use crate::{
    admin::{form::role_words, pages::Section},
    clock::Clock,
    error::{AppError, Result},
    language::Sentence,
    paging::{Cursor, PageRequest, PageWords, Place},
    people::{Account, People, ROWS},
    say,
    sessions::guard::AdminUser,
    web::{
        extract::Query,
        page::{Chrome, Page, html},
        words::Moment,
    },
};

/// A row of the list.
#[derive(Debug)]
struct Row {
    address: String,
    name: String,
    /// User name and e-mail address, as far as they are not the name above.
    below: String,
    role: Sentence,
    groups: String,
    provider: Option<String>,
    last_sign_in: Option<(String, Sentence)>,
    disabled: bool,
}

impl Row {
    fn new(account: Account, now: OffsetDateTime) -> Self {
        let names: Vec<_> = account
            .groups
            .iter()
            .map(|group| group.name.as_str())
            .collect();
        let user = &account.user;
        let mut below = vec![user.username.as_str()];
        below.extend(user.email.as_deref());
        below.dedup();
        // Nothing is read twice.
        below.retain(|words| *words != user.display_name);
        let below = below.join(", ");
        Self {
            address: address(account.user.id),
            below,
            role: role_words(account.user.role),
            groups: names.join(", "),
            last_sign_in: account.last_sign_in_at.map(|at| {
                let moment = Moment::new(at, now);
                (moment.exact, moment.words)
            }),
            disabled: account.user.disabled_at.is_some(),
            name: account.user.display_name,
            provider: account.provider,
        }
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
#[template(path = "admin/users.html")]
struct UsersPage {
    chrome: Chrome,
    section: Section,
    search: String,
    role: String,
    state: String,
    role_chips: Vec<Chip>,
    state_chips: Vec<Chip>,
    rows: Vec<Row>,
    /// Only on the first page.
    total: Option<Sentence>,
    filtered: bool,
    before: Option<String>,
    after: Option<String>,
    done: Option<Sentence>,
}

/// Which list, as an address; `place` says where its page begins or ends.
fn listing(search: &str, role: &str, state: &str, place: Option<(&str, String)>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("q", search), ("role", role), ("state", state)] {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    if let Some((name, cursor)) = place {
        query.append_pair(name, &cursor);
    }
    match query.finish() {
        query if query.is_empty() => "/admin/users".to_owned(),
        query => format!("/admin/users?{query}"),
    }
}

fn chips(search: &str, role: &str, state: &str) -> [Vec<Chip>; 2] {
    let of_role = |value: &str, words| Chip {
        address: listing(search, value, state, None),
        words,
        chosen: role == value,
    };
    let of_state = |value: &str, words| Chip {
        address: listing(search, role, value, None),
        words,
        chosen: state == value,
    };
    [
        vec![
            of_role("", say!("users-all-roles")),
            of_role("admin", say!("role-admin")),
            of_role("teacher", say!("role-teacher")),
            of_role("user", say!("role-user")),
        ],
        vec![
            of_state("", say!("users-all-states")),
            of_state("enabled", say!("users-enabled")),
            of_state("disabled", say!("users-disabled")),
        ],
    ]
}

/// `GET /admin/users`.
pub(super) async fn show(
    AdminUser(admin): AdminUser,
    State(people): State<People>,
    State(clock): State<Clock>,
    Query(words): Query<PageWords>,
    Query(wanted): Query<Listing>,
    Query(after): Query<After>,
    page: Page,
) -> Result<Response> {
    let filter = wanted.lenient();
    let role = filter.role.map(word_of).unwrap_or_default();
    let state = match filter.disabled {
        Some(true) => "disabled",
        Some(false) => "enabled",
        None => "",
    };
    let request = PageRequest::read(&words, ROWS).map_err(AppError::Invalid)?;
    let found = people.accounts(&filter, &request).await?;
    let total = match (&request.place, &found.next) {
        // The whole list is on this page.
        (Place::First, None) => Some(say!("users-total", count = found.rows.len())),
        // Counting them costs more than showing these, the more of them the more, and tells nobody what to do.
        (Place::First, Some(_)) => Some(say!("users-more-than", count = ROWS)),
        _ => None,
    };
    let now = clock.now();
    let search = filter.search.as_str();
    let [role_chips, state_chips] = chips(search, role, state);
    let turn = |name, cursor: Option<Cursor<String>>| {
        cursor.map(|cursor| listing(search, role, state, Some((name, cursor.text()))))
    };
    Ok(html(&UsersPage {
        section: Section::Users,
        role_chips,
        state_chips,
        before: turn("before", found.previous),
        after: turn("after", found.next),
        rows: found
            .rows
            .into_iter()
            .map(|account| Row::new(account, now))
            .collect(),
        total,
        filtered: !(search.is_empty() && role.is_empty() && state.is_empty()),
        done: (after.done == "removed").then(|| say!("user-removed")),
        search: search.to_owned(),
        role: role.to_owned(),
        state: state.to_owned(),
        chrome: page.chrome(say!("admin-users"), Some(admin.user.as_ref().into())),
    }))
}
