//! What a browser's own words mean to its owner (pure). They recognise their browser; nothing else depends on it.

use crate::{language::Sentence, say};

/// A browser on a system, as far as its words tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Program {
    name: Option<&'static str>,
    system: Option<&'static str>,
}

/// The first that fits: every browser also claims to be the ones before it in history.
const NAMES: [(&str, &str); 13] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

const SYSTEMS: [(&str, &str); 9] = [
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
    ("X11", "Linux"),
];

impl Program {
    /// Reads a `User-Agent`.
    #[must_use]
    pub fn of(user_agent: &str) -> Self {
        let first = |table: &[(&str, &'static str)]| {
            table
                .iter()
                .find(|(sign, _)| user_agent.contains(sign))
                .map(|(_, name)| *name)
        };
        Self {
            name: first(&NAMES),
            system: first(&SYSTEMS),
        }
    }

    /// "Firefox on Linux".
    #[must_use]
    pub fn words(self) -> Sentence {
        let name = self
            .name
            .map_or_else(|| say!("account-a-program"), Sentence::plain);
        match self.system {
            Some(system) => say!("account-program-on", program = name, system = system),
            None => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_called_what_their_owners_call_them() {
        let table = [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36 EdgA/143.0.0.0",
                "Edge on Android",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
                "Safari on iOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/143.0 Mobile/15E148 Safari/604.1",
                "Chrome on iOS",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/140.0 Mobile/15E148 Safari/605.1.15",
                "Firefox on iOS",
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36",
                "Chrome on ChromeOS",
            ),
            ("curl/8.14.1", "curl"),
            ("python-requests/2.32", "A program"),
            ("Something (Linux)", "A program on Linux"),
            ("<script>alert(1)</script>", "A program"),
            ("", "A program"),
        ];
        for (user_agent, words) in table {
            assert_eq!(
                Program::of(user_agent).words().to_string(),
                words,
                "{user_agent}"
            );
        }
    }
}
