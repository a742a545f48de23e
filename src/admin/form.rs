//! Forms of the administration: what was sent, what is wrong with it, and the fields all of them share.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};

use crate::{
    error::{AppError, FieldProblem, Result},
    groups::{Limit, Settings, Switch},
    language::Sentence,
    people::Role,
    say,
    web::page::html,
};

/// The fields of a form as a browser sends them; one with several values comes several times.
#[derive(Clone, Debug, Default)]
pub(super) struct Sent(Vec<(String, String)>);

impl From<Vec<(String, String)>> for Sent {
    fn from(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }
}

impl Sent {
    /// The first value of `name`; empty when it was not sent.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(sent, _)| sent == name)
            .map_or("", |(_, value)| value.as_str())
    }

    /// Every value of `name`.
    pub(super) fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        self.0
            .iter()
            .filter(move |(sent, _)| sent == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether the box `name` was ticked.
    pub(super) fn ticked(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// Every value of `name` that can be read; a form of ours sends no others.
    pub(super) fn read_all<T: std::str::FromStr>(&self, name: &str) -> Vec<T> {
        self.all(name)
            .filter_map(|value| value.parse().ok())
            .collect()
    }
}

/// What was wrong with a form that was sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Problems(Vec<FieldProblem>);

impl From<Vec<FieldProblem>> for Problems {
    fn from(mut problems: Vec<FieldProblem>) -> Self {
        problems.sort_by_key(|problem| place(&problem.field));
        Self(problems)
    }
}

type Label = fn() -> Sentence;

/// The fields of our forms as pages have them from top to bottom, with their labels.
const FIELDS: [(&str, Label); 10] = [
    ("username", || say!("user-name")),
    ("display_name", || say!("user-shown-name")),
    ("email", || say!("user-email")),
    ("groups", || say!("admin-groups")),
    ("password", || say!("user-password")),
    ("name", || say!("group-name")),
    ("description", || say!("group-description")),
    ("priority", || say!("group-priority")),
    ("settings", || say!("group-limits")),
    ("add", || say!("group-add")),
];

/// Where a field stands; a limit stands among the settings.
fn place(field: &str) -> Option<usize> {
    let part = field.split('.').next();
    FIELDS.iter().position(|(name, _)| Some(*name) == part)
}

impl Problems {
    /// What is wrong with the field `name`.
    pub(super) fn of(&self, name: &str) -> Option<&Sentence> {
        let problem = self.0.iter().find(|problem| problem.field == name);
        problem.map(|problem| &problem.problem)
    }

    /// All of them, for the summary above the form: in the order of the page.
    pub(super) fn all(&self) -> &[FieldProblem] {
        &self.0
    }

    /// What people call the field `name`; none for one that no page shows.
    pub(super) fn label(name: &str) -> Option<Sentence> {
        let limit = name.strip_prefix("settings.");
        let limit = Limit::ALL.into_iter().find(|one| Some(one.key()) == limit);
        limit
            .map(Limit::label)
            .or_else(|| place(name).map(|place| FIELDS[place].1()))
    }

    /// "Not saved: 2 fields need a change."
    pub(super) fn summary(&self) -> Sentence {
        say!("form-not-saved", count = self.0.len())
    }
}

/// What a refused form shows: problems of its fields, or a sentence above them. Everything else is an error page.
pub(super) fn shown(error: AppError) -> Result<(Problems, Option<Sentence>)> {
    match error {
        AppError::Invalid(problems) => Ok((problems.into(), None)),
        AppError::Conflict { sentence, .. } => Ok((Problems::default(), Some(sentence))),
        other => Err(other),
    }
}

/// The form again, with the status of a refusal.
pub(super) fn refused(page: &impl Template) -> Response {
    let mut response = html(page);
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    response
}

/// On to a page after a form was done.
pub(super) fn see(address: &str) -> Response {
    Redirect::to(address).into_response()
}

/// A choice among several, one of them chosen.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) value: &'static str,
    pub(super) words: Sentence,
    pub(super) chosen: bool,
}

/// The roles, with `role` chosen.
pub(super) fn roles(role: Role) -> [Choice; 3] {
    [Role::User, Role::Teacher, Role::Admin].map(|one| Choice {
        value: super::users::word_of(one),
        words: role_words(one),
        chosen: one == role,
    })
}

/// A role in a word.
pub(super) fn role_words(role: Role) -> Sentence {
    match role {
        Role::User => say!("role-user"),
        Role::Guest => say!("role-guest"),
        Role::Teacher => say!("role-teacher"),
        Role::Admin => say!("role-admin"),
    }
}

/// A setting that is not set, on or off.
#[derive(Clone, Debug)]
pub(super) struct SwitchField {
    pub(super) key: &'static str,
    pub(super) label: Sentence,
    pub(super) help: Option<Sentence>,
    pub(super) choices: [Choice; 3],
}

/// A limit, or nothing.
#[derive(Clone, Debug)]
pub(super) struct LimitField {
    pub(super) key: &'static str,
    pub(super) label: Sentence,
    pub(super) help: Sentence,
    pub(super) value: String,
    /// The field's name in a problem.
    pub(super) problem: String,
}

/// Every setting of a group as fields.
#[derive(Clone, Debug)]
pub(super) struct SettingsFields {
    pub(super) switches: Vec<SwitchField>,
    pub(super) limits: Vec<LimitField>,
}

impl SettingsFields {
    /// As they are.
    pub(super) fn of(settings: &Settings) -> Self {
        Self::with(
            |switch| settings.switch(switch),
            |limit| settings.limit(limit).map(plain).unwrap_or_default(),
        )
    }

    /// As somebody has just sent them, right or wrong.
    pub(super) fn sent(sent: &Sent) -> Self {
        Self::with(
            |switch| says(sent.text(switch.key())),
            |limit| sent.text(limit.key()).to_owned(),
        )
    }

    fn with(
        switch_says: impl Fn(Switch) -> Option<bool>,
        limit_says: impl Fn(Limit) -> String,
    ) -> Self {
        let switch = |switch: Switch| {
            let now = switch_says(switch);
            let choice = |value, words, says| Choice {
                value,
                words,
                chosen: now == says,
            };
            SwitchField {
                key: switch.key(),
                label: switch.label(),
                help: switch_help(switch),
                choices: [
                    choice("", say!("setting-not-set"), None),
                    choice("on", say!("setting-on"), Some(true)),
                    choice("off", say!("setting-off"), Some(false)),
                ],
            }
        };
        let limit = |limit: Limit| LimitField {
            key: limit.key(),
            label: limit.label(),
            help: limit_help(limit),
            value: limit_says(limit),
            problem: format!("settings.{}", limit.key()),
        };
        Self {
            switches: Switch::ALL.into_iter().map(switch).collect(),
            limits: Limit::ALL.into_iter().map(limit).collect(),
        }
    }
}

fn says(choice: &str) -> Option<bool> {
    match choice {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

/// As a person would type it into a field.
fn plain(number: f64) -> String {
    number.to_string()
}

/// The settings that were sent. A decimal comma is as good as a point.
pub(super) fn read_settings(sent: &Sent) -> Result<Settings, Vec<FieldProblem>> {
    let mut settings = Settings::default();
    let mut problems = Vec::new();
    for switch in Switch::ALL {
        settings = settings.with_switch(switch, says(sent.text(switch.key())));
    }
    for limit in Limit::ALL {
        let text = sent.text(limit.key()).trim().replace(',', ".");
        if text.is_empty() {
            continue;
        }
        match text.parse::<f64>() {
            Ok(number) => {
                problems.extend(limit.problem(number));
                settings = settings.with_limit(limit, Some(number));
            }
            Err(_) => problems.push(FieldProblem::new(
                format!("settings.{}", limit.key()),
                say!("setting-number"),
            )),
        }
    }
    if problems.is_empty() {
        Ok(settings)
    } else {
        Err(problems)
    }
}

/// Only where the label does not say all.
fn switch_help(switch: Switch) -> Option<Sentence> {
    match switch {
        Switch::AllowClipboardDown => Some(say!("setting-clipboard-down-help")),
        Switch::AllowClipboardUp => Some(say!("setting-clipboard-up-help")),
        Switch::ImeDefaultOn => Some(say!("setting-ime-help")),
        _ => None,
    }
}

fn limit_help(limit: Limit) -> Sentence {
    match limit {
        Limit::DesktopsAtOnce => say!("setting-desktops-at-once-help"),
        Limit::DesktopsPerType => say!("setting-desktops-per-type-help"),
        Limit::HoursPerDay => say!("setting-hours-per-day-help"),
        Limit::IdleMinutes => say!("setting-idle-minutes-help"),
        Limit::LifetimeMinutes => say!("setting-lifetime-minutes-help"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(pairs: &[(&str, &str)]) -> Sent {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Sent(pairs.iter().map(owned).collect())
    }

    #[test]
    fn what_a_form_sends_becomes_settings() {
        let form = sent(&[
            ("allow_audio", "off"),
            ("allow_uploads", "on"),
            ("allow_sharing", ""),
            ("hours_per_day", " 1,5 "),
            ("desktops_at_once", "3"),
            ("idle_minutes", ""),
        ]);
        let settings = read_settings(&form).unwrap();
        assert_eq!(settings.switch(Switch::AllowAudio), Some(false));
        assert_eq!(settings.switch(Switch::AllowUploads), Some(true));
        assert_eq!(settings.switch(Switch::AllowSharing), None);
        assert_eq!(settings.limit(Limit::HoursPerDay), Some(1.5));
        assert_eq!(settings.limit(Limit::DesktopsAtOnce), Some(3.0));
        assert_eq!(settings.count(), 4);
        let again = SettingsFields::of(&settings);
        assert_eq!(again.limits[2].value, "1.5");
        assert!(again.switches[0].choices[2].chosen);
    }

    #[test]
    fn problems_stand_in_the_order_of_the_page_and_name_their_field() {
        let wrong = ["add", "settings.idle_minutes", "name", "elsewhere"];
        let wrong = wrong.map(|field| FieldProblem::new(field, say!("setting-number")));
        let problems = Problems::from(wrong.to_vec());
        let named: Vec<_> = problems
            .all()
            .iter()
            .map(|problem| {
                Problems::label(&problem.field)
                    .unwrap_or_default()
                    .to_string()
            })
            .collect();
        let expected = ["", "Name", "Minutes without input", "Add people"];
        assert_eq!(named, expected);
    }

    #[test]
    fn wrong_amounts_are_named_and_kept_as_typed() {
        let form = sent(&[("desktops_at_once", "many"), ("idle_minutes", "0")]);
        let problems = Problems(read_settings(&form).unwrap_err());
        assert!(problems.of("settings.desktops_at_once").is_some());
        assert!(problems.of("settings.idle_minutes").is_some());
        assert_eq!(problems.all().len(), 2);
        let fields = SettingsFields::sent(&form);
        assert_eq!(fields.limits[0].value, "many");
    }
}
