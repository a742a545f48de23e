//! Casts: links that start a desktop (contract casting). [`Casting`] is the handle.
//!
//! A [`Cast`] is a row that an administrator wrote; its fields say who may use the link, how often, what is opened and
//! what may pass between the desktop and the visitor. What a request may ask for is said by `rules`, why it is
//! refused by [`Refusal`]. Every request leaves a line in the log (`log`).

pub mod cast;
pub mod list;
pub mod log;
pub mod refusal;
pub mod rules;
mod store;

pub use self::{
    cast::{AddressLimit, Cast, CastFields, CastState},
    refusal::{Refusal, Refused},
};
use crate::{
    db::{self, Connection, Db},
    ids::{CastId, UserId},
    language::Sentence,
    say,
};

/// The handle on casts: cheap to clone.
#[derive(Clone, Debug)]
pub struct Casting {
    db: Db,
}

impl Casting {
    /// A handle on the casts in `db`.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    fn db(&self) -> &Db {
        &self.db
    }

    /// The cast with this key, also one that is switched off; by key, one statement.
    pub async fn by_key(&self, key: &str) -> Result<Option<Cast>, sqlx::Error> {
        db::reading!(self.db, |db| Self::by_key_with(db, key).await)
    }

    /// The same on a connection that is there already.
    pub async fn by_key_with(db: &mut Connection, key: &str) -> Result<Option<Cast>, sqlx::Error> {
        if !cast::is_key(key) {
            return Ok(None);
        }
        store::by_key(db, key).await
    }

    /// The cast with this id.
    pub async fn find(&self, id: CastId) -> Result<Option<Cast>, sqlx::Error> {
        db::reading!(self.db, |db| store::by_id(db, id).await)
    }

    /// Makes a cast of `fields`, which have been checked.
    pub async fn create(&self, fields: &CastFields, by: UserId) -> Result<Cast, CastError> {
        let id = CastId::new();
        let mut tx = self.db.begin().await?;
        let made = named(store::insert(&mut tx, id, fields, by).await)?;
        let cast = if made {
            store::by_id(&mut tx, id).await?
        } else {
            None
        };
        let cast = cast.ok_or(CastError::UnknownType)?;
        tx.commit().await?;
        Ok(cast)
    }

    /// Writes `fields`, which have been checked, over a cast. `seen` is how many sessions remained when the
    /// administrator looked: if they left that number alone, what was served meanwhile still counts.
    pub async fn replace(
        &self,
        id: CastId,
        fields: &CastFields,
        seen: Option<i32>,
        by: UserId,
    ) -> Result<Cast, CastError> {
        let mut tx = self.db.begin().await?;
        let written = named(store::replace(&mut tx, id, fields, seen, by).await)?;
        let cast = store::by_id(&mut tx, id).await?.ok_or(CastError::Unknown)?;
        if !written {
            return Err(CastError::UnknownType);
        }
        tx.commit().await?;
        Ok(cast)
    }

    /// Removes a cast: its link is unknown from now on, desktops it launched go on.
    pub async fn delete(&self, id: CastId) -> Result<(), CastError> {
        if store::delete(&mut self.db.acquire().await?, id).await? {
            Ok(())
        } else {
            Err(CastError::Unknown)
        }
    }
}

/// What the database refuses as a reason.
fn named<T>(done: Result<T, sqlx::Error>) -> Result<T, CastError> {
    done.map_err(|error| {
        let constraint = match &error {
            sqlx::Error::Database(refused) => refused.constraint(),
            _ => None,
        };
        match constraint {
            Some("casts_name_key") => CastError::NameTaken,
            Some("casts_key_key") => CastError::KeyTaken,
            Some("casts_anonymous_group_fkey") => CastError::UnknownGroup,
            _ => error.into(),
        }
    })
}

/// Why a cast was not written.
#[derive(Debug, thiserror::Error)]
pub enum CastError {
    /// Another cast has the name, perhaps in other letters.
    #[error("{}", self.sentence())]
    NameTaken,
    /// Another cast has the key.
    #[error("{}", self.sentence())]
    KeyTaken,
    /// There is no such cast.
    #[error("{}", self.sentence())]
    Unknown,
    /// There is no such desktop type.
    #[error("{}", self.sentence())]
    UnknownType,
    /// There is no such group.
    #[error("{}", self.sentence())]
    UnknownGroup,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl CastError {
    /// What to do, for people.
    #[must_use]
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::NameTaken => say!("cast-name-taken"),
            Self::KeyTaken => say!("cast-key-taken"),
            Self::Unknown => say!("cast-not-found"),
            Self::UnknownType => say!("cast-type-unknown"),
            Self::UnknownGroup => say!("cast-group-unknown"),
            Self::Database(_) => say!("error-internal"),
        }
    }

    /// The field of the form it is about, if any.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::NameTaken => Some("name"),
            Self::KeyTaken => Some("key"),
            Self::UnknownType => Some("desktop_type"),
            Self::UnknownGroup => Some("anonymous_group"),
            Self::Unknown | Self::Database(_) => None,
        }
    }
}
