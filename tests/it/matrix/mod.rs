//! Who may use what: every route of the router against every kind of caller.
//!
//! [`deskcast::app::routes`] names every route there is. Each has a line in [`lines`]: a route without one fails
//! here, and so does a line without its route. To add a route, add its line: method, path, who may use it, what a
//! permitted caller sends (when it needs anything) and the statuses they may get. All the rest follows: what nobody
//! and the signed out hear, that foreign things answer like unknown ones, that other methods do nothing.
//!
//! What an `{id}` names is really there, so that a refusal is one by rule and not for want of the thing.

use std::collections::HashSet;

use deskcast::{app, people::Role, web::routes::Declared};
use hyper::Method;
use kasm_standin::Flavour;
use sqlx::PgPool;

use crate::{
    oidc::{Idp, Written, know},
    proxy::Scene,
    sharing,
};
use cast::Cast;
use lines::{
    LINES, Thing,
    Who::{self, Admin, Anybody},
};

mod cast;
mod judging;
mod lines;

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
