//! Which headers pass, in both directions (pure; threats T22, T23, T25, T26).
//!
//! Both heads are built anew from short lists of what may pass, so that nothing passes by being spelled in a way
//! nobody thought of. What the proxy itself says (`Host`, `Authorization`, `Origin`, `X-Forwarded-For`) is put in
//! last and cannot be taken out by a `Connection` header that names it.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

use super::cookies;
use crate::upstream::Endpoint;

/// Every head that goes to a `KasmVNC` server is shorter: the oldest one still in use closes without a word when it
/// is longer (kasm-image 3.1).
pub(crate) const LONGEST_VNC_HEAD: usize = 4095;
/// One header, or the path: newer servers copy them into 1024 bytes without looking (VNC-494).
pub(crate) const LONGEST_VNC_FIELD: usize = 1023;

/// Passes from a browser to a plain web application.
const TO_DESKTOP: [HeaderName; 14] = [
    header::ACCEPT,
    header::ACCEPT_ENCODING,
    header::ACCEPT_LANGUAGE,
    header::RANGE,
    header::IF_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_NONE_MATCH,
    header::IF_RANGE,
    header::IF_UNMODIFIED_SINCE,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::USER_AGENT,
    HeaderName::from_static("x-requested-with"),
];

/// Passes from a plain web application to a browser.
const TO_BROWSER: [HeaderName; 11] = [
    header::ACCEPT_RANGES,
    header::CONTENT_DISPOSITION,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_LENGTH,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    header::DATE,
    header::ETAG,
    header::LAST_MODIFIED,
    header::RETRY_AFTER,
];

/// What the proxy says of itself on every request to a desktop.
fn own(to: &Endpoint, client: IpAddr) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::HOST, to.host());
    if let Some(account) = &to.account {
        headers.insert(header::AUTHORIZATION, account.basic());
    }
    // The key of the desktop's own ban: with it, one person's mistakes do not lock out everybody.
    if let Ok(client) = HeaderValue::try_from(client.to_string()) {
        headers.insert(HeaderName::from_static("x-forwarded-for"), client);
    }
    headers
}

/// The head of an ordinary request to a plain web application.
pub(crate) fn for_request(
    browser: &HeaderMap,
    method: &Method,
    to: &Endpoint,
    client: IpAddr,
) -> HeaderMap {
    let nominated = nominated(browser);
    let mut headers = HeaderMap::new();
    for name in TO_DESKTOP.iter().filter(|name| !nominated.contains(name)) {
        for value in browser.get_all(name) {
            headers.append(name, value.clone());
        }
    }
    if let Some(cookies) = cookies::for_desktop(browser) {
        headers.insert(header::COOKIE, cookies);
    }
    headers.extend(own(to, client));
    // The application compares it with Host, and both are ours; whether the request came from our own pages was
    // judged before.
    if browser.contains_key(header::ORIGIN) || !is_reading(method) {
        headers.insert(header::ORIGIN, to.origin());
    }
    headers
}

/// The head of a request for a tunnel. `offered` are the subprotocols; `browser` gives cookies and languages to a
/// plain web application, and nothing at all to a VNC desktop.
pub(crate) fn for_tunnel(
    browser: Option<&HeaderMap>,
    to: &Endpoint,
    client: IpAddr,
    key: &HeaderValue,
    offered: Option<HeaderValue>,
) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(browser) = browser {
        let nominated = nominated(browser);
        let passing = [header::ACCEPT_LANGUAGE, header::USER_AGENT];
        for name in passing.iter().filter(|name| !nominated.contains(name)) {
            if let Some(value) = browser.get(name) {
                headers.insert(name, value.clone());
            }
        }
        if let Some(cookies) = cookies::for_desktop(browser) {
            headers.insert(header::COOKIE, cookies);
        }
    }
    headers.extend(own(to, client));
    headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::ORIGIN, to.origin());
    headers.insert(
        header::SEC_WEBSOCKET_VERSION,
        HeaderValue::from_static("13"),
    );
    headers.insert(header::SEC_WEBSOCKET_KEY, key.clone());
    if let Some(offered) = offered {
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, offered);
    }
    headers
}

/// Whether a `KasmVNC` server can take this head.
pub(crate) fn fits_vnc(path: &str, headers: &HeaderMap) -> bool {
    let lines = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4);
    let whole = "GET  HTTP/1.1\r\n\r\n".len() + path.len() + lines.sum::<usize>();
    let field = headers.values().map(HeaderValue::len).max().unwrap_or(0);
    whole <= LONGEST_VNC_HEAD && path.len() <= LONGEST_VNC_FIELD && field <= LONGEST_VNC_FIELD
}

/// What passes of the head of a plain web application's answer. Its cookies are confined to `prefix`; `Location` is
/// the caller's business.
pub(crate) fn for_browser(desktop: &HeaderMap, prefix: &str) -> HeaderMap {
    let nominated = nominated(desktop);
    let mut headers = HeaderMap::new();
    for name in TO_BROWSER.iter().filter(|name| !nominated.contains(name)) {
        // One of each: two answers to one question are none.
        if let Some(value) = single(desktop, name) {
            headers.insert(name, value.clone());
        }
    }
    for cookie in cookies::for_browser(desktop, prefix) {
        headers.append(header::SET_COOKIE, cookie);
    }
    headers
}

/// Whether a method only reads.
pub(crate) fn is_reading(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// The header `name` if it is there exactly once.
pub(crate) fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

/// The names a message declares to be about its connection only (RFC 9110, 7.6.1).
fn nominated(headers: &HeaderMap) -> Vec<HeaderName> {
    headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::upstream::Account;

    fn endpoint(account: bool) -> Endpoint {
        Endpoint {
            address: ([127, 0, 0, 1], 7001).into(),
            tls: true,
            account: account.then(|| Account {
                user: "kasm_user".into(),
                password: "secret".into(),
            }),
        }
    }

    fn client() -> IpAddr {
        [203, 0, 113, 9].into()
    }

    fn map(lines: &[(&str, &str)]) -> HeaderMap {
        let parsed = |(name, value): &(&str, &str)| {
            (
                name.parse::<HeaderName>().unwrap(),
                HeaderValue::from_str(value).unwrap(),
            )
        };
        lines.iter().map(parsed).collect()
    }

    fn lines(headers: &HeaderMap) -> BTreeSet<String> {
        let line = |(name, value): (&HeaderName, &HeaderValue)| {
            format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))
        };
        headers.iter().map(line).collect()
    }

    #[test]
    fn only_what_is_listed_goes_to_a_web_application() {
        let browser = map(&[
            ("host", "desk.example"),
            ("accept", "text/html"),
            ("range", "bytes=0-1"),
            ("user-agent", "Browser"),
            ("x-requested-with", "XMLHttpRequest"),
            ("authorization", "Bearer stolen"),
            ("proxy-authorization", "Basic x"),
            ("cookie", "deskcast=secret; theme=dark"),
            ("cookie", "__Host-deskcast=secret; lang=de"),
            ("cookie2", "x"),
            ("x-session-id", "secret"),
            ("referer", "https://desk.example/?x"),
            ("origin", "https://desk.example"),
            ("forwarded", "for=1.2.3.4"),
            ("x-forwarded-for", "1.2.3.4"),
            ("x_forwarded_for", "1.2.3.4"),
            ("x-forwarded-host", "evil"),
            ("sec-fetch-site", "none"),
            ("sec-ch-ua", "x"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("expect", "100-continue"),
        ]);
        let sent = for_request(&browser, &Method::GET, &endpoint(false), client());
        let expected = [
            "accept: text/html",
            "cookie: theme=dark; lang=de",
            "host: 127.0.0.1:7001",
            "origin: https://127.0.0.1:7001",
            "range: bytes=0-1",
            "user-agent: Browser",
            "x-forwarded-for: 203.0.113.9",
            "x-requested-with: XMLHttpRequest",
        ];
        assert_eq!(lines(&sent), expected.map(str::to_owned).into());
    }

    #[test]
    fn a_vnc_desktop_sees_nothing_of_the_browser() {
        let key = HeaderValue::from_static("AAAAAAAAAAAAAAAAAAAAAA==");
        let binary = Some(HeaderValue::from_static("binary"));
        let sent = for_tunnel(None, &endpoint(true), client(), &key, binary);
        let expected = [
            "accept: */*",
            "authorization: Basic a2FzbV91c2VyOnNlY3JldA==",
            "connection: Upgrade",
            "host: 127.0.0.1:7001",
            "origin: https://127.0.0.1:7001",
            "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==",
            "sec-websocket-protocol: binary",
            "sec-websocket-version: 13",
            "upgrade: websocket",
            "x-forwarded-for: 203.0.113.9",
        ];
        assert_eq!(lines(&sent), expected.map(str::to_owned).into());
        assert!(fits_vnc("/websockify", &sent));
        assert!(!fits_vnc(&"x".repeat(1024), &sent));
    }

    #[test]
    fn naming_our_headers_as_hop_by_hop_does_not_remove_them() {
        let browser = map(&[
            (
                "connection",
                "close, X-Forwarded-For, Authorization, Host, Origin",
            ),
            ("connection", "Accept, Cookie"),
            ("accept", "text/html"),
        ]);
        let sent = for_request(&browser, &Method::POST, &endpoint(true), client());
        for name in ["host", "authorization", "origin", "x-forwarded-for"] {
            assert!(sent.contains_key(name), "{name}");
        }
        assert!(!sent.contains_key("accept"));
    }

    /// What a hostile container may say, besides the two that pass.
    const HOSTILE: &str = "x-accel-redirect x-accel-buffering x-sendfile clear-site-data alt-svc nel report-to \
        reporting-endpoints strict-transport-security service-worker-allowed content-security-policy \
        content-security-policy-report-only cross-origin-opener-policy cross-origin-embedder-policy \
        cross-origin-resource-policy permissions-policy access-control-allow-origin \
        access-control-allow-credentials link refresh www-authenticate proxy-authenticate server \
        sourcemap x-sourcemap set-cookie2 location content-location transfer-encoding upgrade connection \
        keep-alive trailer cache-control expires pragma age vary x-frame-options timing-allow-origin \
        origin-agent-cluster speculation-rules accept-ch public-key-pins x-powered-by via warning \
        document-policy no-vary-search sec-websocket-accept supports-loading-mode set-login \
        x-permitted-cross-domain-policies x-ua-compatible p3p digest deprecation sunset signature \
        observe-browsing-topics attribution-reporting-eligible";

    #[test]
    fn hostile_answers_lose_everything_that_is_not_listed() {
        let mut answer: HeaderMap = map(&[("content-type", "text/html"), ("etag", "\"x\"")]);
        for name in HOSTILE.split_whitespace() {
            answer.insert(
                name.parse::<HeaderName>().unwrap(),
                HeaderValue::from_static("/evil"),
            );
        }
        let passed = lines(&for_browser(&answer, "/desktop/a/"));
        assert_eq!(
            passed,
            ["content-type: text/html", "etag: \"x\""]
                .map(str::to_owned)
                .into()
        );
    }

    proptest! {
        #[test]
        fn no_header_of_any_name_gets_through_unless_listed(
            names in prop::collection::vec("[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,24}", 1..20),
        ) {
            let mut browser = HeaderMap::new();
            for name in names {
                browser.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_static("canary"));
            }
            let sent = for_request(&browser, &Method::POST, &endpoint(true), client());
            for (name, value) in &sent {
                prop_assert!(TO_DESKTOP.contains(name) || !value.as_bytes().windows(6).any(|w| w == b"canary"));
            }
            for name in for_browser(&browser, "/desktop/a/").keys() {
                prop_assert!(TO_BROWSER.contains(name));
            }
        }
    }
}
