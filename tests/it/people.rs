//! Accounts as administrators see and change them, by API and on pages.

use std::time::Duration;

use axum::body::Body;
use deskcast::{
    auth::user::Role,
    desktops::DesktopState,
    ids::{GroupId, UserId},
    runtime::{RuntimeError, fake::Call},
};
use hyper::{Method, StatusCode, header::CONTENT_TYPE};
use kasm_standin::Flavour;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    proxy::Scene,
    support::{ADMIN_PASSWORD, Answer, Client, Credential, TestApp},
};

pub(crate) async fn put(client: &Client, path: &str, body: &Value) -> Answer {
    let mut request = client.request(Method::PUT, path);
    request
        .headers_mut()
        .insert(CONTENT_TYPE, "application/json".parse().unwrap());
    *request.body_mut() = Body::from(body.to_string());
    client.send(request).await
}

/// The names of the wrong fields.
pub(crate) fn wrong(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    let fields = body["fields"]
        .as_array()
        .unwrap_or_else(|| panic!("{body}"));
    let mut names: Vec<_> = fields
        .iter()
        .map(|field| field["field"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

pub(crate) fn of(user: impl std::fmt::Display) -> String {
    format!("/api/admin/users/{user}")
}

async fn sign_in(app: &TestApp, username: &str, password: &str) -> Answer {
    let body = json!({"username": username, "password": password});
    app.stranger().post_json("/api/login", &body).await
}

async fn admin_id(app: &TestApp) -> UserId {
    sqlx::query_scalar("select id from users where username = 'admin'")
        .fetch_one(&app.pool)
        .await
        .unwrap()
}

/// A second local administrator, signed in.
async fn second_admin(app: &TestApp) -> (UserId, Client) {
    let id = app.account("root", Role::Admin).await;
    let session = app.session(id).await;
    (id, Client::new(app.address, Credential::Cookie(session)))
}

#[sqlx::test]
async fn the_list_is_searched_filtered_and_turned_page_by_page(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    sqlx::query(
        "insert into users (id, slug, username, display_name, email, role, disabled_at)
         select gen_random_uuid(), 'p-' || n, 'p-' || n, 'Person ' || to_char(n, 'FM000'), 'p' || n || '@schule.test',
             (case when n % 10 = 0 then 'teacher' else 'user' end)::user_role, case when n % 20 = 0 then now() end
         from generate_series(1, 120) n",
    )
    .execute(&pool)
    .await
    .unwrap();
    let admin = app.admin().await;
    let list = async |query: &str| {
        let answer = admin.get(&format!("/api/admin/users{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()
    };
    let names = |list: &Value| -> Vec<String> {
        let users = list["users"].as_array().unwrap().iter();
        users
            .map(|user| user["username"].as_str().unwrap().to_owned())
            .collect()
    };
    let mut all = Vec::new();
    let mut next = String::new();
    for (count, goes_on) in [(50, true), (50, true), (21, false)] {
        let list = list(&format!("?after={next}")).await;
        assert_eq!(
            list["total"],
            if next.is_empty() {
                json!(121)
            } else {
                Value::Null
            }
        );
        assert_eq!(names(&list).len(), count);
        assert_eq!(list["next"].is_string(), goes_on);
        next = list["next"].as_str().unwrap_or_default().to_owned();
        all.extend(names(&list));
    }
    assert_eq!(
        names(&list("?limit=200").await),
        all,
        "the same order in one page"
    );
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 121, "everybody once");

    assert_eq!(names(&list("?q=PERSON%20042").await), ["p-42"]);
    assert_eq!(names(&list("?q=p42%40").await), ["p-42"]);
    assert_eq!(
        names(&list("?q=%25").await).len(),
        0,
        "a percent sign is a percent sign"
    );
    assert_eq!(list("?role=teacher").await["total"], 12);
    assert_eq!(list("?role=teacher&state=disabled").await["total"], 6);
    assert_eq!(list("?state=enabled").await["total"], 115);
    assert_eq!(names(&list("?role=admin").await), ["admin"]);
    let refused = admin.get("/api/admin/users?role=king&state=asleep").await;
    assert_eq!(wrong(&refused), ["role", "state"]);
    let refused = admin.get("/api/admin/users?after=x&limit=201").await;
    assert_eq!(wrong(&refused), ["after", "limit"]);
}

#[sqlx::test]
async fn an_account_that_was_made_can_sign_in(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let body = json!({"username": " jana ", "password": "tree-house", "role": "teacher", "email": "j@schule.test"});
    let made = admin.post_json("/api/admin/users", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let user = made.json()["user"].clone();
    assert_eq!(user["username"], "jana");
    assert_eq!(user["role"], "teacher");
    assert_eq!(user["email"], "j@schule.test");
    assert_eq!(user["disabled"], false);
    assert_eq!(user["provider"], Value::Null);
    assert!(!made.text().contains("tree-house"));
    assert_eq!(
        sign_in(&app, "jana", "tree-house").await.status,
        StatusCode::OK
    );

    let again = json!({"username": "JANA", "password": "tree-house"});
    assert_eq!(
        wrong(&admin.post_json("/api/admin/users", &again).await),
        ["username"]
    );
}

#[sqlx::test]
async fn every_wrong_field_of_an_account_is_named_and_nothing_is_made(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let body = json!({
        "username": "", "password": "1234567", "display_name": 7, "email": "nobody", "role": "king",
        "disabled": "yes", "shoe_size": 43,
    });
    let refused = admin.post_json("/api/admin/users", &body).await;
    assert_eq!(
        wrong(&refused),
        [
            "disabled",
            "display_name",
            "email",
            "password",
            "role",
            "shoe_size",
            "username"
        ]
    );
    let no_such_group =
        json!({"username": "jana", "password": "12345678", "groups": [GroupId::new()]});
    let refused = admin.post_json("/api/admin/users", &no_such_group).await;
    assert_eq!(wrong(&refused), ["groups"]);
    let count: i64 = sqlx::query_scalar("select count(*) from users")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(count, 1, "nothing is saved half");
}

#[sqlx::test]
async fn what_is_changed_changes_and_the_rest_stays(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let body = json!({"username": "jana", "password": "tree-house", "display_name": "Jana", "email": "j@x.test"});
    let made = admin.post_json("/api/admin/users", &body).await.json();
    let path = of(made["user"]["id"].as_str().unwrap());

    let changed = put(&admin, &path, &json!({"display_name": "Jana Petersen"})).await;
    let user = changed.json()["user"].clone();
    assert_eq!(user["display_name"], "Jana Petersen");
    assert_eq!(user["email"], "j@x.test");
    // As it was read, back again: nothing is unknown, nothing changes.
    let read = admin.get(&path).await.json()["user"].clone();
    let same = put(&admin, &path, &read).await;
    assert_eq!(same.json()["user"], read, "{}", same.text());
    let no_mail = put(&admin, &path, &json!({"email": null})).await;
    assert_eq!(no_mail.json()["user"]["email"], Value::Null);

    assert_eq!(
        wrong(&put(&admin, &path, &json!({"username": "other"})).await),
        ["username"]
    );
    assert_eq!(
        wrong(&put(&admin, &path, &json!({"password": "short"})).await),
        ["password"]
    );
    let unknown = put(&admin, &of(UserId::new()), &json!({})).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[sqlx::test]
async fn a_new_password_or_role_signs_out_and_a_new_name_does_not(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let body = json!({"username": "jana", "password": "tree-house"});
    let made = admin.post_json("/api/admin/users", &body).await.json();
    let path = of(made["user"]["id"].as_str().unwrap());
    let session = async |password: &str| {
        let answer = sign_in(&app, "jana", password).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let id = answer.json()["session"]["id"].as_str().unwrap().to_owned();
        Client::new(app.address, Credential::Header(id))
    };
    let jana = session("tree-house").await;
    put(&admin, &path, &json!({"display_name": "J"})).await;
    assert_eq!(jana.get("/session").await.status, StatusCode::OK);
    put(&admin, &path, &json!({"role": "teacher"})).await;
    assert_eq!(jana.get("/session").await.status, StatusCode::UNAUTHORIZED);
    let jana = session("tree-house").await;
    assert_eq!(jana.get("/session").await.json()["user"]["role"], "teacher");
    put(&admin, &path, &json!({"password": "another-tree"})).await;
    assert_eq!(jana.get("/session").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        sign_in(&app, "jana", "tree-house").await.status,
        StatusCode::UNAUTHORIZED
    );
    session("another-tree").await;
}

#[sqlx::test]
async fn switching_off_ends_sessions_tokens_and_streams_and_stops_nothing_else(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let app = &scene.app;
    let admin = app.admin().await;
    let jane: UserId = scene.desktop.owner;
    let token = app
        .state
        .login
        .create_token(jane, "script", None)
        .await
        .unwrap();
    let script = Client::new(
        app.address,
        Credential::Header(token.secret.expose_secret().to_owned()),
    );
    assert_eq!(script.get("/session").await.status, StatusCode::OK);
    let mut socket = scene.socket(&scene.jane, "websockify").await;
    socket.begin(Flavour::New).await;

    let off = put(&admin, &of(jane), &json!({"disabled": true})).await;
    assert_eq!(off.json()["user"]["disabled"], true, "{}", off.text());
    let closed = tokio::time::timeout(Duration::from_secs(5), socket.closed()).await;
    assert_eq!(closed.expect("within five seconds").0, 4001);
    for client in [&script, &scene.jane] {
        let answer = client.get("/session").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.json()["error"], "Invalid session");
    }
    let desktop = app
        .state
        .desktops
        .find(scene.desktop.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(desktop.state, DesktopState::Running, "it runs on");
    assert_eq!(
        sign_in(app, "jane", "x").await.status,
        StatusCode::UNAUTHORIZED
    );

    put(&admin, &of(jane), &json!({"disabled": false})).await;
    let back = app.user("jane").await;
    assert_eq!(back.get("/session").await.status, StatusCode::OK);
}

#[sqlx::test]
async fn removing_a_person_takes_their_containers_along_first(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let app = &scene.app;
    let admin = app.admin().await;
    let jane = scene.desktop.owner;

    let away = RuntimeError::Away {
        call: "stop".into(),
        source: None,
    };
    app.engine.fail_next(Call::Stop, away);
    let refused = admin.delete(&of(jane)).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    let kept = admin.get(&of(jane)).await.json();
    assert_eq!(kept["user"]["disabled"], true, "it stays, switched off");

    // A stop that was begun is finished by upkeep; the test need not wait for its lease.
    sqlx::query("update desktops set lease_until = now() - interval '1 second'")
        .execute(&app.pool)
        .await
        .unwrap();
    deskcast::desktops::upkeep::take_over(&app.state.desktops)
        .await
        .unwrap();
    let removed = admin.delete(&of(jane)).await;
    assert_eq!(removed.status, StatusCode::OK, "{}", removed.text());
    assert!(app.engine.containers().is_empty());
    assert_eq!(admin.get(&of(jane)).await.status, StatusCode::NOT_FOUND);
    let left: i64 = sqlx::query_scalar("select count(*) from desktops")
        .fetch_one(&app.pool)
        .await
        .unwrap();
    assert_eq!(left, 0);
    assert_eq!(admin.delete(&of(jane)).await.status, StatusCode::NOT_FOUND);
}

#[sqlx::test]
async fn the_last_administrator_stays_and_nobody_removes_themselves(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let first = admin_id(&app).await;
    let code = |answer: &Answer| (answer.status.as_u16(), answer.json()["code"].clone());

    // Somebody else's administrator is no local one: it does not count.
    app.account("provided", Role::Admin).await;
    sqlx::query(
        "update users set issuer = 'https://id.test', subject = '1' where username = 'provided'",
    )
    .execute(&app.pool)
    .await
    .unwrap();
    let provided = app.account("provided", Role::Admin).await;
    let by_provided = Client::new(app.address, Credential::Cookie(app.session(provided).await));
    let last = (409, json!("last_administrator"));
    assert_eq!(
        code(&put(&by_provided, &of(first), &json!({"disabled": true})).await),
        last
    );
    assert_eq!(
        code(&put(&by_provided, &of(first), &json!({"role": "user"})).await),
        last
    );
    assert_eq!(code(&by_provided.delete(&of(first)).await), last);
    assert_eq!(
        code(&put(&admin, &of(first), &json!({"role": "user"})).await),
        last
    );
    let yourself = (409, json!("yourself"));
    assert_eq!(
        code(&put(&admin, &of(first), &json!({"disabled": true})).await),
        yourself
    );
    assert_eq!(code(&admin.delete(&of(first)).await), yourself);
    let named = put(&admin, &of(first), &json!({"display_name": "Boss"})).await;
    assert_eq!(
        named.status,
        StatusCode::OK,
        "anything else of it may change"
    );

    // With a second one, the first is no longer the last.
    let (_, root) = second_admin(&app).await;
    assert_eq!(root.delete(&of(first)).await.status, StatusCode::OK);
}

#[sqlx::test]
async fn two_administrators_who_demote_each_other_leave_one(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let first = admin_id(&app).await;
    let second = app.account("root", Role::Admin).await;
    let login = &app.state.login;
    let demoted = async |id: UserId, by: UserId| {
        let change = deskcast::auth::people::AccountChange {
            details: deskcast::auth::people::Details {
                display_name: "A".into(),
                email: None,
                role: Role::User,
                disabled: false,
            },
            password: None,
        };
        login.change_account(id, &change, by).await.is_ok()
    };
    for round in 0..30 {
        sqlx::query("update users set role = 'admin', disabled_at = null")
            .execute(&app.pool)
            .await
            .unwrap();
        let both = tokio::join!(demoted(second, first), demoted(first, second));
        assert!(both.0 != both.1, "round {round}: {both:?}");
    }
}

#[sqlx::test]
async fn a_person_of_a_provider_has_no_password_here_and_keeps_the_providers_groups(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let jana = app.account("jana", Role::User).await;
    let (theirs, other) = provided_groups(&pool, jana).await;
    let ours = admin
        .post_json("/api/admin/groups", &json!({"name": "Robotics"}))
        .await
        .json();
    let ours = ours["group"]["id"].as_str().unwrap().to_owned();

    assert_eq!(
        wrong(&put(&admin, &of(jana), &json!({"password": "12345678"})).await),
        ["password"]
    );
    let into = put(&admin, &of(jana), &json!({"groups": [ours, theirs]})).await;
    let names = |answer: &Answer| -> Vec<String> {
        let groups = answer.json()["user"]["groups"].clone();
        let groups = groups.as_array().unwrap().iter();
        groups
            .map(|group| group["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&into), ["Class 10b", "Robotics"]);
    // Only those made here can be left or entered by hand.
    let out = put(&admin, &of(jana), &json!({"groups": []})).await;
    assert_eq!(names(&out), ["Class 10b"]);
    assert_eq!(
        wrong(&put(&admin, &of(jana), &json!({"groups": [other]})).await),
        ["groups"]
    );
    assert_eq!(
        admin.get(&of(jana)).await.json()["user"]["provider"],
        "IServ"
    );
}

/// Makes jana's account one of a provider with two groups, and puts her into the first.
pub(crate) async fn provided_groups(pool: &PgPool, jana: UserId) -> (GroupId, GroupId) {
    let provider = uuid::Uuid::now_v7();
    sqlx::query("insert into oidc_providers (id, name, issuer, client_id) values ($1, 'IServ', 'https://iserv.test', 'x')")
        .bind(provider)
        .execute(pool)
        .await
        .unwrap();
    sqlx::query("update users set issuer = 'https://iserv.test', subject = 's', password_hash = null where id = $1")
        .bind(jana)
        .execute(pool)
        .await
        .unwrap();
    let group = async |name: &str, external: &str| {
        let id = GroupId::new();
        sqlx::query(
            "insert into user_groups (id, name, provider_id, external_id) values ($1, $2, $3, $4)",
        )
        .bind(id)
        .bind(name)
        .bind(provider)
        .bind(external)
        .execute(pool)
        .await
        .unwrap();
        id
    };
    let groups = (
        group("Class 10b", "klasse.10b").await,
        group("Choir", "chor").await,
    );
    sqlx::query("insert into group_members (group_id, user_id) values ($1, $2)")
        .bind(groups.0)
        .bind(jana)
        .execute(pool)
        .await
        .unwrap();
    groups
}

#[sqlx::test]
async fn programs_hear_a_persons_groups(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let body = json!({"username": "jana", "password": "tree-house"});
    let made = admin.post_json("/api/admin/users", &body).await.json();
    let jana: UserId = made["user"]["id"].as_str().unwrap().parse().unwrap();
    let signed_in = sign_in(&app, "jana", "tree-house").await.json();
    assert_eq!(signed_in["user"]["groups"], json!([]));
    let ours = admin
        .post_json(
            "/api/admin/groups",
            &json!({"name": "Robotics", "priority": 5, "members": [jana]}),
        )
        .await
        .json();
    let ours = ours["group"]["id"].clone();
    let expected = json!([{"id": ours, "name": "Robotics"}]);
    let signed_in = sign_in(&app, "jana", "tree-house").await.json();
    assert_eq!(signed_in["user"]["groups"], expected);

    provided_groups(&pool, jana).await;
    let session = app.script("jana").await.get("/session").await.json();
    assert_eq!(
        session["user"]["groups"],
        json!([{"id": ours, "name": "Robotics"}, {"id": "klasse.10b", "name": "Class 10b"}])
    );
}

// --- pages ---

const PAGES: [&str; 5] = [
    "/admin",
    "/admin/users",
    "/admin/users/new",
    "/admin/groups",
    "/admin/groups/new",
];

#[sqlx::test]
async fn the_administration_is_for_administrators(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (jane, admin) = (app.user("jane").await, app.admin().await);
    for path in PAGES {
        let stranger = app.stranger().open(path).await;
        assert_eq!(stranger.status, StatusCode::SEE_OTHER, "{path}");
        assert!(
            stranger.header("location").starts_with("/login?next="),
            "{path}"
        );
        let other = jane.open(path).await;
        assert_eq!(other.status, StatusCode::FORBIDDEN, "{path}");
        assert!(
            other.header("content-type").starts_with("text/html"),
            "{path}"
        );
        let page = admin.open(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text());
        for (what, there) in [(" style=", false), ("admin-nav", true), ("<h1>", true)] {
            assert_eq!(page.text().contains(what), there, "{path}: {what}");
        }
    }
    for path in ["/admin/users", "/admin/groups"] {
        assert_eq!(
            jane.submit(path, &[("name", "x")]).await.status,
            StatusCode::FORBIDDEN
        );
    }
}

#[sqlx::test]
async fn the_pages_speak_german(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let open = async |path: &str| {
        let mut request = admin.request(Method::GET, path);
        request
            .headers_mut()
            .insert("accept", "text/html".parse().unwrap());
        request
            .headers_mut()
            .insert("accept-language", "de".parse().unwrap());
        admin.send(request).await.text().to_owned()
    };
    for (path, words) in [
        ("/admin", "Was gerade läuft"),
        ("/admin/users", "1 Konto"),
        ("/admin/users/new", "Mindestens 8 Zeichen."),
        ("/admin/groups", "legt nichts fest"),
        ("/admin/groups/new", "Minuten ohne Eingabe"),
    ] {
        let page = open(path).await;
        assert!(page.contains(words), "{path}: {page}");
        assert!(page.contains("<html lang=\"de\""), "{path}");
    }
}

#[sqlx::test]
async fn the_overview_shows_what_runs_and_stops_it(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let admin = scene.app.admin().await;
    let page = admin.open("/admin").await;
    for words in [
        "<dd>1</dd>",
        "jane-debian-desktop",
        "Debian Desktop",
        "Running",
    ] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    let stop = format!("/admin/desktops/{}/stop", scene.desktop.id);
    assert!(page.text().contains(&format!("action=\"{stop}\"")));
    let foreign = scene.jane.submit(&stop, &[]).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let stopped = admin.submit(&stop, &[]).await;
    assert_eq!(
        (stopped.status, stopped.header("location")),
        (StatusCode::SEE_OTHER, "/admin")
    );
    let page = admin.open("/admin").await;
    assert!(page.text().contains("Nothing runs."), "{}", page.text());
}

#[sqlx::test]
async fn an_account_is_made_changed_and_removed_on_pages(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let group = admin
        .post_json("/api/admin/groups", &json!({"name": "Robotics"}))
        .await
        .json();
    let group = group["group"]["id"].as_str().unwrap().to_owned();
    // What is wrong is said beside the field, what was typed stays, but never the password.
    let fields = [
        ("username", "jana"),
        ("display_name", "<Jana>"),
        ("email", "nobody"),
        ("password", "secret1"),
        ("role", "teacher"),
        ("groups", group.as_str()),
    ];
    let refused = admin.submit("/admin/users", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in [
        "Not saved: 2 fields need a change.",
        "href=\"#email\"",
        "id=\"email-error\"",
        "id=\"password-error\"",
        "value=\"&#60;Jana&#62;\"",
        "value=\"teacher\" checked",
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
            .contains(&format!("value=\"{group}\" checked"))
    );
    assert!(!refused.text().contains("secret1"));

    let fields = fields.map(|(name, value)| match name {
        "email" => (name, "jana@schule.test"),
        "password" => (name, "tree-house"),
        _ => (name, value),
    });
    let made = admin.submit("/admin/users", &fields).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text());
    let address = made
        .header("location")
        .split('?')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(
        sign_in(&app, "jana", "tree-house").await.status,
        StatusCode::OK
    );

    let page = admin.open(made.header("location")).await;
    for words in [
        "Created.",
        "&#60;Jana&#62;",
        "What applies, and why",
        "by default",
    ] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    let list = admin
        .open("/admin/users?q=jana&role=teacher&state=enabled")
        .await;
    assert!(list.text().contains("Robotics"), "{}", list.text());
    assert!(list.text().contains("1 account"));

    let off = [
        ("display_name", "Jana"),
        ("email", ""),
        ("role", "user"),
        ("disabled", "on"),
        ("password", ""),
    ];
    let saved = admin.submit(&address, &off).await;
    assert_eq!(saved.header("location"), format!("{address}?done=saved"));
    let user = admin.get(&format!("/api{address}")).await.json()["user"].clone();
    assert_eq!(user["disabled"], true);
    assert_eq!(user["groups"], json!([]), "no box was ticked");
    assert_eq!(user["email"], Value::Null);

    let question = admin.open(&format!("{address}/remove")).await;
    assert!(question.text().contains("Remove the account of Jana?"));
    let removed = admin.submit(&format!("{address}/remove"), &[]).await;
    assert_eq!(removed.header("location"), "/admin/users?done=removed");
    assert_eq!(admin.open(&address).await.status, StatusCode::NOT_FOUND);
}

#[sqlx::test]
async fn the_page_says_why_the_last_administrator_stays(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let own = format!("/admin/users/{}", admin_id(&app).await);
    let fields = [("display_name", "admin"), ("role", "user")];
    let refused = admin.submit(&own, &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text().contains("the last local administrator"),
        "{}",
        refused.text()
    );
    assert!(
        !refused.text().contains(&format!("{own}/remove")),
        "one's own account has no such button"
    );
    assert_eq!(
        sign_in(&app, "admin", ADMIN_PASSWORD).await.status,
        StatusCode::OK
    );
}
