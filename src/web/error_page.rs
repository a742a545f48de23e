//! The one place where an error gets its looks: a page, JSON or plain text, by where it happened.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};

use super::{
    branch::Branch,
    log::Reference,
    page::{self, Chrome, Page},
    urls,
};
use crate::{
    error::{AppError, ErrorFacts, FieldProblem},
    language::Sentence,
    say,
};

/// `error.html`.
#[derive(Debug, askama::Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// Header and nonce. Nobody's name: who is calling may be what could not be found out.
    pub chrome: Chrome,
    /// The status of the response.
    pub status: u16,
    /// What happened, in a few words.
    pub title: Sentence,
    /// What still works and what to do.
    pub sentence: Sentence,
    /// Names this request to the administrator.
    pub reference: String,
    /// Seconds after which the page tries again by itself.
    pub retry_after: Option<u64>,
}

/// The body of an error of the API (contract http-api 1).
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub struct ErrorBody {
    /// Always false.
    #[schema(example = false)]
    pub success: bool,
    /// A sentence a person can act on.
    pub error: String,
    /// A stable word for programs.
    pub code: String,
    /// For 422: each field that is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldProblem>,
}

/// How a caller wants to hear of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Voice {
    Page,
    Json,
    Text,
}

impl Voice {
    fn of(branch: Branch, headers: &HeaderMap) -> Self {
        match branch {
            Branch::Page | Branch::KeyPage => Self::Page,
            Branch::Either | Branch::Desktop if accepts_html(headers) => Self::Page,
            Branch::Api | Branch::Either => Self::Json,
            // Of a desktop: a client file, a download or a handshake. A page would only confuse who asked.
            Branch::Machine | Branch::Files | Branch::Desktop => Self::Text,
        }
    }
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("text/html"))
}

/// Layer: gives every response that carries [`ErrorFacts`] its body.
pub async fn render(request: Request, next: Next) -> Response {
    let asked = Asked::of(&request);
    let response = next.run(request).await;
    match response.extensions().get::<ErrorFacts>().cloned() {
        Some(facts) => asked.tell(&facts, response.into_parts().0),
        None => response,
    }
}

/// What rendering needs to know of the request, which is gone by then.
struct Asked {
    voice: Voice,
    /// Where to come back to after signing in.
    next: String,
    page: Page,
    reference: String,
}

impl Asked {
    fn of(request: &Request) -> Self {
        let uri = request.uri();
        let extensions = request.extensions();
        Self {
            voice: Voice::of(Branch::of(extensions), request.headers()),
            next: match (request.method(), uri.path_and_query()) {
                (&Method::GET | &Method::HEAD, Some(target)) => target.as_str().to_owned(),
                _ => "/".to_owned(),
            },
            page: Page::of_request(request),
            reference: extensions
                .get::<Reference>()
                .map(Reference::to_string)
                .unwrap_or_default(),
        }
    }

    /// Keeps the head as the error made it (`Retry-After`, `Allow`, the facts for the log line).
    fn tell(self, facts: &ErrorFacts, mut head: axum::http::response::Parts) -> Response {
        head.headers.remove(header::CONTENT_LENGTH);
        let voice = self.voice;
        let spoken = match (voice, facts.unauthenticated) {
            (Voice::Json, _) => json(facts),
            (Voice::Page, Some(_)) => Redirect::to(&urls::login(&self.next)).into_response(),
            (Voice::Page, None) => self.page(facts),
            (Voice::Text, _) => text(facts),
        };
        // Who is not signed in hears 400 in the API (contract), 303 on a page, and 401 everywhere else.
        match (voice, facts.unauthenticated) {
            (Voice::Page, Some(_)) => head.status = spoken.status(),
            (Voice::Text, Some(_)) => head.status = StatusCode::UNAUTHORIZED,
            _ => {}
        }
        let (looks, body) = spoken.into_parts();
        head.headers.extend(looks.headers);
        Response::from_parts(head, body)
    }

    fn page(self, facts: &ErrorFacts) -> Response {
        let title = title(facts);
        page::html(&ErrorPage {
            chrome: self.page.chrome(title.clone(), None),
            status: facts.status.as_u16(),
            title,
            sentence: facts.sentence.clone(),
            reference: self.reference,
            retry_after: facts.retry_after.map(|after| after.as_secs().max(1)),
        })
    }
}

fn json(facts: &ErrorFacts) -> Response {
    axum::Json(ErrorBody {
        success: false,
        error: facts.sentence.to_string(),
        code: facts.code.to_owned(),
        fields: facts.fields.clone(),
    })
    .into_response()
}

fn text(facts: &ErrorFacts) -> Response {
    let mut response = Response::new(Body::from(format!("{}\n", facts.sentence)));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response
}

/// What happened, in a few words.
fn title(facts: &ErrorFacts) -> Sentence {
    match (facts.code, facts.status.as_u16()) {
        ("docker_unavailable", _) => say!("title-docker-away"),
        ("database_unavailable", _) => say!("title-database-away"),
        ("no_capacity", _) => say!("title-no-capacity"),
        ("draining", _) => say!("title-draining"),
        (_, 401 | 403) => say!("title-forbidden"),
        (_, 404) => say!("title-not-found"),
        (_, 405) => say!("title-wrong-method"),
        (_, 409) => say!("title-conflict"),
        (_, 410) => say!("title-ended"),
        (_, 413 | 414) => say!("title-too-large"),
        (_, 415) => say!("title-unreadable"),
        (_, 421) => say!("title-other-host"),
        (_, 422) => say!("title-invalid"),
        (_, 429) => say!("title-slow-down"),
        (_, 502 | 504) => say!("title-desktop-away"),
        (_, 503) => say!("title-unavailable"),
        (_, 500..) => say!("title-internal"),
        _ => say!("title-bad-request"),
    }
}

/// What every router answers where nothing is.
pub async fn nothing_here() -> AppError {
    AppError::not_found(say!("error-nothing-here"))
}

/// What every route answers to a method it does not know.
pub async fn wrong_method(head: Parts) -> AppError {
    AppError::BadRequest {
        status: StatusCode::METHOD_NOT_ALLOWED,
        code: "method_not_allowed",
        sentence: if head.method == Method::GET {
            say!("error-not-a-page")
        } else {
            say!("error-wrong-method")
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_branch_has_its_voice() {
        use Voice::{Json, Page, Text};
        const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";
        let table = [
            (Branch::Page, "*/*", Page),
            (Branch::Page, "", Page),
            (Branch::KeyPage, BROWSER, Page),
            (Branch::Api, BROWSER, Json),
            (Branch::Either, BROWSER, Page),
            (Branch::Either, "*/*", Json),
            (Branch::Desktop, BROWSER, Page),
            (Branch::Desktop, "*/*", Text),
            (Branch::Files, BROWSER, Text),
            (Branch::Machine, BROWSER, Text),
        ];
        for (branch, accept, voice) in table {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            assert_eq!(Voice::of(branch, &headers), voice, "{branch:?} {accept}");
        }
    }
}
