//! What comes back through the browser: state, codes, refusals.

use super::*;

#[sqlx::test(migrations = "./migrations")]
async fn an_answer_in_the_browser_counts_once_and_in_its_own_browser(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    let nobody = async |case: &str, answer: Answer, says: Says| {
        assert_page(case, &answer, says);
        assert_eq!(traces(&pool).await, (0, 0), "{case}");
    };
    let callback = "/api/oidc_callback";
    let mut browser = Browser::new(&app);
    nobody("nothing", browser.open(callback).await, STALE).await;
    let only_code = format!("{callback}?code=a");
    nobody("only a code", browser.open(&only_code).await, STALE).await;
    let unknown = format!("{callback}?code=a&state=unknown");
    nobody("an unknown state", browser.open(&unknown).await, STALE).await;

    let there = browser.begin().await;
    let good = back(&there, &[("code", &idp.consent(&there))]);
    let doubled = format!("{good}&state=x");
    nobody("a doubled state", browser.open(&doubled).await, STALE).await;

    let mut other = Browser::new(&app);
    other.begin().await;
    nobody("another browser", other.open(&good).await, OTHER_BROWSER).await;
    nobody("and then its own", browser.open(&good).await, STALE).await;

    let there = browser.begin().await;
    let good = back(&there, &[("code", &idp.consent(&there))]);
    let mut without = Browser::new(&app);
    nobody("no cookie", without.open(&good).await, OTHER_BROWSER).await;

    let there = browser.begin().await;
    run(&pool, "update oidc_sign_ins set expires_at = now()").await;
    let late = back(&there, &[("code", &idp.consent(&there))]);
    nobody("too late", browser.open(&late).await, STALE).await;

    let there = browser.begin().await;
    run(&pool, "update oidc_providers set enabled = false").await;
    let off = back(&there, &[("code", &idp.consent(&there))]);
    nobody("switched off", browser.open(&off).await, STALE).await;
    run(&pool, "update oidc_providers set enabled = true").await;

    let there = browser.begin().await;
    let good = back(&there, &[("code", &idp.consent(&there))]);
    assert_signed_in(&browser.open(&good).await);
    assert_page("replayed", &browser.clone().open(&good).await, STALE);
    assert_eq!(traces(&pool).await, (1, 1));
}

#[sqlx::test(migrations = "./migrations")]
async fn a_code_counts_once(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    let mut browser = Browser::new(&app);
    let there = browser.begin().await;
    let code = idp.consent(&there);
    assert_signed_in(&browser.open(&back(&there, &[("code", &code)])).await);
    // In a sign-in of somebody who saw it.
    let mut thief = Browser::new(&app);
    let there = thief.begin().await;
    let answer = thief.open(&back(&there, &[("code", &code)])).await;
    assert_page("used", &answer, STALE);
    assert_eq!(traces(&pool).await, (1, 1));
}

#[sqlx::test(migrations = "./migrations")]
async fn two_tabs_are_two_sign_ins(pool: PgPool) {
    let app = server(&pool).await;
    for (pkce, says) in [(true, STALE), (false, UNTRUSTED)] {
        let idp = Idp::start(|script| script.checks_pkce = pkce).await;
        know(&pool, &idp, Written::Issuer).await;
        let mut browser = Browser::new(&app);
        let (one, two) = (browser.begin().await, browser.begin().await);
        // The code of one tab in the other: without PKCE at the provider, the nonce tells.
        let mixed = back(&one, &[("code", &idp.consent(&two))]);
        assert_page("mixed", &browser.open(&mixed).await, says);
        assert_eq!(traces(&pool).await, (0, 0));
    }
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    let mut browser = Browser::new(&app);
    let (one, two) = (browser.begin().await, browser.begin().await);
    for there in [two, one] {
        let good = back(&there, &[("code", &idp.consent(&there))]);
        assert_signed_in(&browser.open(&good).await);
    }
    let (sessions, people) = traces(&pool).await;
    assert_eq!((sessions, people), (1, 1), "the second replaced the first");
}

/// What a provider sends instead of a code.
pub(super) const REFUSALS: [(&str, Says); 11] = [
    ("error=access_denied", CANCELLED),
    ("error=access_denied&code=a", CANCELLED),
    ("error=login_required", CANCELLED),
    ("error=temporarily_unavailable", AWAY),
    ("error=server_error&error_description=oh", AWAY),
    ("error=invalid_scope", MISCONFIGURED),
    ("error=%3Cscript%3Ealert(1)%3C/script%3E", REFUSED),
    ("", REFUSED),
    ("code=", REFUSED),
    ("code=a&iss=https://evil.test", UNTRUSTED),
    ("error=access_denied&iss=https://evil.test", UNTRUSTED),
];

#[sqlx::test(migrations = "./migrations")]
async fn a_provider_that_refuses_or_is_another_signs_nobody_in(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    for (answered, says) in REFUSALS {
        let mut browser = Browser::new(&app);
        let there = browser.begin().await;
        let back = format!("{}&{answered}", back(&there, &[]));
        let answer = browser.open(&back).await;
        assert_page(answered, &answer, says);
        assert!(!answer.text().contains("<script>alert"));
        assert_eq!(traces(&pool).await, (0, 0), "{answered}");
    }
    // One that promises to say who it is, and does not (RFC 9207).
    let promise = json!({"authorization_response_iss_parameter_supported": true});
    let idp = Idp::start(|script| script.document = promise).await;
    know(&pool, &idp, Written::Issuer).await;
    let mut browser = Browser::new(&app);
    let there = browser.begin().await;
    let answer = browser
        .open(&back(&there, &[("code", &idp.consent(&there))]))
        .await;
    assert_page("no iss", &answer, UNTRUSTED);
    assert_signed_in(&browser.signs_in(&idp).await);
}

#[sqlx::test(migrations = "./migrations")]
async fn one_address_cannot_begin_sign_ins_without_end(pool: PgPool) {
    const ENOUGH: usize = 2_000;
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    for begun in 0..ENOUGH {
        let answer = Browser::new(&app).open("/login/oidc/default").await;
        if answer.status == 429 {
            assert!(begun >= 600, "a school begins its day: {begun}");
            assert_page(
                "flood",
                &answer,
                Says(429, "Too many sign-ins began in your network."),
            );
            assert!(answer.headers.contains_key("retry-after"));
            return;
        }
        assert_eq!(answer.status, 303);
    }
    panic!("{ENOUGH} sign-ins began");
}
