//! Every kind of caller, the things they ask for, and what they hear.

use std::{
    fmt::Write,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use deskcast::{desktops::StopReason, ids::UserId, sharing::Wish};
use secrecy::ExposeSecret;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::*;
use crate::{proxy::start, support::TestApp};

/// What came back, as far as it matters here.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) status: u16,
    pub(super) location: String,
    pub(super) body: String,
}

impl Heard {
    /// Without what differs from answer to answer.
    pub(super) fn bare(&self, id: &str) -> (u16, String, String) {
        let words = match self.body.split_once("<main") {
            Some((_, main)) => {
                let main = main.split_once("</main>").map_or(main, |(main, _)| main);
                let (before, after) = main.split_once("<dl").unwrap_or((main, ""));
                let after = after.split_once("</dl>").map_or(after, |(_, after)| after);
                format!("{before}{after}")
            }
            None => self.body.clone(),
        };
        (
            self.status,
            self.location.replace(id, "ID"),
            words.replace(id, "ID"),
        )
    }
}

/// Everybody, and what belongs to one of them.
pub(super) struct Cast {
    pub(super) scene: Scene,
    pub(super) owner: UserId,
}

impl Cast {
    fn app(&self) -> &TestApp {
        &self.scene.app
    }

    pub(super) async fn run(&self, statement: &'static str) {
        sqlx::query(statement)
            .execute(&self.app().pool)
            .await
            .unwrap();
    }

    /// A cookie of this caller that nothing else uses.
    async fn cookie(&self, actor: Actor) -> Option<String> {
        let (name, role) = match actor {
            Actor::Nobody => return None,
            Actor::Guest => return Some(self.guest().await),
            Actor::Owner | Actor::SignedOut | Actor::Expired => ("jane", Role::User),
            Actor::Other => ("mallory", Role::User),
            Actor::Viewer => ("vera", Role::User),
            Actor::Teacher => ("krueger", Role::Teacher),
            Actor::Admin => ("chief", Role::Admin),
            Actor::Disabled => ("gone", Role::Admin),
        };
        let user = self.app().account(name, role).await;
        let id = self.app().session(user).await;
        let table = "update login_sessions set expires_at = now() where public_id = (select public_id from login_sessions order by created_at desc limit 1)";
        match actor {
            Actor::SignedOut => {
                let answer = self.exchange(&Method::POST, "/logout", Some(&id), "").await;
                assert_eq!(answer.status, 200, "{answer:?}");
            }
            Actor::Expired => self.run(table).await,
            Actor::Disabled => {
                self.run("update users set disabled_at = now() where username = 'gone'")
                    .await;
            }
            Actor::Viewer => {
                let key = self.link().await.1;
                let joined = self.app().state.sharing.join(user, &key).await.unwrap();
                assert!(joined.is_some(), "a link that holds");
            }
            _ => {}
        }
        Some(id)
    }

    /// A new link to the owner's desktop, to look only: its id and its key.
    pub(super) async fn link(&self) -> (String, String) {
        // A desktop may have so many of them.
        self.run("delete from share_links where id in (select id from share_links order by created_at desc offset 5)")
            .await;
        let sharing = &self.app().state.sharing;
        let wish = Wish {
            desktop_type: Some("debian-desktop"),
            ..Wish::default()
        };
        let made = sharing.create(self.owner, &wish).await.unwrap();
        let (_, key) = made.address.expose_secret().rsplit_once('/').unwrap();
        (made.link.id.to_string(), key.to_owned())
    }

    async fn guest(&self) -> String {
        let head = axum::http::Request::new(()).into_parts().0;
        let sign_in = &self.app().state.sign_in;
        let (_, session) = sign_in.admit_guest(None, &head).await.unwrap();
        session.id.expose_secret().to_owned()
    }

    /// A thing of the owner, or of nobody in particular, that nobody has asked for yet, by its id.
    pub(super) async fn thing(&self, thing: Thing) -> String {
        match thing {
            Thing::Token => {
                let tokens = &self.app().state.tokens;
                self.run("delete from api_tokens").await;
                let made = tokens
                    .create(self.owner, "matrix", None)
                    .await
                    .unwrap();
                assert!(!made.secret.expose_secret().is_empty());
                made.token.id.to_string()
            }
            Thing::SignIn => {
                self.app().session(self.owner).await;
                sqlx::query_scalar(
                    "select public_id::text from login_sessions where user_id = $1 order by created_at desc limit 1",
                )
                .bind(self.owner)
                .fetch_one(&self.app().pool)
                .await
                .unwrap()
            }
            Thing::Share => self.link().await.0,
            Thing::Person => {
                let name = new_name();
                self.app().account(&name, Role::User).await.to_string()
            }
            Thing::Group => {
                self.made("insert into user_groups (id, name) values (gen_random_uuid(), gen_random_uuid()::text) returning id::text")
                    .await
            }
            Thing::Cast => {
                self.made(
                    "insert into casts (id, name, key, type_id)
                     select gen_random_uuid(), gen_random_uuid()::text, gen_random_uuid()::text, id
                     from desktop_types where slug = 'ubuntu-chromium' returning id::text",
                )
                .await
            }
            Thing::Provider => {
                // Of the one that is there, under another name.
                self.made(
                    "insert into oidc_providers (id, name, authorization_url, token_url, userinfo_url, client_id, scopes, token_auth_method)
                     select gen_random_uuid(), gen_random_uuid()::text, authorization_url, token_url, userinfo_url, client_id, scopes, token_auth_method
                     from oidc_providers where name = 'default' returning id::text",
                )
                .await
            }
            Thing::Running | Thing::Stopped => {
                let name = new_name();
                self.app().account(&name, Role::User).await;
                let desktop = start(self.app(), &name, &self.scene.kind).await;
                let desktops = &self.app().state.desktops;
                if thing == Thing::Stopped {
                    desktops.stop(desktop.id, StopReason::Owner).await.unwrap();
                }
                desktop.id.to_string()
            }
        }
    }

    async fn made(&self, statement: &'static str) -> String {
        sqlx::query_scalar(statement)
            .fetch_one(&self.app().pool)
            .await
            .unwrap()
    }

    pub(super) async fn ask(&self, route: &Route, actor: Actor, id: &str) -> Heard {
        // Whoever joined in an earlier line is nobody in particular again.
        self.run("delete from share_visitors").await;
        let path: String = route
            .path
            .split('/')
            .map(|part| match part {
                // The one that can be shared; in all other lines one that nobody has.
                "{slug}" if route.path.contains("/share") => "debian-desktop",
                "{slug}" => "debian-browser",
                "{name}" if route.path.starts_with("/admin/looks/") => "jane-debian-desktop",
                "{version}" => "1",
                "{*file}" => "favicon.svg",
                "{*rest}" => "client/",
                part if part.starts_with('{') => id,
                part => part,
            })
            .collect::<Vec<_>>()
            .join("/");
        let cookie = self.cookie(actor).await;
        let (path, sends) = if route.sends.starts_with('?') {
            (format!("{path}{}", route.sends), "")
        } else {
            (path, route.sends)
        };
        self.exchange(&route.method, &path, cookie.as_deref(), sends)
            .await
    }

    /// Sends as a page of ours does and reads the answer; of an endless one its head.
    async fn exchange(
        &self,
        method: &Method,
        path: &str,
        cookie: Option<&str>,
        sends: &str,
    ) -> Heard {
        let address = self.app().address;
        let mut text =
            format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
        let kind = if sends.starts_with('{') {
            "application/json"
        } else {
            "application/x-www-form-urlencoded"
        };
        let is_page = !(path.starts_with("/api") || matches!(path, "/session" | "/logout"));
        if is_page || (path == "/logout" && *method == Method::GET) {
            text.push_str("Accept: text/html\r\n");
        }
        if *method != Method::GET {
            write!(text, "Origin: http://{address}\r\n").unwrap();
        }
        if *method != Method::GET && (!sends.is_empty() || is_page) {
            write!(
                text,
                "Content-Type: {kind}\r\nContent-Length: {}\r\n",
                sends.len()
            )
            .unwrap();
        }
        if let Some(cookie) = cookie {
            write!(text, "Cookie: deskcast={cookie}\r\n").unwrap();
        }
        text.push_str("\r\n");
        text.push_str(sends);
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let read = async {
            while stream.read_buf(&mut answer).await.unwrap_or(0) > 0 {
                if String::from_utf8_lossy(&answer).contains("text/event-stream") {
                    break;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), read)
            .await
            .unwrap_or_else(|_| panic!("{method} {path} does not end"));
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let location = head
            .lines()
            .find_map(|line| line.strip_prefix("location: "))
            .unwrap_or_default();
        Heard {
            status: head
                .split(' ')
                .nth(1)
                .and_then(|status| status.parse().ok())
                .unwrap_or(0),
            location: location.to_owned(),
            body: body.to_owned(),
        }
    }
}

/// A user name nobody has had.
fn new_name() -> String {
    static LAST: AtomicUsize = AtomicUsize::new(0);
    format!("p-{}", LAST.fetch_add(1, Ordering::Relaxed))
}
