//! Who sent a request, or why that is nobody.

use std::sync::Arc;

use time::OffsetDateTime;
use tokio::sync::OnceCell;

use super::presented::Presented;
use crate::{
    error::{AppError, Unauthenticated},
    ids::UserId,
    people::{People, User},
    web::caps::TooMany,
};

/// The groups of a caller, once they were asked for: remembered as long as the caller is.
pub(super) type Groups = Arc<OnceCell<Vec<(String, String)>>>;

/// Who is calling, and how they showed it.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The person.
    pub user: Arc<User>,
    /// The guest their browser was until they signed in, who may be gone by now.
    pub was_guest: Option<UserId>,
    /// How they showed it.
    pub presented: Presented,
    /// SHA-256 of the session id or token: names the sign-in without being able to use it.
    pub session: [u8; 32],
    /// When the session ends if it is not used before; for a token, when it ends.
    pub expires_at: OffsetDateTime,
    pub(super) groups: Groups,
}

impl Caller {
    /// The person's groups as programs see them, by [`People::groups_of`]; asked once while the caller is remembered.
    pub async fn groups(&self, people: &People) -> Result<&[(String, String)], sqlx::Error> {
        let ask = || people.groups_of(self.user.id);
        Ok(self.groups.get_or_try_init(ask).await?)
    }
}

/// Why a request has no caller.
#[derive(Debug, thiserror::Error)]
pub enum NoCaller {
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    Unauthenticated(Unauthenticated),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// Somebody is, with too many requests under way.
    #[error(transparent)]
    TooMany(#[from] TooMany),
}

impl From<NoCaller> for AppError {
    fn from(error: NoCaller) -> Self {
        match error {
            NoCaller::Unauthenticated(why) => Self::SignInRequired(why),
            NoCaller::Database(error) => error.into(),
            NoCaller::TooMany(why) => why.into(),
        }
    }
}
