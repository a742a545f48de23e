//! Making a link: what can be shared and what cannot, by API and on a page.

use serde_json::Value;

use super::*;

#[sqlx::test(migrations = "./migrations")]
async fn what_cannot_be_shared_says_why(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let (app, jane) = (&scene.app, &scene.jane);
    let ask = async |body: Value| jane.post_json("/api/shares", &body).await;
    assert_refused(&ask(json!({})).await, 403, "sharing_not_allowed");
    let page = format!("/desktops/{}/share", scene.kind.slug);
    assert_eq!(jane.open(&page).await.status, StatusCode::FORBIDDEN);
    assert!(!jane.open(&scene.at("")).await.text().contains(&page));

    run(
        app,
        "update user_groups set settings = settings || '{\"allow_sharing\": true}' where everybody",
    )
    .await;
    assert_refused(&ask(json!({})).await, 403, "sharing_not_allowed");
    scene.stop().await;
    assert_refused(&ask(json!({})).await, 409, "not_running");
    assert_eq!(jane.open(&page).await.status, StatusCode::CONFLICT);
    start(app, "jane", &scene.kind).await;
    assert!(jane.open(&scene.at("")).await.text().contains(&page));
    for (body, field) in [
        (json!({"key": "mine"}), "key"),
        (json!({"access": "all"}), "body"),
        (json!({"expires_in": 59}), "expires_in"),
        (json!({"expires_in": 604_801}), "expires_in"),
        (json!({"expires_in": "long"}), "expires_in"),
    ] {
        let refused = ask(body.clone()).await;
        assert_refused(&refused, 422, "invalid");
        let named = &refused.json()["fields"][0]["field"];
        assert!(named == field || *named == "access", "{body}: {named}");
    }
    assert_refused(
        &ask(json!({"desktop_type": "no-such"})).await,
        404,
        "not_found",
    );
    let made = ask(json!({"desktop_type": "debian-desktop", "expires_in": 3_600})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    assert_eq!(made.json()["access"], "view");
    let hour = "select count(*) from share_links where expires_at between now() + interval '59 min' and now() + interval '1 h'";
    assert_eq!(count(app, hour).await, 1);
    for _ in 1..20 {
        assert_eq!(ask(json!({})).await.status, StatusCode::CREATED);
    }
    assert_refused(&ask(json!({})).await, 409, "too_many_shares");
    let full = jane
        .submit(&page, &[("access", "view"), ("hours", "8")])
        .await;
    assert_eq!(full.status, StatusCode::CONFLICT);
    assert!(full.text().contains("20 links already"), "{}", full.text());
    run(app, "update share_links set expires_at = now() where id = (select min(id::text)::uuid from share_links)").await;
    assert_eq!(
        ask(json!({})).await.status,
        StatusCode::CREATED,
        "what ran out does not count"
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn a_page_that_a_container_writes_is_never_shared(pool: PgPool) {
    let mut scene = Scene::plain(pool).await;
    run(
        &scene.app,
        "update user_groups set settings = settings || '{\"allow_sharing\": true}' where everybody",
    )
    .await;
    scene.stop().await;
    scene.desktop = start(&scene.app, "jane", &scene.kind).await;
    let refused = scene.jane.post_json("/api/shares", &json!({})).await;
    assert_refused(&refused, 403, "sharing_not_allowed");
    // Nor by a link that is there, however it came there: it counts as one that has ended.
    sqlx::query("insert into share_links (id, desktop_id, generation, access, key_hash, expires_at) select $1, id, generation, 'control', sha256('x'), now() + interval '1 h' from desktops")
        .bind(ShareId::new())
        .execute(&scene.app.pool)
        .await
        .unwrap();
    let malte = scene.app.user("malte").await;
    assert_eq!(malte.post("/share/x").await.status, StatusCode::GONE);
    run(&scene.app, "insert into share_visitors select s.id, u.id from share_links s, users u where u.username = 'malte'").await;
    let reached = scene.reached();
    assert_eq!(malte.open(&scene.at("")).await.status, StatusCode::GONE);
    assert_eq!(scene.reached(), reached);
}

#[sqlx::test(migrations = "./migrations")]
async fn an_owner_shares_on_a_page_without_scripts(pool: PgPool) {
    let scene = scene(pool).await;
    let page = format!("/desktops/{}/share", scene.kind.slug);
    let empty = scene.jane.open(&page).await;
    assert_eq!(empty.status, StatusCode::OK, "{}", empty.text());
    assert!(empty.text().contains("This desktop is not shared."));
    let made = scene
        .jane
        .submit(&page, &[("access", "control"), ("hours", "1")])
        .await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
    let (_, rest) = made.text().split_once("<code id=\"made\">").unwrap();
    let (address, _) = rest.split_once("</code>").unwrap();
    let origin = format!("http://{}", scene.app.address);
    let path = address.strip_prefix(&origin).unwrap();
    let malte = scene.app.user("malte").await;
    joins(&malte, path, &scene).await;
    let listed = scene.jane.open(&page).await;
    assert!(!listed.text().contains(path), "shown once");
    for words in ["Watch and control", "Joined: malte", "Revoke"] {
        assert!(listed.text().contains(words), "{words}: {}", listed.text());
    }
    for (access, hours) in [("view", "0"), ("view", "169"), ("all", "1"), ("view", "x")] {
        let refused = scene
            .jane
            .submit(&page, &[("access", access), ("hours", hours)])
            .await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{access} {hours}"
        );
    }
    let (_, rest) = listed
        .text()
        .split_once(&format!("action=\"{page}/"))
        .unwrap();
    let (id, _) = rest.split_once("/end\"").unwrap();
    let ended = scene.jane.post(&format!("{page}/{id}/end")).await;
    let done = scene.jane.open(ended.header("location")).await;
    assert!(
        done.text().contains("The link has ended"),
        "{}",
        done.text()
    );
    assert!(done.text().contains("This desktop is not shared."));
    assert_eq!(malte.open(&scene.at("")).await.status, StatusCode::GONE);
}
