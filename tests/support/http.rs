//! Requests of browsers and programs, each on a connection of its own.

use std::{net::SocketAddr, time::Duration};

use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, StatusCode,
    body::Bytes,
    header::{COOKIE, HOST, HeaderMap, ORIGIN},
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    time::{Instant, timeout},
};

/// No answer takes longer; what must be quicker is measured by [`Answer::took`].
const ANSWER_LIMIT: Duration = Duration::from_mins(1);

/// Who sends a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum By<'s> {
    /// Somebody who is not signed in.
    Nobody,
    /// A program that shows its session in a header.
    Program(&'s str),
    /// A browser on one of our own pages, with its cookie.
    Browser(&'s str),
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) took: Duration,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text))
    }

    /// The body as JSON, after a look at the status.
    pub(crate) fn json_with(&self, status: u16) -> serde_json::Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self.json()
    }

    /// The stable word of an error of the API.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// Sends one request to `at`; fails when nobody answers.
pub(crate) async fn send(
    at: SocketAddr,
    by: By<'_>,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    try_send(at, by, method.clone(), path, headers, body)
        .await
        .unwrap_or_else(|problem| panic!("{method} {path}: {problem}"))
}

/// Sends one request to `at`.
pub(crate) async fn try_send(
    at: SocketAddr,
    by: By<'_>,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> anyhow::Result<Answer> {
    let began = Instant::now();
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, at.to_string());
    request = match by {
        By::Nobody => request,
        By::Program(session) => request.header("X-Session-ID", session),
        By::Browser(session) => request
            .header(COOKIE, format!("deskcast={session}"))
            .header(ORIGIN, format!("http://{at}"))
            .header("Sec-Fetch-Site", "same-origin")
            .header("Accept", "text/html"),
    };
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::from(body.to_owned())))?;
    timeout(ANSWER_LIMIT, exchange(at, request, began)).await?
}

async fn exchange(
    at: SocketAddr,
    request: Request<Full<Bytes>>,
    began: Instant,
) -> anyhow::Result<Answer> {
    let stream = TcpStream::connect(at).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let asking = async move {
        let (head, body) = sender.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        anyhow::Ok(Answer {
            status: head.status,
            headers: head.headers,
            text: String::from_utf8_lossy(&body).into_owned(),
            took: began.elapsed(),
        })
    };
    tokio::pin!(connection);
    tokio::select! {
        answer = asking => answer,
        ended = &mut connection => {
            ended?;
            anyhow::bail!("the connection ended before its answer")
        }
    }
}
