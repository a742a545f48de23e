//! Every secret of a whole run, and the places where none of them may be (threats T1 and T13, goal G13).
//!
//! A test says [`Canaries::add`] for each secret it meets, keeps every answer with [`Canaries::saw`] except the one
//! that hands a secret out to whom it belongs, and ends with [`Canaries::scan`].

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::support::{
    docker::{docker, try_docker},
    http::Answer,
    server::Server,
};

/// Where a secret is needed to do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    /// Nowhere but with whoever was given it.
    Nowhere,
    /// The row of a desktop, and the environment of its container.
    Desktop,
    /// The row of a sign-in that is under way at a provider.
    SignIn,
}

/// The secrets of a run and what was seen in it.
#[derive(Debug, Default)]
pub(crate) struct Canaries {
    secrets: Vec<(&'static str, String, Home)>,
    seen: Vec<(String, String)>,
}

impl Canaries {
    /// Another secret.
    pub(crate) fn add(&mut self, name: &'static str, secret: impl Into<String>, home: Home) {
        let secret = secret.into();
        assert!(secret.len() >= 8, "{name} is too short to be looked for");
        self.secrets.push((name, secret, home));
    }

    /// Keeps an answer: headers, address and body.
    pub(crate) fn saw(&mut self, place: &str, answer: &Answer) {
        let text = format!("{:?}\n{}", answer.headers, answer.text);
        self.seen.push((place.to_owned(), text));
    }

    /// Keeps the body alone, of an answer whose cookie is the secret.
    pub(crate) fn saw_body(&mut self, place: &str, answer: &Answer) {
        let location = answer.headers.get("location");
        let text = format!("{location:?}\n{}", answer.text);
        self.seen.push((place.to_owned(), text));
    }

    /// Looks for every secret in what was seen, in the log, in the process's arguments, in what the engine tells and
    /// keeps, and in the database.
    pub(crate) async fn scan(mut self, server: &Server) {
        self.seen.push(("the log".into(), server.log_text()));
        let arguments = format!("/proc/{}/cmdline", server.process.id());
        self.seen.push((
            "the arguments".into(),
            std::fs::read_to_string(arguments).unwrap(),
        ));
        let mut found = Vec::new();
        for (place, text) in &self.seen {
            found.extend(self.found(place, text, |_| true));
        }
        let containers = server.installation.containers().await;
        assert!(!containers.is_empty(), "the run had a desktop");
        for (name, _) in &containers {
            let labels = docker(&["inspect", "--format", "{{json .Config.Labels}}", name]);
            found.extend(self.found("a container's labels", &labels, |_| true));
            let all = docker(&["inspect", name]);
            found.extend(self.found("a container", &all, |home| home != Home::Desktop));
            let said = try_docker(&["logs", name]).unwrap_or_default();
            found.extend(self.found("a container's log", &said, |_| true));
        }
        for (table, rows) in tables(server).await {
            let place = format!("the table {table}");
            found.extend(self.found(&place, &rows, |home| match home {
                Home::Nowhere => true,
                Home::Desktop => table != "desktops",
                Home::SignIn => table != "oidc_sign_ins",
            }));
        }
        assert!(found.is_empty(), "{found:#?}");
        println!(
            "{} secrets, {} answers, {} containers",
            self.secrets.len(),
            self.seen.len(),
            containers.len()
        );
    }

    fn found(&self, place: &str, text: &str, counts: impl Fn(Home) -> bool) -> Vec<String> {
        self.secrets
            .iter()
            .filter(|(_, secret, home)| {
                counts(*home) && forms(secret).iter().any(|form| text.contains(form))
            })
            .map(|(name, ..)| format!("{name} in {place}"))
            .collect()
    }
}

/// As it is, as a form or an address writes it, and as Basic does.
fn forms(secret: &str) -> Vec<String> {
    let in_form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let in_path = in_form.replace('+', "%20");
    vec![secret.to_owned(), in_form, in_path, STANDARD.encode(secret)]
}

async fn tables(server: &Server) -> Vec<(String, String)> {
    let db = &server.installation.database;
    let names: Vec<String> =
        sqlx::query_scalar("select tablename::text from pg_tables where schemaname = 'public'")
            .fetch_all(db)
            .await
            .unwrap();
    let mut all = Vec::new();
    for name in names {
        let dump = format!("select coalesce(json_agg(t)::text, '') from \"{name}\" t");
        let rows = sqlx::query_scalar(sqlx::AssertSqlSafe(dump))
            .fetch_one(db)
            .await
            .unwrap();
        all.push((name, rows));
    }
    assert!(
        all.iter()
            .any(|(_, rows): &(String, String)| rows.contains("$argon2id$")),
        "the dump has what is kept"
    );
    all
}
