//! Every path once.

/// A desktop's page, with the closing slash its relative addresses need.
#[must_use]
pub fn desktop(name: &str) -> String {
    format!("/desktop/{name}/")
}

/// Where whoever had a desktop as a guest is asked whether to keep it.
#[must_use]
pub fn keep(name: &str) -> String {
    format!("{KEEP}{name}")
}

const KEEP: &str = "/keep/";

/// The name of the desktop when `path` is where somebody is asked whether to keep it.
#[must_use]
pub fn kept(path: &str) -> Option<&str> {
    let name = path.strip_prefix(KEEP)?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (!name.is_empty() && name.bytes().all(plain)).then_some(name)
}

/// Where somebody with this link is asked whether to join.
#[must_use]
pub fn share(key: &str) -> String {
    format!("/share/{key}")
}

/// Where an owner shares their desktop of this type.
#[must_use]
pub fn sharing(type_slug: &str) -> String {
    format!("/desktops/{type_slug}/share")
}

/// Paths that end in a key which lets in whoever reads it: neither the log nor a `Referer` shows the rest of them.
pub const WITH_KEY: [&str; 2] = ["/share/", "/cast/"];

/// Where a sign-in with the provider `name` begins, leading to `next` afterwards.
#[must_use]
pub fn login_with(name: &str, next: &str) -> String {
    let name = percent_encode(name);
    if next == "/" {
        return format!("/login/oidc/{name}");
    }
    format!("/login/oidc/{name}?{}", query(next))
}

/// The sign-in page after signing out: it stays, also where `/login` goes straight to a provider.
pub const SIGNED_OUT: &str = "/login?signed_out=1";

/// The sign-in page, leading back to `next` afterwards.
#[must_use]
pub fn login(next: &str) -> String {
    format!("/login?{}", query(next))
}

fn query(next: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("next", next)
        .finish()
}

/// One segment of a path, whatever is in it.
fn percent_encode(segment: &str) -> String {
    use std::fmt::Write;
    segment.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_alone_is_one_to_keep() {
        assert_eq!(kept(&keep("guest-a-b1")), Some("guest-a-b1"));
        for other in [
            "/",
            "/keep/",
            "/keep",
            "/keep/a/b",
            "/keep/a?b",
            "/keep/A",
            "/desktop/a/",
        ] {
            assert_eq!(kept(other), None, "{other}");
        }
    }

    #[test]
    fn a_providers_name_is_one_segment() {
        let table = [
            ("default", "/", "/login/oidc/default"),
            (
                "IServ Größe & Co. (1+1)",
                "/",
                "/login/oidc/IServ%20Gr%C3%B6%C3%9Fe%20%26%20Co.%20%281%2B1%29",
            ),
            ("a", "/x?y=1", "/login/oidc/a?next=%2Fx%3Fy%3D1"),
            ("\"'<>", "/", "/login/oidc/%22%27%3C%3E"),
        ];
        for (name, next, address) in table {
            assert_eq!(login_with(name, next), address);
        }
    }
}
