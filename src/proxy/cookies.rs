//! A plain web application's own cookies: they pass, ours do not, and none leaves its desktop (pure; T22, T23).

use http::{HeaderMap, HeaderValue, header};

/// More cookies in one answer than an application has reason to set.
const MOST: usize = 32;

/// The `Cookie` header for a desktop: what the browser sent without what is ours. `None` when nothing is left.
pub(crate) fn for_desktop(browser: &HeaderMap) -> Option<HeaderValue> {
    let pairs: Vec<&str> = browser
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .map(str::trim)
        .filter(|pair| {
            pair.split_once('=')
                .is_some_and(|(name, _)| is_theirs(name))
        })
        .collect();
    if pairs.is_empty() {
        return None;
    }
    HeaderValue::try_from(pairs.join("; ")).ok()
}

/// The `Set-Cookie` headers of an answer, each confined to `prefix`, the path of the desktop.
pub(crate) fn for_browser(desktop: &HeaderMap, prefix: &str) -> Vec<HeaderValue> {
    desktop
        .get_all(header::SET_COOKIE)
        .iter()
        .filter_map(|value| confined(value.to_str().ok()?, prefix))
        .take(MOST)
        .collect()
}

/// Whether an application may have a cookie of this name. Ours begin with `deskcast`, and browsers treat names that
/// begin with `__Host-` or `__Secure-` as promises that only we can make.
fn is_theirs(name: &str) -> bool {
    let name = name.trim();
    let begins = |ours: &str| {
        name.get(..ours.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(ours))
    };
    // A cookie without a name would be sent as its bare value, which may look like one with another name.
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_graphic())
        && ![
            "deskcast",
            "__host-",
            "__secure-",
            "__http-",
            "__host-http-",
        ]
        .into_iter()
        .any(begins)
}

fn confined(cookie: &str, prefix: &str) -> Option<HeaderValue> {
    let mut parts = cookie.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    if !is_theirs(name) || name.contains(['=', ',', '"']) {
        return None;
    }
    let mut confined = format!("{name}={value}; Path={prefix}; SameSite=Lax");
    for attribute in parts {
        let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        match key.trim().to_ascii_lowercase().as_str() {
            "httponly" => confined.push_str("; HttpOnly"),
            "secure" => confined.push_str("; Secure"),
            "max-age" if is_number(value.trim()) => {
                confined.push_str("; Max-Age=");
                confined.push_str(value.trim());
            }
            "expires" if is_date(value.trim()) => {
                confined.push_str("; Expires=");
                confined.push_str(value.trim());
            }
            // Path and Domain are ours to say; what is not known here is not passed on.
            _ => {}
        }
    }
    HeaderValue::try_from(confined).ok()
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (1..=12).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_date(text: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b',' | b':' | b'-');
    (1..=40).contains(&text.len()) && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_cookies_stay_here() {
        let table = [
            ("deskcast=x", None),
            ("__Host-deskcast=x", None),
            ("DESKCAST=x; a=1", Some("a=1")),
            ("a=1; __host-deskcast=x; b=2", Some("a=1; b=2")),
            ("a=1;deskcast_login=x;__Secure-y=z", Some("a=1")),
            ("deskcast", None),
            ("=deskcast=x", None),
            ("a=deskcast", Some("a=deskcast")),
            ("", None),
        ];
        for (sent, passed) in table {
            let mut browser = HeaderMap::new();
            browser.insert(header::COOKIE, HeaderValue::from_static(sent));
            let value = for_desktop(&browser);
            assert_eq!(
                value.as_ref().map(|value| value.to_str().unwrap()),
                passed,
                "{sent}"
            );
        }
    }

    #[test]
    fn cookies_of_an_application_are_confined() {
        let table = [
            ("a=1", Some("a=1; Path=/desktop/x/; SameSite=Lax")),
            (
                "a=1; Path=/; Domain=desk.example; Secure; HttpOnly; SameSite=None; Partitioned",
                Some("a=1; Path=/desktop/x/; SameSite=Lax; Secure; HttpOnly"),
            ),
            (
                "a=b=c; max-age=60; expires=Wed, 21 Oct 2026 07:28:00 GMT",
                Some(
                    "a=b=c; Path=/desktop/x/; SameSite=Lax; Max-Age=60; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
                ),
            ),
            (
                "a=1; max-age=x; expires=\"; path=/",
                Some("a=1; Path=/desktop/x/; SameSite=Lax"),
            ),
            ("deskcast=evil; Path=/", None),
            ("__Host-deskcast=evil; Path=/; Secure", None),
            ("__SECURE-x=1", None),
            ("=deskcast=evil", None),
            (" =x", None),
            ("novalue", None),
            ("", None),
        ];
        for (set, passed) in table {
            let value = confined(set, "/desktop/x/");
            assert_eq!(
                value.as_ref().map(|value| value.to_str().unwrap()),
                passed,
                "{set}"
            );
        }
    }
}
