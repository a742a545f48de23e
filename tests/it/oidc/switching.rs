//! A sign-in that comes back where somebody else is signed in: nothing changes before they were asked, and one answer counts.

use deskcast::people::Role;
use hyper::{Method, header};
use serde_json::json;
use sqlx::PgPool;

use super::{
    Browser, Idp, Written, assert_signed_in, back, know,
    logout::{logout_token, says_goodbye},
    run, server, traces,
};
use crate::support::{Answer, Logs, Statements, TestApp};

const STALE: &str = "This sign-in is not under way any more";

/// The browser of Jana, to which the sign-in of Ivo has come back; and the page that asks.
async fn asked<'a>(app: &'a TestApp, idp: &Idp) -> (Browser<'a>, Answer) {
    let mut browser = Browser::new(app);
    let (one, two) = (browser.begin().await, browser.begin().await);
    idp.script().subject = "0815".into();
    idp.script().userinfo_claims = json!({"preferred_username": "jana", "name": "Jana Petersen"});
    let jana = back(&one, &[("code", &idp.consent(&one))]);
    assert_signed_in(&browser.open(&jana).await);
    idp.script().subject = "0816".into();
    idp.script().userinfo_claims = json!({"preferred_username": "ivo", "name": "Ivo Serv"});
    let ivo = back(&two, &[("code", &idp.consent(&two))]);
    let page = browser.open(&ivo).await;
    assert_eq!(page.status, 200, "{}", page.text());
    // An answer of a provider counts once, whatever is answered here.
    let again = browser.open(&ivo).await;
    assert_eq!(again.status, 400);
    assert!(again.text().contains(STALE));
    (browser, page)
}

/// The secret in the page.
fn secret(page: &Answer) -> String {
    let text = page.text();
    let (_, after) = text.split_once("name=\"secret\" value=\"").unwrap();
    after.split('"').next().unwrap().to_owned()
}

async fn who(browser: &mut Browser<'_>) -> String {
    let session = browser.open("/session").await.json();
    session["user"]["username"].as_str().unwrap().to_owned()
}

fn assert_stale(answer: &Answer) {
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert!(answer.text().contains(STALE));
    assert!(!answer.headers.contains_key("set-cookie"));
}

#[sqlx::test(migrations = "./migrations")]
async fn whoever_stays_is_who_they_were(pool: PgPool) {
    Logs::capture();
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    let (mut jana, page) = asked(&app, &idp).await;
    // Nothing of the other account is in the browser, and no session of theirs began.
    assert!(!page.headers.contains_key("set-cookie"));
    for words in [
        "Jana Petersen (jana)",
        "Ivo Serv (ivo)",
        "default",
        "action=\"/login/switch\"",
    ] {
        assert!(page.text().contains(words), "{words} in {}", page.text());
    }
    assert_eq!(traces(&pool).await, (1, 2));
    assert_eq!(who(&mut jana).await, "jana");
    // What was under way, the provider, an account that is made, who is here, and what waits.
    Statements::of(&page).await.at_most(9);

    let secret = secret(&page);
    let fields = |choice| [("secret", secret.as_str()), ("choice", choice)];
    let before = jana.session.clone();
    let answer = jana.submit("/login/switch", &fields("stay")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (303, "/")
    );
    assert!(!answer.headers.contains_key("set-cookie"));
    Statements::of(&answer).await.at_most(2);
    assert_stale(&jana.submit("/login/switch", &fields("switch")).await);
    assert_eq!(jana.session, before);
    assert_eq!(who(&mut jana).await, "jana");
    assert_eq!(traces(&pool).await, (1, 2));
}

#[sqlx::test(migrations = "./migrations")]
async fn whoever_switches_leaves_their_old_session(pool: PgPool) {
    Logs::capture();
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    let (mut jana, page) = asked(&app, &idp).await;
    let secret = secret(&page);
    let fields = [("secret", secret.as_str()), ("choice", "switch")];
    let mut old = jana.clone();
    let answer = jana.submit("/login/switch", &fields).await;
    assert_signed_in(&answer);
    // What waited, the person, the session.
    Statements::of(&answer).await.at_most(4);
    assert_eq!(who(&mut jana).await, "ivo");
    assert!(!old.is_signed_in().await, "the old session has ended");
    assert_eq!(traces(&pool).await, (1, 2));
    assert_stale(&jana.submit("/login/switch", &fields).await);
    // What the session keeps of its provider is there as after every sign-in: the provider can end it.
    let kept: (String, bool) =
        sqlx::query_as("select oidc_subject, id_token is not null from login_sessions")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(kept, ("0816".into(), true));
}

#[sqlx::test(migrations = "./migrations")]
async fn only_the_one_who_was_asked_answers_and_only_in_their_browser(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    let (mut jana, page) = asked(&app, &idp).await;
    let secret = secret(&page);
    let fields = [("secret", secret.as_str()), ("choice", "switch")];

    // Without the cookie of the browser in which the sign-in began.
    let mut elsewhere = Browser {
        secret: None,
        ..jana.clone()
    };
    assert_stale(&elsewhere.submit("/login/switch", &fields).await);
    // Somebody else is signed in by now.
    let carla = app.account("carla", Role::User).await;
    let mut changed = Browser {
        session: Some(app.session(carla).await),
        ..jana.clone()
    };
    assert_stale(&changed.submit("/login/switch", &fields).await);
    // Nobody is.
    let mut nobody = Browser {
        session: None,
        ..jana.clone()
    };
    let answer = nobody.submit("/login/switch", &fields).await;
    assert_eq!(answer.status, 303);
    assert!(answer.header("location").starts_with("/login"));
    // A page from elsewhere.
    let mut foreign = app.stranger().request(Method::POST, "/login/switch");
    foreign
        .headers_mut()
        .insert(header::ORIGIN, "https://evil.test".parse().unwrap());
    assert_eq!(jana.ask(foreign).await.status, 403);
    // No choice at all.
    let neither = [("secret", secret.as_str()), ("choice", "both")];
    assert_eq!(jana.submit("/login/switch", &neither).await.status, 422);

    // It waited through all of that.
    assert_signed_in(&jana.submit("/login/switch", &fields).await);
    assert_eq!(who(&mut jana).await, "ivo");
}

#[sqlx::test(migrations = "./migrations")]
async fn a_question_that_is_over_changes_nothing(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    for (case, statement, status) in [
        (
            "too late",
            "update oidc_switches set expires_at = now()",
            400,
        ),
        (
            "switched off",
            "update users set disabled_at = now() where subject = '0816'",
            403,
        ),
        (
            "no such person any more",
            "delete from users where subject = '0816'",
            400,
        ),
    ] {
        let (mut jana, page) = asked(&app, &idp).await;
        run(&pool, statement).await;
        let fields = [("secret", &*secret(&page)), ("choice", "switch")];
        let answer = jana.submit("/login/switch", &fields).await;
        assert_eq!(answer.status.as_u16(), status, "{case}: {}", answer.text());
        assert_eq!(who(&mut jana).await, "jana", "{case}");
        run(&pool, "update users set disabled_at = null").await;
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn a_provider_that_signs_somebody_out_ends_what_waits_too(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    let (mut jana, page) = asked(&app, &idp).await;
    let token = logout_token(&idp, &json!({"sub": "0816"}));
    let answer = says_goodbye(&app, &token).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let fields = [("secret", &*secret(&page)), ("choice", "switch")];
    assert_stale(&jana.submit("/login/switch", &fields).await);
    assert_eq!(who(&mut jana).await, "jana");
}
