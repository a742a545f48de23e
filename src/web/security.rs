//! What a browser may do with our pages, and which requests it may send us.
//!
//! Three rules: state changes come from our own pages ([`same_origin`], T4), requests name this server as their host
//! ([`HostRule`], T11), and every page says what it may load ([`page_csp`], T31). Nothing here is applied to
//! `/desktop/*`, whose headers the proxy writes.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header, uri::Authority};
use url::Url;

/// Whether a state-changing request was sent by one of our own pages.
///
/// `Sec-Fetch-Site` must be `same-origin` when the browser sends it, `Origin` must be ours when it is there, and at
/// least one of the two must be there. A sibling subdomain is `same-site` and is refused: a desktop may live there.
#[must_use]
pub fn same_origin(headers: &HeaderMap, origin: &str) -> bool {
    let (Ok(site), Ok(from)) = (
        single(headers, &SEC_FETCH_SITE),
        single(headers, &header::ORIGIN),
    ) else {
        return false;
    };
    match (site, from) {
        (None, None) => false,
        (None, Some(from)) => from == origin,
        (Some(site), None) => site == "same-origin",
        // The host was checked before: a page opened by another of our names (localhost) posts from that name.
        (Some(site), Some(from)) => {
            site == "same-origin" && (from == origin || from_own_host(from, headers))
        }
    }
}

static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A header that may come once: its text, `None` when missing, an error when doubled or no text.
fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| ()),
        (Some(_), Some(_)) => Err(()),
    }
}

fn from_own_host(from: &str, headers: &HeaderMap) -> bool {
    let host = single(headers, &header::HOST).ok().flatten();
    let from = from
        .strip_prefix("http://")
        .or_else(|| from.strip_prefix("https://"));
    matches!((from, host), (Some(from), Some(host)) if from.eq_ignore_ascii_case(host))
}

/// Why a request's host is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrongHost {
    /// None, or more than one, or no text: 400.
    Malformed,
    /// Another server's name: 421.
    Foreign,
}

/// Which hosts a request may name.
#[derive(Clone, Debug)]
pub struct HostRule {
    names: Vec<(String, u16)>,
    default_port: u16,
}

impl HostRule {
    /// The host of `public_url`; when that is this machine itself, every usual name of it, also with `listen_port`,
    /// so that health checks on the machine work.
    #[must_use]
    pub fn new(public_url: &Url, listen_port: u16) -> Self {
        let default_port = if public_url.scheme() == "https" {
            443
        } else {
            80
        };
        let port = public_url.port().unwrap_or(default_port);
        let host = public_url.host_str().unwrap_or_default().to_owned();
        let mut names = vec![(host, port)];
        if is_this_machine(public_url) {
            for name in ["127.0.0.1", "localhost", "[::1]"] {
                names.extend([port, listen_port].map(|port| (name.to_owned(), port)));
            }
        }
        Self {
            names,
            default_port,
        }
    }

    /// Checks the `Host` header and, when the request line has an authority too, that one.
    pub fn check(&self, target: &Uri, headers: &HeaderMap) -> Result<(), WrongHost> {
        let host = single(headers, &header::HOST)
            .map_err(|()| WrongHost::Malformed)?
            .ok_or(WrongHost::Malformed)?;
        let host: Authority = host.parse().map_err(|_| WrongHost::Malformed)?;
        if !self.is_ours(&host) || !target.authority().is_none_or(|named| self.is_ours(named)) {
            return Err(WrongHost::Foreign);
        }
        Ok(())
    }

    fn is_ours(&self, authority: &Authority) -> bool {
        // `user@host` and `host:` are not equal to what they look like.
        let text = authority.as_str();
        let port = authority.port_u16();
        let spelled = match port {
            Some(port) => format!("{}:{port}", authority.host()),
            None => authority.host().to_owned(),
        };
        spelled == text
            && self.names.iter().any(|(name, ours)| {
                name.eq_ignore_ascii_case(authority.host())
                    && port.unwrap_or(self.default_port) == *ours
            })
    }
}

/// Whether `url` leads to the machine it is opened on.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The Content-Security-Policy of a page of ours: only our files, only scripts with this response's nonce. `frame`
/// is the one address the page may show in a frame (the viewer page frames its desktop's client).
#[must_use]
pub fn page_csp(nonce: &str, frame: Option<&str>) -> HeaderValue {
    let frame = frame.unwrap_or("'none'");
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         manifest-src 'self'; connect-src 'self'; frame-src {frame}; form-action 'self'; frame-ancestors 'none'; \
         base-uri 'none'"
    );
    // A nonce is base64 and a frame address one of our paths: both fit a header. If not, nothing may load.
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}
