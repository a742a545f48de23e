//! Known devices: browsers that signed in to an account with its password before.
//!
//! A cookie of our own names the browser, a row says which accounts it signed in to; the row has a hash alone. It opens
//! nothing. All it does is keep the browser's wrong tries apart from those of others, so that no guesser locks an owner
//! out. The name changes with every sign-in: one that somebody planted or saw before is worth nothing after.

mod store;

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderValue};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use time::Duration;

use super::SignIn;
use crate::{
    db::Db,
    ids::UserId,
    sessions::sha256,
    web::{
        cookies::{self, Readable},
        visitor::ClientIp,
    },
};

/// The cookie that names the browser.
const COOKIE: &str = "deskcast-device";

/// How long a browser stays known that does not sign in again.
const KNOWN: Duration = Duration::days(365);

/// Browsers one account knows; the ones that signed in last.
const MOST: i32 = 20;

/// Characters of a device's name: 32 random bytes in base64url.
const LENGTH: usize = 43;

/// Who tries to sign in, as far as budgets go.
#[derive(Clone, Copy, Debug)]
pub struct Visitor {
    /// See [`ClientIp::household`].
    pub(super) household: IpAddr,
    /// SHA-256 of the name its browser has, whether or not an account knows it.
    pub(super) device: Option<[u8; 32]>,
}

impl SignIn {
    /// Who sent a request with these headers.
    #[must_use]
    pub fn visitor(&self, client: ClientIp, headers: &HeaderMap) -> Visitor {
        Visitor {
            household: client.household(),
            device: named(headers, self.is_secure()),
        }
    }

    /// From now on `user` knows the browser of `visitor`, by the cookie that this answers. A sign-in does not fail
    /// because of it.
    pub(super) async fn know(&self, user: UserId, visitor: &Visitor) -> Option<HeaderValue> {
        let name = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let noted = async {
            let mut db = self.inner.db.acquire().await?;
            let (new, old) = (sha256(&name), visitor.device);
            store::know(
                &mut db,
                user,
                &new,
                old.as_ref().map(|old| &old[..]),
                KNOWN,
                MOST,
            )
            .await
        };
        if let Err(error) = noted.await {
            tracing::debug!(%error, "a browser could not be noted as known");
            return None;
        }
        let secure = self.is_secure();
        Some(cookies::set(
            COOKIE,
            &name,
            KNOWN,
            secure,
            Readable::ByServer,
        ))
    }
}

/// Whether this browser signed in to `user` before.
pub(super) async fn is_known(
    db: &Db,
    user: UserId,
    device: &[u8; 32],
) -> Result<bool, sqlx::Error> {
    store::is_known(&mut db.acquire().await?, user, device, KNOWN).await
}

/// What the browser is named by, if its cookie has the form of a name.
fn named(headers: &HeaderMap, secure: bool) -> Option<[u8; 32]> {
    let name = cookies::value(headers, COOKIE, secure)?;
    let fits = name.len() == LENGTH
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    fits.then(|| sha256(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_form_and_is_there_once() {
        let name = "a".repeat(LENGTH);
        let table = [
            (format!("deskcast-device={name}"), false, true),
            (format!("x=y; deskcast-device={name}"), false, true),
            (format!("__Host-Http-deskcast-device={name}"), true, true),
            (format!("deskcast-device={name}"), true, false),
            (format!("deskcast-device={}", &name[1..]), false, false),
            (format!("deskcast-device={}!", &name[1..]), false, false),
            (
                format!("deskcast-device={name}; deskcast-device={name}"),
                false,
                false,
            ),
            ("deskcast-device=".to_owned(), false, false),
            (String::new(), false, false),
        ];
        for (line, secure, there) in table {
            let mut headers = HeaderMap::new();
            headers.insert("cookie", line.parse().unwrap());
            let expected = there.then(|| sha256(&name));
            assert_eq!(named(&headers, secure), expected, "{line}");
        }
    }
}
