//! Which addresses a desktop may be told to open (pure).

use url::Url;

/// Longest address that is opened at the start.
const LONGEST_URL: usize = 2_048;

/// Whether images may be told to open `text`. Browser images write it unquoted into a command line (kasm-image 2):
/// what a shell would split or expand, or take for an option, is refused (threat T44).
#[must_use]
pub fn is_start_url(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    matches!(url.scheme(), "http" | "https")
        && text.len() <= LONGEST_URL
        && text
            .strip_prefix(url.scheme())
            .and_then(|rest| rest.strip_prefix("://"))
            .is_some_and(|rest| !rest.starts_with('/'))
        && url.username().is_empty()
        && url.password().is_none()
        && text.bytes().all(|byte| {
            byte.is_ascii_graphic()
                && !matches!(
                    byte,
                    b'"' | b'\''
                        | b'`'
                        | b'$'
                        | b'*'
                        | b'\\'
                        | b'<'
                        | b'>'
                        | b'|'
                        | b';'
                        | b'{'
                        | b'}'
                )
        })
        && !outside_the_host(text).contains(['[', ']'])
        && !outside_the_query(text).contains('?')
}

/// All of an address but its host, which may be an IPv6 one in brackets.
fn outside_the_host(text: &str) -> &str {
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    rest.find(['/', '?', '#']).map_or("", |at| &rest[at..])
}

/// What comes after the first question mark, which starts the query; a second one could be taken for a pattern.
fn outside_the_query(text: &str) -> &str {
    text.split_once('?').map_or("", |(_, query)| query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_addresses() {
        for good in [
            "https://example.org",
            "http://10.0.0.1:8080/a/b?c=d&e=f#g",
            "https://[2001:db8::1]/x",
            "https://example.org/a%20b",
            "https://example.org/(x)~y",
        ] {
            assert!(is_start_url(good), "{good}");
        }
        for bad in [
            "",
            "example.org",
            "--proxy-server=evil",
            "https://example.org --renderer-cmd-prefix=x",
            "https://example.org/\tx",
            "https://example.org/\nx",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "chrome://settings",
            "data:text/html,x",
            "https:///example.org",
            "https:example.org",
            "https:\\\\example.org",
            "https://user@example.org",
            "https://user:pass@example.org",
            "https://example.org/$HOME",
            "https://example.org/`id`",
            "https://example.org/*",
            "https://example.org/[a-z]",
            "https://example.org/a?b?c",
            "https://example.org/\"x",
            "https://example.org/'x",
            "https://example.org/{a,b}",
            "https://exämple.org",
            "ftp://example.org",
            " https://example.org",
        ] {
            assert!(!is_start_url(bad), "{bad}");
        }
        assert!(!is_start_url(&format!(
            "https://example.org/{}",
            "a".repeat(LONGEST_URL)
        )));
    }

    proptest::proptest! {
        #[test]
        fn what_is_opened_is_one_word_for_a_shell(text in "https?://[ -~]{1,60}") {
            if is_start_url(&text) {
                proptest::prop_assert!(text.starts_with("http") && !text.contains(char::is_whitespace));
                proptest::prop_assert!(!text.contains(['$', '`', '"', '\'', '\\', '*']));
            }
        }
    }
}
