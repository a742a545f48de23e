//! Login sessions in our database, as tower-sessions wants them.
//!
//! The row is named by the SHA-256 of the id, so whoever reads the table cannot sign in with it. The database's
//! clock alone decides how long a session lives ([`IDLE`], [`ABSOLUTE`]): a jump of ours ends nobody's session.

use std::str::FromStr;

use async_trait::async_trait;
use sqlx::PgPool;
use time::{Duration, OffsetDateTime};
use tower_sessions::{
    ExpiredDeletion, SessionStore,
    session::{Id, Record},
    session_store,
};

use super::{presented::sha256, store, whence::Whence};
use crate::ids::UserId;

/// A session that is not used for this long ends.
pub(super) const IDLE: Duration = Duration::hours(12);

/// No session lives longer than this, however much it is used.
pub(super) const ABSOLUTE: Duration = Duration::days(7);

/// How long the row of a session that ran out is kept, so that its owner hears "expired" and not "invalid".
pub(super) const REMEMBERED: Duration = Duration::days(7);

/// Use moves the end of a session at most this often.
pub(super) const SLIDE: Duration = Duration::minutes(1);

/// The key of a record's data under which the person's id stands.
const USER: &str = "user";

/// SHA-256 of a session id, if `text` has the form of one.
pub(super) fn hash_of(text: &str) -> Option<[u8; 32]> {
    // Written again from what was read: one id has one hash.
    Id::from_str(text).ok().map(|id| sha256(&id.to_string()))
}

/// The sessions in `login_sessions`.
#[derive(Clone, Debug)]
pub(super) struct Sessions {
    db: PgPool,
}

/// A session that has just begun; its id is known nowhere else.
pub(super) struct Begun {
    pub id: Id,
    pub expires_at: OffsetDateTime,
}

impl Sessions {
    pub(super) fn new(db: PgPool) -> Self {
        Self { db }
    }

    /// Begins a session of `user` with an id nobody has seen.
    pub(super) async fn begin(&self, user: UserId, whence: &Whence) -> Result<Begun, sqlx::Error> {
        let mut record = Record {
            id: Id::default(),
            data: [(USER.to_owned(), user.0.to_string().into())].into(),
            expiry_date: OffsetDateTime::UNIX_EPOCH,
        };
        self.insert(&mut record, whence).await?;
        Ok(Begun {
            id: record.id,
            expires_at: record.expiry_date,
        })
    }

    async fn insert(&self, record: &mut Record, whence: &Whence) -> Result<(), sqlx::Error> {
        let user = record.data.get(USER).and_then(|user| user.as_str());
        let user = user.and_then(|user| user.parse::<UserId>().ok());
        let data = serde_json::json!(record.data);
        let mut db = self.db.acquire().await?;
        loop {
            let hash = sha256(&record.id.to_string());
            if let Some(until) = store::insert_session(&mut db, &hash, user, &data, whence).await? {
                record.expiry_date = until;
                return Ok(());
            }
            record.id = Id::default();
        }
    }
}

fn backend(error: &sqlx::Error) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

/// The limits are the store's: a record's own expiry is not read, only written.
#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        let inserted = self.insert(record, &Whence::default()).await;
        inserted.map_err(|error| backend(&error))
    }

    /// Saves changed data at once, a mere use at most once a [`SLIDE`]. A session that was ended meanwhile stays
    /// ended: saving never brings it back.
    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let mut db = self.db.acquire().await.map_err(|error| backend(&error))?;
        let hash = sha256(&record.id.to_string());
        let data = serde_json::json!(record.data);
        store::save_session(&mut db, &hash, &data)
            .await
            .map_err(|error| backend(&error))
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let mut db = self.db.acquire().await.map_err(|error| backend(&error))?;
        let found = store::load_session(&mut db, &sha256(&id.to_string()))
            .await
            .map_err(|error| backend(&error))?;
        let Some((data, expiry_date)) = found else {
            return Ok(None);
        };
        let data = serde_json::from_value(data)
            .map_err(|error| session_store::Error::Decode(error.to_string()))?;
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        let mut db = self.db.acquire().await.map_err(|error| backend(&error))?;
        store::end_session(&mut db, &sha256(&id.to_string()))
            .await
            .map_err(|error| backend(&error))
    }
}

#[async_trait]
impl ExpiredDeletion for Sessions {
    async fn delete_expired(&self) -> session_store::Result<()> {
        let mut db = self.db.acquire().await.map_err(|error| backend(&error))?;
        store::delete_old(&mut db)
            .await
            .map(drop)
            .map_err(|error| backend(&error))
    }
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn an_id_has_one_hash() {
        let id = Id::default().to_string();
        assert_eq!(hash_of(&id), Some(sha256(&id)));
        assert_eq!(hash_of(&id[1..]), None);
        assert_eq!(hash_of(&format!("{id}=")), None);
        assert_eq!(hash_of(&format!(" {id}")), None);
    }

    #[sqlx::test]
    async fn a_record_is_kept_changed_and_deleted(db: PgPool) {
        let sessions = Sessions::new(db.clone());
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
        let sessions = Sessions::new(db.clone());
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
        let sessions = Sessions::new(db.clone());
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
