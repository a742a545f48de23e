//! Who may use what: every route of the router against every kind of caller.
//!
//! [`deskcast::app::routes`] names every route there is. Each has a line in [`LINES`]: a route without one fails
//! here, and so does a line without its route. To add a route, add its line: method, path, who may use it, what a
//! permitted caller sends (when it needs anything) and the statuses they may get. All the rest follows: what nobody
//! and the signed out hear, that foreign things answer like unknown ones, that other methods do nothing.
//!
//! Not here yet, because there are no such callers yet: who looks by a share, and the anonymous guest of a cast (a row
//! in `users` that may see its one desktop and nothing else).

use std::{collections::HashSet, fmt::Write, time::Duration};

use deskcast::{app, auth::Role, ids::UserId, web::routes::Declared};
use hyper::Method;
use kasm_standin::Flavour;
use secrecy::ExposeSecret;
use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{proxy::Scene, support::TestApp};

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    /// Nobody, too.
    Anybody,
    /// Whoever is signed in, for what is their own by its nature.
    SignedIn,
    /// Administrators.
    Admin,
    /// Whoever is signed in, for their own thing alone: for everybody else it does not exist.
    Own(Thing),
    /// The desktop's owner, and administrators.
    Desktop,
}

/// What the `{id}` of a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Thing {
    Token,
    SignIn,
}

use Who::{Admin, Anybody, Desktop, Own, SignedIn};

/// Method (`*` for every one), path, who, what is sent (a form, JSON when it begins with a brace, or a query), and the statuses
/// of those who may.
type Line = (
    &'static str,
    &'static str,
    Who,
    &'static str,
    &'static [u16],
);

const LINES: &[Line] = &[
    // the dashboard
    ("GET", "/", Anybody, "", &[200]),
    ("GET", "/desktops/{slug}/card", SignedIn, "", &[200]),
    ("GET", "/desktops/{slug}/start", Anybody, "", &[303]),
    ("GET", "/desktops/{slug}/stop", Anybody, "", &[303]),
    ("GET", "/desktops/{slug}/remove", SignedIn, "", &[200, 303]),
    ("POST", "/desktops/{slug}/start", SignedIn, "", &[303]),
    ("POST", "/desktops/{slug}/stop", SignedIn, "", &[303]),
    ("POST", "/desktops/{slug}/remove", SignedIn, "", &[303]),
    // signing in and out
    ("GET", "/login", Anybody, "", &[200, 303]),
    ("POST", "/login", Anybody, "username=x", &[422]),
    ("GET", "/logout", SignedIn, "", &[200]),
    ("POST", "/logout", SignedIn, "", &[200]),
    ("POST", "/api/login", Anybody, "{}", &[422]),
    ("GET", "/session", SignedIn, "", &[200]),
    // one's own account
    ("POST", "/look", Anybody, "theme=dark", &[303]),
    ("GET", "/account", SignedIn, "", &[200]),
    (
        "POST",
        "/account/sign-ins/{id}/end",
        Own(Thing::SignIn),
        "",
        &[303],
    ),
    (
        "POST",
        "/account/sign-ins/end",
        SignedIn,
        "which=others",
        &[303],
    ),
    (
        "POST",
        "/account/tokens",
        SignedIn,
        "name=matrix&days=30",
        &[200],
    ),
    (
        "POST",
        "/account/tokens/{id}/revoke",
        Own(Thing::Token),
        "",
        &[303],
    ),
    // Nobody here has a password.
    (
        "POST",
        "/account/password",
        SignedIn,
        "old=a&new=bbbbbbbb&again=bbbbbbbb",
        &[404],
    ),
    ("GET", "/api/tokens", SignedIn, "", &[200]),
    (
        "POST",
        "/api/tokens",
        SignedIn,
        r#"{"name":"matrix"}"#,
        &[201],
    ),
    ("DELETE", "/api/tokens/{id}", Own(Thing::Token), "", &[200]),
    ("GET", "/api/sessions", SignedIn, "", &[200]),
    ("DELETE", "/api/sessions", SignedIn, "", &[200]),
    (
        "DELETE",
        "/api/sessions/{id}",
        Own(Thing::SignIn),
        "",
        &[200],
    ),
    // desktops; what is not named by the caller is the caller's
    ("GET", "/api/events", SignedIn, "", &[200]),
    ("GET", "/api/container/list", SignedIn, "", &[200]),
    ("GET", "/api/container/status", SignedIn, "", &[200]),
    (
        "POST",
        "/api/container/start",
        SignedIn,
        r#"{"desktop_type":"no-such"}"#,
        &[404, 422],
    ),
    (
        "POST",
        "/api/container/stop",
        SignedIn,
        "?desktop_type=no-such",
        &[404],
    ),
    (
        "DELETE",
        "/api/container/remove",
        SignedIn,
        "?desktop_type=no-such",
        &[404],
    ),
    (
        "POST",
        "/api/container/remove",
        SignedIn,
        "?desktop_type=no-such",
        &[404],
    ),
    ("*", "/desktop/{name}", Anybody, "", &[308]),
    ("*", "/desktop/{name}/", Desktop, "", &[200, 405]),
    ("*", "/desktop/{name}/{*rest}", Desktop, "", &[302, 404]),
    // sharing: what is somebody else's is in tests/it/sharing.rs
    ("GET", "/api/shares", SignedIn, "", &[200]),
    (
        "POST",
        "/api/shares",
        SignedIn,
        r#"{"desktop_type":"no-such"}"#,
        &[404],
    ),
    ("DELETE", "/api/shares/{id}", SignedIn, "", &[404]),
    ("GET", "/desktops/{slug}/share", SignedIn, "", &[404]),
    (
        "POST",
        "/desktops/{slug}/share",
        SignedIn,
        "access=view&hours=8",
        &[404],
    ),
    (
        "POST",
        "/desktops/{slug}/share/{id}/end",
        SignedIn,
        "",
        &[404],
    ),
    ("GET", "/share/{key}", SignedIn, "", &[404]),
    ("POST", "/share/{key}", SignedIn, "", &[404]),
    // administration
    ("GET", "/api/admin/containers", Admin, "", &[200]),
    ("POST", "/api/admin/container/{id}/stop", Admin, "", &[404]),
    (
        "DELETE",
        "/api/admin/container/{id}/remove",
        Admin,
        "",
        &[404],
    ),
    (
        "POST",
        "/api/admin/container/{id}/remove",
        Admin,
        "",
        &[404],
    ),
    ("POST", "/api/admin/containers/stop-all", Admin, "", &[200]),
    ("GET", "/api/admin/desktop-types", Admin, "", &[200]),
    ("POST", "/api/admin/desktop-types", Admin, "{}", &[422]),
    ("GET", "/api/admin/desktop-types/{slug}", Admin, "", &[200]),
    (
        "PUT",
        "/api/admin/desktop-types/{slug}",
        Admin,
        "{}",
        &[200],
    ),
    (
        "DELETE",
        "/api/admin/desktop-types/{slug}",
        Admin,
        "",
        &[200, 404],
    ),
    (
        "POST",
        "/api/admin/desktop-types/{slug}/pull",
        Admin,
        "",
        &[200, 404],
    ),
    // people, groups and providers, as administrators keep them; signing in with a provider
    ("GET", "/admin", Admin, "", &[]),
    ("GET", "/admin/desktops/{id}/stop", Admin, "", &[]),
    ("POST", "/admin/desktops/{id}/stop", Admin, "", &[]),
    ("GET", "/admin/groups", Admin, "", &[]),
    ("POST", "/admin/groups", Admin, "", &[]),
    ("GET", "/admin/groups/new", Admin, "", &[]),
    ("GET", "/admin/groups/{id}", Admin, "", &[]),
    ("POST", "/admin/groups/{id}", Admin, "", &[]),
    ("GET", "/admin/groups/{id}/remove", Admin, "", &[]),
    ("POST", "/admin/groups/{id}/remove", Admin, "", &[]),
    ("GET", "/admin/openid", Admin, "", &[]),
    ("POST", "/admin/openid", Admin, "", &[]),
    ("GET", "/admin/openid/new", Admin, "", &[]),
    ("GET", "/admin/openid/{id}", Admin, "", &[]),
    ("POST", "/admin/openid/{id}", Admin, "", &[]),
    ("GET", "/admin/openid/{id}/check", Admin, "", &[]),
    ("POST", "/admin/openid/{id}/check", Admin, "", &[]),
    ("GET", "/admin/openid/{id}/delete", Admin, "", &[]),
    ("POST", "/admin/openid/{id}/delete", Admin, "", &[]),
    ("GET", "/admin/users", Admin, "", &[]),
    ("POST", "/admin/users", Admin, "", &[]),
    ("GET", "/admin/users/new", Admin, "", &[]),
    ("GET", "/admin/users/{id}", Admin, "", &[]),
    ("POST", "/admin/users/{id}", Admin, "", &[]),
    ("GET", "/admin/users/{id}/remove", Admin, "", &[]),
    ("POST", "/admin/users/{id}/remove", Admin, "", &[]),
    ("GET", "/api/admin/groups", Admin, "", &[]),
    ("POST", "/api/admin/groups", Admin, "", &[]),
    ("DELETE", "/api/admin/groups/{id}", Admin, "", &[]),
    ("GET", "/api/admin/groups/{id}", Admin, "", &[]),
    ("PUT", "/api/admin/groups/{id}", Admin, "", &[]),
    ("GET", "/api/admin/oidc-providers", Admin, "", &[]),
    ("POST", "/api/admin/oidc-providers", Admin, "", &[]),
    ("DELETE", "/api/admin/oidc-providers/{id}", Admin, "", &[]),
    ("GET", "/api/admin/oidc-providers/{id}", Admin, "", &[]),
    ("PUT", "/api/admin/oidc-providers/{id}", Admin, "", &[]),
    (
        "POST",
        "/api/admin/oidc-providers/{id}/check",
        Admin,
        "",
        &[],
    ),
    ("GET", "/api/admin/users", Admin, "", &[]),
    ("POST", "/api/admin/users", Admin, "", &[]),
    ("DELETE", "/api/admin/users/{id}", Admin, "", &[]),
    ("GET", "/api/admin/users/{id}", Admin, "", &[]),
    ("PUT", "/api/admin/users/{id}", Admin, "", &[]),
    ("POST", "/api/oidc_backchannel_logout", Anybody, "", &[]),
    ("GET", "/api/oidc_callback", Anybody, "", &[]),
    ("GET", "/authorize", Anybody, "", &[]),
    ("GET", "/login/oidc/{name}", Anybody, "", &[]),
    // files, health, the description
    ("GET", "/static/{version}/{*file}", Anybody, "", &[200]),
    ("GET", "/favicon.ico", Anybody, "", &[200]),
    ("GET", "/healthz", Anybody, "", &[200]),
    ("GET", "/readyz", Anybody, "", &[200]),
    ("GET", "/api/openapi.json", Anybody, "", &[200]),
];

/// A route with its rule.
#[derive(Debug)]
struct Route {
    method: Method,
    path: String,
    who: Who,
    sends: &'static str,
    /// Empty: anything but a refusal.
    answers: &'static [u16],
}

/// Every kind of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Actor {
    Nobody,
    /// Whose desktop, tokens and sign-ins the paths name.
    Owner,
    Other,
    Teacher,
    Admin,
    SignedOut,
    Expired,
    Disabled,
}

const ACTORS: [Actor; 8] = [
    Actor::Nobody,
    Actor::Owner,
    Actor::Other,
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
            Self::Owner | Self::Other | Self::Teacher | Self::Admin
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
            Actor::Owner | Actor::SignedOut | Actor::Expired => ("jane", Role::User),
            Actor::Other => ("mallory", Role::User),
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
            _ => {}
        }
        Some(id)
    }

    /// A thing of the owner that nobody else has asked for yet, by its id.
    async fn thing(&self, thing: Thing) -> String {
        match thing {
            Thing::Token => {
                let login = &self.app().state.login;
                self.run("delete from api_tokens").await;
                let made = login
                    .create_token(self.owner, "matrix", None)
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
        }
    }

    async fn ask(&self, route: &Route, actor: Actor, id: &str) -> Heard {
        let path: String = route
            .path
            .split('/')
            .map(|part| match part {
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
            _ => UserId::new().to_string(),
        };
        let heard = self.ask(route, actor, &id).await;
        let right = if is_permitted(route.who, actor) {
            is_served(route, &heard)
        } else if !actor.is_somebody() {
            is_sent_away(route, actor, &heard)
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

fn is_permitted(who: Who, actor: Actor) -> bool {
    match who {
        Anybody => true,
        SignedIn => actor.is_somebody(),
        Admin => actor == Actor::Admin,
        Own(_) => actor == Actor::Owner,
        Desktop => matches!(actor, Actor::Owner | Actor::Admin),
    }
}

fn is_served(route: &Route, heard: &Heard) -> bool {
    let to_sign_in = heard.location.starts_with("/login");
    if route.answers.is_empty() {
        let refused = matches!(heard.status, 401 | 403) || to_sign_in;
        heard.status < 500 && (route.who == Anybody || !refused)
    } else {
        route.answers.contains(&heard.status) && !to_sign_in
    }
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
    let scene = Scene::vnc(pool, Flavour::New).await;
    let owner = scene.app.account("jane", Role::User).await;
    let cast = Cast { scene, owner };
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
