//! Addresses below a desktop, and where its answers lead.

use http::HeaderValue;
use url::Url;

use super::super::{location, path};

const ORIGIN: &str = "https://desk.example";
const PREFIX: &str = "/desktop/jane-app/";

/// A path that passes stays below its desktop, read once or decoded twice; and so does every `Location`.
///
/// # Panics
///
/// The promise is broken.
pub fn paths(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        stays(text);
        if let Ok(target) = path::parse(text) {
            let rest = target.rest.map(|rest| format!("/{rest}"));
            let again = format!("/desktop/{}{}", target.name, rest.unwrap_or_default());
            assert_eq!(again, text);
            stays(target.rest.unwrap_or_default());
        }
    }
    let asked = Url::parse("http://127.0.0.1:7001/folder/page?x=1").expect("an address");
    let to = HeaderValue::from_bytes(bytes)
        .ok()
        .and_then(|value| location::within(&value, &asked, ORIGIN, PREFIX));
    if let Some(to) = to {
        let to = to.to_str().expect("an address");
        let page = Url::parse(ORIGIN).and_then(|origin| origin.join(PREFIX));
        let seen = page.and_then(|page| page.join(to)).expect("an address");
        assert_eq!(seen.origin().ascii_serialization(), ORIGIN);
        assert!(seen.path().starts_with(PREFIX), "{seen}");
        stays(&seen.path()[PREFIX.len()..]);
    }
}

fn stays(rest: &str) {
    if !path::is_plain(rest) {
        return;
    }
    let below = Url::parse(&format!("http://desktop/root/{rest}")).expect("an address");
    assert!(below.path().starts_with("/root/"), "{below}");
    assert_eq!(
        below.path().matches('/').count(),
        rest.matches('/').count() + 2,
        "no step was taken out"
    );
    assert!(below.query().is_none() && below.fragment().is_none());
    let mut text = rest.to_owned();
    for _ in 0..2 {
        text = path::decoded(&text).into_owned();
        assert!(
            !text
                .split(['/', '\\'])
                .any(|segment| matches!(segment, "." | ".."))
        );
        assert!(!text.contains(char::is_control));
    }
}
