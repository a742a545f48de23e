//! What may be written for a cast (pure): everything is checked at once, and every wrong field is named.

use serde_json::{Map, Value};
use url::Url;

use super::{
    cast::{CastFields, is_key},
    rules::{referrer, start_url},
};
use crate::{
    catalog::{ClientKind, DesktopType},
    error::FieldProblem,
    groups::{ClientSettings, Switch},
    language::Sentence,
    say,
    text::is_line,
};

/// Most hosts of *Restrict to Referrers*.
const MOST_REFERRERS: usize = 200;
/// Most sessions a cast has left.
const MOST_SESSIONS: i32 = 1_000_000;
/// The bounds of the table.
const MOST_ALLOWED: i32 = 100_000;
const LONGEST_STRETCH: i32 = 31_536_000;
/// Longest address a visitor is sent to.
const LONGEST_URL: usize = 2_048;

/// What `fields` are checked against.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known<'a> {
    /// The type with the slug of the fields, if there is one.
    pub kind: Option<&'a DesktopType>,
    /// Whether this server can ask visitors to prove that they are people.
    pub captcha: bool,
    /// What other casts have already, and what is not there.
    pub taken: Taken,
}

/// What the database knows of other rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// Another cast has the name, perhaps in other letters.
    pub name: bool,
    /// Another cast has the key.
    pub key: bool,
    /// There is no such group.
    pub no_group: bool,
}

/// `fields` as they are kept, and everything that is wrong with them; nothing: they can be written.
pub(super) fn checked(mut fields: CastFields, known: Known<'_>) -> (CastFields, Vec<FieldProblem>) {
    let mut problems = Problems::default();
    for text in [&mut fields.name, &mut fields.key] {
        *text = text.trim().into();
    }
    problems.names(&fields, known.taken);
    problems.people(&fields, known);
    problems.amounts(&fields);
    problems.addresses(&mut fields);
    problems.referrers(&mut fields);
    if let Some(app) = &fields.remote_app {
        problems.0.extend(app.problems());
    }
    match known.kind {
        Some(kind) => problems.of_type(&fields, kind),
        None => problems.add("desktop_type", say!("cast-type-unknown")),
    }
    (fields, problems.0)
}

#[derive(Default)]
struct Problems(Vec<FieldProblem>);

impl Problems {
    fn add(&mut self, field: &str, sentence: Sentence) {
        self.0.push(FieldProblem::new(field, sentence));
    }

    fn unless(&mut self, fine: bool, field: &str, sentence: Sentence) {
        if !fine {
            self.add(field, sentence);
        }
    }

    fn names(&mut self, fields: &CastFields, taken: Taken) {
        let name = &fields.name;
        self.unless(
            !name.is_empty() && is_line(name, 200),
            "name",
            say!("cast-name-form"),
        );
        self.unless(!taken.name, "name", say!("cast-name-taken"));
        self.unless(is_key(&fields.key), "key", say!("cast-key-form"));
        self.unless(!taken.key, "key", say!("cast-key-taken"));
    }

    fn people(&mut self, fields: &CastFields, known: Known<'_>) {
        self.unless(
            !known.taken.no_group,
            "anonymous_group",
            say!("cast-group-unknown"),
        );
        if fields.require_captcha && !fields.allow_anonymous {
            self.add("require_captcha", say!("cast-captcha-signed-in"));
        } else if fields.require_captcha && !known.captcha {
            self.add("require_captcha", say!("cast-captcha-not-set-up"));
        }
    }

    fn amounts(&mut self, fields: &CastFields) {
        let within = |value: Option<i32>, least, most, needed: bool| {
            value.map_or(!needed, |value| (least..=most).contains(&value))
        };
        self.unless(
            within(
                fields.sessions_remaining,
                0,
                MOST_SESSIONS,
                fields.limit_total_sessions,
            ),
            "sessions_remaining",
            say!("cast-whole-number", least = 0, most = MOST_SESSIONS),
        );
        self.unless(
            within(
                fields.sessions_allowed,
                1,
                MOST_ALLOWED,
                fields.limit_requests_per_ip,
            ),
            "sessions_allowed",
            say!("cast-whole-number", least = 1, most = MOST_ALLOWED),
        );
        self.unless(
            within(
                fields.within_seconds,
                1,
                LONGEST_STRETCH,
                fields.limit_requests_per_ip,
            ),
            "within_seconds",
            say!("cast-whole-number", least = 1, most = LONGEST_STRETCH),
        );
    }

    /// Addresses are kept as browsers write them; an empty one is none.
    fn addresses(&mut self, fields: &mut CastFields) {
        if let Some(typed) = filled(&mut fields.kasm_url) {
            match start_url::serialised(&typed) {
                Some(url) => fields.kasm_url = Some(url),
                None => self.add("kasm_url", not_an_address(&typed, start_url::serialised)),
            }
        }
        if let Some(typed) = filled(&mut fields.error_url) {
            match web_address(&typed) {
                Some(url) => fields.error_url = Some(url),
                None => self.add("error_url", not_an_address(&typed, web_address)),
            }
        }
    }

    fn referrers(&mut self, fields: &mut CastFields) {
        let typed = std::mem::take(&mut fields.restrict_to_referrers);
        let filled = typed.iter().filter(|entry| !entry.trim().is_empty());
        for entry in filled {
            match referrer::domain(entry) {
                Some(host) if fields.restrict_to_referrers.contains(&host) => {}
                Some(host) => fields.restrict_to_referrers.push(host),
                None => {
                    let shown: String = entry.trim().chars().take(60).collect();
                    let sentence = say!("cast-referrer-form", entry = shown);
                    self.add("restrict_to_referrers", sentence);
                    fields.restrict_to_referrers = typed;
                    return;
                }
            }
        }
        self.unless(
            fields.restrict_to_referrers.len() <= MOST_REFERRERS,
            "restrict_to_referrers",
            say!("cast-referrers-many", most = MOST_REFERRERS),
        );
    }

    /// What the type cannot do is told now and not to its visitors.
    fn of_type(&mut self, fields: &CastFields, kind: &DesktopType) {
        let title = kind.title.as_str();
        if !kind.takes_address {
            let sentence = say!("cast-type-takes-no-address", title = title);
            self.unless(fields.kasm_url.is_none(), "kasm_url", sentence.clone());
            self.unless(
                !fields.allow_dynamic_kasm_url,
                "allow_dynamic_kasm_url",
                sentence,
            );
        }
        self.unless(
            !fields.allow_dynamic_docker_network || kind.allow_network_selection,
            "allow_dynamic_docker_network",
            say!("cast-type-has-no-networks", title = title),
        );
        self.unless(
            fields.remote_app.is_none() || kind.is_rdp_server(),
            "remote_app",
            say!("cast-type-is-no-rdp-server", title = title),
        );
        self.unless(
            !fields.enable_sharing || kind.client == ClientKind::Vnc,
            "enable_sharing",
            say!("cast-type-is-not-shared", title = title),
        );
    }
}

/// What was typed into a field that may be empty.
fn filled(field: &mut Option<String>) -> Option<String> {
    let typed = field.take()?.trim().to_owned();
    if typed.is_empty() {
        return None;
    }
    // It stays as it was typed until it is known to be right.
    *field = Some(typed.clone());
    Some(typed)
}

/// An absolute http or https address without an account in it, as browsers write it.
fn web_address(text: &str) -> Option<String> {
    let absolute = text
        .split_once("://")
        .is_some_and(|(_, rest)| !rest.starts_with('/'));
    if !absolute
        || text
            .chars()
            .any(|letter| letter.is_whitespace() || letter.is_control() || letter == '\\')
    {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let fine = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.as_str().len() <= LONGEST_URL;
    fine.then(|| url.into())
}

/// Says so, and what may have been meant.
fn not_an_address(typed: &str, read: impl Fn(&str) -> Option<String>) -> Sentence {
    let host_first = !typed.contains(':') && !typed.starts_with('/') && typed.contains('.');
    let meant = format!("https://{typed}");
    match read(&meant).filter(|_| host_first) {
        Some(_) => say!("cast-address-meant", address = meant),
        None => say!("cast-address-form"),
    }
}

/// `settings` with what a body says of them; every wrong part is named.
pub fn read_client_settings(
    body: &Map<String, Value>,
    mut settings: ClientSettings,
) -> Result<ClientSettings, Vec<FieldProblem>> {
    let mut problems = Vec::new();
    for (key, value) in body {
        let switch = Switch::ALL.into_iter().find(|switch| switch.key() == key);
        let problem = match (switch, value.as_bool()) {
            (Some(switch), Some(on)) => {
                settings = settings.with(switch, on);
                continue;
            }
            (Some(_), None) => say!("cast-true-or-false"),
            (None, _) => say!("setting-unknown"),
        };
        let shown: String = key.chars().take(60).collect();
        problems.push(FieldProblem::new(
            format!("client_settings.{shown}"),
            problem,
        ));
    }
    if problems.is_empty() {
        Ok(settings)
    } else {
        Err(problems)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        catalog::{ServerProtocol, TypeKind},
        dashboard::samples,
        ids::GroupId,
    };

    fn browser() -> DesktopType {
        DesktopType {
            takes_address: true,
            allow_network_selection: true,
            ..samples::kind("browser", "Browser", "browser")
        }
    }

    fn fields() -> CastFields {
        CastFields {
            name: "Biology 7b".into(),
            key: "biology-7b".into(),
            desktop_type: "browser".into(),
            ..CastFields::default()
        }
    }

    fn known(kind: &DesktopType) -> Known<'_> {
        Known {
            kind: Some(kind),
            captcha: true,
            taken: Taken::default(),
        }
    }

    fn wrong(change: impl FnOnce(&mut CastFields)) -> Vec<String> {
        wrong_of(&browser(), change)
    }

    fn wrong_of(kind: &DesktopType, change: impl FnOnce(&mut CastFields)) -> Vec<String> {
        let mut fields = fields();
        change(&mut fields);
        named(checked(fields, known(kind)).1)
    }

    fn named(problems: Vec<FieldProblem>) -> Vec<String> {
        problems.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn a_field_that_is_fine_is_kept_as_it_is_used() {
        let typed = CastFields {
            name: "  Größe ".into(),
            key: " kq3VtA9wXz-1Lp0dRm7sYc\n".into(),
            kasm_url: Some(" https://mikroskop.example ".into()),
            error_url: Some("HTTPS://Schule.example/hilfe?a=b#c".into()),
            restrict_to_referrers: ["Schule.example", "", " schule.example. ", "moodle.example"]
                .map(String::from)
                .into(),
            limit_total_sessions: true,
            sessions_remaining: Some(0),
            limit_requests_per_ip: true,
            sessions_allowed: Some(1),
            within_seconds: Some(1),
            allow_anonymous: true,
            require_captcha: true,
            anonymous_group: Some(GroupId::new()),
            ..fields()
        };
        let kind = browser();
        let (kept, problems) = checked(typed, known(&kind));
        assert_eq!(problems, []);
        assert_eq!(
            (&*kept.name, &*kept.key),
            ("Größe", "kq3VtA9wXz-1Lp0dRm7sYc")
        );
        assert_eq!(kept.kasm_url.as_deref(), Some("https://mikroskop.example/"));
        assert_eq!(
            kept.error_url.as_deref(),
            Some("https://schule.example/hilfe?a=b#c")
        );
        assert_eq!(
            kept.restrict_to_referrers,
            ["schule.example", "moodle.example"]
        );
        let (empty, problems) = checked(
            CastFields {
                kasm_url: Some("  ".into()),
                error_url: Some(String::new()),
                ..fields()
            },
            known(&kind),
        );
        assert_eq!(
            (problems, empty.kasm_url, empty.error_url),
            (vec![], None, None)
        );
    }

    #[test]
    fn every_wrong_field_is_named() {
        for name in ["", "  ", "a\nb", &"x".repeat(201)] {
            assert_eq!(wrong(|it| it.name = name.into()), ["name"], "{name:?}");
        }
        for key in ["", "a b", "ä", "a/b", "a.b", &"x".repeat(65)] {
            assert_eq!(wrong(|it| it.key = key.into()), ["key"], "{key:?}");
        }
        assert_eq!(wrong(|it| it.require_captcha = true), ["require_captcha"]);
        for remaining in [None, Some(-1), Some(1_000_001)] {
            let found =
                wrong(|it| (it.limit_total_sessions, it.sessions_remaining) = (true, remaining));
            assert_eq!(found, ["sessions_remaining"], "{remaining:?}");
        }
        assert_eq!(
            wrong(|it| it.sessions_remaining = Some(-1)),
            ["sessions_remaining"],
            "also when it does not count"
        );
        assert_eq!(
            wrong(|it| it.limit_requests_per_ip = true),
            ["sessions_allowed", "within_seconds"]
        );
        let zero = wrong(|it| (it.sessions_allowed, it.within_seconds) = (Some(0), Some(0)));
        assert_eq!(zero, ["sessions_allowed", "within_seconds"]);
        for url in [
            "mikroskop.example/7b",
            "ftp://x.example",
            "javascript:alert(1)",
            "https://",
            "https://a b.example",
        ] {
            assert_eq!(
                wrong(|it| it.kasm_url = Some(url.into())),
                ["kasm_url"],
                "{url}"
            );
            assert_eq!(
                wrong(|it| it.error_url = Some(url.into())),
                ["error_url"],
                "{url}"
            );
        }
        assert_eq!(
            wrong(|it| it.error_url = Some("https://user@x.example".into())),
            ["error_url"]
        );
        let typed = || vec!["fine.example".to_owned(), "https://x.example".to_owned()];
        assert_eq!(
            wrong(|it| it.restrict_to_referrers = typed()),
            ["restrict_to_referrers"]
        );
        let many = (0..201)
            .map(|number| format!("a{number}.example"))
            .collect();
        assert_eq!(
            wrong(|it| it.restrict_to_referrers = many),
            ["restrict_to_referrers"]
        );
    }

    #[test]
    fn all_of_them_come_at_once_and_what_was_typed_stays() {
        let kind = browser();
        let bad = CastFields {
            kasm_url: Some("x".into()),
            restrict_to_referrers: vec!["a.example".into(), "a b".into()],
            ..CastFields::default()
        };
        let taken = Taken {
            name: false,
            key: false,
            no_group: true,
        };
        let (typed, problems) = checked(
            bad,
            Known {
                kind: None,
                captcha: false,
                taken,
            },
        );
        let expected = [
            "name",
            "key",
            "anonymous_group",
            "kasm_url",
            "restrict_to_referrers",
            "desktop_type",
        ];
        assert_eq!(named(problems), expected);
        assert_eq!(typed.restrict_to_referrers, ["a.example", "a b"]);
        let taken = Taken {
            name: true,
            key: true,
            no_group: false,
        };
        let all = Known {
            kind: Some(&kind),
            captcha: false,
            taken,
        };
        assert_eq!(named(checked(fields(), all).1), ["name", "key"]);
        let anonymous = CastFields {
            allow_anonymous: true,
            require_captcha: true,
            ..fields()
        };
        let no_captcha = Known {
            captcha: false,
            ..known(&kind)
        };
        assert_eq!(named(checked(anonymous, no_captcha).1), ["require_captcha"]);
    }

    #[test]
    fn what_the_type_cannot_do_is_told() {
        let plain = samples::kind("desktop", "Desktop", "desktop");
        assert_eq!(wrong_of(&plain, |_| {}), [""; 0]);
        assert_eq!(
            wrong_of(&plain, |it| it.kasm_url = Some("https://a.example".into())),
            ["kasm_url"]
        );
        assert_eq!(
            wrong_of(&plain, |it| it.allow_dynamic_kasm_url = true),
            ["allow_dynamic_kasm_url"]
        );
        assert_eq!(
            wrong_of(&plain, |it| it.allow_dynamic_docker_network = true),
            ["allow_dynamic_docker_network"]
        );
        let all = |it: &mut CastFields| {
            it.allow_dynamic_kasm_url = true;
            it.allow_dynamic_docker_network = true;
            it.enable_sharing = true;
        };
        assert_eq!(wrong(all), [""; 0]);
        let page = DesktopType {
            client: ClientKind::Passthrough,
            ..browser()
        };
        assert_eq!(wrong_of(&page, all), ["enable_sharing"]);
        let app = |it: &mut CastFields| {
            let json = json!({"remote_app_name": "||Microsoft Excel"});
            it.remote_app = super::super::rules::remote_app::RemoteApp::read(&json).ok();
        };
        assert_eq!(wrong(app), ["remote_app"]);
        let server = |protocol| DesktopType {
            kind: TypeKind::Server,
            server_protocol: Some(protocol),
            ..plain.clone()
        };
        assert_eq!(wrong_of(&server(ServerProtocol::Rdp), app), [""; 0]);
        assert_eq!(wrong_of(&server(ServerProtocol::Vnc), app), ["remote_app"]);
    }

    #[test]
    fn an_address_without_a_scheme_is_guessed() {
        let said = |typed| not_an_address(typed, start_url::serialised).to_string();
        assert!(said("mikroskop.example/7b").contains("https://mikroskop.example/7b"));
        for odd in ["javascript:alert(1)", "/etc/passwd", "word", "a b.example"] {
            assert!(!said(odd).contains("https://a"), "{odd}");
        }
    }

    #[test]
    fn switches_are_read_one_by_one() {
        let read = |json: Value| {
            let Value::Object(body) = json else {
                panic!("an object")
            };
            read_client_settings(&body, ClientSettings::default())
        };
        let some = read(json!({"allow_audio": false, "allow_sharing": true})).unwrap();
        assert!(
            !some.is_on(Switch::AllowAudio)
                && some.is_on(Switch::AllowSharing)
                && some.is_on(Switch::AllowUploads)
        );
        let wrong =
            read(json!({"allow_audio": 1, "colour": true, "allow_uploads": null})).unwrap_err();
        let mut fields = named(wrong);
        fields.sort();
        assert_eq!(
            fields,
            [
                "client_settings.allow_audio",
                "client_settings.allow_uploads",
                "client_settings.colour"
            ]
        );
    }
}
