//! Groups and role while somebody is signed in.

use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    Browser, Written, assert_signed_in,
    idp::{Idp, Say, Script},
    know, run, server, traces,
};
use crate::support::TestApp;

/// Something that changes at a provider.
type Change = Box<dyn Fn(&mut Script)>;

/// A person who is signed in at a provider that gives refresh tokens; the token is due.
async fn signed_in<'a>(app: &'a TestApp, idp: &Idp) -> Browser<'a> {
    idp.script().tokens = json!({"refresh_token": "refresh-1", "expires_in": 600});
    know(&app.pool, idp, Written::Issuer).await;
    run(
        &app.pool,
        "update oidc_providers set admin_group = 'admins'",
    )
    .await;
    let mut browser = Browser::new(app);
    assert_signed_in(&browser.signs_in(idp).await);
    browser
}

async fn due(pool: &PgPool) {
    run(
        pool,
        "update login_sessions set refresh_at = now(), refreshing_until = null",
    )
    .await;
}

/// Refreshes what is due and answers how many sessions were.
async fn renew(app: &TestApp) -> usize {
    app.state.oidc_sign_in.refresh_due().await.unwrap()
}

async fn role(pool: &PgPool) -> String {
    sqlx::query_scalar("select role::text from users where subject is not null")
        .fetch_one(pool)
        .await
        .unwrap()
}

/// Seconds until the next time.
async fn next_in(pool: &PgPool) -> f64 {
    sqlx::query_scalar("select extract(epoch from refresh_at - now())::float8 from login_sessions")
        .fetch_one(pool)
        .await
        .unwrap()
}

#[sqlx::test(migrations = "./migrations")]
async fn a_refresh_reads_groups_and_role_anew_and_keeps_the_new_token(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    let mut browser = signed_in(&app, &idp).await;
    assert!((500.0..=600.0).contains(&next_in(&pool).await));
    assert_eq!(renew(&app).await, 0, "not due yet");
    let sealed: Vec<u8> = sqlx::query_scalar("select refresh_token from login_sessions")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert!(
        !sealed.windows(7).any(|part| part == b"refresh"),
        "the token is sealed"
    );

    run(
        &pool,
        "update users set role = 'user', email = null where subject is not null",
    )
    .await;
    idp.script().tokens = json!({"refresh_token": "refresh-2", "expires_in": 10});
    due(&pool).await;
    assert_eq!(renew(&app).await, 1);
    assert_eq!(role(&pool).await, "admin", "groups give it");
    assert!(
        (200.0..=300.0).contains(&next_in(&pool).await),
        "at least five minutes"
    );
    let newer: Vec<u8> = sqlx::query_scalar("select refresh_token from login_sessions")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_ne!(newer, sealed);
    assert!(browser.is_signed_in().await);

    // Without a new ID token and without a new refresh token, the old ones stay good.
    idp.script().tokens = json!({"id_token": null});
    due(&pool).await;
    assert_eq!(renew(&app).await, 1);
    let kept: Vec<u8> = sqlx::query_scalar("select refresh_token from login_sessions")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(kept, newer);
    assert!(browser.is_signed_in().await);
}

#[sqlx::test(migrations = "./migrations")]
async fn a_refresh_that_is_refused_ends_the_session(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    let mut browser = signed_in(&app, &idp).await;
    idp.script().token = Say::This(
        400,
        "application/json",
        r#"{"error":"invalid_grant"}"#.into(),
    );
    due(&pool).await;
    assert_eq!(renew(&app).await, 1);
    assert!(!browser.is_signed_in().await);
}

#[sqlx::test(migrations = "./migrations")]
async fn a_provider_that_is_away_or_ill_changes_nothing(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    let mut browser = signed_in(&app, &idp).await;
    let no_client = r#"{"error":"invalid_client"}"#;
    let ill: [(&str, Change); 7] = [
        ("away", Box::new(|s| s.token = Say::Html(502))),
        ("a page", Box::new(|s| s.token = Say::Html(200))),
        (
            "our secret changed",
            Box::new(move |s| s.token = Say::This(401, "application/json", no_client.into())),
        ),
        ("no claims", Box::new(|s| s.userinfo = Say::Html(500))),
        (
            "somebody else",
            claims(json!({"sub": "else", "groups": []})),
        ),
        (
            "broken groups",
            claims(json!({"preferred_username": "jana", "groups": "broken"})),
        ),
        (
            "not for us",
            Box::new(|s| s.claims = json!({"aud": "other"})),
        ),
    ];
    for (what, make_ill) in ill {
        let right = idp.script().clone();
        make_ill(&mut idp.script());
        due(&pool).await;
        assert_eq!(renew(&app).await, 1, "{what}");
        assert!(browser.is_signed_in().await, "{what}");
        assert_eq!(role(&pool).await, "admin", "{what}");
        *idp.script() = right;
    }
    drop(idp);
    due(&pool).await;
    assert_eq!(renew(&app).await, 1);
    assert!(browser.is_signed_in().await);
    assert!(next_in(&pool).await > 60.0, "it is not asked all the time");
}

#[sqlx::test(migrations = "./migrations")]
async fn what_the_provider_took_away_ends(pool: PgPool) {
    let app = server(&pool).await;
    for (what, statement) in [
        ("the role", None),
        (
            "the group",
            Some("update oidc_providers set allowed_groups = '{staff}'"),
        ),
        (
            "the account",
            Some("update users set disabled_at = now() where subject is not null"),
        ),
        (
            "the provider",
            Some("update oidc_providers set enabled = false"),
        ),
    ] {
        let idp = Idp::start(|_| ()).await;
        run(&pool, "delete from users where subject is not null").await;
        let mut browser = signed_in(&app, &idp).await;
        match statement {
            Some(statement) => run(&pool, statement).await,
            None => claims(json!({"preferred_username": "jana"}))(&mut idp.script()),
        }
        due(&pool).await;
        assert_eq!(renew(&app).await, 1, "{what}");
        assert_eq!(traces(&pool).await.0, 0, "{what}");
        assert!(!browser.is_signed_in().await, "{what}");
    }
}

/// From now on userinfo says this.
fn claims(claims: Value) -> Change {
    Box::new(move |script| script.userinfo_claims = claims.clone())
}

#[sqlx::test(migrations = "./migrations")]
async fn of_two_replicas_one_refreshes_a_session(pool: PgPool) {
    let (one, two) = (server(&pool).await, server(&pool).await);
    let idp = Idp::start(|_| ()).await;
    for number in 0..4 {
        idp.script().subject = format!("person-{number}");
        idp.script().tokens = json!({"refresh_token": "refresh-1"});
        if number == 0 {
            know(&pool, &idp, Written::Issuer).await;
        }
        assert_signed_in(&Browser::new(&one).signs_in(&idp).await);
    }
    // Whoever is refreshed is somebody else: nobody's account is touched, and the session ends. So each counts once.
    let before = idp.hits("token");
    due(&pool).await;
    let (first, second) = tokio::join!(renew(&one), renew(&two));
    assert_eq!(first + second, 4);
    assert_eq!(idp.hits("token") - before, 4);
}
