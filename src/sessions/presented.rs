//! Where a request may carry a session id or an API token, and which of them counts (contract http-api 1).
//!
//! The first place that carries one decides: header, bearer, query, cookie. One that is there but broken never falls
//! back to the next, or a script with a wrong key would act as whoever is signed in to the browser around it.

use std::{borrow::Cow, fmt, str::FromStr};

use axum::http::{HeaderMap, HeaderName, header, request::Parts};
use sha2::{Digest, Sha256};
use tower_sessions::session::Id;

use crate::{
    config::HttpConfig,
    error::Unauthenticated,
    web::{branch::Branch, cookies},
};

/// What every API token begins with.
pub(super) const TOKEN_PREFIX: &str = "dct_";

/// Characters of a token after the prefix: 32 random bytes in base64url.
const TOKEN_LENGTH: usize = 43;

static X_SESSION_ID: HeaderName = HeaderName::from_static("x-session-id");

/// How the caller showed who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presented {
    /// A browser: state-changing calls also need the Origin rule.
    Cookie,
    /// `X-Session-ID` or `Authorization: Bearer`.
    Header,
    /// `?session_id=`.
    Query,
}

/// Where an id may be presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// Pages and `/desktop/*`: the cookie alone.
    CookieOnly,
    /// `/api/*`, `/session`, `/logout`.
    All,
}

impl Accepts {
    /// What the addresses of a branch accept.
    #[must_use]
    pub fn on(branch: Branch) -> Self {
        match branch {
            Branch::Api | Branch::Either => Self::All,
            _ => Self::CookieOnly,
        }
    }
}

/// An id as it came; it cannot be printed.
pub(super) struct Shown<'h> {
    pub how: Presented,
    text: Cow<'h, str>,
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shown")
            .field("how", &self.how)
            .finish_non_exhaustive()
    }
}

/// What was presented, if it has the form of something that opens anything.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Credential {
    /// A session's id.
    Session(Id),
    /// An API token, by its SHA-256.
    Token([u8; 32]),
}

impl fmt::Debug for Credential {
    /// Never says an id.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Session(_) => "Session",
            Self::Token(_) => "Token",
        })
    }
}

impl Credential {
    /// SHA-256 of the id.
    pub(super) fn hash(self) -> [u8; 32] {
        match self {
            // Written again from what was read: one id has one hash.
            Self::Session(id) => hash_of(&id),
            Self::Token(hash) => hash,
        }
    }
}

impl Shown<'_> {
    /// The id itself, for a caller who sent it.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What the id opens, if it has the form of one.
    pub(super) fn credential(&self) -> Result<Credential, Unauthenticated> {
        if self.text.starts_with(TOKEN_PREFIX) {
            // A cookie is a browser's session, nothing else: a planted cookie must not sign a browser in for a year.
            return token_hash(&self.text)
                .filter(|_| self.how != Presented::Cookie)
                .map(Credential::Token)
                .ok_or(Unauthenticated::Unknown);
        }
        Id::from_str(&self.text)
            .map(Credential::Session)
            .map_err(|_| Unauthenticated::Unknown)
    }
}

/// SHA-256 of a session's id: what its row is named by.
pub(super) fn hash_of(id: &Id) -> [u8; 32] {
    sha256(&id.to_string())
}

/// SHA-256 of a text.
pub(crate) fn sha256(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

fn token_hash(text: &str) -> Option<[u8; 32]> {
    let letters = text.strip_prefix(TOKEN_PREFIX)?;
    let fits = letters.len() == TOKEN_LENGTH
        && letters
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    fits.then(|| sha256(text))
}

/// The cookie of a session; [`cookies::named`] says what it is called over TLS.
pub(super) const COOKIE: &str = "deskcast";

/// The id that counts.
pub(super) fn shown<'h>(
    head: &'h Parts,
    accepts: Accepts,
    http: &HttpConfig,
) -> Result<Shown<'h>, Unauthenticated> {
    let place = match accepts {
        Accepts::CookieOnly => None,
        Accepts::All => in_header(&head.headers)
            .or_else(|| in_authorization(&head.headers))
            .or_else(|| in_query(head.uri.query().filter(|_| http.session_id_in_query))),
    };
    let place = place.or_else(|| in_cookie(&head.headers, http.secure()));
    let (how, text) = place.ok_or(Unauthenticated::Missing)?;
    let text = text.ok_or(Unauthenticated::Unknown)?;
    if text.is_empty() {
        return Err(Unauthenticated::Missing);
    }
    Ok(Shown { how, text })
}

/// An id that is there, or `None` inside when what is there can be none: doubled, or no text.
type Place<'h> = Option<(Presented, Option<Cow<'h, str>>)>;

fn in_header(headers: &HeaderMap) -> Place<'_> {
    let mut values = headers.get_all(&X_SESSION_ID).iter();
    let first = values.next()?;
    let text = first.to_str().ok().filter(|_| values.next().is_none());
    Some((
        Presented::Header,
        text.map(|text| Cow::Borrowed(text.trim())),
    ))
}

fn in_authorization(headers: &HeaderMap) -> Place<'_> {
    let mut bearers = headers
        .get_all(header::AUTHORIZATION)
        .iter()
        .filter_map(|value| bearer(value.as_bytes()));
    let first = bearers.next()?;
    let text = std::str::from_utf8(first)
        .ok()
        .filter(|_| bearers.next().is_none());
    Some((
        Presented::Header,
        text.map(|text| Cow::Borrowed(text.trim())),
    ))
}

/// What follows `Bearer`; other schemes (a Basic of a proxy before us) are not meant for us.
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = value.split_at_checked(6)?;
    let ends = rest.first().is_none_or(|byte| *byte == b' ');
    (scheme.eq_ignore_ascii_case(b"bearer") && ends).then_some(rest)
}

fn in_query(query: Option<&str>) -> Place<'_> {
    let mut values = url::form_urlencoded::parse(query?.as_bytes())
        .filter(|(key, _)| key == "session_id")
        .map(|(_, value)| value);
    let first = values.next()?;
    Some((
        Presented::Query,
        Some(first).filter(|_| values.next().is_none()),
    ))
}

fn in_cookie(headers: &HeaderMap, secure: bool) -> Place<'static> {
    let value = cookies::value(headers, COOKIE, secure)?;
    Some((Presented::Cookie, Some(Cow::Owned(value))))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    const A: &str = "AAAAAAAAAAAAAAAAAAAAAA";
    const B: &str = "BBBBBBBBBBBBBBBBBBBBBA";
    const TOKEN: &str = "dct_0123456789012345678901234567890123456789abc";

    fn http(secure: bool, query: bool) -> HttpConfig {
        let scheme = if secure { "https" } else { "http" };
        HttpConfig {
            listen: ([127, 0, 0, 1], 0).into(),
            public_url: format!("{scheme}://desk.test").parse().unwrap(),
            trusted_proxies: Vec::new(),
            session_id_in_query: query,
            shutdown_grace: std::time::Duration::ZERO,
        }
    }

    fn head(query: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::get(format!("/api/x{query}"));
        for (name, value) in headers {
            request = request.header(*name, value.trim_start_matches(' ').as_bytes());
        }
        request.body(()).unwrap().into_parts().0
    }

    /// Query, headers (one a line), and which id counts; `<a>` and `<b>` stand for two ids.
    const PLACES: [(&str, &str, &str); 28] = [
        ("", "", "none"),
        ("", "x-session-id: <a>", "Header <a>"),
        ("", "x-session-id:  \t", "none"),
        ("", "authorization: Bearer <a>", "Header <a>"),
        ("", "authorization: bearer   <a> ", "Header <a>"),
        ("", "authorization: Bearer", "none"),
        ("", "authorization: Bearer<a>", "none"),
        ("", "authorization: Basic YTpi", "none"),
        ("?session_id=<a>", "", "Query <a>"),
        ("?x=y&session%5Fid=<a>", "", "Query <a>"),
        ("?session_id=", "", "none"),
        ("?xsession_id=<a>&SESSION_ID=<a>", "", "none"),
        ("", "cookie: deskcast=<a>", "Cookie <a>"),
        ("", "cookie: x=y;deskcast = <a> ; z", "Cookie <a>"),
        ("", "cookie: x=y\ncookie: deskcast=<a>", "Cookie <a>"),
        ("", "cookie: xdeskcast=1; Deskcast=2; deskcast2=3", "none"),
        ("", "cookie: __Host-deskcast=<a>", "none"),
        // the first place counts
        (
            "?session_id=<b>",
            "x-session-id: <a>\nauthorization: Bearer <b>\ncookie: deskcast=<b>",
            "Header <a>",
        ),
        (
            "?session_id=<b>",
            "authorization: Bearer <a>\ncookie: deskcast=<b>",
            "Header <a>",
        ),
        ("?session_id=<a>", "cookie: deskcast=<b>", "Query <a>"),
        (
            "",
            "authorization: Basic YTpi\ncookie: deskcast=<a>",
            "Cookie <a>",
        ),
        // broken, and no way back to the cookie
        ("", "x-session-id:\ncookie: deskcast=<a>", "none"),
        ("", "x-session-id: é\ncookie: deskcast=<a>", "broken"),
        (
            "",
            "x-session-id: <a>\nx-session-id: <a>\ncookie: deskcast=<a>",
            "broken",
        ),
        (
            "",
            "authorization: Bearer <a>\nauthorization: Bearer <a>",
            "broken",
        ),
        (
            "?session_id=<a>&session_id=<a>",
            "cookie: deskcast=<a>",
            "broken",
        ),
        // two cookies: none
        ("", "cookie: deskcast=<a>; deskcast=<a>", "none"),
        ("", "cookie: deskcast=<a>\ncookie: deskcast=", "none"),
    ];

    #[test]
    fn one_place_counts() {
        let http = http(false, true);
        let filled = |text: &str| text.replace("<a>", A).replace("<b>", B);
        for (query, lines, expected) in PLACES {
            let lines = filled(lines);
            let headers: Vec<_> = lines
                .lines()
                .filter_map(|line| line.split_once(':'))
                .collect();
            let head = head(&filled(query), &headers);
            let got = match shown(&head, Accepts::All, &http) {
                Ok(shown) => format!("{:?} {}", shown.how, shown.text()),
                Err(Unauthenticated::Missing) => "none".to_owned(),
                Err(_) => "broken".to_owned(),
            };
            assert_eq!(got, filled(expected), "{query} {lines:?}");
        }
    }

    #[test]
    fn pages_take_the_cookie_alone() {
        let http = http(false, true);
        let cookie = ("cookie", "deskcast=BBBBBBBBBBBBBBBBBBBBBA");
        let loud = head(
            "?session_id=AAAAAAAAAAAAAAAAAAAAAA",
            &[("x-session-id", A), cookie],
        );
        let got = shown(&loud, Accepts::CookieOnly, &http).unwrap();
        assert_eq!((got.how, got.text()), (Presented::Cookie, B));
        let without = head("?session_id=AAAAAAAAAAAAAAAAAAAAAA", &[("x-session-id", A)]);
        assert_eq!(
            shown(&without, Accepts::CookieOnly, &http).unwrap_err(),
            Unauthenticated::Missing
        );
    }

    #[test]
    fn the_query_can_be_switched_off_and_tls_changes_the_cookie() {
        let head = head(
            "?session_id=AAAAAAAAAAAAAAAAAAAAAA",
            &[(
                "cookie",
                "__Host-deskcast=AAAAAAAAAAAAAAAAAAAAAA; __Host-Http-deskcast=BBBBBBBBBBBBBBBBBBBBBA",
            )],
        );
        let http = http(true, false);
        let got = shown(&head, Accepts::All, &http).unwrap();
        assert_eq!((got.how, got.text()), (Presented::Cookie, B));
    }

    #[test]
    fn ids_have_a_form() {
        let session = Ok(Credential::Session(Id::from_str(A).unwrap()));
        let token = Ok(Credential::Token(sha256(TOKEN)));
        let unknown = Err(Unauthenticated::Unknown);
        let table = [
            (Presented::Header, A, session),
            (Presented::Cookie, A, session),
            (Presented::Query, TOKEN, token),
            (Presented::Header, TOKEN, token),
            (Presented::Cookie, TOKEN, unknown),
            (Presented::Header, &TOKEN[..46], unknown),
            (
                Presented::Header,
                "dct_01234567890123456789012345678901234567 9abc",
                unknown,
            ),
            (Presented::Header, "AAAAAAAAAAAAAAAAAAAAA", unknown),
            (Presented::Header, "AAAAAAAAAAAAAAAAAAAAAAA", unknown),
            (Presented::Header, "AAAAAAAAAAAAAAAAAAAAA=", unknown),
            (Presented::Header, "AAAAAAAAAAAAAAAAAAAAAB", unknown),
            (Presented::Header, "' or 1=1 --", unknown),
            (Presented::Header, "../../../etc/passwd", unknown),
        ];
        for (how, text, expected) in table {
            let shown = Shown {
                how,
                text: Cow::Borrowed(text),
            };
            assert_eq!(shown.credential(), expected, "{text}");
            assert!(!format!("{shown:?}").contains(text));
        }
    }

    #[test]
    fn an_id_has_one_hash() {
        let id = Id::default();
        let hash_of = |text: &str| Id::from_str(text).ok().map(|id| hash_of(&id));
        let text = id.to_string();
        assert_eq!(hash_of(&text), Some(sha256(&text)));
        assert_eq!(hash_of(&text[1..]), None);
        assert_eq!(hash_of(&format!("{text}=")), None);
        assert_eq!(hash_of(&format!(" {text}")), None);
    }
}
