//! Groups: their settings, what comes of them at a start, in the container and in the viewer, and their pages.

use std::{collections::HashSet, time::Duration};

use deskcast::{
    catalog::DesktopType,
    desktops::{Desktop, DesktopState, LimitReached, StartError, StartOptions, StopReason, limits},
    groups::Switch,
    ids::{GroupId, UserId},
    people::{Role, User},
    runtime::fake::Call,
};
use hyper::StatusCode;
use kasm_standin::{Flavour, Standin};
use serde_json::{Value, json};
use sqlx::{PgPool, postgres::PgPoolOptions};

use crate::{
    people::{of, provided_groups, put, wrong},
    proxy::Scene,
    support::{Answer, Client, TestApp},
};

const PASSWORD: &str = "sesame1234567";

fn at(group: impl std::fmt::Display) -> String {
    format!("/api/admin/groups/{group}")
}

/// Makes a group and answers its id.
async fn make(admin: &Client, body: &Value) -> String {
    let made = admin.post_json("/api/admin/groups", body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    made.json()["group"]["id"].as_str().unwrap().to_owned()
}

async fn everybody(app: &TestApp) -> String {
    let id: GroupId = sqlx::query_scalar("select id from user_groups where everybody")
        .fetch_one(&app.pool)
        .await
        .unwrap();
    id.to_string()
}

/// A server on which every type can be started.
async fn place(pool: PgPool) -> (TestApp, Standin) {
    place_with(pool, &[]).await
}

async fn place_with(pool: PgPool, variables: &[(&str, &str)]) -> (TestApp, Standin) {
    let variables = [&[("VNC_PASSWORD", PASSWORD)], variables].concat();
    let app = TestApp::start_with(pool, &variables).await;
    let standin = Standin::builder().password(PASSWORD).spawn();
    for kind in app.state.catalog.all().await.unwrap() {
        app.engine.add_image(&kind.image);
    }
    app.engine.set_address(standin.addr());
    (app, standin)
}

async fn user(app: &TestApp, name: &str) -> User {
    let id = app.account(name, Role::User).await;
    app.state.people.user(id).await.unwrap().unwrap()
}

async fn kind(app: &TestApp, slug: &str) -> DesktopType {
    app.state.catalog.find_by_slug(slug).await.unwrap().unwrap()
}

async fn start(app: &TestApp, user: &User, slug: &str) -> Result<Desktop, StartError> {
    let kind = kind(app, slug).await;
    app.state
        .desktops
        .start(user, &kind, StartOptions::default())
        .await
}

async fn running(app: &TestApp, user: &User, slug: &str) -> Desktop {
    let claimed = start(app, user, slug).await.unwrap();
    let limit = Duration::from_secs(20);
    let desktop = app
        .state
        .desktops
        .wait_while_starting(claimed.id, limit)
        .await;
    let desktop = desktop.unwrap().unwrap();
    assert_eq!(desktop.state, DesktopState::Running, "{:?}", desktop.end);
    desktop
}

// --- the API ---

#[sqlx::test]
async fn a_group_is_made_changed_and_removed(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let jana = app.account("jana", Role::User).await;
    let body = json!({
        "name": " Class 10b ", "description": "Ms Krüger", "priority": 20, "members": [jana],
        "settings": {"allow_audio": false, "desktops_at_once": 3, "hours_per_day": 1.5},
        "desktop_types": ["debian-desktop"],
    });
    let id = make(&admin, &body).await;
    let read = admin.get(&at(&id)).await.json()["group"].clone();
    assert_eq!(read["name"], "Class 10b");
    assert_eq!(read["settings"], body["settings"]);
    assert_eq!(read["members"][0]["username"], "jana");
    assert_eq!(read["member_count"], 1);
    assert_eq!(read["desktop_types"], json!(["debian-desktop"]));

    // What was read can be sent back; what is left out stays; settings are written as a whole.
    let same = put(&admin, &at(&id), &read).await;
    assert_eq!(same.json()["group"], read, "{}", same.text());
    let changed = put(
        &admin,
        &at(&id),
        &json!({"settings": {"allow_audio": true, "hours_per_day": null}}),
    )
    .await;
    let changed = changed.json()["group"].clone();
    assert_eq!(changed["settings"], json!({"allow_audio": true}));
    assert_eq!(
        (&changed["name"], &changed["priority"]),
        (&json!("Class 10b"), &json!(20))
    );
    assert_eq!(changed["member_count"], 1);
    let emptied = put(
        &admin,
        &at(&id),
        &json!({"members": [], "desktop_types": []}),
    )
    .await;
    let emptied = emptied.json()["group"].clone();
    assert_eq!(
        (&emptied["members"], &emptied["desktop_types"]),
        (&json!([]), &json!([]))
    );

    let listed = admin.get("/api/admin/groups").await.json();
    let names: Vec<_> = listed["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group["name"].clone())
        .collect();
    assert_eq!(names, ["Class 10b", "All Users"], "All Users comes last");
    assert_eq!(admin.delete(&at(&id)).await.status, StatusCode::OK);
    for answer in [admin.get(&at(&id)).await, admin.delete(&at(&id)).await] {
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
}

#[sqlx::test]
async fn every_wrong_field_of_a_group_is_named_and_nothing_is_saved(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let body = json!({
        "name": "", "description": 3, "priority": -1, "members": "jana", "desktop_types": ["nothing"], "colour": "red",
        "settings": {"allow_audio": "yes", "hours_per_day": 25, "allow_everything": true},
    });
    let refused = admin.post_json("/api/admin/groups", &body).await;
    assert_eq!(
        wrong(&refused),
        [
            "colour",
            "description",
            "desktop_types",
            "members",
            "name",
            "priority",
            "settings.allow_audio",
            "settings.allow_everything",
            "settings.hours_per_day"
        ]
    );
    let nobody = json!({"name": "A", "members": [UserId::new()]});
    assert_eq!(
        wrong(&admin.post_json("/api/admin/groups", &nobody).await),
        ["members"]
    );
    let id = make(&admin, &json!({"name": "A"})).await;
    assert_eq!(
        wrong(
            &admin
                .post_json("/api/admin/groups", &json!({"name": "a"}))
                .await
        ),
        ["name"]
    );
    assert_eq!(
        wrong(&put(&admin, &at(&id), &json!({"settings": []})).await),
        ["settings"]
    );
    assert_eq!(
        admin.get("/api/admin/groups").await.json()["groups"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[sqlx::test]
async fn all_users_stays_and_a_providers_group_keeps_name_and_members(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let all = everybody(&app).await;
    let refused = admin.delete(&at(&all)).await;
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (StatusCode::CONFLICT, &json!("everybody"))
    );

    let jana = app.account("jana", Role::User).await;
    let (theirs, _) = provided_groups(&pool, jana).await;
    for id in [all, theirs.to_string()] {
        let fixed = json!({"name": "Other", "members": [app.account("ivo", Role::User).await]});
        assert_eq!(
            wrong(&put(&admin, &at(&id), &fixed).await),
            ["members", "name"]
        );
        let allowed =
            json!({"description": "d", "priority": 7, "settings": {"allow_uploads": false}});
        let saved = put(&admin, &at(&id), &allowed).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.text());
        // As it was read, back again.
        let read = saved.json()["group"].clone();
        assert_eq!(put(&admin, &at(&id), &read).await.json()["group"], read);
        assert_eq!(
            (&read["priority"], &read["settings"]),
            (&json!(7), &json!({"allow_uploads": false}))
        );
    }
    assert_eq!(
        admin.get(&at(theirs)).await.json()["group"]["members"][0]["username"],
        "jana"
    );
}

#[sqlx::test]
async fn what_applies_is_told_with_its_reason(pool: PgPool) {
    let app = TestApp::start_with(pool, &[("MAX_LIFETIME", "8h"), ("IDLE_LIMIT", "30m")]).await;
    let admin = app.admin().await;
    let jana = app.account("jana", Role::User).await;
    let class = make(
        &admin,
        &json!({"name": "Class", "priority": 10, "members": [jana],
        "settings": {"allow_uploads": false, "desktops_at_once": 1, "idle_minutes": 5}}),
    )
    .await;
    put(
        &admin,
        &at(everybody(&app).await),
        &json!({"settings": {"allow_uploads": true, "allow_sharing": true}}),
    )
    .await;
    let applied = admin.get(&of(jana)).await.json()["applied"].clone();
    assert_eq!(applied.as_object().unwrap().len(), 15);
    let group = |value: Value| json!({"value": value, "source": "group", "group_id": class, "group_name": "Class"});
    assert_eq!(applied["allow_uploads"], group(json!(false)));
    assert_eq!(applied["desktops_at_once"], group(json!(1.0)));
    assert_eq!(applied["idle_minutes"], group(json!(5.0)));
    assert_eq!(
        applied["lifetime_minutes"],
        json!({"value": 480.0, "source": "configuration"})
    );
    assert_eq!(
        applied["hours_per_day"],
        json!({"value": null, "source": "built_in"})
    );
    assert_eq!(
        applied["allow_audio"],
        json!({"value": true, "source": "built_in"})
    );
    assert_eq!(applied["allow_sharing"]["group_name"], "All Users");
}

// --- who may use which type ---

#[sqlx::test]
async fn a_type_for_a_group_is_there_for_its_members_and_unknown_to_others(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let admin = app.admin().await;
    let (jana, ivo) = (app.user("jana").await, app.user("ivo").await);
    let class = make(
        &admin,
        &json!({"name": "Class", "members": [user(&app, "jana").await.id]}),
    )
    .await;
    let path = "/api/admin/desktop-types/debian-desktop";
    assert_eq!(
        admin.get(path).await.json()["desktop_type"]["groups"],
        json!([])
    );
    let limited = put(&admin, path, &json!({"groups": [class]})).await;
    let limited = limited.json()["desktop_type"].clone();
    assert_eq!(
        (&limited["groups"], &limited["for_everybody"]),
        (&json!([class]), &json!(false))
    );
    assert_eq!(
        put(&admin, path, &limited).await.status,
        StatusCode::OK,
        "as it was read"
    );
    assert_eq!(
        wrong(&put(&admin, path, &json!({"groups": [GroupId::new()]})).await),
        ["groups"]
    );

    let shows = async |client: &Client| client.open("/").await.text().contains("Debian Desktop");
    assert!(shows(&jana).await && shows(&admin).await);
    assert!(!shows(&ivo).await);
    let start = "/api/container/start?desktop_type=";
    let refused = ivo.post(&format!("{start}debian-desktop")).await;
    let unknown = ivo.post(&format!("{start}nothing")).await;
    assert_eq!(
        (refused.status, refused.json()),
        (StatusCode::NOT_FOUND, unknown.json())
    );
    let form = ivo.submit("/desktops/debian-desktop/start", &[]).await;
    assert_eq!(form.status, StatusCode::NOT_FOUND);
    let started = jana.post(&format!("{start}debian-desktop")).await;
    assert_eq!(started.status, StatusCode::CREATED, "{}", started.text());

    // Who loses it keeps what runs, and only that.
    put(&admin, &at(&class), &json!({"members": []})).await;
    assert!(shows(&jana).await, "it runs");
    jana.post("/api/container/stop?desktop_type=debian-desktop")
        .await;
    assert!(!shows(&jana).await);
    assert_eq!(
        jana.post(&format!("{start}debian-desktop")).await.status,
        StatusCode::NOT_FOUND
    );
}

#[sqlx::test]
async fn a_type_whose_last_group_is_gone_is_not_opened_to_everybody(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let admin = app.admin().await;
    let ivo = app.user("ivo").await;
    let class = make(
        &admin,
        &json!({"name": "Class", "desktop_types": ["debian-desktop"]}),
    )
    .await;
    let path = "/api/admin/desktop-types/debian-desktop";
    assert_eq!(
        admin.get(path).await.json()["desktop_type"]["groups"],
        json!([class])
    );
    assert_eq!(admin.delete(&at(&class)).await.status, StatusCode::OK);
    let kind = admin.get(path).await.json()["desktop_type"].clone();
    assert_eq!(
        (&kind["groups"], &kind["for_everybody"]),
        (&json!([]), &json!(false))
    );
    let start = "/api/container/start?desktop_type=debian-desktop";
    assert_eq!(ivo.post(start).await.status, StatusCode::NOT_FOUND);
    put(&admin, path, &json!({"title": "Debian", "groups": []})).await;
    assert_eq!(
        ivo.post(start).await.status,
        StatusCode::NOT_FOUND,
        "the list did not change"
    );
    put(&admin, path, &json!({"groups": [everybody(&app).await]})).await;
    assert_eq!(ivo.post(start).await.status, StatusCode::CREATED);
}

// --- limits of a start ---

#[sqlx::test]
async fn fifty_parallel_starts_under_a_limit_of_three_make_three(pool: PgPool) {
    // Pools of their own: that of a test is so small that starts would take turns by themselves.
    let roomy = async || {
        let options = PgPoolOptions::new().max_connections(20);
        let pool = options.connect_with((*pool.connect_options()).clone());
        pool.await.unwrap()
    };
    let (app, _standin) = place(roomy().await).await;
    let replica = TestApp::start_with(roomy().await, &[("VNC_PASSWORD", PASSWORD)]).await;
    // All of them stay in the middle of their start: one that failed would make room for another.
    replica.engine.add_image("deskcast/desktop:latest");
    for server in [&app, &replica] {
        server.engine.hang(Call::Create);
    }
    let admin = app.admin().await;
    let jane = user(&app, "jane").await;
    make(
        &admin,
        &json!({"name": "Three", "members": [jane.id], "settings": {"desktops_at_once": 3}}),
    )
    .await;
    let mut kinds = Vec::new();
    for number in 0..50 {
        let body = json!({"slug": format!("type-{number}"), "title": "T", "image": "deskcast/desktop:latest"});
        let made = admin.post_json("/api/admin/desktop-types", &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        kinds.push(kind(&app, &format!("type-{number}")).await);
    }
    let starts = kinds.iter().enumerate().map(|(number, kind)| {
        let server = if number % 2 == 0 { &app } else { &replica };
        server
            .state
            .desktops
            .start(&jane, kind, StartOptions::default())
    });
    let outcomes = futures_util::future::join_all(starts).await;
    let (mut claimed, mut refused) = (HashSet::new(), 0);
    for outcome in outcomes {
        match outcome {
            Ok(desktop) => drop(claimed.insert(desktop.id)),
            Err(StartError::Limit(LimitReached::DesktopsAtOnce(3.0))) => refused += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!((claimed.len(), refused), (3, 47));
    let rows: i64 = sqlx::query_scalar("select count(*) from desktops")
        .fetch_one(&app.pool)
        .await
        .unwrap();
    assert_eq!(rows, 3);
}

#[sqlx::test]
async fn a_refused_start_names_the_limit_its_size_and_who_can_raise_it(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let admin = app.admin().await;
    let jane = user(&app, "jane").await;
    let browser = app.user("jane").await;
    let group = make(
        &admin,
        &json!({"name": "One", "members": [jane.id], "settings": {"desktops_at_once": 1}}),
    )
    .await;
    let first = running(&app, &jane, "debian-desktop").await;
    let start = "/api/container/start?desktop_type=";
    let refused = browser.post(&format!("{start}debian-browser")).await;
    assert_eq!(
        (refused.status, refused.json()),
        (
            StatusCode::CONFLICT,
            json!({"success": false, "code": "desktops_at_once",
                "error": "You may use 1 desktop at once. Stop it, or ask the administrator for more."})
        )
    );
    let page = browser.submit("/desktops/debian-browser/start", &[]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    // The one that runs is resumed, however full it is.
    let again = browser.post(&format!("{start}debian-desktop")).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.text());

    app.state
        .desktops
        .stop(first.id, StopReason::Owner)
        .await
        .unwrap();
    let now = browser.post(&format!("{start}debian-browser")).await;
    assert_eq!(now.status, StatusCode::CREATED, "{}", now.text());
    let stopped_one = browser.post(&format!("{start}debian-desktop")).await;
    assert_eq!(
        stopped_one.status,
        StatusCode::CONFLICT,
        "one that was stopped counts like a new one"
    );

    put(
        &admin,
        &at(&group),
        &json!({"settings": {"desktops_per_type": 0}}),
    )
    .await;
    let none = browser.post(&format!("{start}debian-desktop")).await;
    assert_eq!(
        (none.status, &none.json()["code"]),
        (StatusCode::CONFLICT, &json!("desktops_per_type"))
    );
}

#[sqlx::test]
async fn the_hours_of_a_day_are_counted_from_what_ran(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let admin = app.admin().await;
    let jane = user(&app, "jane").await;
    make(
        &admin,
        &json!({"name": "Two hours", "members": [jane.id], "settings": {"hours_per_day": 2}}),
    )
    .await;
    let run = async |statement: &str| {
        sqlx::query(sqlx::AssertSqlSafe(statement.to_owned()))
            .execute(&app.pool)
            .await
            .unwrap()
    };
    // Midnight is moved far away, so that the test may run at any time of a day: what counts lies after it.
    let midnight = "date_trunc('day', now(), 'UTC')";
    let other = user(&app, "ivo").await;
    let insert = |user: UserId, from: String, to: String| {
        format!(
            "insert into desktop_runs (user_id, desktop_id, generation, began_at, ended_at) values ('{user}', gen_random_uuid(), 1, {from}, {to})"
        )
    };
    // Yesterday's, the part of a night that lies before midnight, and other people's hours do not count.
    run(&insert(
        jane.id,
        format!("{midnight} - interval '20 hours'"),
        format!("{midnight} - interval '10 hours'"),
    ))
    .await;
    run(&insert(
        other.id,
        format!("{midnight} - interval '1 hour'"),
        format!("{midnight} + interval '5 hours'"),
    ))
    .await;
    run(&insert(
        jane.id,
        format!("{midnight} - interval '5 hours'"),
        format!("{midnight} + interval '1 hour'"),
    ))
    .await;
    let desktop = running(&app, &jane, "debian-desktop").await;
    app.state
        .desktops
        .stop(desktop.id, StopReason::Owner)
        .await
        .unwrap();
    run(&insert(
        jane.id,
        format!("{midnight} + interval '1 hour'"),
        format!("{midnight} + interval '2 hours'"),
    ))
    .await;
    let refused = start(&app, &jane, "debian-desktop").await.unwrap_err();
    assert!(
        matches!(refused, StartError::Limit(LimitReached::HoursPerDay(2.0))),
        "{refused:?}"
    );
    let answer = app
        .user("jane")
        .await
        .post("/api/container/start?desktop_type=debian-browser")
        .await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (StatusCode::CONFLICT, &json!("hours_per_day"))
    );
    assert!(start(&app, &other, "debian-desktop").await.is_ok());
}

#[sqlx::test]
async fn each_run_is_written_down_by_the_moves_between_states(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let jane = user(&app, "jane").await;
    let runs = async || {
        sqlx::query_as::<_, (i32, bool)>(
            "select generation, ended_at is not null from desktop_runs order by id",
        )
        .fetch_all(&app.pool)
        .await
        .unwrap()
    };
    let desktop = running(&app, &jane, "debian-desktop").await;
    assert_eq!(runs().await, [(1, false)]);
    app.state
        .desktops
        .stop(desktop.id, StopReason::Owner)
        .await
        .unwrap();
    assert_eq!(runs().await, [(1, true)]);
    running(&app, &jane, "debian-desktop").await;
    app.engine.die(desktop.id, 1);
    deskcast::desktops::upkeep::reconcile(&app.state.desktops)
        .await
        .unwrap();
    let until = tokio::time::Instant::now() + Duration::from_secs(5);
    while runs().await != [(1, true), (2, true)] {
        assert!(tokio::time::Instant::now() < until, "{:?}", runs().await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // A start that comes to nothing is no run, and a removed desktop leaves what it used.
    app.engine.exit_at_start(Some(1));
    let claimed = start(&app, &jane, "debian-desktop").await.unwrap();
    let failed = app
        .state
        .desktops
        .wait_while_starting(claimed.id, Duration::from_secs(20))
        .await;
    assert_eq!(failed.unwrap().unwrap().state, DesktopState::Failed);
    app.state
        .desktops
        .remove(desktop.id, StopReason::Owner)
        .await
        .unwrap();
    assert_eq!(runs().await, [(1, true), (2, true)]);
}

// --- limits of time ---

async fn age(app: &TestApp, desktop: &Desktop, by: &str) {
    let text = format!(
        "update desktops set ready_at = ready_at - interval '{by}', last_input_at = last_input_at - interval '{by}' where id = $1"
    );
    sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(desktop.id)
        .execute(&app.pool)
        .await
        .unwrap();
}

async fn end_code(app: &TestApp, desktop: &Desktop) -> Option<String> {
    let now = app.state.desktops.find(desktop.id).await.unwrap().unwrap();
    let end = now.end.filter(|_| now.state == DesktopState::Stopped);
    end.map(|end| end.code)
}

#[sqlx::test]
async fn a_desktop_that_runs_too_long_is_stopped_and_says_why(pool: PgPool) {
    let (app, _standin) = place_with(pool, &[("MAX_LIFETIME", "2h")]).await;
    let admin = app.admin().await;
    let (jane, ivo) = (user(&app, "jane").await, user(&app, "ivo").await);
    make(
        &admin,
        &json!({"name": "Long", "members": [ivo.id], "settings": {"lifetime_minutes": 240}}),
    )
    .await;
    let (of_jane, of_ivo) = (
        running(&app, &jane, "debian-desktop").await,
        running(&app, &ivo, "debian-desktop").await,
    );
    for desktop in [&of_jane, &of_ivo] {
        age(&app, desktop, "119 minutes").await;
    }
    assert!(
        limits::look_after(&app.state.desktops)
            .await
            .unwrap()
            .is_empty()
    );
    for desktop in [&of_jane, &of_ivo] {
        age(&app, desktop, "2 minutes").await;
    }
    assert_eq!(
        limits::look_after(&app.state.desktops).await.unwrap(),
        [of_jane.id],
        "a group goes first"
    );
    assert_eq!(
        end_code(&app, &of_jane).await.as_deref(),
        Some("lifetime_limit")
    );
    assert_eq!(end_code(&app, &of_ivo).await, None);
    let page = app
        .user("jane")
        .await
        .open(&format!("/desktop/{}/", of_jane.name))
        .await;
    assert!(
        page.text()
            .contains("It ran as long as a desktop of yours may"),
        "{}",
        page.text()
    );
}

#[sqlx::test]
async fn only_real_input_keeps_a_desktop_from_being_idle(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let app = &scene.app;
    let admin = app.admin().await;
    let body = json!({"settings": {"idle_minutes": 10}});
    put(&admin, &at(everybody(app).await), &body).await;
    let look = async || limits::look_after(&app.state.desktops).await.unwrap();
    let noted = async || {
        sqlx::query_scalar::<_, bool>(
            "select last_input_at is not null from desktops where id = $1",
        )
        .bind(scene.desktop.id)
        .fetch_one(&app.pool)
        .await
        .unwrap()
    };
    // An open window that asks for pictures and keeps its connection: nobody is there.
    let mut socket = scene.socket(&scene.jane, "websockify").await;
    socket.begin(Flavour::New).await;
    let keep_alive = [4, 0, 0, 0, 0, 0, 0, 1];
    socket.send(2, &keep_alive).await;
    socket.send(2, &[3, 1, 0, 0, 0, 0, 4, 0, 3, 0]).await;
    let seen = async |keys: u32| {
        while scene.standin.input().keys < keys {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), seen(1))
        .await
        .expect("it reached the desktop");
    age(app, &scene.desktop, "9 minutes").await;
    assert!(look().await.is_empty());
    assert!(!noted().await, "nothing of that is input");

    // Somebody types: another ten minutes.
    socket.send(2, &[4, 1, 0, 0, 0, 0, 0, b'a']).await;
    tokio::time::timeout(Duration::from_secs(5), seen(2))
        .await
        .expect("it reached the desktop");
    age(app, &scene.desktop, "20 minutes").await;
    assert!(look().await.is_empty(), "the key was a moment ago");
    assert!(noted().await);
    age(app, &scene.desktop, "10 minutes").await;
    assert!(
        look().await.is_empty(),
        "another replica may know more, for a minute"
    );
    age(app, &scene.desktop, "2 minutes").await;
    assert_eq!(look().await, [scene.desktop.id]);
    assert_eq!(
        end_code(app, &scene.desktop).await.as_deref(),
        Some("idle_limit")
    );
    assert_eq!(socket.closed().await.0, 4000);
}

#[sqlx::test]
async fn a_web_application_is_never_idle(pool: PgPool) {
    let scene = Scene::plain(pool).await;
    let admin = scene.app.admin().await;
    put(
        &admin,
        &at(everybody(&scene.app).await),
        &json!({"settings": {"idle_minutes": 1}}),
    )
    .await;
    age(&scene.app, &scene.desktop, "10 hours").await;
    assert!(
        limits::look_after(&scene.app.state.desktops)
            .await
            .unwrap()
            .is_empty()
    );
}

// --- client settings ---

#[sqlx::test]
async fn what_a_group_refuses_reaches_the_container_and_the_viewer(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let app = &scene.app;
    let admin = app.admin().await;
    let env = || app.engine.container_of(scene.desktop.id).unwrap().spec.env;
    let viewer = async || {
        scene
            .jane
            .open(&scene.at(""))
            .await
            .text()
            .replace("&#38;", "&")
    };
    let defaults = env();
    for (variable, value) in [
        ("KASM_SVC_AUDIO", Some("1")),
        ("KASM_SVC_UPLOADS", Some("1")),
        ("KASM_SVC_AUDIO_INPUT", Some("0")),
        ("KASM_SVC_GAMEPAD", Some("0")),
        ("KASM_SVC_SEND_CUT_TEXT", None),
        ("KASM_SVC_ACCEPT_CUT_TEXT", None),
    ] {
        assert_eq!(
            defaults.get(variable).map(String::as_str),
            value,
            "{variable}"
        );
    }
    let page = viewer().await;
    assert!(
        page.contains("clipboard_up=true&clipboard_down=true"),
        "{page}"
    );
    assert!(page.contains("enable_ime=false"));

    let settings = json!({"allow_audio": false, "allow_uploads": false, "allow_microphone": true, "allow_gamepads": true,
        "allow_clipboard_down": false, "allow_clipboard_up": false, "ime_default_on": true});
    put(
        &admin,
        &at(everybody(app).await),
        &json!({"settings": settings}),
    )
    .await;
    // What runs keeps what it was started with: the container was made so, and the viewer tells no other story.
    assert_eq!(env(), defaults);
    let page = viewer().await;
    assert!(
        page.contains("clipboard_up=true&clipboard_down=true"),
        "{page}"
    );

    // A type of its own mind does not get past a refusal.
    let own = json!({"env": {"KASM_SVC_AUDIO": "1", "KASM_SVC_SEND_CUT_TEXT": "-SendCutText 1"}});
    put(&admin, "/api/admin/desktop-types/debian-desktop", &own).await;
    scene.stop().await;
    let jane = app
        .state
        .people
        .user(scene.desktop.owner)
        .await
        .unwrap()
        .unwrap();
    let desktop = running(app, &jane, "debian-desktop").await;
    let now = env();
    for (variable, value) in [
        ("KASM_SVC_AUDIO", "0"),
        ("KASM_SVC_UPLOADS", "0"),
        ("KASM_SVC_AUDIO_INPUT", "1"),
        ("KASM_SVC_GAMEPAD", "1"),
        ("KASM_SVC_SEND_CUT_TEXT", "-SendCutText 0"),
        ("KASM_SVC_ACCEPT_CUT_TEXT", "-AcceptCutText 0"),
    ] {
        assert_eq!(now[variable], value, "{variable}");
    }
    assert!(!desktop.client_settings.is_on(Switch::AllowAudio));
    assert!(desktop.client_settings.is_on(Switch::AllowDownloads));
    let page = viewer().await;
    assert!(
        page.contains(
            "clipboard_up=false&clipboard_down=false&clipboard_seamless=false&enable_ime=true"
        ),
        "{page}"
    );
}

// --- pages ---

fn id_in(answer: &Answer) -> String {
    let location = answer.header("location");
    let rest = location
        .strip_prefix("/admin/groups/")
        .unwrap_or_else(|| panic!("{}", answer.text()));
    rest.split('?').next().unwrap().to_owned()
}

#[sqlx::test]
async fn a_group_is_made_changed_and_removed_on_pages(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let admin = app.admin().await;
    let debian = kind(&app, "debian-desktop").await.id.to_string();
    let jana = app.account("jana", Role::User).await.to_string();
    app.account("ivo", Role::User).await;
    let fields = [
        ("name", "Class 10b"),
        ("description", "<b>Ms Krüger"),
        ("priority", "low"),
        ("desktops_at_once", "many"),
        ("idle_minutes", "30"),
        ("allow_audio", "off"),
        ("allow_uploads", "on"),
        ("allow_sharing", ""),
        ("desktop_types", debian.as_str()),
        ("add", "jana\r\n nobody \r\n"),
    ];
    let refused = admin.submit("/admin/groups", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in [
        "Not saved: 3 fields need a change.",
        "id=\"priority-error\"",
        "href=\"#settings.desktops_at_once\"",
        "value=\"many\"",
        "id=\"add-error\"",
        "value=\"&#60;b&#62;Ms Krüger\"",
        "name=\"allow_audio\" value=\"off\" checked",
        "name=\"allow_uploads\" value=\"on\" checked",
        "name=\"allow_sharing\" value=\"\" checked",
    ] {
        assert!(
            refused.text().contains(words),
            "{words}: {}",
            refused.text()
        );
    }
    assert!(
        refused
            .text()
            .contains(&format!("value=\"{debian}\" checked"))
    );

    let fields = fields.map(|(name, value)| match name {
        "priority" => (name, "20"),
        "desktops_at_once" => (name, "3"),
        "add" => (name, "Jana\r\n"),
        _ => (name, value),
    });
    let made = admin.submit("/admin/groups", &fields).await;
    let id = id_in(&made);
    let group = admin.get(&at(&id)).await.json()["group"].clone();
    assert_eq!(
        group["settings"],
        json!({"allow_audio": false, "allow_uploads": true, "desktops_at_once": 3, "idle_minutes": 30})
    );
    assert_eq!(
        (&group["priority"], &group["member_count"]),
        (&json!(20), &json!(1))
    );
    assert_eq!(group["desktop_types"], json!(["debian-desktop"]));
    let page = admin.open(made.header("location")).await;
    for words in ["Created.", "Only for Class 10b", "For everybody", "jana"] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }

    let path = format!("/admin/groups/{id}");
    let fields = [
        ("name", "Class 10c"),
        ("description", ""),
        ("priority", "20"),
        ("remove", jana.as_str()),
        ("add", "ivo"),
    ];
    assert_eq!(
        admin.submit(&path, &fields).await.status,
        StatusCode::SEE_OTHER
    );
    let group = admin.get(&at(&id)).await.json()["group"].clone();
    assert_eq!(group["name"], "Class 10c");
    assert_eq!(group["settings"], json!({}));
    assert_eq!(group["members"][0]["username"], "ivo");
    assert_eq!(group["desktop_types"], json!([]));
    let page = admin.open(&path).await;
    assert!(
        page.text().contains("For no group: only administrators"),
        "{}",
        page.text()
    );

    let question = admin.open(&format!("{path}/remove")).await;
    assert!(question.text().contains("Remove the group Class 10c?"));
    let removed = admin.submit(&format!("{path}/remove"), &[]).await;
    assert_eq!(removed.header("location"), "/admin/groups?done=removed");
    assert_eq!(admin.open(&path).await.status, StatusCode::NOT_FOUND);
}

#[sqlx::test]
async fn the_page_of_all_users_and_of_a_providers_group_ask_only_what_can_be_written(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let jana = app.account("jana", Role::User).await;
    let (theirs, _) = provided_groups(&pool, jana).await;
    let all = everybody(&app).await;
    let page = async |id: &str| {
        admin
            .open(&format!("/admin/groups/{id}"))
            .await
            .text()
            .to_owned()
    };
    let (of_all, of_provider) = (page(&all).await, page(&theirs.to_string()).await);
    for (html, priority) in [(&of_all, false), (&of_provider, true)] {
        assert!(!html.contains("name=\"name\"") && !html.contains("name=\"add\""));
        assert!(html.contains("name=\"allow_audio\""));
        assert_eq!(html.contains("name=\"priority\""), priority);
    }
    assert!(!of_all.contains("/remove\""));
    assert!(of_provider.contains("Comes from IServ"));
    for (id, priority) in [(all, ""), (theirs.to_string(), "7")] {
        let fields = [
            ("description", "d"),
            ("priority", priority),
            ("allow_audio", "off"),
        ];
        let saved = admin.submit(&format!("/admin/groups/{id}"), &fields).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
        let group = admin.get(&at(&id)).await.json()["group"].clone();
        assert_eq!(group["settings"], json!({"allow_audio": false}));
        if !priority.is_empty() {
            assert_eq!(
                (&group["name"], &group["member_count"]),
                (&json!("Class 10b"), &json!(1))
            );
        }
    }
    assert_eq!(
        admin
            .open(&format!("/admin/groups/{}/remove", everybody(&app).await))
            .await
            .status,
        StatusCode::CONFLICT
    );
}
