//! The pages of the administration.

use super::*;

const PAGES: &str = "/admin/casts";

fn typed(changes: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let usual = [
        ("name", "Open day"),
        ("key", "open-day"),
        ("desktop_type", "debian-browser"),
        ("enabled", "on"),
    ];
    let others = usual
        .into_iter()
        .filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
    others.chain(changes.iter().copied()).collect()
}

#[sqlx::test]
async fn a_cast_is_made_changed_copied_and_deleted_on_pages(pool: PgPool) {
    let (_app, admin, _) = saving::place(pool).await;
    let empty = admin.open(PAGES).await;
    assert!(empty.text().contains("No casts yet"), "{}", empty.text());
    let form = admin.open("/admin/casts/new").await;
    assert_eq!(form.status, 200, "{}", form.text());
    let made = admin
        .submit(
            PAGES,
            &typed(&[
                ("restrict_to_referrers", "a.example\r\n\r\nB.example"),
                ("allow_audio", "on"),
                ("enforce_client_settings", "on"),
                ("valid_until", "2026-12-18T16:00"),
            ]),
        )
        .await;
    assert_eq!(made.status, 303, "{}", made.text());
    let page = made
        .header("location")
        .split('?')
        .next()
        .unwrap()
        .to_owned();
    let id = page.rsplit('/').next().unwrap();
    let stored = admin.get(&format!("{CASTS}/{id}")).await.json()["cast"].clone();
    assert_eq!(
        stored["restrict_to_referrers"],
        json!(["a.example", "b.example"])
    );
    assert_eq!(stored["valid_until"], "2026-12-18T16:00:00Z");
    assert_eq!(
        (
            &stored["client_settings"]["allow_audio"],
            &stored["client_settings"]["allow_uploads"]
        ),
        (&json!(true), &json!(false))
    );
    let shown = admin.open(made.header("location")).await;
    for words in [
        "The cast was made.",
        "value=\"2026-12-18T16:00\"",
        "a.example\nb.example</textarea>",
        "class=\"qr\"",
        "/cast/open-day</code>",
        "Last saved just now by",
        "id=\"allow_audio\" name=\"allow_audio\" checked",
    ] {
        assert!(shown.text().contains(words), "{words}: {}", shown.text());
    }
    let saved = admin.submit(&page, &typed(&[("name", "Open week")])).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    let copied = admin.post(&format!("{page}/copy")).await;
    assert!(copied.header("location").ends_with("?done=copied"));
    let list = admin.open(PAGES).await;
    for words in [
        "Open week</a>",
        "Open week (2)</a>",
        "/cast/open-day",
        "All 2",
        "Off 1",
    ] {
        assert!(list.text().contains(words), "{words}: {}", list.text());
    }
    let question = admin.open(&format!("{page}/delete")).await;
    assert!(question.text().contains("Delete the cast “Open week”?"));
    assert_eq!(
        admin.submit(&format!("{page}/delete"), &[]).await.status,
        303
    );
    assert_eq!(admin.open(&page).await.status, 404);
}

#[sqlx::test]
async fn every_wrong_field_is_named_at_the_field_and_what_was_typed_stays(pool: PgPool) {
    let (app, admin, _) = saving::place(pool).await;
    let bad = typed(&[
        ("name", ""),
        ("key", "a b"),
        ("limit_total_sessions", "on"),
        ("sessions_remaining", "-1"),
        ("kasm_url", "mikroskop.example/7b"),
        ("restrict_to_referrers", "https://x"),
        ("valid_until", "soon"),
        ("remote_app", "{"),
        ("within_seconds", "many"),
    ]);
    let refused = admin.submit(PAGES, &bad).await;
    assert_eq!(refused.status, 422);
    for field in [
        "name",
        "key",
        "sessions_remaining",
        "kasm_url",
        "restrict_to_referrers",
        "valid_until",
        "remote_app",
        "within_seconds",
    ] {
        assert!(
            refused.text().contains(&format!("id=\"{field}-problem\"")),
            "{field}: {}",
            refused.text()
        );
        assert!(
            refused.text().contains(&format!("href=\"#{field}\"")),
            "{field}"
        );
    }
    for words in [
        "Not saved: 8 fields need a change.",
        "value=\"a b\"",
        "value=\"-1\"",
        "value=\"many\"",
        "Did you mean https://mikroskop.example/7b?",
    ] {
        assert!(refused.text().contains(words), "{words}");
    }
    assert_eq!(count(&app, "casts").await, 0);
    let again = typed(&[("do", "random-key"), ("name", "Kept"), ("key", "old")]);
    let random = admin.submit(PAGES, &again).await;
    assert_eq!(random.status, 200);
    assert!(random.text().contains("value=\"Kept\"") && !random.text().contains("value=\"old\""));
    assert_eq!(count(&app, "casts").await, 0, "a key is all it was about");
}

#[sqlx::test]
async fn the_page_tries_a_visitor_and_shows_the_log(pool: PgPool) {
    let (app, admin, _) = saving::place(pool).await;
    let cast = make(
        &admin,
        &with(
            biology(),
            &json!({"restrict_to_referrers": ["school.example"]}),
        ),
    )
    .await;
    let page = format!("{PAGES}/{}", cast["id"].as_str().unwrap());
    let tried = admin
        .submit(
            &format!("{page}/check"),
            &[
                ("address", "203.0.113.40"),
                ("referrer", "https://blog.example/post"),
                ("parameters", ""),
            ],
        )
        .await;
    assert_eq!(tried.status, 200);
    for words in [
        "This visitor would be refused: Came from elsewhere.",
        "blog.example is not in the list",
        "data-rule=\"referrer\"",
        "value=\"203.0.113.40\"",
    ] {
        assert!(tried.text().contains(words), "{words}: {}", tried.text());
    }
    let typo = admin
        .submit(&format!("{page}/check"), &[("address", "here")])
        .await;
    assert_eq!(typo.status, 422);
    assert!(typo.text().contains("id=\"address-problem\""));
    append(
        &app,
        Some(&cast),
        "biology-7b",
        Some(Refusal::Referrer),
        "203.0.113.40",
    )
    .await;
    append(
        &app,
        None,
        "<script>",
        Some(Refusal::Unknown),
        "203.0.113.41",
    )
    .await;
    let log = admin.open(&format!("{page}/log")).await;
    for words in [
        "Came from elsewhere",
        "203.0.113.40",
        "moodle.school.example",
        "QF7-3M2K",
    ] {
        assert!(log.text().contains(words), "{words}: {}", log.text());
    }
    let list = admin.open(PAGES).await;
    assert!(
        list.text().contains("Latest refusals") && list.text().contains("&#60;script&#62;"),
        "{}",
        list.text()
    );
    assert_eq!(
        admin.open("/admin/casts/log?outcome=refused").await.status,
        200
    );
    let qr = admin.get(&format!("{page}/qr.svg")).await;
    assert_eq!(
        (qr.status, qr.header("content-type")),
        (StatusCode::OK, "image/svg+xml")
    );
    assert!(qr.text().starts_with("<svg xmlns="));
}
