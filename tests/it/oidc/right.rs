//! Answers that are right, in every form they may have.

use hyper::StatusCode;
use serde_json::json;
use sqlx::PgPool;

use super::{
    Browser, Written, assert_signed_in, back,
    idp::{By, Idp, Say, Script},
    know, parameter, run, server, traces,
};
use crate::support::{Logs, Statements, TestApp};

#[sqlx::test(migrations = "./migrations")]
async fn a_person_signs_in_and_is_who_the_provider_says(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    let mut browser = Browser::new(&app);
    let there = browser.begin().await;
    assert_eq!(parameter(&there, "scope"), "openid profile groups email");
    assert_eq!(
        parameter(&there, "redirect_uri"),
        format!("http://{}/api/oidc_callback", app.address)
    );
    assert_signed_in(&browser.signs_in(&idp).await);
    let session = browser.open("/session").await.json();
    assert_eq!(session["user"]["username"], "jana");
    assert_eq!(session["user"]["email"], "jana@school.test");
    assert_eq!(session["user"]["role"], "user");
    // Signed in already: nobody is sent there again.
    let again = browser.open("/login/oidc/default?next=%2Fy").await;
    assert_eq!(again.header("location"), "/y");
    let (issuer, subject): (String, String) =
        sqlx::query_as("select issuer, subject from users where username = 'jana'")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!((issuer.as_str(), subject.as_str()), (idp.issuer(), "0815"));
}

/// The first sign-in makes the account and its groups, the next ones bring it up to date.
#[sqlx::test(migrations = "./migrations")]
async fn the_way_back_costs_at_most_eight_statements(pool: PgPool) {
    Logs::capture();
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    for _ in 0..2 {
        let answer = Browser::new(&app).signs_in(&idp).await;
        assert_signed_in(&answer);
        let counted = Statements::of(&answer).await;
        counted.at_most(8);
        assert!(counted.count() >= 5, "nothing was counted: {counted:?}");
    }
}

/// A form a right answer may have, and how the provider is brought to it.
type Form = (&'static str, fn(&mut Script));

#[sqlx::test(migrations = "./migrations")]
async fn every_form_a_right_answer_may_have_is_understood(pool: PgPool) {
    let app = server(&pool).await;
    let forms: [Form; 8] = [
        ("an RSA key", |s| {
            s.by = By::Rsa;
            s.published = vec!["k1", "rsa"];
        }),
        ("a token that does not name its key", |s| {
            s.header = json!({"kid": null});
            s.published = vec!["k2", "k1"];
        }),
        ("several audiences with azp", |s| {
            s.claims = json!({"aud": ["kasm", "other"], "azp": "kasm"});
        }),
        ("no expiry of the access token", |s| {
            s.tokens = json!({"expires_in": null, "token_type": "bearer"});
        }),
        ("signed userinfo", |s| s.signed_userinfo = true),
        ("everything in the ID token", |s| {
            s.document = json!({"userinfo_endpoint": null});
            s.claims = s.userinfo_claims.clone();
        }),
        ("a clock that is a little off", |s| {
            let now = time::UtcDateTime::now().unix_timestamp();
            s.claims = json!({"iat": now + 45, "exp": now - 30});
        }),
        ("an issuer with a closing slash", |_| ()),
    ];
    for (form, change) in forms {
        let idp = Idp::start(change).await;
        know(&pool, &idp, Written::Issuer).await;
        if form.ends_with("slash") {
            run(&pool, "update oidc_providers set issuer = issuer || '/'").await;
        }
        let answer = Browser::new(&app).signs_in(&idp).await;
        assert_eq!(
            answer.status,
            StatusCode::SEE_OTHER,
            "{form}: {}",
            answer.text()
        );
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn the_three_addresses_of_authelias_example_are_enough(pool: PgPool) {
    let app = server(&pool).await;
    let with_discovery = Idp::start(|_| ()).await;
    know(&pool, &with_discovery, Written::Three).await;
    assert_signed_in(&Browser::new(&app).signs_in(&with_discovery).await);
    assert_eq!(with_discovery.hits("jwks"), 1, "keys were found and used");

    for none in [Say::Html(404), Say::Html(200)] {
        let idp = Idp::start(|script| script.discovery = none).await;
        know(&pool, &idp, Written::Three).await;
        assert_signed_in(&Browser::new(&app).signs_in(&idp).await);
        assert_eq!(idp.hits("jwks"), 0);
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn what_an_administrator_wrote_goes_before_discovery(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|script| {
        script.document =
            json!({"jwks_uri": "http://127.0.0.1:1/", "token_endpoint": "http://127.0.0.1:1/"});
    })
    .await;
    know(&pool, &idp, Written::Issuer).await;
    sqlx::query("update oidc_providers set token_url = $1, jwks_url = $2")
        .bind(idp.url("token"))
        .bind(idp.url("jwks"))
        .execute(&pool)
        .await
        .unwrap();
    assert_signed_in(&Browser::new(&app).signs_in(&idp).await);
    // With every address written down, discovery may even be away.
    idp.script().discovery = Say::Html(500);
    sqlx::query("update oidc_providers set authorization_url = $1, userinfo_url = $2, issuer = issuer || '/'")
        .bind(idp.url("authorize"))
        .bind(idp.url("userinfo"))
        .execute(&pool)
        .await
        .unwrap();
    let slashed = format!("{}/", idp.issuer());
    idp.script().claims = json!({"iss": slashed});
    let fresh = server(&pool).await;
    let mut browser = Browser::new(&fresh);
    let there = browser.begin().await;
    let good = back(&there, &[("code", &idp.consent(&there))]);
    let asked = || idp.hits(".well-known/openid-configuration");
    let before = asked();
    assert_signed_in(&browser.open(&good).await);
    let there = Browser::new(&fresh).begin().await;
    assert!(there.as_str().starts_with(&idp.url("authorize?")));
    assert_eq!(asked(), before, "and nobody waits for it again and again");
}

#[sqlx::test(migrations = "./migrations")]
async fn a_client_shows_itself_in_three_ways(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    for statement in [
        "update oidc_providers set token_auth_method = 'client_secret_post'",
        "update oidc_providers set token_auth_method = 'none', client_secret = null",
        "update oidc_providers set token_auth_method = 'none'",
    ] {
        run(&pool, statement).await;
        assert_signed_in(&Browser::new(&app).signs_in(&idp).await);
    }
    // A secret that another SECRET_KEY sealed is no secret; the page says whom to ask, and nobody is sent there.
    run(&pool, r"update oidc_providers set token_auth_method = 'client_secret_basic', client_secret = '\x0102'").await;
    let answer = Browser::new(&app).open("/login/oidc/default").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        answer.text().contains("not set up rightly on this server"),
        "{}",
        answer.text()
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn keys_that_change_in_the_middle_are_asked_for_once_more(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    assert_signed_in(&Browser::new(&app).signs_in(&idp).await);
    let mut browser = Browser::new(&app);
    let there = browser.begin().await;
    {
        let mut script = idp.script();
        script.by = By::Es("k2");
        script.published = vec!["k2"];
    }
    let good = back(&there, &[("code", &idp.consent(&there))]);
    assert_signed_in(&browser.open(&good).await);
    assert_eq!(idp.hits("jwks"), 2);
    // Unknown keys do not make anybody ask all the time.
    idp.script().by = By::Stranger;
    for _ in 0..5 {
        let answer = Browser::new(&app).signs_in(&idp).await;
        assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    }
    assert_eq!(idp.hits("jwks"), 2);
    assert_eq!(idp.hits(".well-known/openid-configuration"), 1);
}

#[sqlx::test(migrations = "./migrations")]
async fn a_class_that_signs_in_at_once_asks_for_discovery_and_keys_once(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    let (app, idp) = (&app, &idp);
    let class = (0..8).map(|_| async move {
        let mut browser = Browser::new(app);
        assert_signed_in(&browser.signs_in(idp).await);
    });
    futures_util::future::join_all(class).await;
    assert_eq!(idp.hits(".well-known/openid-configuration"), 1);
    assert_eq!(idp.hits("jwks"), 1);
    assert_eq!(
        traces(&pool).await,
        (8, 1),
        "one person, however many browsers"
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn the_original_s_callback_is_asked_for_and_works(pool: PgPool) {
    let first = server(&pool).await;
    let here = format!("http://{}", first.address);
    drop(first);
    let callback = format!("{here}/authorize");
    let app = TestApp::start_with(
        pool.clone(),
        &[
            ("SECRET_KEY", super::SECRET_KEY),
            ("PUBLIC_URL", &here),
            ("OAUTH_REDIRECT_URI", &callback),
        ],
    )
    .await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    let host = here.trim_start_matches("http://");
    let mut request = app
        .stranger()
        .request(hyper::Method::GET, "/login/oidc/default?next=%2Fx");
    request.headers_mut().insert("host", host.parse().unwrap());
    let begun = app.stranger().send(request).await;
    let there: url::Url = begun.header("location").parse().unwrap();
    assert_eq!(parameter(&there, "redirect_uri"), callback);
    let cookie = begun.header("set-cookie").split(';').next().unwrap();
    let back = back(&there, &[("code", &idp.consent(&there))]);
    let back = back.replace("/api/oidc_callback", "/authorize");
    let mut request = app.stranger().request(hyper::Method::GET, &back);
    request.headers_mut().insert("host", host.parse().unwrap());
    request
        .headers_mut()
        .insert("cookie", cookie.parse().unwrap());
    assert_signed_in(&app.stranger().send(request).await);
}

#[sqlx::test(migrations = "./migrations")]
async fn an_administrator_tries_a_provider_and_nobody_is_signed_in(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    run(
        &pool,
        "update oidc_providers set enabled = false, admin_group = 'admins'",
    )
    .await;
    let test = "/login/oidc/default?test=1";
    let mut stranger = Browser::new(&app);
    assert_eq!(stranger.open(test).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        stranger.open("/login/oidc/default").await.status,
        StatusCode::NOT_FOUND
    );

    let admin = sqlx::query_scalar("select id from users where role = 'admin'")
        .fetch_one(&pool)
        .await
        .unwrap();
    let session = app.session(admin).await;
    let mut browser = Browser {
        session: Some(session.clone()),
        ..Browser::new(&app)
    };
    let there: url::Url = browser.open(test).await.header("location").parse().unwrap();
    let good = back(&there, &[("code", &idp.consent(&there))]);
    let answer = browser.open(&good).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    for words in [
        "0815",
        "jana@school.test",
        "Jana Petersen",
        "admin",
        "preferred_username",
        "dev",
    ] {
        assert!(
            answer.text().contains(words),
            "no {words} in {}",
            answer.text()
        );
    }
    for (name, secret) in idp.secrets() {
        assert!(!secret.is_empty(), "{name}");
        // The name of a scope or a claim may be a word of the page; the tests' own token is one.
        assert!(
            secret == "access" || !answer.text().contains(&secret),
            "{name}"
        );
    }
    assert_eq!(browser.session.as_deref(), Some(session.as_str()));
    assert_eq!(
        traces(&pool).await,
        (1, 0),
        "only the administrator's own session"
    );

    // What is wrong is named to them, and to nobody else.
    idp.script().claims = json!({"aud": "somebody-else"});
    let there: url::Url = browser.open(test).await.header("location").parse().unwrap();
    let answer = browser
        .open(&back(&there, &[("code", &idp.consent(&there))]))
        .await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    assert!(
        answer.text().contains("made for another client (aud)"),
        "{}",
        answer.text()
    );
    // Somebody else's browser sees nothing of it.
    let there: url::Url = browser.open(test).await.header("location").parse().unwrap();
    browser.session = None;
    let answer = browser
        .open(&back(&there, &[("code", &idp.consent(&there))]))
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(
        answer
            .text()
            .contains("Only an administrator who is signed in"),
        "{}",
        answer.text()
    );
}
