//! Connections to a web application serve one request after another: which, how many, how long.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::body::Body;
use deskcast::{
    catalog::DesktopType,
    desktops::{Desktop, StopReason},
    lifecycle::Tasks,
    upstream::pool::{AT_ONCE, KEPT},
};
use futures_util::future::join_all;
use hyper::{Method, StatusCode};
use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

use super::start;
use crate::support::{Client, TestApp};

/// A web application that tells what came on which connection, and breaks off when it is told to.
#[derive(Default)]
struct Application {
    /// Request lines by connection.
    seen: Mutex<BTreeMap<usize, Vec<String>>>,
    opened: AtomicUsize,
    open: AtomicUsize,
    most_open: AtomicUsize,
    /// What happens to the next request on a connection that has served one.
    breaks: Mutex<Option<&'static [u8]>>,
    released: AtomicBool,
    release: Notify,
}

impl Application {
    async fn begin() -> (Arc<Self>, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let application = Arc::new(Self::default());
        let serving = Arc::clone(&application);
        Tasks::new().spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serving = Arc::clone(&serving);
                Tasks::new().spawn(async move {
                    let open = serving.open.fetch_add(1, Ordering::SeqCst) + 1;
                    serving.most_open.fetch_max(open, Ordering::SeqCst);
                    serving.serve(stream).await;
                    serving.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        (application, address)
    }

    async fn serve(&self, mut stream: TcpStream) {
        let number = self.opened.fetch_add(1, Ordering::SeqCst);
        let mut pending = Vec::new();
        let mut served = false;
        while let Some((line, body, close)) = request(&mut stream, &mut pending).await {
            self.note(number, &line);
            if let Some(part) = self.breaks_now(served) {
                stream.write_all(part).await.ok();
                return;
            }
            if line.contains("/hold") && !self.released.load(Ordering::SeqCst) {
                self.release.notified().await;
            }
            let answer = if body.is_empty() { line } else { body };
            let length = if answer.contains("/endless") {
                1 << 30
            } else {
                answer.len()
            };
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{answer}");
            if stream.write_all(head.as_bytes()).await.is_err() || close {
                return;
            }
            served = true;
        }
    }

    fn note(&self, connection: usize, line: &str) {
        let mut seen = self.seen.lock().unwrap();
        seen.entry(connection).or_default().push(line.to_owned());
    }

    fn breaks_now(&self, served: bool) -> Option<&'static [u8]> {
        self.breaks.lock().unwrap().take_if(|_| served)
    }

    /// Connections that served what is not the start's own look.
    fn used(&self) -> BTreeMap<usize, Vec<String>> {
        let mut seen = self.seen.lock().unwrap().clone();
        seen.retain(|_, lines| lines.iter().any(|line| !line.starts_with("GET / ")));
        seen
    }

    fn count(&self, line: &str) -> usize {
        let used = self.used();
        used.values()
            .flatten()
            .filter(|seen| seen.starts_with(line))
            .count()
    }

    async fn has_open(&self, count: usize) {
        let waited = async {
            while self.open.load(Ordering::SeqCst) != count {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let came = tokio::time::timeout(Duration::from_secs(5), waited).await;
        let open = self.open.load(Ordering::SeqCst);
        assert!(came.is_ok(), "{open} connections are open, not {count}");
    }
}

/// Request line, body, and whether the connection ends after it; `None` when it has ended.
async fn request(stream: &mut TcpStream, pending: &mut Vec<u8>) -> Option<(String, String, bool)> {
    loop {
        if let Some(end) = pending.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&pending[..end]).to_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            if pending.len() >= end + 4 + length {
                let line = String::from_utf8_lossy(&pending[..end]).into_owned();
                let line = line.lines().next().unwrap().to_owned();
                let body = pending[end + 4..end + 4 + length].to_vec();
                pending.drain(..end + 4 + length);
                let close = head.contains("connection: close");
                return Some((line, String::from_utf8(body).unwrap(), close));
            }
        }
        match stream.read_buf(pending).await {
            Ok(count) if count > 0 => {}
            _ => return None,
        }
    }
}

struct Place {
    app: TestApp,
    application: Arc<Application>,
    kind: DesktopType,
}

impl Place {
    async fn new(pool: PgPool) -> Self {
        let app = TestApp::start(pool).await;
        sqlx::query("update desktop_types set client = 'passthrough', container_tls = false")
            .execute(&app.pool)
            .await
            .unwrap();
        let kind = app.state.catalog.find_by_slug("debian-desktop").await;
        let kind = kind.unwrap().unwrap();
        app.engine.add_image(&kind.image);
        let (application, address) = Application::begin().await;
        app.engine.set_address(address);
        Self {
            app,
            application,
            kind,
        }
    }

    async fn desktop(&self, name: &str) -> (Client, Desktop) {
        let person = self.app.user(name).await;
        (person, start(&self.app, name, &self.kind).await)
    }
}

fn at(desktop: &Desktop, rest: &str) -> String {
    format!("/desktop/{}/{rest}", desktop.name)
}

async fn get(person: &Client, desktop: &Desktop, rest: &str) -> (StatusCode, String) {
    let answer = person.get(&at(desktop, rest)).await;
    (answer.status, answer.text().to_string())
}

async fn post(person: &Client, desktop: &Desktop, rest: &str, body: String) -> StatusCode {
    let mut request = person.request(Method::POST, &at(desktop, rest));
    request
        .headers_mut()
        .insert("content-length", body.len().into());
    *request.body_mut() = Body::from(body);
    person.send(request).await.status
}

#[sqlx::test(migrations = "./migrations")]
async fn one_connection_serves_one_request_after_another(pool: PgPool) {
    let place = Place::new(pool).await;
    let (jane, desktop) = place.desktop("jane").await;
    for n in 0..20 {
        let (status, text) = get(&jane, &desktop, &format!("page-{n}")).await;
        assert_eq!(
            (status, text),
            (StatusCode::OK, format!("GET /page-{n} HTTP/1.1"))
        );
        assert_eq!(
            post(&jane, &desktop, "form", "x".repeat(n * 1000)).await,
            StatusCode::OK
        );
    }
    let used = place.application.used();
    assert_eq!(used.len(), 1, "{used:?}");
    assert_eq!(used.values().flatten().count(), 40);
}

#[sqlx::test(migrations = "./migrations")]
async fn each_answer_goes_to_whoever_asked(pool: PgPool) {
    let place = Place::new(pool).await;
    let (jane, desktop) = place.desktop("jane").await;
    let asks = (0..40).map(|person| {
        let (jane, desktop) = (&jane, &desktop);
        async move {
            for n in 0..10 {
                let (status, text) = get(jane, desktop, &format!("of-{person}-{n}")).await;
                assert_eq!(status, StatusCode::OK);
                assert_eq!(text, format!("GET /of-{person}-{n} HTTP/1.1"));
            }
        }
    });
    join_all(asks).await;
    let used = place.application.used();
    assert!(used.len() <= AT_ONCE, "{} connections", used.len());
    assert_eq!(used.values().flatten().count(), 400);
}

#[sqlx::test(migrations = "./migrations")]
async fn a_connection_belongs_to_one_start_of_one_desktop(pool: PgPool) {
    let place = Place::new(pool).await;
    let (jane, janes) = place.desktop("jane").await;
    let (joe, joes) = place.desktop("joe").await;
    for _ in 0..5 {
        get(&jane, &janes, "jane-1").await;
        get(&joe, &joes, "joe-1").await;
    }
    let stopped = place.app.state.desktops.stop(janes.id, StopReason::Owner);
    stopped.await.unwrap();
    // The same address, another start.
    let again = start(&place.app, "jane", &place.kind).await;
    for _ in 0..5 {
        get(&jane, &again, "jane-2").await;
        get(&joe, &joes, "joe-1").await;
    }
    let used = place.application.used();
    assert_eq!(used.len(), 3, "{used:?}");
    for lines in used.values() {
        let whose: BTreeSet<_> = lines.iter().collect();
        assert_eq!(whose.len(), 1, "{lines:?}");
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn what_ended_unnoticed_is_asked_again_where_that_is_the_same(pool: PgPool) {
    let place = Place::new(pool).await;
    let (jane, desktop) = place.desktop("jane").await;
    let breaks = |part: &'static [u8]| *place.application.breaks.lock().unwrap() = Some(part);

    get(&jane, &desktop, "warm").await;
    breaks(b"");
    assert_eq!(get(&jane, &desktop, "a").await.0, StatusCode::OK);
    assert_eq!(place.application.count("GET /a "), 2, "once in vain");

    // A byte of an answer came: whatever it was to be, it is not asked for again.
    breaks(b"HTTP/1.1 200 OK\r\nContent-Le");
    assert_eq!(get(&jane, &desktop, "b").await.0, StatusCode::BAD_GATEWAY);
    assert_eq!(place.application.count("GET /b "), 1);

    // What changes something is never sent twice, with a body or without.
    for body in ["", "change"] {
        get(&jane, &desktop, "warm").await;
        breaks(b"");
        let sent = place.application.count("POST /c ");
        assert_eq!(
            post(&jane, &desktop, "c", body.into()).await,
            StatusCode::BAD_GATEWAY
        );
        assert_eq!(place.application.count("POST /c "), sent + 1);
    }
    // Nor does what breaks off on a new connection get a second chance.
    get(&jane, &desktop, "warm").await;
    assert_eq!(get(&jane, &desktop, "d").await.0, StatusCode::OK);
}

#[sqlx::test(migrations = "./migrations")]
async fn an_answer_nobody_read_to_its_end_ends_its_connection(pool: PgPool) {
    let place = Place::new(pool).await;
    let (jane, desktop) = place.desktop("jane").await;
    get(&jane, &desktop, "warm").await;
    let request = jane.request(Method::GET, &at(&desktop, "endless"));
    let mut text = format!("GET {} HTTP/1.1\r\n", request.uri());
    for (name, value) in request.headers() {
        write!(text, "{name}: {}\r\n", value.to_str().unwrap()).unwrap();
    }
    let mut browser = TcpStream::connect(place.app.address).await.unwrap();
    browser
        .write_all(format!("{text}\r\n").as_bytes())
        .await
        .unwrap();
    assert!(browser.read(&mut [0; 64]).await.unwrap() > 0);
    place.application.has_open(1).await;
    drop(browser);
    place.application.has_open(0).await;
    assert_eq!(get(&jane, &desktop, "next").await.1, "GET /next HTTP/1.1");
}

#[sqlx::test(migrations = "./migrations")]
async fn requests_at_once_and_connections_kept_are_bounded(pool: PgPool) {
    let place = Place::new(pool).await;
    let (jane, desktop) = place.desktop("jane").await;
    get(&jane, &desktop, "warm").await;
    let asks = (0..AT_ONCE + 10).map(|_| get(&jane, &desktop, "hold"));
    let application = &place.application;
    let released = async {
        application.has_open(AT_ONCE).await;
        // Time for further ones to come, if they did.
        tokio::time::sleep(Duration::from_millis(300)).await;
        application.released.store(true, Ordering::SeqCst);
        application.release.notify_waiters();
    };
    let (answers, ()) = tokio::join!(join_all(asks), released);
    assert!(answers.iter().all(|(status, _)| *status == StatusCode::OK));
    assert_eq!(application.most_open.load(Ordering::SeqCst), AT_ONCE);
    application.has_open(KEPT).await;
    let live = place.app.state.desktops.live().get(&desktop.name).unwrap();
    assert_eq!(live.pool.idle(), KEPT);
}

#[sqlx::test(migrations = "./migrations")]
async fn connections_end_at_once_with_their_desktop(pool: PgPool) {
    let place = Place::new(pool).await;
    let (jane, desktop) = place.desktop("jane").await;
    join_all((0..4).map(|n| get(&jane, &desktop, if n == 0 { "warm" } else { "more" }))).await;
    let live = place.app.state.desktops.live().get(&desktop.name).unwrap();
    assert!(live.pool.idle() > 0);
    place.app.state.desktops.live().forget(desktop.id);
    // The entry is still in somebody's hands, its connections are gone all the same.
    place.application.has_open(0).await;
    drop(live);
}

#[sqlx::test(migrations = "./migrations")]
async fn a_request_needs_no_database_while_its_desktop_and_session_are_known(pool: PgPool) {
    let place = Place::new(pool).await;
    let (jane, desktop) = place.desktop("jane").await;
    let mut locked = place.app.pool.begin().await.unwrap();
    get(&jane, &desktop, "warm").await;
    // Whoever asks any of these waits until the end of the test.
    sqlx::query(
        "lock table desktops, desktop_types, users, login_sessions, api_tokens, user_groups, group_members, share_links,
             share_visitors in access exclusive mode",
    )
    .execute(&mut *locked)
    .await
    .unwrap();
    let asks = join_all((0..5).map(|_| get(&jane, &desktop, "page")));
    let answers = tokio::time::timeout(Duration::from_millis(2500), asks).await;
    let answers = answers.expect("no request waits for the database");
    assert!(answers.iter().all(|(status, _)| *status == StatusCode::OK));
    locked.rollback().await.unwrap();
}
