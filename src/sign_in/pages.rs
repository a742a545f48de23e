//! The sign-in and sign-out pages.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use secrecy::SecretString;
use serde::Deserialize;

use super::{SignIn, SignInError, methods::SignInMethods, next::safe_next};
use crate::{
    error::AppError,
    language::Sentence,
    say,
    sessions::guard::{MaybeUser, UserOrGuest, sign_in_by_our_page},
    web::{
        cookies::with_cookies,
        extract::{Form, Query, secret},
        page::{Chrome, Page, Person, html},
        security::page_csp_with_pictures,
        urls,
        visitor::ClientIp,
    },
};

/// `/login`.
#[derive(Debug, Template)]
#[template(path = "login.html")]
struct LoginPage {
    chrome: Chrome,
    methods: SignInMethods,
    username: String,
    next: String,
    problem: Option<Sentence>,
    /// Somebody has just signed out.
    signed_out: bool,
    /// A cookie that was planted has just been taken away (`static/planted.js`).
    planted: bool,
    keeping: Keeping,
}

/// What signing in has to do with a desktop that somebody has as a guest.
#[derive(Debug, Default)]
enum Keeping {
    #[default]
    Nothing,
    /// They want to keep the one with this address.
    This(String),
    /// They are a guest now, and may keep it afterwards.
    Afterwards,
}

impl Keeping {
    fn of(next: &str, is_guest: bool) -> Self {
        match (urls::kept(next), is_guest) {
            (Some(name), _) => Self::This(urls::desktop(name)),
            (None, true) => Self::Afterwards,
            (None, false) => Self::Nothing,
        }
    }
}

/// `/logout`.
#[derive(Debug, Template)]
#[template(path = "logout.html")]
struct LogoutPage {
    chrome: Chrome,
}

/// The sign-in page, leading to `next` afterwards; for every page that somebody must sign in for. A guest reads that
/// what they have open may be kept.
pub async fn sign_in_page(
    sign_in: &SignIn,
    page: Page,
    head: &Parts,
    next: &str,
) -> Result<Response, AppError> {
    let keeping = Keeping::of(next, sign_in.is_guest(head).await);
    let methods = SignInMethods::of(sign_in, next, sign_in.local_accounts()).await?;
    Ok(show(&LoginPage {
        chrome: page.chrome(say!("sign-in-title"), None),
        methods,
        username: String::new(),
        next: next.to_owned(),
        problem: None,
        signed_out: false,
        planted: false,
        keeping,
    }))
}

/// The page may show the logos of its providers, and nothing else from elsewhere.
fn show(page: &LoginPage) -> Response {
    let policy = page_csp_with_pictures(&page.chrome.nonce, &page.methods.logo_origins());
    let mut response = html(page);
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// Where to go after signing in, and how.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    next: String,
    /// With a password, whatever else is set up.
    #[serde(default)]
    local: String,
    /// Just after signing out: going straight to a provider would sign in again.
    #[serde(default)]
    signed_out: String,
    /// A planted cookie was taken away: whoever sits there is to read that, wherever they would go.
    #[serde(default)]
    planted: String,
}

/// `?local=1`
const YES: &str = "1";

/// The sign-in form.
#[derive(Debug, Deserialize)]
pub(super) struct Credentials {
    username: String,
    #[serde(deserialize_with = "secret")]
    password: SecretString,
    #[serde(default)]
    next: String,
}

pub(super) async fn show_login(
    MaybeUser(caller): MaybeUser,
    State(sign_in): State<SignIn>,
    Query(asked): Query<Asked>,
    page: Page,
    head: Parts,
) -> Result<Response, AppError> {
    let next = safe_next(&asked.next, sign_in.public_url());
    if caller.is_some() {
        return Ok(Redirect::to(next).into_response());
    }
    let local = asked.local == YES;
    let signed_out = asked.signed_out == YES;
    let planted = asked.planted == YES;
    let methods = SignInMethods::of(&sign_in, next, local || sign_in.local_accounts()).await?;
    if let Some(straight) = methods
        .straight()
        .filter(|_| !local && !signed_out && !planted)
    {
        return Ok(Redirect::to(straight).into_response());
    }
    let mut chrome = page.chrome(say!("sign-in-title"), None);
    // Not to what the address said: only to what of it is a page of ours.
    chrome.here = urls::login(next);
    Ok(show(&LoginPage {
        chrome,
        methods,
        username: String::new(),
        next: next.to_owned(),
        problem: None,
        signed_out,
        planted,
        keeping: Keeping::of(next, sign_in.is_guest(&head).await),
    }))
}

pub(super) async fn sign_in(
    State(sign_in): State<SignIn>,
    client: ClientIp,
    page: Page,
    head: Parts,
    Form(form): Form<Credentials>,
) -> Result<Response, AppError> {
    sign_in_by_our_page(sign_in.sessions(), &head.headers)?;
    let next = safe_next(&form.next, sign_in.public_url());
    let visitor = sign_in.visitor(client, &head.headers);
    let checked = sign_in
        .check_password(&form.username, &form.password, &visitor)
        .await;
    let refusal = match checked {
        Ok(user) => {
            let session = sign_in.sessions().begin(&user, None, &head).await?;
            let device = sign_in.know(user.id, &visitor).await;
            return Ok(with_cookies(session.onto(Redirect::to(next)), device));
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
    let methods = SignInMethods::of(&sign_in, next, true).await?;
    let mut response = show(&LoginPage {
        chrome,
        methods,
        username: form.username,
        next: next.to_owned(),
        problem: Some(refusal.sentence()),
        signed_out: false,
        planted: false,
        keeping: Keeping::of(next, sign_in.is_guest(&head).await),
    });
    *response.status_mut() = status;
    if let Some(seconds) = wait {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(response)
}

pub(super) async fn show_logout(UserOrGuest(caller): UserOrGuest, page: Page) -> Response {
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
