//! Our own cookies: how they are read and written. What an application in a desktop sets is in `proxy/cookies.rs`.

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

/// The value of `Set-Cookie` that keeps `value` for `age`; an age of zero takes the cookie away. `secure`: browsers
/// reach us over TLS only. The value is marked as sensitive unless scripts may read it.
#[must_use]
pub fn set(
    name: &'static str,
    value: &str,
    age: Duration,
    secure: bool,
    readable: Readable,
) -> HeaderValue {
    let secret = readable == Readable::ByServer;
    let cookie = Cookie::build((name, value))
        .path("/")
        .http_only(secret)
        .same_site(SameSite::Lax)
        .max_age(age)
        .secure(secure);
    // Our values are base64url or single words: the text always fits a header.
    let text = cookie.to_string();
    let mut header = HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
    header.set_sensitive(secret);
    header
}

/// The value of the one cookie with this name. Two of them are none: one was planted, and nobody can tell which.
#[must_use]
pub fn value(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| Cookie::parse(String::from_utf8_lossy(pair).into_owned()).ok())
        .filter(|cookie| cookie.name() == name);
    let first = found.next()?;
    found.next().is_none().then(|| first.value().to_owned())
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
            "a=b; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=604800"
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
            assert_eq!(value(&headers, "a").as_deref(), expected, "{lines:?}");
        }
    }
}
