//! The addresses of signing in with a provider.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    OidcSignIn,
    flow::{Admission, Arrived, Beginning, Callback, random},
    pages::{self, Context},
    problem::Problem,
    store::UNDER_WAY,
    switch::Answered,
};
use crate::{
    error::AppError,
    ids::UserId,
    oidc::Fault,
    say,
    sessions::{
        Accepts,
        guard::{MaybeUser, UserOrGuest},
    },
    sign_in::{SignIn, next::safe_next},
    web::{
        cookies::{self, Readable, with_cookie},
        error_page::ErrorBody,
        extract::{Form, Path, Query},
        visitor::ClientIp,
    },
};

/// Characters of a browser's secret.
const SECRET_LENGTH: usize = 43;

/// How somebody wants to sign in.
#[derive(Debug, Deserialize)]
pub(in crate::sign_in) struct Wish {
    #[serde(default)]
    next: String,
    /// An administrator only wants to see what comes.
    test: Option<String>,
}

/// Sends the browser to the provider.
pub(in crate::sign_in) async fn begin(
    MaybeUser(caller): MaybeUser,
    State(oidc): State<OidcSignIn>,
    client: ClientIp,
    Path(name): Path<String>,
    Query(wish): Query<Wish>,
    head: Parts,
) -> Result<Response, AppError> {
    let sign_in = &oidc.inner.sign_in;
    let next = safe_next(&wish.next, sign_in.public_url());
    let tested_by = match (&wish.test, &caller) {
        (None, None) => None,
        // Nobody is signed in anew because some page leads here.
        (None, Some(_)) => return Ok(Redirect::to(next).into_response()),
        (Some(_), Some(caller)) if caller.user.is_admin() => Some(caller.user.id),
        (Some(_), _) => return Err(AppError::Forbidden(say!("error-admin-only"))),
    };
    let provider = match oidc.provider_by_name(&name).await {
        Ok(found) => found.filter(|provider| provider.enabled || tested_by.is_some()),
        Err(Problem::Database(error)) => return Err(error.into()),
        Err(problem) => {
            let context = Context {
                next,
                tested: tested_by.is_some(),
                ..Context::default()
            };
            return Ok(pages::refused(&head, &problem, context));
        }
    };
    let provider = provider.ok_or_else(|| AppError::not_found(say!("oidc-no-provider")))?;
    let context = Context {
        provider: Some(&provider),
        next,
        tested: tested_by.is_some(),
    };
    let Ok(()) = oidc.inner.begun.check_key(&client.household()) else {
        return Ok(pages::refused(&head, &Problem::TooMany, context));
    };
    let browser = browser(sign_in, &head).unwrap_or_else(random);
    let beginning = Beginning {
        provider: &provider,
        browser: &browser,
        next,
        tested_by,
    };
    Ok(match oidc.begin(beginning).await {
        Ok(there) => with_cookie(
            Redirect::to(there.as_str()),
            browser_cookie(sign_in, &browser),
        ),
        Err(problem) => pages::refused(&head, &problem, context),
    })
}

/// The provider sends the browser back; the address of Authelia's example.
#[utoipa::path(get, path = "/api/oidc_callback", tag = "session", security(()),
    params(
        ("state" = Option<String>, Query, description = "Names the sign-in"),
        ("code" = Option<String>, Query, description = "Becomes tokens"),
        ("error" = Option<String>, Query, description = "Why the provider refused"),
        ("iss" = Option<String>, Query, description = "Who answers (RFC 9207)"),
    ),
    responses(
        (status = 200, description = "Somebody else is signed in in this browser; a page that asks who they want to be"),
        (status = 303, description = "Signed in; to the page that was wanted"),
        (status = 400, description = "No sign-in of this browser is under way; a page that says what to do"),
        (status = 403, description = "This person may not come in; a page that says what to do"),
        (status = 502, description = "The provider's answer cannot be used; a page that says what to do"),
        (status = 503, description = "The provider or the database does not answer; a page that says what to do"),
    )
)]
pub(in crate::sign_in) async fn oidc_callback(
    State(oidc): State<OidcSignIn>,
    head: Parts,
) -> Response {
    finish(&oidc, &head).await
}

/// The provider sends the browser back; the original's address.
pub(in crate::sign_in) async fn authorize(State(oidc): State<OidcSignIn>, head: Parts) -> Response {
    finish(&oidc, &head).await
}

async fn finish(oidc: &OidcSignIn, head: &Parts) -> Response {
    let sign_in = &oidc.inner.sign_in;
    let browser = browser(sign_in, head);
    let arriving = async {
        let callback = Callback::read(head.uri.query().unwrap_or_default())?;
        oidc.arrive(&callback, browser.as_deref()).await
    };
    let arrived = match arriving.await {
        Ok(arrived) => arrived,
        Err(problem) => return pages::refused(head, &problem, Context::default()),
    };
    if let Some(tester) = arrived.tested_by {
        return show_trial(sign_in, head, &arrived, tester).await;
    }
    let Arrived {
        provider,
        next,
        answer,
        ..
    } = arrived;
    let place = (browser.as_deref().unwrap_or_default(), next.as_str());
    let admit = match answer {
        Ok(answer) => oidc.admit(&provider, answer, place, head).await,
        Err(problem) => Err(problem),
    };
    match admit {
        Ok(Admission::In(session)) => {
            let next = safe_next(&next, sign_in.public_url());
            with_cookie(Redirect::to(next), session.cookie)
        }
        Ok(Admission::Asks(question)) => pages::asks(head, *question),
        Err(problem) => {
            let context = Context {
                provider: Some(&provider),
                next: &next,
                tested: false,
            };
            pages::refused(head, &problem, context)
        }
    }
}

/// The answer to the question who somebody wants to be.
#[derive(Debug, Deserialize)]
pub(in crate::sign_in) struct SwitchForm {
    secret: String,
    choice: Choice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Choice {
    Stay,
    Switch,
}

/// Begins the session that waited, or forgets it.
pub(in crate::sign_in) async fn switch(
    UserOrGuest(caller): UserOrGuest,
    State(oidc): State<OidcSignIn>,
    head: Parts,
    Form(form): Form<SwitchForm>,
) -> Response {
    let sign_in = &oidc.inner.sign_in;
    let browser = browser(sign_in, &head).unwrap_or_default();
    let answered = Answered {
        secret: &form.secret,
        switch: form.choice == Choice::Switch,
        here: caller.user.id,
        browser: &browser,
    };
    match oidc.answered(answered, &head).await {
        Ok(Some((session, next))) => {
            session.onto(Redirect::to(safe_next(&next, sign_in.public_url())))
        }
        Ok(None) => Redirect::to("/").into_response(),
        Err(problem) => pages::refused(&head, &problem, Context::default()),
    }
}

/// Claims are shown to the administrator who asked, and nobody is signed in.
async fn show_trial(sign_in: &SignIn, head: &Parts, arrived: &Arrived, tester: UserId) -> Response {
    let still_there = sign_in
        .sessions()
        .caller(head, Accepts::CookieOnly)
        .await
        .is_ok_and(|caller| caller.user.id == tester && caller.user.is_admin());
    let context = Context {
        provider: Some(&arrived.provider),
        next: "/",
        tested: true,
    };
    match &arrived.answer {
        _ if !still_there => pages::refused(head, &Problem::NoTester, Context::default()),
        Ok(answer) => pages::tested(head, arrived, answer),
        Err(problem) => pages::refused(head, problem, context),
    }
}

/// A provider's logout token.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::sign_in) struct LogoutBody {
    logout_token: String,
}

/// The provider signs somebody out: their sessions end here, on every replica.
#[utoipa::path(post, path = "/api/oidc_backchannel_logout", tag = "session", security(()),
    request_body(content = LogoutBody, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The sessions it names have ended"),
        (status = 400, description = "Not a logout token of one of the providers, or one that counted already", body = ErrorBody),
        (status = 503, description = "The provider's keys cannot be read, or the database does not answer", body = ErrorBody),
    )
)]
pub(in crate::sign_in) async fn oidc_backchannel_logout(
    State(oidc): State<OidcSignIn>,
    Form(body): Form<LogoutBody>,
) -> Result<StatusCode, AppError> {
    match oidc.say_goodbye(&body.logout_token).await {
        Ok(()) => Ok(StatusCode::OK),
        Err(Problem::Database(error)) => Err(error.into()),
        Err(problem @ Problem::Fault(Fault::Away(_))) => Err(AppError::Unavailable {
            code: "provider_unavailable",
            sentence: say!("oidc-logout-away"),
            source: Some(problem.into()),
        }),
        Err(problem) => {
            tracing::info!(cause = %problem, "a logout token was refused");
            Err(AppError::bad_request(
                "logout_token_refused",
                say!("oidc-logout-refused"),
            ))
        }
    }
}

/// The secret of this browser, if it has one.
fn browser(sign_in: &SignIn, head: &Parts) -> Option<String> {
    let text = cookies::value(&head.headers, BROWSER_COOKIE, sign_in.is_secure())?;
    let fits = text.len() == SECRET_LENGTH
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    fits.then_some(text)
}

/// Names the browser in which a sign-in began.
const BROWSER_COOKIE: &str = "deskcast-login";

/// Kept for the other tabs in which the same browser signs in; it opens nothing by itself.
fn browser_cookie(sign_in: &SignIn, browser: &str) -> HeaderValue {
    cookies::set(
        BROWSER_COOKIE,
        browser,
        UNDER_WAY,
        sign_in.is_secure(),
        Readable::ByServer,
    )
}
