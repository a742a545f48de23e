//! A small HTTP client: one connection per request, headers exactly as written.

use std::{net::SocketAddr, time::Duration};

use axum::body::{Body, Bytes};
use http_body_util::BodyExt;
use hyper::{
    HeaderMap, Method, Request, StatusCode,
    header::{CONTENT_TYPE, COOKIE, HOST, ORIGIN},
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// No request of a test takes longer.
const LIMIT: Duration = Duration::from_secs(20);

/// How a client shows who it is.
#[derive(Clone, Debug)]
pub(crate) enum Credential {
    None,
    Cookie(String),
    Header(String),
}

/// A browser or a script.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    credential: Credential,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Client {
    pub(crate) fn new(address: SocketAddr, credential: Credential) -> Self {
        Self {
            address,
            credential,
        }
    }

    /// How it shows who it is.
    pub(crate) fn credential(&self) -> &Credential {
        &self.credential
    }

    /// `GET`, as a script asks.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// `GET`, as a browser opens a page.
    pub(crate) async fn open(&self, path: &str) -> Answer {
        let mut request = self.request(Method::GET, path);
        let accept = "text/html,application/xhtml+xml,*/*;q=0.8".parse().unwrap();
        request.headers_mut().insert("accept", accept);
        self.send(request).await
    }

    /// `POST` without a body, from one of our own pages.
    pub(crate) async fn post(&self, path: &str) -> Answer {
        self.send(self.request(Method::POST, path)).await
    }

    /// `POST` with JSON, from one of our own pages.
    pub(crate) async fn post_json(&self, path: &str, body: &serde_json::Value) -> Answer {
        let mut request = self.request(Method::POST, path);
        request
            .headers_mut()
            .insert(CONTENT_TYPE, "application/json".parse().unwrap());
        *request.body_mut() = Body::from(body.to_string());
        self.send(request).await
    }

    /// `POST` of a form, from one of our own pages.
    pub(crate) async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut request = self.request(Method::POST, path);
        let kind = "application/x-www-form-urlencoded".parse().unwrap();
        request.headers_mut().insert(CONTENT_TYPE, kind);
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        *request.body_mut() = Body::from(body);
        self.send(request).await
    }

    /// `DELETE`, from one of our own pages.
    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// A request with this client's credential; one that changes something comes from our own pages.
    pub(crate) fn request(&self, method: Method, path: &str) -> Request<Body> {
        let safe = method.is_safe();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, self.address.to_string());
        request = match &self.credential {
            Credential::None => request,
            Credential::Cookie(id) => request.header(COOKIE, format!("deskcast={id}")),
            Credential::Header(id) => request.header("x-session-id", id),
        };
        if !safe && !matches!(self.credential, Credential::Header(_)) {
            request = request.header(ORIGIN, format!("http://{}", self.address));
        }
        request.body(Body::empty()).unwrap()
    }

    /// Sends `request` as it is and reads the whole answer.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        tokio::time::timeout(LIMIT, exchange(self.address, request))
            .await
            .expect("an answer within the limit")
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the connection ends with its request"
)]
async fn exchange(address: SocketAddr, request: Request<Body>) -> Answer {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    let connection = tokio::spawn(connection);
    let response = sender.send_request(request).await.unwrap();
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    connection.abort();
    Answer {
        status: head.status,
        headers: head.headers,
        body,
    }
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {:?}", self.text()))
    }

    /// A header's text; empty when missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

/// Sends these bytes and reads until the server closes; what a client library would not send.
pub(crate) async fn raw(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The server may answer and close before it has read all.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(LIMIT, stream.read_to_end(&mut answer))
        .await
        .expect("the server closes within the limit");
    String::from_utf8_lossy(&answer).into_owned()
}
