//! The list with what each cast did today, and the log.

use super::*;

#[sqlx::test]
async fn the_list_is_searched_filtered_and_read_page_by_page(pool: PgPool) {
    Logs::capture();
    let (app, admin, _) = saving::place(pool).await;
    let one = async |name: &str, key: &str, more: Value| {
        make(
            &admin,
            &with(
                json!({"name": name, "key": key, "desktop_type": "debian-browser"}),
                &more,
            ),
        )
        .await
    };
    one("ärger", "c-1", json!({})).await;
    one("Biology", "c-2", json!({"enabled": false})).await;
    one(
        "Open day",
        "c-3",
        json!({"limit_total_sessions": true, "sessions_remaining": 0}),
    )
    .await;
    let parents = one(
        "Parents",
        "c-4",
        json!({"valid_until": "2020-01-01T00:00:00Z"}),
    )
    .await;
    one("100% _", "c-5", json!({"desktop_type": "debian-desktop"})).await;
    append(
        &app,
        Some(&parents),
        "c-4",
        Some(Refusal::Expired),
        "203.0.113.40",
    )
    .await;
    append(&app, Some(&parents), "c-4", None, "203.0.113.40").await;
    append(
        &app,
        None,
        "no-such",
        Some(Refusal::Unknown),
        "203.0.113.40",
    )
    .await;
    let names = async |query: &str| {
        let answer = admin.get(&format!("{CASTS}{query}")).await;
        let body = answer.json();
        assert_eq!(answer.status, 200, "{body}");
        let names: Vec<_> = body["casts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["name"].as_str().unwrap().to_owned())
            .collect();
        (names, body["next"].as_str().map(str::to_owned))
    };
    let all = names("").await.0;
    assert_eq!(all.len(), 5);
    for (query, expected) in [
        ("?q=BIO", vec!["Biology"]),
        ("?q=c-3", vec!["Open day"]),
        ("?q=Debian+Desktop", vec!["100% _"]),
        ("?q=%25", vec!["100% _"]),
        ("?q=nothing", vec![]),
        ("?state=off", vec!["Biology"]),
        ("?state=used_up", vec!["Open day"]),
        ("?state=expired", vec!["Parents"]),
        ("?state=on&q=rger", vec!["ärger"]),
    ] {
        assert_eq!(names(query).await.0, expected, "{query}");
    }
    let (mut paged, mut next) = names("?limit=2").await;
    while let Some(cursor) = next {
        let (more, on) = names(&format!("?limit=2&after={cursor}")).await;
        assert!(more.len() <= 2);
        paged.extend(more);
        next = on;
    }
    assert_eq!(paged, all, "each once, in order");
    assert_eq!(
        wrong(&admin.get(&format!("{CASTS}?state=x&limit=0&after=y")).await),
        ["after", "limit", "state"]
    );
    let answer = admin.get(&format!("{CASTS}?q=Parents")).await;
    let row = answer.json()["casts"][0].clone();
    assert_eq!(
        (&row["served_today"], &row["refused_today"], &row["state"]),
        (&json!(1), &json!(1), &json!("expired"))
    );
    assert_eq!(row["type_title"], "Debian Browser");
    Statements::of(&answer).await.at_most(1);
}

#[sqlx::test]
async fn the_log_says_who_was_served_and_who_was_refused_why(pool: PgPool) {
    let (app, admin, _) = saving::place(pool).await;
    let cast = make(&admin, &biology()).await;
    append(&app, Some(&cast), "biology-7b", None, "203.0.113.40").await;
    append(
        &app,
        Some(&cast),
        "biology-7b",
        Some(Refusal::Disabled),
        "2001:db8:1f:2:3::4",
    )
    .await;
    append(
        &app,
        None,
        "a\u{7}\u{0}<b>",
        Some(Refusal::Unknown),
        "203.0.113.41",
    )
    .await;
    let log = async |path: &str| admin.get(path).await.json()["log"].clone();
    let own = log(&format!("{}/log", at(&cast))).await;
    assert_eq!(own.as_array().unwrap().len(), 2);
    assert_eq!(
        (&own[0]["refusal"], &own[0]["address"]),
        (&json!("disabled"), &json!("2001:db8:1f:2:3::4"))
    );
    assert_eq!(
        (&own[1]["refusal"], &own[1]["address"]),
        (&Value::Null, &json!("203.0.113.40"))
    );
    assert_eq!(own[1]["referrer"], "moodle.school.example");
    assert_eq!(
        (&own[1]["user_name"], &own[1]["reference"]),
        (&json!("jana"), &json!("QF7-3M2K"))
    );
    assert!(own[1]["desktop_id"].is_string() && own[0]["desktop_id"].is_null());
    assert_eq!(
        log(&format!("{}/log?outcome=refused", at(&cast)))
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let all = log(&format!("{CASTS}/log")).await;
    assert_eq!(all.as_array().unwrap().len(), 3);
    assert_eq!(
        (&all[0]["key"], &all[0]["cast"]),
        (&json!("a<b>"), &Value::Null),
        "what cannot be shown is left out"
    );
    assert_eq!(
        log(&format!("{CASTS}/log?outcome=refused"))
            .await
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        wrong(&admin.get(&format!("{CASTS}/log?outcome=x&limit=0")).await),
        ["limit", "outcome"]
    );
    assert_eq!(
        admin
            .get(&format!("{CASTS}/{}/log", CastId::new()))
            .await
            .status,
        404
    );
}

/// The log grows; a page of it, the list and a new line cost the same.
#[sqlx::test]
async fn a_long_log_is_read_by_its_pages_and_never_through(pool: PgPool) {
    Logs::capture();
    let (app, admin, _) = saving::place(pool).await;
    let cast = make(&admin, &biology()).await;
    sqlx::query(
        "insert into cast_log (id, cast_id, cast_key, refusal, address)
         select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
             case when n % 2 = 0 then $1 end, 'k', case when n % 1000 > 1 then null else 'expired' end, '203.0.113.40'
         from generate_series(1, 100000) n",
    )
    .bind(id_of(&cast))
    .execute(&app.pool)
    .await
    .unwrap();
    sqlx::query("analyze cast_log")
        .execute(&app.pool)
        .await
        .unwrap();
    // Only for this test: whoever reads through the table is told so at once.
    let read_through = async || -> i64 {
        sqlx::query_scalar(
            "select coalesce(seq_scan, 0) from pg_stat_user_tables where relname = 'cast_log'",
        )
        .fetch_one(&app.pool)
        .await
        .unwrap()
    };
    sqlx::query("select pg_stat_force_next_flush()")
        .execute(&app.pool)
        .await
        .unwrap();
    let before = read_through().await;
    let mut seen = 0;
    let mut place = format!("{}/log?outcome=refused&limit=30", at(&cast));
    loop {
        let answer = admin.get(&place).await;
        let body = answer.json();
        seen += body["log"].as_array().unwrap().len();
        Statements::of(&answer).await.at_most(2);
        match body["next"].as_str() {
            Some(next) => {
                place = format!("{}/log?outcome=refused&limit=30&after={next}", at(&cast));
            }
            None => break,
        }
    }
    assert_eq!(seen, 100);
    for path in ["/log", "/log?outcome=refused", ""] {
        assert_eq!(admin.get(&format!("{CASTS}{path}")).await.status, 200);
    }
    append(&app, Some(&cast), "biology-7b", None, "203.0.113.40").await;
    sqlx::query("select pg_stat_force_next_flush()")
        .execute(&app.pool)
        .await
        .unwrap();
    assert_eq!(read_through().await, before, "somebody read the whole log");
}

#[sqlx::test]
async fn old_addresses_are_shortened_and_old_lines_forgotten(pool: PgPool) {
    let (app, admin, _) = saving::place(pool).await;
    let cast = make(&admin, &biology()).await;
    for (address, days) in [
        ("203.0.113.40", 8),
        ("2001:db8:1f:2:3::4", 8),
        ("198.51.100.7", 6),
        ("198.51.100.8", 91),
    ] {
        append(&app, Some(&cast), "biology-7b", None, address).await;
        sqlx::query(
            "update cast_log set at = now() - make_interval(days => $1) where host(address) = $2",
        )
        .bind(days)
        .bind(address)
        .execute(&app.pool)
        .await
        .unwrap();
    }
    sqlx::query("insert into cast_days (cast_id, day, served) values ($1, current_date - 100, 5)")
        .bind(id_of(&cast))
        .execute(&app.pool)
        .await
        .unwrap();
    app.state.casting.tidy_log(90).await.unwrap();
    let log = admin.get(&format!("{}/log", at(&cast))).await.json()["log"].clone();
    let addresses: Vec<_> = log
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["address"].as_str().unwrap())
        .collect();
    assert_eq!(
        addresses,
        ["198.51.100.7", "2001:db8:1f::/48", "203.0.113.0/24"]
    );
    let days: i64 = sqlx::query_scalar("select count(*) from cast_days")
        .fetch_one(&app.pool)
        .await
        .unwrap();
    assert_eq!(days, 1);
}
