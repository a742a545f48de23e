//! The pages of the administration: for whom they are, and accounts on them.

use super::*;
use crate::support::ADMIN_PASSWORD;

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
