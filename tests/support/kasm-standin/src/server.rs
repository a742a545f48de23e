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
pub(crate) fn serve(shared: &Arc<Shared>, sock: TcpStream, peer: SocketAddr, number: u64) {
    match shared.faults.take(Stage::Connected) {
        Some(Fault::HangBeforeTls) => return hang(shared, number),
        Some(_) => return,
        None => {}
    }
    let caller = Caller { shared, peer, number };
    let served = if shared.plain { plain::serve(&caller, sock) } else { desktop(&caller, sock) };
    // The other end went away: nothing to tell anybody.
    drop(served);
}

/// A connection and whom it belongs to.
pub(crate) struct Caller<'shared> {
    pub(crate) shared: &'shared Arc<Shared>,
    pub(crate) peer: SocketAddr,
    pub(crate) number: u64,
}

fn desktop(caller: &Caller<'_>, sock: TcpStream) -> io::Result<()> {
    let shared = caller.shared;
    let mut first = [0];
    if sock.peek(&mut first)? == 0 || first != [0x16] {
        // Not TLS: closed without a byte.
        return Ok(());
    }
    let mut wire = Wire::secure(sock)?;
    if caller.shared.faults.take(Stage::Secured).is_some() {
        return reset(&wire);
    }
    let limit = match shared.flavour {
        Flavour::Old => 4095,
        Flavour::New => 16_383,
    };
    let head = match read_head(&mut wire, limit)? {
        ReadHead::Head(head) => head,
        ReadHead::TooLarge if shared.flavour == Flavour::New => {
            let answer = Answer::new("400 Bad Request", "text/plain").isolated();
            return answer.body("400 Bad Request, too large").write(&mut wire, None);
        }
        ReadHead::TooLarge | ReadHead::Closed => return Ok(()),
    };
    let upgrade = Upgrade::recognise(&head, shared.flavour);
    let admitted = admit(caller, &head);
    caller.record(&head, upgrade.is_some(), admitted.as_ref().ok().map(|user| user.name.clone()));
    let user = match admitted {
        Ok(user) => user,
        Err(answer) => return answer.write(&mut wire, None),
    };
    let fault = shared.faults.take(Stage::Request { upgrade: upgrade.is_some() });
    let Some(pace) = misbehave(caller, &mut wire, fault.as_ref())? else { return Ok(()) };
    let more = lock(&shared.response_headers).clone();
    match upgrade {
        Some(upgrade) => {
            let accept = match fault {
                Some(Fault::WrongAccept) => Accept::Wrong,
                Some(Fault::NoAccept) => Accept::Missing,
                _ => Accept::Right,
            };
            upgrade.answer(accept).headers(&more).write(&mut wire, pace)?;
            if fault == Some(Fault::StallAfterUpgrade) {
                shared.sockets.add(caller.number, &user.name, wire.sock().try_clone()?, None);
                hang(shared, caller.number);
                shared.sockets.remove(caller.number);
                return Ok(());
            }
            websocket::desktop(wire, shared, &user, caller.number)
        }
        None => {
            let answer = page(shared, &head, &user, &more);
            let cut = if let Some(Fault::CutBody(at)) = fault { answer.cut_body(at) } else { answer };
            cut.write(&mut wire, pace)
        }
    }
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
        SignIn::Missing => {
            Answer::bare("401 Unauthorized").header("WWW-Authenticate", "Basic realm=\"Websockify\"").isolated()
        }
        SignIn::TooLong => Answer::new("403 Forbidden", "text/plain").isolated().body("403 Forbidden"),
        SignIn::Wrong => Answer::bare("401 Forbidden").isolated(),
    };
    shared.bans.failed(&address);
    shared.auth_failures.fetch_add(1, Ordering::SeqCst);
    Err(refusal)
}

fn page(shared: &Shared, head: &Head, user: &User, more: &[(String, String)]) -> Answer {
    if let Some(answer) = fixed(shared, head) {
        return answer.headers_first(more);
    }
    // Anywhere in the request, not only in the path: a Referer is enough.
    if find(&head.all, b"/api/").is_some() {
        if !user.owner {
            let refused = Answer::new("401 Unauthorized", "text/plain").isolated();
            return refused.body("401 Unauthorized").headers_first(more);
        }
        if let Some(answer) = api::serve(head, shared) {
            return answer.headers_first(more);
        }
    }
    shared.files.serve(head).headers_first(more)
}

/// The answer a test has set for this path.
pub(crate) fn fixed(shared: &Shared, head: &Head) -> Option<Answer> {
    let route = lock(&shared.routes).get(head.path()).cloned()?;
    let own_length = route.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let answer = Answer::bare(&status_line(route.status)).header("Connection", "close").headers(&route.headers);
    Some(if own_length { answer.body(route.body) } else { answer.sized(route.body) })
}

/// The faults that are the same for every kind of answer. `None`: the connection is over. Else the pace to write at.
pub(crate) fn misbehave(
    caller: &Caller<'_>,
    wire: &mut Wire,
    fault: Option<&Fault>,
) -> io::Result<Option<Option<Duration>>> {
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
            answer.headers(&lock(&caller.shared.response_headers)).isolated().write(wire, None)?;
        }
        Some(Fault::NotSwitching(status)) => {
            let answer = Answer::new(&status_line(*status), "text/plain");
            answer.headers(&lock(&caller.shared.response_headers)).isolated().body("no desktop here").write(wire, None)?;
        }
        Some(Fault::Drip(pause)) => return Ok(Some(Some(*pause))),
        _ => return Ok(Some(None)),
    }
    Ok(None)
}

/// Closing with something unread makes the kernel send a reset; so the request is awaited but not read.
fn reset(wire: &Wire) -> io::Result<()> {
    wire.sock().peek(&mut [0])?;
    Err(io::ErrorKind::ConnectionReset.into())
}

/// Holds the connection open without a word until somebody ends it from this side.
fn hang(shared: &Shared, number: u64) {
    while !shared.stopping.load(Ordering::SeqCst) && shared.connected.has(number) {
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
