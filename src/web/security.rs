//! What a browser may do with our pages, and which requests it may send us.
//!
//! Two rules: state changes come from our own pages ([`same_origin`], T4), and every page says what it may load
//! ([`page_csp`], T31); the page around a desktop has a stricter policy (`proxy/viewer_policy.rs`). Nothing here is
//! applied to `/desktop/*`, whose headers the proxy writes.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

use super::{branch::Branch, page::Nonce};
use crate::{
    error::{AppError, ErrorFacts},
    say,
};

/// Whether a state-changing request was sent by one of our own pages.
///
/// `Sec-Fetch-Site` must be `same-origin` when the browser sends it, `Origin` must be ours when it is there, and at
/// least one of the two must be there. A sibling subdomain is `same-site` and is refused: a desktop may live there.
#[must_use]
pub fn same_origin(headers: &HeaderMap, origin: &str) -> bool {
    let (Ok(site), Ok(from)) = (
        single(headers, &SEC_FETCH_SITE),
        single(headers, &header::ORIGIN),
    ) else {
        return false;
    };
    match (site, from) {
        (None, None) => false,
        (None, Some(from)) => from == origin,
        (Some(site), None) => site == "same-origin",
        // The host was checked before: a page opened by another of our names (localhost) posts from that name.
        (Some(site), Some(from)) => {
            site == "same-origin" && (from == origin || from_own_host(from, headers))
        }
    }
}

static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A header that may come once: its text, `None` when missing, an error when doubled or no text.
pub(super) fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| ()),
        (Some(_), Some(_)) => Err(()),
    }
}

fn from_own_host(from: &str, headers: &HeaderMap) -> bool {
    let host = single(headers, &header::HOST).ok().flatten();
    let from = from
        .strip_prefix("http://")
        .or_else(|| from.strip_prefix("https://"));
    matches!((from, host), (Some(from), Some(host)) if from.eq_ignore_ascii_case(host))
}

/// The Content-Security-Policy of a page of ours: only our files, only scripts with this response's nonce, no frames.
#[must_use]
pub fn page_csp(nonce: &str) -> HeaderValue {
    page_csp_with(nonce, &MayLoad::default())
}

/// The same for a page that shows pictures of these other origins (`https://host`), and nothing else of theirs.
#[must_use]
pub fn page_csp_with_pictures(nonce: &str, origins: &[String]) -> HeaderValue {
    let pictures = origins.to_vec();
    page_csp_with(
        nonce,
        &MayLoad {
            pictures,
            ..MayLoad::default()
        },
    )
}

/// What one page may do besides what all pages may: places as a policy names them (`https://host`, or with a path that
/// ends with a slash for all that is below it).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MayLoad {
    /// Pictures from here.
    pub pictures: Vec<String>,
    /// Its form may be answered by a redirect to here: browsers check where a form leads in the end.
    pub forms: Vec<String>,
    /// Scripts from here, also without the nonce.
    pub scripts: Vec<String>,
    /// Frames with pages from here.
    pub frames: Vec<String>,
    /// Workers of our own.
    pub workers: bool,
}

/// The same for a page that may do more.
#[must_use]
pub fn page_csp_with(nonce: &str, more: &MayLoad) -> HeaderValue {
    let also = |places: &[String]| {
        places
            .iter()
            .flat_map(|place| [" ", place.as_str()])
            .collect::<String>()
    };
    let (pictures, forms, scripts) = (also(&more.pictures), also(&more.forms), also(&more.scripts));
    let frames = if more.frames.is_empty() {
        " 'none'".to_owned()
    } else {
        also(&more.frames)
    };
    let workers = if more.workers {
        "worker-src 'self'; "
    } else {
        ""
    };
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'{scripts}; style-src 'self'; img-src 'self' data:{pictures}; \
         font-src 'self'; manifest-src 'self'; connect-src 'self'; {workers}frame-src{frames}; form-action 'self'{forms}; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    // A nonce is base64 and fits a header. If not, nothing may load.
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// Layer: gives the request a [`Nonce`], and the answer the headers of a page of ours. `/desktop/*` is left to the
/// proxy, but for the error pages we show there ourselves.
pub async fn headers(State(https): State<Https>, mut request: Request, next: Next) -> Response {
    let nonce = STANDARD_NO_PAD.encode(rand::random::<[u8; 16]>());
    let branch = Branch::of(request.extensions());
    request.extensions_mut().insert(Nonce(nonce.clone()));
    let mut response = next.run(request).await;
    let ours = branch != Branch::Desktop || response.extensions().get::<ErrorFacts>().is_some();
    if branch == Branch::KeyPage {
        // Not no-referrer: with it a form has no Origin either, and would be refused.
        let policy = HeaderValue::from_static("strict-origin");
        response
            .headers_mut()
            .insert(header::REFERRER_POLICY, policy);
    }
    if ours {
        protect(response.headers_mut(), https, &nonce);
    }
    response
}

/// Whether browsers reach us over TLS only.
#[derive(Clone, Copy, Debug)]
pub struct Https(pub bool);

/// The headers of a page of ours. What is there already stays: a handler may know better.
pub fn protect(headers: &mut HeaderMap, Https(https): Https, nonce: &str) {
    let is_page = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let policy = if is_page {
        page_csp(nonce)
    } else {
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")
    };
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(policy);
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // Unlike the value of desktops: two pages with one value share their windows (section 0.5 of the threats).
        (OPENER_POLICY, "same-origin-allow-popups"),
        (RESOURCE_POLICY, "same-origin"),
        (PERMISSIONS_POLICY, NO_DEVICES),
        // Somebody's own, unless the answer says otherwise.
        (header::CACHE_CONTROL, "private, no-store"),
    ] {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if https {
        headers
            .entry(header::STRICT_TRANSPORT_SECURITY)
            .or_insert(HeaderValue::from_static("max-age=31536000"));
    }
}

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
/// What neither a page of ours nor one of a desktop needs of the machine it is shown on.
pub const NO_DEVICES: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), serial=(), usb=()";

/// Layer of pages and the API: a request that changes something and comes from a browser must come from one of our
/// own pages (T4). The rule stands here for every route, those of tomorrow included. Scripts that show an id in a
/// header do not need it: another site cannot make a browser send one.
pub async fn origin_rule(State(origin): State<Arc<str>>, request: Request, next: Next) -> Response {
    if !request.method().is_safe() && !may_change(request.headers(), &origin) {
        return AppError::Forbidden(say!("error-not-from-here")).into_response();
    }
    next.run(request).await
}

fn may_change(headers: &HeaderMap, origin: &str) -> bool {
    let has = |name: &HeaderName| headers.contains_key(name);
    let by_script = has(&SESSION_ID) || has(&header::AUTHORIZATION);
    let by_browser = has(&header::COOKIE) || has(&header::ORIGIN) || has(&SEC_FETCH_SITE);
    by_script || !by_browser || same_origin(headers, origin)
}

static SESSION_ID: HeaderName = HeaderName::from_static("x-session-id");

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://desk.example.com";

    fn map(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn only_our_own_pages_change_something() {
        const SITE: &str = "sec-fetch-site";
        let table: [(&[(&'static str, &str)], bool); 24] = [
            (&[], false),
            (&[("origin", ORIGIN)], true),
            (&[(SITE, "same-origin")], true),
            (&[(SITE, "same-origin"), ("origin", ORIGIN)], true),
            (&[(SITE, "same-site"), ("origin", ORIGIN)], false),
            (&[(SITE, "cross-site"), ("origin", ORIGIN)], false),
            (&[(SITE, "none"), ("origin", ORIGIN)], false),
            (&[(SITE, "same-site")], false),
            (&[(SITE, "cross-site")], false),
            (&[(SITE, "none")], false),
            (&[(SITE, "")], false),
            (&[(SITE, "Same-Origin")], false),
            (&[(SITE, "same-origin"), ("origin", "null")], false),
            (&[("origin", "null")], false),
            (&[("origin", "")], false),
            (&[("origin", "https://jane.desk.example.com")], false),
            (&[("origin", "http://desk.example.com")], false),
            (&[("origin", "https://desk.example.com:8443")], false),
            (&[("origin", "https://desk.example.com:443")], false),
            (&[("origin", "https://desk.example.com.evil")], false),
            (&[("origin", "https://desk.example.com/")], false),
            (&[("origin", "https://DESK.example.com")], false),
            (&[("origin", ORIGIN), ("origin", "https://evil")], false),
            (&[(SITE, "same-origin"), (SITE, "cross-site")], false),
        ];
        for (headers, allowed) in table {
            assert_eq!(same_origin(&map(headers), ORIGIN), allowed, "{headers:?}");
        }
    }

    #[test]
    fn a_page_opened_by_another_of_our_names_counts_as_ours() {
        let from = |origin| {
            map(&[
                ("host", "localhost:8080"),
                ("sec-fetch-site", "same-origin"),
                ("origin", origin),
            ])
        };
        assert!(same_origin(
            &from("http://localhost:8080"),
            "http://127.0.0.1:8080"
        ));
        assert!(!same_origin(
            &from("http://localhost:9999"),
            "http://127.0.0.1:8080"
        ));
    }

    #[test]
    fn scripts_need_no_origin_and_browsers_do() {
        let table: [(&[(&'static str, &str)], bool); 6] = [
            (&[], true),
            (&[("x-session-id", "a")], true),
            (&[("authorization", "Bearer a"), ("cookie", "b=c")], true),
            (&[("cookie", "deskcast=a")], false),
            (&[("origin", "https://evil")], false),
            (&[("cookie", "deskcast=a"), ("origin", ORIGIN)], true),
        ];
        for (headers, allowed) in table {
            assert_eq!(may_change(&map(headers), ORIGIN), allowed, "{headers:?}");
        }
    }

    #[test]
    fn a_page_loads_only_what_is_ours() {
        let policy = page_csp("abc");
        let policy = policy.to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'nonce-abc';"));
        assert!(policy.contains("frame-src 'none'; "));
        assert!(!policy.contains("unsafe"));
        assert_eq!(page_csp("a\nb"), "default-src 'none'");
        let origins = ["https://auth.example.com".to_owned()];
        let policy = page_csp_with_pictures("abc", &origins);
        let policy = policy.to_str().unwrap();
        assert!(policy.contains("img-src 'self' data: https://auth.example.com; "));
        assert_eq!(policy.matches("auth.example.com").count(), 1);
    }
}
