//! Heads of requests and answers, cookies and handshakes.

use base64::{Engine, engine::general_purpose::STANDARD};
use cookie::Cookie;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use super::super::{cookies, handshake, headers};
use crate::{
    upstream::{Account, Endpoint},
    web::fuzzing::head,
};

const ORIGIN: &str = "https://desk.example";
const PREFIX: &str = "/desktop/jane-app/";

/// Never goes to a desktop as a browser sent it.
const NOT_IN: [&str; 12] = [
    "connection",
    "forwarded",
    "keep-alive",
    "proxy-authorization",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-session-id",
];

/// Never comes to a browser from a desktop.
const NOT_OUT: [&str; 16] = [
    "access-control-allow-origin",
    "alt-svc",
    "clear-site-data",
    "connection",
    "content-security-policy",
    "link",
    "location",
    "permissions-policy",
    "refresh",
    "reporting-endpoints",
    "service-worker-allowed",
    "sourcemap",
    "speculation-rules",
    "strict-transport-security",
    "transfer-encoding",
    "www-authenticate",
];

/// Nothing of ours goes to a desktop, and nothing it says reaches beyond its prefix.
///
/// # Panics
///
/// The promise is broken.
pub fn heads(bytes: &[u8]) {
    let Some(head) = head(bytes) else { return };
    let browser = &head.headers;
    let to = Endpoint {
        address: ([127, 0, 0, 1], 7001).into(),
        tls: true,
        account: Some(Account {
            user: "kasm_user".into(),
            password: "secret".into(),
        }),
    };
    let client = [203, 0, 113, 9].into();
    let request = headers::for_request(browser, &head.method, &to, client);
    assert!(NOT_IN.iter().all(|name| !request.contains_key(*name)));
    assert_in(&request, &to);
    for with in [None, Some(browser)] {
        let key = handshake::new_key();
        let tunnel = headers::for_tunnel(with, &to, client, &key, None);
        assert_in(&tunnel, &to);
        assert_eq!(one(&tunnel, &header::SEC_WEBSOCKET_KEY), Some(&key));
        let path = head.uri.path();
        if headers::fits_vnc(path, &tunnel) {
            let lines = tunnel
                .iter()
                .map(|(name, value)| format!("{name}: ").len() + value.len() + 2)
                .sum::<usize>();
            let whole = format!("GET {path} HTTP/1.1\r\n\r\n").len() + lines;
            assert!(whole <= headers::LONGEST_VNC_HEAD);
        }
    }
    assert_out(browser);
}

fn assert_in(sent: &HeaderMap, to: &Endpoint) {
    assert_eq!(one(sent, &header::HOST), Some(&to.host()));
    let account = to.account.as_ref().map(Account::basic);
    assert_eq!(one(sent, &header::AUTHORIZATION), account.as_ref());
    let client = HeaderName::from_static("x-forwarded-for");
    assert!(one(sent, &client).is_some_and(|client| client == "203.0.113.9"));
    if let Some(origin) = sent.get(header::ORIGIN) {
        assert_eq!(*origin, to.origin());
    }
    for value in sent.get_all(header::COOKIE) {
        let pairs = value.to_str().expect("text").split(';');
        for name in pairs.filter_map(|pair| pair.split('=').next()) {
            assert!(!is_ours(name), "{value:?}");
        }
    }
}

fn assert_out(desktop: &HeaderMap) {
    let answer = headers::for_browser(desktop, PREFIX);
    assert!(NOT_OUT.iter().all(|name| !answer.contains_key(*name)));
    for name in answer.keys().filter(|name| **name != header::SET_COOKIE) {
        assert!(one(&answer, name).is_some(), "{name} is there twice");
    }
    let set = cookies::for_browser(desktop, PREFIX);
    assert!(set.len() <= 32);
    for value in set {
        let text = value.to_str().expect("text");
        let cookie = Cookie::parse(text).expect("a cookie");
        assert_eq!(cookie.path(), Some(PREFIX), "{text}");
        assert_eq!(cookie.domain(), None, "{text}");
        assert!(!is_ours(cookie.name()), "{text}");
        let says = |word: &str| text.to_ascii_lowercase().matches(word).count();
        assert_eq!((says("; path="), says("; domain=")), (1, 0), "{text}");
    }
}

fn is_ours(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    ["deskcast", "__host-", "__secure-", "__http-"]
        .iter()
        .any(|ours| name.starts_with(ours))
}

fn one<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h HeaderValue> {
    let mut all = headers.get_all(name).iter();
    all.next().filter(|_| all.next().is_none())
}

/// A handshake passes from our own origin alone, as RFC 6455 says; and a desktop opens only what was offered.
///
/// # Panics
///
/// The promise is broken.
pub fn handshakes(bytes: &[u8]) {
    let Some(head) = head(bytes) else { return };
    let offered = handshake::check(&head, ORIGIN).map(|checked| {
        let headers = &head.headers;
        assert_eq!(head.method, Method::GET);
        assert!(one(headers, &header::ORIGIN).is_some_and(|origin| origin == ORIGIN));
        assert!(
            one(headers, &header::SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13")
        );
        let key = one(headers, &header::SEC_WEBSOCKET_KEY).expect("a key");
        assert_eq!(STANDARD.decode(key).map(|key| key.len()), Ok(16));
        assert_eq!(
            STANDARD.decode(&checked.accept).map(|accept| accept.len()),
            Ok(20)
        );
        let total: usize = checked.offered.iter().map(String::len).sum();
        assert!(total <= 512);
        for name in &checked.offered {
            assert!(
                !name.is_empty()
                    && name
                        .bytes()
                        .all(|byte| byte.is_ascii_graphic() && !b",;".contains(&byte))
            );
        }
        checked.offered
    });
    // The same lines as a desktop's answer.
    let key = HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ==");
    let offered = offered.unwrap_or_else(|_| vec!["binary".into()]);
    for status in [StatusCode::SWITCHING_PROTOCOLS, StatusCode::OK] {
        if let Ok(chosen) = handshake::opened(status, &head.headers, &key, &offered) {
            assert_eq!(status, StatusCode::SWITCHING_PROTOCOLS);
            let accept = one(&head.headers, &header::SEC_WEBSOCKET_ACCEPT);
            // RFC 6455, 1.3.
            assert!(accept.is_some_and(|accept| accept == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
            assert!(chosen.is_none_or(|chosen| offered.contains(&chosen)));
        }
    }
}
