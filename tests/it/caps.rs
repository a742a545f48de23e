//! Nobody takes everything: what one person may have open at once, and that it is free again after every end.

use std::time::Duration;

use deskcast::{people::Role, sessions::MOST_SESSIONS, web::caps::CapLimits};
use hyper::{
    Method, Request, StatusCode,
    header::{ACCEPT, ACCEPT_LANGUAGE},
};
use kasm_standin::Flavour;
use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    proxy::{Scene, Socket, start},
    support::{Answer, Client, Credential, TestApp, eventually},
};

/// Whatever ends has ended by then.
const LIMIT: Duration = Duration::from_secs(15);

/// Sends `head` and keeps the connection.
async fn send(app: &TestApp, head: &str) -> TcpStream {
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// An open stream of events, or the status line of what it was instead.
async fn events(app: &TestApp, session: &str) -> Result<TcpStream, String> {
    let host = app.address;
    let head =
        format!("GET /api/events HTTP/1.1\r\nHost: {host}\r\nX-Session-ID: {session}\r\n\r\n");
    let mut stream = send(app, &head).await;
    let mut began = Vec::new();
    while !began.ends_with(b"\r\n") {
        began.push(stream.read_u8().await.unwrap());
    }
    let line = String::from_utf8(began).unwrap();
    if line.contains(" 200 ") {
        Ok(stream)
    } else {
        Err(line)
    }
}

fn is_refusal(answer: &Answer, sentence: &str) {
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), "5");
    assert_eq!(answer.header("connection"), "close");
    assert_eq!(answer.json()["code"], "slow_down");
    assert_eq!(answer.json()["error"], sentence);
}

async fn free_again(client: &Client, path: &str) {
    eventually("a free place", LIMIT, async || {
        match client.get(path).await.status {
            StatusCode::OK => Ok(()),
            status => Err(status.to_string()),
        }
    })
    .await;
}

#[sqlx::test(migrations = "./migrations")]
async fn events_of_one_person_are_bounded(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let jane = app.account("jane", Role::User).await;
    let session = app.session(jane).await;
    let mut open = Vec::new();
    for _ in 0..CapLimits::default().events.person {
        open.push(events(&app, &session).await.unwrap());
    }
    // Another sign-in is the same person.
    let elsewhere = Client::new(app.address, Credential::Header(app.session(jane).await));
    is_refusal(
        &elsewhere.get("/api/events").await,
        "Too many of your pages are open at once. Close some of them, then try again.",
    );
    // What is no stream of events still works, and so do other people's.
    assert_eq!(elsewhere.get("/api/container/list").await.status, 200);
    let joe = app.account("joe", Role::User).await;
    let of_joe = app.session(joe).await;
    events(&app, &of_joe).await.unwrap();
    // The connection is gone without a word.
    let ends = open.pop().unwrap();
    socket2::SockRef::from(&ends)
        .set_linger(Some(Duration::ZERO))
        .unwrap();
    drop(ends);
    eventually("a free place", LIMIT, async || {
        open.push(events(&app, &session).await?);
        Ok::<_, String>(())
    })
    .await;
    events(&app, &session).await.unwrap_err();
}

/// A request whose body does not come is under way.
#[sqlx::test(migrations = "./migrations")]
async fn requests_of_one_person_are_bounded(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let jane = app.account("jane", Role::User).await;
    let session = app.session(jane).await;
    let host = app.address;
    let head = format!(
        "POST /api/container/start HTTP/1.1\r\nHost: {host}\r\nX-Session-ID: {session}\r\n\
         Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
    );
    let mut open = Vec::new();
    for _ in 0..CapLimits::default().requests.person {
        open.push(send(&app, &head).await);
    }
    let browser = Client::new(app.address, Credential::Cookie(session.clone()));
    let client = Client::new(app.address, Credential::Header(session));
    let list = "/api/container/list";
    eventually("a refusal", LIMIT, async || {
        match client.get(list).await.status {
            StatusCode::TOO_MANY_REQUESTS => Ok(()),
            status => Err(status.to_string()),
        }
    })
    .await;
    is_refusal(
        &client.get(list).await,
        "Too many of your requests are under way at once. Wait a moment, then try again.",
    );
    let mut page = browser.request(Method::GET, "/");
    for (name, value) in [(ACCEPT, "text/html"), (ACCEPT_LANGUAGE, "de")] {
        page.headers_mut().insert(name, value.parse().unwrap());
    }
    let page = browser.send(page).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    let sentence = "Zu viele Ihrer Anfragen sind gleichzeitig unterwegs.";
    assert!(page.text().contains(sentence), "{}", page.text());
    let joe = app.script("joe").await;
    assert_eq!(joe.get(list).await.status, StatusCode::OK);
    assert_eq!(app.stranger().get("/login").await.status, StatusCode::OK);
    drop(open);
    free_again(&client, list).await;
}

#[sqlx::test(migrations = "./migrations")]
async fn streams_of_one_person_are_bounded(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let app = &scene.app;
    sqlx::query(
        "update desktop_types set client = 'vnc', container_tls = true where slug = 'ubuntu-desktop'",
    )
    .execute(&app.pool)
    .await
    .unwrap();
    let kind = app.state.catalog.find_by_slug("ubuntu-desktop").await;
    let kind = kind.unwrap().unwrap();
    app.engine.add_image(&kind.image);
    let second = start(app, "jane", &kind).await;
    let handshake = |client: &Client, name: &str| {
        let mut request: Request<_> = scene.handshake(client, "websockify");
        *request.uri_mut() = format!("/desktop/{name}/websockify").parse().unwrap();
        request
    };
    // Each of the two desktops has room for fewer.
    let most = usize::try_from(CapLimits::default().streams.person).unwrap();
    let mut open = Vec::new();
    for number in 0..most {
        let desktop = [&scene.desktop, &second][number % 2];
        let socket = Socket::open(app, handshake(&scene.jane, &desktop.name)).await;
        open.push(socket.unwrap_or_else(|(status, text)| panic!("{status}: {text}")));
    }
    let refused = Socket::open(app, handshake(&scene.jane, &second.name)).await;
    let (status, text) = refused.err().unwrap();
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert!(text.contains("too many desktops open at once"), "{text}");
    // An administrator who looks at them is somebody else.
    let admin = app.admin().await;
    let looks = Socket::open(app, handshake(&admin, &second.name)).await;
    assert!(looks.is_ok());
    open.pop();
    eventually("a free place", LIMIT, async || {
        match Socket::open(app, handshake(&scene.jane, &second.name)).await {
            Ok(_) => Ok(()),
            Err((status, text)) => Err(format!("{status}: {text}")),
        }
    })
    .await;
}

#[sqlx::test(migrations = "./migrations")]
async fn the_oldest_sessions_of_one_person_end_first(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let jane = app.account("jane", Role::User).await;
    let joe = app.script("joe").await;
    let first = app.session(jane).await;
    let second = app.session(jane).await;
    for _ in 2..MOST_SESSIONS {
        app.session(jane).await;
    }
    let list = "/api/container/list";
    let by = |id: &str| Client::new(app.address, Credential::Header(id.to_owned()));
    assert_eq!(by(&first).get(list).await.status, StatusCode::OK);
    // Whoever has something open hears of the end like of every other.
    let mut stream = events(&app, &first).await.unwrap();
    let last = app.session(jane).await;
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(LIMIT, stream.read_to_end(&mut rest)).await;
    ended.expect("the stream ends").unwrap();
    assert_eq!(by(&first).get(list).await.status, StatusCode::UNAUTHORIZED);
    for id in [&second, &last] {
        assert_eq!(by(id).get(list).await.status, StatusCode::OK);
    }
    assert_eq!(joe.get(list).await.status, StatusCode::OK);
}
