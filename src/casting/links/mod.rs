//! One-time links: links of a cast that an administrator makes for people by name, and that serve once each.
//!
//! Such a link is that of its cast with a secret behind it (`?once=`). It goes through every check of the cast but one: it
//! brings its own session and takes none of *Sessions Remaining*, so that a cast with none left serves by such links
//! alone. It is used up in the statement that claims the desktop, and a start that comes to nothing gives it back.

mod secret;
pub(super) mod store;

use secrecy::SecretString;
use time::OffsetDateTime;

use self::store::NewLink;
use super::{CastError, Casting};
use crate::{
    error::FieldProblem,
    ids::{CastId, CastLinkId, DesktopId, UserId},
    paging::{Cursor, Page, PageRequest},
    say,
    text::is_line,
};

/// What the secret is called in an address.
pub const PARAMETER: &str = "once";
/// Links made at a time.
pub const MOST_AT_ONCE: usize = 500;
/// Links one cast may have.
pub const MOST: i64 = 10_000;
/// Characters of a name.
const LONGEST_NAME: usize = 200;

/// A one-time link, as administrators see it. Its secret is not in it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct CastLink {
    /// Names it.
    pub id: CastLinkId,
    /// For whom it was made.
    pub name: String,
    /// Whether it would still serve.
    pub state: LinkState,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it served.
    #[serde(with = "time::serde::rfc3339::option")]
    pub used_at: Option<OffsetDateTime>,
    /// Whom it served: somebody who was signed in, or the guest that was made.
    pub user_id: Option<UserId>,
    /// How they were called then.
    pub user_name: Option<String>,
    /// What they got; it may be gone.
    pub desktop_id: Option<DesktopId>,
    /// When it was withdrawn.
    #[serde(with = "time::serde::rfc3339::option")]
    pub withdrawn_at: Option<OffsetDateTime>,
}

/// Whether a link would still serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// It would.
    Open,
    /// It has served.
    Used,
    /// An administrator withdrew it before it was used.
    Withdrawn,
}

impl LinkState {
    /// What a link is that was used or withdrawn, perhaps.
    #[must_use]
    pub fn of(used: bool, withdrawn: bool) -> Self {
        match (used, withdrawn) {
            (true, _) => Self::Used,
            (false, true) => Self::Withdrawn,
            (false, false) => Self::Open,
        }
    }

    /// Its name in JSON and in files.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Used => "used",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A link that was just made.
#[derive(Debug)]
pub struct MadeLink {
    /// Names it.
    pub id: CastLinkId,
    /// For whom it is.
    pub name: String,
    /// What stands in its address; shown this once.
    pub secret: SecretString,
}

/// A link that somebody came by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneTime {
    /// Which.
    pub id: CastLinkId,
    /// Of which cast.
    pub cast: CastId,
    /// For whom it was made.
    pub name: String,
    /// Whether it would still serve.
    pub state: LinkState,
    /// What it served, and whom.
    pub served: Option<(DesktopId, UserId)>,
}

/// The names in a list that somebody pasted: one a line, without empty lines. Or what is wrong with it.
pub fn names(text: &str) -> Result<Vec<String>, FieldProblem> {
    let lines: Vec<_> = text.lines().map(str::to_owned).collect();
    checked(&lines)
}

/// Names that are to be written, without space around them, or what is wrong with them.
pub fn checked(names: &[String]) -> Result<Vec<String>, FieldProblem> {
    let wrong = |sentence| Err(FieldProblem::new("names", sentence));
    let trimmed = names.iter().map(|name| name.trim());
    let names: Vec<String> = trimmed
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    if names.is_empty() {
        return wrong(say!("cast-links-none-named"));
    }
    if names.len() > MOST_AT_ONCE {
        return wrong(say!("cast-links-many", most = MOST_AT_ONCE));
    }
    match names.iter().find(|name| !is_line(name, LONGEST_NAME)) {
        Some(long) => {
            let entry: String = long.chars().filter(|c| !c.is_control()).take(40).collect();
            wrong(say!("cast-link-name-form", entry = entry))
        }
        None => Ok(names),
    }
}

impl Casting {
    /// Makes a link of the cast for each of these names, which were [`checked`], or none; in their order.
    pub async fn make_links(
        &self,
        cast: CastId,
        names: Vec<String>,
        by: UserId,
    ) -> Result<Vec<MadeLink>, CastError> {
        let one = |name| {
            let (secret, hash) = secret::new();
            let id = CastLinkId::new();
            let link = MadeLink { id, name, secret };
            (link, hash)
        };
        let made: Vec<_> = names.into_iter().map(one).collect();
        let rows: Vec<_> = made
            .iter()
            .map(|(link, hash)| NewLink {
                id: link.id,
                name: &link.name,
                secret_hash: hash,
            })
            .collect();
        let mut tx = self.db().begin().await?;
        let there = store::lock(&mut tx, cast).await?;
        let there = there.ok_or(CastError::Unknown)?;
        if there + i64::try_from(rows.len()).unwrap_or(MOST) > MOST {
            return Err(CastError::TooManyLinks);
        }
        store::insert(&mut tx, cast, &rows, by).await?;
        tx.commit().await?;
        Ok(made.into_iter().map(|(link, _)| link).collect())
    }

    /// One page of a cast's links, by name.
    pub async fn links(
        &self,
        cast: CastId,
        request: &PageRequest<String>,
    ) -> Result<Page<CastLink, String>, sqlx::Error> {
        let rows = store::page(&mut self.db().acquire().await?, cast, request).await?;
        let page = Page::of(rows, request, |(link, name)| Cursor {
            key: name.clone(),
            id: link.id.0,
        });
        Ok(page.map(|(link, _)| link))
    }

    /// All of a cast's links, by name; at most [`MOST`], and those that were made at the same moment.
    pub async fn all_links(&self, cast: CastId) -> Result<Vec<CastLink>, sqlx::Error> {
        store::all(&mut self.db().acquire().await?, cast).await
    }

    /// Withdraws a link of the cast that has not served: it leads nowhere from now on. Again changes nothing.
    pub async fn withdraw_link(&self, cast: CastId, link: CastLinkId) -> Result<(), CastError> {
        let mut db = self.db().acquire().await?;
        match store::withdraw(&mut db, cast, link).await? {
            None => Err(CastError::UnknownLink),
            Some(true) => Err(CastError::LinkUsed),
            Some(false) => Ok(()),
        }
    }

    /// The link with this secret, whatever came of it; one statement.
    pub async fn link_by_secret(&self, secret: &str) -> Result<Option<OneTime>, sqlx::Error> {
        let hash = secret::hash(secret);
        store::by_secret(&mut self.db().acquire().await?, &hash).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_list_is_one_name_a_line() {
        let read = |text: &str| names(text).map_err(|problem| problem.problem.to_string());
        let table: [(&str, &[&str]); 4] = [
            ("Mia", &["Mia"]),
            (" Mia \r\n\r\n  Noah\tE.\n".trim_end(), &[]),
            ("Mia\r\nNoah\n\n Zoë \n", &["Mia", "Noah", "Zoë"]),
            ("Mia\nMia", &["Mia", "Mia"]),
        ];
        for (text, expected) in table {
            match read(text) {
                Ok(names) => assert_eq!(names, expected, "{text:?}"),
                Err(sentence) => {
                    assert!(expected.is_empty(), "{text:?}: {sentence}");
                    assert!(sentence.contains("Noah"), "{sentence}");
                }
            }
        }
        for empty in ["", "\n \r\n"] {
            assert!(read(empty).is_err(), "{empty:?}");
        }
        let lines = |count: usize| "x\n".repeat(count);
        assert_eq!(read(&lines(MOST_AT_ONCE)).unwrap().len(), MOST_AT_ONCE);
        assert!(read(&lines(MOST_AT_ONCE + 1)).is_err());
        assert!(read(&"x".repeat(200)).is_ok() && read(&"x".repeat(201)).is_err());
    }

    #[test]
    fn what_has_served_is_used_whatever_else() {
        let table = [
            (false, false, LinkState::Open),
            (false, true, LinkState::Withdrawn),
            (true, false, LinkState::Used),
            (true, true, LinkState::Used),
        ];
        for (used, withdrawn, state) in table {
            assert_eq!(LinkState::of(used, withdrawn), state);
            let json = serde_json::to_value(state).unwrap();
            assert_eq!(json, state.key());
        }
    }
}
