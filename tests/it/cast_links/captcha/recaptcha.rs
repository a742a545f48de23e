//! Google's checkbox: what is asked of Google, and that every doubt refuses.

use futures_util::future::join_all;
use serde_json::json;
use time::Duration;

use super::*;
use crate::siteverify::{FINE, PRIVATE_KEY, SITE_KEY, Says, Siteverify};

/// As the servers are started: a key to seal the private key with.
const WITH_KEY: [(&str, &str); 3] = [
    VARIABLES[0],
    VARIABLES[1],
    ("SECRET_KEY", "a secret key of at least 32 characters"),
];

struct Scene {
    place: Place,
    google: Siteverify,
}

async fn scene(pool: PgPool) -> Scene {
    let place = Place::with(pool, &WITH_KEY).await;
    let google = Siteverify::start().await;
    place.set(keys(&google.url(), PRIVATE_KEY)).await;
    place
        .cast(CastFields {
            limit_total_sessions: true,
            sessions_remaining: Some(30),
            ..checked()
        })
        .await;
    Scene { place, google }
}

fn keys(url: &str, private_key: &str) -> SettingsDraft {
    SettingsDraft {
        captcha_kind: Change::Set(deskcast::settings::CaptchaKind::Recaptcha),
        recaptcha_site_key: Change::Set(SITE_KEY.into()),
        recaptcha_private_key: Change::Set(private_key.into()),
        recaptcha_url: Change::Set(url.into()),
        ..SettingsDraft::default()
    }
}

impl Scene {
    /// A new page, sent with this token.
    async fn shows(&self, visitor: &Visitor, token: &str) -> Answer {
        let page = visitor.open("/cast/k").await;
        visitor.proves("/cast/k", &ticket_of(&page), token).await
    }
}

#[sqlx::test]
async fn a_token_that_google_knows_opens_one_desktop_and_no_other(pool: PgPool) {
    let scene = scene(pool).await;
    let visitor = scene.place.stranger();
    let page = visitor.open("/cast/k").await;
    assert_eq!(attribute(&page, "data-sitekey").as_deref(), Some(SITE_KEY));
    assert!(!page.text().contains(PRIVATE_KEY));
    is_refused(
        &visitor.send("/cast/k", &ticket_of(&page)).await,
        "nothing was shown",
    );
    assert!(scene.google.asked().is_empty(), "there was nothing to ask");
    let ticket = ticket_of(&page);
    let served = visitor.proves("/cast/k", &ticket, "token-1").await;
    let name = desktop_of(&served);
    let asked = scene.google.asked();
    assert_eq!(
        (&*asked[0].secret, &*asked[0].response),
        (PRIVATE_KEY, "token-1")
    );
    assert_eq!(
        asked[0].remoteip, None,
        "Google hears of no address from us"
    );
    // Google knows a token once; our page leads to its desktop all the same.
    scene.google.says(Says::Json(
        json!({"success": false, "error-codes": ["timeout-or-duplicate"]}),
    ));
    let again = visitor.proves("/cast/k", &ticket, "token-1").await;
    assert_eq!(desktop_of(&again), name);
    assert_eq!(scene.place.guests().await, 1);
}

#[sqlx::test]
async fn a_token_counts_once_on_two_servers_even_if_google_says_otherwise(pool: PgPool) {
    let scene = scene(pool).await;
    let replica = scene.place.app.replica(&WITH_KEY).await;
    let visitors = [scene.place.stranger(), Visitor::new(replica.stranger())];
    let shown = visitors.iter().cycle().take(20);
    let answers = join_all(shown.map(|visitor| scene.shows(visitor, "one-token"))).await;
    let served = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::SEE_OTHER);
    assert_eq!(served.count(), 1);
    assert_eq!(scene.place.remaining().await, 29);
    assert_eq!(scene.google.asked().len(), 20);
}

#[sqlx::test]
async fn every_doubt_refuses_and_uses_nothing_up(pool: PgPool) {
    let scene = scene(pool).await;
    let visitor = scene.place.stranger();
    let old = Says::Solved("127.0.0.1", Duration::minutes(4));
    let doubts = [
        (Says::Solved("evil.example", Duration::ZERO), false),
        (Says::Solved("", Duration::ZERO), false),
        (old, false),
        (Says::Solved("127.0.0.1", Duration::minutes(-5)), false),
        (Says::Json(json!({"success": false})), false),
        (Says::Json(json!({"success": true})), false),
        (Says::Json(json!({"success": "true"})), true),
        (Says::Json(json!(true)), true),
        (Says::Status(StatusCode::OK), true),
        (Says::Status(StatusCode::INTERNAL_SERVER_ERROR), true),
        (Says::Status(StatusCode::TOO_MANY_REQUESTS), true),
        (Says::Page, true),
        (Says::Elsewhere, true),
        (Says::Flood, true),
    ];
    for (number, (says, ours)) in doubts.into_iter().enumerate() {
        let what = format!("{says:?}");
        scene.google.says(says);
        let answer = scene.shows(&visitor, &format!("token-{number}")).await;
        is_refused(&answer, &what);
        let excused = answer.text().contains("does not answer at the moment");
        assert_eq!(excused, ours, "{what}: {}", answer.text());
    }
    for token in ["a b", "a&secret=x", "ä", &"x".repeat(9_000)] {
        let before = scene.google.asked().len();
        is_refused(&scene.shows(&visitor, token).await, token);
        assert_eq!(
            scene.google.asked().len(),
            before,
            "{token} was asked about"
        );
    }
    assert_eq!(scene.place.remaining().await, 30);
    assert_eq!(scene.place.guests().await, 0);
    assert_eq!(
        scene
            .place
            .number("select count(*) from captcha_used")
            .await,
        0
    );
    // As soon as it answers rightly, it counts.
    scene.google.says(FINE);
    desktop_of(&scene.shows(&visitor, "token-at-last").await);
}

#[sqlx::test]
async fn a_google_that_is_away_silent_or_does_not_know_us_refuses_in_time(pool: PgPool) {
    let scene = scene(pool).await;
    let visitor = scene.place.stranger();
    scene.google.says(Says::Nothing);
    let silent = scene.shows(&visitor, "token-1").await;
    is_refused(&silent, "silent");
    assert!(silent.text().contains("does not answer at the moment"));
    scene.google.says(FINE);
    scene
        .place
        .set(keys(&scene.google.url(), "6Le-another"))
        .await;
    let unknown = scene.shows(&visitor, "token-2").await;
    is_refused(&unknown, "a key that Google does not know");
    assert!(unknown.text().contains("not set up rightly"));
    // Nobody listens there any more.
    let url = scene.google.url();
    let place = scene.place;
    drop(scene.google);
    place.set(keys(&url, PRIVATE_KEY)).await;
    let page = visitor.open("/cast/k").await;
    let away = visitor
        .proves("/cast/k", &ticket_of(&page), "token-3")
        .await;
    is_refused(&away, "away");
    assert_eq!(place.remaining().await, 30);
}

#[sqlx::test]
async fn a_private_key_that_cannot_be_read_refuses_and_shows_no_check(pool: PgPool) {
    let scene = scene(pool).await;
    let other_key = [
        VARIABLES[0],
        VARIABLES[1],
        ("SECRET_KEY", "another secret key of 32 characters"),
    ];
    let replica = scene.place.app.replica(&other_key).await;
    let page = Visitor::new(replica.stranger()).open("/cast/k").await;
    is_refused(&page, "the page");
    assert!(
        page.text().contains("not set up rightly"),
        "{}",
        page.text()
    );
    let shown = scene.place.stranger().open("/cast/k").await;
    let sent = Visitor::new(replica.stranger())
        .proves("/cast/k", &ticket_of(&shown), "token-1")
        .await;
    is_refused(&sent, "what another server showed");
    assert!(scene.google.asked().is_empty());
}

#[sqlx::test]
async fn the_page_loads_what_google_needs_from_where_the_settings_say(pool: PgPool) {
    let scene = scene(pool).await;
    let google = "https://www.google.com/recaptcha";
    let elsewhere = "https://www.recaptcha.net/recaptcha";
    let here = scene.google.url();
    let table = [
        (
            google,
            "https://www.google.com/recaptcha/ https://www.gstatic.com/recaptcha/",
            "https://www.google.com/recaptcha/ https://recaptcha.google.com/recaptcha/",
        ),
        (
            elsewhere,
            "https://www.recaptcha.net/recaptcha/ https://www.gstatic.com/recaptcha/ https://www.gstatic.cn/recaptcha/",
            "https://www.recaptcha.net/recaptcha/",
        ),
        (&*here, &*format!("{here}/"), &*format!("{here}/")),
    ];
    for (url, scripts, frames) in table {
        scene.place.set(keys(url, PRIVATE_KEY)).await;
        let page = scene.place.stranger().open("/cast/k").await;
        let policy = page.header("content-security-policy");
        let scripts =
            format!("' {scripts}; style-src 'self'; img-src 'self' data:; font-src 'self'; ");
        assert!(policy.contains(&scripts), "{policy}");
        assert!(
            policy.contains(&format!(
                "connect-src 'self'; frame-src {frames}; form-action 'self'; "
            )),
            "{policy}"
        );
        assert!(
            page.text()
                .contains(&format!("src=\"{url}/api.js?hl=en\" defer")),
            "{}",
            page.text()
        );
        assert!(!page.text().contains("vendor/altcha"));
    }
}
