//! What an address of somebody else's server must be before this server sends secrets there.

use url::{Host, Url};

/// Longest address that is taken.
const LONGEST: usize = 2_000;

/// Why an address is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressProblem {
    /// Not `https://` (or `http://`) and a host.
    #[error("must be a whole address that begins with https://")]
    NotAbsolute,
    /// `https://name:password@host`.
    #[error("must not contain an account")]
    Account,
    /// Everybody on the way could read the secret and change the answer.
    #[error("must begin with https://; plain http is for a provider on this machine only")]
    PlainHttp,
    /// `#part`, which is never sent.
    #[error("must not contain #")]
    Fragment,
    /// More than any server takes.
    #[error("must have at most {LONGEST} characters")]
    TooLong,
}

/// An absolute `https://` address without an account; plain `http://` only when its host is this machine.
pub fn outside_address(text: &str) -> Result<Url, AddressProblem> {
    if text.len() > LONGEST {
        return Err(AddressProblem::TooLong);
    }
    // `https:host` and a space or line end in the middle are mended by the parser, and mean a mistake.
    let plain = text.starts_with("https://") || text.starts_with("http://");
    if !plain || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(AddressProblem::NotAbsolute);
    }
    let url = Url::parse(text).map_err(|_| AddressProblem::NotAbsolute)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressProblem::Account);
    }
    if url.fragment().is_some() {
        return Err(AddressProblem::Fragment);
    }
    if url.scheme() == "http" && !leads_to_this_machine(&url) {
        return Err(AddressProblem::PlainHttp);
    }
    Ok(url)
}

/// Whether a host of an address never leaves this machine: `localhost` and the names below it (RFC 6761 6.3), and the
/// loopback addresses, IPv6 in brackets.
#[must_use]
pub fn is_this_machine(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Err(_) => false,
    }
}

/// Whether `url` never leaves this machine.
#[must_use]
pub fn leads_to_this_machine(url: &Url) -> bool {
    url.host_str().is_some_and(is_this_machine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        use AddressProblem::{Account, Fragment, NotAbsolute, PlainHttp, TooLong};
        let long = format!("https://id.example/{}", "a".repeat(LONGEST));
        let table = [
            ("https://auth.example.com", None),
            ("https://auth.example.com:9091/api/oidc/token", None),
            ("https://id.example/a?tenant=1", None),
            ("https://id.example/a@b", None),
            ("http://localhost:8081/auth", None),
            ("http://idp.localhost/auth", None),
            ("http://127.0.0.1:8081/", None),
            ("http://127.9.9.9/", None),
            ("http://[::1]:8081/", None),
            ("http://auth.example.com", Some(PlainHttp)),
            ("http://localhost.example.com", Some(PlainHttp)),
            ("http://127.0.0.1.example.com", Some(PlainHttp)),
            ("http://10.0.0.1", Some(PlainHttp)),
            ("https://kasm:secret@id.example", Some(Account)),
            ("https://kasm@id.example", Some(Account)),
            ("https://id.example/#x", Some(Fragment)),
            ("auth.example.com", Some(NotAbsolute)),
            ("//auth.example.com", Some(NotAbsolute)),
            ("/api/oidc/token", Some(NotAbsolute)),
            ("https:id.example", Some(NotAbsolute)),
            ("https://", Some(NotAbsolute)),
            ("https://id.example/a b", Some(NotAbsolute)),
            ("https://id.example/a\nb", Some(NotAbsolute)),
            ("ftp://id.example", Some(NotAbsolute)),
            ("file:///etc/passwd", Some(NotAbsolute)),
            ("javascript:alert(1)", Some(NotAbsolute)),
            ("", Some(NotAbsolute)),
            (&long, Some(TooLong)),
        ];
        for (text, problem) in table {
            assert_eq!(outside_address(text).err(), problem, "{text}");
        }
    }

    #[test]
    fn names_of_this_machine() {
        for (host, is) in [
            ("localhost", true),
            ("LOCALHOST", true),
            ("desk.localhost", true),
            ("127.0.0.1", true),
            ("127.1.2.3", true),
            ("[::1]", true),
            ("localhost.example.org", false),
            ("notlocalhost", false),
            ("10.0.0.1", false),
            ("[2001:db8::1]", false),
            ("", false),
        ] {
            assert_eq!(is_this_machine(host), is, "{host}");
        }
    }
}
