//! Extractors that say who may call: the signature of a handler is its access rule.
//!
//! Whoever is recognised by a cookie may change state only from our own pages: a browser sends the cookie along
//! whoever made the page (threat T4). Scripts that send their id themselves need no such rule.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, Method, header, request::Parts},
};

use super::{Accepts, Caller, NoCaller, Presented, Sessions};
use crate::{
    error::AppError,
    say,
    web::{branch::Branch, security::same_origin},
};

/// Somebody with an account is signed in.
#[derive(Clone, Debug)]
pub struct CurrentUser(pub Caller);

/// Somebody is signed in, or is a guest: for what has to do with the one desktop a guest was let in for, and for
/// nothing else.
#[derive(Clone, Debug)]
pub struct UserOrGuest(pub Caller);

/// Somebody with an account may be signed in; a guest and a broken or expired session count as nobody, a failing database does not.
#[derive(Clone, Debug)]
pub struct MaybeUser(pub Option<Caller>);

/// An administrator is signed in.
#[derive(Clone, Debug)]
pub struct AdminUser(pub Caller);

impl<S> FromRequestParts<S> for CurrentUser
where
    S: Send + Sync,
    Sessions: FromRef<S>,
{
    type Rejection = AppError;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, AppError> {
        let UserOrGuest(caller) = UserOrGuest::from_request_parts(head, state).await?;
        if caller.user.is_guest() {
            return Err(guests_not_here());
        }
        Ok(Self(caller))
    }
}

impl<S> FromRequestParts<S> for UserOrGuest
where
    S: Send + Sync,
    Sessions: FromRef<S>,
{
    type Rejection = AppError;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, AppError> {
        let sessions = Sessions::from_ref(state);
        let caller = sessions
            .caller(head, Accepts::on(Branch::of(&head.extensions)))
            .await?;
        sent_by_our_page(&sessions, head, &caller)?;
        Ok(Self(caller))
    }
}

impl<S> FromRequestParts<S> for MaybeUser
where
    S: Send + Sync,
    Sessions: FromRef<S>,
{
    type Rejection = AppError;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, AppError> {
        let sessions = Sessions::from_ref(state);
        match sessions
            .caller(head, Accepts::on(Branch::of(&head.extensions)))
            .await
        {
            Ok(caller) => {
                sent_by_our_page(&sessions, head, &caller)?;
                Ok(Self(Some(caller).filter(|caller| !caller.user.is_guest())))
            }
            Err(NoCaller::Unauthenticated(_)) => Ok(Self(None)),
            Err(error @ (NoCaller::Database(_) | NoCaller::TooMany(_))) => Err(error.into()),
        }
    }
}

impl<S> FromRequestParts<S> for AdminUser
where
    S: Send + Sync,
    Sessions: FromRef<S>,
{
    type Rejection = AppError;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, AppError> {
        let CurrentUser(caller) = CurrentUser::from_request_parts(head, state).await?;
        if caller.user.is_admin() {
            Ok(Self(caller))
        } else {
            Err(AppError::Forbidden(say!("error-admin-only")))
        }
    }
}

/// The answer to a guest where an account is needed.
pub(crate) fn guests_not_here() -> AppError {
    AppError::Forbidden(say!("error-guest"))
}

pub(crate) fn sent_by_our_page(
    sessions: &Sessions,
    head: &Parts,
    caller: &Caller,
) -> Result<(), AppError> {
    let safe = matches!(head.method, Method::GET | Method::HEAD | Method::OPTIONS);
    if safe
        || caller.presented != Presented::Cookie
        || same_origin(&head.headers, &sessions.inner.http.origin())
    {
        return Ok(());
    }
    Err(foreign_page())
}

/// Refuses a sign-in that a foreign page sends: it would sign somebody in as somebody else. A script sends neither
/// `Origin` nor `Sec-Fetch-Site` and is welcome.
pub(crate) fn sign_in_by_our_page(
    sessions: &Sessions,
    headers: &HeaderMap,
) -> Result<(), AppError> {
    let by_browser = headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site");
    if by_browser && !same_origin(headers, &sessions.inner.http.origin()) {
        return Err(foreign_page());
    }
    Ok(())
}

fn foreign_page() -> AppError {
    AppError::Forbidden(say!("error-foreign-page"))
}

#[cfg(test)]
mod tests {
    use axum::{
        Router,
        body::Body,
        http::{Request, Uri},
        routing::any,
    };
    use http_body_util::BodyExt;
    use secrecy::ExposeSecret;
    use sqlx::PgPool;
    use tower::ServiceExt;

    use super::*;
    use crate::{
        clock::Clock,
        config::Config,
        db::Db,
        ids::UserId,
        people::{People, Role},
        web::{
            branch::{BranchOf, mark},
            error_page,
        },
    };

    fn branch_of(address: &Uri) -> Branch {
        if address.path().starts_with("/api/") {
            Branch::Api
        } else {
            Branch::Page
        }
    }

    /// Handlers that want somebody, anybody, an administrator; without the layer that checks the Origin as well.
    fn router(db: &PgPool) -> (Sessions, Router) {
        let variables = [
            ("DATABASE_URL", "postgres://the.pool.of.the/test"),
            ("PUBLIC_URL", "http://desk.test"),
        ];
        let env = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = Config::from_env(env.into_iter().collect()).0.unwrap();
        let sessions = Sessions::new(Db::new(db.clone()), Clock::system(), config.http);
        let nested = Router::new()
            .route("/user", any(async |_: CurrentUser| "somebody"))
            .route("/admin", any(async |_: AdminUser| "administrator"));
        let maybe = async |MaybeUser(caller): MaybeUser| match caller {
            Some(caller) => caller.user.username.clone(),
            None => "nobody".into(),
        };
        let router = Router::new()
            .nest("/api", nested)
            .route("/maybe", any(maybe))
            .layer(axum::middleware::from_fn(error_page::render))
            .layer(axum::middleware::from_fn_with_state(
                branch_of as BranchOf,
                mark,
            ))
            .with_state(sessions.clone());
        (sessions, router)
    }

    async fn session(sessions: &Sessions, db: &PgPool, role: Role) -> String {
        let id = UserId::new();
        let name = format!("{role:?}").to_lowercase();
        sqlx::query("insert into users (id, slug, username, display_name, role) values ($1, $2, $2, $2, $3)")
            .bind(id)
            .bind(&name)
            .bind(role)
            .execute(db)
            .await
            .unwrap();
        let people = People::new(Db::new(db.clone()));
        let user = people.user(id).await.unwrap().unwrap();
        let head = Request::new(()).into_parts().0;
        let session = sessions.begin(&user, None, &head).await.unwrap();
        session.id.expose_secret().to_owned()
    }

    async fn ask(
        router: &Router,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> (u16, String) {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        let answer = router.clone().oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[sqlx::test]
    async fn the_signature_of_a_handler_is_its_access_rule(db: PgPool) {
        let (sessions, router) = router(&db);
        let user = session(&sessions, &db, Role::User).await;
        let teacher = session(&sessions, &db, Role::Teacher).await;
        let admin = session(&sessions, &db, Role::Admin).await;
        for (id, as_user, as_admin) in [
            (&user, 200, 403),
            (&teacher, 200, 403),
            (&admin, 200, 200),
            (&"A".repeat(22), 401, 401),
        ] {
            let shown = [("x-session-id", id.as_str())];
            assert_eq!(ask(&router, "POST", "/api/user", &shown).await.0, as_user);
            assert_eq!(ask(&router, "GET", "/api/admin", &shown).await.0, as_admin);
        }
        let (_, body) = ask(&router, "GET", "/api/admin", &[("x-session-id", &user)]).await;
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["error"], "Admin access required");
        assert_eq!(ask(&router, "GET", "/api/admin", &[]).await.0, 400);
    }

    #[sqlx::test]
    async fn a_broken_session_is_nobody_where_nobody_may_come_too(db: PgPool) {
        let (sessions, router) = router(&db);
        let id = session(&sessions, &db, Role::User).await;
        let cookie = |id: &str| format!("deskcast={id}");
        for (cookie, who) in [
            (cookie(&id), "user"),
            (cookie("broken"), "nobody"),
            (cookie(&"A".repeat(22)), "nobody"),
            (format!("{}; {}", cookie(&id), cookie(&id)), "nobody"),
        ] {
            let (status, body) = ask(&router, "GET", "/maybe", &[("cookie", &cookie)]).await;
            assert_eq!((status, body.as_str()), (200, who), "{cookie}");
        }
        // No page: the whole path counts, and the header is for the API alone.
        let (_, body) = ask(&router, "GET", "/maybe", &[("x-session-id", &id)]).await;
        assert_eq!(body, "nobody");
        db.close().await;
        let cookie = cookie(&format!("{}A", "C".repeat(21)));
        assert_eq!(
            ask(&router, "GET", "/maybe", &[("cookie", &cookie)])
                .await
                .0,
            503
        );
    }

    #[sqlx::test]
    async fn who_comes_by_cookie_changes_things_from_our_pages_only(db: PgPool) {
        let (sessions, router) = router(&db);
        let id = session(&sessions, &db, Role::Admin).await;
        let cookie = format!("deskcast={id}");
        let query = format!("session_id={id}");
        for path in ["/api/user", "/api/admin", "/maybe"] {
            for method in ["GET", "HEAD", "OPTIONS"] {
                let (status, _) = ask(&router, method, path, &[("cookie", &cookie)]).await;
                assert_eq!(status, 200, "{method} {path}");
            }
            for method in ["POST", "PUT", "PATCH", "DELETE"] {
                for (from, expected) in [
                    (None, 403),
                    (Some(("origin", "http://desk.test")), 200),
                    (Some(("sec-fetch-site", "same-origin")), 200),
                    (Some(("origin", "http://evil.test")), 403),
                    (Some(("sec-fetch-site", "same-site")), 403),
                    (Some(("sec-fetch-site", "none")), 403),
                    (Some(("authorization", "Basic YTpi")), 403),
                ] {
                    let headers: Vec<_> = [("cookie", cookie.as_str())]
                        .into_iter()
                        .chain(from)
                        .collect();
                    let (status, _) = ask(&router, method, path, &headers).await;
                    assert_eq!(status, expected, "{method} {path} {from:?}");
                }
            }
        }
        // Who sends the id themselves needs no such rule.
        let (status, _) = ask(&router, "POST", "/api/admin", &[("x-session-id", &id)]).await;
        assert_eq!(status, 200);
        let (status, _) = ask(&router, "POST", &format!("/api/admin?{query}"), &[]).await;
        assert_eq!(status, 200);
    }
}
