//! The configuration as an operator meets it: the example file, and the real binary.

use std::{
    collections::BTreeSet,
    net::TcpListener,
    process::{Command, Output},
};

use deskcast::config::{Config, EnvSource};

const EXAMPLE: &str = include_str!("../../.env.example");

/// Read by the compiler's macros, not by the server.
const NOT_READ: &str = "SQLX_OFFLINE";

/// The variables of the example file with the values shown, whether commented out or not.
fn shown() -> Vec<(String, String)> {
    EXAMPLE
        .lines()
        .filter_map(|line| line.trim_start_matches("# ").split_once('='))
        .filter(|(name, _)| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
        })
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .filter(|(name, _)| name != NOT_READ)
        .collect()
}

fn with_database(values: impl IntoIterator<Item = (String, String)>) -> EnvSource {
    let database = (
        "DATABASE_URL".to_owned(),
        "postgres://localhost/x".to_owned(),
    );
    values.into_iter().chain([database]).collect()
}

#[test]
fn the_example_lists_exactly_what_the_server_reads() {
    let (_, read) = Config::from_env(EnvSource::from_iter([]));
    let read: BTreeSet<_> = read.into_iter().map(str::to_owned).collect();
    let listed: BTreeSet<_> = shown().into_iter().map(|(name, _)| name).collect();
    assert_eq!(listed, read);
    assert_eq!(listed.len(), shown().len(), "a variable is listed twice");
}

#[test]
fn the_example_shows_the_defaults() {
    let (default, _) = Config::from_env(with_database([]));
    let (from_example, _) = Config::from_env(with_database(shown()));
    assert_eq!(
        format!("{:#?}", from_example.unwrap()),
        format!("{:#?}", default.unwrap())
    );
}

#[test]
fn every_variable_is_explained() {
    let lines: Vec<_> = EXAMPLE.lines().collect();
    for (name, _) in shown() {
        let at = lines
            .iter()
            .position(|line| line.starts_with(&format!("# {name}=")))
            .expect("a commented line");
        let meaning = lines[at - 1];
        assert!(
            meaning.starts_with("# ") && meaning.ends_with('.'),
            "{name}: {meaning}"
        );
    }
}

#[test]
fn secrets_cannot_be_printed() {
    const SECRETS: [(&str, &str); 7] = [
        ("DATABASE_URL", "postgres://deskcast:canary-1@localhost/x"),
        ("ADMIN_PASSWORD", "canary-2"),
        ("VNC_PASSWORD", "canary3"),
        ("SECRET_KEY", "canary-4 and some more characters"),
        ("OAUTH_CLIENT_SECRET", "canary-5"),
        ("OAUTH_CLIENT_ID", "deskcast"),
        ("OIDC_ISSUER", "https://id.example"),
    ];
    let env = SECRETS.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (config, _) = Config::from_env(env.into_iter().collect());
    let printed = format!("{:#?}", config.unwrap());
    assert!(!printed.contains("canary"), "{printed}");
}

/// The real binary with these variables and no others.
fn deskcast(arguments: &[&str], env: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_deskcast"))
        .args(arguments)
        .env_clear()
        .envs(env.iter().copied())
        .output()
        .expect("the binary runs")
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn all_problems_are_told_at_once_before_a_port_is_opened() {
    // Nobody else can be listening there: were it bound, the first problem would be this port.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    let output = deskcast(
        &[],
        &[
            ("LISTEN", &listen),
            ("PUBLIC_URL", "desk.example.org"),
            ("TRUSTED_PROXIES", "0.0.0.0/0"),
            ("ADMIN_PASSWORD", "canary"),
            ("DATABASE_URL", "mysql://x:canary@localhost"),
            ("START_WAIT", "6x"),
            ("SECRET_KEY", "canary"),
            ("OAUTH_CLIENT_SECRET", "canary"),
            ("OAUTH_TOKEN_URL", "http://canary:canary@id.example"),
        ],
    );
    let told = errors(&output);
    assert_eq!(output.status.code(), Some(64), "{told}");
    for name in [
        "PUBLIC_URL: ",
        "TRUSTED_PROXIES: ",
        "ADMIN_PASSWORD: ",
        "DATABASE_URL: ",
        "START_WAIT: \"6x\"",
        "SECRET_KEY: at least 32",
        "OAUTH_CLIENT_ID: missing",
        "OAUTH_AUTHORIZE_URL: missing",
        "OAUTH_TOKEN_URL: must not contain an account",
    ] {
        assert!(told.contains(name), "{name} is not named in {told}");
    }
    assert!(!told.contains("canary"), "a secret is printed: {told}");
    assert!(!told.contains("listened on"), "the port was tried: {told}");
}

#[test]
fn an_unknown_command_is_said_with_those_there_are() {
    for arguments in [&["sevre"][..], &["serve", "now"], &["--port=80"]] {
        let output = deskcast(arguments, &[]);
        assert_eq!(output.status.code(), Some(64));
        assert!(
            errors(&output).contains("check-config"),
            "{}",
            errors(&output)
        );
    }
}

#[test]
fn a_complete_configuration_passes_its_check() {
    let database = ("DATABASE_URL", "postgres://localhost/x");
    let output = deskcast(&["check-config"], &[database]);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    assert_eq!(deskcast(&["check-config"], &[]).status.code(), Some(64));
}

#[test]
fn a_port_in_use_is_named_before_the_database_is_touched() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    // A port that refuses: were the database asked first, this would wait for it.
    let output = deskcast(
        &["serve"],
        &[
            ("LISTEN", &listen),
            ("DATABASE_URL", "postgres://127.0.0.1:1/x"),
        ],
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(errors(&output).contains(&listen), "{}", errors(&output));
}

#[test]
fn a_health_check_says_whether_somebody_answers() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let env = [
        ("LISTEN", free.to_string()),
        ("DATABASE_URL", "postgres://localhost/x".to_owned()),
    ];
    let env: Vec<_> = env
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let output = deskcast(&["healthcheck"], &env);
    assert_eq!(output.status.code(), Some(1), "nobody listens there");
}
