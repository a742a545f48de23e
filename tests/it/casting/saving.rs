//! Each field of a cast is saved as it is, or refused by its name and nothing is saved.

use super::*;

/// A field, values that are taken (as they come back), and values that are refused with the fields that are named.
struct Field {
    key: &'static str,
    good: Vec<(Value, Value)>,
    bad: Vec<Value>,
    /// What else the body has, so that the field alone decides.
    besides: Value,
}

fn same(values: Value) -> Vec<(Value, Value)> {
    let Value::Array(values) = values else {
        panic!("an array")
    };
    values
        .into_iter()
        .map(|value| (value.clone(), value))
        .collect()
}

fn field(key: &'static str, good: Value, bad: &Value) -> Field {
    Field {
        key,
        good: same(good),
        bad: bad.as_array().unwrap().clone(),
        besides: json!({}),
    }
}

#[expect(clippy::too_many_lines, reason = "one table")]
fn fields(group: &str) -> Vec<Field> {
    let switch = |key| field(key, json!([true, false]), &json!([1, "on", null]));
    let anonymous = json!({"allow_anonymous": true});
    let app = json!({"remote_app_name": "||x", "args": []});
    vec![
        field(
            "name",
            json!(["Other", "Größe 🦀"]),
            &json!(["", " ", "a\nb", "x".repeat(201), 3, null]),
        ),
        field(
            "key",
            json!(["x", "A_b-9", "k".repeat(64)]),
            &json!(["", "a b", "ä", "a/b", "k".repeat(65), 1, null]),
        ),
        field(
            "desktop_type",
            json!(["debian-browser", "debian-desktop"]),
            &json!(["no-such", "", 1, null, "a\u{0}b"]),
        ),
        switch("enabled"),
        switch("allow_resume"),
        switch("allow_anonymous"),
        Field {
            besides: anonymous,
            ..field("require_captcha", json!([false, true]), &json!([1]))
        },
        field(
            "anonymous_group",
            json!([group, null]),
            &json!([CastId::new(), "x", 1]),
        ),
        Field {
            besides: json!({"sessions_remaining": 3}),
            ..switch("limit_total_sessions")
        },
        field(
            "sessions_remaining",
            json!([0, 1, 1_000_000, null]),
            &json!([-1, 1_000_001, 1.5, "3", 4_294_967_296_i64]),
        ),
        Field {
            besides: json!({"sessions_allowed": 1, "within_seconds": 1}),
            ..switch("limit_requests_per_ip")
        },
        field(
            "sessions_allowed",
            json!([1, 100_000, null]),
            &json!([0, -1, 100_001, "3"]),
        ),
        field(
            "within_seconds",
            json!([1, 31_536_000, null]),
            &json!([0, -1, 31_536_001, 0.5]),
        ),
        Field {
            good: vec![
                (
                    json!("https://mikroskop.example"),
                    json!("https://mikroskop.example/"),
                ),
                (json!(""), Value::Null),
                (Value::Null, Value::Null),
            ],
            ..field(
                "kasm_url",
                json!([]),
                &json!([
                    "mikroskop.example",
                    "ftp://a.example",
                    "https://a b.example",
                    1
                ]),
            )
        },
        switch("allow_dynamic_kasm_url"),
        Field {
            besides: json!({"desktop_type": "debian-desktop"}),
            ..field(
                "allow_dynamic_docker_network",
                json!([true, false]),
                &json!([1]),
            )
        },
        field(
            "error_url",
            json!(["https://school.example/help?x=1#y", null]),
            &json!(["school.example", "//x", "https://u@x.example", 1]),
        ),
        switch("disable_control_panel"),
        switch("disable_tips"),
        switch("enable_sharing"),
        switch("disable_shared_fixed_resolution"),
        Field {
            good: vec![
                (json!([]), json!([])),
                (
                    json!([" Acme.com ", "acme.com", "b.example"]),
                    json!(["acme.com", "b.example"]),
                ),
            ],
            ..field(
                "restrict_to_referrers",
                json!([]),
                &json!([["https://a.example"], ["a b"], "a.example", [1], null]),
            )
        },
        switch("enforce_client_settings"),
        Field {
            besides: json!({"desktop_type": "excel"}),
            ..field(
                "remote_app",
                json!([app, null]),
                &json!([{"remote_app_name": "x", "more": 1}, "x", {}]),
            )
        },
        Field {
            good: vec![
                (
                    json!("2026-12-18T16:00:00+01:00"),
                    json!("2026-12-18T15:00:00Z"),
                ),
                (json!("2020-01-01T00:00:00Z"), json!("2020-01-01T00:00:00Z")),
                (Value::Null, Value::Null),
            ],
            ..field(
                "valid_until",
                json!([]),
                &json!(["tomorrow", "2026-12-18", 1]),
            )
        },
    ]
}

/// A server with a type that offers networks and one that is a Windows machine.
pub(super) async fn place(pool: PgPool) -> (TestApp, Client, String) {
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let group = admin
        .post_json("/api/admin/groups", &json!({"name": "Guests"}))
        .await;
    let group = group.json()["group"]["id"].as_str().unwrap().to_owned();
    let networks = json!({"allow_network_selection": true, "networks": ["class-net", "internet"]});
    let changed = put(&admin, "/api/admin/desktop-types/debian-desktop", &networks).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let server = json!({"slug": "excel", "title": "Excel", "kind": "server", "server_host": "10.0.0.7",
                        "server_port": 3389, "server_protocol": "rdp"});
    let made = admin.post_json("/api/admin/desktop-types", &server).await;
    assert_eq!(made.status, 201, "{}", made.text());
    (app, admin, group)
}

#[sqlx::test]
async fn every_field_is_saved_as_it_is_or_refused_by_its_name(pool: PgPool) {
    let (app, admin, group) = place(pool).await;
    let cast = make(&admin, &biology()).await;
    let (mut saved, mut refused) = (0, 0);
    for Field {
        key,
        good,
        bad,
        besides,
    } in fields(&group)
    {
        let ready = put(&admin, &at(&cast), &with(biology(), &besides)).await;
        assert_eq!(ready.status, 200, "{key}: {}", ready.text());
        for (sent, kept) in good {
            let answer = put(&admin, &at(&cast), &json!({key: sent})).await;
            assert_eq!(answer.status, 200, "{key} {sent}: {}", answer.text());
            assert_eq!(answer.json()["cast"][key], kept, "{key} {sent}");
            let read = admin.get(&at(&cast)).await.json();
            assert_eq!(read["cast"][key], kept, "{key} {sent} is stored");
            saved += 1;
        }
        let before = admin.get(&at(&cast)).await.json();
        // A change that would be saved if it came alone.
        let besides_it = match key {
            "disable_tips" => "disable_control_panel",
            _ => "disable_tips",
        };
        for sent in bad {
            let answer = put(&admin, &at(&cast), &json!({key: sent, besides_it: true})).await;
            assert_eq!(wrong(&answer), [key], "{key} {sent}");
            assert_eq!(
                admin.get(&at(&cast)).await.json(),
                before,
                "{key} {sent} changed something"
            );
            refused += 1;
        }
        // Everything as it was, for the next field.
        let reset = json!({"allow_anonymous": false, "require_captcha": false, "anonymous_group": null,
            "limit_total_sessions": false, "sessions_remaining": null, "limit_requests_per_ip": false,
            "sessions_allowed": null, "within_seconds": null, "kasm_url": null, "allow_dynamic_kasm_url": false,
            "allow_dynamic_docker_network": false, "enable_sharing": false, "remote_app": null, "disable_tips": false,
            "disable_control_panel": false});
        let answer = put(&admin, &at(&cast), &with(biology(), &reset)).await;
        assert_eq!(answer.status, 200, "after {key}: {}", answer.text());
    }
    assert!(
        saved > 50 && refused > 80,
        "{saved} saved, {refused} refused"
    );
    assert_eq!(count(&app, "casts").await, 1);
}

#[sqlx::test]
async fn each_of_the_ten_client_settings_is_saved_by_itself(pool: PgPool) {
    let (_app, admin, _) = place(pool).await;
    let cast = make(&admin, &biology()).await;
    let settings = cast["client_settings"].as_object().unwrap().clone();
    assert_eq!(settings.len(), 10);
    for (key, default) in &settings {
        let other = !default.as_bool().unwrap();
        let answer = put(
            &admin,
            &at(&cast),
            &json!({"client_settings": {key: other}}),
        )
        .await;
        let mut expected = settings.clone();
        expected.insert(key.clone(), json!(other));
        assert_eq!(answer.json()["cast"]["client_settings"], json!(expected));
        put(
            &admin,
            &at(&cast),
            &json!({"client_settings": {key: default}}),
        )
        .await;
    }
    let bad = json!({"client_settings": {"allow_audio": 1, "colour": true, "allow_uploads": null}});
    let named = [
        "client_settings.allow_audio",
        "client_settings.allow_uploads",
        "client_settings.colour",
    ];
    assert_eq!(wrong(&put(&admin, &at(&cast), &bad).await), named);
    assert_eq!(
        wrong(&put(&admin, &at(&cast), &json!({"client_settings": []})).await),
        ["client_settings"]
    );
}

#[sqlx::test]
async fn a_new_cast_is_checked_as_a_whole_and_has_the_defaults_of_the_contract(pool: PgPool) {
    let (app, admin, _) = place(pool).await;
    let bad = json!({
        "name": "", "key": "a b", "desktop_type": "no-such", "sessions_remaining": -1, "kasm_url": "x",
        "error_url": "y", "restrict_to_referrers": ["a b"], "require_captcha": true, "limit_requests_per_ip": true,
        "colour": "red", "valid_until": "soon", "anonymous_group": CastId::new(), "client_settings": {"x": 1},
    });
    let named = [
        "anonymous_group",
        "client_settings.x",
        "colour",
        "desktop_type",
        "error_url",
        "kasm_url",
        "key",
        "name",
        "require_captcha",
        "restrict_to_referrers",
        "sessions_allowed",
        "sessions_remaining",
        "valid_until",
        "within_seconds",
    ];
    assert_eq!(wrong(&admin.post_json(CASTS, &bad).await), named);
    assert_eq!(count(&app, "casts").await, 0);
    let made = make(
        &admin,
        &json!({"name": "a", "desktop_type": "debian-desktop"}),
    )
    .await;
    assert_eq!(made["key"].as_str().unwrap().len(), 22, "a random key");
    assert_eq!(made["enabled"], true);
    for off in [
        "allow_resume",
        "allow_anonymous",
        "require_captcha",
        "limit_total_sessions",
        "limit_requests_per_ip",
        "allow_dynamic_kasm_url",
        "allow_dynamic_docker_network",
        "disable_control_panel",
        "disable_tips",
        "enable_sharing",
        "disable_shared_fixed_resolution",
        "enforce_client_settings",
        "expired",
    ] {
        assert_eq!(made[off], false, "{off}");
    }
    for empty in [
        "anonymous_group",
        "sessions_remaining",
        "kasm_url",
        "error_url",
        "remote_app",
        "valid_until",
    ] {
        assert_eq!(made[empty], Value::Null, "{empty}");
    }
    assert_eq!(made["state"], "on");
    assert_eq!(
        made["url"],
        format!(
            "http://{}/cast/{}",
            app.address,
            made["key"].as_str().unwrap()
        )
    );
    let settings = json!({
        "allow_audio": true, "audio_default_on": false, "allow_downloads": true, "allow_uploads": true,
        "allow_clipboard_down": true, "allow_clipboard_up": true, "allow_microphone": false, "allow_gamepads": false,
        "allow_sharing": false, "ime_default_on": false,
    });
    assert_eq!(made["client_settings"], settings);
    // What was read can be sent back.
    assert_eq!(put(&admin, &at(&made), &made).await.status, 200);
}

#[sqlx::test]
async fn names_and_keys_are_taken_once_in_whatever_letters(pool: PgPool) {
    let (_app, admin, _) = place(pool).await;
    let first = make(
        &admin,
        &with(biology(), &json!({"name": "Gr\u{f6}\u{df}e"})),
    )
    .await;
    let second = make(
        &admin,
        &with(biology(), &json!({"name": "Other", "key": "other"})),
    )
    .await;
    for (name, key, named) in [
        ("gr\u{f6}\u{df}e", "new", vec!["name"]),
        ("Gro\u{308}\u{df}e", "new", vec!["name"]),
        (" Gr\u{f6}\u{df}e ", "new", vec!["name"]),
        ("new", "biology-7b", vec!["key"]),
        ("GR\u{d6}\u{df}E", "biology-7b", vec!["key", "name"]),
    ] {
        let body = with(biology(), &json!({"name": name, "key": key}));
        assert_eq!(
            wrong(&admin.post_json(CASTS, &body).await),
            named,
            "{name} {key}"
        );
        assert_eq!(
            wrong(&put(&admin, &at(&second), &body).await),
            named,
            "{name} {key}"
        );
    }
    // Keys are told apart by case, and a cast keeps its own.
    make(
        &admin,
        &json!({"name": "new", "key": "Biology-7b", "desktop_type": "debian-desktop"}),
    )
    .await;
    assert_eq!(
        put(
            &admin,
            &at(&first),
            &json!({"key": "biology-7b", "name": "GRÖßE"})
        )
        .await
        .status,
        200
    );
}

/// Forty administrators save the same name at the same moment.
#[sqlx::test]
async fn one_of_many_who_take_a_name_at_once_has_it(pool: PgPool) {
    let (app, admin, _) = place(pool).await;
    let body = biology();
    let tries = (0..40).map(|_| admin.post_json(CASTS, &body));
    let answers = futures_util::future::join_all(tries).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert!(
            wrong(answer)
                .iter()
                .all(|field| field == "name" || field == "key")
        );
    }
    assert_eq!(count(&app, "casts").await, 1);
}

#[sqlx::test]
async fn what_the_type_cannot_do_is_refused_with_a_sentence(pool: PgPool) {
    let (_app, admin, _) = place(pool).await;
    let refused = async |changes: &Value| {
        let answer = admin.post_json(CASTS, &with(biology(), changes)).await;
        (
            wrong(&answer),
            answer.json()["error"].as_str().unwrap().to_owned(),
        )
    };
    let (named, says) =
        refused(&json!({"desktop_type": "debian-desktop", "kasm_url": "https://a.example"})).await;
    assert_eq!(named, ["kasm_url"]);
    assert!(says.contains("cannot be given a page to open"), "{says}");
    let (named, _) =
        refused(&json!({"desktop_type": "debian-desktop", "allow_dynamic_kasm_url": true})).await;
    assert_eq!(named, ["allow_dynamic_kasm_url"]);
    let (named, says) = refused(&json!({"allow_dynamic_docker_network": true})).await;
    assert_eq!(named, ["allow_dynamic_docker_network"]);
    assert!(says.contains("does not offer networks"), "{says}");
    let (named, says) = refused(&json!({"remote_app": {"remote_app_name": "||Excel"}})).await;
    assert_eq!(named, ["remote_app"]);
    assert!(says.contains("reached by RDP"), "{says}");
    let (named, says) = refused(&json!({"require_captcha": true})).await;
    assert_eq!(named, ["require_captcha"]);
    assert!(says.contains("Allow Anonymous"), "{says}");
    let bad = json!({"desktop_type": "excel", "remote_app": {"remote_app_name": "x", "args": [
        {"url_param_name": "a", "value_pattern": "("}, {"value": "x", "value_pattern": "y"}]}});
    let (named, _) = refused(&bad).await;
    assert_eq!(
        named,
        ["remote_app.args.0.value_pattern", "remote_app.args.1.value"]
    );
}

/// Sessions that are served while an administrator writes something else are not given out twice.
#[sqlx::test]
async fn what_is_served_while_a_form_is_open_still_counts(pool: PgPool) {
    let (app, admin, _) = place(pool).await;
    let limited = json!({"limit_total_sessions": true, "sessions_remaining": 7});
    let cast = make(&admin, &with(biology(), &limited)).await;
    let page = format!("/admin/casts/{}", cast["id"].as_str().unwrap());
    sqlx::query("update casts set sessions_remaining = 5")
        .execute(&app.pool)
        .await
        .unwrap();
    let typed = |remaining: &'static str| {
        [
            ("name", "Biology 7c"),
            ("key", "biology-7b"),
            ("desktop_type", "debian-browser"),
            ("enabled", "on"),
            ("limit_total_sessions", "on"),
            ("sessions_remaining", remaining),
            ("sessions_seen", "7"),
        ]
    };
    assert_eq!(admin.submit(&page, &typed("7")).await.status, 303);
    let read = admin.get(&at(&cast)).await.json()["cast"].clone();
    assert_eq!(
        (&read["name"], &read["sessions_remaining"]),
        (&json!("Biology 7c"), &json!(5))
    );
    assert_eq!(
        put(&admin, &at(&cast), &json!({"name": "Biology 7d"}))
            .await
            .json()["cast"]["sessions_remaining"],
        5
    );
    assert_eq!(admin.submit(&page, &typed("9")).await.status, 303);
    assert_eq!(
        admin.get(&at(&cast)).await.json()["cast"]["sessions_remaining"],
        9
    );
}

/// The database itself keeps what must never be.
#[sqlx::test]
async fn the_database_refuses_what_no_cast_may_be(pool: PgPool) {
    let (app, admin, _) = place(pool).await;
    make(
        &admin,
        &with(
            biology(),
            &json!({"limit_total_sessions": true, "sessions_remaining": 0}),
        ),
    )
    .await;
    for statement in [
        "update casts set sessions_remaining = sessions_remaining - 1",
        "update casts set sessions_remaining = null",
        "update casts set key = 'a b'",
        "update casts set name = ''",
        "update casts set require_captcha = true",
        "update casts set limit_requests_per_ip = true",
        "update casts set within_seconds = 0",
    ] {
        let done = sqlx::query(statement).execute(&app.pool).await;
        assert!(done.is_err(), "{statement}");
    }
}

#[sqlx::test]
async fn a_cast_whose_group_is_removed_is_switched_off(pool: PgPool) {
    let (_app, admin, group) = place(pool).await;
    let open = json!({"allow_anonymous": true, "anonymous_group": group});
    let cast = make(&admin, &with(biology(), &open)).await;
    let other =
        json!({"name": "b", "key": "b", "allow_anonymous": false, "anonymous_group": group});
    let signed_in = make(&admin, &with(biology(), &other)).await;
    assert_eq!(
        admin
            .delete(&format!("/api/admin/groups/{group}"))
            .await
            .status,
        200
    );
    let read = admin.get(&at(&cast)).await.json()["cast"].clone();
    assert_eq!(
        (&read["enabled"], &read["anonymous_group"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(
        admin.get(&at(&signed_in)).await.json()["cast"]["enabled"],
        true
    );
}

#[sqlx::test]
async fn a_copy_has_a_name_and_a_key_of_its_own_and_is_off(pool: PgPool) {
    let (_app, admin, _) = place(pool).await;
    let cast = make(
        &admin,
        &with(
            biology(),
            &json!({"kasm_url": "https://a.example", "disable_tips": true}),
        ),
    )
    .await;
    let copy = admin.post(&format!("{}/copy", at(&cast))).await;
    assert_eq!(copy.status, 201, "{}", copy.text());
    let copy = copy.json()["cast"].clone();
    assert_eq!(copy["name"], "Biology 7b (2)");
    assert_eq!(
        (&copy["enabled"], copy["key"].as_str().unwrap().len()),
        (&json!(false), 22)
    );
    for same in [
        "kasm_url",
        "disable_tips",
        "desktop_type",
        "client_settings",
    ] {
        assert_eq!(copy[same], cast[same], "{same}");
    }
    let third = admin.post(&format!("{}/copy", at(&cast))).await;
    assert_eq!(third.json()["cast"]["name"], "Biology 7b (3)");
    let nothing = admin.post(&format!("{CASTS}/{}/copy", CastId::new())).await;
    assert_eq!(nothing.status, 404);
}

#[sqlx::test]
async fn a_deleted_cast_is_gone_and_its_type_can_go_too(pool: PgPool) {
    let (app, admin, _) = place(pool).await;
    let cast = make(&admin, &biology()).await;
    append(&app, Some(&cast), "biology-7b", None, "203.0.113.40").await;
    let in_use = admin
        .delete("/api/admin/desktop-types/debian-browser")
        .await;
    assert_eq!(in_use.status, 409);
    assert!(
        in_use.text().contains("A cast opens this type"),
        "{}",
        in_use.text()
    );
    assert_eq!(admin.delete(&at(&cast)).await.status, 200);
    assert_eq!(admin.delete(&at(&cast)).await.status, 404);
    assert_eq!(admin.get(&at(&cast)).await.status, 404);
    assert_eq!(put(&admin, &at(&cast), &json!({})).await.status, 404);
    assert_eq!(
        count(&app, "cast_log").await,
        1,
        "what was served is still known"
    );
    assert_eq!(
        admin
            .delete("/api/admin/desktop-types/debian-browser")
            .await
            .status,
        200
    );
}

/// Saving: the session's is remembered; the type, what is taken, the row and reading it back.
#[sqlx::test]
async fn saving_a_cast_takes_at_most_six_statements(pool: PgPool) {
    Logs::capture();
    let (_app, admin, _) = place(pool).await;
    let made = admin.post_json(CASTS, &biology()).await;
    let statements = Statements::of(&made).await;
    statements.at_most(6);
    assert!(
        statements.count() >= 4,
        "nothing was counted: {statements:?}"
    );
    let cast = made.json()["cast"].clone();
    Statements::of(&put(&admin, &at(&cast), &json!({"disable_tips": true})).await)
        .await
        .at_most(7);
}
