//! What an administrator may write for a desktop type (pure).
//!
//! The portal's administrator is not the host's: whatever is written here, a container of the type stays a container
//! (threats T41, T44, T46).

use std::collections::BTreeMap;

use super::{ClientKind, DesktopTypeDraft, reach, start_url::is_start_url};
use crate::{
    config::DISK_MB,
    error::FieldProblem,
    language::{Argument, Sentence},
    say,
    text::is_line,
};

/// Capabilities a type may be given back after all were dropped: those of Docker's own default that a desktop could
/// need. Nothing that reaches past the container, whatever an image asks for.
pub const GRANTABLE_CAPABILITIES: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
    "SYS_NICE",
];

/// Set by this server for each start.
const OUR_VARIABLES: [&str; 2] = ["VNC_PW", "KASM_URL"];

/// Folders no volume may hide: the programs of the image would be gone, or the kernel's folders be covered.
const FOLDERS_OF_THE_SYSTEM: [&str; 11] = [
    "bin",
    "boot",
    "dev",
    "dockerstartup",
    "etc",
    "lib",
    "lib64",
    "proc",
    "sbin",
    "sys",
    "usr",
];

/// Whether a field is fine, and what to say when it is not.
type Check = (&'static str, bool, Sentence);

/// Every problem of `draft` at once; none: it can be saved.
#[must_use]
pub fn problems(draft: &DesktopTypeDraft) -> Vec<FieldProblem> {
    let mut found: Vec<_> = words(draft)
        .into_iter()
        .chain(places(draft))
        .chain(amounts(draft))
        .filter(|(_, fine, _)| !fine)
        .map(|(field, _, problem)| FieldProblem::new(field, problem))
        .collect();
    found.extend(reach::problems(draft));
    found.extend(capability_problem(&draft.cap_add));
    found.extend(variable_problem(&draft.env));
    found
}

/// What people read and type.
fn words(draft: &DesktopTypeDraft) -> [Check; 5] {
    [
        ("slug", is_slug(&draft.slug), say!("type-slug")),
        (
            "title",
            is_line(&draft.title, 100) && !draft.title.trim().is_empty(),
            say!("type-title"),
        ),
        (
            "description",
            is_line(&draft.description, 500),
            say!("type-description"),
        ),
        ("icon", is_icon(&draft.icon), say!("type-icon")),
        (
            "vnc_user",
            is_account(&draft.vnc_user),
            say!("type-vnc-user"),
        ),
    ]
}

/// Where things are.
fn places(draft: &DesktopTypeDraft) -> [Check; 4] {
    [
        (
            "container_port",
            draft.container_port != 0,
            say!("type-port"),
        ),
        (
            "client_folder",
            draft.client == ClientKind::Passthrough || is_folder(&draft.client_folder),
            say!("type-client-folder"),
        ),
        ("home_path", is_home(&draft.home_path), say!("type-home")),
        (
            "start_url",
            draft.start_url.as_deref().is_none_or(is_start_url),
            say!("type-start-url"),
        ),
    ]
}

/// The same bounds as the table's own.
fn amounts(draft: &DesktopTypeDraft) -> [Check; 5] {
    [
        (
            "memory_mb",
            (64..=1_048_576).contains(&draft.memory_mb),
            say!("type-memory"),
        ),
        (
            "cpus",
            (0.1..=256.0).contains(&draft.cpus),
            say!("type-cpus", least = Argument::Tenths(1), most = 256),
        ),
        (
            "shm_mb",
            (1..=65_536).contains(&draft.shm_mb),
            say!("type-shm"),
        ),
        (
            "pids_limit",
            (16..=100_000).contains(&draft.pids_limit),
            say!("type-pids"),
        ),
        (
            "disk_mb",
            draft.disk_mb.is_none_or(|most| DISK_MB.contains(&most)),
            say!("type-disk", least = *DISK_MB.start(), most = *DISK_MB.end()),
        ),
    ]
}

/// Second part of a desktop's name.
fn is_slug(slug: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = slug.as_bytes();
    (1..=28).contains(&bytes.len())
        && plain(bytes[0])
        && plain(bytes[bytes.len() - 1])
        && bytes.iter().all(|byte| plain(*byte) || *byte == b'-')
}

fn is_icon(name: &str) -> bool {
    (1..=40).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Becomes the first part of Basic credentials: no colon.
fn is_account(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

/// An absolute path that means what it says: no empty, `.` or `..` parts.
fn is_folder(path: &str) -> bool {
    let Some(parts) = path.strip_prefix('/') else {
        return false;
    };
    path.len() <= 255
        && !path
            .chars()
            .any(|letter| letter.is_control() || letter == ':')
        && parts
            .split('/')
            .all(|part| !matches!(part, "" | "." | ".."))
}

fn is_home(path: &str) -> bool {
    path.is_empty()
        || (is_folder(path)
            && path
                .split('/')
                .nth(1)
                .is_some_and(|top| !FOLDERS_OF_THE_SYSTEM.contains(&top)))
}

fn capability_problem(wanted: &[String]) -> Option<FieldProblem> {
    let wrong = wanted
        .iter()
        .find(|name| !GRANTABLE_CAPABILITIES.contains(&name.as_str()))?;
    Some(FieldProblem::new(
        "cap_add",
        say!(
            "type-capability",
            name = format!("{wrong:?}"),
            possible = GRANTABLE_CAPABILITIES.join(", ")
        ),
    ))
}

fn variable_problem(env: &BTreeMap<String, String>) -> Option<FieldProblem> {
    if env.len() > 100 {
        return Some(FieldProblem::new("env", say!("type-variables")));
    }
    env.iter().find_map(|(name, value)| {
        let problem = if !is_variable(name) {
            say!("type-variable-name", name = format!("{name:?}"))
        } else if OUR_VARIABLES.contains(&name.as_str()) {
            say!("type-variable-ours", name = name)
        } else if value.len() > 4_096 || value.contains('\0') {
            say!("type-variable-value", name = name)
        } else {
            return None;
        };
        Some(FieldProblem::new("env", problem))
    })
}

fn is_variable(name: &str) -> bool {
    (1..=128).contains(&name.len())
        && !name.as_bytes()[0].is_ascii_digit()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> DesktopTypeDraft {
        DesktopTypeDraft {
            slug: "debian-desktop".into(),
            title: "Debian".into(),
            image: "deskcast/desktop:latest".into(),
            ..DesktopTypeDraft::default()
        }
    }

    fn wrong(change: impl FnOnce(&mut DesktopTypeDraft)) -> Vec<String> {
        let mut draft = draft();
        change(&mut draft);
        problems(&draft)
            .into_iter()
            .map(|problem| problem.field)
            .collect()
    }

    #[test]
    fn a_usual_type_has_no_problem() {
        assert_eq!(problems(&draft()), []);
    }

    #[test]
    fn what_the_server_itself_seeds_has_no_problem() {
        let env = [("DATABASE_URL".to_owned(), "postgres://x".to_owned())];
        let (config, _) = crate::config::Config::from_env(env.into_iter().collect());
        for kind in crate::catalog::seed::first_types(&config.unwrap().catalog) {
            assert_eq!(problems(&kind), [], "{}", kind.slug);
        }
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let all = wrong(|draft| {
            *draft = DesktopTypeDraft {
                slug: "Ä".into(),
                title: " ".into(),
                description: "a\nb".into(),
                icon: "../x".into(),
                image: "--privileged".into(),
                container_port: 0,
                vnc_user: "a:b".into(),
                client_folder: "www".into(),
                memory_mb: 0,
                cpus: f64::NAN,
                shm_mb: 0,
                pids_limit: 0,
                disk_mb: Some(0),
                cap_add: vec!["SYS_ADMIN".into()],
                env: BTreeMap::from([("VNC_PW".into(), "x".into())]),
                home_path: "/etc".into(),
                start_url: Some("javascript:alert(1)".into()),
                ..DesktopTypeDraft::default()
            };
        });
        let mut expected = vec![
            "slug",
            "title",
            "description",
            "icon",
            "image",
            "container_port",
            "vnc_user",
            "client_folder",
            "memory_mb",
            "cpus",
            "shm_mb",
            "pids_limit",
            "disk_mb",
            "home_path",
            "start_url",
            "cap_add",
            "env",
        ];
        expected.sort_unstable();
        let mut all = all;
        all.sort_unstable();
        assert_eq!(all, expected);
    }

    #[test]
    fn slugs() {
        for (slug, fine) in [
            ("a", true),
            ("a-b", true),
            (&*"a".repeat(28), true),
            (&"a".repeat(29), false),
            ("", false),
            ("-a", false),
            ("a-", false),
            ("a_b", false),
            ("A", false),
        ] {
            assert_eq!(
                wrong(|draft| draft.slug = slug.into()).is_empty(),
                fine,
                "{slug}"
            );
        }
    }

    #[test]
    fn homes() {
        for (path, fine) in [
            ("", true),
            ("/home/kasm-user", true),
            ("/config", true),
            ("/data/x y", true),
            ("/", false),
            ("home", false),
            ("/home/../etc", false),
            ("/home//x", false),
            ("/home/", false),
            ("/etc", false),
            ("/usr/share", false),
            ("/proc", false),
            ("/home:ro", false),
        ] {
            assert_eq!(
                wrong(|draft| draft.home_path = path.into()).is_empty(),
                fine,
                "{path}"
            );
        }
    }

    #[test]
    fn capabilities() {
        for (name, fine) in [
            ("SYS_CHROOT", true),
            ("SYS_ADMIN", false),
            ("ALL", false),
            ("all", false),
            ("CAP_SYS_CHROOT", false),
            ("NET_RAW", false),
            ("", false),
        ] {
            let found = wrong(|draft| draft.cap_add = vec!["CHOWN".into(), name.into()]);
            assert_eq!(found.is_empty(), fine, "{name}");
        }
    }

    #[test]
    fn variables() {
        for (name, value, fine) in [
            ("LANG", "de_DE.UTF-8", true),
            ("_x1", "", true),
            ("APP_ARGS", "--start-maximized", true),
            ("VNC_PW", "x", false),
            ("KASM_URL", "x", false),
            ("1x", "", false),
            ("A=B", "", false),
            ("A B", "", false),
            ("", "", false),
            ("A", "\0", false),
        ] {
            let found = wrong(|draft| draft.env = BTreeMap::from([(name.into(), value.into())]));
            assert_eq!(found.is_empty(), fine, "{name}={value}");
        }
    }
}
