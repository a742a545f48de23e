//! The form of a cast: what is typed, what it asks for, and what is wrong with it.

use serde_json::Value;
use time::{
    OffsetDateTime, PrimitiveDateTime, format_description::BorrowedFormatItem,
    format_description::well_known::Rfc3339, macros::format_description,
};

use super::labels::label;
use crate::{
    admin::form::Sent,
    casting::{CastFields, rules::remote_app::RemoteApp},
    catalog::DesktopType,
    error::FieldProblem,
    groups::{ClientSettings, Switch},
    ids::GroupId,
    language::Sentence,
    say,
};

/// As a browser's field for day and time sends it; the time is UTC.
const DAY_AND_TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]");

/// The fields from top to bottom.
const ORDER: [&str; 25] = [
    "name",
    "key",
    "desktop_type",
    "enabled",
    "valid_until",
    "allow_anonymous",
    "require_captcha",
    "anonymous_group",
    "allow_resume",
    "restrict_to_referrers",
    "limit_total_sessions",
    "sessions_remaining",
    "limit_requests_per_ip",
    "sessions_allowed",
    "within_seconds",
    "kasm_url",
    "allow_dynamic_kasm_url",
    "allow_dynamic_docker_network",
    "remote_app",
    "error_url",
    "disable_control_panel",
    "disable_tips",
    "enable_sharing",
    "disable_shared_fixed_resolution",
    "enforce_client_settings",
];

/// A choice of a list.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) words: String,
    pub(super) chosen: bool,
    /// What of the form makes sense with it.
    pub(super) can: String,
}

/// The form as it is shown.
#[derive(Debug)]
pub(super) struct FormView {
    /// Where it is sent to.
    pub(super) action: String,
    pub(super) types: Vec<Choice>,
    pub(super) groups: Vec<Choice>,
    typed: Sent,
    problems: Vec<FieldProblem>,
}

impl FormView {
    pub(super) fn new(
        action: String,
        sent: Sent,
        types: &[DesktopType],
        groups: &[(GroupId, String)],
        mut problems: Vec<FieldProblem>,
    ) -> Self {
        problems.sort_by_key(|problem| ORDER.iter().position(|field| *field == problem.field));
        let of_type = |kind: &DesktopType| Choice {
            value: kind.slug.clone(),
            words: kind.title.clone(),
            chosen: sent.text("desktop_type") == kind.slug,
            can: abilities(kind),
        };
        let of_group = |(id, name): &(GroupId, String)| Choice {
            value: id.to_string(),
            words: name.clone(),
            chosen: sent.text("anonymous_group") == id.to_string(),
            can: String::new(),
        };
        Self {
            action,
            types: types.iter().map(of_type).collect(),
            groups: groups.iter().map(of_group).collect(),
            typed: sent,
            problems,
        }
    }

    /// What is typed into `field`.
    pub(super) fn text(&self, field: &str) -> &str {
        self.typed.text(field)
    }

    /// Whether the switch of this field is on.
    pub(super) fn on(&self, field: &str) -> bool {
        self.typed.ticked(field)
    }

    /// What is wrong with `field`.
    pub(super) fn problem(&self, field: &str) -> Option<&Sentence> {
        let found = self.problems.iter().find(|problem| problem.field == field);
        found.map(|found| &found.problem)
    }

    /// In the order of the page.
    pub(super) fn problems(&self) -> &[FieldProblem] {
        &self.problems
    }

    /// How many fields are wrong.
    pub(super) fn summary(&self) -> Sentence {
        say!("form-not-saved", count = self.problems.len())
    }

    /// The ten switches with their labels.
    pub(super) fn client_switches() -> Vec<(&'static str, Sentence)> {
        let one = |switch: Switch| (switch.key(), switch.label());
        Switch::ALL.into_iter().map(one).collect()
    }

    /// Above the field.
    pub(super) fn label(field: &str) -> Sentence {
        label(field)
    }
}

/// Words for the script that hides what the type cannot do.
fn abilities(kind: &DesktopType) -> String {
    let words = [
        (kind.takes_address, "address"),
        (kind.allow_network_selection, "network"),
        (kind.is_rdp_server(), "app"),
    ];
    let can = words.into_iter().filter(|(can, _)| *can);
    can.map(|(_, word)| word).collect::<Vec<_>>().join(" ")
}

/// What the form holds for a cast with these fields.
pub(super) fn typed(fields: &CastFields) -> Sent {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut put = |name: &str, value: String| pairs.push((name.to_owned(), value));
    put("name", fields.name.clone());
    put("key", fields.key.clone());
    put("desktop_type", fields.desktop_type.clone());
    let number = |value: Option<i32>| value.map(|value| value.to_string()).unwrap_or_default();
    put("sessions_remaining", number(fields.sessions_remaining));
    // What the administrator sees: left alone, sessions that are served meanwhile count.
    put("sessions_seen", number(fields.sessions_remaining));
    put("sessions_allowed", number(fields.sessions_allowed));
    put("within_seconds", number(fields.within_seconds));
    put("kasm_url", fields.kasm_url.clone().unwrap_or_default());
    put("error_url", fields.error_url.clone().unwrap_or_default());
    put(
        "restrict_to_referrers",
        fields.restrict_to_referrers.join("\n"),
    );
    let group = fields.anonymous_group.map(|group| group.to_string());
    put("anonymous_group", group.unwrap_or_default());
    let app = fields.remote_app.as_ref();
    let app = app.and_then(|app| serde_json::to_string_pretty(app).ok());
    put("remote_app", app.unwrap_or_default());
    put(
        "valid_until",
        fields.valid_until.map(day_and_time).unwrap_or_default(),
    );
    for (name, on) in switches(&mut fields.clone()) {
        if *on {
            put(name, "on".into());
        }
    }
    for switch in Switch::ALL {
        if fields.client_settings.is_on(switch) {
            put(switch.key(), "on".into());
        }
    }
    Sent::from(pairs)
}

fn day_and_time(moment: OffsetDateTime) -> String {
    let utc = moment.to_offset(time::UtcOffset::UTC);
    utc.format(DAY_AND_TIME).unwrap_or_default()
}

/// Every switch of the form but the client settings.
fn switches(fields: &mut CastFields) -> [(&'static str, &mut bool); 13] {
    [
        ("enabled", &mut fields.enabled),
        ("allow_resume", &mut fields.allow_resume),
        ("allow_anonymous", &mut fields.allow_anonymous),
        ("require_captcha", &mut fields.require_captcha),
        ("limit_total_sessions", &mut fields.limit_total_sessions),
        ("limit_requests_per_ip", &mut fields.limit_requests_per_ip),
        ("allow_dynamic_kasm_url", &mut fields.allow_dynamic_kasm_url),
        (
            "allow_dynamic_docker_network",
            &mut fields.allow_dynamic_docker_network,
        ),
        ("disable_control_panel", &mut fields.disable_control_panel),
        ("disable_tips", &mut fields.disable_tips),
        ("enable_sharing", &mut fields.enable_sharing),
        (
            "disable_shared_fixed_resolution",
            &mut fields.disable_shared_fixed_resolution,
        ),
        (
            "enforce_client_settings",
            &mut fields.enforce_client_settings,
        ),
    ]
}

/// What the form asks for, and what of it cannot be read.
pub(super) fn read(sent: &Sent) -> (CastFields, Vec<FieldProblem>) {
    let mut problems = Vec::new();
    let mut number = |name: &str| match sent.text(name).trim() {
        "" => None,
        text => {
            let number = text.parse::<i32>();
            if number.is_err() {
                problems.push(FieldProblem::new(name, say!("cast-number-form")));
            }
            number.ok()
        }
    };
    let mut fields = CastFields {
        name: sent.text("name").to_owned(),
        key: sent.text("key").to_owned(),
        desktop_type: sent.text("desktop_type").to_owned(),
        sessions_remaining: number("sessions_remaining"),
        sessions_allowed: number("sessions_allowed"),
        within_seconds: number("within_seconds"),
        anonymous_group: sent.text("anonymous_group").parse().ok(),
        kasm_url: Some(sent.text("kasm_url").to_owned()),
        error_url: Some(sent.text("error_url").to_owned()),
        restrict_to_referrers: lines(sent.text("restrict_to_referrers")),
        client_settings: ClientSettings::each(|switch| sent.ticked(switch.key())),
        ..CastFields::default()
    };
    for (name, on) in switches(&mut fields) {
        *on = sent.ticked(name);
    }
    // A switch that is folded away under another one that is off says nothing.
    fields.require_captcha &= fields.allow_anonymous;
    match time_of(sent.text("valid_until")) {
        Ok(time) => fields.valid_until = time,
        Err(problem) => problems.push(problem),
    }
    match app_of(sent.text("remote_app")) {
        Ok(app) => fields.remote_app = app,
        Err(problem) => problems.push(problem),
    }
    (fields, problems)
}

/// How many sessions remained when the form was shown.
pub(super) fn seen(sent: &Sent) -> Option<i32> {
    sent.text("sessions_seen").parse().ok()
}

fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

fn time_of(text: &str) -> Result<Option<OffsetDateTime>, FieldProblem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let minutes = text.get(..16).unwrap_or(text);
    OffsetDateTime::parse(text, &Rfc3339)
        .or_else(|_| {
            PrimitiveDateTime::parse(minutes, DAY_AND_TIME).map(PrimitiveDateTime::assume_utc)
        })
        .map(Some)
        .map_err(|_| FieldProblem::new("valid_until", say!("cast-time-form")))
}

/// Every wrong part is told, all of them at the one field there is.
fn app_of(text: &str) -> Result<Option<RemoteApp>, FieldProblem> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let json: Value = serde_json::from_str(text).map_err(|error| {
        let cause: String = error.to_string().chars().take(200).collect();
        FieldProblem::new("remote_app", say!("cast-json-form", cause = cause))
    })?;
    RemoteApp::read(&json).map(Some).map_err(|problems| {
        let parts = problems.into_iter().map(|FieldProblem { field, problem }| {
            match field.strip_prefix("remote_app.") {
                Some(part) => say!("error-field", field = part, problem = problem),
                None => problem,
            }
        });
        FieldProblem::new("remote_app", Sentence::several(parts))
    })
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn sent(pairs: &[(&str, &str)]) -> Sent {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Sent::from(pairs.iter().map(owned).collect::<Vec<_>>())
    }

    #[test]
    fn what_a_form_shows_is_what_it_sends() {
        let app = r#"{"remote_app_name": "||x", "args": [{"argument_name": "/safe"}]}"#;
        let mut all = CastFields {
            name: "a".into(),
            key: "b".into(),
            desktop_type: "c".into(),
            anonymous_group: Some(GroupId::new()),
            sessions_remaining: Some(0),
            sessions_allowed: Some(2),
            within_seconds: Some(60),
            kasm_url: Some("https://a.example/".into()),
            error_url: Some("https://b.example/".into()),
            restrict_to_referrers: vec!["a.example".into(), "b.example".into()],
            client_settings: ClientSettings::each(|switch| switch == Switch::AllowGamepads),
            remote_app: app_of(app).unwrap(),
            valid_until: Some(datetime!(2026-12-18 16:00 UTC)),
            ..CastFields::default()
        };
        for (_, on) in switches(&mut all) {
            *on = true;
        }
        assert_eq!(read(&typed(&all)), (all, vec![]));
        let none = CastFields {
            enabled: false,
            client_settings: ClientSettings::each(|_| false),
            kasm_url: Some(String::new()),
            error_url: Some(String::new()),
            ..CastFields::default()
        };
        assert_eq!(read(&typed(&none)), (none, vec![]));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let form = sent(&[
            ("sessions_remaining", "many"),
            ("sessions_allowed", "1.5"),
            ("within_seconds", " 60 "),
            ("valid_until", "tomorrow"),
            ("remote_app", "{"),
        ]);
        let (fields, problems) = read(&form);
        assert_eq!(fields.within_seconds, Some(60));
        let named: Vec<_> = problems
            .iter()
            .map(|problem| problem.field.as_str())
            .collect();
        assert_eq!(
            named,
            [
                "sessions_remaining",
                "sessions_allowed",
                "valid_until",
                "remote_app"
            ]
        );
    }

    #[test]
    fn times_are_read_as_browsers_and_people_write_them() {
        let noon = Some(datetime!(2026-12-18 12:00 UTC));
        for text in [
            "2026-12-18T12:00",
            "2026-12-18T12:00:00",
            "2026-12-18T12:00:00Z",
            "2026-12-18T13:00:00+01:00",
        ] {
            assert_eq!(time_of(text), Ok(noon), "{text}");
        }
        assert_eq!(time_of(" "), Ok(None));
        for text in [
            "2026-12-18",
            "12:00",
            "2026-13-18T12:00",
            "äöü2026-12-18T12:00",
        ] {
            assert!(time_of(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_wrong_part_of_a_remote_app_is_told_at_its_field() {
        let wrong =
            app_of(r#"{"remote_app_name": "", "args": [{"value": "x", "value_pattern": "("}]}"#)
                .unwrap_err();
        let text = wrong.problem.to_string();
        assert_eq!(wrong.field, "remote_app");
        assert!(
            text.contains("remote_app_name") && text.contains("args.0.value_pattern"),
            "{text}"
        );
    }
}
