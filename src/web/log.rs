//! A request's reference, and its one line in the log.

use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, OnceLock},
};

use axum::{
    extract::Request,
    http::{HeaderValue, Method, StatusCode},
    middleware::Next,
    response::Response,
};
use tokio::time::Instant;
use tracing::Instrument;

use super::{branch::Branch, visitor::ClientIp};
use crate::{error::ErrorFacts, ids::UserId};

/// The most of any text of a stranger in one field of the log.
const LOG_FIELD: usize = 256;

/// Names one request to people: shown on error pages, sent as `X-Request-Id`, written in its log line.
///
/// Ten characters without look-alikes, such as `1TVKZ4-6QXE`; the first six sort by time (seconds).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference(Arc<str>);

impl Reference {
    /// A new one.
    #[must_use]
    pub fn new() -> Self {
        // Version 7 begins with 48 bits of milliseconds and ends with random bits.
        let id = uuid::Uuid::now_v7().as_u128();
        let millis = id >> 80;
        let seconds = (millis >> 10) & 0x3fff_ffff;
        let random = id & 0xf_ffff;
        let mut text = crockford(seconds, 6);
        text.push('-');
        text.push_str(&crockford(random, 4));
        Self(text.into())
    }
}

impl Default for Reference {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The last `digits` digits of `number` to the base of 32, in Crockford's alphabet.
fn crockford(number: u128, digits: u32) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    (0..digits)
        .rev()
        .map(|place| char::from(ALPHABET[((number >> (5 * place)) & 31) as usize]))
        .collect()
}

/// What handlers add to their request's log line; an extension of every request.
#[derive(Clone, Debug, Default)]
pub struct RequestNotes(Arc<OnceLock<UserId>>);

impl RequestNotes {
    /// Notes who is calling. Said once; later words do not count.
    pub fn caller(&self, id: UserId) {
        let _ = self.0.set(id);
    }
}

/// Layer: gives the request its [`Reference`] and writes its one log line when the answer's head is ready, or when
/// the caller left before. The line has no query, no header and no body: nothing secret can get into it.
pub async fn log(mut request: Request, next: Next) -> Response {
    let reference = Reference::new();
    let notes = RequestNotes::default();
    let mut line = LogLine {
        began: Instant::now(),
        method: request.method().clone(),
        branch: Branch::of(request.extensions()),
        path: shown_path(Branch::of(request.extensions()), request.uri().path()),
        client: request.extensions().get().map(|ClientIp(ip)| *ip),
        reference: reference.clone(),
        notes: notes.clone(),
        outcome: None,
    };
    request.extensions_mut().insert(reference.clone());
    request.extensions_mut().insert(notes);
    let span = tracing::info_span!("request", %reference);
    let mut response = next.run(request).instrument(span).await;
    if let Ok(value) = HeaderValue::try_from(reference.to_string()) {
        response.headers_mut().insert("x-request-id", value);
    }
    line.outcome = Some((
        response.status(),
        response.extensions().get::<ErrorFacts>().cloned(),
    ));
    response
}

/// Writes itself when dropped, so that a caller who leaves does not leave without a trace.
struct LogLine {
    began: Instant,
    method: Method,
    branch: Branch,
    path: String,
    client: Option<IpAddr>,
    reference: Reference,
    notes: RequestNotes,
    outcome: Option<(StatusCode, Option<ErrorFacts>)>,
}

impl Drop for LogLine {
    fn drop(&mut self) {
        macro_rules! line {
            ($level:ident, $status:expr, $facts:expr, $end:literal) => {{
                let facts: Option<&ErrorFacts> = $facts;
                tracing::$level!(
                    target: "deskcast::request",
                    method = %cut(self.method.as_str()),
                    path = %self.path,
                    status = $status,
                    duration_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
                    client.ip = self.client.map(tracing::field::display),
                    user.id = self.notes.0.get().map(tracing::field::display),
                    reference = %self.reference,
                    error.code = facts.map(|facts| facts.code),
                    error.cause = facts.and_then(|facts| facts.cause.as_deref()).map(cut),
                    $end
                )
            }};
        }
        match &self.outcome {
            None => line!(info, 499_u16, None, "the caller left"),
            Some((status, facts)) if status.is_server_error() => {
                line!(warn, status.as_u16(), facts.as_ref(), "request failed");
            }
            // Asked every few seconds or with every page, and never news.
            Some((status, facts)) if self.branch.is_routine() && !status.is_client_error() => {
                line!(debug, status.as_u16(), facts.as_ref(), "request");
            }
            Some((status, facts)) => line!(info, status.as_u16(), facts.as_ref(), "request"),
        }
    }
}

/// A path as the log shows it: cut, and without the key of an invitation, which lets in whoever reads it.
fn shown_path(branch: Branch, path: &str) -> String {
    let secret = path.match_indices('/').nth(1).map(|(at, _)| at + 1);
    match (branch, secret) {
        (Branch::KeyPage, Some(secret)) => format!("{}…", cut(&path[..secret])),
        _ => cut(path),
    }
}

/// At most [`LOG_FIELD`] bytes of what a stranger wrote, on one line.
fn cut(text: &str) -> String {
    let end = text.floor_char_boundary(LOG_FIELD);
    text[..end].chars().flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_short_and_sort_by_time() {
        assert_eq!(crockford(0, 6), "000000");
        assert_eq!(crockford(31, 4), "000Z");
        assert_eq!(crockford(32 * 32, 4), "0100");
        let reference = Reference::new().to_string();
        assert_eq!(reference.len(), 11, "{reference}");
        assert_eq!(&reference[6..7], "-");
        assert!(reference.bytes().all(|b| !b"ILOU".contains(&b)));
    }

    #[test]
    fn two_requests_of_one_second_differ() {
        let all: std::collections::BTreeSet<_> =
            (0..50).map(|_| Reference::new().to_string()).collect();
        assert_eq!(all.len(), 50);
    }

    #[test]
    fn the_log_shows_paths_on_one_line_and_no_keys() {
        let long = format!("/{}", "a".repeat(1000));
        let table = [
            (Branch::Api, "/api/container/list", "/api/container/list"),
            (Branch::KeyPage, "/share/s3cret", "/share/…"),
            (Branch::KeyPage, "/cast/k/x", "/cast/…"),
            (Branch::KeyPage, "/login", "/login"),
            (Branch::Page, "/a\nINFO forged", "/a\\nINFO forged"),
            (Branch::Page, "/\u{1b}[31m", "/\\u{1b}[31m"),
            (Branch::Page, &long, &long[..LOG_FIELD]),
        ];
        for (branch, path, shown) in table {
            assert_eq!(shown_path(branch, path), shown);
        }
    }

    #[test]
    fn a_cut_never_splits_a_letter() {
        let text = "ä".repeat(LOG_FIELD);
        assert_eq!(cut(&text).chars().count(), LOG_FIELD / 2);
    }
}
