//! Reading groups and role anew while somebody is signed in, with the refresh token a provider gave.
//!
//! A provider that says no ends the session; one that is away changes nothing.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio_util::sync::CancellationToken;

use super::{
    OidcSignIn,
    accounts::{self, Admitted},
    flow::{ID_TOKEN, REFRESH_TOKEN, person, refresh_in},
    problem::Problem,
    store::{self, Due},
};
use crate::oidc::{
    Fault,
    exchange::TokenError,
    id_token::Identity,
    jwt::{self, Claims},
};
use crate::providers::Provider;

/// Between two looks at what is due.
const LOOK: Duration = Duration::from_secs(15);

/// When it is tried again with a provider that is away, in seconds.
const AGAIN: f64 = 120.0;

/// Sessions refreshed in one look at most.
const AT_ONCE: usize = 200;

/// What became of a session.
#[derive(Debug)]
enum Outcome {
    /// It goes on; new tokens where there are any.
    GoesOn {
        id_token: Option<SecretString>,
        refresh_token: Option<SecretString>,
        refresh_in: f64,
    },
    /// It must end.
    Ends(String),
    /// All sessions of the person must end: they may do less than before.
    AllEnd(crate::ids::UserId),
}

impl OidcSignIn {
    /// Refreshes what is due, every few seconds, until `stop`.
    pub async fn keep_fresh(self, stop: CancellationToken) {
        while stop
            .run_until_cancelled(tokio::time::sleep(LOOK))
            .await
            .is_some()
        {
            let refreshed = stop.run_until_cancelled(self.refresh_due()).await;
            if let Some(Err(error)) = refreshed {
                tracing::debug!(%error, "sessions are refreshed later");
            }
        }
    }

    /// Refreshes the sessions that are due; answers how many. Replicas share the work by leases.
    pub async fn refresh_due(&self) -> Result<usize, sqlx::Error> {
        for done in 0..AT_ONCE {
            let due = store::take_due(&mut self.inner.db.acquire().await?).await?;
            let Some(due) = due else {
                return Ok(done);
            };
            let outcome = match self.refresh(&due).await {
                Ok(outcome) => outcome,
                Err(problem) => {
                    tracing::warn!(cause = %problem, "a session could not be refreshed; it goes on");
                    Outcome::GoesOn {
                        id_token: None,
                        refresh_token: None,
                        refresh_in: AGAIN,
                    }
                }
            };
            self.settle(&due, outcome).await?;
        }
        Ok(AT_ONCE)
    }

    async fn settle(&self, due: &Due, outcome: Outcome) -> Result<(), sqlx::Error> {
        match outcome {
            Outcome::GoesOn {
                id_token,
                refresh_token,
                refresh_in,
            } => {
                let sealed = |purpose, token: Option<SecretString>| {
                    self.inner.seal.seal(purpose, &token?).ok()
                };
                let id_token = sealed(ID_TOKEN, id_token);
                let refresh_token = sealed(REFRESH_TOKEN, refresh_token);
                let mut db = self.inner.db.acquire().await?;
                store::refreshed(
                    &mut db,
                    &due.id_hash,
                    id_token.as_deref(),
                    refresh_token.as_deref(),
                    refresh_in,
                )
                .await
            }
            Outcome::Ends(why) => {
                tracing::info!(why, "a session ends because its provider does not renew it");
                match due.id_hash.as_slice().try_into() {
                    Ok(hash) => self.inner.sign_in.sessions().end(hash).await,
                    Err(_) => Ok(()),
                }
            }
            Outcome::AllEnd(user) => {
                tracing::info!(user.id = %user, "the provider took a role away; sessions end");
                self.inner.sign_in.sessions().end_sessions(user).await
            }
        }
    }

    async fn refresh(&self, due: &Due) -> Result<Outcome, Problem> {
        let Some(provider) = self.provider_by_id(due.provider).await? else {
            return Ok(Outcome::Ends("the provider is not there any more".into()));
        };
        if !provider.enabled {
            return Ok(Outcome::Ends("the provider is switched off".into()));
        }
        let token = self.inner.seal.open(REFRESH_TOKEN, &due.refresh_token)?;
        let endpoints = self.inner.client.endpoints(&provider).await?;
        let talk = self.inner.client.talk(&provider, &endpoints);
        let grant = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token.expose_secret()),
        ];
        let tokens = match talk.tokens(&grant).await {
            Ok(tokens) => tokens,
            Err(TokenError::Grant(said)) => return Ok(Outcome::Ends(said)),
            Err(error) => return Err(error.into()),
        };
        // From here on the old refresh token may be used up: what came must be kept whatever else goes wrong.
        let goes_on = |id_token| Outcome::GoesOn {
            id_token,
            refresh_token: tokens.refresh.clone(),
            refresh_in: refresh_in(tokens.expires_in),
        };
        let said = async {
            let new = match &tokens.id {
                Some(id_token) => Some(talk.identity(id_token, &tokens.access, None).await?),
                None => None,
            };
            let userinfo = talk.userinfo(&tokens.access, &due.subject).await?;
            Ok::<_, Fault>((new, userinfo))
        };
        let (new, userinfo) = match said.await {
            Ok(said) => said,
            Err(fault) => {
                tracing::warn!(cause = %fault, "groups and role could not be read anew; the session goes on");
                return Ok(goes_on(None));
            }
        };
        if let Some((identity, _)) = &new
            && (identity.issuer != due.issuer || identity.subject != due.subject)
        {
            return Ok(Outcome::Ends(
                "the provider renewed it for somebody else".into(),
            ));
        }
        let old = || self.claims_at_sign_in(due);
        let id_claims = new.map_or_else(old, |(_, claims)| claims);
        let ends = self
            .bring_up_to_date(&provider, due, &id_claims, &userinfo)
            .await
            .unwrap_or_else(|error| {
                tracing::warn!(%error, "groups and role could not be written down; the session goes on");
                None
            });
        Ok(ends.unwrap_or_else(|| goes_on(tokens.id.clone())))
    }

    /// What the ID token said when the session began; nothing when it was not kept.
    fn claims_at_sign_in(&self, due: &Due) -> Claims {
        let sealed = due.id_token.as_deref();
        sealed
            .and_then(|sealed| self.inner.seal.open(ID_TOKEN, sealed).ok())
            .and_then(|text| jwt::claims_of(text.expose_secret()))
            .unwrap_or_default()
    }

    /// The end of the session, if what the provider says today ends it.
    async fn bring_up_to_date(
        &self,
        provider: &Provider,
        due: &Due,
        id_claims: &Claims,
        userinfo: &Claims,
    ) -> Result<Option<Outcome>, sqlx::Error> {
        let person = match person(provider, id_claims, userinfo) {
            Ok(person) => person,
            Err(problem) => {
                tracing::warn!(cause = %problem, "groups and role could not be read anew; the session goes on");
                return Ok(None);
            }
        };
        let identity = Identity {
            issuer: due.issuer.clone(),
            subject: due.subject.clone(),
            sid: None,
        };
        // Nobody gets a new account by being signed in already.
        let known = Provider {
            auto_provision: false,
            ..provider.clone()
        };
        Ok(
            match accounts::admit(&self.inner.db, &known, &identity, &person).await? {
                Ok(Admitted {
                    user,
                    lost_role: true,
                }) => Some(Outcome::AllEnd(user.id)),
                Ok(_) => None,
                Err(refusal) => Some(Outcome::Ends(refusal.to_string())),
            },
        )
    }
}
