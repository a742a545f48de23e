//! The links of casts over HTTP: what they serve, what they refuse, and that they count exactly.

mod captcha;
mod exactness;
mod keep;
mod once;
mod refusals;
mod serving;
mod shared;

use std::time::Duration;

use axum::body::Body;
use deskcast::{
    casting::{Cast, CastFields},
    catalog::DesktopType,
    desktops::{Desktop, DesktopState, upkeep},
    ids::UserId,
    runtime::fake::Call,
};
use hyper::{Method, Request, StatusCode};
use kasm_standin::Standin;
use sqlx::PgPool;

use crate::support::{Answer, Client, Credential, TestApp, eventually};

const PASSWORD: &str = "sesame1234567";
/// Believed by the server: a test is whoever it says in `X-Forwarded-For`.
const VARIABLES: [(&str, &str); 2] = [("VNC_PASSWORD", PASSWORD), ("TRUSTED_PROXIES", "127.0.0.1")];

/// A server with a desktop type that starts.
pub(crate) struct Place {
    pub(crate) app: TestApp,
    kind: DesktopType,
    _standin: Standin,
}

/// Who opens a link, and how.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) client: Client,
    address: String,
    referrer: Option<&'static str>,
}

impl Visitor {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            address: "198.51.100.7".into(),
            referrer: None,
        }
    }

    fn from(self, address: &str) -> Self {
        Self {
            address: address.into(),
            ..self
        }
    }

    fn request(&self, method: Method, path: &str) -> Request<Body> {
        let mut request = self.client.request(method, path);
        let headers = request.headers_mut();
        headers.insert("accept", "text/html".parse().unwrap());
        headers.insert("x-forwarded-for", self.address.parse().unwrap());
        if let Some(referrer) = self.referrer {
            headers.insert("referer", referrer.parse().unwrap());
        }
        request
    }

    /// Opens the page.
    pub(crate) async fn open(&self, path: &str) -> Answer {
        self.client.send(self.request(Method::GET, path)).await
    }

    /// Sends a page that carries `ticket`.
    async fn send(&self, path: &str, ticket: &str) -> Answer {
        let mut request = self.request(Method::POST, path);
        let kind = "application/x-www-form-urlencoded".parse().unwrap();
        request.headers_mut().insert("content-type", kind);
        *request.body_mut() = Body::from(format!("ticket={ticket}"));
        self.client.send(request).await
    }

    /// Opens the page and sends it, as a browser does; the answer to what came first that was no page to send.
    async fn launch(&self, path: &str) -> Answer {
        let page = self.open(path).await;
        if page.status != StatusCode::OK {
            return page;
        }
        self.send(path, &ticket_of(&page)).await
    }
}

/// What the page carries.
fn ticket_of(page: &Answer) -> String {
    let text = page.text();
    let (_, rest) = text
        .split_once("name=\"ticket\" value=\"")
        .unwrap_or_else(|| panic!("{text}"));
    rest.split_once('"').unwrap().0.to_owned()
}

/// The reason our page of a refusal names.
fn reason_of(answer: &Answer) -> String {
    let text = answer.text();
    let (_, rest) = text
        .split_once("<dd class=\"mono\">")
        .unwrap_or_else(|| panic!("{} {text}", answer.status));
    rest.split_once('<').unwrap().0.to_owned()
}

/// The name of the desktop an answer leads to.
fn desktop_of(answer: &Answer) -> String {
    let there = answer.header("location");
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let name = there
        .strip_prefix("/desktop/")
        .and_then(|rest| rest.strip_suffix('/'));
    name.unwrap_or_else(|| panic!("leads to {there:?}"))
        .to_owned()
}

impl Place {
    async fn new(pool: PgPool) -> Self {
        Self::with(pool, &VARIABLES).await
    }

    /// The same with these variables besides.
    pub(crate) async fn new_with(pool: PgPool, more: &[(&str, &str)]) -> Self {
        Self::with(pool, &[&VARIABLES, more].concat()).await
    }

    async fn with(pool: PgPool, variables: &[(&str, &str)]) -> Self {
        let app = TestApp::start_with(pool, variables).await;
        let standin = Standin::builder().password(PASSWORD).spawn();
        let kind = app.state.catalog.find_by_slug("debian-desktop").await;
        let kind = kind.unwrap().unwrap();
        app.engine.add_image(&kind.image);
        app.engine.set_address(standin.addr());
        app.engine
            .set_folder(&[("index.html", b"<!DOCTYPE html><title>client</title>")]);
        Self {
            app,
            kind,
            _standin: standin,
        }
    }

    /// A cast with the key `k`.
    async fn cast(&self, fields: CastFields) -> Cast {
        let admin: UserId = sqlx::query_scalar("select id from users where role = 'admin'")
            .fetch_one(&self.app.pool)
            .await
            .unwrap();
        let fields = CastFields {
            name: if fields.name.is_empty() {
                "Biology 7b".into()
            } else {
                fields.name
            },
            key: if fields.key.is_empty() {
                "k".into()
            } else {
                fields.key
            },
            desktop_type: "debian-desktop".into(),
            ..fields
        };
        self.app.state.casting.create(&fields, admin).await.unwrap()
    }

    /// A guest with a desktop that runs: their browser, its name, and what the page that made it carried.
    pub(crate) async fn guest(&self) -> (Visitor, String, String) {
        let ticket = ticket_of(&self.stranger().open("/cast/k").await);
        let served = self.stranger().send("/cast/k", &ticket).await;
        let name = desktop_of(&served);
        let desktop = self.settled(&name).await;
        assert_eq!(desktop.state, DesktopState::Running, "{:?}", desktop.end);
        (self.let_in(&served), name, ticket)
    }

    /// What hangs at `call` is given up by its worker, and another one goes on with it.
    async fn goes_on(&self, call: Call) {
        self.app.engine.release(call);
        sqlx::query(
            "update desktops set lease_holder = gen_random_uuid(), lease_until = now() - interval '1 s'
             where state = 'starting'",
        )
        .execute(&self.app.pool)
        .await
        .unwrap();
        upkeep::take_over(&self.app.state.desktops).await.unwrap();
    }

    /// A cast that lets everybody in.
    pub(crate) async fn open_cast(&self) -> Cast {
        let anonymous = CastFields {
            allow_anonymous: true,
            ..CastFields::default()
        };
        self.cast(anonymous).await
    }

    async fn person(&self, name: &str) -> Visitor {
        Visitor::new(self.app.user(name).await)
    }

    fn stranger(&self) -> Visitor {
        Visitor::new(self.app.stranger())
    }

    /// The browser an answer lets in.
    pub(crate) fn let_in(&self, answer: &Answer) -> Visitor {
        let mut cookies = answer.headers.get_all("set-cookie").iter();
        let cookie = cookies
            .find_map(|cookie| cookie.to_str().unwrap().strip_prefix("deskcast="))
            .expect("a session");
        let id = cookie.split(';').next().unwrap().to_owned();
        Visitor::new(Client::new(self.app.address, Credential::Cookie(id)))
    }

    pub(crate) async fn found(&self, name: &str) -> Desktop {
        let found = self.app.state.desktops.find_by_name(name).await;
        found
            .unwrap()
            .unwrap_or_else(|| panic!("no desktop {name}"))
    }

    /// The desktop as soon as it starts no more.
    async fn settled(&self, name: &str) -> Desktop {
        let id = self.found(name).await.id;
        let desktops = &self.app.state.desktops;
        let settled = desktops
            .wait_while_starting(id, Duration::from_secs(20))
            .await;
        settled.unwrap().unwrap()
    }

    async fn guests(&self) -> i64 {
        self.number("select count(*) from users where role = 'guest'")
            .await
    }

    pub(crate) async fn number(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query)
            .fetch_one(&self.app.pool)
            .await
            .unwrap()
    }

    /// Sessions the only cast has left.
    async fn remaining(&self) -> i64 {
        self.number("select sessions_remaining::bigint from casts")
            .await
    }

    /// How often the only address was served.
    async fn served(&self) -> i64 {
        self.number("select cardinality(served)::bigint from cast_addresses")
            .await
    }

    /// Why the newest request was refused, as the log has it; `None`: it was served.
    async fn logged(&self) -> Option<String> {
        sqlx::query_scalar("select refusal from cast_log order by id desc limit 1")
            .fetch_one(&self.app.pool)
            .await
            .unwrap()
    }
}
