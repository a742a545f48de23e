//! The data plane: everything at `/desktop/<name>`.
//!
//! A request meets, in this order: the rules for its path (`path`), the decision who may (`access`), and by the
//! kind of the desktop either our own pages (`pages`) with the trusted client files (`client_files`) and the
//! tunnel (`websocket`, `relay`), or, for a plain web application, the container itself (`http`).
//!
//! | request | VNC | plain web application |
//! | --- | --- | --- |
//! | `/desktop/<name>` | 308 to the same with a slash | the same |
//! | `/desktop/<name>/` | our page around the client | the container |
//! | `…/client/v-<version>/*` | a file of the trusted copy; other versions lead to this one | the container |
//! | `…/websockify` with an upgrade | the tunnel | the container |
//! | anything else | 404 | the container, upgrades too |
//!
//! A plain web application is shown at top level and never in a frame of ours: a frame of the same origin would let
//! its HTML reach into our page. Its HTML forms do not work, because the sandbox that keeps it away from our API
//! forbids them; what it fetches itself does.

mod access;
pub mod client_files;
pub mod control;
mod cookies;
mod frames;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod handshake;
mod headers;
mod http;
mod input;
mod isolation;
mod location;
mod no_paste;
pub mod pages;
mod path;
mod relay;
mod rfb;
mod show;
pub mod state;
mod viewer_policy;
mod websocket;

use std::net::IpAddr;

use ::http::{HeaderValue, Method, StatusCode, header, request};
use axum::{
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Redirect, Response},
};

use self::{
    access::{Entry, Grant, Stop, authorize},
    path::{Refused, Target},
    state::{Proxy, ProxyParts},
    websocket::Wanted,
};
use crate::{
    catalog::ClientKind,
    error::AppError,
    say,
    state::AppState,
    web::{routes::Routes, urls, visitor::ClientIp},
};

/// `/desktop/*`, without any limit on time or size: streams live here.
#[must_use]
pub fn routes() -> Routes<AppState> {
    Routes::new()
        .any("/desktop/{name}", desktop)
        .any("/desktop/{name}/", desktop)
        .any("/desktop/{name}/{*rest}", desktop)
}

async fn desktop(State(proxy): State<Proxy>, request: Request) -> Result<Response, AppError> {
    let (mut head, body) = request.into_parts();
    if matches!(head.method, Method::CONNECT | Method::TRACE) {
        return Ok(only("GET, HEAD"));
    }
    let uri = head.uri.clone();
    let Target { name, rest } = path::parse(uri.path()).map_err(refused_path)?;
    let Some(rest) = rest else {
        return Ok(moved(&with_query(&urls::desktop(name), uri.query())));
    };
    if isolation::wants_service_worker(&head.headers) {
        return Err(AppError::Forbidden(say!("desktop-no-worker")));
    }
    let ProxyParts {
        sessions,
        desktops,
        sharing,
        ..
    } = &*proxy;
    let entry = match authorize(sessions, desktops, sharing, &head, name).await {
        Ok(entry) => entry,
        Err(Stop::NotSignedIn) => return sign_in(&head, &uri, name, rest),
        Err(Stop::NotKept) if opens_page(&head, rest) => {
            return Ok(Redirect::to(&urls::keep(name)).into_response());
        }
        Err(Stop::NotKept) => return Err(access::unknown()),
        Err(Stop::Error(error)) => return Err(error),
    };
    let origin = isolation::origin(&proxy.config.http, &head.headers);
    match entry {
        Entry::NotRunning(visit) if rest.is_empty() => {
            reading(&head.method)?;
            show::not_running(&proxy, visit, &mut head).await
        }
        Entry::NotRunning(_) => Err(AppError::not_found(say!("desktop-not-running"))),
        Entry::Running(grant) => match grant.live().kind.client {
            ClientKind::Vnc => vnc(&proxy, grant, head, rest, &origin).await,
            ClientKind::Passthrough => {
                passthrough(&proxy, grant, (head, body), rest, &origin).await
            }
        },
    }
}

async fn vnc(
    proxy: &Proxy,
    grant: Grant,
    mut head: request::Parts,
    rest: &str,
    origin: &str,
) -> Result<Response, AppError> {
    let client = client_of(&head);
    match rest {
        "" => {
            reading(&head.method)?;
            show::viewer(proxy, grant, &mut head, origin).await
        }
        "websockify" if handshake::wants_upgrade(&head.headers) => {
            let wanted = Wanted {
                origin,
                client,
                rest,
            };
            websocket::open(proxy, grant, head, wanted).await
        }
        _ => match rest.strip_prefix("client") {
            Some(file) if file.is_empty() || file.starts_with('/') => {
                show::client_file(proxy, grant, &head, file, origin).await
            }
            _ => Err(AppError::not_found(say!("desktop-nothing-there"))),
        },
    }
}

async fn passthrough(
    proxy: &Proxy,
    grant: Grant,
    (head, body): (request::Parts, Body),
    rest: &str,
    origin: &str,
) -> Result<Response, AppError> {
    let client = client_of(&head);
    if handshake::wants_upgrade(&head.headers) {
        let wanted = Wanted {
            origin,
            client,
            rest,
        };
        return websocket::open(proxy, grant, head, wanted).await;
    }
    let changes = !headers::is_reading(&head.method);
    if isolation::comes_from_elsewhere(&head.headers, changes, origin) {
        return Err(AppError::Forbidden(say!("desktop-foreign-page")));
    }
    http::forward(proxy, grant, head, body, (rest, origin, client)).await
}

/// Nobody is signed in: whoever opens the desktop's page is led to the sign-in page and back, the rest is refused.
fn sign_in(
    head: &request::Parts,
    uri: &::http::Uri,
    name: &str,
    rest: &str,
) -> Result<Response, AppError> {
    if opens_page(head, rest) {
        let next = with_query(&urls::desktop(name), uri.query());
        return Ok(Redirect::to(&urls::login(&next)).into_response());
    }
    Err(http::signed_out())
}

fn opens_page(head: &request::Parts, rest: &str) -> bool {
    head.method == Method::GET && rest.is_empty() && !handshake::wants_upgrade(&head.headers)
}

fn refused_path(refused: Refused) -> AppError {
    match refused {
        Refused::NotAName => access::unknown(),
        Refused::Ambiguous => AppError::bad_request("ambiguous_path", say!("desktop-ambiguous")),
        Refused::TooLong => AppError::BadRequest {
            status: StatusCode::URI_TOO_LONG,
            code: "address_too_long",
            sentence: say!("desktop-address-too-long"),
        },
    }
}

/// Our own pages are only read.
fn reading(method: &Method) -> Result<(), AppError> {
    if matches!(*method, Method::GET | Method::HEAD) {
        return Ok(());
    }
    Err(AppError::BadRequest {
        status: StatusCode::METHOD_NOT_ALLOWED,
        code: "method_not_allowed",
        sentence: say!("desktop-read-only"),
    })
}

fn only(methods: &'static str) -> Response {
    let mut response = StatusCode::METHOD_NOT_ALLOWED.into_response();
    let allow = HeaderValue::from_static(methods);
    response.headers_mut().insert(header::ALLOW, allow);
    response
}

fn moved(to: &str) -> Response {
    Redirect::permanent(to).into_response()
}

fn with_query(path: &str, query: Option<&str>) -> String {
    match query {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    }
}

fn client_of(head: &request::Parts) -> IpAddr {
    let known = head.extensions.get().map(|ClientIp(client)| *client);
    known.unwrap_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED))
}
