//! Where a person is signed in.

use time::OffsetDateTime;

use super::{program::Program, store::SignInRow};
use crate::ids::SignInId;

/// A browser or script that is signed in, as its owner sees it.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// Names it, for ending it.
    pub id: SignInId,
    /// It is the one that asks.
    pub here: bool,
    /// The provider it came from; none for a password.
    pub provider: Option<String>,
    /// The address it came from.
    pub client_ip: Option<String>,
    /// Browser and system.
    pub program: Program,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// When it was last used, to the minute.
    pub last_used_at: OffsetDateTime,
    /// When it ends if it is not used before.
    pub expires_at: OffsetDateTime,
}

impl From<SignInRow> for SignIn {
    fn from(row: SignInRow) -> Self {
        Self {
            id: row.id,
            here: row.here,
            provider: row.provider,
            client_ip: row.client_ip,
            program: Program::of(row.user_agent.as_deref().unwrap_or_default()),
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
        }
    }
}
