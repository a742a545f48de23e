//! What a guest of a link sees once their desktop has ended, and where they may not go.

use deskcast::people::Role;
use hyper::Method;
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    browser::with_browser,
    looks::looks_well,
    support::{
        http::{self, By},
        installation::Kind,
        server::Server,
    },
    url,
};

/// As a cookie has it: 22 letters of a session's id.
const SESSION: &str = "AAECAwQFBgcICQoLDA0ODw";

/// Somebody whom a link let in, with the desktop that `name` was until a moment ago.
async fn is_let_in(database: &PgPool, name: &str) {
    let guest = Uuid::now_v7();
    sqlx::query("insert into users (id, slug, username, display_name, role) values ($1, 'guest-x', 'guest-x', 'guest-x', $2)")
        .bind(guest)
        .bind(Role::Guest)
        .execute(database)
        .await
        .unwrap();
    sqlx::query("update desktops set owner_id = $1 where name = $2")
        .bind(guest)
        .bind(name)
        .execute(database)
        .await
        .unwrap();
    sqlx::query(
        "insert into login_sessions (id_hash, user_id, data, expires_at, ends_at)
         values ($1, $2, jsonb_build_object('user', $2::text), now() + interval '1 hour', now() + interval '1 hour')",
    )
    .bind(Sha256::digest(SESSION).to_vec())
    .bind(guest)
    .execute(database)
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_reads_that_it_has_ended_and_finds_no_way_into_other_pages() {
    let server = Server::start().await;
    server.installation.add(&Kind::stand_in("vnc")).await;
    let admin = server.sign_in().await;
    let started = server.start_desktop(&admin, "vnc").await.json_with(201);
    let name = started["container"]["proxy_path"].as_str().unwrap();
    let stop = "/api/container/stop";
    let stopped = http::send(
        server.address,
        By::Program(&admin),
        Method::POST,
        stop,
        &[],
        "",
    )
    .await;
    assert_eq!(stopped.status, 200, "{}", stopped.text);
    is_let_in(&server.installation.database, name).await;

    with_browser("guest", async |browser| {
        browser.goto(&url(&server, "/login")).await;
        let cookie = json!({ "name": "deskcast", "value": SESSION, "url": url(&server, "/"), "httpOnly": true });
        browser.devtools("Network.setCookie", cookie).await;
        browser.goto(&url(&server, &format!("/desktop/{name}/"))).await;
        let said = browser.reads("main").await;
        assert!(said.contains("nothing of it is kept"), "{said}");
        looks_well(browser, "ended", "main.gate").await;
        browser.goto(&url(&server, "/account")).await;
        let said = browser.reads("main").await;
        assert!(said.contains("sign in with an account"), "{said}");
        browser.keeps_picture("refused").await;
    })
    .await;
}
