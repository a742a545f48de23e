//! Whether what a caller heard is what the rule of the route says.

use deskcast::ids::UserId;
use hyper::Method;

use super::{
    Actor, Route,
    cast::{Cast, Heard},
    lines::{
        Thing,
        Who::{self, Admin, AlsoGuest, Anybody, Desktop, Own, OwnOfGuest, SignedIn},
    },
};

impl Cast {
    /// Whether `actor` hears what the rule of `route` says; what was heard instead.
    pub(super) async fn judge(&self, route: &Route, actor: Actor) -> Result<(), String> {
        let id = match route.who {
            Own(thing) | OwnOfGuest(thing) => self.thing(thing).await,
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
        } else if matches!(route.who, Own(_) | OwnOfGuest(_) | Desktop) {
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
        "casts" => Thing::Cast,
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
        Own(_) | OwnOfGuest(_) => actor == Actor::Owner,
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
