//! Cookies that somebody planted: two of ours with one name, or so many that a head is too large (T22).
//!
//! A page of a desktop has our origin and can write cookies for all of it, for years. Whoever they lock out could not
//! know what to do: they are taken away, and a page says so.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    branch::Branch,
    cookies::{self, OURS},
    security::Https,
};
use crate::{error::AppError, say};

/// Bytes of all header lines. The server itself takes more (`serve.rs`), so that this answer can be given.
pub const HEAD_LIMIT: usize = 32 * 1024;

/// More folders of an address than any page of ours has.
const FOLDERS: usize = 4;

/// Layer: refuses a request with such cookies, and takes them away.
pub async fn refuse(State(https): State<Https>, request: Request, next: Next) -> Response {
    let ours = !matches!(
        Branch::of(request.extensions()),
        Branch::Files | Branch::Machine
    );
    if size(request.headers()) > HEAD_LIMIT {
        return too_large(request.headers());
    }
    if ours && let Some(name) = doubled(request.headers(), https) {
        return two_of(name, request.uri().path(), https);
    }
    next.run(request).await
}

fn size(headers: &HeaderMap) -> usize {
    headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum()
}

/// The first name of ours that is there more than once.
fn doubled(headers: &HeaderMap, Https(https): Https) -> Option<&'static str> {
    OURS.into_iter()
        .find(|name| cookies::count(headers, name, https) > 1)
}

fn too_large(headers: &HeaderMap) -> Response {
    let by_cookies: usize = headers
        .get_all(header::COOKIE)
        .iter()
        .map(HeaderValue::len)
        .sum();
    let by_cookies = by_cookies > HEAD_LIMIT / 2;
    let sentence = if by_cookies {
        say!("error-cookies-too-large")
    } else {
        say!("error-head-too-large")
    };
    let mut answer = AppError::BadRequest {
        status: StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        code: "head_too_large",
        sentence,
    }
    .into_response();
    if by_cookies {
        // By name they could not be: nobody knows their paths.
        answer.headers_mut().insert(
            HeaderName::from_static("clear-site-data"),
            HeaderValue::from_static("\"cookies\""),
        );
    }
    answer
}

fn two_of(name: &'static str, path: &str, Https(https): Https) -> Response {
    let answer = AppError::bad_request("cookie_doubled", say!("error-cookie-doubled"));
    let away = folders(path)
        .into_iter()
        .map(|folder| cookies::away(name, &folder, https));
    cookies::with_cookies(answer, away)
}

/// Every path a cookie may have that was sent to `path`.
fn folders(path: &str) -> Vec<String> {
    let mut folders = vec!["/".to_owned()];
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~%".contains(&byte);
    if !path.bytes().all(plain) {
        return folders;
    }
    let ends = path.match_indices('/').map(|(at, _)| at).skip(1);
    for end in ends.chain([path.len()]).take(FOLDERS) {
        let folder = &path[..end];
        if folder.len() > 1 {
            folders.extend([folder.to_owned(), format!("{folder}/")]);
        }
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planted_cookie_is_found_wherever_it_was_planted() {
        let table: [(&str, &[&str]); 5] = [
            ("/", &["/"]),
            ("/account", &["/", "/account", "/account/"]),
            (
                "/admin/users",
                &["/", "/admin", "/admin/", "/admin/users", "/admin/users/"],
            ),
            ("/a;b", &["/"]),
            ("", &["/"]),
        ];
        for (path, expected) in table {
            assert_eq!(folders(path), expected, "{path}");
        }
    }

    #[test]
    fn two_of_ours_are_noticed_and_two_of_others_are_not() {
        let table = [
            ("deskcast=1; deskcast=2", false, Some("deskcast")),
            (
                "deskcast-login=1; deskcast-login=1",
                false,
                Some("deskcast-login"),
            ),
            ("deskcast=1; __Host-deskcast=2; a=1; a=2", false, None),
            // Over TLS the plain names are nothing to us.
            ("deskcast=1; deskcast=2", true, None),
            (
                "__Host-Http-deskcast=1; __Host-Http-deskcast=1",
                true,
                Some("deskcast"),
            ),
        ];
        for (line, https, expected) in table {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, line.parse().unwrap());
            assert_eq!(doubled(&headers, Https(https)), expected, "{line}");
        }
    }
}
