//! What holds for every head of a request, whatever a stranger writes into it.

use std::net::{IpAddr, Ipv4Addr};

use axum::http::{HeaderName, HeaderValue, Request, Uri, header, request::Parts};
use url::Url;

use super::{
    cookie_rule::folders,
    cookies::{self, OURS},
    host::HostRule,
    visitor::client_of,
};

/// The head of a request, as a server gives it to its handlers: method and target, then a header on each line. `None`
/// when no server would pass it on.
pub(crate) fn head(bytes: &[u8]) -> Option<Parts> {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let mut first = lines.next()?.splitn(2, |byte| *byte == b' ');
    let mut request = Request::builder()
        .method(first.next()?)
        .uri(first.next().unwrap_or(b"/"));
    for line in lines {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
        request = request.header(name, value);
    }
    Some(request.body(()).ok()?.into_parts().0)
}

/// A foreign host never passes; only a trusted proxy is believed; a cookie that is there twice is not there.
///
/// # Panics
///
/// The promise is broken.
pub fn requests(bytes: &[u8]) {
    let Some(head) = head(bytes) else { return };
    let headers = &head.headers;
    let ours: Url = "https://desk.example".parse().expect("an address");
    if HostRule::new(&ours, 8080).check(&head.uri, headers).is_ok() {
        let host = headers.get(header::HOST).map(HeaderValue::as_bytes);
        let host = host.unwrap_or_default().to_ascii_lowercase();
        assert!(host == b"desk.example" || host == b"desk.example:443");
    }
    let peer = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));
    let network = "10.0.0.0/8".parse().expect("a network");
    assert_eq!(client_of(peer, headers, &[network]), peer);
    let proxy = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    let client = client_of(proxy, headers, &[network]);
    let believed = headers.contains_key("x-forwarded-for");
    assert!(believed || client == proxy, "nobody said {client}");

    for name in OURS {
        for secure in [false, true] {
            let value = cookies::value(headers, name, secure);
            assert_eq!(value.is_some(), cookies::count(headers, name, secure) == 1);
            for folder in folders(head.uri.path()) {
                let away = cookies::away(name, &folder, None, secure);
                assert!(away.to_str().is_ok_and(|away| away.contains("Max-Age=0")));
            }
        }
    }
    let _ = Uri::try_from(bytes);
}
