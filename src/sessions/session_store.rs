//! Browsers' sessions in our database, as tower-sessions wants them: the one path by which they are read and written.
//!
//! The row is named by the SHA-256 of the id, so whoever reads the table cannot sign in with it. The database's
//! clock alone decides how long a session lives ([`IDLE`], [`ABSOLUTE`]): a jump of ours ends nobody's session.
//!
//! A record says more than its data: [`Begin`] is what a new one is made of, [`Live`] what a loaded one tells.

use std::collections::HashMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use time::{Duration, OffsetDateTime};
use tower_sessions::{
    ExpiredDeletion, SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

use super::{device::Device, presented::hash_of, store};
use crate::{
    db::{self, Db},
    ids::{OidcProviderId, UserId},
    language::Language,
    people::User,
    web::page::Theme,
};

/// A session that is not used for this long ends.
pub(super) const IDLE: Duration = Duration::hours(12);

/// No session lives longer than this, however much it is used.
pub(super) const ABSOLUTE: Duration = Duration::days(7);

/// So many sessions of one person live at once; a class may share one account. One more ends the one that began first.
pub const MOST_SESSIONS: i64 = 100;

/// How long the row of a session that ran out is kept, so that its owner hears "expired" and not "invalid".
pub(super) const REMEMBERED: Duration = Duration::days(7);

/// Use moves the end of a session at most this often.
pub(super) const SLIDE: Duration = Duration::minutes(1);

/// Keys of a record that are not kept as its data.
const BEGIN: &str = "begin";
const LIVE: &str = "live";
const LOOK: &str = "look";
const ENDED: &str = "ended";

/// What a session keeps of the provider it began at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Origin {
    /// Which provider.
    pub provider: OidcProviderId,
    /// The `iss` of the ID token.
    pub issuer: String,
    /// Its `sub`.
    pub subject: String,
    /// Its `sid`, if it has one.
    pub sid: Option<String>,
    /// Sealed.
    pub id_token: Option<Vec<u8>>,
    /// Sealed.
    pub refresh_token: Option<Vec<u8>>,
    /// Seconds from now.
    pub refresh_in: f64,
}

/// What a new session is made of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Begin {
    pub user: UserId,
    pub device: Device,
    pub origin: Option<Origin>,
    /// Hashes of the sessions that end as this one begins.
    pub replaces: Vec<Vec<u8>>,
}

impl Begin {
    /// A record with an id nobody has seen, to be given to `create`.
    pub(super) fn record(&self) -> Result<Record> {
        let mut record = Record {
            id: Id::default(),
            data: HashMap::new(),
            expiry_date: OffsetDateTime::UNIX_EPOCH,
        };
        put(&mut record, BEGIN, self)?;
        Ok(record)
    }
}

/// How the person wants pages to look; in the record after `create`. No language: their browser decides.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Look {
    pub language: Option<Language>,
    pub theme: Option<Theme>,
}

impl Look {
    pub(super) fn read(record: &Record) -> Self {
        get(record, LOOK).unwrap_or_default()
    }
}

/// Hashes of the sessions that ended as this one began; in the record after `create`.
pub(super) fn ended(record: &Record) -> Vec<Vec<u8>> {
    get(record, ENDED).unwrap_or_default()
}

/// What a loaded record tells of its session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Live {
    /// Whose it is, as they are now.
    pub user: User,
    /// The guest its browser was before the person signed in.
    pub was_guest: Option<UserId>,
    /// It was last marked as used a while ago: `save` it.
    pub due: bool,
}

impl Live {
    pub(super) fn read(record: &Record) -> Option<Self> {
        get(record, LIVE)
    }
}

fn get<T: DeserializeOwned>(record: &Record, key: &str) -> Option<T> {
    serde_json::from_value(record.data.get(key)?.clone()).ok()
}

fn put(record: &mut Record, key: &str, value: &impl Serialize) -> Result<()> {
    let value = serde_json::to_value(value).map_err(|error| Error::Encode(error.to_string()))?;
    record.data.insert(key.to_owned(), value);
    Ok(())
}

/// What is kept in the row.
fn kept(record: &Record) -> serde_json::Value {
    let own = |key: &&String| ![BEGIN, LIVE, LOOK, ENDED].contains(&key.as_str());
    let data = record.data.iter().filter(|(key, _)| own(key));
    data.map(|(key, value)| (key.clone(), value.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// The sessions in `login_sessions`.
#[derive(Clone, Debug)]
pub(super) struct SessionRows {
    db: Db,
}

impl SessionRows {
    pub(super) fn new(db: Db) -> Self {
        Self { db }
    }

    /// Whether there was a session with this id that ran out not long ago.
    pub(super) async fn ran_out(&self, id: &Id) -> sqlx::Result<bool> {
        store::ran_out(&mut self.db.acquire().await?, &hash_of(id)).await
    }
}

/// What an error of the database begins with when the database is away, so that [`database`] can tell.
const AWAY: &str = "away: ";

fn backend(error: &sqlx::Error) -> Error {
    let away = if db::is_away(error) { AWAY } else { "" };
    Error::Backend(format!("{away}{error}"))
}

/// The error of the database that a store's error came from, as far as it matters: away, or something else.
pub(super) fn database(error: Error) -> sqlx::Error {
    match error {
        Error::Backend(text) if text.starts_with(AWAY) => sqlx::Error::PoolTimedOut,
        error => sqlx::Error::Protocol(error.to_string()),
    }
}

/// The limits are the store's: a record's own expiry is not read, only written.
#[async_trait]
impl SessionStore for SessionRows {
    /// Begins a session with one statement, which also ends those it replaces and notes the sign-in of its person.
    async fn create(&self, record: &mut Record) -> Result<()> {
        let begin: Option<Begin> = get(record, BEGIN);
        let data = kept(record);
        let mut db = self.db.acquire().await.map_err(|error| backend(&error))?;
        loop {
            let hash = hash_of(&record.id);
            let made = store::insert_session(&mut db, &hash, begin.as_ref(), &data);
            if let Some(begun) = made.await.map_err(|error| backend(&error))? {
                record.expiry_date = begun.expires_at;
                record.data.remove(BEGIN);
                if begin.is_some() {
                    put(record, LOOK, &begun.look)?;
                    put(record, ENDED, &begun.ended)?;
                }
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    /// Saves changed data at once, a mere use at most once a [`SLIDE`]. A session that was ended meanwhile stays
    /// ended: saving never brings it back.
    async fn save(&self, record: &Record) -> Result<()> {
        let mut db = self.db.acquire().await.map_err(|error| backend(&error))?;
        store::save_session(&mut db, &hash_of(&record.id), &kept(record))
            .await
            .map_err(|error| backend(&error))
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let mut db = self.db.acquire().await.map_err(|error| backend(&error))?;
        let found = store::load_session(&mut db, &hash_of(id))
            .await
            .map_err(|error| backend(&error))?;
        let Some(found) = found else {
            return Ok(None);
        };
        let data =
            serde_json::from_value(found.data).map_err(|error| Error::Decode(error.to_string()))?;
        let mut record = Record {
            id: *id,
            data,
            expiry_date: found.expires_at,
        };
        if let Some(user) = found.user {
            let live = Live {
                user,
                was_guest: found.was_guest,
                due: found.due,
            };
            put(&mut record, LIVE, &live)?;
        }
        Ok(Some(record))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let mut db = self.db.acquire().await.map_err(|error| backend(&error))?;
        store::end_session(&mut db, &hash_of(id))
            .await
            .map_err(|error| backend(&error))
    }
}

#[async_trait]
impl ExpiredDeletion for SessionRows {
    async fn delete_expired(&self) -> Result<()> {
        let mut db = self.db.acquire().await.map_err(|error| backend(&error))?;
        store::delete_old(&mut db)
            .await
            .map(drop)
            .map_err(|error| backend(&error))
    }
}

#[cfg(test)]
mod tests {
    use sqlx::PgPool;

    use super::*;

    fn record() -> Record {
        Record {
            id: Id::default(),
            data: [("state".to_owned(), "abc".into())].into(),
            expiry_date: OffsetDateTime::UNIX_EPOCH,
        }
    }

    async fn age(db: &PgPool, by: &str) {
        let text = format!(
            "update login_sessions set expires_at = expires_at - interval '{by}', ends_at = ends_at - interval '{by}'"
        );
        sqlx::query(sqlx::AssertSqlSafe(text))
            .execute(db)
            .await
            .unwrap();
    }

    #[sqlx::test]
    async fn a_record_is_kept_changed_and_deleted(db: PgPool) {
        let sessions = SessionRows::new(Db::new(db.clone()));
        let mut record = record();
        sessions.create(&mut record).await.unwrap();
        let mut again = record.clone();
        sessions.create(&mut again).await.unwrap();
        assert_ne!(again.id, record.id, "an id that is taken is not used twice");

        assert_eq!(
            sessions.load(&record.id).await.unwrap().as_ref(),
            Some(&record)
        );
        record.data.insert("state".into(), "def".into());
        sessions.save(&record).await.unwrap();
        let loaded = sessions.load(&record.id).await.unwrap().unwrap();
        assert_eq!(loaded.data, record.data);

        sessions.delete(&record.id).await.unwrap();
        sessions.save(&record).await.unwrap();
        assert_eq!(
            sessions.load(&record.id).await.unwrap(),
            None,
            "saving does not bring it back"
        );
    }

    #[sqlx::test]
    async fn use_moves_the_end_but_not_past_the_absolute_one(db: PgPool) {
        let sessions = SessionRows::new(Db::new(db.clone()));
        let mut record = record();
        sessions.create(&mut record).await.unwrap();
        let end = async || {
            sessions
                .load(&record.id)
                .await
                .unwrap()
                .unwrap()
                .expiry_date
        };
        let first = end().await;
        sessions.save(&record).await.unwrap();
        assert_eq!(end().await, first, "not more than once a minute");

        age(&db, "11 hours").await;
        sessions.save(&record).await.unwrap();
        assert!(end().await >= first, "another {IDLE} from now");

        // Used every eleven hours: after seven days it ends nevertheless.
        let mut uses = 0;
        loop {
            age(&db, "11 hours").await;
            if sessions.load(&record.id).await.unwrap().is_none() {
                break;
            }
            sessions.save(&record).await.unwrap();
            uses += 1;
            assert!(uses < 20, "it never ends");
        }
        assert_eq!(uses, (ABSOLUTE.whole_hours() - 11) / 11);
    }

    #[sqlx::test]
    async fn what_ran_out_is_remembered_for_a_while(db: PgPool) {
        let sessions = SessionRows::new(Db::new(db.clone()));
        sessions.create(&mut record()).await.unwrap();
        let rows = async || {
            sessions.delete_expired().await.unwrap();
            sqlx::query_scalar::<_, i64>("select count(*) from login_sessions")
                .fetch_one(&db)
                .await
                .unwrap()
        };
        age(&db, "13 hours").await;
        assert_eq!(rows().await, 1, "expired, not unknown");
        age(&db, "7 days").await;
        assert_eq!(rows().await, 0);
    }
}
