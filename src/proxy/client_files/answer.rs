//! Answering a request for a client file: which form of it, or that the browser has it already (pure).

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::{folder::File, kinds};

/// Kept for good: the address changes with the image.
const FOR_GOOD: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");
/// Asked about each time: a page carries the policy that keeps it in its place, and must not keep an old one.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("private, no-cache");

/// How a file travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Plain,
    Gzip,
    Brotli,
}

impl Form {
    fn tag(self, digest: &str) -> String {
        match self {
            Self::Plain => format!("\"{digest}\""),
            Self::Gzip => format!("\"{digest}-gz\""),
            Self::Brotli => format!("\"{digest}-br\""),
        }
    }
}

/// The answer to a `GET` or `HEAD` for `file`; other methods get 405.
pub(crate) fn answer(file: &File, method: &Method, asked: &HeaderMap) -> Response {
    if !matches!(*method, Method::GET | Method::HEAD) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        response
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let (form, bytes) = choose(file, asked);
    let mut response = Response::new(Body::empty());
    let tag = form.tag(&file.digest);
    let has_it = knows(asked, file);
    let headers = response.headers_mut();
    let is_page = file.content_type.starts_with("text/html");
    headers.insert(
        header::CACHE_CONTROL,
        if is_page { ASK_AGAIN } else { FOR_GOOD },
    );
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    if kinds::is_compressible(file.content_type) {
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    if has_it {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(file.content_type),
    );
    headers.insert(header::CONTENT_LENGTH, bytes.len().into());
    match form {
        Form::Plain => {}
        Form::Gzip => {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        Form::Brotli => {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
        }
    }
    if *method == Method::GET {
        *response.body_mut() = Body::from(bytes);
    }
    response
}

fn choose(file: &File, asked: &HeaderMap) -> (Form, Bytes) {
    let ready = |packed: &std::sync::OnceLock<Option<Bytes>>| packed.get().cloned().flatten();
    let brotli = ready(&file.brotli).filter(|_| accepts(asked, "br"));
    let gzip = || ready(&file.gzip).filter(|_| accepts(asked, "gzip"));
    match brotli {
        Some(bytes) => (Form::Brotli, bytes),
        None => match gzip() {
            Some(bytes) => (Form::Gzip, bytes),
            None => (Form::Plain, file.bytes.clone()),
        },
    }
}

/// Whether `Accept-Encoding` names `coding` with a weight above zero.
fn accepts(asked: &HeaderMap, coding: &str) -> bool {
    let values = asked.get_all(header::ACCEPT_ENCODING).iter();
    let mut named = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(|item| item.split_once(';').unwrap_or((item, "")))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case(coding))
        .map(|(_, weight)| weight.trim().strip_prefix("q=").map(str::trim));
    named.next().is_some_and(|weight| {
        weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|weight| weight > 0.0))
    })
}

/// Whether the browser named a form of this file that it has. Any form will do: they hold the same.
fn knows(asked: &HeaderMap, file: &File) -> bool {
    asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .map(|tag| tag.strip_prefix("W/").unwrap_or(tag))
        .any(|tag| {
            tag == "*"
                || [Form::Plain, Form::Gzip, Form::Brotli]
                    .iter()
                    .any(|form| form.tag(&file.digest) == tag)
        })
}

#[cfg(test)]
mod tests {
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::proxy::client_files::folder::{Folder, tests::archive};

    fn folder() -> Folder {
        let script = "export function draw(frame) { return frame; }\n".repeat(100);
        let folder = Folder::read(
            &archive(&[
                ("ui.js", script.as_bytes()),
                ("index.html", b"<!DOCTYPE html>"),
            ]),
            "/www",
        )
        .unwrap();
        folder.compress(&CancellationToken::new());
        folder
    }

    fn headers(lines: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        let parsed = |(name, value): &(header::HeaderName, &'static str)| {
            (name.clone(), HeaderValue::from_static(value))
        };
        lines.iter().map(parsed).collect()
    }

    #[test]
    fn the_smallest_form_the_browser_takes() {
        let folder = folder();
        let file = folder.find("ui.js").unwrap();
        let table = [
            ("gzip, deflate, br, zstd", Some("br")),
            ("gzip", Some("gzip")),
            ("br;q=0, gzip;q=0.5", Some("gzip")),
            ("BR", Some("br")),
            ("gzip;q=0", None),
            ("identity", None),
            ("brotli", None),
            ("", None),
        ];
        for (accepts, coding) in table {
            let asked = headers(&[(header::ACCEPT_ENCODING, accepts)]);
            let response = answer(file, &Method::GET, &asked);
            let sent = response.headers();
            assert_eq!(
                sent.get(header::CONTENT_ENCODING)
                    .map(|coding| coding.to_str().unwrap()),
                coding,
                "{accepts}"
            );
            assert_eq!(sent[header::VARY], "accept-encoding");
            assert_eq!(sent[header::CACHE_CONTROL], FOR_GOOD);
        }
    }

    #[test]
    fn what_the_browser_has_is_not_sent_again() {
        let folder = folder();
        let file = folder.find("ui.js").unwrap();
        let first = answer(file, &Method::GET, &HeaderMap::new());
        let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
        let weak = format!("\"other\", W/{tag}");
        let packed = tag.replacen('"', "", 1).replace('"', "-br\"");
        for known in [tag.clone(), weak, format!("\"{packed}"), "*".into()] {
            let mut asked = HeaderMap::new();
            asked.insert(header::IF_NONE_MATCH, known.parse().unwrap());
            let again = answer(file, &Method::GET, &asked);
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known}");
            assert_eq!(again.headers()[header::ETAG], tag.as_str());
        }
        let asked = headers(&[(header::IF_NONE_MATCH, "\"other\"")]);
        assert_eq!(answer(file, &Method::GET, &asked).status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn head_has_the_head_of_get_and_no_body() {
        let folder = folder();
        let file = folder.find("index.html").unwrap();
        let got = answer(file, &Method::GET, &HeaderMap::new());
        let head = answer(file, &Method::HEAD, &HeaderMap::new());
        assert_eq!(got.headers(), head.headers());
        assert_eq!(got.headers()[header::CACHE_CONTROL], ASK_AGAIN);
        let body = axum::body::to_bytes(head.into_body(), 100).await.unwrap();
        assert!(body.is_empty());
        assert_eq!(
            answer(file, &Method::POST, &HeaderMap::new()).status(),
            StatusCode::METHOD_NOT_ALLOWED
        );
    }
}
