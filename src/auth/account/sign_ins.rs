//! Where a person is signed in.

use time::OffsetDateTime;

use super::{
    super::login::{Caller, Login},
    program::Program,
    store::{self, SignInRow},
};
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

impl Login {
    /// Where the caller is signed in: here first, then the most recently used.
    pub async fn sign_ins(&self, caller: &Caller) -> Result<Vec<SignIn>, sqlx::Error> {
        let mut db = self.inner.db.acquire().await?;
        let rows = store::sign_ins_of(&mut db, caller.user.id, &caller.session).await?;
        Ok(rows.into_iter().map(SignIn::from).collect())
    }

    /// Ends one sign-in of the caller on every replica and closes what it opened; whether there was one.
    pub async fn end_sign_in(&self, caller: &Caller, id: SignInId) -> Result<bool, sqlx::Error> {
        let ended = {
            let mut db = self.inner.db.acquire().await?;
            store::end_sign_in(&mut db, caller.user.id, id).await?
        };
        self.end_all_here(ended.as_slice()).await;
        Ok(ended.is_some())
    }

    /// Ends every sign-in of the caller but the one that asks; answers how many.
    pub async fn sign_out_elsewhere(&self, caller: &Caller) -> Result<usize, sqlx::Error> {
        let ended = {
            let mut db = self.inner.db.acquire().await?;
            store::end_others(&mut db, caller.user.id, &caller.session).await?
        };
        self.end_all_here(&ended).await;
        Ok(ended.len())
    }

    pub(super) async fn end_all_here(&self, ended: &[Vec<u8>]) {
        for hash in ended
            .iter()
            .filter_map(|hash| hash.as_slice().try_into().ok())
        {
            self.end_here(hash).await;
        }
    }
}
