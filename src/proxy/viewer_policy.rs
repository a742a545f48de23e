//! What the page around a running desktop may do (pure; threat T29).
//!
//! The client in its frame has our origin and can therefore reach into this page and act through it. Its files come
//! from an image, and an image may be hostile, or its client may have a hole. So the page itself can do no more than
//! the desktop may: it asks its own desktop and the events, posts the one form it has, opens no window and runs
//! nothing but our own files. Measured in a real browser: `tests/browser/hostile_client.rs`.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// The one page this is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ViewerAt<'a> {
    /// Our origin, as the browser sees it.
    pub(crate) origin: &'a str,
    /// `/desktop/<name>/`.
    pub(crate) prefix: &'a str,
    /// Below `prefix`: the folder of the client in the frame, with a slash at its end.
    pub(crate) client: &'a str,
    /// Our files: `/static/<version>`.
    pub(crate) files: &'a str,
    /// Where its form goes, if it has one.
    pub(crate) form: Option<&'a str>,
}

/// The headers of that page, to be put over what is there.
pub(crate) fn headers(at: ViewerAt<'_>) -> HeaderMap {
    // If it were no text for a header, the page might do nothing at all.
    let policy = HeaderValue::try_from(policy(at)).unwrap_or(HeaderValue::from_static(
        "default-src 'none'; sandbox; frame-ancestors 'none'",
    ));
    HeaderMap::from_iter([
        (header::CONTENT_SECURITY_POLICY, policy),
        // Another value than our other pages have: no window of theirs is within reach of this one.
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            HeaderValue::from_static("noopener-allow-popups"),
        ),
    ])
}

fn policy(at: ViewerAt<'_>) -> String {
    let ViewerAt {
        origin,
        prefix,
        client,
        files,
        form,
    } = at;
    // Not our whole origin: other addresses of ours answer with what others wrote. Not a nonce: whoever reaches into
    // the page can read it.
    let ours = format!("{origin}{files}/");
    let form = form.map_or_else(|| "'none'".to_owned(), |path| format!("{origin}{path}"));
    // A frame has no more than the page around it: what the client needs (modals, pointer lock, downloads) is here too.
    format!(
        "sandbox allow-scripts allow-same-origin allow-forms allow-modals allow-pointer-lock allow-downloads; \
         default-src 'none'; script-src {ours}; style-src {ours}; img-src {ours} data:; font-src {ours}; \
         connect-src {origin}{prefix} {origin}/api/events; frame-src {origin}{prefix}{client}; worker-src 'none'; \
         form-action {form}; frame-ancestors 'none'; base-uri 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: ViewerAt<'_> = ViewerAt {
        origin: "https://desk.example",
        prefix: "/desktop/jane-ubuntu/",
        client: "client/ab12/",
        files: "/static/cd34",
        form: Some("/desktops/ubuntu/stop"),
    };

    #[test]
    fn the_page_reaches_its_desktop_and_no_more() {
        let policy = policy(AT);
        let table = [
            ("default-src", "'none'"),
            ("script-src", "https://desk.example/static/cd34/"),
            ("style-src", "https://desk.example/static/cd34/"),
            ("img-src", "https://desk.example/static/cd34/ data:"),
            ("font-src", "https://desk.example/static/cd34/"),
            (
                "connect-src",
                "https://desk.example/desktop/jane-ubuntu/ https://desk.example/api/events",
            ),
            (
                "frame-src",
                "https://desk.example/desktop/jane-ubuntu/client/ab12/",
            ),
            ("worker-src", "'none'"),
            ("form-action", "https://desk.example/desktops/ubuntu/stop"),
            ("frame-ancestors", "'none'"),
            ("base-uri", "'none'"),
        ];
        for (name, sources) in table {
            let directive = format!("; {name} {sources}");
            assert!(policy.contains(&directive), "{directive}\n{policy}");
        }
        for never in ["'self'", "nonce", "unsafe", "popups", "navigation"] {
            assert!(!policy.contains(never), "{never}");
        }
    }

    #[test]
    fn a_page_without_a_form_posts_nothing() {
        let policy = policy(ViewerAt { form: None, ..AT });
        assert!(policy.contains("; form-action 'none'; "), "{policy}");
    }

    #[test]
    fn what_does_not_fit_a_header_does_nothing() {
        let headers = headers(ViewerAt {
            origin: "a\nb",
            ..AT
        });
        assert_eq!(
            headers[header::CONTENT_SECURITY_POLICY],
            "default-src 'none'; sandbox; frame-ancestors 'none'"
        );
        assert_eq!(
            headers["cross-origin-opener-policy"],
            "noopener-allow-popups"
        );
    }
}
