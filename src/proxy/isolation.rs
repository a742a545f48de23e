//! What a page of a desktop may do in the browser (pure; threat T29).
//!
//! In path mode a desktop shares its origin with our own pages, and the session cookie goes along with everything it
//! asks for. What keeps a hostile page in its place was measured with a real browser: a sandbox without pop-ups,
//! forms and navigation of the top page, every kind of fetch pinned to the desktop's own prefix, no service worker,
//! no redirect that leaves the prefix (see [`super::location`]), and an opener policy that differs from the one of
//! our pages. All of them are needed; leaving out one lets a page reach the API as the person who looks at it.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use url::Url;

use crate::{
    config::{HttpConfig, address::is_this_machine},
    web::security,
};

/// What is shown, and by whom it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// The trusted copy of a VNC client; our viewer page frames it.
    TrustedClient,
    /// Whatever the container answers; at top level only.
    Container,
}

/// The origin a browser sees us under: the public one. When that is this machine itself, the other usual name of
/// this machine that the browser used.
pub(crate) fn origin(config: &HttpConfig, headers: &HeaderMap) -> String {
    let usual = config.origin();
    if !config.public_url.host_str().is_some_and(is_this_machine) {
        return usual;
    }
    let host = super::headers::single(headers, &header::HOST).and_then(|host| host.to_str().ok());
    let scheme = config.public_url.scheme();
    let asked = host.and_then(|host| Url::parse(&format!("{scheme}://{host}")).ok());
    match asked {
        Some(url) if url.host_str().is_some_and(is_this_machine) => {
            url.origin().ascii_serialization()
        }
        _ => usual,
    }
}

/// The headers of everything below `prefix` (`/desktop/<name>/`), to be put over what is there.
pub(crate) fn headers(content: Content, origin: &str, prefix: &str) -> HeaderMap {
    let fixed = [
        // Another value than our own pages have: the same one would put both into one group of windows.
        (COOP.clone(), "noopener-allow-popups"),
        (CORP.clone(), "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        // A browser remembers what a person allowed once per origin: a desktop would have what our pages were given.
        (
            HeaderName::from_static("permissions-policy"),
            security::NO_DEVICES,
        ),
    ];
    let mut headers: HeaderMap = fixed
        .into_iter()
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .collect();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        value(policy(content, origin, prefix)),
    );
    headers
}

static COOP: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
static CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

fn policy(content: Content, origin: &str, prefix: &str) -> String {
    let own = format!("{origin}{prefix}");
    let sockets = own.replacen("http", "ws", 1);
    // The client tries with a picture in a `data:` address whether the browser plays H.264 (kasm-image 10).
    // A container writes its own scripts either way; what counts is where they can reach.
    let (inline, framed_by) = match content {
        Content::TrustedClient => ("", "'self'"),
        Content::Container => (" 'unsafe-inline' 'unsafe-eval' blob:", "'none'"),
    };
    // Written in one go: every answer of a web application carries it.
    format!(
        "sandbox allow-scripts allow-same-origin allow-pointer-lock allow-downloads allow-modals; \
         default-src {own}; script-src {own} 'wasm-unsafe-eval'{inline}; style-src {own} 'unsafe-inline'; \
         img-src {own} data: blob:; media-src {own} blob:; font-src {own} data:; connect-src {own} {sockets} data:; \
         worker-src {own} blob:; manifest-src {own}; frame-src 'none'; form-action 'none'; object-src 'none'; \
         base-uri 'none'; frame-ancestors {framed_by}"
    )
}

/// `text` is made of the configured origin, a path of ours and a nonce.
fn value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or_else(|_| {
        // Without a policy nothing may be shown at all.
        HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'")
    })
}

/// Whether the browser asks for a service worker's script, which could outlive every policy.
pub(crate) fn wants_service_worker(headers: &HeaderMap) -> bool {
    headers.contains_key(HeaderName::from_static("service-worker"))
        || headers
            .get(HeaderName::from_static("sec-fetch-dest"))
            .is_some_and(|dest| dest == "serviceworker")
}

/// Whether the request may have been caused by another site, or by a desktop on a sibling name (T4). Opening a page
/// from elsewhere is fine; changing or embedding something is not.
pub(crate) fn comes_from_elsewhere(headers: &HeaderMap, changes: bool, ours: &str) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let site = text(HeaderName::from_static("sec-fetch-site"));
    let opens = text(HeaderName::from_static("sec-fetch-mode")) == Some("navigate");
    let from = text(header::ORIGIN);
    let foreign_site = !matches!(site, None | Some("same-origin" | "none"));
    if changes {
        let proven = site == Some("same-origin") || from == Some(ours);
        return !proven || foreign_site || from.is_some_and(|from| from != ours);
    }
    foreign_site && !opens
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "https://desk.example";

    type Lines = &'static [(&'static str, &'static str)];

    fn map(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let parsed = |(name, value): &(&'static str, &'static str)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        };
        lines.iter().map(parsed).collect()
    }

    #[test]
    fn every_kind_of_fetch_is_pinned_to_the_desktop() {
        let own = "https://desk.example/desktop/jane-ubuntu/";
        for content in [Content::TrustedClient, Content::Container] {
            let headers = headers(content, OURS, "/desktop/jane-ubuntu/");
            let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
            let directives: Vec<(&str, Vec<&str>)> = policy
                .split("; ")
                .filter_map(|directive| directive.split_once(' '))
                .map(|(name, sources)| (name, sources.split(' ').collect()))
                .collect();
            let sources = |name: &str| {
                let found = directives.iter().find(|(key, _)| *key == name);
                &found.unwrap_or_else(|| panic!("{name}")).1
            };
            for name in [
                "default-src",
                "script-src",
                "style-src",
                "img-src",
                "media-src",
                "font-src",
                "worker-src",
            ] {
                assert_eq!(sources(name)[0], own, "{name}");
                let hosts = sources(name).iter().filter(|source| source.contains("//"));
                assert_eq!(hosts.count(), 1, "{name}");
                assert!(!sources(name).contains(&"'self'"), "{name}");
            }
            assert_eq!(
                sources("connect-src")[..],
                [own, "wss://desk.example/desktop/jane-ubuntu/", "data:"]
            );
            for name in ["frame-src", "form-action", "object-src", "base-uri"] {
                assert_eq!(sources(name)[..], ["'none'"], "{name}");
            }
            let sandbox = sources("sandbox");
            for refused in ["allow-popups", "allow-forms", "allow-top-navigation"] {
                assert!(!sandbox.contains(&refused), "{refused}");
            }
            assert_eq!(headers[&COOP], "noopener-allow-popups");
            assert_eq!(headers["permissions-policy"], security::NO_DEVICES);
        }
    }

    #[test]
    fn only_the_trusted_copy_may_be_framed_and_only_by_us() {
        let policy = |content| policy(content, OURS, "/desktop/a/");
        assert!(policy(Content::TrustedClient).ends_with("frame-ancestors 'self'"));
        assert!(policy(Content::Container).ends_with("frame-ancestors 'none'"));
        assert!(
            !policy(Content::TrustedClient)
                .contains("script-src https://desk.example/desktop/a/ 'wasm-unsafe-eval' 'unsafe")
        );
    }

    #[test]
    fn requests_from_elsewhere() {
        const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");
        let table: [(Lines, bool, bool); 14] = [
            (&[], true, true),
            (&[("origin", OURS)], true, false),
            (&[SAME], true, false),
            (&[SAME, ("origin", OURS)], true, false),
            (&[SAME, ("origin", "null")], true, true),
            (&[("origin", "null")], true, true),
            (&[("origin", "https://desk.example.evil")], true, true),
            (&[("origin", "http://desk.example")], true, true),
            (
                &[("sec-fetch-site", "same-site"), ("origin", OURS)],
                true,
                true,
            ),
            (&[("sec-fetch-site", "none")], true, true),
            (&[], false, false),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("sec-fetch-mode", "navigate"),
                ],
                false,
                false,
            ),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("sec-fetch-mode", "no-cors"),
                ],
                false,
                true,
            ),
            (
                &[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "cors")],
                false,
                true,
            ),
        ];
        for (lines, changes, elsewhere) in table {
            assert_eq!(
                comes_from_elsewhere(&map(lines), changes, OURS),
                elsewhere,
                "{lines:?} {changes}"
            );
        }
    }

    #[test]
    fn service_workers_are_recognised() {
        assert!(wants_service_worker(&map(&[("service-worker", "script")])));
        assert!(wants_service_worker(&map(&[(
            "sec-fetch-dest",
            "serviceworker"
        )])));
        assert!(!wants_service_worker(&map(&[("sec-fetch-dest", "script")])));
    }
}
