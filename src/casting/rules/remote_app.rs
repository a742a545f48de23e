//! What a Windows server is told to start, and with which arguments (contract casting 3; pure).

use std::collections::HashSet;

use regex::{Regex, RegexBuilder};
use regex_automata::dfa::{StartKind, dense};
use serde_json::Value;

use super::{
    super::refusal::{Refusal, Refused},
    parameters::{Given, Parameters},
};
use crate::{error::FieldProblem, language::Sentence, say};

/// Longest pattern, in characters.
pub const LONGEST_PATTERN: usize = 1_000;
/// Longest value that is matched and passed on, in bytes.
pub const LONGEST_VALUE: usize = 4_096;
/// Most arguments of one application.
pub const MOST_ARGUMENTS: usize = 50;

/// Bytes a compiled pattern may take.
const LARGEST_PROGRAM: usize = 64 * 1_024;
/// Bytes of the table of states that stands for it.
const LARGEST_TABLE: usize = 64 * 1_024;
/// Bytes the engine may keep of that table while it matches: all of it.
const LARGEST_CACHE: usize = 2 * 1_024 * 1_024;
/// Brackets within brackets.
const DEEPEST: u32 = 50;

/// The application on the server, and what it is given.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoteApp {
    /// As the server knows it, such as `||Microsoft Excel`.
    pub remote_app_name: String,
    /// In the order in which they are passed.
    #[serde(default)]
    pub args: Vec<RemoteAppArgument>,
}

/// One argument of the application.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(deny_unknown_fields, default)]
pub struct RemoteAppArgument {
    /// The parameter of the link that has the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_param_name: Option<String>,
    /// A link without that parameter is refused.
    pub required: bool,
    /// The switch in front of the value, or alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub argument_name: Option<String>,
    /// Always this, whatever the link says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// A regular expression that the whole value matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_pattern: Option<String>,
}

impl RemoteApp {
    /// Reads what an administrator wrote; every wrong part is named, such as `remote_app.args.0.value_pattern`.
    pub fn read(json: &Value) -> Result<Self, Vec<FieldProblem>> {
        let app = Self::deserialised(json)?;
        let problems = app.problems();
        if problems.is_empty() {
            Ok(app)
        } else {
            Err(problems)
        }
    }

    fn deserialised(json: &Value) -> Result<Self, Vec<FieldProblem>> {
        serde_json::from_value(json.clone()).map_err(|error| {
            let cause: String = error.to_string().chars().take(200).collect();
            vec![wrong("", say!("cast-remote-app-form", cause = cause))]
        })
    }

    /// Everything that is wrong with it; nothing: it can be saved.
    #[must_use]
    pub fn problems(&self) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        if !is_word(&self.remote_app_name) || self.remote_app_name.trim().is_empty() {
            problems.push(wrong(".remote_app_name", say!("cast-remote-app-name")));
        }
        if self.args.len() > MOST_ARGUMENTS {
            let sentence = say!("cast-remote-app-many", most = MOST_ARGUMENTS);
            problems.push(wrong(".args", sentence));
            return problems;
        }
        let mut seen = HashSet::new();
        for (at, argument) in self.args.iter().enumerate() {
            let names = argument.url_param_name.iter();
            let doubled = names.filter(|name| !seen.insert(name.as_str())).count() > 0;
            let found = argument.problem(doubled);
            problems.extend(
                found.map(|(field, sentence)| wrong(&format!(".args.{at}.{field}"), sentence)),
            );
        }
        problems
    }

    /// What the application is given for a link with these `parameters`: single words, never to be joined into one line
    /// for a shell.
    pub fn arguments(&self, parameters: &Parameters) -> Result<Vec<String>, Refused> {
        let mut list = Vec::new();
        for argument in &self.args {
            argument.add_to(&mut list, parameters)?;
        }
        Ok(list)
    }
}

impl RemoteAppArgument {
    fn problem(&self, doubled: bool) -> Option<(&'static str, Sentence)> {
        let word = |text: &Option<String>| {
            text.as_deref()
                .is_none_or(|text| is_word(text) && !text.is_empty())
        };
        if !word(&self.url_param_name) {
            return Some(("url_param_name", say!("cast-remote-app-word")));
        }
        if doubled {
            return Some(("url_param_name", say!("cast-remote-app-doubled")));
        }
        if !word(&self.argument_name) {
            return Some(("argument_name", say!("cast-remote-app-word")));
        }
        if self.value.as_deref().is_some_and(|value| !is_value(value)) {
            return Some(("value", say!("cast-remote-app-value", most = LONGEST_VALUE)));
        }
        if self.required && self.url_param_name.is_none() {
            return Some(("required", say!("cast-remote-app-required")));
        }
        if self.value.is_none() && self.url_param_name.is_none() && self.argument_name.is_none() {
            return Some(("argument_name", say!("cast-remote-app-nothing")));
        }
        let pattern = match self.value_pattern.as_deref().map(checked)? {
            Ok(pattern) => pattern,
            Err(sentence) => return Some(("value_pattern", sentence)),
        };
        let fixed = self.value.as_deref();
        fixed
            .is_some_and(|value| !pattern.is_match(value))
            .then(|| ("value", say!("cast-remote-app-mismatch")))
    }

    fn add_to(&self, list: &mut Vec<String>, parameters: &Parameters) -> Result<(), Refused> {
        let name = self.url_param_name.as_deref();
        let value = match (&self.value, name) {
            (Some(fixed), _) => Some(fixed.as_str()),
            (None, None) => None,
            (None, Some(name)) => match parameters.get(name) {
                Given::Once(value) => Some(value),
                Given::Often => return Err(refused(Refusal::ArgumentInvalid, name)),
                Given::Not if self.required => return Err(refused(Refusal::ArgumentMissing, name)),
                // Nothing stands for a parameter that need not be there, not even its switch.
                Given::Not => return Ok(()),
            },
        };
        if let Some(value) = value
            && !self.takes(value)
        {
            let name = name.or(self.argument_name.as_deref()).unwrap_or_default();
            return Err(refused(Refusal::ArgumentInvalid, name));
        }
        list.extend(self.argument_name.clone());
        list.extend(value.map(str::to_owned));
        Ok(())
    }

    /// A pattern that cannot be compiled any more matches nothing.
    fn takes(&self, value: &str) -> bool {
        let pattern = self.value_pattern.as_deref();
        is_value(value)
            && pattern
                .is_none_or(|pattern| matcher(pattern).is_ok_and(|pattern| pattern.is_match(value)))
    }
}

/// What is wrong with a pattern, or the pattern itself. It is taken only if a small table of states stands for it: then
/// a match looks each byte of a value up once, whatever is in it. Backreferences and looking around, which would make
/// that impossible, are not known at all.
fn checked(pattern: &str) -> Result<Regex, Sentence> {
    if pattern.chars().count() > LONGEST_PATTERN {
        return Err(say!("cast-pattern-long", most = LONGEST_PATTERN));
    }
    // Alone first: `a)|(b` is a pattern only between the brackets.
    build(pattern).map_err(|error| not_taken(&error))?;
    let whole = matcher(pattern).map_err(|error| not_taken(&error))?;
    let small = dense::Config::new()
        .start_kind(StartKind::Anchored)
        .dfa_size_limit(Some(LARGEST_TABLE))
        .determinize_size_limit(Some(2 * LARGEST_TABLE));
    dense::Builder::new()
        .configure(small)
        .build(whole.as_str())
        .map_err(|_| say!("cast-pattern-complicated"))?;
    Ok(whole)
}

/// A pattern that was taken, for whole values.
fn matcher(pattern: &str) -> Result<Regex, regex::Error> {
    build(&format!(r"\A(?:{pattern})\z"))
}

fn build(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .size_limit(LARGEST_PROGRAM)
        .dfa_size_limit(LARGEST_CACHE)
        .nest_limit(DEEPEST)
        .build()
}

fn not_taken(error: &regex::Error) -> Sentence {
    if matches!(error, regex::Error::CompiledTooBig(_)) {
        return say!("cast-pattern-complicated");
    }
    // The last line says what; those before draw the place.
    let text = error.to_string();
    let cause = text.lines().last().unwrap_or_default();
    let cause = cause.strip_prefix("error: ").unwrap_or(cause);
    say!("cast-pattern-form", cause = cause)
}

/// What may be passed on. A line break or another control character ends an argument for some programs.
fn is_value(value: &str) -> bool {
    value.len() <= LONGEST_VALUE && !value.chars().any(char::is_control)
}

/// A name that is passed on or looked for.
fn is_word(text: &str) -> bool {
    text.chars().count() <= 260 && !text.chars().any(char::is_control)
}

fn refused(reason: Refusal, name: &str) -> Refused {
    let name: String = name.chars().take(60).collect();
    Refused::from(reason).with(say!("cast-argument-named", name = name))
}

fn wrong(part: &str, sentence: Sentence) -> FieldProblem {
    FieldProblem::new(format!("remote_app{part}"), sentence)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The example of the documentation that casting is modelled on.
    const EXCEL: &str = r#"([a-zA-Z]:\\)([^\x00-\x1F\*\"/:<>\?\\\|]+\\)*([^\x00-\x1F\*\"/:<>\?\\\|]+\.(xls|xlsx|csv))"#;

    fn excel() -> RemoteApp {
        RemoteApp::read(&json!({
            "remote_app_name": "||Microsoft Excel",
            "args": [{"url_param_name": "file", "value_pattern": EXCEL, "required": true}],
        }))
        .unwrap()
    }

    fn given(app: &RemoteApp, pairs: &[(&str, &str)]) -> Result<Vec<String>, &'static str> {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        app.arguments(&Parameters::read(&query))
            .map_err(|refused| refused.reason.code())
    }

    fn named(json: &Value) -> Vec<String> {
        let problems = RemoteApp::read(json).err().unwrap_or_default();
        problems.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn the_pattern_of_the_example_takes_files_and_nothing_around_them() {
        let table = [
            (r"C:\Users\Public\Documents\Ubuntu_Security.xlsx", true),
            (r"C:\a.xlsx", true),
            (r"z:\ä ö\b.csv", true),
            ("C:\\a.xlsx\" /c calc", false),
            ("C:\\a.xlsx\n", false),
            ("C:\\a.xlsx\r\n", false),
            ("\nC:\\a.xlsx", false),
            (r"C:\a.xlsx.exe", false),
            (r"xC:\a.xlsx", false),
            (r"C:\a.xlsx ", false),
            (r"\\server\share\a.xlsx", false),
            ("", false),
        ];
        for (file, takes) in table {
            let expected = if takes {
                Ok(vec![file.to_owned()])
            } else {
                Err("argument_invalid")
            };
            assert_eq!(given(&excel(), &[("file", file)]), expected, "{file:?}");
        }
        assert_eq!(given(&excel(), &[]), Err("argument_missing"));
        assert_eq!(
            given(&excel(), &[("FILE", r"C:\a.csv")]),
            Err("argument_missing")
        );
        let twice = [("file", r"C:\a.csv"), ("file", r"C:\b.csv")];
        assert_eq!(given(&excel(), &twice), Err("argument_invalid"));
    }

    #[test]
    fn arguments_are_a_list_in_their_order() {
        let app = RemoteApp::read(&json!({"remote_app_name": "||x", "args": [
            {"argument_name": "/safe"},
            {"argument_name": "/t", "value": "a b; calc"},
            {"value": "fixed", "url_param_name": "ignored"},
            {"argument_name": "/f", "url_param_name": "file", "value_pattern": "[a-z]+"},
            {"url_param_name": "free"},
        ]}))
        .unwrap();
        let always = ["/safe", "/t", "a b; calc", "fixed"];
        let with = |more: &[&str]| {
            Ok([&always[..], more]
                .concat()
                .into_iter()
                .map(String::from)
                .collect())
        };
        assert_eq!(given(&app, &[]), with(&[]));
        assert_eq!(
            given(&app, &[("ignored", "other")]),
            with(&[]),
            "the fixed value wins"
        );
        assert_eq!(given(&app, &[("file", "abc")]), with(&["/f", "abc"]));
        assert_eq!(
            given(&app, &[("file", "abc"), ("free", "x y")]),
            with(&["/f", "abc", "x y"])
        );
        assert_eq!(given(&app, &[("file", "ab1")]), Err("argument_invalid"));
        assert_eq!(given(&app, &[("free", "x\ny")]), Err("argument_invalid"));
        assert_eq!(
            given(&app, &[("free", &"x".repeat(LONGEST_VALUE + 1))]),
            Err("argument_invalid")
        );
        assert_eq!(given(&app, &[("free", "")]), with(&[""]));
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "one table")]
    fn every_wrong_part_is_named() {
        let argument = |argument: Value| json!({"remote_app_name": "||x", "args": [argument]});
        let table = [
            (json!({"remote_app_name": "||x"}), vec![]),
            (json!(null), vec!["remote_app"]),
            (json!("x"), vec!["remote_app"]),
            (json!({}), vec!["remote_app"]),
            (
                json!({"remote_app_name": "||x", "more": 1}),
                vec!["remote_app"],
            ),
            (
                json!({"remote_app_name": " "}),
                vec!["remote_app.remote_app_name"],
            ),
            (
                json!({"remote_app_name": "a\nb"}),
                vec!["remote_app.remote_app_name"],
            ),
            (argument(json!({})), vec!["remote_app.args.0.argument_name"]),
            (
                argument(json!({"colour": 1, "value": "x"})),
                vec!["remote_app"],
            ),
            (
                argument(json!({"value": "x", "required": true})),
                vec!["remote_app.args.0.required"],
            ),
            (
                argument(json!({"value": "a\u{7}"})),
                vec!["remote_app.args.0.value"],
            ),
            (
                argument(json!({"url_param_name": ""})),
                vec!["remote_app.args.0.url_param_name"],
            ),
            (
                argument(json!({"argument_name": "a\nb"})),
                vec!["remote_app.args.0.argument_name"],
            ),
            (
                argument(json!({"value": "x", "value_pattern": "y"})),
                vec!["remote_app.args.0.value"],
            ),
            (
                argument(json!({"value": "x", "value_pattern": "("})),
                vec!["remote_app.args.0.value_pattern"],
            ),
            (
                json!({"remote_app_name": "", "args": [
                    {"url_param_name": "a"}, {"url_param_name": "a"}, {"url_param_name": "b", "value_pattern": "["},
                ]}),
                vec![
                    "remote_app.remote_app_name",
                    "remote_app.args.1.url_param_name",
                    "remote_app.args.2.value_pattern",
                ],
            ),
        ];
        for (json, expected) in table {
            assert_eq!(named(&json), expected, "{json}");
        }
        let many = json!({"remote_app_name": "x", "args": vec![json!({"value": "x"}); MOST_ARGUMENTS + 1]});
        assert_eq!(named(&many), ["remote_app.args"]);
    }

    #[test]
    fn a_pattern_is_matched_against_the_whole_value_however_it_is_written() {
        let takes =
            |pattern: &str, value: &str| checked(pattern).map(|pattern| pattern.is_match(value));
        for (pattern, value, expected) in [
            ("a|b", "a", true),
            ("a|b", "ab", false),
            ("a|b", "xb", false),
            ("^a$", "a", true),
            ("(?m)^a$", "a\nb", false),
            ("(?s).*", "a\nb", true),
            ("(?i)abc", "ABC", true),
            ("(?x) a b # c\n", "ab", true),
            ("", "", true),
            ("", "a", false),
            ("a*", "", true),
            (r"a\z|.*", "abc", true),
        ] {
            assert_eq!(takes(pattern, value), Ok(expected), "{pattern} {value}");
        }
        for bad in [
            "(", ")", "a)|(?:b", "[", "*", "a{2,1}", r"\", r"(a)\1", "(?=a)", "(?<!a)b", "(?x)a #",
            "(?z)", r"\p{Foo}",
        ] {
            assert!(checked(bad).is_err(), "{bad}");
        }
        assert!(checked(&"a".repeat(LONGEST_PATTERN)).is_ok());
        assert!(checked(&"a".repeat(LONGEST_PATTERN + 1)).is_err());
    }

    /// Shapes that make engines slow or large, a thousand of them. Each is refused, or its table of states is small.
    #[test]
    fn hostile_patterns_are_refused_or_small() {
        let shapes = [
            "(a|b)*a(a|b){N}",
            "(a+)+{N}",
            "(a*)*b{N}",
            "(?:a?){N}a{N}",
            "[ab]*a[ab]{N}",
            "(.*)*x{N}",
            "(?:.*a){N}",
            "(?:.|a){N}",
            "\\w{N}",
            "(?i)(?:\\pL+x){N}",
            "[^\\x00-\\x1f]{N}",
            "(?s).*a.{N}",
            "(?:(?:a|aa)+){N}",
            "(x+x+)+y{N}",
            "(?:a{0,N}){0,N}",
            ".*.*.*a{N}.*",
            "((((a{N}){N}){N}){N}){N}",
            "(?:a|b|ab)*?(?:c|bc){N}",
            "\\b(?:\\w+\\b\\W?){N}",
            "(?:\\d{1,N}\\.){N}",
        ];
        let (mut tried, mut taken) = (0, 0);
        for shape in shapes {
            for times in (1..=50).map(|step| step * step) {
                let pattern = shape.replace('N', &times.to_string());
                tried += 1;
                if let Ok(whole) = checked(&pattern) {
                    taken += 1;
                    let anchored = dense::Config::new().start_kind(StartKind::Anchored);
                    let table = dense::Builder::new()
                        .configure(anchored)
                        .build(whole.as_str());
                    let size = table.unwrap().memory_usage();
                    // What besides the states is in it: classes of bytes, starts, accepting states.
                    assert!(size <= 2 * LARGEST_TABLE, "{pattern}: {size}");
                }
            }
        }
        assert_eq!(tried, 1_000);
        assert!((100..900).contains(&taken), "{taken} taken");
    }
}
