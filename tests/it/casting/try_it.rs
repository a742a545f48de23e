//! The dry run.

use super::*;

#[sqlx::test]
async fn a_visitor_is_tried_rule_by_rule_and_nothing_is_used_up(pool: PgPool) {
    let (app, admin, _) = saving::place(pool).await;
    let fields = json!({
        "allow_anonymous": true, "restrict_to_referrers": ["school.example"], "limit_total_sessions": true,
        "sessions_remaining": 1, "limit_requests_per_ip": true, "sessions_allowed": 1, "within_seconds": 3600,
        "allow_dynamic_kasm_url": true,
    });
    let cast = make(&admin, &with(biology(), &fields)).await;
    let before = admin.get(&at(&cast)).await.json();
    let check = async |visit: Value| {
        let answer = admin
            .post_json(&format!("{}/check", at(&cast)), &visit)
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    };
    let good = json!({"address": "203.0.113.40", "referrer": "https://moodle.school.example/x",
                      "parameters": "kasm_url=https://a.example"});
    let fine = check(good.clone()).await;
    assert_eq!(
        (&fine["ok"], &fine["refusal"]),
        (&json!(true), &Value::Null),
        "{fine}"
    );
    let outcomes: Vec<_> = fine["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            (
                step["rule"].as_str().unwrap(),
                step["outcome"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        outcomes,
        [
            ("enabled", "pass"),
            ("valid_until", "pass"),
            ("referrer", "pass"),
            ("address_limit", "pass"),
            ("sign_in", "pass"),
            ("kasm_url", "pass"),
            ("docker_network", "pass"),
            ("sessions_remaining", "pass"),
            ("capacity", "open"),
        ]
    );
    for (change, refusal) in [
        (json!({"referrer": "https://evil.example"}), "referrer"),
        (json!({"referrer": null}), "referrer"),
        (json!({"parameters": "kasm_url=x"}), "kasm_url_invalid"),
        (
            json!({"parameters": "docker_network=x"}),
            "network_not_allowed",
        ),
    ] {
        let tried = check(with(good.clone(), &change)).await;
        assert_eq!(
            (&tried["ok"], &tried["refusal"]),
            (&json!(false), &json!(refusal)),
            "{change}"
        );
    }
    // The same household was served a moment ago; another was not.
    append(&app, Some(&cast), "biology-7b", None, "2001:db8:1:2::9").await;
    sqlx::query(
        "insert into cast_addresses (cast_id, household, served, allowed)
             select id, '2001:db8:1:2::', array[now()], 1 from casts where key = 'biology-7b'",
    )
    .execute(&app.pool)
    .await
    .unwrap();
    let here = check(with(good.clone(), &json!({"address": "2001:db8:1:2::7"}))).await;
    assert_eq!(here["refusal"], "too_many_requests");
    assert_eq!(
        check(with(good.clone(), &json!({"address": "2001:db8:1:3::7"}))).await["ok"],
        true
    );
    assert_eq!(
        admin.get(&at(&cast)).await.json(),
        before,
        "nothing was used up"
    );
    assert_eq!(count(&app, "cast_log").await, 1, "nothing was written down");
    let path = format!("{}/check", at(&cast));
    assert_eq!(
        wrong(&admin.post_json(&path, &json!({})).await),
        ["address"]
    );
    assert_eq!(
        wrong(
            &admin
                .post_json(&path, &json!({"address": "x", "more": 1}))
                .await
        ),
        ["address", "more"]
    );
    let nothing = format!("{CASTS}/{}/check", CastId::new());
    assert_eq!(admin.post_json(&nothing, &good).await.status, 404);
}
