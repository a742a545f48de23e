//! Where a visitor may come from (pure).

use url::{Host, Url};

/// Longest name of a host (RFC 1035 2.3.4).
const LONGEST: usize = 253;

/// The host of an entry of the list as it is kept: in small letters, in ASCII. `None` for what is no host alone: an
/// address with a scheme, a path or a port, a pattern, several at once.
#[must_use]
pub fn domain(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_suffix('.').unwrap_or(text);
    // `Host` reads percent signs and odd spellings of IPv4 addresses, which nobody types on purpose.
    let plain =
        |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '[' | ']' | ':');
    if text.is_empty() || !text.chars().all(plain) || text.starts_with(['.', '-']) {
        return None;
    }
    let host = Host::parse(text).ok()?.to_string();
    (host.len() <= LONGEST).then_some(host)
}

/// The host of the page a visitor came from, as their browser says in `Referer`; `None` when it says nothing of use.
#[must_use]
pub fn host_of(referrer: &str) -> Option<String> {
    let url = Url::parse(referrer).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let host = url.host_str()?;
    Some(host.strip_suffix('.').unwrap_or(host).to_owned())
}

/// Whether a visitor with this `referrer` may come: from a host of the list or from a subdomain of one. An empty list
/// lets everybody come; otherwise no referrer, or one that cannot be read, is as good as a wrong one.
#[must_use]
pub fn admits(domains: &[String], referrer: Option<&str>) -> bool {
    if domains.is_empty() {
        return true;
    }
    let Some(host) = referrer.and_then(host_of) else {
        return false;
    };
    domains.iter().any(|domain| is_of(&host, domain))
}

/// Whether `host` is `domain` or below it. An address is never below another one.
fn is_of(host: &str, domain: &str) -> bool {
    host == domain
        || host
            .strip_suffix(domain)
            .is_some_and(|rest| rest.ends_with('.') && !is_address(domain))
}

fn is_address(host: &str) -> bool {
    !matches!(Host::parse(host), Ok(Host::Domain(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_one_host() {
        let good = [
            ("acme.com", "acme.com"),
            (" ACME.com ", "acme.com"),
            ("acme.com.", "acme.com"),
            ("a-b.example", "a-b.example"),
            ("localhost", "localhost"),
            ("schule.münchen.example", "schule.xn--mnchen-3ya.example"),
            ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
            ("192.0.2.7", "192.0.2.7"),
            ("[2001:DB8::1]", "[2001:db8::1]"),
        ];
        for (typed, kept) in good {
            assert_eq!(domain(typed).as_deref(), Some(kept), "{typed}");
        }
        for bad in [
            "",
            " ",
            ".",
            "..",
            "https://acme.com",
            "acme.com/",
            "acme.com/a",
            "acme.com:443",
            "*.acme.com",
            "acme.com,other.com",
            "acme.com other.com",
            "acme_x.com/?",
            "user@acme.com",
            "acme%2ecom",
            "ac\nme.com",
            ".acme.com",
            "-acme.com",
            "2001:db8::1",
            "acme..com/",
            "[acme.com]",
            "null?",
        ] {
            assert_eq!(domain(bad), None, "{bad:?}");
        }
        assert_eq!(domain(&format!("{}.com", "a.".repeat(130))), None);
    }

    /// What a browser, or somebody who wants in, may send, and whether it comes from acme.com or 192.0.2.7.
    const REFERRERS: [(&str, bool); 60] = [
        ("https://acme.com", true),
        ("https://acme.com/", true),
        ("http://acme.com/", true),
        ("https://acme.com/a/b?c=d#e", true),
        ("https://ACME.COM/", true),
        ("HTTPS://acme.com/", true),
        ("https://acme.com:8443/", true),
        ("https://acme.com./", true),
        ("https://www.acme.com/", true),
        ("https://a.b.c.acme.com/", true),
        ("https://www.acme.com./x", true),
        ("https://-.acme.com/", true),
        ("https://user@acme.com/", true),
        ("https://evil.com@acme.com/", true),
        ("https://acme.com?x=https://evil.com", true),
        ("https://acme.com#@evil.com", true),
        ("https:acme.com", true),
        ("https:/acme.com/", true),
        ("https:\\\\acme.com\\", true),
        ("https://a\u{441}me.acme.com/", true),
        ("http://192.0.2.7/", true),
        ("https://192.0.2.7:8443/x", true),
        ("https://3221225991/", true),
        ("https://0xc0.0.2.7/", true),
        (" https://acme.com/", true),
        ("https://ac\tme.com/", true),
        ("https://acme%2ecom/", true),
        ("", false),
        ("null", false),
        ("about:blank", false),
        ("about:client", false),
        ("acme.com", false),
        ("//acme.com/", false),
        ("/", false),
        ("https://", false),
        ("https:///", false),
        ("https://evil.com/", false),
        ("https://evil.com/acme.com", false),
        ("https://evil.com/?acme.com", false),
        ("https://evil.com#acme.com", false),
        ("https://acme.com.evil.com/", false),
        ("https://acme.com.evil.com./", false),
        ("https://evilacme.com/", false),
        ("https://evil-acme.com/", false),
        ("https://acme.co/", false),
        ("https://acme.comm/", false),
        ("https://acmecom/", false),
        ("https://com/", false),
        ("https://acme.com@evil.com/", false),
        ("https://acme.com:pass@evil.com/", false),
        ("https://acme.com\\@evil.com/", true),
        ("https://evil.com\\.acme.com/", false),
        ("https://\u{430}cme.com/", false),
        ("https://acme.com:99999/", false),
        ("https://a b.acme.com/", false),
        ("ftp://acme.com/", false),
        ("file:///acme.com", false),
        ("javascript://acme.com/%0aalert(1)", false),
        ("android-app://acme.com/", false),
        ("https://x.192.0.2.7/", false),
    ];

    #[test]
    fn sixty_referrers() {
        let domains = ["acme.com".into(), "192.0.2.7".into()];
        for (referrer, may) in REFERRERS {
            assert_eq!(admits(&domains, Some(referrer)), may, "{referrer:?}");
            assert!(
                admits(&[], Some(referrer)),
                "an empty list admits {referrer:?}"
            );
        }
        assert!(!admits(&domains, None));
        assert!(admits(&[], None));
    }

    #[test]
    fn names_in_other_letters_are_compared_in_ascii() {
        let domains = [domain("münchen.example").unwrap()];
        for referrer in [
            "https://münchen.example/",
            "https://schule.MÜNCHEN.example/",
            "https://xn--mnchen-3ya.example",
        ] {
            assert!(admits(&domains, Some(referrer)), "{referrer}");
        }
        assert!(!admits(&domains, Some("https://munchen.example/")));
    }
}
