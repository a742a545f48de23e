//! Sessions of browsers that have their cookie by the name of older versions: accepted once, and the cookie is replaced
//! (contract http-api, section 1).
//!
//! A page of a desktop could plant a cookie by the old name. So it counts for a session alone that began before the
//! names changed, only where a person opens a page, and the id in it is worth nothing afterwards. After a week, the
//! longest that a session lives, it counts for nobody.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use time::Duration;
use tower_sessions::session::Id;

use super::{
    Sessions,
    presented::{self, hash_of},
    store,
};
use crate::web::{branch::Branch, cookies};

/// Takes the old cookie away.
const AWAY: HeaderValue =
    HeaderValue::from_static("__Host-deskcast=; HttpOnly; Secure; Path=/; Max-Age=0");

/// Layer of pages: replaces the cookie of an older version and opens the same address again with the new one.
pub(crate) async fn replace_cookie(
    State(sessions): State<Sessions>,
    request: Request,
    next: Next,
) -> Response {
    let opened =
        request.method() == Method::GET && Branch::of(request.extensions()) == Branch::Page;
    if opened
        && let Some(old) = old_id(request.headers(), sessions.inner.http.secure())
        && let Some(cookie) = sessions.renamed(&old).await
    {
        let here = request
            .uri()
            .path_and_query()
            .map_or("/", |here| here.as_str());
        return cookies::with_cookies(Redirect::to(here).into_response(), [cookie, AWAY]);
    }
    next.run(request).await
}

/// The session id of a browser that has the old cookie and no new one.
fn old_id(headers: &HeaderMap, secure: bool) -> Option<Id> {
    if !secure || cookies::count(headers, presented::COOKIE, secure) > 0 {
        return None;
    }
    cookies::value_of_older_versions(headers, presented::COOKIE)?
        .parse()
        .ok()
}

impl Sessions {
    /// Gives a session that began before the names changed a new id; the cookie with it. A database that fails is for
    /// the handler to tell.
    async fn renamed(&self, old: &Id) -> Option<HeaderValue> {
        let (old, new) = (hash_of(old), Id::default());
        let renamed = async {
            let mut db = self.inner.db.acquire().await?;
            store::rename_older(&mut db, &old, &hash_of(&new)).await
        };
        let lives = renamed
            .await
            .inspect_err(|error| tracing::debug!(%error, "an older cookie could not be replaced"))
            .ok()??;
        self.watch().end_here(&old).await;
        Some(self.cookie(&new.to_string(), Duration::seconds_f64(lives)))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;

    #[test]
    fn the_old_cookie_counts_only_where_there_is_no_new_one() {
        let id = Id::default();
        let table = [
            (format!("__Host-deskcast={id}"), true, true),
            (format!("a=b; __Host-deskcast={id}"), true, true),
            (format!("__Host-deskcast={id}"), false, false),
            (
                format!("__Host-deskcast={id}; __Host-Http-deskcast=x"),
                true,
                false,
            ),
            (
                format!("__Host-deskcast={id}; __Host-deskcast={id}"),
                true,
                false,
            ),
            (format!("deskcast={id}"), true, false),
            ("__Host-deskcast=broken!".to_owned(), true, false),
            (String::new(), true, false),
        ];
        for (line, secure, counts) in table {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, line.parse().unwrap());
            assert_eq!(old_id(&headers, secure), counts.then_some(id), "{line}");
        }
    }
}
