//! Which page a launched desktop opens (pure). What an address may look like is said by the catalogue.

use url::Url;

use super::{
    super::refusal::Refusal,
    parameters::{Given, Parameters},
};
use crate::catalog::is_start_url;

/// Parameter of a link.
pub const PARAMETER: &str = "kasm_url";

/// `text` as it is passed on: an absolute http or https address in ASCII, as browsers write it. `None` for everything
/// that is not, or that the start script of an image could take for more than one word (kasm-image 2). White space and
/// the like are refused as they were typed: reading an address would drop them silently.
#[must_use]
pub fn serialised(text: &str) -> Option<String> {
    let odd = |letter: char| {
        letter.is_whitespace() || letter.is_control() || matches!(letter, '"' | '\'' | '`' | '\\')
    };
    let absolute = text
        .split_once("://")
        .is_some_and(|(_, rest)| !rest.starts_with('/'));
    if !absolute || text.chars().any(odd) {
        return None;
    }
    let url: String = Url::parse(text).ok()?.into();
    is_start_url(&url).then_some(url)
}

/// What is opened: what the link carries if the cast lets it, otherwise the cast's own page, if it has one.
pub fn opened(
    fixed: Option<&str>,
    dynamic: bool,
    parameters: &Parameters,
) -> Result<Option<String>, Refusal> {
    match parameters.get(PARAMETER) {
        Given::Not => Ok(fixed.map(str::to_owned)),
        _ if !dynamic => Err(Refusal::KasmUrlNotAllowed),
        Given::Once(text) => serialised(text).map(Some).ok_or(Refusal::KasmUrlInvalid),
        Given::Often => Err(Refusal::KasmUrlInvalid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_passed_on_as_browsers_write_it() {
        let good = [
            ("https://example.org", "https://example.org/"),
            ("HTTP://Example.ORG:80/a", "http://example.org/a"),
            ("https://exämple.org/ü", "https://xn--exmple-cua.org/%C3%BC"),
            (
                "https://example.org/a/../b?c=d&e#f",
                "https://example.org/b?c=d&e#f",
            ),
            ("http://[2001:DB8::1]:8080/", "http://[2001:db8::1]:8080/"),
            ("https://example.org/?q=%20", "https://example.org/?q=%20"),
        ];
        for (typed, passed) in good {
            assert_eq!(serialised(typed).as_deref(), Some(passed), "{typed}");
        }
        for bad in [
            "",
            "example.org",
            "//example.org",
            "https:example.org",
            "https:/example.org",
            "https:///example.org",
            "https://",
            "https://example.org/a b",
            " https://example.org",
            "https://example.org\n",
            "https://exa\tmple.org",
            "https://example.org/\u{a0}x",
            "https://example.org/\u{2003}x",
            "https://example.org/\"",
            "https://example.org/'",
            "https://example.org/`id`",
            "https://example.org\\x",
            "https://example.org/\0",
            "https://user@example.org",
            "https://:p@example.org",
            "file:///etc/passwd",
            "javascript://example.org/%0aalert(1)",
            "chrome://settings",
            "data:text/html,x",
            "ftp://example.org",
            "https://example.org --incognito",
            "--incognito",
            "https://example.org/$(id)",
            "https://example.org/*",
            "https://example.org;id",
            "https://example.org/|x",
            "https://exa mple.org",
        ] {
            assert_eq!(serialised(bad), None, "{bad:?}");
        }
        let long = |letters: usize| format!("https://example.org/{}", "a".repeat(letters));
        assert!(serialised(&long(2_028)).is_some());
        assert!(serialised(&long(2_029)).is_none(), "2,049 characters");
        assert!(
            serialised(&format!("https://example.org/{}", "ü".repeat(400))).is_none(),
            "longer when written out"
        );
    }

    #[test]
    fn the_link_wins_where_it_may() {
        type Line = (
            Option<&'static str>,
            bool,
            &'static str,
            Result<Option<&'static str>, Refusal>,
        );
        use Refusal::{KasmUrlInvalid as Invalid, KasmUrlNotAllowed as NotAllowed};
        let fixed = Some("https://fixed.example/");
        let table: [Line; 10] = [
            (None, false, "", Ok(None)),
            (fixed, false, "", Ok(fixed)),
            (fixed, true, "", Ok(fixed)),
            (
                fixed,
                true,
                "kasm_url=https://a.example",
                Ok(Some("https://a.example/")),
            ),
            (
                None,
                true,
                "kasm_url=https%3A%2F%2Fa.example%2F%3Fb",
                Ok(Some("https://a.example/?b")),
            ),
            (fixed, false, "kasm_url=https://a.example", Err(NotAllowed)),
            (fixed, false, "kasm_url=", Err(NotAllowed)),
            (fixed, true, "kasm_url=", Err(Invalid)),
            (fixed, true, "kasm_url=a.example", Err(Invalid)),
            (
                fixed,
                true,
                "kasm_url=https://a.example&kasm_url=https://b.example",
                Err(Invalid),
            ),
        ];
        for (fixed, dynamic, query, expected) in table {
            let found = opened(fixed, dynamic, &Parameters::read(query));
            assert_eq!(found, expected.map(|url| url.map(str::to_owned)), "{query}");
        }
    }
}
