//! What a click costs does not grow with the history: no table that grows is read from end to end, lists are pages, and
//! what is over is forgotten a little at a time.

use std::{collections::BTreeSet, time::Duration};

use axum::http::StatusCode;
use deskcast::{
    desktops::{StartOptions, guests, history, limits, upkeep},
    people::Role,
};
use serde_json::{Value, json};
use sqlx::{ConnectOptions, PgPool};

use crate::support::{Answer, Client, TestApp, eventually};

/// People, each with one desktop that is stopped and four runs of last year.
const PEOPLE: i32 = 20_000;
/// Of them, those whose desktop is being started.
const LIVE: i32 = 120;

async fn fill(pool: &PgPool) {
    for statement in [
        "alter table desktops disable trigger user",
        "insert into users (id, slug, username, display_name, email)
         select gen_random_uuid(), 'p-' || n, 'p-' || n, 'Person ' || to_char(n, 'FM00000'), 'p' || n || '@schule.test'
         from generate_series(1, $1) n",
        "insert into desktops (id, name, owner_id, type_id, state, vnc_password, lease_until, preparing_at, ended_at)
         select gen_random_uuid(), p.slug || '-debian-desktop', p.id, t.id,
             (case when n <= $2 then 'starting' when n % 40 = 0 then 'failed' else 'stopped' end)::desktop_state, 'x',
             case when n <= $2 then now() + interval '1 hour' end, now() - n * interval '1 minute',
             case when n > $2 then now() - interval '40 days' end
         from (select *, replace(slug, 'p-', '')::integer n from users where slug like 'p-%' and $1 > 0) p
             join desktop_types t on t.slug = 'debian-desktop'",
        "insert into desktop_runs (user_id, type_id, desktop_id, generation, began_at, ended_at)
         select owner_id, type_id, id, run, now() - interval '80 days', now() - interval '79 days'
         from desktops, generate_series(1, 4) run where $1 > $2",
        "alter table desktops enable trigger user",
    ] {
        let statement = sqlx::query(statement);
        statement
            .bind(PEOPLE)
            .bind(LIVE)
            .execute(pool)
            .await
            .unwrap();
    }
    sqlx::query("analyze").execute(pool).await.unwrap();
}

/// Rows that were read by going through a whole table, since the database began.
async fn read_through(pool: &PgPool, table: &str) -> i64 {
    sqlx::query_scalar(
        "select coalesce(seq_tup_read, 0) from pg_stat_user_tables where relname = $1",
    )
    .bind(table)
    .fetch_one(pool)
    .await
    .unwrap()
}

/// Gives back every connection: each tells its figures when it ends.
async fn all_told(pool: &PgPool, of_the_server: PgPool) {
    let _ = tokio::time::timeout(Duration::from_secs(5), of_the_server.close()).await;
    eventually("the server's connections end", Duration::from_secs(10), async || {
        let open: i64 = sqlx::query_scalar(
            "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'deskcast'",
        )
        .fetch_one(pool)
        .await
        .unwrap();
        (open == 0).then_some(())
    })
    .await;
}

/// Connections as a server has them.
fn own_connections(pool: &PgPool) -> PgPool {
    let url = pool.connect_options().to_url_lossy();
    deskcast::db::pool(url.as_str(), 5).unwrap()
}

#[sqlx::test]
async fn nothing_reads_a_table_that_grows_from_end_to_end(pool: PgPool) {
    let own = own_connections(&pool);
    let app = TestApp::start(own.clone()).await;
    let admin = app.admin().await;
    let jana = app.user("jana").await;
    let id = app.account("jana", Role::User).await;
    let user = app.state.people.user(id).await.unwrap().unwrap();
    let kind = app.state.catalog.find_by_slug("debian-desktop").await;
    let kind = kind.unwrap().unwrap();
    fill(&pool).await;
    let class: uuid::Uuid = sqlx::query_scalar(
        "with class as (insert into user_groups (id, name) values (gen_random_uuid(), 'Class') returning id),
             people as (insert into group_members select class.id, users.id from class, users where slug like 'p-%')
         select id from class",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    sqlx::query("update user_groups set settings = $1 where everybody")
        .bind(json!({"desktops_at_once": 3, "hours_per_day": 8, "idle_minutes": 10}))
        .execute(&pool)
        .await
        .unwrap();
    sqlx::query("analyze").execute(&pool).await.unwrap();
    let tables = ["desktops", "desktop_runs", "users", "group_members"];
    let mut before = Vec::new();
    for table in tables {
        before.push(read_through(&pool, table).await);
    }
    let group_page = format!("/admin/groups/{class}");
    let paths = [
        "/admin",
        "/admin?q=Person+01234",
        "/admin?q=person",
        "/api/admin/containers",
        "/api/admin/containers?state=failed",
        "/api/admin/containers?state=all",
        "/api/admin/containers?state=stopped&q=person%2001234",
        "/admin/users",
        "/admin/users?q=Person+01234",
        "/admin/users?q=p1234@",
        "/admin/users?role=admin",
        "/admin/users?role=user&state=enabled",
        "/admin/users?state=disabled",
        "/admin/groups",
        &group_page,
    ];
    // More often than Postgres looks at the words before it settles on one plan for all of them.
    for _ in 0..8 {
        for path in paths {
            let answer = admin.open(path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        }
        for path in ["/", "/session", "/api/container/list", "/account"] {
            assert_eq!(jana.open(path).await.status, StatusCode::OK, "{path}");
        }
        let desktops = &app.state.desktops;
        // The image is not there: the start is claimed and fails.
        let claimed = desktops.start(&user, &kind, StartOptions::default()).await;
        let claimed = claimed.unwrap();
        let limit = Duration::from_secs(5);
        desktops
            .wait_while_starting(claimed.id, limit)
            .await
            .unwrap();
        desktops.find_of(id, Some("debian-desktop")).await.unwrap();
        upkeep::take_over(desktops).await.unwrap();
        upkeep::reconcile(desktops).await.unwrap();
        limits::look_after(desktops).await.unwrap();
        guests::remove_done(desktops).await.unwrap();
        history::prune(desktops).await.unwrap();
    }
    drop(app);
    all_told(&pool, own).await;
    for (table, before) in tables.into_iter().zip(before) {
        let read = read_through(&pool, table).await - before;
        // Lists count to a thousand and one, and stop there.
        let most = match table {
            "users" => 8 * 10 * 1_001,
            "group_members" => 8 * 4 * 1_001,
            _ => 0,
        };
        assert!(
            read <= most,
            "{table}: {read} rows were read one after the other"
        );
    }
}

/// Every page of a list from its first to its last, and back.
async fn walk(client: &Client, path: &str, list: &str) -> (Vec<Value>, usize) {
    let (mut rows, mut pages, mut next) = (Vec::new(), 0, String::new());
    loop {
        let sign = if path.contains('?') { '&' } else { '?' };
        let answer = client.get(&format!("{path}{sign}after={next}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let body = answer.json();
        rows.extend(body[list].as_array().unwrap().iter().cloned());
        pages += 1;
        match body["next"].as_str() {
            Some(cursor) => cursor.clone_into(&mut next),
            None => return (rows, pages),
        }
    }
}

fn link(page: &Answer, rel: &str) -> Option<String> {
    let text = page.text();
    let end = text.find(&format!("\" rel=\"{rel}\""))?;
    let begin = text[..end].rfind("href=\"")? + "href=\"".len();
    Some(text[begin..end].replace("&amp;", "&").replace("&#38;", "&"))
}

#[sqlx::test]
async fn everybodys_desktops_are_pages_of_what_is_live(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    fill(&pool).await;
    let admin = app.admin().await;
    let (live, pages) = walk(&admin, "/api/admin/containers?limit=50", "containers").await;
    assert_eq!((live.len(), pages), (120, 3));
    let names: BTreeSet<_> = live.iter().map(|one| one["proxy_path"].as_str()).collect();
    assert_eq!(names.len(), 120, "each once");
    assert_eq!(live[0]["proxy_path"], "p-1-debian-desktop", "newest first");
    assert_eq!(live[0]["username"], "p-1");
    assert!(live.iter().all(|one| one["status"] == "creating"));
    let whole = admin.get("/api/admin/containers").await.json();
    assert_eq!(whole["containers"].as_array().unwrap().len(), 120);
    assert_eq!(whole["next"], Value::Null);
    let count = async |query: &str| {
        let body = admin.get(&format!("/api/admin/containers?{query}")).await;
        body.json()["containers"].as_array().unwrap().len()
    };
    for (query, expected) in [
        ("state=all", 200),
        ("state=failed", 200),
        ("state=running", 0),
        ("state=all&q=PERSON%2012345", 1),
        ("state=stopped&q=p12345%40schule", 1),
        ("state=failed&q=p-12345", 0),
        ("q=p-7-debian", 1),
        ("q=%25", 0),
        ("q=%00", 120),
    ] {
        assert_eq!(count(query).await, expected, "{query}");
    }
    let refused = admin
        .get("/api/admin/containers?state=dead&after=x&limit=0")
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["state", "after", "limit"] {
        assert!(refused.text().contains(&format!("\"{field}\"")), "{field}");
    }
    // A cursor of another list is none of this one.
    let users = admin.get("/api/admin/users").await.json();
    let foreign = format!(
        "/api/admin/containers?after={}",
        users["next"].as_str().unwrap()
    );
    assert_eq!(
        admin.get(&foreign).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[sqlx::test]
async fn groups_members_and_types_are_pages_too(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    sqlx::query(
        "with people as (insert into users (id, slug, username, display_name)
                 select gen_random_uuid(), 'p-' || n, 'p-' || n, 'Person ' || to_char(n, 'FM0000') from generate_series(1, 1200) n
                 returning id),
             groups as (insert into user_groups (id, name, priority)
                 select gen_random_uuid(), 'Class ' || n, n % 7 from generate_series(1, 120) n returning id, name),
             types as (insert into desktop_types (id, slug, title, image, position, enabled)
                 select gen_random_uuid(), 'type-' || n, 'Type ' || n % 4, 'x', n % 5, n % 2 = 0 from generate_series(1, 70) n)
         insert into group_members select groups.id, people.id from groups, people where name = 'Class 1'",
    )
    .execute(&pool)
    .await
    .unwrap();
    let slugs = |rows: &[Value], name: &str| -> BTreeSet<String> {
        rows.iter().map(|row| row[name].to_string()).collect()
    };
    let (groups, pages) = walk(&admin, "/api/admin/groups?limit=50", "groups").await;
    assert_eq!(
        (groups.len(), slugs(&groups, "id").len(), pages),
        (121, 121, 3)
    );
    assert_eq!(groups.last().unwrap()["everybody"], true);
    let (found, _) = walk(&admin, "/api/admin/groups?q=CLASS%2012", "groups").await;
    assert_eq!(found.len(), 2, "12 and 120");
    let (types, pages) = walk(&admin, "/api/admin/desktop-types?limit=20", "desktop_types").await;
    assert_eq!(
        (types.len(), slugs(&types, "slug").len(), pages),
        (75, 75, 4)
    );
    let off = admin
        .get("/api/admin/desktop-types?state=disabled&q=TYPE-1")
        .await;
    // 1, 11, 13, 15, 17 and 19.
    assert_eq!(off.json()["desktop_types"].as_array().unwrap().len(), 6);
    for path in [
        "/api/admin/groups?after=x",
        "/api/admin/desktop-types?limit=0",
        "/api/admin/desktop-types?state=on",
    ] {
        let refused = admin.get(path).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
    }

    let class = groups.iter().find(|group| group["name"] == "Class 1");
    let id = class.unwrap()["id"].as_str().unwrap();
    assert_eq!(
        class.unwrap()["member_count"],
        1_001,
        "more than a thousand"
    );
    let at = format!("/api/admin/groups/{id}");
    let whole = admin.get(&at).await.json();
    assert_eq!(whole["group"]["members"], Value::Null, "they are many");
    let (members, pages) = walk(&admin, &format!("{at}/members"), "members").await;
    assert_eq!(
        (members.len(), slugs(&members, "id").len(), pages),
        (1_200, 1_200, 6)
    );
    let (one, _) = walk(&admin, &format!("{at}/members?q=person%200042"), "members").await;
    assert_eq!(one[0]["username"], "p-42");
    // The page shows a hundred; taking one of them out leaves the others in.
    let page = admin.open(&format!("/admin/groups/{id}")).await;
    let second = admin
        .open(&link(&page, "next").unwrap().replace("#people", ""))
        .await;
    assert!(second.text().contains("Person 0101") && !second.text().contains("Person 0100"));
    let gone = members[150]["id"].as_str().unwrap();
    let form = [("name", "Class 1"), ("priority", "1"), ("remove", gone)];
    let saved = admin.submit(&format!("/admin/groups/{id}"), &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
    let (left, _) = walk(&admin, &format!("{at}/members"), "members").await;
    assert_eq!(left.len(), 1_199);
    assert!(left.iter().all(|member| member["id"] != gone));
}

#[sqlx::test]
async fn pages_are_turned_by_links_that_keep_the_search(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    fill(&pool).await;
    let admin = app.admin().await;
    for (first, row) in [
        ("/admin?q=person", "p-1-debian-desktop"),
        ("/admin/users?q=person&role=user", "Person 00001"),
    ] {
        let page = admin.open(first).await;
        assert!(page.text().contains(row), "{first}");
        assert_eq!(link(&page, "prev"), None);
        let second = link(&page, "next").unwrap();
        assert!(second.contains("q=person"), "{second}");
        let there = admin.open(&second).await;
        assert!(!there.text().contains(row));
        let back = link(&there, "prev").unwrap();
        assert!(back.contains("q=person"), "{back}");
        let again = admin.open(&back).await;
        assert!(again.text().contains(row), "{back}");
        assert_eq!(link(&again, "prev"), None, "nothing is before it");
        assert_eq!(link(&again, "next").as_ref(), Some(&second));
    }
    let wrong = admin.open("/admin/users?after=x").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[sqlx::test]
async fn a_row_that_cannot_be_read_stops_nobody_else(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let desktops = &app.state.desktops;
    upkeep::reconcile(desktops).await.unwrap();
    for (name, endpoint) in [
        ("a", "nonsense"),
        ("b", "127.0.0.1:1"),
        ("c", "127.0.0.1:2"),
    ] {
        let owner = app.account(name, Role::User).await;
        sqlx::query(
            "insert into desktops (id, name, owner_id, type_id, state, vnc_password, endpoint, ready_at)
             select gen_random_uuid(), $1, $2, id, 'running', 'x', $3, now() from desktop_types where slug = 'debian-desktop'",
        )
        .bind(name)
        .bind(owner)
        .bind(endpoint)
        .execute(&pool)
        .await
        .unwrap();
    }
    // None of them has a container. The server's own round may have come first.
    upkeep::reconcile(desktops).await.unwrap();
    let states: Vec<(String, String)> =
        sqlx::query_as("select name, state::text from desktops order by name")
            .fetch_all(&pool)
            .await
            .unwrap();
    let states: Vec<_> = states.iter().map(|(_, state)| state.as_str()).collect();
    assert_eq!(states, ["running", "failed", "failed"]);
}
