//! Where to go after signing in: a page of ours, whatever `?next=` says (threat T6).

use url::Url;

/// Longest `next` that is followed: the link of a cast with an address to open, each of its signs in three.
const LONGEST: usize = 8_192;

/// `next` when it is a path of ours that every browser reads as such, else `/`.
///
/// `public_url` is where this server is. Sign-in and sign-out are no place to go to afterwards.
#[must_use]
pub fn safe_next<'a>(next: &'a str, public_url: &Url) -> &'a str {
    match ours(next, public_url) {
        Some(there) if !matches!(there.path(), "/login" | "/logout") => next,
        _ => "/",
    }
}

/// The same for a page that only changed its looks: it may be the sign-in page, too.
#[must_use]
pub fn safe_back<'a>(next: &'a str, public_url: &Url) -> &'a str {
    if ours(next, public_url).is_some() {
        next
    } else {
        "/"
    }
}

/// Where `next` leads, when that is here and every browser reads it so.
fn ours(next: &str, public_url: &Url) -> Option<Url> {
    let mut letters = next.bytes();
    // Browsers drop tabs and line ends anywhere in an address, read `\` as `/`, and `//` begins a host.
    let plain = next.len() <= LONGEST
        && letters.next() == Some(b'/')
        && !matches!(letters.next(), Some(b'/' | b'\\'))
        && next
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if !plain {
        return None;
    }
    let there = public_url.join(next).ok()?;
    let here = there.origin() == public_url.origin()
        && there.username().is_empty()
        && there.password().is_none()
        // `/.//host` is ours, but no longer once somebody tidies it up.
        && !there.path().starts_with("//");
    here.then_some(there)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours() -> Url {
        "https://desk.test".parse().unwrap()
    }

    #[test]
    fn pages_of_ours_are_followed() {
        for next in [
            "/",
            "/admin",
            "/desktop/jana-ubuntu-vscode/",
            "/cast/k-1?kasm_url=https%3A%2F%2Fexample.org%2F%3Fa%3Db&x=1",
            "/cast/k?mail=a@b.test",
            "/?a=//b",
            "/a//b",
            "/a/../b",
            "/#/cast/key",
            "/@evil.test",
            "/%2f%2fevil.test",
            "/%5cevil.test",
            "/evil.test",
            "/a:b@c",
            "/loginx",
            "/login/oidc/default",
        ] {
            assert_eq!(safe_next(next, &ours()), next);
        }
    }

    const WAYS_OUT: [&str; 81] = [
        "",
        " ",
        "a",
        "admin",
        "?next=/",
        "#",
        ".",
        "..",
        "./a",
        "../a",
        " /a",
        "/a b",
        "/ä",
        "//evil.test",
        "///evil.test",
        "////evil.test",
        "//evil.test/%2f..",
        "//evil.test@desk.test",
        "/\\evil.test",
        "\\/evil.test",
        "\\\\evil.test",
        "\\evil.test",
        "/\\/evil.test",
        "/a\\b",
        "/a/\\evil.test",
        "/\t/evil.test",
        "\t//evil.test",
        "/\n/evil.test",
        "/\r\n/evil.test",
        "/\u{b}/evil.test",
        "/\u{c}/evil.test",
        "/\0/evil.test",
        "/\u{7f}/evil.test",
        "/\u{85}/evil.test",
        "/\u{a0}/evil.test",
        "/\u{2028}/evil.test",
        "/\u{feff}/evil.test",
        "\u{feff}//evil.test",
        "/\u{ff0f}evil.test",
        "/a\r\nSet-Cookie:x=y",
        "/.//evil.test",
        "/..//evil.test",
        "/a/..//evil.test",
        "/./..//evil.test",
        "/%2e//evil.test",
        "/%2e%2e//evil.test",
        "/a/%2e%2E//evil.test",
        "/.//\\evil.test",
        "https://evil.test",
        "http://evil.test",
        "https:evil.test",
        "https:/evil.test",
        "https:///evil.test",
        "HTTPS://evil.test",
        "https://desk.test",
        "https://desk.test/",
        "https://desk.test@evil.test",
        "https://desk.test.evil.test",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://evil.test",
        "blob:https://desk.test/x",
        "mailto:a@b",
        "@evil.test",
        ":80",
        "//",
        "///",
        "/\\",
        "//\\",
        "%2f%2fevil.test",
        "%09//evil.test",
        "/login",
        "/logout",
        "/login?next=/login",
        "/a/../login",
        "/logout#x",
        "/%2e/login",
    ];

    #[test]
    fn everything_else_leads_home() {
        let long = format!("/{}", "a".repeat(LONGEST));
        for next in WAYS_OUT.into_iter().chain([&*long]) {
            assert_eq!(safe_next(next, &ours()), "/", "{next:?}");
        }
    }

    #[test]
    fn who_changes_the_language_of_the_sign_in_page_comes_back_to_it() {
        for next in ["/login?next=%2Fadmin", "/logout", "/account?done=look#look"] {
            assert_eq!(safe_back(next, &ours()), next);
        }
        for next in WAYS_OUT.into_iter().filter(|next| !next.contains("log")) {
            assert_eq!(safe_back(next, &ours()), "/", "{next:?}");
        }
    }

    /// What an attacker would try: the pieces that change how an address is read, in any order.
    const PIECES: [&str; 24] = [
        "/",
        "/",
        "//",
        "\\",
        ".",
        "..",
        ":",
        "@",
        "?",
        "#",
        "%2f",
        "%5c",
        "%09",
        "%00",
        "\t",
        "\n",
        "\r",
        " ",
        "https:",
        "http:",
        "evil.test",
        "desk.test",
        "a",
        "é",
    ];

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(5_000))]

        #[test]
        fn nothing_leads_to_another_server(
            slash in proptest::bool::weighted(0.8),
            pieces in proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..10),
        ) {
            let next = format!("{}{}", if slash { "/" } else { "" }, pieces.concat());
            let ours = ours();
            let followed = safe_next(&next, &ours);
            proptest::prop_assert!(followed == "/" || followed == next);
            // As a browser does: tabs and line ends out, backslashes are slashes.
            let read: String = followed
                .chars()
                .filter(|letter| !matches!(letter, '\t' | '\n' | '\r'))
                .map(|letter| if letter == '\\' { '/' } else { letter })
                .collect();
            let there = ours.join(&read).unwrap();
            proptest::prop_assert_eq!(there.origin(), ours.origin());
            proptest::prop_assert_eq!(&read, followed, "nothing a browser would change");
            proptest::prop_assert!(axum::http::HeaderValue::from_str(followed).is_ok());
        }
    }
}
