//! Opening a tunnel: the browser's handshake, ours with the desktop, and the two streams joined.
//!
//! Nothing is dialled before the handshake is right, and the browser hears 101 only after the desktop's own 101 was
//! checked: no byte of a browser reaches a desktop that did not agree to a stream. Close codes are listed at
//! [`super::relay::Ending`].

use std::{io, net::IpAddr, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use http::{HeaderValue, Request, StatusCode, header, request};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::Instant,
};

use super::{
    Proxy,
    access::{Grant, look_refused, unknown},
    handshake::{self, BadHandshake, Handshake},
    headers,
    http::{path_and_query, refused, signed_out},
    input::Input,
    no_paste::NoPaste,
    relay::{self, Cuts, Observer, Outcome, Side, lanes},
};
use crate::{
    catalog::ClientKind,
    desktops::{live::TunnelGuard, looks::OpenLook},
    error::AppError,
    groups::Switch,
    language::Sentence,
    say,
    sessions::SessionEnd,
    sharing::ShareEnd,
    upstream::{DesktopStream, UpstreamError},
    web::caps::{Counted, Held, UnderWay},
};

/// Streams of one desktop at a time: a few windows, their reconnects, and a class that looks on.
pub(super) const MOST_TUNNELS: usize = 48;
/// Visitors leave so many of them to the owner, whom nobody may lock out.
const KEPT_FOR_OWNER: usize = 12;

/// How exactly the time of the last opening is known. It orders a person's desktops, which is felt.
const NOTED_EVERY: Duration = Duration::from_secs(1);

/// The path of the socket; the server takes any, the proxy has chosen by its own.
const VNC_PATH: &str = "/websockify";

/// What the browser asked for.
#[derive(Debug)]
pub(super) struct Wanted<'r> {
    /// Our own origin, as this browser sees it.
    pub(super) origin: &'r str,
    /// For the desktop's ban and log.
    pub(super) client: IpAddr,
    /// What follows the desktop's prefix.
    pub(super) rest: &'r str,
}

/// Opens a tunnel to the desktop of `grant`, or says why not.
pub(super) async fn open(
    proxy: &Proxy,
    grant: Grant,
    mut head: request::Parts,
    wanted: Wanted<'_>,
) -> Result<Response, AppError> {
    let handshake = handshake::check(&head, wanted.origin).map_err(bad_handshake)?;
    let Some(browser) = head.extensions.remove::<OnUpgrade>() else {
        return Err(bad_handshake(BadHandshake::Malformed("connection")));
    };
    let most = match grant.invitation() {
        Some(_) => MOST_TUNNELS - KEPT_FOR_OWNER,
        None => MOST_TUNNELS,
    };
    let Some(guard) = grant.live().enter(most) else {
        return Err(AppError::Unavailable {
            code: "too_many_streams",
            sentence: say!("stream-too-many", most = most),
            source: None,
        });
    };
    let under_way = head
        .extensions
        .get::<UnderWay>()
        .cloned()
        .unwrap_or_default();
    let counted = under_way.becomes(Counted::Stream, grant.caller().user.id)?;
    // Before anything of the desktop is seen: nobody looks unseen.
    let look = begin_look(proxy, &grant).await?;
    let grant = grant.with_control(look.as_ref().is_some_and(OpenLook::controls));
    // Watched from here on: a desktop that is slow to answer must not be reached after its caller has gone.
    let session = grant.ended(&proxy.sessions);
    let share = grant.share_over(&proxy.sharing);
    let share_over = share.as_deref().cloned().unwrap_or_default();
    let stopped = grant.live().cut();
    let (desktop, chosen) = tokio::select! {
        dialled = dial(proxy, &grant, &head, &handshake, &wanted) => dialled?,
        () = session.cancelled() => return Err(signed_out()),
        () = share_over.cancelled() => return Err(unknown()),
        () = stopped.cancelled() => return Err(refused(UpstreamError::Broken("the desktop was stopped".into()))),
    };
    note_opened(proxy, &grant);
    let cuts = Cuts {
        stopped,
        signed_out: session.token(),
        share_over,
        look_changed: look
            .as_ref()
            .map_or_else(Default::default, |look| look.over().clone()),
        server: proxy.tasks.hard(),
    };
    let stream = Stream {
        grant,
        guard: (guard, counted),
        cuts,
        watched: (session, share, look),
    };
    let task = tunnel(stream, browser, desktop);
    proxy.tasks.spawn(task);
    Ok(switching(&handshake, chosen.as_deref()))
}

/// Tells the owner that somebody else looks, and writes it down.
async fn begin_look(proxy: &Proxy, grant: &Grant) -> Result<Option<OpenLook>, AppError> {
    let Some(role) = grant.looks_as() else {
        return Ok(None);
    };
    let user = grant.caller().user.id;
    let begun = proxy.desktops.begin_look(grant.live(), user, role).await;
    begun.map(Some).map_err(look_refused)
}

/// Our handshake with the desktop: answers the raw stream and the subprotocol it chose.
async fn dial(
    proxy: &Proxy,
    grant: &Grant,
    head: &request::Parts,
    handshake: &Handshake,
    wanted: &Wanted<'_>,
) -> Result<(Side<DesktopStream>, Option<String>), AppError> {
    let (live, endpoint) = (grant.live(), grant.endpoint());
    let vnc = live.kind.client == ClientKind::Vnc;
    let key = handshake::new_key();
    let binary = ["binary".to_owned()];
    let (path, offered) = if vnc {
        (HeaderValue::from_static(VNC_PATH), &binary[..])
    } else {
        (
            path_and_query(wanted.rest, head.uri.query())?,
            &handshake.offered[..],
        )
    };
    let offer = (!offered.is_empty())
        .then(|| HeaderValue::try_from(offered.join(", ")).ok())
        .flatten();
    let mut request = Request::new(Body::empty());
    let browser = (!vnc).then_some(&head.headers);
    *request.headers_mut() = headers::for_tunnel(browser, &endpoint, wanted.client, &key, offer);
    if vnc && !headers::fits_vnc(VNC_PATH, request.headers()) {
        return Err(AppError::internal(
            "the head of a tunnel's request is too long for KasmVNC",
        ));
    }
    *request.uri_mut() = path.as_bytes().try_into().map_err(AppError::internal)?;
    let answer = proxy.upstream.send(&endpoint, request).await;
    let answer = answer.map_err(refused)?;
    let opened = handshake::opened(answer.status(), answer.headers(), &key, offered);
    let chosen = opened.map_err(|why| {
        tracing::info!(desktop.name = %live.desktop.name, status = answer.status().as_u16(), "no stream: {why}");
        broken_stream(why)
    })?;
    let upgraded = hyper::upgrade::on(answer).await;
    let upgraded = upgraded.map_err(|error| refused(UpstreamError::Broken(error.into())))?;
    let parts = upgraded.downcast::<TokioIo<DesktopStream>>().map_err(|_| {
        AppError::internal("the desktop's stream is of another kind than it was made")
    })?;
    let desktop = Side {
        stream: parts.io.into_inner(),
        early: parts.read_buf,
    };
    Ok((desktop, chosen))
}

/// The last look at a desktop is the person's, so nobody else's counts. The database may be away. A page
/// whose streams break and come back again and again does not write each of them down.
fn note_opened(proxy: &Proxy, grant: &Grant) {
    if !grant.is_own() || !grant.live().notes(NOTED_EVERY) {
        return;
    }
    let (desktops, id) = (proxy.desktops.clone(), grant.live().desktop.id);
    proxy.tasks.spawn(async move {
        if let Err(error) = desktops.touch(id).await {
            tracing::debug!(%error, "the time of opening a desktop is not noted");
        }
    });
}

/// Whose stream it is, and what ends it.
struct Stream {
    grant: Grant,
    /// Counts it until it ends: for the desktop, and for the person and their address.
    guard: (TunnelGuard, Held),
    cuts: Cuts,
    /// What `cuts` hears of is looked at, and the owner is told of a look, as long as these are kept.
    watched: (SessionEnd, Option<ShareEnd>, Option<OpenLook>),
}

/// The task of one tunnel.
fn tunnel(
    stream: Stream,
    browser: OnUpgrade,
    desktop: Side<DesktopStream>,
) -> impl Future<Output = ()> + Send + 'static {
    let Stream {
        grant,
        guard,
        cuts,
        watched,
    } = stream;
    let vnc = grant.live().kind.client == ClientKind::Vnc;
    let settings = grant.live().desktop.client_settings;
    // What the desktop ignores is no input either.
    let counts = vnc && !grant.only_looks();
    let observer = counts.then(|| notes_input(&grant));
    let pastes = !vnc || settings.is_on(Switch::AllowClipboardUp);
    async move {
        let _watched = watched;
        let began = Instant::now();
        let name = grant.live().desktop.name.as_str();
        let upgraded = match browser.await {
            Ok(upgraded) => upgraded,
            Err(error) => {
                tracing::debug!(desktop.name = name, %error, "the browser left before its stream began");
                return;
            }
        };
        let joined = join(upgraded, desktop, cuts, observer, pastes).await;
        drop(guard);
        let Outcome {
            ending,
            to_desktop,
            to_browser,
        } = match joined {
            Ok(outcome) => outcome,
            Err(error) => {
                tracing::error!(desktop.name = name, %error, "a stream of {name} could not be carried");
                return;
            }
        };
        let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(
            desktop.name = name,
            stream.ending = ?ending,
            stream.to_desktop_bytes = to_desktop,
            stream.to_browser_bytes = to_browser,
            duration_ms,
            "a stream of {name} ended"
        );
    }
}

/// Notes when somebody types, points or pastes: what keeps a desktop from being idle.
fn notes_input(grant: &Grant) -> Observer {
    let (live, mut input) = (Arc::clone(grant.live()), Input::default());
    Box::new(move |bytes| {
        if input.see(bytes) {
            live.note_input();
        }
    })
}

/// Without TLS in between (behind a proxy that ends it, or on this machine) the browser's socket is taken as it is.
/// `pastes`: the browser's clipboard may go to the desktop.
async fn join(
    upgraded: Upgraded,
    desktop: Side<DesktopStream>,
    cuts: Cuts,
    observer: Option<Observer>,
    pastes: bool,
) -> io::Result<Outcome> {
    match upgraded.downcast::<TokioIo<TcpStream>>() {
        Ok(parts) => {
            lanes::carry(async move {
                let browser = Side {
                    stream: lanes::here(parts.io.into_inner())?,
                    early: parts.read_buf,
                };
                let desktop = Side {
                    stream: desktop.stream.here()?,
                    early: desktop.early,
                };
                carry(browser, desktop, &cuts, observer, pastes).await
            })
            .await?
        }
        Err(upgraded) => {
            let browser = Side {
                stream: TokioIo::new(upgraded),
                early: Bytes::new(),
            };
            carry(browser, desktop, &cuts, observer, pastes).await
        }
    }
}

async fn carry<B, D>(
    browser: Side<B>,
    desktop: Side<D>,
    cuts: &Cuts,
    observer: Option<Observer>,
    pastes: bool,
) -> io::Result<Outcome>
where
    B: AsyncRead + AsyncWrite + Unpin,
    D: AsyncRead + AsyncWrite + Unpin,
{
    if pastes {
        return Ok(relay::run(browser, desktop, cuts, observer).await);
    }
    let browser = Side {
        stream: NoPaste::new(browser.stream, &browser.early)?,
        early: Bytes::new(),
    };
    Ok(relay::run(browser, desktop, cuts, observer).await)
}

fn switching(handshake: &Handshake, chosen: Option<&str>) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, handshake.accept.clone());
    let offered = |chosen: &&str| handshake.offered.iter().any(|offer| offer == chosen);
    let chosen = chosen.filter(offered);
    if let Some(chosen) = chosen.and_then(|chosen| HeaderValue::from_str(chosen).ok()) {
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, chosen);
    }
    response
}

fn bad_handshake(why: BadHandshake) -> AppError {
    let refused = |status, sentence: Sentence| AppError::BadRequest {
        status,
        code: "bad_handshake",
        sentence,
    };
    match why {
        BadHandshake::ForeignOrigin => AppError::Forbidden(say!("stream-foreign")),
        BadHandshake::Version => refused(StatusCode::UPGRADE_REQUIRED, say!("stream-version")),
        BadHandshake::Malformed(what) => refused(
            StatusCode::BAD_REQUEST,
            say!("stream-malformed", what = what),
        ),
    }
}

fn broken_stream(why: &'static str) -> AppError {
    AppError::BadGateway {
        sentence: say!("stream-broken"),
        source: Some(why.into()),
    }
}
