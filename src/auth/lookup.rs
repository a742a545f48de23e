//! Telling who a request comes from.
//!
//! A caller presents a session id or an API token (see [`super::presented`]). Answers are remembered for [`CACHE`],
//! so that steady use of a desktop costs no SQL; signing out forgets at once here, and on other replicas as soon as
//! they hear of it. While the database is away, pages and desktops go by the last answer for at most [`GRANT`]
//! (fault F9); everything else hears so within [`LOOKUP`].

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::http::request::Parts;
use moka::future::Cache;
use time::OffsetDateTime;
use tokio::time::Instant;

use super::{
    login::{Caller, Login, NoCaller},
    presented::{self, Accepts, Credential},
    store::{self, Found},
    tokens::store as token_store,
    user::User,
};
use crate::{db, error::Unauthenticated, web::log::RequestNotes};

/// How long an answer is remembered.
pub const CACHE: Duration = Duration::from_secs(3);

/// How long the last answer still opens a desktop while the database is away.
pub const GRANT: Duration = Duration::from_mins(15);

/// How long the database may take to say who is calling.
pub const LOOKUP: Duration = Duration::from_secs(2);

/// Most answers that are remembered.
const MOST: u64 = 20_000;

/// What the database said.
pub(super) struct Answers {
    /// In the last [`CACHE`].
    recent: Cache<[u8; 32], Known>,
    /// The last time, for when it is away.
    granted: Cache<[u8; 32], Known>,
    /// When it was last found to be away.
    away: Mutex<Option<Instant>>,
}

/// Whose session or token it is.
#[derive(Clone)]
struct Known {
    user: Arc<User>,
    expires_at: OffsetDateTime,
}

impl Answers {
    pub(super) fn new() -> Self {
        let remember = |time| {
            Cache::builder()
                .max_capacity(MOST)
                .time_to_live(time)
                .build()
        };
        Self {
            recent: remember(CACHE),
            granted: remember(GRANT),
            away: Mutex::default(),
        }
    }

    fn away(&self) -> MutexGuard<'_, Option<Instant>> {
        self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A page of a desktop asks for dozens of files: only one of them waits for a database that is away.
    fn was_just_away(&self) -> bool {
        self.away().is_some_and(|at| at.elapsed() < CACHE)
    }

    pub(super) async fn forget(&self, hash: &[u8; 32]) {
        self.recent.invalidate(hash).await;
        self.granted.invalidate(hash).await;
    }

    /// The database is asked again about everybody.
    pub(super) fn forget_recent(&self) {
        self.recent.invalidate_all();
    }
}

impl Login {
    /// Who sent the request with this head.
    pub async fn caller(&self, head: &Parts, accepts: Accepts) -> Result<Caller, NoCaller> {
        let shown =
            presented::shown(head, accepts, &self.inner.http).map_err(NoCaller::Unauthenticated)?;
        let credential = shown.credential().map_err(NoCaller::Unauthenticated)?;
        let session = credential.hash();
        let known = self.known(credential, accepts).await?;
        // Ended while we looked: what we remember of it must not outlive that.
        if self.inner.ended.is_gone(&session) {
            self.inner.answers.forget(&session).await;
            return Err(NoCaller::Unauthenticated(Unauthenticated::Unknown));
        }
        if let Some(notes) = head.extensions.get::<RequestNotes>() {
            notes.caller(known.user.id);
        }
        Ok(Caller {
            user: known.user,
            presented: shown.how,
            session,
            expires_at: known.expires_at,
        })
    }

    async fn known(&self, credential: Credential, accepts: Accepts) -> Result<Known, NoCaller> {
        let hash = credential.hash();
        if let Some(known) = self.inner.answers.recent.get(&hash).await {
            return Ok(known);
        }
        if accepts == Accepts::CookieOnly
            && self.inner.answers.was_just_away()
            && let Some(known) = self.granted(&hash).await
        {
            return Ok(known);
        }
        match self.look_up(credential).await {
            Ok(Found::Live {
                user, expires_at, ..
            }) => {
                let known = Known {
                    user: user.into(),
                    expires_at,
                };
                self.inner.answers.recent.insert(hash, known.clone()).await;
                self.inner.answers.granted.insert(hash, known.clone()).await;
                Ok(known)
            }
            Ok(Found::Expired) => Err(self.lapsed(&hash, Unauthenticated::Expired).await),
            Ok(Found::Unknown) => Err(self.lapsed(&hash, Unauthenticated::Unknown).await),
            Err(error) if db::is_away(&error) => {
                *self.inner.answers.away() = Some(Instant::now());
                match self.granted(&hash).await {
                    Some(known) if accepts == Accepts::CookieOnly => Ok(known),
                    _ => Err(error.into()),
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn look_up(&self, credential: Credential) -> Result<Found, sqlx::Error> {
        let work = async {
            let mut db = self.inner.db.acquire().await?;
            let hash = credential.hash();
            let found = match credential {
                Credential::Session(_) => store::find_session(&mut db, &hash).await?,
                Credential::Token(_) => token_store::find_token(&mut db, &hash).await?,
            };
            if matches!(found, Found::Live { due: true, .. }) {
                let marked = match credential {
                    Credential::Session(_) => store::slide_session(&mut db, &hash).await,
                    Credential::Token(_) => token_store::touch_token(&mut db, &hash).await,
                };
                // The answer is good without it; the next request tries again.
                if let Err(error) = marked {
                    tracing::debug!(%error, "the use of a session could not be written down");
                }
            }
            Ok(found)
        };
        tokio::time::timeout(LOOKUP, work)
            .await
            .unwrap_or(Err(sqlx::Error::PoolTimedOut))
    }

    async fn granted(&self, hash: &[u8; 32]) -> Option<Known> {
        let known = self.inner.answers.granted.get(hash).await?;
        (known.expires_at > self.inner.clock.now()).then_some(known)
    }

    async fn lapsed(&self, hash: &[u8; 32], why: Unauthenticated) -> NoCaller {
        self.inner.ended.lapse(hash);
        self.inner.answers.forget(hash).await;
        NoCaller::Unauthenticated(why)
    }

    /// Ends a session on this replica: what it opened is closed, and it opens nothing any more.
    pub(super) async fn end_here(&self, hash: &[u8; 32]) {
        self.inner.ended.end(hash);
        self.inner.answers.forget(hash).await;
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use secrecy::ExposeSecret;
    use sqlx::{
        PgPool,
        postgres::{PgConnectOptions, PgPoolOptions},
    };

    use super::*;
    use crate::{clock::Clock, config::Config, config::FirstAdmin, ids::UserId};

    /// A replica whose only connection can be taken away.
    struct Place {
        db: PgPool,
        clock: Clock,
        login: Login,
        head: Parts,
    }

    impl Place {
        async fn new(options: PgPoolOptions, connect: PgConnectOptions) -> Self {
            let db = options
                .min_connections(0)
                .max_connections(1)
                .connect_with(connect)
                .await
                .unwrap();
            let database = ("DATABASE_URL", "postgres://the.pool.of.the/test");
            let env = [database].map(|(name, value)| (name.to_owned(), value.to_owned()));
            let config = Config::from_env(env.into_iter().collect()).0.unwrap();
            let clock = Clock::by_hand(Clock::system().now());
            let login = Login::new(db.clone(), clock.clone(), &config);
            let first = FirstAdmin {
                username: "root".into(),
                password: Some("correct horse".into()),
            };
            login.ensure_first_admin(&first).await.unwrap().unwrap();
            let root = login
                .check_password("root", &"correct horse".into(), [127, 0, 0, 1].into())
                .await
                .unwrap();
            let head = request("");
            let session = login.sign_in(&root, &head).await.unwrap();
            let head = request(&format!("deskcast={}", session.id.expose_secret()));
            Self {
                db,
                clock,
                login,
                head,
            }
        }

        async fn asks(&self, accepts: Accepts) -> Result<Caller, NoCaller> {
            self.login.inner.answers.forget_recent();
            self.login.caller(&self.head, accepts).await
        }
    }

    fn request(cookie: &str) -> Parts {
        Request::get("/desktop/root-debian/")
            .header("cookie", cookie)
            .body(())
            .unwrap()
            .into_parts()
            .0
    }

    fn is_away(answer: &Result<Caller, NoCaller>) -> bool {
        matches!(answer, Err(NoCaller::Database(error)) if db::is_away(error))
    }

    #[sqlx::test]
    async fn a_desktop_goes_by_the_last_answer_while_the_database_is_away(
        options: PgPoolOptions,
        connect: PgConnectOptions,
    ) {
        let place = Place::new(options, connect).await;
        let before = place.asks(Accepts::CookieOnly).await.unwrap();

        let taken = place.db.acquire().await.unwrap();
        let start = Instant::now();
        let during = place.asks(Accepts::CookieOnly).await.unwrap();
        assert_eq!(during.session, before.session);
        assert!(start.elapsed() < LOOKUP + Duration::from_millis(500));
        let start = Instant::now();
        for _ in 0..50 {
            place.asks(Accepts::CookieOnly).await.unwrap();
        }
        assert!(
            start.elapsed() < LOOKUP,
            "only the first file of a page waits"
        );

        let start = Instant::now();
        assert!(is_away(&place.asks(Accepts::All).await));
        assert!(start.elapsed() < LOOKUP + Duration::from_millis(500));

        drop(taken);
        place.asks(Accepts::All).await.unwrap();
    }

    #[sqlx::test]
    async fn nobody_is_let_in_whom_the_database_did_not_know_a_moment_ago(
        options: PgPoolOptions,
        connect: PgConnectOptions,
    ) {
        let place = Place::new(options, connect).await;
        let caller = place.asks(Accepts::CookieOnly).await.unwrap();
        let stranger = request("deskcast=AAAAAAAAAAAAAAAAAAAAAA");

        let taken = place.db.acquire().await.unwrap();
        let answer = place.login.caller(&stranger, Accepts::CookieOnly).await;
        assert!(is_away(&answer), "{answer:?}");
        place.clock.advance(time::Duration::hours(13));
        let late = place.asks(Accepts::CookieOnly).await;
        assert!(is_away(&late), "a session that has run out opens nothing");
        place.clock.advance(time::Duration::hours(-13));
        place.asks(Accepts::CookieOnly).await.unwrap();
        drop(taken);

        place.login.sign_out(&caller).await.unwrap();
        let _taken = place.db.acquire().await.unwrap();
        assert!(
            place.asks(Accepts::CookieOnly).await.is_err(),
            "signing out forgets the last answer too"
        );
    }

    #[sqlx::test]
    async fn an_answer_found_while_the_session_ended_is_not_kept(
        options: PgPoolOptions,
        connect: PgConnectOptions,
    ) {
        let place = Place::new(options, connect).await;
        let caller = place.asks(Accepts::All).await.unwrap();
        place.login.sign_out(&caller).await.unwrap();
        // As a look-up does that had read the row before it was deleted.
        let known = Known {
            user: caller.user,
            expires_at: caller.expires_at,
        };
        let recent = &place.login.inner.answers.recent;
        recent.insert(caller.session, known).await;
        for _ in 0..2 {
            let answer = place.login.caller(&place.head, Accepts::All).await;
            assert!(matches!(
                answer,
                Err(NoCaller::Unauthenticated(Unauthenticated::Unknown))
            ));
        }
        assert!(recent.get(&caller.session).await.is_none());
        assert!(place.login.user(UserId::new()).await.unwrap().is_none());
    }
}
