//! Which desktop a path means, and whether the rest of it may go on (pure; threat T27).
//!
//! Everything is decided on the raw path, as it stood in the request line: nothing is decoded, merged or cleaned up
//! before it is judged, and what passes goes on byte for byte. So no two parsers can read two things into it.

use std::borrow::Cow;

use crate::desktops::desktop::is_name;

/// Longest path that is looked at.
const LONGEST: usize = 4096;

/// A path below `/desktop/`, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target<'p> {
    /// Could be a desktop's name.
    pub(crate) name: &'p str,
    /// What follows the slash after the name; `None` when there is no slash.
    pub(crate) rest: Option<&'p str>,
}

/// Why a path is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// No desktop can have this name: answered as an unknown one.
    NotAName,
    /// The rest could be read in more than one way.
    Ambiguous,
    /// Longer than any address of a desktop.
    TooLong,
}

/// Takes the raw path of a request apart.
pub(crate) fn parse(raw: &str) -> Result<Target<'_>, Refused> {
    if raw.len() > LONGEST {
        return Err(Refused::TooLong);
    }
    let below = raw.strip_prefix("/desktop/").ok_or(Refused::NotAName)?;
    let (name, rest) = match below.split_once('/') {
        Some((name, rest)) => (name, Some(rest)),
        None => (below, None),
    };
    if !is_name(name) {
        return Err(Refused::NotAName);
    }
    match rest {
        Some(rest) if !is_plain(rest) => Err(Refused::Ambiguous),
        rest => Ok(Target { name, rest }),
    }
}

/// Whether everybody reads `rest` (without its first slash) the same way: no empty inner segment, and no segment
/// that is, holds or decodes to a step up, a separator or a control character.
pub(crate) fn is_plain(rest: &str) -> bool {
    let segments = rest.split('/');
    let last = segments.clone().count() - 1;
    segments
        .enumerate()
        .all(|(at, segment)| (segment.is_empty() && at == last) || is_plain_segment(segment))
}

fn is_plain_segment(segment: &str) -> bool {
    let graphic = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'#' | b'?');
    if segment.is_empty() || !segment.bytes().all(graphic) {
        return false;
    }
    // Containers decode once; some decode again what they pass on among themselves.
    let Some(once) = decode(segment, Stray::Refused) else {
        return false;
    };
    let Some(twice) = decode(&once, Stray::Kept) else {
        return false;
    };
    [segment, &once, &twice].into_iter().all(is_harmless)
}

fn is_harmless(text: &str) -> bool {
    // Some servers cut parameters off at a semicolon before they look at the dots.
    let name = text.split(';').next().unwrap_or_default().trim();
    name != "."
        && name != ".."
        && !text.contains(|letter: char| matches!(letter, '/' | '\\') || letter.is_control())
}

/// What to do with a percent sign that begins no escape.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stray {
    /// In a raw path: decoders differ on it.
    Refused,
    /// In what a path decodes to it is just a percent sign.
    Kept,
}

/// Takes one layer of percent-encoding off; `None` when that gives no text.
fn decode(text: &str, stray: Stray) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let digit = |at: usize| {
        let byte = *text.as_bytes().get(at)?;
        char::from(byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let mut decoded = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.as_bytes().get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(high << 4 | low);
                at += 3;
            }
            (b'%', ..) if stray == Stray::Refused => return None,
            _ => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

/// The text of a path that [`is_plain`], as a file name is compared with it.
pub(crate) fn decoded(plain: &str) -> Cow<'_, str> {
    decode(plain, Stray::Kept).unwrap_or(Cow::Borrowed(plain))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_taken_whole_and_byte_for_byte() {
        let taken = |name, rest| Ok(Target { name, rest });
        let table = [
            ("/desktop/jane-ubuntu", taken("jane-ubuntu", None)),
            ("/desktop/jane-ubuntu/", taken("jane-ubuntu", Some(""))),
            ("/desktop/a/client/x.js", taken("a", Some("client/x.js"))),
            ("/desktop/jane%2dubuntu/", Err(Refused::NotAName)),
            ("/desktop/Jane-ubuntu/", Err(Refused::NotAName)),
            ("/desktop/jane-ubuntu%2f/", Err(Refused::NotAName)),
            ("/desktop/jane-ubuntu;x/", Err(Refused::NotAName)),
            ("/desktop//jane/", Err(Refused::NotAName)),
            ("/desktop/../desktop/jane/", Err(Refused::NotAName)),
            ("/desktop/", Err(Refused::NotAName)),
            ("/Desktop/jane/", Err(Refused::NotAName)),
            ("/desktops/jane/", Err(Refused::NotAName)),
            ("//desktop/jane/", Err(Refused::NotAName)),
        ];
        for (path, expected) in table {
            assert_eq!(parse(path), expected, "{path}");
        }
        let long = format!("/desktop/a/{}", "x".repeat(LONGEST));
        assert_eq!(parse(&long), Err(Refused::TooLong));
    }

    /// Everybody reads these the same way.
    #[rustfmt::skip]
    const PLAIN: [&str; 19] = [
        "", "a", "a/", "a/b.js", "...", "..a", "a..b", ".well-known/x", "a%20b", "%C3%BC.txt",
        "100%25.txt", "a;b", "a=b&c", "@scope/x", "a:b", "~x", "a%3Fb", "a%23b", "%2525",
    ];

    /// Somebody may read these as another place.
    #[rustfmt::skip]
    const AMBIGUOUS: [&str; 45] = [
        "..", ".", "../", "a/..", "a/../b", "a/./b", "%2e%2e", "%2e%2e/", ".%2e/x", "%2E./x",
        "%252e%252e/x", "%25%32%65%25%32%65/x", "a%2fb", "a%2Fb", "a%252fb", "a%5cb", "a\\b", "a%255cb",
        "a%00b", "a%2500b", "a%0d%0ab", "a%7fb", "a%09b", "..;/x", "..;foo=bar/x", "..%3b/x", ".;/x",
        "%2e%2e;x/y", "//", "/a", "a//b", "a#b", "a?b", "a b", "a%", "a%2", "a%zz", "%u002e",
        "%c0%ae%c0%ae/x", "%c0%af", "%ff", "..%20/x", "ü", "%e0%80%af", "a%c2%85b",
    ];

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        for rest in PLAIN {
            assert!(is_plain(rest), "{rest}");
        }
        for rest in AMBIGUOUS {
            assert!(!is_plain(rest), "{rest}");
        }
    }

    fn piece() -> impl Strategy<Value = String> {
        let pieces = [
            ".",
            "..",
            "/",
            "%2e",
            "%2E",
            "%252e",
            "%2f",
            "%252F",
            "%5c",
            "\\",
            ";",
            "%3b",
            "%00",
            "a",
            "b.js",
            "%",
            "%25",
            "client",
            "websockify",
            "#",
            "?",
            " ",
            "%20",
            "%c0%ae",
            "%u002e",
        ];
        prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..12)
            .prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]

        #[test]
        fn no_path_that_passes_leaves_its_folder(rest in piece()) {
            if is_plain(&rest) {
                let resolved = url::Url::parse(&format!("http://desktop/root/{rest}")).unwrap();
                prop_assert_eq!(resolved.path(), format!("/root/{rest}"));
                let mut text = rest.clone();
                for _ in 0..2 {
                    text = decoded(&text).into_owned();
                    prop_assert!(!text.split(['/', '\\']).any(|segment| segment == ".." || segment == "."));
                    prop_assert!(!text.contains(char::is_control));
                }
            }
        }

        #[test]
        fn a_name_that_passes_is_exactly_what_stood_there(rest in piece(), name in "[a-zA-Z0-9%./;-]{1,12}") {
            let raw = format!("/desktop/{name}/{rest}");
            if let Ok(target) = parse(&raw) {
                let again = match target.rest {
                    Some(rest) => format!("/desktop/{}/{rest}", target.name),
                    None => format!("/desktop/{}", target.name),
                };
                prop_assert!(is_name(target.name));
                prop_assert_eq!(again, raw);
            }
        }
    }
}
