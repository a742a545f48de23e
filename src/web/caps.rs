//! Nobody takes everything: how much one person and one address may have open at once.
//!
//! The address is that of a household ([`ClientIp::household`]). A school of three hundred may sit behind one, so its
//! caps are wide and the person's are narrow. Whoever has too much hears it at once (429); nothing waits in a queue.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::{FromRequestParts, Request, State},
    http::{HeaderValue, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use super::{
    branch::Branch,
    permits::{Permit, Permits},
    visitor::ClientIp,
};
use crate::{error::AppError, ids::UserId, language::Sentence, say};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counted {
    /// A request until the last byte of its answer. One that becomes one of the other two is no request any more.
    Request,
    /// A stream of events.
    Events,
    /// A WebSocket to a desktop.
    Stream,
}

/// By whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum By {
    Person(UserId),
    Address(IpAddr),
}

/// The most of something at once.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    /// Of one person: whoever is signed in, a guest, the owner of a token.
    pub person: u32,
    /// From one address.
    pub address: u32,
}

/// The caps.
#[derive(Clone, Copy, Debug)]
pub struct CapLimits {
    /// Requests under way.
    pub requests: Most,
    /// Open streams of events.
    pub events: Most,
    /// Open streams of desktops.
    pub streams: Most,
}

impl Default for CapLimits {
    /// A browser behind a proxy has up to 128 requests at once. A class may share one account: two streams of events
    /// and two desktops for each of thirty. A school of 300 opens its pages at once.
    fn default() -> Self {
        let most = |person, address| Most { person, address };
        Self {
            requests: most(256, 4_000),
            events: most(128, 3_000),
            streams: most(64, 3_000),
        }
    }
}

impl CapLimits {
    fn of(&self, what: Counted, by: By) -> u32 {
        let most = match what {
            Counted::Request => self.requests,
            Counted::Events => self.events,
            Counted::Stream => self.streams,
        };
        match by {
            By::Person(_) => most.person,
            By::Address(_) => most.address,
        }
    }
}

/// When to try again: what is under way usually ends within this time.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Who has too much of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too much of one kind at once")]
pub struct TooMany {
    what: Counted,
    by: By,
}

impl From<TooMany> for AppError {
    fn from(TooMany { what, by }: TooMany) -> Self {
        Self::SlowDown {
            sentence: sentence(what, by),
            retry_after: RETRY_AFTER,
        }
    }
}

fn sentence(what: Counted, by: By) -> Sentence {
    match (what, by) {
        (Counted::Request, By::Person(_)) => say!("caps-requests-person"),
        (Counted::Request, By::Address(_)) => say!("caps-requests-address"),
        (Counted::Events, By::Person(_)) => say!("caps-events-person"),
        (Counted::Events, By::Address(_)) => say!("caps-events-address"),
        (Counted::Stream, By::Person(_)) => say!("caps-streams-person"),
        (Counted::Stream, By::Address(_)) => say!("caps-streams-address"),
    }
}

/// Everything that is open on this server, counted. A copy is the same count.
#[derive(Clone, Debug)]
pub struct Caps {
    limits: CapLimits,
    held: Permits<(Counted, By)>,
}

impl Caps {
    /// Nothing is open yet.
    #[must_use]
    pub fn new(limits: CapLimits) -> Self {
        Self {
            limits,
            held: Permits::default(),
        }
    }

    fn take(&self, what: Counted, by: By) -> Result<Permit<(Counted, By)>, TooMany> {
        let most = self.limits.of(what, by);
        self.held.take((what, by), most).ok_or(TooMany { what, by })
    }
}

/// What something open counts as; dropping it gives that back.
#[derive(Debug, Default)]
#[must_use]
pub struct Held(#[expect(dead_code, reason = "held, never read")] Vec<Permit<(Counted, By)>>);

/// A request that is under way, as it is counted; an extension of every request that is.
///
/// Without the layer [`count`] (a test of one handler) nothing is counted and nothing refused.
#[derive(Clone, Debug, Default)]
pub struct UnderWay(Option<Arc<Counting>>);

#[derive(Debug)]
struct Counting {
    caps: Caps,
    address: IpAddr,
    so_far: Mutex<SoFar>,
}

#[derive(Debug, Default)]
struct SoFar {
    held: Vec<Permit<(Counted, By)>>,
    person_counted: bool,
    refused: bool,
}

impl UnderWay {
    /// Counts the request for `person` too; once, however often it is said.
    pub fn is_of(&self, person: UserId) -> Result<(), TooMany> {
        let Some(counting) = &self.0 else {
            return Ok(());
        };
        let mut so_far = counting.so_far();
        if so_far.person_counted {
            return Ok(());
        }
        match counting.caps.take(Counted::Request, By::Person(person)) {
            Ok(permit) => {
                so_far.held.push(permit);
                so_far.person_counted = true;
                Ok(())
            }
            Err(too_many) => {
                so_far.refused = true;
                Err(too_many)
            }
        }
    }

    /// From now on the request is `what` of `person`, as long as what this answers is held, and no request any more.
    pub fn becomes(&self, what: Counted, person: UserId) -> Result<Held, TooMany> {
        let Some(counting) = &self.0 else {
            return Ok(Held::default());
        };
        let mut so_far = counting.so_far();
        let taken = [By::Person(person), By::Address(counting.address)]
            .map(|by| counting.caps.take(what, by))
            .into_iter()
            .collect::<Result<_, _>>();
        match taken {
            Ok(permits) => {
                so_far.held.clear();
                Ok(Held(permits))
            }
            Err(too_many) => {
                so_far.refused = true;
                Err(too_many)
            }
        }
    }
}

impl Counting {
    fn so_far(&self) -> MutexGuard<'_, SoFar> {
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Sync> FromRequestParts<S> for UnderWay {
    type Rejection = Infallible;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(head.extensions.get().cloned().unwrap_or_default())
    }
}

/// Layer: counts a request for its address, and lets `sessions` count it for its person ([`UnderWay::is_of`]), until
/// the answer's last byte or the end of the connection. Health checks are not counted: whoever asks them would stop a
/// server that is only busy.
pub async fn count(State(caps): State<Caps>, mut request: Request, next: Next) -> Response {
    if Branch::of(request.extensions()) == Branch::Machine {
        return next.run(request).await;
    }
    let nobody = ClientIp(Ipv4Addr::UNSPECIFIED.into());
    let client = request.extensions().get().copied().unwrap_or(nobody);
    let address = client.household();
    let permit = match caps.take(Counted::Request, By::Address(address)) {
        Ok(permit) => permit,
        Err(too_many) => return closing(AppError::from(too_many).into_response()),
    };
    let counting = Arc::new(Counting {
        caps,
        address,
        so_far: Mutex::new(SoFar {
            held: vec![permit],
            ..SoFar::default()
        }),
    });
    request
        .extensions_mut()
        .insert(UnderWay(Some(Arc::clone(&counting))));
    let response = next.run(request).await;
    let so_far = std::mem::take(&mut *counting.so_far());
    if so_far.refused {
        return closing(response);
    }
    if so_far.held.is_empty() || response.body().is_end_stream() {
        return response;
    }
    response.map(|body| {
        Body::new(CountedBody {
            body,
            _held: Held(so_far.held),
        })
    })
}

/// Whoever has too much does not keep the connection either.
pub(super) fn closing(mut response: Response) -> Response {
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

/// An answer's body that counts until it is dropped.
struct CountedBody {
    body: Body,
    _held: Held,
}

impl HttpBody for CountedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, http::StatusCode, middleware::from_fn_with_state, routing::any};
    use tower::ServiceExt;

    use super::*;

    const SMALL: CapLimits = CapLimits {
        requests: Most {
            person: 2,
            address: 3,
        },
        events: Most {
            person: 1,
            address: 2,
        },
        streams: Most {
            person: 1,
            address: 2,
        },
    };

    /// `/…` answers with a body that never ends, for the person of the request's extension; `/events` becomes events.
    fn router(caps: &Caps) -> Router {
        async fn answer(way: UnderWay, request: Request) -> Result<Body, AppError> {
            let Some(person) = request.extensions().get::<UserId>().copied() else {
                return Ok(endless(Held::default()));
            };
            way.is_of(person)?;
            way.is_of(person)?;
            if request.uri().path() == "/events" {
                return Ok(endless(way.becomes(Counted::Events, person)?));
            }
            Ok(endless(Held::default()))
        }
        Router::new()
            .route("/{*any}", any(answer))
            .layer(from_fn_with_state(caps.clone(), count))
    }

    fn endless(held: Held) -> Body {
        Body::from_stream(futures_util::stream::once(async move {
            let _held = held;
            std::future::pending::<Result<Bytes, Infallible>>().await
        }))
    }

    async fn ask(router: &Router, path: &str, person: Option<UserId>, from: &str) -> Response {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = path.parse().unwrap();
        if let Some(person) = person {
            request.extensions_mut().insert(person);
        }
        let client = ClientIp(from.parse().unwrap());
        request.extensions_mut().insert(client);
        router.clone().oneshot(request).await.unwrap()
    }

    fn refused(response: &Response) -> bool {
        let refused = response.status() == StatusCode::TOO_MANY_REQUESTS;
        if refused {
            assert_eq!(response.headers()["retry-after"], "5");
            assert_eq!(response.headers()["connection"], "close");
        } else {
            assert_eq!(response.status(), StatusCode::OK);
            assert!(!response.headers().contains_key("connection"));
        }
        refused
    }

    #[tokio::test]
    async fn an_address_has_so_many_requests_until_their_answers_end() {
        let router = router(&Caps::new(SMALL));
        let mut open = Vec::new();
        for number in 0..3 {
            // One household, three addresses.
            open.push(ask(&router, "/x", None, &format!("2001:db8::{number}")).await);
        }
        assert!(open.iter().all(|answer| !refused(answer)));
        assert!(refused(&ask(&router, "/x", None, "2001:db8::9").await));
        assert!(!refused(&ask(&router, "/x", None, "2001:db8:0:1::").await));
        open.pop();
        assert!(!refused(&ask(&router, "/x", None, "2001:db8::9").await));
    }

    #[tokio::test]
    async fn a_person_has_so_many_wherever_they_come_from() {
        let router = router(&Caps::new(SMALL));
        let (jane, joe) = (UserId::new(), UserId::new());
        let first = ask(&router, "/x", Some(jane), "192.0.2.1").await;
        let second = ask(&router, "/x", Some(jane), "192.0.2.2").await;
        assert!(!refused(&first) && !refused(&second));
        assert!(refused(&ask(&router, "/x", Some(jane), "192.0.2.3").await));
        assert!(!refused(&ask(&router, "/x", Some(joe), "192.0.2.3").await));
        drop(second);
        assert!(!refused(&ask(&router, "/x", Some(jane), "192.0.2.3").await));
    }

    #[tokio::test]
    async fn events_are_counted_apart_from_requests() {
        let router = router(&Caps::new(SMALL));
        let people = [(); 3].map(|()| UserId::new());
        let first = ask(&router, "/events", Some(people[0]), "192.0.2.1").await;
        assert!(!refused(&first));
        // Of the same person: refused. That is no request under way either.
        for _ in 0..4 {
            let again = ask(&router, "/events", Some(people[0]), "192.0.2.2").await;
            assert!(refused(&again));
        }
        let second = ask(&router, "/events", Some(people[1]), "192.0.2.1").await;
        assert!(!refused(&second));
        // From the same address: refused, and the person keeps nothing of it.
        let third = ask(&router, "/events", Some(people[2]), "192.0.2.1").await;
        assert!(refused(&third));
        // Three requests have room beside two streams of events.
        let mut open = Vec::new();
        for _ in 0..3 {
            open.push(ask(&router, "/x", None, "192.0.2.1").await);
        }
        assert!(open.iter().all(|answer| !refused(answer)));
        drop((open, first));
        let third = ask(&router, "/events", Some(people[2]), "192.0.2.1").await;
        assert!(!refused(&third));
    }
}
