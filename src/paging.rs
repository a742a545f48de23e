//! Long lists are read page by page: each page begins after a row of the one before, by its place in the order of the
//! list. So a page costs the same wherever it is, and rows that come or go meanwhile shift nothing.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::{error::FieldProblem, say};

/// Rows on one page at most.
pub const MOST: u16 = 200;

/// Rows are counted up to here; a list with more says "more than".
pub const COUNTED: i64 = 1_000;

/// The most characters that are searched for.
const LONGEST_SEARCH: usize = 200;

/// What somebody searches a list for, as the database is asked for it.
#[must_use]
pub fn search_words(typed: &str) -> String {
    typed.trim().chars().take(LONGEST_SEARCH).collect()
}

/// What a list is ordered by, besides the id of a row.
pub trait Key: Sized {
    /// As it stands in a [`Cursor`].
    fn text(&self) -> String;

    /// The key again; `None` for what [`Self::text`] never writes.
    fn read(text: &str) -> Option<Self>;
}

impl Key for String {
    fn text(&self) -> String {
        self.clone()
    }

    fn read(text: &str) -> Option<Self> {
        // Postgres knows no text with it.
        (!text.contains('\0')).then(|| text.to_owned())
    }
}

/// The place of one row in its list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor<K> {
    /// What the list is ordered by.
    pub key: K,
    /// Settles rows with the same key.
    pub id: Uuid,
}

impl<K: Key> Cursor<K> {
    /// As it stands in an address. Programs send it back as it is.
    #[must_use]
    pub fn text(&self) -> String {
        let mut bytes = self.id.as_bytes().to_vec();
        bytes.extend_from_slice(self.key.text().as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The cursor again; `None` for a text that is none of this list.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (id, key) = bytes.split_at_checked(16)?;
        Some(Self {
            id: Uuid::from_slice(id).ok()?,
            key: K::read(std::str::from_utf8(key).ok()?)?,
        })
    }
}

/// Where a page begins, or ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place<K> {
    /// At the beginning of the list.
    First,
    /// Right after this row.
    After(Cursor<K>),
    /// It ends right before this row.
    Before(Cursor<K>),
}

/// Which page of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest<K> {
    /// Where it begins.
    pub place: Place<K>,
    /// How many rows it has at most.
    pub limit: u16,
}

impl<K: Key> PageRequest<K> {
    /// The first page.
    #[must_use]
    pub fn first(limit: u16) -> Self {
        Self {
            place: Place::First,
            limit,
        }
    }

    /// Reads the parameters of an address; an empty one is as good as none. Every wrong one is named.
    pub fn read(words: &PageWords, usual: u16) -> Result<Self, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let mut cursor = |name: &str, text: &str| {
            let read = Cursor::read(text);
            if read.is_none() && !text.is_empty() {
                problems.push(FieldProblem::new(name, say!("paging-place-form")));
            }
            read
        };
        let after = cursor("after", &words.after);
        let before = cursor("before", &words.before);
        let limit = match words.limit.trim() {
            "" => Some(usual),
            text => text.parse().ok().filter(|limit| (1..=MOST).contains(limit)),
        };
        if limit.is_none() {
            let sentence = say!("paging-limit-form", most = MOST);
            problems.push(FieldProblem::new("limit", sentence));
        }
        let place = match (after, before) {
            (Some(cursor), None) => Place::After(cursor),
            (None, Some(cursor)) => Place::Before(cursor),
            (None, None) => Place::First,
            (Some(_), Some(_)) => {
                problems.push(FieldProblem::new("before", say!("paging-one-place")));
                Place::First
            }
        };
        match limit {
            Some(limit) if problems.is_empty() => Ok(Self { place, limit }),
            _ => Err(problems),
        }
    }

    /// How many rows are asked of the database: one more tells whether the list goes on.
    pub(crate) fn rows(&self) -> i64 {
        i64::from(self.limit) + 1
    }
}

/// The parameters of an address that say which page is asked for.
#[derive(Clone, Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageWords {
    /// The `next` of the page before.
    #[serde(default)]
    pub after: String,
    /// The page that ends before this place.
    #[serde(default)]
    #[param(ignore)]
    pub before: String,
    /// Rows on the page, from 1 to 200.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    pub limit: String,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T, K> {
    /// In the order of the list.
    pub rows: Vec<T>,
    /// The place of its last row, when the list goes on.
    pub next: Option<Cursor<K>>,
    /// The place of its first row, when there are rows before it.
    pub previous: Option<Cursor<K>>,
}

impl<T, K: Key> Page<T, K> {
    /// The page of what the database answered to `request`: up to [`PageRequest::rows`] rows, from its place on, so
    /// backwards for [`Place::Before`].
    pub(crate) fn of(
        mut rows: Vec<T>,
        request: &PageRequest<K>,
        cursor: impl Fn(&T) -> Cursor<K>,
    ) -> Self {
        let goes_on = rows.len() > usize::from(request.limit);
        rows.truncate(request.limit.into());
        let (before, after) = match request.place {
            Place::First => (false, goes_on),
            Place::After(_) => (true, goes_on),
            Place::Before(_) => {
                rows.reverse();
                (goes_on, true)
            }
        };
        let at = |wanted: bool, row: Option<&T>| row.filter(|_| wanted).map(&cursor);
        Self {
            next: at(after, rows.last()),
            previous: at(before, rows.first()),
            rows,
        }
    }

    /// The same page with other rows.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U, K> {
        Page {
            rows: self.rows.into_iter().map(change).collect(),
            next: self.next,
            previous: self.previous,
        }
    }
}

/// `words` as a pattern of `LIKE` that finds them anywhere, whatever signs they have in them.
#[must_use]
pub fn anywhere(words: &str) -> String {
    let mut pattern = String::with_capacity(words.len() + 2);
    pattern.push('%');
    for letter in words.chars().filter(|letter| *letter != '\0') {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(key: &str) -> Cursor<String> {
        Cursor {
            key: key.into(),
            id: Uuid::from_u128(7),
        }
    }

    fn words(after: &str, before: &str, limit: &str) -> PageWords {
        PageWords {
            after: after.into(),
            before: before.into(),
            limit: limit.into(),
        }
    }

    #[test]
    fn a_cursor_comes_back_as_it_was() {
        for key in ["", "jana", "Jörg 🦀", "a/b+c?&="] {
            let cursor = at(key);
            let text = cursor.text();
            assert!(
                text.bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)),
                "{text} stands in an address as it is"
            );
            assert_eq!(Cursor::read(&text), Some(cursor));
        }
    }

    #[test]
    fn what_is_no_page_is_named() {
        let good = at("b").text();
        let nul = at("a\0").text();
        let table: &[(&str, &str, &str, &[&str])] = &[
            ("", "", "", &[]),
            (&good, "", "1", &[]),
            ("", &good, "200", &[]),
            ("x", "", "0", &["after", "limit"]),
            ("", "!", "201", &["before", "limit"]),
            (&good[..20], "", "-1", &["after", "limit"]),
            (&nul, "", "ten", &["after", "limit"]),
            (&good, &good, "", &["before"]),
        ];
        for (after, before, limit, wrong) in table {
            let read = PageRequest::<String>::read(&words(after, before, limit), 50);
            let fields: Vec<_> = read.err().unwrap_or_default();
            let fields: Vec<_> = fields.iter().map(|problem| &problem.field).collect();
            assert_eq!(fields, *wrong, "{after} {before} {limit}");
        }
    }

    #[test]
    fn a_page_knows_whether_there_is_more_on_either_side() {
        let request = |place| PageRequest { place, limit: 2 };
        let rows = |from: &[&str]| from.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        let page = |answered: &[&str], place| {
            let page = Page::of(rows(answered), &request(place), |row| at(row));
            let key = |cursor: Option<Cursor<String>>| cursor.map_or(String::new(), |c| c.key);
            (page.rows.concat(), key(page.previous), key(page.next))
        };
        let shown = |rows: &str, previous: &str, next: &str| {
            (rows.to_owned(), previous.to_owned(), next.to_owned())
        };
        assert_eq!(page(&[], Place::First), shown("", "", ""));
        assert_eq!(page(&["a", "b"], Place::First), shown("ab", "", ""));
        assert_eq!(page(&["a", "b", "c"], Place::First), shown("ab", "", "b"));
        assert_eq!(page(&["c"], Place::After(at("b"))), shown("c", "c", ""));
        // Asked backwards from d: c, b, a.
        let before = Place::Before(at("d"));
        assert_eq!(
            page(&["c", "b", "a"], before.clone()),
            shown("bc", "b", "c")
        );
        assert_eq!(page(&["c", "b"], before), shown("bc", "", "c"));
    }

    #[test]
    fn signs_of_a_search_mean_themselves() {
        for (words, pattern) in [
            ("jana", "%jana%"),
            ("100%", "%100\\%%"),
            ("a_b\\c\0", "%a\\_b\\\\c%"),
        ] {
            assert_eq!(anywhere(words), pattern);
        }
    }
}
