//! How sessions and tokens end: one, some, or all of a person's; on every replica, and with what they opened.

use super::{Caller, EndedHashes, Sessions, store, tokens};
use crate::{
    db::Connection,
    ids::{OidcProviderId, SignInId, UserId},
};

impl Sessions {
    /// Ends the caller's session on every replica and closes what it opened. An API token is not a session: it stays.
    pub async fn sign_out(&self, caller: &Caller) -> Result<(), sqlx::Error> {
        self.end(&caller.session).await?;
        tracing::info!(user.id = %caller.user.id, "signed out");
        Ok(())
    }

    /// Ends the session with this hash on every replica and closes what it opened.
    pub async fn end(&self, hash: &[u8; 32]) -> Result<(), sqlx::Error> {
        store::end_session(&mut self.inner.db.acquire().await?, hash).await?;
        self.watch().end_here(hash).await;
        Ok(())
    }

    /// Ends every session and every token of `user` on every replica.
    pub async fn sign_out_everywhere(&self, user: UserId) -> Result<(), sqlx::Error> {
        let mut tx = self.inner.db.begin().await?;
        let mut ended = self.end_all(&mut tx, user).await?;
        ended.extend([self.end_tokens(&mut tx, user).await?]);
        tx.commit().await?;
        self.were_ended(&ended).await;
        self.people_changed();
        Ok(())
    }

    /// Ends every session of `user` on every replica, and makes every replica look at their tokens again: after a role
    /// changed. What a token may do follows the role by itself.
    pub async fn end_sessions(&self, user: UserId) -> Result<(), sqlx::Error> {
        let ended = self
            .end_all(&mut self.inner.db.acquire().await?, user)
            .await?;
        self.were_ended(&ended).await;
        self.people_changed();
        Ok(())
    }

    /// [`Self::end_sessions`] in the transaction of the caller, who then says [`Self::were_ended`].
    pub async fn end_all(
        &self,
        tx: &mut Connection,
        user: UserId,
    ) -> Result<EndedHashes, sqlx::Error> {
        Ok(store::end_sessions_of(tx, user).await?.into())
    }

    /// Ends every token of `user`, in the transaction of the caller, who then says [`Self::were_ended`]: whoever knew
    /// an old password may have made one.
    pub async fn end_tokens(
        &self,
        tx: &mut Connection,
        user: UserId,
    ) -> Result<EndedHashes, sqlx::Error> {
        Ok(tokens::store::delete_tokens_of(tx, user).await?.into())
    }

    /// Ends all sessions of `caller` but the one that asks, in the transaction of whoever calls this.
    pub async fn end_others(
        &self,
        tx: &mut Connection,
        caller: &Caller,
    ) -> Result<EndedHashes, sqlx::Error> {
        Ok(store::end_others(tx, caller.user.id, &caller.session)
            .await?
            .into())
    }

    /// Ends all sessions that began with this provider and all tokens of those who came with it, in the transaction of
    /// the caller.
    pub async fn end_of_provider(
        &self,
        tx: &mut Connection,
        provider: OidcProviderId,
    ) -> Result<EndedHashes, sqlx::Error> {
        Ok(store::end_sessions_of_provider(tx, provider).await?.into())
    }

    /// These sessions were ended in the database: what they opened here is closed.
    pub async fn were_ended(&self, ended: &EndedHashes) {
        let hashes = ended
            .0
            .iter()
            .filter_map(|hash| hash.as_slice().try_into().ok());
        for hash in hashes {
            self.watch().end_here(hash).await;
        }
    }

    /// Ends one sign-in of the caller on every replica and closes what it opened; whether there was one.
    pub async fn end_sign_in(&self, caller: &Caller, id: SignInId) -> Result<bool, sqlx::Error> {
        let ended = {
            let mut db = self.inner.db.acquire().await?;
            store::end_sign_in(&mut db, caller.user.id, id).await?
        };
        let found = ended.is_some();
        self.were_ended(&EndedHashes(ended.into_iter().collect()))
            .await;
        Ok(found)
    }

    /// Ends every sign-in of the caller but the one that asks; answers how many.
    pub async fn sign_out_elsewhere(&self, caller: &Caller) -> Result<usize, sqlx::Error> {
        let ended = self
            .end_others(&mut self.inner.db.acquire().await?, caller)
            .await?;
        self.were_ended(&ended).await;
        Ok(ended.count())
    }
}
