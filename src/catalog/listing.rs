//! The catalogue page by page, for administrators.

use super::{Catalog, DesktopType, store};
use crate::paging::{Cursor, Key, Page, PageRequest, Place};

/// What lists of types are ordered by: their place on the dashboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypePlace {
    pub(super) position: i32,
    pub(super) title: String,
}

impl Key for TypePlace {
    fn text(&self) -> String {
        format!("{} {}", self.position, self.title)
    }

    fn read(text: &str) -> Option<Self> {
        let (position, title) = text.split_once(' ')?;
        Some(Self {
            position: position.parse().ok()?,
            title: String::read(title)?,
        })
    }
}

impl Catalog {
    /// One page of the types that have `search` in slug or title, also those switched off unless `enabled` says which,
    /// in the order of the dashboard.
    pub async fn list(
        &self,
        search: &str,
        enabled: Option<bool>,
        request: &PageRequest<TypePlace>,
    ) -> Result<Page<DesktopType, TypePlace>, sqlx::Error> {
        let mut db = self.db.acquire().await?;
        let mut rows = store::list(&mut db, search, enabled, request).await?;
        if matches!(request.place, Place::Before(_)) {
            rows.reverse();
        }
        Ok(Page::of(rows, request, |kind| Cursor {
            key: TypePlace {
                position: kind.position,
                title: kind.title.clone(),
            },
            id: kind.id.0,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_type_comes_back_as_it_was() {
        for (position, title) in [(100, "Debian desktop"), (-1, ""), (0, " ä ")] {
            let place = TypePlace {
                position,
                title: title.into(),
            };
            assert_eq!(TypePlace::read(&place.text()), Some(place));
        }
        for text in ["", "1", "x a", "1 a\0"] {
            assert_eq!(TypePlace::read(text), None, "{text}");
        }
    }
}
