//! OpenID providers as rows of a server's database.

use deskcast::providers::seal::{CLIENT_SECRET, Seal};
use sqlx::PgPool;

/// What the tests' servers seal secrets with.
pub(crate) const SECRET_KEY: &str = "a secret key for tests, long enough";

/// A provider as an administrator writes it down; empty addresses are left out.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Written<'w> {
    pub(crate) name: &'w str,
    pub(crate) issuer: &'w str,
    pub(crate) authorization_url: &'w str,
    pub(crate) token_url: &'w str,
    pub(crate) userinfo_url: &'w str,
    pub(crate) jwks_url: &'w str,
    pub(crate) client: (&'w str, &'w str),
    pub(crate) token_auth_method: &'w str,
    pub(crate) scopes: &'w [&'w str],
    pub(crate) username_claim: &'w str,
    pub(crate) admin_group: &'w str,
    pub(crate) teacher_group: &'w str,
}

impl Written<'_> {
    /// Writes it into a server's database.
    pub(crate) async fn into(self, database: &PgPool) {
        let seal = Seal::new(Some(&SECRET_KEY.into()));
        let secret = seal.seal(CLIENT_SECRET, &self.client.1.into()).unwrap();
        sqlx::query(
            "insert into oidc_providers (id, name, issuer, authorization_url, token_url, userinfo_url, jwks_url,
                 client_id, client_secret, token_auth_method, scopes, username_claim, admin_group, teacher_group)
             values (gen_random_uuid(), $1, nullif($2, ''), nullif($3, ''), nullif($4, ''), nullif($5, ''),
                 nullif($6, ''), $7, $8, $9::token_auth_method, $10, $11, nullif($12, ''), nullif($13, ''))",
        )
        .bind(self.name)
        .bind(self.issuer)
        .bind(self.authorization_url)
        .bind(self.token_url)
        .bind(self.userinfo_url)
        .bind(self.jwks_url)
        .bind(self.client.0)
        .bind(secret)
        .bind(self.token_auth_method)
        .bind(self.scopes)
        .bind(self.username_claim)
        .bind(self.admin_group)
        .bind(self.teacher_group)
        .execute(database)
        .await
        .unwrap();
    }
}
