//! The order of decisions on one connection: ban, sign-in, upgrade, API, files.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use crate::auth::{self, SignIn, User};
use crate::faults::{Fault, Stage};
use crate::http::{Answer, Head, ReadHead, find, read_head, status_line};
use crate::state::{Recorded, Shared, lock};
use crate::tls::Wire;
use crate::websocket::{self, Accept, Upgrade};
use crate::{Flavour, api, plain};

/// Serves one connection to its end. The caller closes TCP.
pub(crate) fn serve(shared: &Arc<Shared>, sock: TcpStream, peer: SocketAddr, number: u64) -> End {
    match shared.faults.take(Stage::Connected) {
        Some(Fault::HangBeforeTls) => {
            hang(shared, || shared.connected.has(number));
            return End::Close;
        }
        Some(_) => return End::Close,
        None => {}
    }
    let caller = Caller {
        shared,
        peer,
        number,
    };
    let served = if shared.plain {
        plain::serve(&caller, sock)
    } else {
        desktop(&caller, sock)
    };
    // An error means that the other end went away: nobody is left to tell.
    served.unwrap_or(End::Close)
}

/// How TCP shall end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Close,
    Reset,
}

/// A connection and whom it belongs to.
pub(crate) struct Caller<'shared> {
    pub(crate) shared: &'shared Arc<Shared>,
    pub(crate) peer: SocketAddr,
    pub(crate) number: u64,
}

fn desktop(caller: &Caller<'_>, sock: TcpStream) -> io::Result<End> {
    let shared = caller.shared;
    let mut first = [0];
    if sock.peek(&mut first)? == 0 || first != [0x16] {
        // Not TLS: closed without a byte.
        return Ok(End::Close);
    }
    let mut wire = Wire::secure(sock)?;
    if caller.shared.faults.take(Stage::Secured).is_some() {
        return reset(wire.sock());
    }
    let Some(head) = request(&mut wire, shared.flavour)? else {
        return Ok(End::Close);
    };
    let upgrade = Upgrade::recognise(&head, shared.flavour);
    let admitted = admit(caller, &head);
    caller.record(
        &head,
        upgrade.is_some(),
        admitted.as_ref().ok().map(|user| user.name.clone()),
    );
    let user = match admitted {
        Ok(user) => user,
        Err(answer) => {
            answer.write(&mut wire, Duration::ZERO)?;
            return Ok(End::Close);
        }
    };
    let fault = shared.faults.take(Stage::Request {
        upgrade: upgrade.is_some(),
    });
    let Some(pause) = misbehave(caller, &mut wire, fault.as_ref())? else {
        return Ok(End::Close);
    };
    let more = lock(&shared.response_headers).clone();
    if let Some(upgrade) = upgrade {
        let accept = Accept::with(fault.as_ref());
        upgrade
            .answer(accept)
            .headers(&more)
            .write(&mut wire, pause)?;
        if fault == Some(Fault::StallAfterUpgrade) {
            let closer = wire.sock().try_clone()?;
            shared.sockets.add(caller.number, &user.name, closer, None);
            hang(shared, || shared.sockets.has(caller.number));
            shared.sockets.remove(caller.number);
        } else {
            websocket::desktop(wire, shared, &user, caller.number)?;
        }
    } else {
        let answer = page(shared, &head, &user, &more).cut_for(fault.as_ref());
        answer.write(&mut wire, pause)?;
    }
    Ok(End::Close)
}

/// Reads the request. `None`: there is none, and what was to say about that has been said.
fn request(wire: &mut Wire, flavour: Flavour) -> io::Result<Option<Head>> {
    let limit = match flavour {
        Flavour::Old => 4095,
        Flavour::New => 16_383,
    };
    match read_head(wire, limit)? {
        ReadHead::Head(head) => return Ok(Some(head)),
        ReadHead::TooLarge if flavour == Flavour::New => {
            let answer = Answer::new("400 Bad Request", "text/plain").isolated();
            answer
                .body("400 Bad Request, too large")
                .write(wire, Duration::ZERO)?;
        }
        ReadHead::TooLarge | ReadHead::Closed => {}
    }
    Ok(None)
}

/// Ban first, then the password: a banned caller with the right password is refused too, and made to wait longer.
fn admit(caller: &Caller<'_>, head: &Head) -> Result<User, Answer> {
    let shared = caller.shared;
    let address = auth::caller(head, &caller.peer.ip().to_string());
    if shared.bans.is_banned(&address) {
        shared.banned_answers.fetch_add(1, Ordering::SeqCst);
        return Err(Answer::bare("401 Forbidden"));
    }
    let refusal = match auth::sign_in(head, shared.flavour, &shared.users) {
        SignIn::As(user) => return Ok(user),
        SignIn::Missing => Answer::bare("401 Unauthorized")
            .header("WWW-Authenticate", "Basic realm=\"Websockify\"")
            .isolated(),
        SignIn::TooLong => Answer::new("403 Forbidden", "text/plain")
            .isolated()
            .body("403 Forbidden"),
        SignIn::Wrong => Answer::bare("401 Forbidden").isolated(),
    };
    shared.bans.failed(&address);
    shared.auth_failures.fetch_add(1, Ordering::SeqCst);
    Err(refusal)
}

fn page(shared: &Shared, head: &Head, user: &User, more: &[(String, String)]) -> Answer {
    if let Some(answer) = fixed(shared, head) {
        return answer.headers(more);
    }
    // Anywhere in the request, not only in the path: a Referer is enough.
    if find(&head.all, b"/api/").is_some() {
        if !user.owner {
            let refused = Answer::new("401 Unauthorized", "text/plain").isolated();
            return refused.body("401 Unauthorized").headers(more);
        }
        if let Some(answer) = api::serve(head, shared) {
            return answer.headers(more);
        }
    }
    shared.files.serve(head).headers(more)
}

/// The answer a test has set for this path.
pub(crate) fn fixed(shared: &Shared, head: &Head) -> Option<Answer> {
    let route = lock(&shared.routes).get(head.path()).cloned()?;
    let own_length = route
        .headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let answer = Answer::bare(&status_line(route.status))
        .header("Connection", "close")
        .headers(&route.headers);
    Some(if own_length {
        answer.body(route.body)
    } else {
        answer.sized(route.body)
    })
}

/// The faults that are the same for every kind of answer. `None`: the connection is over. Else the pause between bytes.
pub(crate) fn misbehave(
    caller: &Caller<'_>,
    wire: &mut Wire,
    fault: Option<&Fault>,
) -> io::Result<Option<Duration>> {
    match fault {
        Some(Fault::Hang) => {
            // Until the other end gives up.
            while wire.read(&mut [0; 1024])? > 0 {}
        }
        Some(Fault::CloseAfterRequest) => {}
        Some(Fault::Raw(bytes)) => {
            wire.write_all(bytes)?;
            wire.flush()?;
        }
        Some(Fault::Redirect(to)) => {
            let answer = Answer::new("301 Moved Permanently", "text/plain").header("Location", to);
            answer
                .headers(&lock(&caller.shared.response_headers))
                .isolated()
                .write(wire, Duration::ZERO)?;
        }
        Some(Fault::NotSwitching(status)) => {
            let answer = Answer::new(&status_line(*status), "text/plain");
            answer
                .headers(&lock(&caller.shared.response_headers))
                .isolated()
                .body("no desktop here")
                .write(wire, Duration::ZERO)?;
        }
        Some(Fault::Drip(pause)) => return Ok(Some(*pause)),
        _ => return Ok(Some(Duration::ZERO)),
    }
    Ok(None)
}

/// Makes closing the socket a reset.
pub(crate) fn reset(sock: &TcpStream) -> io::Result<End> {
    socket2::SockRef::from(sock).set_linger(Some(Duration::ZERO))?;
    Ok(End::Reset)
}

/// Holds the connection open without a word until somebody ends it from this side.
fn hang(shared: &Shared, wanted: impl Fn() -> bool) {
    while !shared.stopping.load(Ordering::SeqCst) && wanted() {
        thread::sleep(Duration::from_millis(20));
    }
}

impl Caller<'_> {
    pub(crate) fn record(&self, head: &Head, upgrade: bool, user: Option<String>) {
        lock(&self.shared.requests).push(Recorded {
            head: head.head().to_vec(),
            body: head.body().to_vec(),
            method: head.method.clone(),
            path: head.target.clone(),
            headers: head.headers(),
            upgrade,
            user,
            peer: self.peer,
        });
    }
}
