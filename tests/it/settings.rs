//! Server settings over HTTP: what is told of them, what is refused, and that every server hears of a change.

use std::time::Duration;

use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, Client, Logs, Statements, TestApp, eventually};

const HERE: &str = "/api/admin/settings";
const PAGE: &str = "/admin/settings";
const KEY: [(&str, &str); 1] = [("SECRET_KEY", "a secret key of at least 32 characters")];

async fn put(admin: &Client, body: &Value) -> Answer {
    let mut request = admin.request(Method::PUT, HERE);
    let kind = "application/json".parse().unwrap();
    request.headers_mut().insert("content-type", kind);
    *request.body_mut() = axum::body::Body::from(body.to_string());
    admin.send(request).await
}

/// The names of the wrong fields, sorted.
fn wrong(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 422, "{}", answer.text());
    let body = answer.json();
    let fields = body["fields"].as_array().unwrap().iter();
    let mut named: Vec<_> = fields
        .map(|field| field["field"].as_str().unwrap().to_owned())
        .collect();
    named.sort();
    named
}

async fn rows(app: &TestApp) -> i64 {
    sqlx::query_scalar("select count(*) from server_settings")
        .fetch_one(&app.pool)
        .await
        .unwrap()
}

fn recaptcha() -> Value {
    json!({"captcha_kind": "recaptcha", "recaptcha_site_key": "6Le-site", "recaptcha_private_key": "6Le-very-private"})
}

#[sqlx::test]
async fn what_is_set_is_told_with_who_and_when_and_written_down(pool: PgPool) {
    let app = TestApp::start_with(pool, &KEY).await;
    let admin = app.admin().await;
    let usual = json!({
        "captcha_kind": "altcha", "altcha_difficulty": "normal", "recaptcha_site_key": null,
        "has_recaptcha_private_key": false, "recaptcha_private_key_problem": null,
        "recaptcha_url": "https://www.google.com/recaptcha", "cast_log_address_days": 7,
    });
    let told = admin.get(HERE).await.json();
    assert_eq!(told, json!({"success": true, "settings": usual, "set": []}));

    let saved = put(&admin, &recaptcha()).await;
    assert_eq!(saved.status, 200, "{}", saved.text());
    let told = admin.get(HERE).await;
    assert_eq!(told.json(), saved.json());
    assert!(!told.text().contains("very-private"), "{}", told.text());
    let settings = &told.json()["settings"];
    assert_eq!(settings["captcha_kind"], "recaptcha");
    assert_eq!(settings["has_recaptcha_private_key"], true);
    let set = told.json()["set"].as_array().unwrap().clone();
    let keys: Vec<_> = set.iter().map(|one| one["key"].clone()).collect();
    assert_eq!(
        keys,
        [
            "captcha_kind",
            "recaptcha_site_key",
            "recaptcha_private_key"
        ]
    );
    for one in &set {
        assert_eq!(one["by"]["name"], "admin", "{one}");
        assert!(one["at"].as_str().unwrap().contains('T'), "{one}");
    }
    let kept: Vec<u8> =
        sqlx::query_scalar("select sealed from server_settings where sealed is not null")
            .fetch_one(&app.pool)
            .await
            .unwrap();
    assert!(!kept.windows(7).any(|part| part == b"private"));

    // What was read can be sent back, and what is set to what it was says nothing new.
    assert_eq!(put(&admin, settings).await.json(), saved.json());
    let same_key = json!({"recaptcha_private_key": "6Le-very-private"});
    assert_eq!(put(&admin, &same_key).await.json(), saved.json());
    let events = admin.get("/api/admin/audit?kind=settings.changed").await;
    assert!(!events.text().contains("very-private"), "{}", events.text());
    let events = events.json()["events"].as_array().unwrap().clone();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0]["actor"]["name"], "admin");
    assert_eq!(
        (&events[0]["desktop"], &events[0]["person"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        events[0]["details"]["settings"],
        json!({
            "captcha_kind": {"from": "altcha", "to": "recaptcha"},
            "recaptcha_site_key": {"from": null, "to": "6Le-site"},
            "recaptcha_private_key": {"is_set": true},
        })
    );
    let page = admin.open("/admin/audit").await;
    assert!(
        page.text().contains("changed server settings: Check, "),
        "{}",
        page.text()
    );

    // Back to the defaults: it still says who wanted them.
    let reset =
        json!({"captcha_kind": null, "recaptcha_site_key": null, "recaptcha_private_key": null});
    let back = put(&admin, &reset).await.json();
    assert_eq!(back["settings"], usual);
    assert_eq!(back["set"].as_array().unwrap().len(), 3);
}

#[sqlx::test]
async fn a_bad_value_is_named_and_nothing_is_saved(pool: PgPool) {
    let app = TestApp::start_with(pool, &KEY).await;
    let admin = app.admin().await;
    let good = json!({"altcha_difficulty": "low"});
    let bad = [
        (json!({"captcha_kind": "hcaptcha"}), vec!["captcha_kind"]),
        (json!({"captcha_kind": 3}), vec!["captcha_kind"]),
        (
            json!({"captcha_kind": "recaptcha"}),
            vec!["recaptcha_private_key", "recaptcha_site_key"],
        ),
        (
            json!({"recaptcha_site_key": "a b"}),
            vec!["recaptcha_site_key"],
        ),
        (
            json!({"recaptcha_private_key": ""}),
            vec!["recaptcha_private_key"],
        ),
        (
            json!({"recaptcha_private_key": 7}),
            vec!["recaptcha_private_key"],
        ),
        (
            json!({"recaptcha_url": "recaptcha.net"}),
            vec!["recaptcha_url"],
        ),
        (
            json!({"recaptcha_url": "http://a.example/"}),
            vec!["recaptcha_url"],
        ),
        (
            json!({"cast_log_address_days": 366}),
            vec!["cast_log_address_days"],
        ),
        (
            json!({"cast_log_address_days": -1}),
            vec!["cast_log_address_days"],
        ),
        (
            json!({"cast_log_address_days": 1.5}),
            vec!["cast_log_address_days"],
        ),
        (
            json!({"cast_log_address_days": "7"}),
            vec!["cast_log_address_days"],
        ),
        (json!({"branding": "blue"}), vec!["branding"]),
        (
            json!({"branding": 1, "captcha_kind": 1, "cast_log_address_days": 999, "recaptcha_url": ""}),
            vec![
                "branding",
                "captcha_kind",
                "cast_log_address_days",
                "recaptcha_url",
            ],
        ),
    ];
    for (mut body, named) in bad {
        body["altcha_difficulty"] = good["altcha_difficulty"].clone();
        assert_eq!(wrong(&put(&admin, &body).await), named, "{body}");
        assert_eq!(rows(&app).await, 0, "{body}");
    }
    assert_eq!(
        put(&admin, &json!([])).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        admin.get(HERE).await.json()["settings"]["altcha_difficulty"],
        "normal"
    );
    let events: i64 = sqlx::query_scalar("select count(*) from audit_events")
        .fetch_one(&app.pool)
        .await
        .unwrap();
    assert_eq!(events, 0);
    assert_eq!(put(&admin, &good).await.status, 200);
    assert_eq!(rows(&app).await, 1);
}

#[sqlx::test]
async fn without_a_key_to_seal_with_no_secret_is_taken(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let answer = put(&admin, &recaptcha()).await;
    assert_eq!(wrong(&answer), ["recaptcha_private_key"]);
    assert!(answer.text().contains("SECRET_KEY"), "{}", answer.text());
    assert_eq!(rows(&app).await, 0);
}

#[sqlx::test]
async fn every_server_hears_of_a_change_and_no_request_reads_for_it(pool: PgPool) {
    Logs::capture();
    let app = TestApp::start(pool).await;
    let replica = app.replica(&[]).await;
    let admin = app.admin().await;
    for (days, difficulty) in [(3, "high"), (0, "low")] {
        let body = json!({"cast_log_address_days": days, "altcha_difficulty": difficulty});
        let saved = put(&admin, &body).await;
        assert_eq!(saved.status, 200, "{}", saved.text());
        // Session, turn, rows, writing, audit, transaction, rows again.
        Statements::of(&saved).await.at_most(8);
        assert_eq!(app.state.settings.now().cast_log_address_days, days);
        eventually(
            "the other server knows",
            Duration::from_secs(5),
            async || match replica.state.settings.now().cast_log_address_days {
                known if known == days => Ok(()),
                known => Err(known.to_string()),
            },
        )
        .await;
    }
    let told = admin.get(HERE).await;
    Statements::of(&told).await.at_most(2);
}

/// Both are right alone, and wrong together.
#[sqlx::test]
async fn two_administrators_at_once_never_leave_a_check_without_its_keys(pool: PgPool) {
    let app = TestApp::start_with(pool, &KEY).await;
    let replica = app.replica(&KEY).await;
    let (one, other) = (app.admin().await, Client::clone(&replica.admin().await));
    for _ in 0..10 {
        let mut ready = recaptcha();
        ready["captcha_kind"] = json!("altcha");
        assert_eq!(put(&one, &ready).await.status, 200);
        let (kind, keys) = (
            json!({"captcha_kind": "recaptcha"}),
            json!({"recaptcha_private_key": null}),
        );
        let answers = tokio::join!(put(&one, &kind), put(&other, &keys));
        let fine = [answers.0.status, answers.1.status]
            .iter()
            .filter(|status| **status == 200)
            .count();
        assert_eq!(fine, 1, "{} {}", answers.0.text(), answers.1.text());
        let told = one.get(HERE).await.json()["settings"].clone();
        let complete =
            told["captcha_kind"] == "altcha" || told["has_recaptcha_private_key"] == true;
        assert!(complete, "{told}");
        assert_eq!(put(&one, &json!({"captcha_kind": null})).await.status, 200);
    }
}

#[sqlx::test]
async fn a_cast_that_asks_for_a_check_is_refused_where_there_is_none(pool: PgPool) {
    let app = TestApp::start_with(pool, &KEY).await;
    assert_eq!(put(&app.admin().await, &recaptcha()).await.status, 200);
    let cast = |name: &str| {
        json!({"name": name, "key": name, "desktop_type": "debian-desktop", "allow_anonymous": true,
            "require_captcha": true})
    };
    let admin = app.admin().await;
    let made = admin.post_json("/api/admin/casts", &cast("ready")).await;
    assert_eq!(made.status, 201, "{}", made.text());
    // A server that cannot read the key.
    let locked = app
        .replica(&[("SECRET_KEY", "another secret key of 32 characters")])
        .await;
    let admin = locked.admin().await;
    let refused = admin.post_json("/api/admin/casts", &cast("locked")).await;
    assert_eq!(wrong(&refused), ["require_captcha"]);
    assert!(
        refused
            .text()
            .contains("keys are missing or cannot be read")
    );
    let told = admin.get(HERE).await.json()["settings"].clone();
    let problem = told["recaptcha_private_key_problem"].as_str().unwrap();
    assert!(problem.contains("SECRET_KEY was changed"), "{problem}");
    // ALTCHA needs none.
    assert_eq!(
        put(&admin, &json!({"captcha_kind": "altcha"})).await.status,
        200
    );
    let made = admin.post_json("/api/admin/casts", &cast("altcha")).await;
    assert_eq!(made.status, 201, "{}", made.text());
}

#[sqlx::test]
async fn the_page_names_what_is_wrong_at_its_field_and_never_shows_a_secret(pool: PgPool) {
    let app = TestApp::start_with(pool, &KEY).await;
    let admin = app.admin().await;
    let page = admin.open(PAGE).await;
    assert!(page.text().contains("Never changed: this is the default."));
    let mut form = vec![
        ("captcha_kind", "recaptcha"),
        ("altcha_difficulty", "high"),
        ("recaptcha_site_key", "two words"),
        ("recaptcha_private_key", "6Le-very-private"),
        ("recaptcha_url", ""),
        ("cast_log_address_days", "a week"),
    ];
    let refused = admin.submit(PAGE, &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = refused.text();
    for named in [
        "id=\"recaptcha_site_key-problem\"",
        "id=\"cast_log_address_days-problem\"",
        "value=\"two words\"",
        "value=\"a week\"",
        "2 fields need a change",
    ] {
        assert!(text.contains(named), "{named}: {text}");
    }
    assert!(!text.contains("very-private"), "{text}");
    assert_eq!(rows(&app).await, 0);
    form[2].1 = "6Le-site";
    form[5].1 = "14";
    let saved = admin.submit(PAGE, &form).await;
    assert_eq!(
        saved.header("location"),
        "/admin/settings?saved=1",
        "{}",
        saved.text()
    );
    let page = admin.open("/admin/settings?saved=1").await;
    let text = page.text();
    for told in [
        "Last set just now by admin.",
        "A key is stored",
        "value=\"14\"",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(!text.contains("very-private"), "{text}");
    // An empty secret keeps the stored one; a tick takes it away, which only another check allows.
    form[3].1 = "";
    assert_eq!(
        admin.submit(PAGE, &form).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        admin.get(HERE).await.json()["settings"]["has_recaptcha_private_key"],
        true
    );
    form.push(("remove_recaptcha_private_key", "on"));
    let needed = admin.submit(PAGE, &form).await;
    assert!(
        needed.text().contains("reCAPTCHA needs this key."),
        "{}",
        needed.text()
    );
    form[0].1 = "altcha";
    assert_eq!(
        admin.submit(PAGE, &form).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        admin.get(HERE).await.json()["settings"]["has_recaptcha_private_key"],
        false
    );
}

#[sqlx::test]
async fn the_setting_says_for_how_long_addresses_of_the_log_are_whole(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    sqlx::query(
        "insert into cast_log (id, at, cast_key, address) select gen_random_uuid(), now() - n * interval '1 day', 'k',
             '203.0.113.40' from generate_series(0, 9) n",
    )
    .execute(&app.pool)
    .await
    .unwrap();
    let whole = async || -> i64 {
        app.state.casting.tidy_log(90).await.unwrap();
        sqlx::query_scalar("select count(*) from cast_log where not address_shortened")
            .fetch_one(&app.pool)
            .await
            .unwrap()
    };
    for (days, kept) in [(9, 9), (3, 3), (0, 0)] {
        assert_eq!(
            put(&admin, &json!({"cast_log_address_days": days}))
                .await
                .status,
            200
        );
        assert_eq!(whole().await, kept, "{days}");
        let page = admin.open("/admin/casts/log").await;
        assert!(
            page.text().contains("Addresses are shortened"),
            "{}",
            page.text()
        );
    }
}
