//! Signing out at the provider too, and being signed out by it.

use std::time::Duration;

use axum::body::Body;
use deskcast::{
    ids::OidcProviderId,
    sessions::{Accepts, Caller},
};
use hyper::{Method, Request, StatusCode, header};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    Browser, Written, assert_signed_in,
    idp::{By, CLIENT, Idp, laid},
    know, parameter, run, server, traces,
};
use crate::support::{Answer, Client, Credential, TestApp, eventually};

/// How long a sign-out may take to be heard everywhere.
const HEARD: Duration = Duration::from_secs(5);

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A logout token for everything of the person `0815`, with `changes`.
pub(super) fn logout_token(idp: &Idp, changes: &Value) -> String {
    let now = time::UtcDateTime::now().unix_timestamp();
    let claims = json!({
        "iss": idp.issuer(), "aud": CLIENT.0, "iat": now, "exp": now + 120, "jti": Uuid::new_v4().to_string(),
        "sub": "0815", "events": { EVENT: {} },
    });
    idp.signed(&json!({"typ": "logout+jwt"}), &laid(claims, changes))
}

/// A provider is no browser: no cookie, no Origin.
pub(super) async fn says_goodbye(app: &TestApp, token: &str) -> Answer {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri("/api/oidc_backchannel_logout")
        .header(header::HOST, app.address.to_string())
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::empty())
        .unwrap();
    let form: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("logout_token", token)
        .finish();
    *request.body_mut() = Body::from(form);
    app.stranger().send(request).await
}

/// Who a browser is, as the rules see it.
async fn caller(app: &TestApp, browser: &Browser<'_>) -> Caller {
    let cookie = format!("deskcast={}", browser.session.as_ref().unwrap());
    let head = Request::get("/")
        .header(header::COOKIE, cookie)
        .body(())
        .unwrap()
        .into_parts()
        .0;
    app.state
        .sessions
        .caller(&head, Accepts::CookieOnly)
        .await
        .unwrap()
}

#[sqlx::test(migrations = "./migrations")]
async fn a_provider_signs_somebody_out_and_their_streams_end_on_every_replica(pool: PgPool) {
    let (one, two) = (server(&pool).await, server(&pool).await);
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    let mut jana = Browser::new(&one);
    assert_signed_in(&jana.signs_in(&idp).await);
    idp.script().subject = "0816".into();
    let mut ivo = Browser::new(&one);
    assert_signed_in(&ivo.signs_in(&idp).await);

    let streams = [
        one.state.sessions.ended(&caller(&one, &jana).await),
        two.state.sessions.ended(&caller(&two, &jana).await),
    ];
    let of_ivo = two.state.sessions.ended(&caller(&two, &ivo).await);
    // It comes to both at once, as a provider that is not sure sends it again: it counts once.
    let token = logout_token(&idp, &json!({}));
    let (here, there) = tokio::join!(says_goodbye(&one, &token), says_goodbye(&two, &token));
    let mut statuses = [here.status, there.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::BAD_REQUEST]);
    for stream in streams {
        tokio::time::timeout(HEARD, stream.cancelled())
            .await
            .unwrap();
    }
    assert!(!of_ivo.is_cancelled());
    assert!(!jana.is_signed_in().await && ivo.is_signed_in().await);

    // And never again, wherever it is shown: who signed in since stays so.
    idp.script().subject = "0815".into();
    assert_signed_in(&jana.signs_in(&idp).await);
    for replica in [&one, &two] {
        let answer = says_goodbye(replica, &token).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
    assert!(jana.is_signed_in().await);
    sqlx::query("update oidc_logout_tokens set expires_at = now()")
        .execute(&pool)
        .await
        .unwrap();
    one.state.oidc_sign_in.sweep().await.unwrap();
    let left: i64 = sqlx::query_scalar("select count(*) from oidc_logout_tokens")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(left, 0, "what is too old by itself is not kept");
}

#[sqlx::test(migrations = "./migrations")]
async fn a_logout_token_ends_the_session_it_names(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    let mut first = Browser::new(&app);
    assert_signed_in(&first.signs_in(&idp).await);
    idp.script().claims = json!({"sid": "second"});
    let mut second = Browser::new(&app);
    assert_signed_in(&second.signs_in(&idp).await);
    let by_sid = logout_token(&idp, &json!({"sid": "second", "sub": null}));
    assert_eq!(says_goodbye(&app, &by_sid).await.status, StatusCode::OK);
    assert!(first.is_signed_in().await && !second.is_signed_in().await);
    let of_another = logout_token(&idp, &json!({"sid": "session-of-0815", "sub": "0816"}));
    assert_eq!(says_goodbye(&app, &of_another).await.status, StatusCode::OK);
    assert!(first.is_signed_in().await);
}

#[sqlx::test(migrations = "./migrations")]
async fn what_is_no_logout_token_ends_nothing(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    assert_signed_in(&Browser::new(&app).signs_in(&idp).await);
    let now = time::UtcDateTime::now().unix_timestamp();
    let mut tokens: Vec<String> = [
        json!({"iss": "https://evil.test"}),
        json!({"aud": "other"}),
        json!({"aud": null}),
        json!({"iat": now + 600}),
        json!({"iat": now - 600}),
        json!({"exp": now - 600}),
        json!({"events": null}),
        json!({"events": {}}),
        json!({"nonce": "n"}),
        json!({"jti": null}),
        json!({"sub": null}),
    ]
    .iter()
    .map(|changes| logout_token(&idp, changes))
    .collect();
    for by in [
        By::Stranger,
        By::Nobody,
        By::PublicKeyAsSecret,
        By::ClientSecret,
        By::Es("k2"),
    ] {
        idp.script().by = by;
        tokens.push(logout_token(&idp, &json!({})));
    }
    idp.script().by = By::Es("k1");
    let id_token = idp.signed(&json!({"typ": "at+jwt"}), &json!({"iss": idp.issuer()}));
    tokens.extend([String::new(), "a.b.c".to_owned(), id_token]);
    for token in &tokens {
        let answer = says_goodbye(&app, token).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{token}");
        assert_eq!(answer.json()["code"], "logout_token_refused");
    }
    assert_eq!(traces(&pool).await, (1, 1));

    // The right one counts, once.
    let right = logout_token(&idp, &json!({}));
    assert_eq!(says_goodbye(&app, &right).await.status, StatusCode::OK);
    assert_eq!(traces(&pool).await, (0, 1));
    assert_signed_in(&Browser::new(&app).signs_in(&idp).await);
    assert_eq!(
        says_goodbye(&app, &right).await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(traces(&pool).await, (1, 1));
    // From a browser's page it is nobody's logout.
    let answer = app
        .stranger()
        .submit("/api/oidc_backchannel_logout", &[("logout_token", "x")])
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[sqlx::test(migrations = "./migrations")]
async fn signing_out_leads_on_to_the_provider(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    let mut browser = Browser::new(&app);
    assert_signed_in(&browser.signs_in(&idp).await);
    let session = browser.session.clone().unwrap();
    let page = browser.send(Method::POST, "/logout").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.text()
            .contains("You have been signed out. Your desktops keep running.")
    );
    assert!(page.text().contains("http-equiv=\"refresh\""));
    let there = page
        .text()
        .split("href=\"")
        .map(|rest| {
            rest.split('"')
                .next()
                .unwrap()
                .replace("&#38;", "&")
                .replace("&amp;", "&")
        })
        .find(|link| link.starts_with(idp.issuer()))
        .unwrap();
    let there: url::Url = there.parse().unwrap();
    assert_eq!(there.path(), "/end");
    assert_eq!(parameter(&there, "client_id"), CLIENT.0);
    assert_eq!(
        parameter(&there, "post_logout_redirect_uri"),
        format!("http://{}/login?signed_out=1", app.address)
    );
    let hint = ("an ID token", parameter(&there, "id_token_hint"));
    assert!(idp.secrets().contains(&hint), "the one it gave");
    assert_eq!(browser.session, None, "the cookie is gone");
    browser.session = Some(session);
    assert!(!browser.is_signed_in().await);

    // A program hears the address beside the answer it always got.
    let mut browser = Browser::new(&app);
    assert_signed_in(&browser.signs_in(&idp).await);
    let script = crate::support::Client::new(
        app.address,
        crate::support::Credential::Header(browser.session.unwrap()),
    );
    let answer = script.post("/logout").await.json();
    assert_eq!(answer["success"], true);
    assert_eq!(answer["message"], "Successfully logged out");
    assert!(
        answer["provider_logout_url"]
            .as_str()
            .unwrap()
            .starts_with(&idp.url("end?"))
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn signing_out_works_without_the_provider(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|script| script.document = json!({"end_session_endpoint": null})).await;
    know(&pool, &idp, Written::Issuer).await;
    let mut browser = Browser::new(&app);
    assert_signed_in(&browser.signs_in(&idp).await);
    let answer = browser.send(Method::POST, "/logout").await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, "/login?signed_out=1")
    );

    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    assert_signed_in(&browser.signs_in(&idp).await);
    drop(idp);
    // A server that has to ask for the address finds nobody.
    let other = server(&pool).await;
    let mut elsewhere = Browser {
        app: &other,
        ..browser.clone()
    };
    let answer = elsewhere.send(Method::POST, "/logout").await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, "/login?signed_out=1")
    );
    assert_eq!(traces(&pool).await.0, 0);
    // A local session has no provider.
    run(&pool, "delete from oidc_providers").await;
    let answer = app.script("local").await.post("/logout").await.json();
    assert_eq!(answer.get("provider_logout_url"), None);
}

#[sqlx::test(migrations = "./migrations")]
async fn tokens_end_with_all_sessions_of_a_person_and_with_the_provider(pool: PgPool) {
    let (app, other) = (server(&pool).await, server(&pool).await);
    let idp = Idp::start(|_| ()).await;
    let provider = know(&pool, &idp, Written::Issuer).await;
    let mut jana = Browser::new(&app);
    assert_signed_in(&jana.signs_in(&idp).await);
    let user = caller(&app, &jana).await.user.id;
    let token = async || {
        let made = app.state.tokens.create(user, "script", None).await.unwrap();
        Credential::Header(made.secret.expose_secret().to_owned())
    };
    let works = async |credential: &Credential| {
        let mut statuses = Vec::new();
        for server in [&app, &other] {
            let client = Client::new(server.address, credential.clone());
            statuses.push(client.get("/session").await.status);
        }
        assert_eq!(statuses[0], statuses[1], "on every replica");
        statuses[0] == StatusCode::OK
    };
    let first = token().await;
    assert!(works(&first).await);
    let one_session = logout_token(&idp, &json!({"sid": "session-of-0815"}));
    assert_eq!(
        says_goodbye(&app, &one_session).await.status,
        StatusCode::OK
    );
    assert!(works(&first).await, "one browser ended, not the person");
    let whole = logout_token(&idp, &json!({}));
    assert_eq!(says_goodbye(&app, &whole).await.status, StatusCode::OK);
    eventually("it ends", HEARD, async || {
        (!works(&first).await).then_some(())
    })
    .await;

    assert_signed_in(&jana.signs_in(&idp).await);
    let second = token().await;
    assert!(works(&second).await);
    app.state
        .sign_in
        .delete_provider(OidcProviderId(provider))
        .await
        .unwrap();
    eventually("it ends", HEARD, async || {
        (!works(&second).await).then_some(())
    })
    .await;
}
