//! What a link carries after its question mark (pure).

use url::form_urlencoded;

/// The parameters of a request to a cast, in the order they were given. Those nobody asks for do no harm: links are
/// decorated by newsletters and messengers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads what stands after the question mark; bytes that are no text become signs that match nothing.
    #[must_use]
    pub fn read(query: &str) -> Self {
        Self(
            form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    /// The parameter `name`, if it is given: once with its value, or several times, which is never meant.
    #[must_use]
    pub fn get(&self, name: &str) -> Given<'_> {
        let mut values = self.0.iter().filter(|(given, _)| given == name);
        match (values.next(), values.next()) {
            (None, _) => Given::Not,
            (Some((_, value)), None) => Given::Once(value),
            (Some(_), Some(_)) => Given::Often,
        }
    }

    /// All of them, for a form that sends them on.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// How a parameter is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given<'a> {
    /// It is not there.
    Not,
    /// With this value, which may be empty.
    Once(&'a str),
    /// More than once: which one counts would be a guess.
    Often,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_counts_once() {
        let table = [
            ("", Given::Not),
            ("other=1", Given::Not),
            ("KASM_URL=x", Given::Not),
            ("kasm_url", Given::Once("")),
            ("kasm_url=", Given::Once("")),
            ("kasm_url=a%20b", Given::Once("a b")),
            ("kasm_url=a+b", Given::Once("a b")),
            ("kasm%5Furl=x", Given::Once("x")),
            ("a=1&kasm_url=x&b", Given::Once("x")),
            ("kasm_url=x&kasm_url=x", Given::Often),
            ("kasm_url=%ff", Given::Once("\u{fffd}")),
        ];
        for (query, given) in table {
            assert_eq!(Parameters::read(query).get("kasm_url"), given, "{query}");
        }
    }

    #[test]
    fn they_stay_in_order() {
        let read = Parameters::read("b=1&a=%26&b=2");
        let all: Vec<_> = read.iter().collect();
        assert_eq!(all, [("b", "1"), ("a", "&"), ("b", "2")]);
    }
}
