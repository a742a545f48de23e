//! Endpoints that are away, slow, huge, elsewhere, or answer something else.

use std::time::{Duration, Instant};

use super::*;

/// No page may take longer, however slow a provider is.
const PAGE_WITHIN: Duration = Duration::from_secs(8);

/// What is wrong with whatever endpoint says it.
pub(super) fn wrong_everywhere() -> Vec<(Say, Says)> {
    vec![
        (Say::Html(200), UNUSABLE),
        (Say::Html(403), UNUSABLE),
        (Say::Html(404), UNUSABLE),
        (Say::Huge, UNUSABLE),
        (Say::Redirect, UNUSABLE),
        (json_text(200, "[]"), UNUSABLE),
        (json_text(200, "\"a\""), UNUSABLE),
        (json_text(200, "{"), UNUSABLE),
        (Say::Html(429), AWAY),
        (Say::Html(500), AWAY),
        (Say::Html(503), AWAY),
    ]
}

fn json_text(status: u16, text: &str) -> Say {
    Say::This(status, "application/json", text.into())
}

/// What is wrong at the token endpoint alone.
pub(super) fn wrong_at_tokens() -> Vec<(Say, Says)> {
    vec![
        (json_text(400, r#"{"error": "invalid_grant"}"#), STALE),
        (
            json_text(401, r#"{"error": "invalid_client"}"#),
            MISCONFIGURED,
        ),
        (json_text(400, r#"{"error": "invalid_request"}"#), UNUSABLE),
        (json_text(400, r#"{"error": 7}"#), UNUSABLE),
        (Say::Html(400), UNUSABLE),
    ]
}

/// What is wrong in a discovery document.
pub(super) fn wrong_documents() -> Vec<(Value, Says)> {
    vec![
        (json!({"issuer": "https://evil.test"}), UNTRUSTED),
        (json!({"issuer": "http://127.0.0.1.evil.test"}), UNTRUSTED),
        (json!({"issuer": null}), UNUSABLE),
        (json!({"token_endpoint": ["https://a.test"]}), UNUSABLE),
        (json!({"token_endpoint": "not an address"}), UNUSABLE),
        (json!({"token_endpoint": null}), UNUSABLE),
        (
            json!({"authorization_endpoint": "javascript:alert(1)"}),
            UNUSABLE,
        ),
    ]
}

#[sqlx::test(migrations = "./migrations")]
async fn a_token_endpoint_that_answers_wrongly_signs_nobody_in(pool: PgPool) {
    let app = server(&pool).await;
    let cases = wrong_everywhere().into_iter().chain(wrong_at_tokens());
    for (say, says) in cases {
        let case = format!("{say:?}");
        assert_refused(&app, &case, says, |idp| idp.token = say).await;
    }
    for over in [json!({"token_type": "mac"}), json!({"access_token": null})] {
        assert_refused(&app, "tokens", UNUSABLE, |idp| idp.tokens = over).await;
    }
    assert_nothing_else_is_wrong(&app).await;
}

#[sqlx::test(migrations = "./migrations")]
async fn userinfo_and_keys_that_answer_wrongly_sign_nobody_in(pool: PgPool) {
    let app = server(&pool).await;
    for (say, says) in wrong_everywhere() {
        let case = format!("{say:?}");
        let keys = say.clone();
        assert_refused(&app, &case, says, |idp| idp.userinfo = say).await;
        assert_refused(&app, &case, says, |idp| idp.keys = keys).await;
    }
    assert_refused(&app, "no keys", UNTRUSTED, |idp| idp.published = vec![]).await;
    let no_list = json_text(200, "{}");
    assert_refused(&app, "no list", UNUSABLE, |idp| idp.keys = no_list).await;
    assert_nothing_else_is_wrong(&app).await;
}

#[sqlx::test(migrations = "./migrations")]
async fn nobody_is_sent_to_a_provider_whose_discovery_is_wrong(pool: PgPool) {
    let app = server(&pool).await;
    let opens = async |case: &str, idp: &Idp, says: Says| {
        know(&pool, idp, Written::Issuer).await;
        let answer = Browser::new(&app).open("/login/oidc/default").await;
        assert_page(case, &answer, says);
    };
    for (say, says) in wrong_everywhere() {
        let case = format!("{say:?}");
        opens(&case, &Idp::start(|idp| idp.discovery = say).await, says).await;
    }
    for (document, says) in wrong_documents() {
        let case = document.to_string();
        opens(
            &case,
            &Idp::start(|idp| idp.document = document).await,
            says,
        )
        .await;
    }
    // Nobody listens there any more.
    let gone = Idp::start(|_| ()).await;
    know(&pool, &gone, Written::Issuer).await;
    drop(gone);
    let answer = Browser::new(&app).open("/login/oidc/default").await;
    assert_page("gone", &answer, AWAY);
    assert!(answer.headers.contains_key("retry-after"));
    let under_way: i64 = sqlx::query_scalar("select count(*) from oidc_sign_ins")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(under_way, 0);
}

/// With only the three addresses of Authelia's example, discovery at their origin must be that origin's own.
#[sqlx::test(migrations = "./migrations")]
async fn discovery_that_nobody_wrote_down_leads_nowhere_else(pool: PgPool) {
    let app = server(&pool).await;
    for document in [
        json!({"issuer": "https://evil.test"}),
        json!({"jwks_uri": "https://evil.test/jwks"}),
        json!({"token_endpoint": "http://127.0.0.1:1/token"}),
    ] {
        let case = document.to_string();
        let idp = Idp::start(|idp| idp.document = document).await;
        know(&pool, &idp, Written::Three).await;
        let answer = Browser::new(&app).open("/login/oidc/default").await;
        assert_page(&case, &answer, UNTRUSTED);
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn a_slow_provider_is_given_up_within_seconds(pool: PgPool) {
    let app = server(&pool).await;
    let slow = |at: usize| {
        move |idp: &mut Script| {
            let endpoint = match at {
                0 => &mut idp.token,
                1 => &mut idp.userinfo,
                _ => &mut idp.keys,
            };
            *endpoint = Say::Nothing;
        }
    };
    let mut waiting = Vec::new();
    let mut idps = Vec::new();
    for at in 0..3 {
        let idp = Idp::start(slow(at)).await;
        know(&pool, &idp, Written::Issuer).await;
        let mut browser = Browser::new(&app);
        let there = browser.begin().await;
        let good = back(&there, &[("code", &idp.consent(&there))]);
        // It stays, and the next one has its own row.
        run(&pool, "update oidc_providers set name = id::text").await;
        waiting.push(async move {
            let began = Instant::now();
            let answer = browser.open(&good).await;
            (at, answer, began.elapsed())
        });
        idps.push(idp);
    }
    for (at, answer, took) in futures_util::future::join_all(waiting).await {
        assert_eq!(answer.status.as_u16(), 503, "{at}");
        let page = answer.text();
        assert!(page.contains("does not answer. Desktops that run go on."));
        assert!(took < PAGE_WITHIN, "{at}: {took:?}");
    }
    let idp = Idp::start(|script| script.discovery = Say::Nothing).await;
    know(&pool, &idp, Written::Issuer).await;
    let began = Instant::now();
    let answer = Browser::new(&app).open("/login/oidc/default").await;
    assert_page("discovery", &answer, AWAY);
    assert!(began.elapsed() < PAGE_WITHIN);
    assert_eq!(traces(&pool).await, (0, 0));
}
