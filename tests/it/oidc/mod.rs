//! Signing in with a provider, through the whole server.

use axum::body::Body;
use deskcast::providers::seal::{CLIENT_SECRET, Seal};
use hyper::{Method, Request, StatusCode, header};
use sqlx::PgPool;
use url::Url;
use uuid::Uuid;

use crate::support::{Answer, TestApp};
use idp::CLIENT;
pub(crate) use idp::Idp;

mod accounts;
mod hostile;
mod idp;
mod keep;
mod logout;
mod renewal;
mod right;
mod switching;

pub(crate) const SECRET_KEY: &str = "a secret key for tests, long enough";

/// A server that knows one provider by the name `default`.
pub(crate) async fn server(pool: &PgPool) -> TestApp {
    TestApp::start_with(pool.clone(), &[("SECRET_KEY", SECRET_KEY)]).await
}

/// Which addresses of a provider are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// The issuer.
    Issuer,
    /// The three of Authelia's example.
    Three,
}

/// Writes the provider `default` down, in place of the one there was.
pub(crate) async fn know(pool: &PgPool, idp: &Idp, written: Written) -> Uuid {
    let secret = Seal::new(Some(&SECRET_KEY.into())).seal(CLIENT_SECRET, &CLIENT.1.into());
    let three = |path: &str| (written == Written::Three).then(|| idp.url(path));
    run(pool, "delete from oidc_providers where name = 'default'").await;
    sqlx::query_scalar(
        "insert into oidc_providers (id, name, issuer, authorization_url, token_url, userinfo_url, client_id,
                                     client_secret, scopes)
         values (gen_random_uuid(), 'default', $1, $2, $3, $4, $5, $6, '{openid profile groups email}') returning id",
    )
    .bind((written == Written::Issuer).then(|| idp.issuer()))
    .bind(three("authorize"))
    .bind(three("token"))
    .bind(three("userinfo"))
    .bind(CLIENT.0)
    .bind(secret.unwrap())
    .fetch_one(pool)
    .await
    .unwrap()
}

/// A browser on its way through a sign-in.
#[derive(Clone)]
struct Browser<'a> {
    app: &'a TestApp,
    /// Its own secret for sign-ins.
    secret: Option<String>,
    /// Its session.
    session: Option<String>,
}

impl<'a> Browser<'a> {
    fn new(app: &'a TestApp) -> Self {
        Self {
            app,
            secret: None,
            session: None,
        }
    }

    /// Opens a page, and keeps the cookies it brings.
    async fn open(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path).await
    }

    async fn send(&mut self, method: Method, path: &str) -> Answer {
        let request = self.app.stranger().request(method, path);
        self.ask(request).await
    }

    /// Sends a form of one of our own pages.
    async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut request = self.app.stranger().request(Method::POST, path);
        let kind = "application/x-www-form-urlencoded".parse().unwrap();
        request.headers_mut().insert(header::CONTENT_TYPE, kind);
        let form: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        *request.body_mut() = Body::from(form);
        self.ask(request).await
    }

    async fn ask(&mut self, mut request: Request<Body>) -> Answer {
        let cookies: Vec<String> = [
            ("deskcast-login", &self.secret),
            ("deskcast", &self.session),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}={}", value.as_ref()?)))
        .collect();
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, "text/html".parse().unwrap());
        if !cookies.is_empty() {
            headers.insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        let answer = self.app.stranger().send(request).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let (name, value) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = value.split(';').next().unwrap();
            let value = (!value.is_empty()).then(|| value.to_owned());
            match name {
                "deskcast-login" => self.secret = value,
                "deskcast" => self.session = value,
                "deskcast-theme" | "deskcast-language" => {}
                other => panic!("a cookie of another name: {other}"),
            }
        }
        answer
    }

    /// Clicks on the provider's button: where the provider's own page is.
    async fn begin(&mut self) -> Url {
        let answer = self.open("/login/oidc/default?next=%2Fx").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        answer.header("location").parse().unwrap()
    }

    /// The whole way.
    async fn signs_in(&mut self, idp: &Idp) -> Answer {
        let there = self.begin().await;
        let code = idp.consent(&there);
        let back = back(&there, &[("code", &code), ("iss", idp.issuer())]);
        self.open(&back).await
    }

    /// Whether it is signed in.
    async fn is_signed_in(&mut self) -> bool {
        self.open("/session").await.status == StatusCode::OK
    }
}

/// The value of a parameter.
fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs()
        .find_map(|(key, value)| (key == name).then(|| value.into_owned()))
        .unwrap_or_else(|| panic!("no {name} in {url}"))
}

/// Where the provider sends the browser that went `there`, with the state it came with.
fn back(there: &Url, parameters: &[(&str, &str)]) -> String {
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("state", &parameter(there, "state"))
        .extend_pairs(parameters)
        .finish();
    format!("/api/oidc_callback?{query}")
}

/// Sessions and people of providers.
async fn traces(pool: &PgPool) -> (i64, i64) {
    sqlx::query_as(
        "select (select count(*) from login_sessions), (select count(*) from users where issuer is not null)",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}

async fn run(pool: &PgPool, statement: &'static str) {
    sqlx::query(statement).execute(pool).await.unwrap();
}

fn assert_signed_in(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    assert_eq!(answer.header("location"), "/x");
}
