//! Calls to servers of other people (OpenID providers, a captcha's): a fresh connection each, no redirects, a limit on
//! time and size.

use std::{fmt, sync::LazyLock, time::Duration};

use axum::body::Bytes;
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::{config::address::leads_to_this_machine, error::BoxError};

/// How long a server may take for one answer, its body included.
pub(crate) const CALL: Duration = Duration::from_secs(5);

/// How long one of its addresses may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(3);

/// The largest answer that is read.
pub(crate) const LARGEST: usize = 1024 * 1024;

/// The largest head of an answer.
const LARGEST_HEAD: usize = 64 * 1024;

type Connections = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// Why a call brought nothing that can be used. `Display` is the cause, for the log.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum CallFault {
    /// Nobody answers, or not now.
    #[error("no answer: {0}")]
    Away(String),
    /// The answer cannot be used.
    #[error("an answer that cannot be used: {0}")]
    Unusable(String),
}

/// Calls servers of other people.
pub(crate) struct HttpClient {
    /// Reading the certificates takes a moment: only servers that call somebody spend it.
    connections: LazyLock<Connections>,
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").finish_non_exhaustive()
    }
}

/// Where plain http is good enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlainHttp {
    /// Between programs on this machine only.
    ThisMachine,
    /// Everywhere: an administrator wrote an http address.
    Anywhere,
}

impl PlainHttp {
    /// Whether `url` may be called, or a person be sent there.
    pub(crate) fn lets_pass(self, url: &Url) -> bool {
        match url.scheme() {
            "https" => true,
            "http" => self == Self::Anywhere || leads_to_this_machine(url),
            _ => false,
        }
    }
}

/// An answer that came whole.
#[derive(Debug)]
pub(crate) struct Reply {
    /// Whatever it is.
    pub status: StatusCode,
    /// `application/json`, without parameters.
    pub kind: String,
    /// All of it.
    pub body: Bytes,
}

impl Reply {
    /// The body as JSON.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self, what: &str) -> Result<T, CallFault> {
        serde_json::from_slice(&self.body).map_err(|error| {
            // It repeats what stood there.
            let error = cut(&error.to_string());
            CallFault::Unusable(format!(
                "{what}: the answer is not as it should be: {error}"
            ))
        })
    }

    /// What a status other than 200 means: a server that is ill, or one that is not understood.
    pub(crate) fn must_be_ok(&self, what: &str) -> Result<(), CallFault> {
        match self.status {
            StatusCode::OK => Ok(()),
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Err(CallFault::Away(format!("{what}: answered {status}")))
            }
            status => Err(CallFault::Unusable(format!("{what}: answered {status}"))),
        }
    }
}

impl HttpClient {
    pub(crate) fn new() -> Self {
        Self {
            connections: LazyLock::new(connections),
        }
    }

    /// Reads `url`, with an access token where there is one.
    pub(crate) async fn get(
        &self,
        url: &Url,
        bearer: Option<&SecretString>,
        plain: PlainHttp,
    ) -> Result<Reply, CallFault> {
        let mut request = request(Method::GET, url, Bytes::new())?;
        if let Some(token) = bearer {
            let text = format!("Bearer {}", token.expose_secret());
            let mut value = HeaderValue::try_from(text)
                .map_err(|_| CallFault::Unusable("an access token that fits no header".into()))?;
            value.set_sensitive(true);
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        self.call(url, request, plain).await
    }

    /// Posts a form to `url`.
    pub(crate) async fn post_form(
        &self,
        url: &Url,
        form: String,
        authorization: Option<HeaderValue>,
        plain: PlainHttp,
    ) -> Result<Reply, CallFault> {
        let mut request = request(Method::POST, url, form.into())?;
        let headers = request.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        if let Some(value) = authorization {
            headers.insert(header::AUTHORIZATION, value);
        }
        self.call(url, request, plain).await
    }

    async fn call(
        &self,
        url: &Url,
        request: Request<Full<Bytes>>,
        plain: PlainHttp,
    ) -> Result<Reply, CallFault> {
        let place = place(url);
        if !plain.lets_pass(url) {
            return Err(CallFault::Unusable(format!(
                "{place}: plain http, and nobody wrote an http address for it"
            )));
        }
        let exchange = async {
            let answer = self.connections.request(request).await;
            let answer =
                answer.map_err(|error| CallFault::Away(format!("{place}: {}", all(&error))))?;
            let (head, body) = answer.into_parts();
            let body = Limited::new(body, LARGEST).collect().await;
            let body = body.map_err(|error| broken_off(&place, &error))?;
            let kind = head.headers.get(header::CONTENT_TYPE);
            let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            let kind = kind.split(';').next().unwrap_or_default().trim();
            Ok(Reply {
                status: head.status,
                kind: kind.to_ascii_lowercase(),
                body: body.to_bytes(),
            })
        };
        tokio::time::timeout(CALL, exchange)
            .await
            .unwrap_or_else(|_| {
                let limit = CALL.as_secs();
                Err(CallFault::Away(format!(
                    "{place}: no answer within {limit} s"
                )))
            })
    }
}

fn request(method: Method, url: &Url, body: Bytes) -> Result<Request<Full<Bytes>>, CallFault> {
    Request::builder()
        .method(method)
        .uri(url.as_str())
        .header(header::ACCEPT, "application/json")
        .header(header::USER_AGENT, "Deskcast")
        .body(Full::new(body))
        .map_err(|error| CallFault::Unusable(format!("{}: {error}", place(url))))
}

fn broken_off(place: &str, error: &BoxError) -> CallFault {
    if error.is::<LengthLimitError>() {
        CallFault::Unusable(format!("{place}: an answer of more than {LARGEST} bytes"))
    } else {
        CallFault::Away(format!("{place}: the answer broke off: {error}"))
    }
}

/// An address for the log: queries may have secrets in them.
fn place(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

fn all(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    text
}

/// Nothing is kept open: calls are rare, and a connection that died unnoticed would fail one.
fn connections() -> Connections {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_connect_timeout(Some(CONNECT));
    tcp.set_nodelay(true);
    let ring = rustls::crypto::ring::default_provider;
    let builder = HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(ring())
        .unwrap_or_else(|error| {
            tracing::warn!(%error, "there are no certificates of authorities on this machine, so no server on https can be trusted: install ca-certificates");
            let nobody = rustls::ClientConfig::builder_with_provider(ring().into())
                .with_protocol_versions(rustls::ALL_VERSIONS)
                .expect("ring offers the cipher suites of TLS 1.2 and 1.3")
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth();
            HttpsConnectorBuilder::new().with_tls_config(nobody)
        });
    let connector = builder.https_or_http().enable_http1().wrap_connector(tcp);
    Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .http1_max_buf_size(LARGEST_HEAD)
        .build(connector)
}

/// A stranger's words for the log: short, in one line.
pub(crate) fn cut(words: &str) -> String {
    words
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(200)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine_unless_somebody_wrote_it() {
        use PlainHttp::{Anywhere, ThisMachine};
        let table = [
            ("https://auth.example.org/token", true, true),
            ("http://127.0.0.1:9000/token", true, true),
            ("http://[::1]:9000/", true, true),
            ("http://localhost/", true, true),
            ("http://localhost.example.org/", false, true),
            ("http://auth.example.org/token", false, true),
            ("http://192.168.0.1/", false, true),
            ("ftp://127.0.0.1/", false, false),
            ("file:///etc/passwd", false, false),
        ];
        for (url, here, anywhere) in table {
            let url = url.parse().unwrap();
            assert_eq!(ThisMachine.lets_pass(&url), here, "{url}");
            assert_eq!(Anywhere.lets_pass(&url), anywhere, "{url}");
        }
    }

    #[test]
    fn the_log_names_no_query() {
        let url = "https://a.example:8443/token?code=s3cret#x"
            .parse()
            .unwrap();
        assert_eq!(place(&url), "https://a.example:8443/token");
    }
}
