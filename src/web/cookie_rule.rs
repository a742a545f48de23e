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
        let host = request.headers().get(header::HOST);
        let host = host.and_then(|host| host.to_str().ok()).and_then(site);
        return two_of(name, request.uri().path(), host, https);
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

/// Takes away every cookie that can be the planted one. Ours has the path `/` and no `Domain` (RFC 6265, 5.3): over plain
/// http the others alone are taken, so that whoever is signed in stays so. The prefix over TLS allows no others.
fn two_of(name: &'static str, path: &str, host: Option<&str>, Https(https): Https) -> Response {
    let answer = AppError::bad_request("cookie_doubled", say!("error-cookie-doubled"));
    let folders = folders(path);
    let ours = https.then(|| cookies::away(name, "/", None, https));
    let deeper = folders
        .iter()
        .map(|folder| cookies::away(name, folder, None, https));
    let of_site = host.into_iter().flat_map(|host| {
        let everywhere = ["/"].into_iter().chain(folders.iter().map(String::as_str));
        everywhere.map(move |folder| cookies::away(name, folder, Some(host), https))
    });
    cookies::with_cookies(answer, ours.into_iter().chain(deeper).chain(of_site))
}

/// The name of `host` without its port, if cookies can be set for it and what is below it. For an address browsers take
/// `Domain` as if it were not there, and would remove ours.
fn site(host: &str) -> Option<&str> {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
    let is_name = name.bytes().all(plain) && name.parse::<std::net::IpAddr>().is_err();
    (is_name && name.contains('.')).then_some(name)
}

/// Every path below `/` a cookie may have that was sent to `path`.
pub(super) fn folders(path: &str) -> Vec<String> {
    let mut folders = Vec::new();
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
            ("/", &[]),
            ("/account", &["/account", "/account/"]),
            (
                "/admin/users",
                &["/admin", "/admin/", "/admin/users", "/admin/users/"],
            ),
            ("/a;b", &[]),
            ("", &[]),
        ];
        for (path, expected) in table {
            assert_eq!(folders(path), expected, "{path}");
        }
    }

    #[test]
    fn over_plain_http_our_own_cookie_stays_and_the_planted_one_goes() {
        let taken = |host, https| {
            let answer = two_of("deskcast", "/account", host, Https(https));
            let lines = answer.headers().get_all(header::SET_COOKIE).iter();
            let text = lines.map(|line| line.to_str().unwrap().to_owned());
            text.collect::<Vec<_>>()
        };
        let ours = |line: &String| line.contains("Path=/;") && !line.contains("Domain=");
        let plain = taken(Some("desks.example"), false);
        assert!(!plain.iter().any(ours), "{plain:?}");
        for planted in [
            "deskcast=; Path=/account; Max-Age=0",
            "deskcast=; Path=/account/; Max-Age=0",
            "deskcast=; Path=/; Domain=desks.example; Max-Age=0",
        ] {
            let gone = plain.iter().any(|line| same_parts(line, planted));
            assert!(gone, "{planted} is not among {plain:?}");
        }
        let secure = taken(None, true);
        assert!(secure.iter().any(ours), "{secure:?}");
    }

    fn same_parts(one: &str, other: &str) -> bool {
        let parts = |text: &str| {
            let mut parts: Vec<_> = text.split("; ").map(str::to_owned).collect();
            parts.sort();
            parts
        };
        parts(one) == parts(other)
    }

    #[test]
    fn a_cookie_is_set_for_a_site_with_a_name_only() {
        let table = [
            ("desks.example", Some("desks.example")),
            ("desks.example:8080", Some("desks.example")),
            ("localhost:8080", None),
            ("127.0.0.1:8080", None),
            ("[::1]:8080", None),
            ("a;b.example", None),
        ];
        for (host, expected) in table {
            assert_eq!(site(host), expected, "{host}");
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
