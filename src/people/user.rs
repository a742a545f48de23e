//! A person, what they may do, and how their name becomes part of a URL.

use time::OffsetDateTime;

use crate::{ids::UserId, web::page::Person};

/// What a person may do in general.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    sqlx::Type,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[sqlx(type_name = "user_role", rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The one desktop they were let in for, and nothing else; made by casting (contract identity 2).
    Guest,
    /// Own desktops.
    User,
    /// Own desktops, and later those of a class.
    Teacher,
    /// Everything.
    Admin,
}

/// A person's account.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct User {
    /// Never changes.
    pub id: UserId,
    /// First part of the names of this person's desktops; never changes.
    pub slug: String,
    /// What they sign in with.
    pub username: String,
    /// What others see.
    pub display_name: String,
    /// Only what the provider or the administrator gave.
    pub email: Option<String>,
    /// What they may do.
    pub role: Role,
    /// A picture, if the provider has one.
    pub avatar_url: Option<String>,
    /// Set when the account may not be used any more.
    pub disabled_at: Option<OffsetDateTime>,
}

impl User {
    /// Whether this person is an administrator.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }

    /// Whether this is nobody's account, only somebody who opened a link.
    #[must_use]
    pub fn is_guest(&self) -> bool {
        self.role == Role::Guest
    }

    /// Up to two letters for the round sign beside the name.
    #[must_use]
    pub fn initials(&self) -> String {
        let mut words = self
            .display_name
            .split_whitespace()
            .filter_map(|word| word.chars().next());
        let first = words.next();
        first
            .into_iter()
            .chain(words.next_back())
            .flat_map(char::to_uppercase)
            .collect()
    }
}

impl From<&User> for Person {
    fn from(user: &User) -> Self {
        Self {
            name: user.display_name.clone(),
            initials: user.initials(),
            admin: user.is_admin(),
        }
    }
}

/// Longest slug of a person; with the longest slug of a type and a suffix it fits a name of 63 characters.
pub const SLUG_LENGTH: usize = 32;

/// The slug a name would like to have: lower-case ASCII letters and digits, everything else a single dash.
/// German letters are spelled out. A name without any usable letter becomes `user`.
///
/// Two names may give the same slug: the database keeps slugs unique and the caller adds a number.
#[must_use]
pub fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for character in name.chars().flat_map(char::to_lowercase) {
        match character {
            'a'..='z' | '0'..='9' => slug.push(character),
            'ä' => slug.push_str("ae"),
            'ö' => slug.push_str("oe"),
            'ü' => slug.push_str("ue"),
            'ß' => slug.push_str("ss"),
            _ if slug.is_empty() || slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    slug.truncate(SLUG_LENGTH - 6);
    let slug = slug.trim_matches('-');
    if slug.is_empty() {
        "user".into()
    } else {
        slug.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_slugs() {
        let table = [
            ("jana.petersen", "jana-petersen"),
            ("Jana Petersen", "jana-petersen"),
            ("a_ubuntu", "a-ubuntu"),
            ("Jörg Groß", "joerg-gross"),
            ("..", "user"),
            ("🦀", "user"),
            ("ivo@schule.test", "ivo-schule-test"),
            ("--x--", "x"),
            ("a%2d", "a-2d"),
        ];
        for (name, slug) in table {
            assert_eq!(slug_of(name), slug, "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_name_gives_a_slug_the_database_takes(name in ".{0,300}") {
            let slug = slug_of(&name);
            let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
            proptest::prop_assert!(slug.len() <= SLUG_LENGTH - 6);
            proptest::prop_assert!(edge(slug.chars().next()) && edge(slug.chars().last()));
            proptest::prop_assert!(slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
        }
    }
}
