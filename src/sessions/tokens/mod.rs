//! API tokens: named keys for scripts. Shown once, kept as SHA-256, ended by time or by their owner.

pub(in crate::sessions) mod store;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::RngCore;
use secrecy::{ExposeSecret, SecretString};
use time::{Duration, OffsetDateTime};

use super::{
    EndedHashes, Sessions,
    presented::{TOKEN_PREFIX, sha256},
};
use crate::{
    db::Db,
    error::{AppError, FieldProblem},
    ids::{ApiTokenId, UserId},
    say,
    text::is_line,
};

/// How long a token lives when nothing else is said.
pub const DEFAULT_LIFETIME: Duration = Duration::days(90);

/// The longest a token may live.
pub const LONGEST_LIFETIME: Duration = Duration::days(365);

/// Tokens one person may have.
pub const MOST_TOKENS: i64 = 50;

/// Longest name of a token.
const NAME_LENGTH: usize = 100;

/// A token as its owner sees it in the list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct ApiToken {
    /// Names it, for deleting.
    pub id: ApiTokenId,
    /// Given by the owner.
    pub name: String,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it ends.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// When it was last used, to the minute.
    #[serde(with = "time::serde::rfc3339::option")]
    pub last_used_at: Option<OffsetDateTime>,
}

impl From<store::TokenRow> for ApiToken {
    fn from(row: store::TokenRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
        }
    }
}

/// A token that was just made.
#[derive(Debug)]
pub struct NewToken {
    /// What the list will show.
    pub token: ApiToken,
    /// The token itself, shown this once.
    pub secret: SecretString,
}

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Name or lifetime cannot be taken.
    #[error("a field is wrong")]
    Invalid(Vec<FieldProblem>),
    /// The person has [`MOST_TOKENS`].
    #[error("the person has {MOST_TOKENS} tokens")]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<TokenError> for AppError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid(problems) => Self::Invalid(problems),
            TokenError::TooMany => Self::Conflict {
                code: "too_many_tokens",
                sentence: say!("token-too-many", most = MOST_TOKENS),
            },
            TokenError::Database(error) => error.into(),
        }
    }
}

/// The handle on API tokens: cheap to clone.
#[derive(Clone, Debug)]
pub struct Tokens {
    db: Db,
    sessions: Sessions,
}

impl Tokens {
    /// A handle on the tokens in `db`; what was opened with one ends by `sessions`.
    #[must_use]
    pub fn new(db: Db, sessions: Sessions) -> Self {
        Self { db, sessions }
    }

    /// Makes a token of `user` that lives `expires_in` seconds, or [`DEFAULT_LIFETIME`].
    pub async fn create(
        &self,
        user: UserId,
        name: &str,
        expires_in: Option<i64>,
    ) -> Result<NewToken, TokenError> {
        let (name, lifetime) = checked(name, expires_in).map_err(TokenError::Invalid)?;
        let secret = new_secret();
        let hash = sha256(secret.expose_secret());
        let mut db = self.db.acquire().await?;
        let row = store::insert_token(&mut db, user, name, &hash, lifetime, MOST_TOKENS).await?;
        let token = row.ok_or(TokenError::TooMany)?.into();
        Ok(NewToken { token, secret })
    }

    /// The tokens of `user`, newest first.
    pub async fn list(&self, user: UserId) -> Result<Vec<ApiToken>, sqlx::Error> {
        let rows = store::tokens_of(&mut self.db.acquire().await?, user).await?;
        Ok(rows.into_iter().map(ApiToken::from).collect())
    }

    /// Deletes a token of `user`, on every replica; whether there was one.
    pub async fn delete(&self, user: UserId, id: ApiTokenId) -> Result<bool, sqlx::Error> {
        let gone = store::delete_token(&mut self.db.acquire().await?, user, id).await?;
        let Some(hash) = gone else {
            return Ok(false);
        };
        self.sessions
            .were_ended(&EndedHashes::from(vec![hash]))
            .await;
        Ok(true)
    }
}

fn new_secret() -> SecretString {
    let mut random = [0; 32];
    rand::rng().fill_bytes(&mut random);
    format!("{TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(random)).into()
}

fn checked(name: &str, expires_in: Option<i64>) -> Result<(&str, Duration), Vec<FieldProblem>> {
    let mut problems = Vec::new();
    let name = name.trim();
    if name.is_empty() || !is_line(name, NAME_LENGTH) {
        problems.push(FieldProblem::new(
            "name",
            say!("token-name", most = NAME_LENGTH),
        ));
    }
    let longest = LONGEST_LIFETIME.whole_seconds();
    let lifetime = expires_in.unwrap_or(DEFAULT_LIFETIME.whole_seconds());
    if !(1..=longest).contains(&lifetime) {
        problems.push(FieldProblem::new(
            "expires_in",
            say!(
                "token-lifetime",
                most = longest,
                days = LONGEST_LIFETIME.whole_days()
            ),
        ));
    }
    if problems.is_empty() {
        Ok((name, Duration::seconds(lifetime)))
    } else {
        Err(problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_lifetimes() {
        let long = "x".repeat(101);
        let table: &[(&str, Option<i64>, &[&str])] = &[
            ("backup", None, &[]),
            (" backup ", Some(1), &[]),
            ("backup", Some(365 * 86_400), &[]),
            ("backup", Some(365 * 86_400 + 1), &["expires_in"]),
            ("backup", Some(0), &["expires_in"]),
            ("backup", Some(i64::MIN), &["expires_in"]),
            ("", None, &["name"]),
            ("a\nb", None, &["name"]),
            (&long, Some(-1), &["name", "expires_in"]),
        ];
        for (name, expires_in, wrong) in table {
            let problems = checked(name, *expires_in).err().unwrap_or_default();
            let fields: Vec<_> = problems.iter().map(|problem| &problem.field).collect();
            assert_eq!(fields, *wrong, "{name} {expires_in:?}");
        }
        assert_eq!(checked("a", None), Ok(("a", DEFAULT_LIFETIME)));
    }
}
