//! The WebSocket handshake, towards the browser and towards the desktop (pure; threats T20, T21, T24).

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header, request};
use sha1::{Digest, Sha1};

use super::headers::single;

/// More subprotocols, or longer ones, than any client offers.
const LONGEST_OFFER: usize = 512;

/// A browser's handshake that is right in every part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Handshake {
    /// `Sec-WebSocket-Accept` for the browser.
    pub(crate) accept: HeaderValue,
    /// The subprotocols it offered, in its order.
    pub(crate) offered: Vec<String>,
}

/// Why a handshake is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadHandshake {
    /// Another page, or no browser at all: the desktop itself would let anybody in.
    ForeignOrigin,
    /// Another version of the protocol.
    Version,
    /// Not as RFC 6455 says; which part.
    Malformed(&'static str),
}

/// Whether a request wants to become something else than a request.
pub(crate) fn wants_upgrade(headers: &HeaderMap) -> bool {
    headers.contains_key(header::UPGRADE)
}

/// Checks the head of a request that wants a WebSocket. The origin comes first: `origin` exactly, because nothing
/// else in a handshake tells a foreign page from ours.
pub(crate) fn check(head: &request::Parts, origin: &str) -> Result<Handshake, BadHandshake> {
    use BadHandshake::{ForeignOrigin, Malformed, Version as WrongVersion};
    let headers = &head.headers;
    if single(headers, &header::ORIGIN).is_none_or(|from| from != origin) {
        return Err(ForeignOrigin);
    }
    if head.method != Method::GET || head.version != Version::HTTP_11 {
        return Err(Malformed("method or version"));
    }
    let upgrade = single(headers, &header::UPGRADE).and_then(|value| value.to_str().ok());
    if !upgrade.is_some_and(|value| value.trim().eq_ignore_ascii_case("websocket")) {
        return Err(Malformed("Upgrade"));
    }
    if !names(headers, &header::CONNECTION, "upgrade") {
        return Err(Malformed("Connection"));
    }
    let length = headers.get(header::CONTENT_LENGTH);
    if length.is_some_and(|length| length != "0") || headers.contains_key(header::TRANSFER_ENCODING)
    {
        return Err(Malformed("a body"));
    }
    if single(headers, &header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
        return Err(WrongVersion);
    }
    let key = single(headers, &header::SEC_WEBSOCKET_KEY).filter(|key| {
        let bytes = STANDARD.decode(key.as_bytes());
        bytes.is_ok_and(|bytes| bytes.len() == 16)
    });
    let key = key.ok_or(Malformed("Sec-WebSocket-Key"))?;
    Ok(Handshake {
        accept: accept(key),
        offered: subprotocols(headers).ok_or(Malformed("Sec-WebSocket-Protocol"))?,
    })
}

/// A key of our own.
pub(crate) fn new_key() -> HeaderValue {
    let text = STANDARD.encode(rand::random::<[u8; 16]>());
    HeaderValue::try_from(text).expect("base64 is printable ASCII")
}

/// `Sec-WebSocket-Accept` for `key`.
pub(crate) fn accept(key: &HeaderValue) -> HeaderValue {
    let digest = Sha1::new()
        .chain_update(key.as_bytes())
        .chain_update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
        .finalize();
    HeaderValue::try_from(STANDARD.encode(digest)).expect("base64 is printable ASCII")
}

/// Whether a desktop's answer to the handshake with `key` opens a WebSocket that was asked for: answers the
/// subprotocol it chose, which must be one of `offered`.
pub(crate) fn opened(
    status: StatusCode,
    answer: &HeaderMap,
    key: &HeaderValue,
    offered: &[String],
) -> Result<Option<String>, &'static str> {
    if status != StatusCode::SWITCHING_PROTOCOLS {
        return Err("it did not switch protocols");
    }
    let upgrade = single(answer, &header::UPGRADE).and_then(|value| value.to_str().ok());
    if !upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket")) {
        return Err("it switched to another protocol");
    }
    if !names(answer, &header::CONNECTION, "upgrade") {
        return Err("its Connection header does not say upgrade");
    }
    if single(answer, &header::SEC_WEBSOCKET_ACCEPT) != Some(&accept(key)) {
        return Err("it did not answer our key");
    }
    if answer.contains_key(header::SEC_WEBSOCKET_EXTENSIONS) {
        return Err("it chose an extension nobody offered");
    }
    if !answer.contains_key(header::SEC_WEBSOCKET_PROTOCOL) {
        return Ok(None);
    }
    let chosen = single(answer, &header::SEC_WEBSOCKET_PROTOCOL)
        .and_then(|value| value.to_str().ok())
        .map(str::trim)
        .filter(|chosen| offered.iter().any(|offer| offer == chosen));
    match chosen {
        Some(chosen) => Ok(Some(chosen.to_owned())),
        None => Err("it chose a subprotocol nobody offered"),
    }
}

fn names(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .any(|item| item.trim().eq_ignore_ascii_case(token))
}

fn subprotocols(headers: &HeaderMap) -> Option<Vec<String>> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let mut offered = Vec::new();
    let mut length = 0;
    for value in headers.get_all(header::SEC_WEBSOCKET_PROTOCOL) {
        for item in value.to_str().ok()?.split(',').map(str::trim) {
            length += item.len() + 2;
            if item.is_empty() || !item.bytes().all(is_token) || length > LONGEST_OFFER {
                return None;
            }
            offered.push(item.to_owned());
        }
    }
    Some(offered)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "https://desk.example";
    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

    fn head(change: &[(&'static str, Option<&str>)]) -> request::Parts {
        let right = [
            ("host", "desk.example"),
            ("origin", OURS),
            ("upgrade", "websocket"),
            ("connection", "keep-alive, Upgrade"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", KEY),
            ("sec-websocket-protocol", "binary, base64"),
        ];
        let mut builder = http::Request::builder().uri("/desktop/a/websockify");
        for (name, value) in right {
            if !change.iter().any(|(changed, _)| *changed == name) {
                builder = builder.header(name, value);
            }
        }
        for (name, value) in change {
            if let Some(value) = value {
                builder = builder.header(*name, *value);
            }
        }
        builder.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_right_handshake() {
        let checked = check(&head(&[]), OURS).unwrap();
        // The example of RFC 6455, 1.3.
        assert_eq!(checked.accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(checked.offered, ["binary", "base64"]);
        let silent = check(&head(&[("sec-websocket-protocol", None)]), OURS).unwrap();
        assert_eq!(silent.offered, [""; 0]);
    }

    #[test]
    fn only_our_own_origin_in_every_letter() {
        for origin in [
            None,
            Some("null"),
            Some(""),
            Some("http://desk.example"),
            Some("https://desk.example:443"),
            Some("https://desk.example:8443"),
            Some("https://desk.example/"),
            Some("https://DESK.example"),
            Some("https://desk.example.evil"),
            Some("https://evil.desk.example"),
            Some("https://x@desk.example"),
            Some("https://desk.example, https://desk.example"),
            Some("desk.example"),
        ] {
            let refused = check(&head(&[("origin", origin)]), OURS);
            assert_eq!(refused, Err(BadHandshake::ForeignOrigin), "{origin:?}");
        }
        let mut twice = head(&[]);
        twice
            .headers
            .append("origin", HeaderValue::from_static(OURS));
        assert_eq!(check(&twice, OURS), Err(BadHandshake::ForeignOrigin));
    }

    #[test]
    fn malformed_handshakes() {
        let table: [(&'static str, Option<&str>); 13] = [
            ("upgrade", None),
            ("upgrade", Some("h2c")),
            ("upgrade", Some("websocket, h2c")),
            ("connection", None),
            ("connection", Some("keep-alive")),
            ("connection", Some("upgraded")),
            ("sec-websocket-key", None),
            ("sec-websocket-key", Some("c2hvcnQ=")),
            ("sec-websocket-key", Some("not base64 at all!!!!!!!")),
            ("sec-websocket-protocol", Some("binary,")),
            ("sec-websocket-protocol", Some("bin ary")),
            ("content-length", Some("5")),
            ("transfer-encoding", Some("chunked")),
        ];
        for (name, value) in table {
            let refused = check(&head(&[(name, value)]), OURS);
            assert!(
                matches!(refused, Err(BadHandshake::Malformed(_))),
                "{name}: {value:?} gives {refused:?}"
            );
        }
        for version in [None, Some("8"), Some("13, 8"), Some("013")] {
            let refused = check(&head(&[("sec-websocket-version", version)]), OURS);
            assert_eq!(refused, Err(BadHandshake::Version), "{version:?}");
        }
        let mut post = head(&[]);
        post.method = Method::POST;
        assert!(check(&post, OURS).is_err());
        let mut old = head(&[]);
        old.version = Version::HTTP_10;
        assert!(check(&old, OURS).is_err());
    }

    #[test]
    fn what_a_desktop_answers() {
        let key = HeaderValue::from_static(KEY);
        let offered = ["binary".to_owned()];
        let answer = |change: &[(&'static str, Option<&'static str>)]| {
            let right = [
                ("upgrade", "websocket"),
                ("connection", "Upgrade"),
                ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
                ("sec-websocket-protocol", "binary"),
            ];
            let mut headers = HeaderMap::new();
            for (name, value) in right {
                if !change.iter().any(|(changed, _)| *changed == name) {
                    headers.append(name, HeaderValue::from_static(value));
                }
            }
            for (name, value) in change
                .iter()
                .filter_map(|(name, value)| Some((*name, (*value)?)))
            {
                headers.append(name, HeaderValue::from_static(value));
            }
            headers
        };
        let judge = |status: u16, headers: &HeaderMap| {
            opened(
                StatusCode::from_u16(status).unwrap(),
                headers,
                &key,
                &offered,
            )
        };
        assert_eq!(judge(101, &answer(&[])), Ok(Some("binary".into())));
        assert_eq!(
            judge(101, &answer(&[("sec-websocket-protocol", None)])),
            Ok(None)
        );
        assert!(judge(200, &answer(&[])).is_err());
        for change in [
            ("upgrade", None),
            ("upgrade", Some("h2c")),
            ("connection", None),
            ("connection", Some("close")),
            ("sec-websocket-accept", None),
            ("sec-websocket-accept", Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOO=")),
            ("sec-websocket-extensions", Some("permessage-deflate")),
            ("sec-websocket-protocol", Some("chat")),
            ("sec-websocket-protocol", Some("")),
        ] {
            assert!(judge(101, &answer(&[change])).is_err(), "{change:?}");
        }
    }
}
