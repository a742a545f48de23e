//! Casts: links that start a desktop (contract casting). [`Casting`] is the handle.
//!
//! A [`Cast`] is a row that an administrator wrote; its fields say who may use the link, how often, what is opened and
//! what may pass between the desktop and the visitor. What a request may ask for is said by `rules`, why it is
//! refused by [`Refusal`]. Every request leaves a line in the log (`log`).

mod asked_link;
pub mod captcha;
pub mod cast;
pub mod draft;
pub mod keep;
pub mod key;
pub mod launch;
pub mod links;
pub mod list;
pub mod log;
pub mod pages;
pub mod refusal;
pub mod rules;
mod store;
pub mod try_it;
mod view;

pub use self::{
    cast::{AddressLimit, Cast, CastFields, CastState},
    refusal::{Refusal, Refused},
};
use time::OffsetDateTime;

use self::try_it::{Tried, Visit};
use crate::{
    catalog::Catalog,
    db::{self, Connection, Db},
    error::{AppError, FieldProblem},
    ids::{CastId, UserId},
    language::Sentence,
    say,
    settings::ServerSettings,
    web::visitor::ClientIp,
};

/// The handle on casts: cheap to clone.
#[derive(Clone, Debug)]
pub struct Casting {
    db: Db,
    settings: ServerSettings,
}

impl Casting {
    /// A handle on the casts in `db`.
    #[must_use]
    pub fn new(db: Db, settings: ServerSettings) -> Self {
        Self { db, settings }
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

    /// Whether visitors can be asked to prove that they are people, as the server settings are.
    #[must_use]
    pub fn has_captcha(&self) -> bool {
        captcha::is_set_up(&self.settings.now())
    }

    /// `fields` as they are to be written, and everything that is wrong with them; `now` is the cast they are for.
    /// Two statements.
    pub async fn check(
        &self,
        fields: CastFields,
        now: Option<CastId>,
    ) -> Result<(CastFields, Vec<FieldProblem>), sqlx::Error> {
        let mut db = self.db.acquire().await?;
        let kind = Catalog::find_by_slug_with(&mut db, &plain(&fields.desktop_type)).await?;
        let (name, key) = (plain(&fields.name), plain(&fields.key));
        let taken = store::taken(&mut db, &name, &key, fields.anonymous_group, now).await?;
        drop(db);
        let known = draft::Known {
            kind: kind.as_ref(),
            captcha: self.has_captcha(),
            taken,
        };
        Ok(draft::checked(fields, known))
    }

    /// What the cast would say to a visitor, rule by rule. Nothing is used up and nothing is written down.
    pub async fn try_out(&self, id: CastId, visit: &Visit) -> Result<Tried, CastError> {
        let mut db = self.db.acquire().await?;
        let cast = store::by_id(&mut db, id).await?.ok_or(CastError::Unknown)?;
        let kind = Catalog::find_by_slug_with(&mut db, &cast.fields.desktop_type).await?;
        let kind = kind.ok_or(CastError::UnknownType)?;
        let (served, now) = match cast.fields.address_limit() {
            Some(limit) => {
                let household = ClientIp(visit.address).household();
                log::store::served(&mut db, id, household, limit.within).await?
            }
            None => (Vec::new(), OffsetDateTime::UNIX_EPOCH),
        };
        Ok(try_it::steps(&cast, &kind, visit, &served, now))
    }

    /// Makes another cast like this one, with a name and a key of its own and switched off until somebody looked.
    pub async fn copy(&self, id: CastId, by: UserId) -> Result<Cast, CastError> {
        let cast = self.find(id).await?.ok_or(CastError::Unknown)?;
        // Room for what is appended.
        let name: String = cast.fields.name.chars().take(190).collect();
        let free = store::free_name(&mut self.db.acquire().await?, &name).await?;
        let fields = CastFields {
            name: free.ok_or(CastError::NameTaken)?,
            key: key::random(),
            enabled: false,
            ..cast.fields
        };
        self.create(&fields, by).await
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

/// As the database compares it; it takes no text with a zero in it.
fn plain(text: &str) -> String {
    text.trim().replace('\0', "")
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
    /// The cast has no such one-time link.
    #[error("{}", self.sentence())]
    UnknownLink,
    /// The link has served, so it cannot be withdrawn.
    #[error("{}", self.sentence())]
    LinkUsed,
    /// The cast would have more than [`links::MOST`].
    #[error("{}", self.sentence())]
    TooManyLinks,
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
            Self::UnknownLink => say!("cast-link-not-found"),
            Self::LinkUsed => say!("cast-link-has-served"),
            Self::TooManyLinks => say!("cast-links-full", most = links::MOST),
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
            Self::Unknown
            | Self::UnknownLink
            | Self::LinkUsed
            | Self::TooManyLinks
            | Self::Database(_) => None,
        }
    }
}

impl From<CastError> for AppError {
    /// What is wrong with a field is told at the field, also when somebody else was quicker.
    fn from(error: CastError) -> Self {
        match (error.field(), error) {
            (Some(field), error) => Self::Invalid(vec![FieldProblem::new(field, error.sentence())]),
            (None, CastError::Database(error)) => error.into(),
            (None, error @ CastError::LinkUsed) => Self::Conflict {
                code: "used",
                sentence: error.sentence(),
            },
            (None, error @ CastError::TooManyLinks) => Self::Conflict {
                code: "too_many_links",
                sentence: error.sentence(),
            },
            (None, error) => Self::NotFound(error.sentence()),
        }
    }
}
