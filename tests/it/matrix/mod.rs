//! Who may use what: every route of the router against every kind of caller.
//!
//! [`deskcast::app::routes`] names every route there is. Each has a line in [`lines`]: a route without one fails
//! here, and so does a line without its route. To add a route, add its line: method, path, who may use it, what a
//! permitted caller sends (when it needs anything) and the statuses they may get. All the rest follows: what nobody
//! and the signed out hear, that foreign things answer like unknown ones, that other methods do nothing.
//!
//! What an `{id}` names is really there, so that a refusal is one by rule and not for want of the thing.

mod lines;

use std::{
    collections::HashSet,
    fmt::Write,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use deskcast::{
    app, desktops::StopReason, ids::UserId, people::Role, sharing::Wish, web::routes::Declared,
};
use hyper::Method;
use kasm_standin::Flavour;
use secrecy::ExposeSecret;
use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    oidc::{Idp, Written, know},
    proxy::{Scene, start},
    sharing,
    support::TestApp,
};
use lines::{
    LINES, Thing,
    Who::{self, Admin, AlsoGuest, Anybody, Desktop, Own, SignedIn},
};

/// A route with its rule.
#[derive(Debug)]
struct Route {
    method: Method,
    path: String,
    who: Who,
    sends: &'static str,
    answers: &'static [u16],
}

/// Every kind of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Actor {
    Nobody,
    /// Whose desktop, tokens and sign-ins the paths name.
    Owner,
    Other,
    /// Joined by a link of the owner, and may only look.
    Viewer,
    /// Nobody's account: who opened a link.
    Guest,
    Teacher,
    Admin,
    SignedOut,
    Expired,
    Disabled,
}

const ACTORS: [Actor; 10] = [
    Actor::Nobody,
    Actor::Owner,
    Actor::Other,
    Actor::Viewer,
    Actor::Guest,
    Actor::Teacher,
    Actor::Admin,
    Actor::SignedOut,
    Actor::Expired,
    Actor::Disabled,
];

impl Actor {
    fn is_somebody(self) -> bool {
        matches!(
            self,
            Self::Owner | Self::Other | Self::Viewer | Self::Guest | Self::Teacher | Self::Admin
        )
    }
}

/// The rule of a route; a route of every method becomes one for each.
fn ruled(declared: &Declared) -> Result<Vec<Route>, String> {
    let method = declared.method.as_ref().map_or("*", Method::as_str);
    let line = LINES
        .iter()
        .find(|(of, path, ..)| *of == method && *path == declared.path);
    let rule = line.map(|(_, _, who, sends, answers)| (*who, *sends, *answers));
    let (who, sends, answers) = rule.ok_or_else(|| format!("{method} {}", declared.path))?;
    let methods = declared.method.clone().map_or_else(
        || {
            vec![
                Method::GET,
                Method::POST,
                Method::PUT,
                Method::PATCH,
                Method::DELETE,
            ]
        },
        |method| vec![method],
    );
    let route = |method| Route {
        method,
        path: declared.path.clone(),
        who,
        sends,
        answers,
    };
    Ok(methods.into_iter().map(route).collect())
}

#[test]
fn every_route_says_who_may_use_it_and_no_rule_is_left_over() {
    let routes = app::routes();
    let unruled: Vec<_> = routes
        .iter()
        .filter_map(|route| ruled(route).err())
        .collect();
    assert!(unruled.is_empty(), "add a line to LINES for: {unruled:#?}");
    let there: HashSet<(&str, &str)> = routes
        .iter()
        .map(|route| {
            (
                route.method.as_ref().map_or("*", Method::as_str),
                route.path.as_str(),
            )
        })
        .collect();
    assert_eq!(there.len(), routes.len(), "each route is declared once");
    let left: Vec<_> = LINES
        .iter()
        .filter(|(method, path, ..)| !there.contains(&(*method, *path)))
        .collect();
    assert!(left.is_empty(), "these routes are gone: {left:#?}");
    for (method, path, who) in LINES
        .iter()
        .map(|(method, path, who, ..)| (method, path, who))
    {
        let administration = path.starts_with("/admin") || path.starts_with("/api/admin");
        assert_eq!(administration, *who == Admin, "{method} {path}");
    }
}

/// What came back, as far as it matters here.
#[derive(Debug)]
struct Heard {
    status: u16,
    location: String,
    body: String,
}

impl Heard {
    /// Without what differs from answer to answer.
    fn bare(&self, id: &str) -> (u16, String, String) {
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
struct Cast {
    scene: Scene,
    owner: UserId,
}

impl Cast {
    fn app(&self) -> &TestApp {
        &self.scene.app
    }

    async fn run(&self, statement: &'static str) {
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
    async fn link(&self) -> (String, String) {
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
    async fn thing(&self, thing: Thing) -> String {
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

    async fn ask(&self, route: &Route, actor: Actor, id: &str) -> Heard {
        // Whoever joined in an earlier line is nobody in particular again.
        self.run("delete from share_visitors").await;
        let path: String = route
            .path
            .split('/')
            .map(|part| match part {
                // The one that can be shared; in all other lines one that nobody has.
                "{slug}" if route.path.contains("/share") => "debian-desktop",
                "{slug}" => "debian-browser",
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

    /// Whether `actor` hears what the rule of `route` says; what was heard instead.
    async fn judge(&self, route: &Route, actor: Actor) -> Result<(), String> {
        let id = match route.who {
            Own(thing) => self.thing(thing).await,
            Desktop => self.scene.desktop.name.clone(),
            _ if route.path.contains("{key}") => self.link().await.1,
            _ => match thing_of(&route.path) {
                Some(thing) => self.thing(thing).await,
                None => "default".to_owned(),
            },
        };
        let heard = self.ask(route, actor, &id).await;
        let right = if is_permitted(route.who, actor) {
            is_served(route, &heard)
        } else if !actor.is_somebody() {
            is_sent_away(route, actor, &heard)
        } else if matches!(route.who, Own(_)) && actor == Actor::Guest {
            heard.status == 403
        } else if matches!(route.who, Own(_) | Desktop) {
            let unknown = match route.who {
                Desktop => "nobody-debian-desktop".to_owned(),
                _ => UserId::new().to_string(),
            };
            let of_none = self.ask(route, actor, &unknown).await;
            heard.status == 404 && heard.bare(&id) == of_none.bare(&unknown)
        } else {
            heard.status == 403
        };
        if right {
            return Ok(());
        }
        let Heard {
            status, location, ..
        } = &heard;
        let (method, path) = (&route.method, &route.path);
        Err(format!(
            "{method} {path} by {actor:?}: {status} {location} {:.200}",
            heard.body
        ))
    }
}

/// A user name nobody has had.
fn new_name() -> String {
    static LAST: AtomicUsize = AtomicUsize::new(0);
    format!("p-{}", LAST.fetch_add(1, Ordering::Relaxed))
}

/// What an `{id}` of the administration names.
fn thing_of(path: &str) -> Option<Thing> {
    let of = path
        .strip_prefix("/api/admin/")
        .or(path.strip_prefix("/admin/"))
        .filter(|of| of.contains("{id}"))?;
    Some(match of.split('/').next()? {
        "users" => Thing::Person,
        "groups" => Thing::Group,
        "openid" | "oidc-providers" => Thing::Provider,
        "desktops" | "container" if of.ends_with("/stop") => Thing::Running,
        "desktops" | "container" => Thing::Stopped,
        other => panic!("what is the id of {other}?"),
    })
}

fn is_permitted(who: Who, actor: Actor) -> bool {
    match who {
        Anybody => true,
        SignedIn => actor.is_somebody() && actor != Actor::Guest,
        AlsoGuest => actor.is_somebody(),
        Admin => actor == Actor::Admin,
        Own(_) => actor == Actor::Owner,
        Desktop => matches!(actor, Actor::Owner | Actor::Viewer | Actor::Admin),
    }
}

fn is_served(route: &Route, heard: &Heard) -> bool {
    let to_sign_in = heard.location.starts_with("/login");
    route.answers.contains(&heard.status) && !to_sign_in
}

/// Nobody is signed in: the API says which kind of nobody, a page leads to the sign-in page, a desktop refuses.
fn is_sent_away(route: &Route, actor: Actor, heard: &Heard) -> bool {
    let path = route.path.as_str();
    let is_api = path.starts_with("/api/")
        || path == "/session"
        || (path == "/logout" && route.method != Method::GET);
    if is_api {
        heard.status == if actor == Actor::Nobody { 400 } else { 401 }
    } else if route.who == Desktop && (path != "/desktop/{name}/" || route.method != Method::GET) {
        heard.status == 401
    } else {
        heard.status == 303 && heard.location.starts_with("/login?next=")
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn everybody_gets_what_is_theirs_and_nothing_else(pool: PgPool) {
    let scene = sharing::scene(pool).await;
    let owner = scene.app.account("jane", Role::User).await;
    // Signing in with a provider begins at a real one.
    let idp = Idp::start(|_| ()).await;
    know(&scene.app.pool, &idp, Written::Three).await;
    let cast = Cast { scene, owner };
    // Without a secret: this server has no key to read one with.
    cast.run("update oidc_providers set client_secret = null, token_auth_method = 'none'")
        .await;
    let (mut asked, mut wrong) = (0, Vec::new());
    // What stops and removes comes last.
    let mut routes: Vec<Route> = app::routes()
        .iter()
        .flat_map(|route| ruled(route).unwrap())
        .collect();
    routes.sort_by_key(|route| {
        (
            route.who == Admin || route.path.starts_with("/desktops"),
            route.path.contains("stop-all"),
        )
    });
    for route in &routes {
        for actor in ACTORS {
            wrong.extend(cast.judge(route, actor).await.err());
            asked += 1;
        }
    }
    println!("{} routes, {asked} callers", routes.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(asked >= ACTORS.len() * LINES.len());
    let silent: Vec<_> = LINES
        .iter()
        .filter(|(.., answers)| answers.is_empty())
        .collect();
    assert!(
        silent.is_empty(),
        "which status do those hear who may? {silent:?}"
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn a_method_nobody_declared_does_nothing_for_anybody(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let owner = scene.app.account("jane", Role::User).await;
    let cast = Cast { scene, owner };
    let routes = app::routes();
    let paths: HashSet<&str> = routes.iter().map(|route| route.path.as_str()).collect();
    for path in paths {
        for method in [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ] {
            let declared = routes.iter().any(|route| {
                route.path == path && route.method.as_ref().is_none_or(|of| *of == method)
            });
            if declared {
                continue;
            }
            let route = Route {
                method,
                path: path.to_owned(),
                who: Anybody,
                sends: "",
                answers: &[],
            };
            for actor in [Actor::Nobody, Actor::Owner, Actor::Admin] {
                let heard = cast.ask(&route, actor, "x").await;
                assert_eq!(
                    heard.status, 405,
                    "{} {path} by {actor:?}: {heard:?}",
                    route.method
                );
            }
        }
    }
}
