//! Answers that are wrong: nobody is signed in, no account is made, and a page says what to do.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    Browser, Written, assert_signed_in, back,
    idp::{By, Idp, Say, Script},
    know, run, server, traces,
};
use crate::support::{Answer, TestApp};

mod browsers;
mod endpoints;
mod id_tokens;

/// A page's status, and what it says.
#[derive(Clone, Copy, Debug)]
struct Says(u16, &'static str);

const STALE: Says = Says(400, "This sign-in is not under way any more");
const OTHER_BROWSER: Says = Says(400, "This sign-in began in another browser");
const CANCELLED: Says = Says(400, "You cancelled signing in at default");
const REFUSED: Says = Says(403, "default refused to sign you in");
const UNTRUSTED: Says = Says(502, "The answer of default cannot be trusted");
const UNUSABLE: Says = Says(502, "default answers in a way that cannot be used");
const MISCONFIGURED: Says = Says(502, "Signing in with default is not set up rightly");
const AWAY: Says = Says(
    503,
    "default does not answer. Desktops that run go on. Try again in a minute.",
);

/// A page with a sentence that says what to do, its reference, and nothing of the cause.
fn assert_page(case: &str, answer: &Answer, Says(status, sentence): Says) {
    let page = answer.text();
    assert_eq!(answer.status.as_u16(), status, "{case}: {page}");
    assert!(
        answer.header("content-type").starts_with("text/html"),
        "{case}"
    );
    for words in [sentence, "Reference", "Start again"] {
        assert!(page.contains(words), "{case}: no {words:?} in {page}");
    }
    for cause in [
        "insecure_secret",
        "ID token",
        "endpoint",
        "userinfo",
        "(aud)",
        "127.0.0.1",
        "kasm",
    ] {
        assert!(!page.contains(cause), "{case}: {cause} in {page}");
    }
    assert!(!answer.headers.contains_key("set-cookie"), "{case}");
}

/// A sign-in with a provider that has this wrong with it signs nobody in.
async fn assert_refused(app: &TestApp, case: &str, says: Says, change: impl FnOnce(&mut Script)) {
    let idp = Idp::start(change).await;
    know(&app.pool, &idp, Written::Issuer).await;
    let answer = Browser::new(app).signs_in(&idp).await;
    assert_page(case, &answer, says);
    assert_eq!(traces(&app.pool).await, (0, 0), "{case}");
}

/// With nothing wrong somebody is signed in: the cases before are seen to fail by what is wrong in them.
async fn assert_nothing_else_is_wrong(app: &TestApp) {
    let idp = Idp::start(|_| ()).await;
    know(&app.pool, &idp, Written::Issuer).await;
    assert_signed_in(&Browser::new(app).signs_in(&idp).await);
    assert_eq!(traces(&app.pool).await, (1, 1));
}

/// What was promised: a provider that answers wrongly in forty ways, none of them counted twice.
const PROMISED: usize = 40;

/// Counts the tables of this folder; each is gone through by one test at least, which asks every line of it.
#[test]
fn forty_different_bad_answers_are_asked_at_least() {
    let plain = |text: &str| text.to_owned();
    let says = |(say, _): &(Say, Says)| format!("{say:?}");
    let json = |(value, _): &(Value, Says)| value.to_string();
    let refusals = browsers::REFUSALS;
    let tables: [(&str, Vec<String>); 8] = [
        ("claims", id_tokens::CLAIMS.map(plain).into()),
        ("headers", id_tokens::HEADERS.map(plain).into()),
        (
            "signatures",
            id_tokens::SIGNERS.map(|by| format!("{by:?}")).into(),
        ),
        (
            "groups",
            id_tokens::wrong_groups().iter().map(json).collect(),
        ),
        (
            "any endpoint",
            endpoints::wrong_everywhere().iter().map(says).collect(),
        ),
        (
            "token endpoint",
            endpoints::wrong_at_tokens().iter().map(says).collect(),
        ),
        (
            "discovery",
            endpoints::wrong_documents().iter().map(json).collect(),
        ),
        ("browser", refusals.map(|(sent, _)| plain(sent)).into()),
    ];
    let mut asked = BTreeSet::new();
    for (table, answers) in tables {
        println!("{table}: {}", answers.len());
        for answer in answers {
            let first = asked.insert((table, answer.clone()));
            assert!(first, "{table} has this twice: {answer}");
        }
    }
    println!("together: {}", asked.len());
    assert!(
        asked.len() >= PROMISED,
        "only {} bad answers are asked",
        asked.len()
    );
}
