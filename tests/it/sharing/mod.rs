//! Sharing a running desktop: who may share what, who gets in by a link and how far, and when that ends.

use deskcast::ids::ShareId;
use hyper::{Method, StatusCode, header};
use kasm_standin::Flavour;
use serde_json::json;
use sqlx::PgPool;

use crate::{
    proxy::{Scene, Socket, start},
    support::{Answer, Client, TestApp},
};

mod ending;
mod entering;
mod making;
mod rights;

/// A scene in which everybody may share: jane's desktop was started after that was set.
pub(crate) async fn scene(pool: PgPool) -> Scene {
    let mut scene = Scene::vnc(pool, Flavour::New).await;
    run(
        &scene.app,
        "update user_groups set settings = settings || '{\"allow_sharing\": true}' where everybody",
    )
    .await;
    scene.stop().await;
    scene.desktop = start(&scene.app, "jane", &scene.kind).await;
    scene
}

async fn run(app: &TestApp, statement: &'static str) {
    sqlx::query(statement).execute(&app.pool).await.unwrap();
}

async fn count(app: &TestApp, statement: &'static str) -> i64 {
    sqlx::query_scalar(statement)
        .fetch_one(&app.pool)
        .await
        .unwrap()
}

/// A link of jane's: its id, and its path with the key.
pub(crate) async fn link(scene: &Scene, access: &str) -> (String, String) {
    let made = scene
        .jane
        .post_json("/api/shares", &json!({"access": access}))
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let made = made.json();
    let url = made["url"].as_str().unwrap();
    let origin = format!("http://{}", scene.app.address);
    let path = url.strip_prefix(&origin).unwrap_or_else(|| panic!("{url}"));
    (made["id"].as_str().unwrap().to_owned(), path.to_owned())
}

async fn joins(client: &Client, path: &str, scene: &Scene) {
    let joined = client.post(path).await;
    assert_eq!(joined.status, StatusCode::SEE_OTHER, "{}", joined.text());
    assert_eq!(joined.header("location"), scene.at(""));
}

fn assert_refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    let body = answer.json();
    assert_eq!(
        (&body["success"], &body["code"]),
        (&json!(false), &json!(code)),
        "{body}"
    );
    assert!(body["error"].as_str().unwrap().ends_with('.'), "{body}");
}

/// What people read on a page, without what differs from request to request.
fn main_of(answer: &Answer) -> String {
    let (_, main) = answer.text().split_once("<main").unwrap();
    let (main, _) = main.split_once("</main>").unwrap();
    let (before, after) = main.split_once("<dl").unwrap_or((main, ""));
    let after = after.split_once("</dl>").map_or("", |(_, after)| after);
    format!("{before}{after}")
}
