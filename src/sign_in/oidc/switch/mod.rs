//! A sign-in that comes back where somebody else is signed in: whoever sits there says who they want to be.
//!
//! The answer in the browser may be one that somebody else began, and that a page of a desktop planted there. So nothing of
//! the other account reaches the browser before its person has chosen it on a page of ours.

mod store;

use axum::http::request::Parts;

use self::store::NewSwitch;
use super::{OidcSignIn, accounts::NotAdmitted, flow::random, problem::Problem};
use crate::{
    db::{Connection, Db},
    ids::UserId,
    people::User,
    providers::Provider,
    sessions::{NewSession, Origin, sha256},
};

/// What the page asks.
#[derive(Debug)]
pub(super) struct Question {
    /// Comes back with the answer.
    pub secret: String,
    /// Who is signed in.
    pub here: User,
    /// Who would be.
    pub there: User,
    /// The name of the provider that says so.
    pub provider: String,
}

/// A finished sign-in that is to wait.
#[derive(Debug)]
pub(super) struct Waiting<'w> {
    /// Who is signed in.
    pub here: &'w User,
    /// Who would be.
    pub there: User,
    pub provider: &'w Provider,
    pub origin: Origin,
    /// The secret of the browser, from its cookie.
    pub browser: &'w str,
    /// A page of ours.
    pub next: &'w str,
}

/// What somebody answered.
#[derive(Debug)]
pub(super) struct Answered<'a> {
    pub secret: &'a str,
    /// Whether they want to be the other one.
    pub switch: bool,
    /// Who is signed in.
    pub here: UserId,
    /// The secret of the browser, from its cookie.
    pub browser: &'a str,
}

impl OidcSignIn {
    /// Lets a sign-in wait for an answer.
    pub(super) async fn wait(&self, waiting: Waiting<'_>) -> Result<Question, Problem> {
        let secret = random();
        let new = NewSwitch {
            secret_hash: &sha256(&secret),
            browser_hash: &sha256(waiting.browser),
            here: waiting.here.id,
            there: waiting.there.id,
            origin: &waiting.origin,
            next: waiting.next,
        };
        store::insert(&mut self.inner.db.acquire().await?, &new).await?;
        Ok(Question {
            secret,
            here: waiting.here.clone(),
            there: waiting.there,
            provider: waiting.provider.name.clone(),
        })
    }

    /// Takes the sign-in that waited for this answer; it counts once. The new session and where to go with it, `None` for
    /// whoever stays.
    pub(super) async fn answered(
        &self,
        answered: Answered<'_>,
        head: &Parts,
    ) -> Result<Option<(NewSession, String)>, Problem> {
        let taken = take(&self.inner.db, &answered).await?;
        let switch = taken.ok_or(Problem::Stale("no sign-in waits for this answer"))?;
        if !answered.switch {
            return Ok(None);
        }
        let people = self.inner.sign_in.people();
        // Switched off while the question stood there.
        let there = people.user(switch.there).await?;
        let there = there
            .filter(|there| there.disabled_at.is_none())
            .ok_or(NotAdmitted::Disabled)?;
        let sessions = self.inner.sign_in.sessions();
        let session = sessions.begin(&there, Some(switch.origin), head).await?;
        Ok(Some((session, switch.next)))
    }
}

async fn take(db: &Db, answered: &Answered<'_>) -> Result<Option<store::Switch>, sqlx::Error> {
    let (secret, browser) = (sha256(answered.secret), sha256(answered.browser));
    store::take(&mut db.acquire().await?, &secret, &browser, answered.here).await
}

/// Forgets sign-ins that waited too long.
pub(super) async fn sweep(db: &mut Connection) -> Result<(), sqlx::Error> {
    store::delete_old(db).await
}
