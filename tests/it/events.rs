//! Live changes: what streams are told, what it costs, and that a page need not ask twice.

use std::time::Duration;

use axum::body::Body;
use deskcast::{
    desktops::DesktopChange,
    ids::{DesktopId, UserId},
    people::Role,
};
use http_body_util::BodyExt;
use hyper::{Method, StatusCode, body::Incoming};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use sqlx::PgPool;
use tokio::net::TcpStream;

use crate::support::{Client, Credential, Logs, Statements, TestApp};

/// Whatever is to come has come by then.
const LIMIT: Duration = Duration::from_secs(20);

/// One open stream of events.
pub(crate) struct Stream {
    body: Incoming,
    reference: String,
    text: String,
    _sender: hyper::client::conn::http1::SendRequest<Body>,
}

impl Stream {
    pub(crate) async fn open(app: &TestApp, session: &str) -> Self {
        let stream = TcpStream::connect(app.address).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .unwrap();
        app.tasks().spawn(connection);
        let client = Client::new(app.address, Credential::Header(session.to_owned()));
        let answer = sender
            .send_request(client.request(Method::GET, "/api/events"))
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self {
            reference: answer.headers()["x-request-id"].to_str().unwrap().into(),
            body: answer.into_body(),
            text: String::new(),
            _sender: sender,
        }
    }

    /// The next event: its name and its data.
    pub(crate) async fn next(&mut self) -> (String, Value) {
        let next = tokio::time::timeout(LIMIT, self.read()).await;
        next.expect("an event in time")
    }

    async fn read(&mut self) -> (String, Value) {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                if let Some((name, data)) = event.split_once("\ndata: ") {
                    let name = name.strip_prefix("event: ").unwrap();
                    return (name.to_owned(), serde_json::from_str(data).unwrap());
                }
                continue;
            }
            let frame = self.body.frame().await.expect("the stream goes on");
            let data = frame.unwrap().into_data().unwrap();
            self.text += std::str::from_utf8(&data).unwrap();
        }
    }
}

/// A server that hears the database already: what was said before is answered with one "look again" to everybody.
async fn server(pool: PgPool) -> TestApp {
    let app = TestApp::start(pool).await;
    let mut changes = app.state.desktops.events().subscribe();
    let nobody = format!(
        r#"{{"desktop":"{}","owner":"{}","gone":false}}"#,
        DesktopId::new(),
        UserId::new()
    );
    let heard = async {
        loop {
            sqlx::query("select pg_notify('deskcast_desktop', $1)")
                .bind(&nobody)
                .execute(&app.pool)
                .await
                .unwrap();
            let next = tokio::time::timeout(Duration::from_millis(100), changes.recv()).await;
            if matches!(next, Ok(Ok(DesktopChange::Changed { .. }))) {
                return;
            }
        }
    };
    tokio::time::timeout(LIMIT, heard)
        .await
        .expect("the database is heard");
    app
}

/// A desktop of `owner` that a test moves by hand; nobody takes its start over.
async fn row(pool: &PgPool, owner: UserId, name: &str) {
    sqlx::query(
        "insert into desktops (id, name, owner_id, type_id, state, lease_holder, lease_until, vnc_password)
         select gen_random_uuid(), $1, $2, id, 'stopped', gen_random_uuid(), now() + interval '1 hour', 'x'
         from desktop_types where slug = 'debian-desktop'",
    )
    .bind(name)
    .bind(owner)
    .execute(pool)
    .await
    .unwrap();
}

async fn set(pool: &PgPool, name: &str, state: &str) {
    sqlx::query(
        "update desktops set state = $2::desktop_state, waiting_at = now() where name = $1",
    )
    .bind(name)
    .bind(state)
    .execute(pool)
    .await
    .unwrap();
}

/// What was sent to tell open streams of changes.
fn statements_of_changes(logs: &Logs) -> Vec<String> {
    logs.text()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["target"] == "sqlx::query" && line["span"]["name"] == "changes")
        .filter(|line| !line.to_string().contains("pg_catalog.pg_type"))
        .map(|line| line["summary"].to_string())
        .collect()
}

#[sqlx::test]
async fn a_change_is_looked_up_once_for_two_hundred_streams(pool: PgPool) {
    let logs = Logs::capture();
    let app = server(pool).await;
    let mut people = Vec::new();
    for (name, role, streams) in [
        ("jane", Role::User, 100),
        ("bob", Role::User, 60),
        ("chief", Role::Admin, 40),
    ] {
        let id = app.account(name, role).await;
        row(&app.pool, id, &format!("{name}-debian-desktop")).await;
        let session = app.session(id).await;
        let mut open = Vec::new();
        for _ in 0..streams {
            let mut stream = Stream::open(&app, &session).await;
            // Connecting costs the session, which is remembered after the first, and the person's desktops.
            Statements::so_far(&stream.reference).at_most(2);
            let first = stream.next().await;
            assert_eq!(first.0, "now");
            let shown = &first.1["desktops"][format!("{name}-debian-desktop")];
            assert_eq!(shown["state"], "stopped");
            open.push(stream);
        }
        people.push(open);
    }
    let [mut of_jane, mut of_bob, mut of_chief] = people.try_into().ok().unwrap();
    let before = statements_of_changes(&logs).len();

    set(&app.pool, "jane-debian-desktop", "starting").await;
    for stream in of_jane.iter_mut().chain(&mut of_chief) {
        let (name, progress) = stream.next().await;
        assert_eq!(
            (name.as_str(), progress["phase"].as_str()),
            ("progress", Some("waiting"))
        );
        let (name, desktop) = stream.next().await;
        assert_eq!(
            (name.as_str(), desktop["state"].as_str()),
            ("desktop", Some("starting"))
        );
        assert_eq!(desktop["container"]["proxy_path"], "jane-debian-desktop");
        assert_eq!(desktop["proxy_path"], "jane-debian-desktop");
    }
    let sent = statements_of_changes(&logs);
    assert_eq!(sent.len() - before, 2, "{sent:#?}");

    set(&app.pool, "bob-debian-desktop", "failed").await;
    for stream in of_bob.iter_mut().chain(&mut of_chief) {
        let (name, desktop) = stream.next().await;
        assert_eq!(
            (name.as_str(), desktop["state"].as_str()),
            ("desktop", Some("failed"))
        );
        // The first that Bob's streams hear: they heard nothing of Jane.
        assert_eq!(desktop["proxy_path"], "bob-debian-desktop");
    }
    let sent = statements_of_changes(&logs);
    assert_eq!(sent.len() - before, 3, "{sent:#?}");

    drop((of_jane, of_chief));
}

#[sqlx::test]
async fn what_nobody_watches_is_not_looked_up(pool: PgPool) {
    let logs = Logs::capture();
    let app = server(pool).await;
    let [jane, bob] = [
        app.account("jane", Role::User).await,
        app.account("bob", Role::User).await,
    ];
    row(&app.pool, jane, "jane-debian-desktop").await;
    row(&app.pool, bob, "bob-debian-desktop").await;
    let mut of_bob = Stream::open(&app, &app.session(bob).await).await;
    assert_eq!(of_bob.next().await.0, "now");
    set(&app.pool, "jane-debian-desktop", "failed").await;
    set(&app.pool, "bob-debian-desktop", "failed").await;
    // Changes are told in their order: when this one is here, the other one is over.
    assert_eq!(of_bob.next().await.1["proxy_path"], "bob-debian-desktop");
    let sent = statements_of_changes(&logs);
    assert_eq!(sent.len(), 1, "{sent:#?}");
}

#[sqlx::test]
async fn a_removed_desktop_asks_its_owner_to_look_again(pool: PgPool) {
    let app = server(pool).await;
    let jane = app.account("jane", Role::User).await;
    row(&app.pool, jane, "jane-debian-desktop").await;
    let mut stream = Stream::open(&app, &app.session(jane).await).await;
    assert_eq!(stream.next().await.0, "now");
    sqlx::query("delete from desktops")
        .execute(&app.pool)
        .await
        .unwrap();
    let (name, data) = stream.next().await;
    assert_eq!(
        (name.as_str(), &data),
        ("look-again", &serde_json::json!({}))
    );
}

#[sqlx::test]
async fn the_page_has_the_stamp_that_its_stream_begins_with(pool: PgPool) {
    let app = server(pool).await;
    let jane = app.account("jane", Role::User).await;
    row(&app.pool, jane, "jane-debian-desktop").await;
    let session = app.session(jane).await;
    let browser = Client::new(app.address, Credential::Cookie(session.clone()));
    let stamp = async || {
        let page = browser.open("/").await;
        let (_, rest) = page.text().split_once("data-stamp=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    let now = async || {
        let mut stream = Stream::open(&app, &session).await;
        stream.next().await.1["stamp"].as_str().unwrap().to_owned()
    };
    let before = stamp().await;
    assert_eq!(
        now().await,
        before,
        "nothing changed: nothing is asked for again"
    );
    set(&app.pool, "jane-debian-desktop", "failed").await;
    assert_ne!(now().await, before, "what changed meanwhile is seen");
    assert_eq!(now().await, stamp().await);
}
