//! Every error page, in every look it can have.

use askama::Template;
use deskcast::{
    language::Sentence,
    web::{
        error_page::ErrorPage,
        page::{Nonce, Page},
    },
};

fn page(status: u16, title: &str, sentence: &str, retry_after: Option<u64>) -> String {
    let (mut head, ()) = http::Request::new(()).into_parts();
    head.extensions.insert(Nonce("n0nce".into()));
    let title = Sentence::plain(title);
    ErrorPage {
        chrome: Page::of(&head).chrome(title.clone(), None),
        status,
        title,
        sentence: Sentence::plain(sentence),
        reference: "1TVKZ4-6QXE".into(),
        retry_after,
    }
    .render()
    .unwrap()
}

#[test]
fn an_error_page_says_what_happened_and_what_to_do() {
    for status in [
        400, 403, 404, 405, 409, 413, 414, 421, 422, 429, 500, 502, 503,
    ] {
        let page = page(status, "A title", "A sentence.", None);
        for words in [
            "A title",
            "A sentence.",
            "1TVKZ4-6QXE",
            "href=\"/\"",
            "lang=\"en\"",
        ] {
            assert!(page.contains(words), "{status}: no {words} in {page}");
        }
    }
}

#[test]
fn what_a_stranger_wrote_stays_text() {
    let page = page(
        422,
        "<svg onload=alert(1)>",
        "\"><script>alert(1)</script>",
        None,
    );
    assert!(!page.contains("<svg onload"), "{page}");
    assert!(!page.contains("<script>alert"), "{page}");
}

#[test]
fn a_page_that_may_help_itself_tries_again() {
    let again = page(503, "A title", "A sentence.", Some(10));
    let once = page(404, "A title", "A sentence.", None);
    assert!(again.contains("10"), "{again}");
    assert!(!once.contains("http-equiv=\"refresh\""), "{once}");
    assert!(
        again.contains("http-equiv=\"refresh\"") || again.contains("data-retry"),
        "{again}"
    );
}

#[test]
fn every_style_sheet_script_and_icon_is_one_of_ours() {
    let page = page(503, "A title", "A sentence.", Some(10));
    for attribute in ["src=\"", "href=\""] {
        for target in page.split(attribute).skip(1) {
            let target = target.split('"').next().unwrap_or_default();
            // Empty: this page itself, to try again.
            assert!(
                target.is_empty() || target.starts_with('/') || target.starts_with('#'),
                "{attribute}{target}"
            );
        }
    }
}
