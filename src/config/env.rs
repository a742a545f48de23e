//! Reading variables, collecting every problem instead of failing at the first.

use std::{collections::BTreeMap, fmt::Display, str::FromStr, time::Duration};

use secrecy::SecretString;

/// Where variables come from: the process, or a map in tests.
#[derive(Debug)]
pub struct EnvSource {
    values: BTreeMap<String, String>,
    read: Vec<&'static str>,
    problems: Vec<String>,
}

impl EnvSource {
    /// The variables of this process.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the environment"
    )]
    pub fn process() -> Self {
        std::env::vars().collect()
    }

    /// The text of `name`; an empty one counts as not set, as compose files write it.
    pub fn optional(&mut self, name: &'static str) -> Option<String> {
        self.read.push(name);
        self.values
            .get(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    /// The text of `name`, or `default`.
    pub fn text(&mut self, name: &'static str, default: &str) -> String {
        self.optional(name).unwrap_or_else(|| default.to_owned())
    }

    /// A secret; it is never printed, also not in a problem.
    pub fn secret(&mut self, name: &'static str) -> Option<SecretString> {
        self.optional(name).map(SecretString::from)
    }

    /// The value of `name` read by `FromStr`; a wrong one is a problem and gives `None`.
    pub fn parsed<T>(&mut self, name: &'static str, shape: &str) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        let text = self.optional(name)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.problem(format!("{name}: \"{text}\" is not {shape} ({error})"));
                None
            }
        }
    }

    /// One of `choices` (word, value); the first is the default.
    pub fn choice<T: Copy>(&mut self, name: &'static str, choices: &[(&str, T)]) -> T {
        let text = self.optional(name);
        let found = match &text {
            None => choices.first(),
            Some(text) => choices.iter().find(|(word, _)| word == text),
        };
        if let Some((_, value)) = found {
            return *value;
        }
        let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
        self.problem(format!(
            "{name}: \"{}\" is none of {}",
            text.unwrap_or_default(),
            words.join(", ")
        ));
        choices[0].1
    }

    /// `true` or `false`, also `1`, `0`, `yes`, `no`.
    pub fn flag(&mut self, name: &'static str, default: bool) -> bool {
        match self
            .optional(name)
            .as_deref()
            .map(str::to_ascii_lowercase)
            .as_deref()
        {
            None => default,
            Some("true" | "1" | "yes" | "on") => true,
            Some("false" | "0" | "no" | "off") => false,
            Some(other) => {
                self.problem(format!("{name}: \"{other}\" is neither true nor false"));
                default
            }
        }
    }

    /// A length of time: a number with `s`, `m`, `h` or `d`, such as `30s`.
    pub fn duration(&mut self, name: &'static str, default: Duration) -> Duration {
        let Some(text) = self.optional(name) else {
            return default;
        };
        duration(&text).unwrap_or_else(|| {
            self.problem(format!(
                "{name}: \"{text}\" is not a length of time such as 30s, 10m, 4h or 2d"
            ));
            default
        })
    }

    /// A length of time that need not be set.
    pub fn optional_duration(&mut self, name: &'static str) -> Option<Duration> {
        let text = self.optional(name)?;
        let read = duration(&text);
        if read.is_none() {
            self.problem(format!(
                "{name}: \"{text}\" is not a length of time such as 30s, 10m, 4h or 2d"
            ));
        }
        read
    }

    /// Writes down a problem; the server will not start.
    pub fn problem(&mut self, text: String) {
        self.problems.push(text);
    }

    /// Every variable that was asked for, in order, and every problem found.
    #[must_use]
    pub fn finish(self) -> (Vec<&'static str>, Vec<String>) {
        (self.read, self.problems)
    }
}

impl FromIterator<(String, String)> for EnvSource {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(values: I) -> Self {
        Self {
            values: values.into_iter().collect(),
            read: Vec::new(),
            problems: Vec::new(),
        }
    }
}

/// What was written after the command's name.
#[must_use]
pub fn arguments() -> Vec<String> {
    std::env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect()
}

fn duration(text: &str) -> Option<Duration> {
    let unit = text.chars().last()?;
    let number: u64 = text.strip_suffix(unit)?.trim().parse().ok()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    number.checked_mul(seconds).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        let table = [
            ("30s", Some(30)),
            ("10m", Some(600)),
            ("4h", Some(14_400)),
            ("2d", Some(172_800)),
            ("0s", Some(0)),
            ("6x", None),
            ("s", None),
            ("", None),
            ("-1s", None),
            ("18446744073709551615d", None),
            ("5é", None),
        ];
        for (text, expected) in table {
            assert_eq!(duration(text), expected.map(Duration::from_secs), "{text}");
        }
    }
}
