//! Our own cookies: how they are read and written. What an application in a desktop sets is in `proxy/cookies.rs`.

use std::borrow::Cow;

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use cookie::{Cookie, SameSite};
use time::Duration;

/// Whether scripts of our pages may read a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readable {
    /// It holds a secret.
    ByServer,
    /// Nothing in it is secret.
    ByScripts,
}

/// All our cookies.
pub const OURS: [&str; 5] = [
    "deskcast",
    "deskcast-device",
    "deskcast-login",
    "deskcast-language",
    "deskcast-theme",
];

/// What a cookie of ours is called. Over TLS the prefix makes browsers refuse it from other hosts and from scripts: a
/// page of a desktop, which has our origin, can neither plant it nor put another in its place.
#[must_use]
pub fn named(name: &'static str, secure: bool) -> Cow<'static, str> {
    if secure {
        Cow::Owned(format!("__Host-Http-{name}"))
    } else {
        Cow::Borrowed(name)
    }
}

/// The value of `Set-Cookie` that keeps `value` for `age`; an age of zero takes the cookie away. `secure`: browsers
/// reach us over TLS only, and no script reads any cookie then. The value is marked as sensitive unless it is no secret.
#[must_use]
pub fn set(
    name: &'static str,
    value: &str,
    age: Duration,
    secure: bool,
    readable: Readable,
) -> HeaderValue {
    let secret = readable == Readable::ByServer;
    let cookie = Cookie::build((named(name, secure), value))
        .path("/")
        // What the prefix of the name asks for.
        .http_only(secret || secure)
        .same_site(SameSite::Lax)
        .max_age(age)
        .secure(secure);
    // Our values are base64url or single words: the text always fits a header.
    let text = cookie.to_string();
    let mut header = HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
    header.set_sensitive(secret);
    header
}

/// The value of the one cookie of ours with this name. Two of them are none: one was planted, and nobody can tell which.
#[must_use]
pub fn value(headers: &HeaderMap, name: &'static str, secure: bool) -> Option<String> {
    one(headers, named(name, secure))
}

fn one(headers: &HeaderMap, name: Cow<'static, str>) -> Option<String> {
    let mut found = all(headers, name);
    let first = found.next()?;
    found.next().is_none().then(|| first.value().to_owned())
}

/// The value of the one cookie that older versions called so over TLS.
#[must_use]
pub fn value_of_older_versions(headers: &HeaderMap, name: &'static str) -> Option<String> {
    one(headers, Cow::Owned(format!("__Host-{name}")))
}

/// How many cookies have this name of ours.
#[must_use]
pub fn count(headers: &HeaderMap, name: &'static str, secure: bool) -> usize {
    all(headers, named(name, secure)).count()
}

fn all(headers: &HeaderMap, name: Cow<'static, str>) -> impl Iterator<Item = Cookie<'static>> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| Cookie::parse(String::from_utf8_lossy(pair).into_owned()).ok())
        .filter(move |cookie| cookie.name() == name.as_ref())
}

/// The value of `Set-Cookie` that takes a cookie with a name of ours away which somebody planted for `path`.
#[must_use]
pub fn away(name: &'static str, path: &str, host: Option<&str>, secure: bool) -> HeaderValue {
    let mut cookie = Cookie::build((named(name, secure), ""))
        .path(path)
        .max_age(Duration::ZERO)
        .secure(secure)
        .http_only(secure);
    if let Some(host) = host {
        cookie = cookie.domain(host);
    }
    HeaderValue::try_from(cookie.to_string()).unwrap_or(HeaderValue::from_static(""))
}

/// `answer` with these cookies besides.
pub fn with_cookies(
    answer: impl IntoResponse,
    cookies: impl IntoIterator<Item = HeaderValue>,
) -> Response {
    let mut response = answer.into_response();
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// `answer` with one cookie more.
pub fn with_cookie(answer: impl IntoResponse, cookie: HeaderValue) -> Response {
    with_cookies(answer, [cookie])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_is_for_the_server_alone() {
        let secret = set("a", "b", Duration::days(7), true, Readable::ByServer);
        assert!(secret.is_sensitive());
        assert_eq!(
            secret.to_str().unwrap(),
            "__Host-Http-a=b; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=604800"
        );
        let look = set("a", "b", Duration::days(7), true, Readable::ByScripts);
        assert_eq!(
            look.to_str().unwrap(),
            "__Host-Http-a=b; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=604800"
        );
        let open = set("a", "", Duration::ZERO, false, Readable::ByScripts);
        assert!(!open.is_sensitive());
        assert_eq!(
            open.to_str().unwrap(),
            "a=; SameSite=Lax; Path=/; Max-Age=0"
        );
    }

    #[test]
    fn a_cookie_that_is_there_twice_is_not_there() {
        let table: [(&[&str], Option<&str>); 9] = [
            (&["a=1"], Some("1")),
            (&["b=2; a=1"], Some("1")),
            (&["b=2;a = 1 ; z"], Some("1")),
            (&["b=2", "a=1"], Some("1")),
            (&["a="], Some("")),
            (&["A=1; aa=1; a2=1"], None),
            (&["a=1; a=1"], None),
            (&["a=1", "a=2"], None),
            (&[], None),
        ];
        for (lines, expected) in table {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::COOKIE, HeaderValue::from_static(line));
            }
            assert_eq!(
                value(&headers, "a", false).as_deref(),
                expected,
                "{lines:?}"
            );
        }
    }

    #[test]
    fn over_tls_only_the_name_that_no_script_can_set_counts() {
        let table = [
            ("__Host-Http-a=1", Some("1")),
            ("a=2; __Host-a=3; __Host-Http-a=1", Some("1")),
            ("__Host-Http-a=1; __Host-Http-a=1", None),
            ("a=1", None),
            ("__Host-a=1", None),
            ("__host-http-a=1", None),
        ];
        for (line, expected) in table {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_static(line));
            assert_eq!(value(&headers, "a", true).as_deref(), expected, "{line}");
        }
    }
}
