//! The rules of `docs/ARCHITECTURE.md` about who may know what, read from the source itself.

mod source;

use std::collections::{BTreeMap, BTreeSet};

use self::source::{Source, arrows, circles, code, paths, room_of, sources};

/// The rooms from the roof down, and which rooms each may use besides the foundation.
const ROOMS: [(&str, &[&str]); 20] = [
    ("main", &["app", "state", "people", "runtime"]),
    // Compiled for tests and cargo-fuzz alone.
    ("fuzzing", EVERYTHING),
    ("app", EVERYTHING),
    ("admin", EVERYTHING),
    ("account", EVERYTHING),
    (
        "proxy",
        &[
            "casting",
            "dashboard",
            "sharing",
            "desktops",
            "catalog",
            "sessions",
            "people",
            "groups",
            "runtime",
            "state",
        ],
    ),
    (
        "casting",
        &[
            "dashboard",
            "sharing",
            "desktops",
            "sign_in",
            "settings",
            "catalog",
            "sessions",
            "people",
            "groups",
            "runtime",
            "state",
        ],
    ),
    (
        "dashboard",
        &[
            "desktops", "sign_in", "catalog", "sessions", "people", "groups", "runtime", "state",
        ],
    ),
    (
        "sharing",
        &[
            "desktops", "sessions", "people", "catalog", "groups", "state",
        ],
    ),
    (
        "desktops",
        &[
            "audit", "runtime", "catalog", "groups", "sessions", "people", "state",
        ],
    ),
    (
        "sign_in",
        &["oidc", "providers", "sessions", "people", "groups", "state"],
    ),
    // Of `providers` the plain type alone: a provider as it is set up.
    ("oidc", &["providers", "people"]),
    // Of `providers` the seal of secrets alone.
    ("settings", &["providers", "audit"]),
    ("providers", &["people"]),
    // Plain types alone: limits of a type, switches of a client.
    ("runtime", &["catalog", "groups"]),
    ("catalog", &["groups", "people"]),
    ("audit", &[]),
    ("sessions", &["people"]),
    ("people", &["groups"]),
    ("groups", &[]),
];

/// Whatever is below, by the order of [`ROOMS`].
const EVERYTHING: &[&str] = &[
    "admin",
    "account",
    "proxy",
    "casting",
    "dashboard",
    "sharing",
    "desktops",
    "sign_in",
    "oidc",
    "settings",
    "providers",
    "runtime",
    "catalog",
    "audit",
    "sessions",
    "people",
    "groups",
    "state",
];

/// Never above a room.
const FOUNDATION: [&str; 14] = [
    "calls",
    "clock",
    "config",
    "db",
    "error",
    "hints",
    "ids",
    "language",
    "lifecycle",
    "paging",
    "telemetry",
    "text",
    "upstream",
    "web",
];

/// Handlers and what they are made of; these names alone mean requests and answers.
const EDGES: [&str; 8] = [
    "pages", "api", "routes", "body", "view", "guard", "fields", "form",
];

/// Rooms that are about HTTP as a whole.
const HTTP_ROOMS: [&str; 3] = ["web", "proxy", "app"];

/// What reads or writes HTTP besides, each with its reason.
const HTTP_TOO: [(&str, &str); 24] = [
    ("state.rs", "FromRef is axum's"),
    ("error.rs", "an error knows its status"),
    ("config/", "names of hosts and addresses"),
    ("lifecycle.rs", "a body is a task of the server"),
    ("upstream/", "speaks HTTP to a desktop"),
    ("runtime/docker/", "the engine's own protocol"),
    ("calls.rs", "speaks HTTP to servers of other people"),
    ("oidc/discovery.rs", "speaks HTTP to a provider"),
    ("oidc/exchange.rs", "speaks HTTP to a provider"),
    ("oidc/fuzzing.rs", "answers of providers"),
    ("sessions/mod.rs", "a session is in a request's head"),
    ("sessions/presented.rs", "a session is in a request's head"),
    ("sessions/renamed.rs", "a layer that replaces a cookie"),
    ("sessions/device.rs", "a device is in a request's head"),
    ("sign_in/mod.rs", "a session is in a request's head"),
    (
        "sign_in/known_device/mod.rs",
        "a device is in a request's head",
    ),
    ("sign_in/refusal.rs", "a refusal knows its status"),
    ("sign_in/oidc/flow.rs", "a session is in a request's head"),
    (
        "sign_in/oidc/switch/mod.rs",
        "a session is in a request's head",
    ),
    ("sign_in/account/look.rs", "one handler"),
    ("desktops/stream.rs", "the stream of events"),
    ("admin/", "handlers of the administration"),
    ("account/", "handlers of the account's page"),
    ("sharing/", "pages of links"),
];

/// Every line of `sources` that has one of `words` in a file that `allowed` does not name.
fn violations(words: &[&str], allowed: impl Fn(&str) -> bool) -> Vec<String> {
    sources()
        .iter()
        .filter(|source| !allowed(&source.path))
        .flat_map(|source| {
            source
                .lines
                .iter()
                .filter(|(_, line)| words.iter().any(|word| line.contains(word)))
                .map(|(number, line)| format!("src/{}:{number}: {}", source.path, line.trim()))
        })
        .collect()
}

fn assert_none(rule: &str, found: &[String]) {
    assert!(found.is_empty(), "{rule}\n{}", found.join("\n"));
}

#[test]
fn sql_stands_in_stores_only() {
    let found = violations(
        &["sqlx::query", "query!(", "query_as!(", "query_scalar!("],
        |path| path.ends_with("/store.rs") || path.starts_with("db/"),
    );
    assert_none("SQL text only in */store.rs and db/", &found);
}

#[test]
fn the_rules_of_the_field_know_no_http() {
    let found = violations(&["axum", "http::", "StatusCode"], |path| {
        let stem = path
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .trim_end_matches(".rs");
        EDGES.contains(&stem)
            || HTTP_ROOMS.contains(&room_of(path))
            || HTTP_TOO
                .iter()
                .any(|(allowed, _)| path.starts_with(allowed))
    });
    assert_none("no axum and no http in the rules of the field", &found);
}

#[test]
fn each_foreign_system_has_one_home() {
    let homes: [(&str, &[&str]); 5] = [
        // The log only names it, to keep it quiet.
        (
            "bollard",
            &["runtime/docker", "runtime/swarm", "telemetry.rs"],
        ),
        ("tower_sessions", &["sessions/"]),
        ("openidconnect", &["oidc/", "sign_in/oidc/"]),
        ("argon2", &["people/passwords.rs"]),
        // Programs are run for the firewall alone.
        ("process::Command", &["runtime/egress/iptables.rs"]),
    ];
    for (system, homes) in homes {
        let found = violations(&[system], |path| {
            homes.iter().any(|home| path.starts_with(home))
        });
        assert_none(&format!("{system} only in {homes:?}"), &found);
    }
}

/// A route that is added elsewhere would be unknown to `tests/it/matrix.rs`.
#[test]
fn routes_are_declared_where_they_can_be_counted() {
    let found = violations(&[".route(", ".nest(", ".fallback_service("], |path| {
        path == "web/routes.rs"
    });
    assert_none(
        "routes only by web::routes::Routes and utoipa's routes!",
        &found,
    );
    let routers = violations(&["Router::merge", "Router::new()"], |path| {
        matches!(path, "web/routes.rs")
    });
    let routers: Vec<_> = routers
        .into_iter()
        .filter(|line| !line.contains("OpenApiRouter"))
        .collect();
    assert_none("no router besides", &routers);
}

#[test]
fn the_environment_and_the_time_are_read_in_one_place_each() {
    let env = violations(&["std::env::", "env::var", "use std::env"], |path| {
        path == "config/env.rs"
    });
    assert_none("std::env only in config/env.rs", &env);
    let clock = violations(
        &["now_utc()", "SystemTime::now", "OffsetDateTime::now"],
        |path| path == "clock.rs",
    );
    assert_none("the wall clock only in clock.rs", &clock);
}

#[test]
fn nobody_calls_upwards() {
    let mut found = Vec::new();
    for source in sources() {
        let Some(allowed) = allowed(source.room()) else {
            continue;
        };
        for (number, path) in paths(&source) {
            let used = path[0].as_str();
            let is_room = used == "state" || ROOMS.iter().any(|(name, _)| *name == used);
            if used != source.room() && is_room && !allowed.contains(&used) {
                found.push(format!(
                    "src/{}:{number}: {} uses {used}",
                    source.path,
                    source.room()
                ));
            }
        }
    }
    assert_none("a room may use those below it only", &found);
}

#[test]
fn the_table_of_rooms_is_an_order() {
    for (at, (room, uses)) in ROOMS.iter().enumerate() {
        for used in uses.iter().filter(|used| **used != "state") {
            let below = ROOMS.iter().position(|(name, _)| name == used).unwrap();
            assert!(
                below > at || *uses == EVERYTHING,
                "{room} uses {used}, which is not below it"
            );
        }
    }
}

#[test]
fn every_module_has_its_place() {
    for source in sources() {
        let placed = allowed(source.room()).is_some() || matches!(source.room(), "lib" | "state");
        assert!(placed, "src/{}: {} is no room", source.path, source.room());
    }
}

#[test]
fn no_circle_of_imports_goes_through_two_rooms() {
    let found: Vec<String> = circles(&arrows(&sources()))
        .into_iter()
        .filter(|circle| {
            circle
                .iter()
                .map(|file| room_of(file))
                .collect::<BTreeSet<_>>()
                .len()
                > 1
        })
        .map(|circle| circle.into_iter().collect::<Vec<_>>().join(", "))
        .collect();
    assert_none("files of different rooms import each other", &found);
}

/// A newcomer reads a file in one sitting.
#[test]
fn no_file_is_longer_than_four_hundred_lines_besides_its_tests() {
    let found: Vec<String> = sources()
        .iter()
        .filter_map(|source| Some((source, source.lines.last()?.0)))
        .filter(|(_, length)| *length > 400)
        .map(|(source, length)| format!("src/{}: {length}", source.path))
        .collect();
    assert_none("a file has one reason to change", &found);
}

/// What `room` may use; `None` when it stands in no table.
fn allowed(room: &str) -> Option<&'static [&'static str]> {
    if FOUNDATION.contains(&room) {
        return Some(&[]);
    }
    ROOMS
        .iter()
        .find(|(name, _)| *name == room)
        .map(|(_, below)| *below)
}

/// The reader of the rules must see what it is to forbid.
#[test]
fn a_grouped_import_is_seen() {
    let source = Source {
        path: "catalog/rules.rs".into(),
        lines: code(
            "use crate::{\n    people::{Role, User as Person},\n    desktops::{self, Desktop}, proxy,\n};\nuse super::{a, b::c};\nlet a = crate::admin::x;\n#[cfg(test)]\nmod tests {\nuse crate::app;\n}",
        ),
    };
    let names: Vec<_> = paths(&source)
        .into_iter()
        .map(|(line, path)| format!("{line} {}", path.join("::")))
        .collect();
    assert_eq!(
        names,
        [
            "1 people::Role",
            "1 people::User",
            "1 desktops",
            "1 desktops::Desktop",
            "1 proxy",
            "6 admin::x",
            "5 catalog::a",
            "5 catalog::b::c"
        ]
    );
}

#[test]
fn a_circle_is_found() {
    let file = |path: &str, text: &str| Source {
        path: path.into(),
        lines: code(text),
    };
    let sources = [
        file("a/mod.rs", "use crate::b::X;"),
        file("b/mod.rs", "pub use self::inner::X;"),
        file("b/inner.rs", "use crate::a::Y;"),
        file("c.rs", "use crate::a::Y;"),
    ];
    let found = circles(&arrows(&sources));
    let expected: BTreeMap<usize, Vec<&str>> =
        [(0, vec!["a/mod.rs", "b/inner.rs", "b/mod.rs"])].into();
    for (at, files) in expected {
        assert_eq!(
            found[at].iter().map(String::as_str).collect::<Vec<_>>(),
            files
        );
    }
    assert_eq!(found.len(), 1);
}
