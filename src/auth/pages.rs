//! The sign-in and sign-out pages.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

use super::{
    Login, User,
    guard::{CurrentUser, MaybeUser, sign_in_by_our_page},
    local::SignInError,
    next::safe_next,
};
use crate::{
    error::AppError,
    language::Sentence,
    say,
    web::{
        extract::{Form, Query},
        page::{Chrome, Page, Person, html},
        urls,
        visitor::ClientIp,
    },
};

/// `/login`.
#[derive(Debug, Template)]
#[template(path = "login.html")]
struct LoginPage {
    chrome: Chrome,
    username: String,
    next: String,
    problem: Option<Sentence>,
}

/// `/logout`.
#[derive(Debug, Template)]
#[template(path = "logout.html")]
struct LogoutPage {
    chrome: Chrome,
}

impl From<&User> for Person {
    fn from(user: &User) -> Self {
        Self {
            name: user.display_name.clone(),
            initials: user.initials(),
            admin: user.is_admin(),
        }
    }
}

/// The sign-in page, leading to `next` afterwards; for every page that somebody must sign in for.
#[must_use]
pub fn sign_in_page(chrome: Chrome, next: &str) -> Response {
    html(&LoginPage {
        chrome,
        username: String::new(),
        next: next.to_owned(),
        problem: None,
    })
}

/// Where to go after signing in.
#[derive(Debug, Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

/// The sign-in form.
#[derive(Debug, Deserialize)]
pub(super) struct Credentials {
    username: String,
    #[serde(deserialize_with = "secret")]
    password: SecretString,
    #[serde(default)]
    next: String,
}

/// A secret is wrapped as soon as it is read.
pub(super) fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<SecretString, D::Error> {
    String::deserialize(from).map(SecretString::from)
}

pub(super) async fn show_login(
    MaybeUser(caller): MaybeUser,
    State(login): State<Login>,
    Query(Next { next }): Query<Next>,
    page: Page,
) -> Response {
    let next = safe_next(&next, login.public_url());
    if caller.is_some() {
        return Redirect::to(next).into_response();
    }
    sign_in_page(page.chrome(say!("sign-in-title"), None), next)
}

pub(super) async fn sign_in(
    State(login): State<Login>,
    client: ClientIp,
    page: Page,
    head: Parts,
    Form(form): Form<Credentials>,
) -> Result<Response, AppError> {
    sign_in_by_our_page(&login, &head.headers)?;
    let next = safe_next(&form.next, login.public_url());
    let checked = login
        .check_password(&form.username, &form.password, client.household())
        .await;
    let refusal = match checked {
        Ok(user) => {
            let session = login.sign_in(&user, &head).await?;
            return Ok(session.onto(Redirect::to(next)));
        }
        Err(refusal) => refusal,
    };
    let (status, wait) = match &refusal {
        SignInError::Wrong => (StatusCode::UNAUTHORIZED, None),
        SignInError::TooMany(wait) => (StatusCode::TOO_MANY_REQUESTS, Some(wait.as_secs())),
        SignInError::Busy => (StatusCode::SERVICE_UNAVAILABLE, Some(5)),
        SignInError::Database(_) | SignInError::Hash(_) => return Err(refusal.into()),
    };
    let mut chrome = page.chrome(say!("sign-in-title"), None);
    // The language switch leads back to where this form was.
    chrome.here = urls::login(next);
    let mut response = html(&LoginPage {
        chrome,
        username: form.username,
        next: next.to_owned(),
        problem: Some(refusal.sentence()),
    });
    *response.status_mut() = status;
    if let Some(seconds) = wait {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(response)
}

pub(super) async fn show_logout(CurrentUser(caller): CurrentUser, page: Page) -> Response {
    let person = Person::from(&*caller.user);
    html(&LogoutPage {
        chrome: page.chrome(say!("sign-out"), Some(person)),
    })
}

/// Whether a browser asks for a page, and not a program for data.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

pub(super) fn with_cookie(answer: impl IntoResponse, cookie: HeaderValue) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}
