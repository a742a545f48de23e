//! `/cast/{key}`: the page of a link, and what it leads to (contract casting 2).

use axum::{
    extract::{FromRequestParts, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use url::Url;

use super::{
    asked_link::Link,
    captcha::Check,
    cast::Cast,
    launch::{Asked, Came, ComingBack, Launcher, Sent, Served, Stop, ticket::Ticket},
    links::OneTime,
    refusal::{Refusal, Refused},
    view::{LaunchPage, RefusedPage, ResumedPage, may_load},
};
use crate::{
    catalog::DesktopType,
    clock::Clock,
    dashboard::card::icon,
    error::Result,
    ids::DesktopId,
    people::User,
    say,
    sessions::{Accepts, NoCaller, Sessions},
    sign_in::{SignIn, sign_in_page},
    state::AppState,
    web::{
        extract::{Form, Path},
        log::Reference,
        page::{Page, Person, html},
        routes::Routes,
        security::page_csp_with,
        urls,
        visitor::ClientIp,
    },
};

/// `/cast/{key}`.
#[must_use]
pub fn pages() -> Routes<AppState> {
    Routes::new()
        .get("/cast/{key}", show)
        .post("/cast/{key}", send)
}

/// When there may be room again, in seconds; nobody knows better.
const RETRY: u64 = 30;

/// What every answer here needs.
#[derive(Debug, FromRequestParts)]
#[from_request(state(AppState))]
struct Visit {
    #[from_request(via(State))]
    launcher: Launcher,
    #[from_request(via(State))]
    sessions: Sessions,
    #[from_request(via(State))]
    sign_in: SignIn,
    #[from_request(via(State))]
    clock: Clock,
    client: ClientIp,
    page: Page,
}

impl Visit {
    /// Whoever sent the request, perhaps a guest of an earlier link.
    async fn caller(&self, head: &Parts) -> Result<Option<std::sync::Arc<User>>> {
        match self.sessions.caller(head, Accepts::CookieOnly).await {
            Ok(caller) => Ok(Some(caller.user)),
            Err(NoCaller::Unauthenticated(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn open(&self, text: &str, cast: Option<&Cast>) -> Result<Option<Ticket>> {
        let Some(cast) = cast.filter(|_| !text.is_empty()) else {
            return Ok(None);
        };
        let key = self.launcher.key().await?;
        Ok(Ticket::open(text, key, cast.id, self.clock.now()))
    }

    fn asked<'a>(
        &self,
        key: &'a str,
        referrer: Option<&'a str>,
        link: Came<'a>,
        reference: &'a str,
    ) -> Asked<'a> {
        Asked {
            key,
            client: self.client,
            referrer,
            link,
            reference,
        }
    }

    /// The one-time link that the address names, if it names one.
    async fn one_time(&self, link: &Link, cast: Option<&Cast>) -> Result<Option<OneTime>> {
        match &link.once {
            Some(secret) => Ok(self.launcher.one_time(secret, cast).await?),
            None => Ok(None),
        }
    }

    fn stopped(self, stop: Stop, link: &Link, reference: String) -> Result<Response> {
        match stop {
            Stop::Refused(cast, why) => {
                Ok(refused(self.page, cast.as_deref(), &why, link, reference))
            }
            Stop::NewPage => Ok(Redirect::to(&link.address).into_response()),
            Stop::SignIn => Ok(Redirect::to(&urls::login(&link.address)).into_response()),
            Stop::Database(error) => Err(error.into()),
        }
    }
}

fn asked_link(head: &Parts) -> Link {
    Link::of(head.uri.path(), head.uri.query().unwrap_or_default())
}

/// Shows the page. Whoever only looks at it, as programs do that look at links before people do, uses nothing up.
async fn show(visit: Visit, Path(key): Path<String>, head: Parts) -> Result<Response> {
    let (link, reference) = (asked_link(&head), reference(&head));
    let cast = visit.launcher.cast(&key).await?;
    let came = visit.open(&link.came, cast.as_ref()).await?;
    let from = came_from(&head.headers, came, visit.sign_in.public_url());
    let once = visit.one_time(&link, cast.as_ref()).await?;
    let by = link.came_by(once.as_ref());
    let asked = visit.asked(&key, from.as_deref(), by, &reference);
    let (cast, kind) = match visit.launcher.look(asked, cast).await {
        Ok(found) => found,
        Err(stop) => return visit.stopped(stop, &link, reference),
    };
    let shown = Ticket::new(cast.id, from.as_deref());
    let ticket = shown.seal(visit.launcher.key().await?);
    let caller = visit.caller(&head).await?;
    let person = caller.filter(|user| !user.is_guest());
    if person.is_none() && !cast.fields.allow_anonymous {
        return Ok(Redirect::to(&urls::login(&link.with(&ticket))).into_response());
    }
    let check = if person.is_none() && cast.fields.require_captcha {
        match visit.launcher.check(asked, &cast, &shown).await {
            Ok(check) => Some(check),
            Err(stop) => return visit.stopped(stop, &link, reference),
        }
    } else {
        None
    };
    let carried = Carried { ticket, check };
    let person = person.as_deref();
    Ok(launch_page(visit.page, &cast, &kind, link, carried, person))
}

/// What a page carries, besides what its link does.
struct Carried {
    ticket: String,
    check: Option<Check>,
}

fn launch_page(
    page: Page,
    cast: &Cast,
    kind: &DesktopType,
    link: Link,
    carried: Carried,
    person: Option<&User>,
) -> Response {
    let mut chrome = page.chrome(
        say!("cast-open-title", title = &kind.title),
        person.map(Person::from),
    );
    chrome.here.clone_from(&link.address);
    let nonce = chrome.nonce.clone();
    let Carried { ticket, check } = carried;
    let mut may_load = check.as_ref().map(may_load).unwrap_or_default();
    let mut response = html(&LaunchPage {
        chrome,
        icon: icon(&kind.icon),
        action: link.address,
        ticket,
        check,
        person: person.map(|person| person.display_name.clone()),
    });
    let headers = response.headers_mut();
    // Whoever comes back to it by the browser's history finds the same page, which leads to the same desktop.
    let kept = HeaderValue::from_static("private, no-cache");
    headers.insert(header::CACHE_CONTROL, kept);
    if let Some(error_url) = cast
        .fields
        .error_url
        .as_deref()
        .and_then(|url| Url::parse(url).ok())
    {
        may_load
            .forms
            .push(error_url.origin().ascii_serialization());
    }
    let policy = page_csp_with(&nonce, &may_load);
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// What the page carries; other fields do no harm.
#[derive(Debug, Default, Deserialize)]
struct Sending {
    #[serde(default)]
    ticket: String,
    /// What a check was passed with, of either kind.
    #[serde(default)]
    captcha: String,
    /// Said: on with the desktop that is there.
    go_on: Option<String>,
    /// Said: a fresh one instead of this.
    leave: Option<DesktopId>,
}

impl Sending {
    fn coming_back(&self) -> ComingBack {
        match self.leave {
            Some(desktop) => ComingBack::Leaves(desktop),
            None if self.go_on.is_some() => ComingBack::GoesOn,
            None => ComingBack::Asks,
        }
    }
}

/// Serves the page that was shown.
async fn send(
    visit: Visit,
    Path(key): Path<String>,
    head: Parts,
    Form(sending): Form<Sending>,
) -> Result<Response> {
    let (link, reference) = (asked_link(&head), reference(&head));
    let cast = visit.launcher.cast(&key).await?;
    let ticket = visit.open(&sending.ticket, cast.as_ref()).await?;
    let ticket = match (ticket, &cast) {
        (Some(ticket), _) => ticket,
        // None of our pages, or one of yesterday: a new one is shown, which checks everything anew.
        (None, Some(cast)) if cast.fields.enabled => {
            return Ok(Redirect::to(&link.address).into_response());
        }
        // What is refused anyway is refused at once.
        (None, cast) => Ticket::new(cast.as_ref().map(|cast| cast.id).unwrap_or_default(), None),
    };
    let caller = visit.caller(&head).await?;
    let sent = Sent {
        ticket: &ticket,
        parameters: &link.parameters,
        solution: &sending.captcha,
        caller: caller.as_deref(),
        coming_back: sending.coming_back(),
    };
    let once = visit.one_time(&link, cast.as_ref()).await?;
    let by = link.came_by(once.as_ref());
    let asked = visit.asked(&key, ticket.referrer.as_deref(), by, &reference);
    let served = match visit.launcher.serve(asked, sent, cast).await {
        Ok(served) => served,
        Err(Stop::SignIn) => {
            // Not a redirect: it might lead on to a provider, where no form of ours may lead.
            let next = link.with(&sending.ticket);
            return sign_in_page(&visit.sign_in, visit.page, &head, &next).await;
        }
        Err(stop) => return visit.stopped(stop, &link, reference),
    };
    if !served.differs.is_empty() {
        return Ok(resumed_page(
            visit.page,
            served,
            caller.as_deref(),
            link,
            sending.ticket,
        ));
    }
    let there = Redirect::to(&urls::desktop(&served.desktop.name));
    let Some(guest) = served.guest else {
        return Ok(there.into_response());
    };
    let session = visit.sessions.begin(&guest, None, &head).await?;
    Ok(session.onto(there))
}

/// Asks about a desktop that is open already.
fn resumed_page(
    page: Page,
    served: Served,
    person: Option<&User>,
    link: Link,
    ticket: String,
) -> Response {
    let mut chrome = page.chrome(say!("cast-resumed-title"), person.map(Person::from));
    chrome.here.clone_from(&link.address);
    let differs = served.differs.into_iter();
    html(&ResumedPage {
        chrome,
        icon: icon(""),
        action: link.address,
        ticket,
        desktop: served.desktop.id,
        differs: differs.map(|(switch, on)| (switch.label(), on)).collect(),
    })
}

fn reference(head: &Parts) -> String {
    let reference = head.extensions.get::<Reference>();
    reference.map(Reference::to_string).unwrap_or_default()
}

/// The origin somebody came from: what the browser says, or what it said before they signed in here.
fn came_from(headers: &HeaderMap, came: Option<Ticket>, ours: &Url) -> Option<String> {
    let said = headers
        .get(header::REFERER)
        .and_then(|value| Url::parse(value.to_str().ok()?).ok())
        .map(|url| url.origin());
    match (said, came) {
        (Some(origin), None) => Some(origin),
        (Some(origin), Some(_)) if origin != ours.origin() => Some(origin),
        (_, Some(ticket)) => return ticket.referrer,
        (None, None) => None,
    }
    .map(|origin| origin.ascii_serialization())
}

/// Our page, or that of the cast's owner. A cast that is off looks like none, so it leads nowhere else.
fn refused(
    page: Page,
    cast: Option<&Cast>,
    why: &Refused,
    link: &Link,
    reference: String,
) -> Response {
    let shown = why.reason.shown();
    let error_url = cast
        .filter(|_| why.reason != Refusal::Disabled)
        .and_then(|cast| cast.fields.error_url.as_deref());
    let elsewhere = error_url.and_then(|url| with_reason(url, shown));
    let mut response = if let Some(there) = elsewhere {
        Redirect::to(&there).into_response()
    } else {
        let retry = why.retry_after.map(|after| after.as_secs());
        let later = retry.or((shown.status() == 503).then_some(RETRY));
        let helps = later.is_some() || shown == Refusal::CaptchaFailed;
        let mut chrome = page.chrome(shown.reason(), None);
        chrome.here.clone_from(&link.address);
        let mut response = html(&RefusedPage {
            chrome,
            sentence: shown.sentence(),
            detail: why.detail.clone(),
            code: shown.code(),
            reference,
            again: helps.then(|| link.address.clone()),
            later,
        });
        *response.status_mut() =
            StatusCode::from_u16(shown.status()).unwrap_or(StatusCode::NOT_FOUND);
        response
    };
    if let Some(after) = why.retry_after {
        let seconds = HeaderValue::from(after.as_secs());
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

fn with_reason(error_url: &str, shown: Refusal) -> Option<String> {
    let mut url = Url::parse(error_url).ok()?;
    url.query_pairs_mut().append_pair("reason", shown.code());
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_page_hears_the_reason_beside_what_it_has() {
        let table = [
            ("https://a.example", "https://a.example/?reason=expired"),
            (
                "https://a.example/x?y=1#z",
                "https://a.example/x?y=1&reason=expired#z",
            ),
        ];
        for (url, there) in table {
            assert_eq!(with_reason(url, Refusal::Expired).as_deref(), Some(there));
        }
    }

    #[test]
    fn the_referrer_is_what_the_browser_says_or_said_before_the_sign_in() {
        let ours: Url = "https://desk.example".parse().unwrap();
        let ticket = |referrer: &str| Some(Ticket::new(crate::ids::CastId::new(), Some(referrer)));
        let table = [
            (None, None, None),
            (
                Some("https://school.example/page?x"),
                None,
                Some("https://school.example"),
            ),
            (
                Some("https://desk.example/login"),
                None,
                Some("https://desk.example"),
            ),
            (
                Some("https://desk.example/login"),
                ticket("https://a.example"),
                Some("https://a.example"),
            ),
            (None, ticket("https://a.example"), Some("https://a.example")),
            (
                Some("https://evil.example"),
                ticket("https://a.example"),
                Some("https://evil.example"),
            ),
            (Some("rubbish"), None, None),
        ];
        for (said, came, from) in table {
            let mut headers = HeaderMap::new();
            if let Some(said) = said {
                headers.insert(header::REFERER, said.parse().unwrap());
            }
            assert_eq!(
                came_from(&headers, came, &ours).as_deref(),
                from,
                "{said:?}"
            );
        }
    }
}
