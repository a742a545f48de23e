//! The rules of `docs/ARCHITECTURE.md` about who may know what, read from the source itself.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Downwards: a capability may use those after it and the foundation, never those before it.
const CAPABILITIES: [(&str, &[&str]); 9] = [
    (
        "admin",
        &["desktops", "runtime", "catalog", "groups", "auth"],
    ),
    (
        "proxy",
        &[
            "sharing", "desktops", "runtime", "catalog", "groups", "auth",
        ],
    ),
    ("sharing", &["desktops", "catalog", "groups", "auth"]),
    ("desktops", &["runtime", "catalog", "groups", "auth"]),
    ("runtime", &["catalog", "groups", "auth"]),
    ("catalog", &["groups", "auth"]),
    ("account", &["groups", "auth"]),
    ("groups", &["auth"]),
    ("auth", &[]),
];

const FOUNDATION: [&str; 12] = [
    "clock",
    "config",
    "db",
    "error",
    "hints",
    "ids",
    "language",
    "lifecycle",
    "telemetry",
    "upstream",
    "web",
    "app",
];

/// The rules of the field: they know neither requests nor status codes.
const RULES: [&str; 27] = [
    "auth/user.rs",
    "auth/local.rs",
    "auth/providers/mod.rs",
    "auth/providers/draft.rs",
    "auth/providers/rules.rs",
    "auth/providers/check.rs",
    "auth/seal.rs",
    "auth/oidc/accounts.rs",
    "auth/oidc/claims.rs",
    "auth/oidc/id_token.rs",
    "auth/oidc/jwt.rs",
    "auth/people/",
    "groups/",
    "catalog/",
    "runtime/",
    "desktops/desktop.rs",
    "desktops/start.rs",
    "desktops/launch.rs",
    "desktops/stop.rs",
    "desktops/live.rs",
    "desktops/upkeep.rs",
    "desktops/events.rs",
    "sharing/mod.rs",
    "sharing/ended.rs",
    "sharing/key.rs",
    "sharing/rules.rs",
    "/store.rs",
];

struct Source {
    /// Below `src/`, with `/`.
    path: String,
    /// Code without comments and without the tests at its foot.
    lines: Vec<(usize, String)>,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files
        .into_iter()
        .map(|file| Source {
            path: file.strip_prefix(&root).unwrap().display().to_string(),
            lines: code(&fs::read_to_string(&file).unwrap()),
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn code(text: &str) -> Vec<(usize, String)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .map(|(number, line)| (number + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(number, line)| (number, line.to_owned()))
        .collect()
}

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
        |path| path.ends_with("/store.rs") || path == "db.rs",
    );
    assert_none("SQL text only in */store.rs and db.rs", &found);
}

#[test]
fn the_rules_of_the_field_know_no_http() {
    let found = violations(&["axum", "http::", "StatusCode"], |path| {
        !RULES
            .iter()
            .any(|rule| path.starts_with(rule) || path.ends_with(rule))
    });
    // A protocol of the engine's own is no request of ours.
    let found: Vec<_> = found
        .into_iter()
        .filter(|line| !line.starts_with("src/runtime/docker"))
        .collect();
    assert_none("no axum and no http in the rules of the field", &found);
}

#[test]
fn each_foreign_system_has_one_home() {
    let homes: [(&str, &[&str]); 3] = [
        // The log only names it, to keep it quiet.
        (
            "bollard",
            &["runtime/docker", "runtime/swarm", "telemetry.rs"],
        ),
        (
            "tower_sessions",
            &["auth/login.rs", "auth/sessions.rs", "app.rs"],
        ),
        ("openidconnect", &["auth/oidc/"]),
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
        let module = source.path.split(['/', '.']).next().unwrap_or_default();
        let Some(allowed) = allowed(module) else {
            continue;
        };
        for (number, used) in uses(&source) {
            let is_capability = CAPABILITIES.iter().any(|(name, _)| *name == used);
            // A router must name the type of its state; it takes single handles out of it.
            if used != module && is_capability && !allowed.contains(&used.as_str()) {
                found.push(format!(
                    "src/{}:{number}: {module} uses {used}",
                    source.path
                ));
            }
        }
    }
    assert_none("a line of the layers may use lines below it only", &found);
}

#[test]
fn every_module_has_its_place_in_the_layers() {
    for source in sources() {
        let module = source.path.split(['/', '.']).next().unwrap_or_default();
        let placed = allowed(module).is_some() || matches!(module, "main" | "lib");
        assert!(placed, "src/{}: {module} stands in no layer", source.path);
    }
}

#[test]
fn from_the_wiring_a_capability_takes_its_state_and_nothing_else() {
    let found = violations(&["crate::app", "app::{", "app::App,"], |path| {
        matches!(path, "app.rs" | "main.rs")
    });
    let found: Vec<_> = found
        .into_iter()
        .filter(|line| !line.contains("app::AppState"))
        .collect();
    assert_none("crate::app is for app::AppState only", &found);
}

/// What `module` may use; `None` when it stands in no layer, everything for the wiring.
fn allowed(module: &str) -> Option<Vec<&'static str>> {
    if module == "app" {
        return Some(CAPABILITIES.iter().map(|(name, _)| *name).collect());
    }
    if FOUNDATION.contains(&module) {
        return Some(Vec::new());
    }
    CAPABILITIES
        .iter()
        .find(|(name, _)| *name == module)
        .map(|(_, below)| below.to_vec())
}

/// The modules at the top of the crate that `source` names, in `use crate::{a::b, c}` too.
fn uses(source: &Source) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_group = 0_i32;
    for (number, line) in &source.lines {
        let mut rest = line.as_str();
        while let Some(at) = rest.find("crate::") {
            rest = &rest[at + "crate::".len()..];
            if rest.starts_with('{') {
                in_group = 1;
                rest = &rest[1..];
                break;
            }
            found.push((*number, word(rest)));
        }
        if in_group > 0 {
            in_group = group(rest, in_group, |name| found.push((*number, name)));
        }
    }
    found
}

/// Reads one line of a `use` group at `depth`; names at depth one are modules of the crate.
fn group(line: &str, mut depth: i32, mut found: impl FnMut(String)) -> i32 {
    let mut at_start = true;
    for (at, letter) in line.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => at_start = true,
            letter if at_start && depth == 1 && letter.is_alphabetic() => {
                found(word(&line[at..]));
                at_start = false;
            }
            _ => {}
        }
        if depth == 0 {
            return 0;
        }
    }
    depth
}

fn word(text: &str) -> String {
    text.chars()
        .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
        .collect()
}

/// The reader of the rules must see what it is to forbid.
#[test]
fn a_grouped_import_is_seen() {
    let source = Source {
        path: "catalog/mod.rs".into(),
        lines: code(
            "use crate::{\n    auth::user::{Role, User},\n    desktops::{self, Desktop}, proxy,\n};\nlet a = crate::admin::x;",
        ),
    };
    let names: Vec<_> = uses(&source).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["auth", "desktops", "proxy", "admin"]);
}
