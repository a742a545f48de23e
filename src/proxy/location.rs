//! Where an answer sends the browser: only to the same desktop (pure; threat T23).
//!
//! A browser checks the path of a page's policy only before a redirect. One that led out of the desktop's prefix
//! would carry a hostile page's request, with the person's cookie, to our own API.

use http::HeaderValue;
use url::{Position, Url};

use super::path;

/// The browser's address for `location`, as the desktop answered it to a request for `asked` (its own address, with
/// its own path). `None` when it leads anywhere else.
pub(crate) fn within(
    location: &HeaderValue,
    asked: &Url,
    origin: &str,
    prefix: &str,
) -> Option<HeaderValue> {
    let to = asked.join(location.to_str().ok()?).ok()?;
    if !to.username().is_empty() || to.password().is_some() {
        return None;
    }
    let rest = if to.origin() == asked.origin() {
        // An application that was told its address from outside may have written it already.
        to.path()
            .strip_prefix(prefix)
            .or(to.path().strip_prefix('/'))
    } else if to.origin().ascii_serialization() == origin {
        to.path().strip_prefix(prefix)
    } else {
        None
    }?;
    if !path::is_plain(rest) {
        return None;
    }
    let tail = &to[Position::AfterPath..];
    HeaderValue::try_from(format!("{prefix}{rest}{tail}")).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ORIGIN: &str = "https://desk.example";
    const PREFIX: &str = "/desktop/jane-app/";

    fn place() -> Url {
        Url::parse("http://127.0.0.1:7001/folder/page?x=1").unwrap()
    }

    fn go(location: &str) -> Option<String> {
        let value = HeaderValue::from_bytes(location.as_bytes()).ok()?;
        within(&value, &place(), ORIGIN, PREFIX).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn redirects_stay_in_their_desktop() {
        let table = [
            ("/", Some("/desktop/jane-app/")),
            ("/login?next=%2F", Some("/desktop/jane-app/login?next=%2F")),
            ("other", Some("/desktop/jane-app/folder/other")),
            ("../up#part", Some("/desktop/jane-app/up#part")),
            ("../../../../etc", Some("/desktop/jane-app/etc")),
            ("?y=2", Some("/desktop/jane-app/folder/page?y=2")),
            ("http://127.0.0.1:7001/x", Some("/desktop/jane-app/x")),
            ("//127.0.0.1:7001/x", Some("/desktop/jane-app/x")),
            ("/desktop/jane-app/x", Some("/desktop/jane-app/x")),
            (
                "https://desk.example/desktop/jane-app/x",
                Some("/desktop/jane-app/x"),
            ),
            (
                "/desktop/jane-app",
                Some("/desktop/jane-app/desktop/jane-app"),
            ),
            ("/api/admin", Some("/desktop/jane-app/api/admin")),
            ("https://desk.example/api/admin", None),
            ("https://desk.example/desktop/jane-app", None),
            (
                "https://desk.example/desktop/jane-app/../../api/admin",
                None,
            ),
            (
                "https://desk.example/desktop/jane-app/%2e%2e/%2e%2e/api",
                None,
            ),
            ("https://desk.example/desktop/jane-app/..%2f..%2fapi", None),
            ("https://desk.example/desktop/other/", None),
            ("https://desk.example.evil/desktop/jane-app/", None),
            ("https://desk.example@evil.test/desktop/jane-app/", None),
            ("http://x@127.0.0.1:7001/x", None),
            ("http://127.0.0.1:7002/x", None),
            ("https://127.0.0.1:7001/x", None),
            ("//evil.test/", None),
            ("/\\evil.test/", None),
            ("\\\\evil.test/", None),
            ("///evil.test/", None),
            ("http:evil.test", Some("/desktop/jane-app/folder/evil.test")),
            ("javascript:alert(1)", None),
            ("data:text/html,x", None),
            ("/a//b", None),
            ("/..%5cx", None),
            ("/%252e%252e/x", None),
            ("http://", None),
        ];
        for (location, expected) in table {
            assert_eq!(go(location).as_deref(), expected, "{location}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]

        #[test]
        fn no_location_at_all_leads_out(
            parts in prop::collection::vec(prop::sample::select(vec![
                "/", "//", "\\", "..", ".", "%2e", "%2f", "http:", "https:", "desk.example", "127.0.0.1:7001", "evil.test",
                "@", "?", "#", "desktop", "jane-app", "api", "admin", ";", "\t", " ", "javascript:", "a", ":", "%09",
            ]), 0..10),
        ) {
            if let Some(to) = go(&parts.concat()) {
                let seen = Url::parse(ORIGIN).unwrap().join(PREFIX).unwrap().join(&to).unwrap();
                prop_assert_eq!(seen.origin().ascii_serialization(), ORIGIN);
                prop_assert!(seen.path().starts_with(PREFIX), "{}", seen);
            }
        }
    }
}
