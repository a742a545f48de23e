//! What is remembered of callers, with a database that can be taken away.

use std::time::Duration;

use axum::http::{Request, request::Parts};
use secrecy::ExposeSecret;
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::time::Instant;

use super::*;
use crate::{
    config::{Config, FirstAdmin},
    db::{self, Db},
    ids::UserId,
    people::People,
};

/// A replica whose only connection can be taken away.
struct Place {
    db: PgPool,
    clock: Clock,
    people: People,
    sessions: Sessions,
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
        let (people, sessions) = (
            People::new(Db::new(db.clone())),
            Sessions::new(Db::new(db.clone()), clock.clone(), config.http),
        );
        let first = FirstAdmin {
            username: "root".into(),
            password: Some("correct horse".into()),
        };
        people.ensure_first_admin(&first).await.unwrap().unwrap();
        let (root, _) = people.local_account("root").await.unwrap().unwrap();
        let session = sessions.begin(&root, None, &request("")).await.unwrap();
        let head = request(&format!("deskcast={}", session.id.expose_secret()));
        Self {
            db,
            clock,
            people,
            sessions,
            head,
        }
    }

    async fn asks(&self, accepts: Accepts) -> Result<Caller, NoCaller> {
        self.sessions.inner.cache.forget_recent();
        self.sessions.caller(&self.head, accepts).await
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
    let answer = place.sessions.caller(&stranger, Accepts::CookieOnly).await;
    assert!(is_away(&answer), "{answer:?}");
    place.clock.advance(time::Duration::hours(13));
    let late = place.asks(Accepts::CookieOnly).await;
    assert!(is_away(&late), "a session that has run out opens nothing");
    place.clock.advance(time::Duration::hours(-13));
    place.asks(Accepts::CookieOnly).await.unwrap();
    drop(taken);

    place.sessions.sign_out(&caller).await.unwrap();
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
    place.sessions.sign_out(&caller).await.unwrap();
    // As a look-up does that had read the row before it was deleted.
    let known = Known {
        user: caller.user,
        was_guest: None,
        expires_at: caller.expires_at,
        groups: caller.groups,
    };
    let cache = &place.sessions.inner.cache;
    cache.remember(caller.session, known).await;
    for _ in 0..2 {
        let answer = place.sessions.caller(&place.head, Accepts::All).await;
        assert!(matches!(
            answer,
            Err(NoCaller::Unauthenticated(Unauthenticated::Unknown))
        ));
    }
    assert!(cache.recent(&caller.session).await.is_none());
    assert!(place.people.user(UserId::new()).await.unwrap().is_none());
}
