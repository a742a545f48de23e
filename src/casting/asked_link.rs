//! The address somebody opened: what it carries, and what carried it through a sign-in (pure).

use super::{
    launch::Came,
    links::{self, OneTime},
    rules::parameters::Parameters,
};

/// What carries a page through a sign-in: the referrer is known only when somebody comes.
const CAME: &str = "came";

/// The address of the page without what carried it through a sign-in.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) address: String,
    pub(super) parameters: Parameters,
    /// The page that went through a sign-in; empty without one.
    pub(super) came: String,
    /// The secret of a one-time link.
    pub(super) once: Option<String>,
}

impl Link {
    /// Of a path and what follows the question mark.
    pub(super) fn of(path: &str, query: &str) -> Self {
        let all = Parameters::read(query);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let (mut came, mut once) = (String::new(), None);
        for (name, value) in all.iter() {
            if name == CAME {
                value.clone_into(&mut came);
            } else {
                if name == links::PARAMETER {
                    once = Some(value.to_owned());
                }
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        let address = match query.as_str() {
            "" => path.to_owned(),
            query => format!("{path}?{query}"),
        };
        Self {
            parameters: Parameters::read(&query),
            address,
            came,
            once,
        }
    }

    /// By which one-time link it came; `link` is the one with its secret.
    pub(super) fn came_by<'a>(&self, link: Option<&'a OneTime>) -> Came<'a> {
        match (&self.once, link) {
            (None, _) => Came::Plainly,
            (Some(_), Some(link)) => Came::By(link),
            (Some(_), None) => Came::ByNone,
        }
    }

    /// The same with the page that is to go through a sign-in.
    pub(super) fn with(&self, ticket: &str) -> String {
        let joint = if self.address.contains('?') { '&' } else { '?' };
        format!("{}{joint}{CAME}={ticket}", self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_keeps_what_it_carries_and_loses_what_carried_it() {
        let table = [
            ("", "/cast/k", "", None),
            ("came=abc", "/cast/k", "abc", None),
            (
                "kasm_url=https%3A%2F%2Fa.example%2F%3Fb%3Dc%26d&came=x",
                "/cast/k?kasm_url=https%3A%2F%2Fa.example%2F%3Fb%3Dc%26d",
                "x",
                None,
            ),
            ("once=s-1&came=x", "/cast/k?once=s-1", "x", Some("s-1")),
        ];
        for (query, address, came, once) in table {
            let link = Link::of("/cast/k", query);
            assert_eq!((link.address.as_str(), link.came.as_str()), (address, came));
            assert_eq!(link.once.as_deref(), once);
        }
        let link = Link::of("/cast/k", "a=b");
        assert_eq!(link.with("t"), "/cast/k?a=b&came=t");
    }
}
