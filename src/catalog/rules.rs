//! What an administrator may write for a desktop type (pure).
//!
//! The portal's administrator is not the host's: whatever is written here, a container of the type stays a container
//! (threats T41, T44, T46).

use std::collections::BTreeMap;

use super::{ClientKind, DesktopTypeDraft, reference::is_image_reference, start_url::is_start_url};
use crate::error::FieldProblem;

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
type Check = (&'static str, bool, &'static str);

/// Every problem of `draft` at once; none: it can be saved.
#[must_use]
pub fn problems(draft: &DesktopTypeDraft) -> Vec<FieldProblem> {
    let words = words(draft);
    let places = places(draft);
    let amounts = amounts(draft);
    let mut found: Vec<_> = [&words[..], &places, &amounts]
        .concat()
        .into_iter()
        .filter(|(_, fine, _)| !fine)
        .map(|(field, _, problem)| FieldProblem::new(field, problem))
        .collect();
    found.extend(capability_problem(&draft.cap_add));
    found.extend(variable_problem(&draft.env));
    found
}

/// What people read and type.
fn words(draft: &DesktopTypeDraft) -> [Check; 5] {
    [
        (
            "slug",
            is_slug(&draft.slug),
            "1 to 28 lower-case letters, digits and inner dashes.",
        ),
        (
            "title",
            is_line(&draft.title, 100) && !draft.title.trim().is_empty(),
            "1 to 100 characters on one line.",
        ),
        (
            "description",
            is_line(&draft.description, 500),
            "At most 500 characters on one line.",
        ),
        (
            "icon",
            is_icon(&draft.icon),
            "The name of a drawing: lower-case letters, digits and dashes.",
        ),
        (
            "vnc_user",
            is_account(&draft.vnc_user),
            "1 to 64 letters, digits, dots, dashes and underscores.",
        ),
    ]
}

/// Where things are.
fn places(draft: &DesktopTypeDraft) -> [Check; 5] {
    [
        (
            "image",
            is_image_reference(&draft.image),
            "An image such as kasmweb/vs-code:1.15.0.",
        ),
        (
            "container_port",
            draft.container_port != 0,
            "From 1 to 65535.",
        ),
        (
            "client_folder",
            draft.client == ClientKind::Passthrough || is_folder(&draft.client_folder),
            "A folder of the image such as /usr/share/kasmvnc/www.",
        ),
        (
            "home_path",
            is_home(&draft.home_path),
            "Empty, or a folder such as /home/kasm-user that is not one of the system's.",
        ),
        (
            "start_url",
            draft.start_url.as_deref().is_none_or(is_start_url),
            "An address that begins with http:// or https://, without spaces, quotes or a password.",
        ),
    ]
}

/// The same bounds as the table's own.
fn amounts(draft: &DesktopTypeDraft) -> [Check; 4] {
    [
        (
            "memory_mb",
            (64..=1_048_576).contains(&draft.memory_mb),
            "From 64 to 1048576 MiB.",
        ),
        (
            "cpus",
            (0.1..=256.0).contains(&draft.cpus),
            "From 0.1 to 256 cores.",
        ),
        (
            "shm_mb",
            (1..=65_536).contains(&draft.shm_mb),
            "From 1 to 65536 MiB.",
        ),
        (
            "pids_limit",
            (16..=100_000).contains(&draft.pids_limit),
            "From 16 to 100000.",
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

fn is_line(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !text.chars().any(char::is_control)
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
        format!(
            "{wrong:?} cannot be given to a desktop. Possible are {}.",
            GRANTABLE_CAPABILITIES.join(", ")
        ),
    ))
}

fn variable_problem(env: &BTreeMap<String, String>) -> Option<FieldProblem> {
    if env.len() > 100 {
        return Some(FieldProblem::new("env", "At most 100 variables."));
    }
    env.iter().find_map(|(name, value)| {
        let problem = if !is_variable(name) {
            format!("{name:?} is no name of a variable.")
        } else if OUR_VARIABLES.contains(&name.as_str()) {
            format!("{name} is set by this server at each start.")
        } else if value.len() > 4_096 || value.contains('\0') {
            format!("The value of {name} is too long or cannot be written.")
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
