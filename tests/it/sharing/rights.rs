//! How far a visitor gets: a watcher looks, one with control types, and neither does anything else.

use kasm_standin::messages;

use super::*;

#[sqlx::test(migrations = "./migrations")]
async fn the_desktop_itself_ignores_what_a_watcher_types(pool: PgPool) {
    let scene = scene(pool).await;
    let (_, path) = link(&scene, "view").await;
    let malte = scene.app.user("malte").await;
    joins(&malte, &path, &scene).await;
    run(
        &scene.app,
        "update desktops set last_accessed_at = '2026-01-01'",
    )
    .await;
    let live = scene
        .app
        .state
        .desktops
        .live()
        .get(&scene.desktop.name)
        .unwrap();
    let mut socket = scene.socket(&malte, "websockify").await;
    socket.begin(Flavour::New).await;
    socket.send(2, &messages::key(true, 0x61)).await;
    socket.send(2, &messages::pointer(3, 4)).await;
    socket.send(2, &messages::counts()).await;
    let counts = messages::read_counts(&socket.bytes(messages::COUNTS_LENGTH).await).unwrap();
    assert_eq!((counts.keys, counts.pointers, counts.ignored), (0, 0, 2));
    let requests = scene.standin.requests();
    assert_eq!(
        requests.last().unwrap().user.as_deref(),
        Some("kasm_viewer")
    );
    assert!(
        live.fresh_input().is_none(),
        "nor does it keep the desktop from being idle"
    );
    let opened = "select count(*) from desktops where last_accessed_at > '2026-01-01'";
    assert_eq!(count(&scene.app, opened).await, 0);
    // The owner's keys still count.
    let mut own = scene.socket(&scene.jane, "websockify").await;
    own.begin(Flavour::New).await;
    own.send(2, &messages::key(true, 0x61)).await;
    own.send(2, &messages::counts()).await;
    own.bytes(messages::COUNTS_LENGTH).await;
    assert!(live.fresh_input().is_some());
}

#[sqlx::test(migrations = "./migrations")]
async fn a_visitor_with_control_types_as_the_owner_does(pool: PgPool) {
    let scene = scene(pool).await;
    let malte = scene.app.user("malte").await;
    let (_, view) = link(&scene, "view").await;
    joins(&malte, &view, &scene).await;
    let (_, control) = link(&scene, "control").await;
    assert!(
        malte
            .open(&control)
            .await
            .text()
            .contains("You can watch, type and click.")
    );
    joins(&malte, &control, &scene).await;
    let page = malte.open(&scene.at("")).await;
    assert!(
        page.text()
            .contains("Shared by jane · </span>with control<"),
        "{}",
        page.text()
    );
    assert!(
        !page.text().contains("view_only"),
        "the link that allows more counts"
    );
    let mut socket = scene.socket(&malte, "websockify").await;
    socket.begin(Flavour::New).await;
    socket.send(2, &messages::key(true, 0x61)).await;
    socket.send(2, &messages::counts()).await;
    let counts = messages::read_counts(&socket.bytes(messages::COUNTS_LENGTH).await).unwrap();
    assert_eq!((counts.keys, counts.ignored), (1, 0));
    let requests = scene.standin.requests();
    assert_eq!(requests.last().unwrap().user.as_deref(), Some("kasm_user"));
}

#[sqlx::test(migrations = "./migrations")]
async fn a_visitor_may_look_and_nothing_else(pool: PgPool) {
    let scene = scene(pool).await;
    let (id, path) = link(&scene, "control").await;
    let malte = scene.app.user("malte").await;
    joins(&malte, &path, &scene).await;
    let reached = scene.reached();
    for rest in ["api/get_users", "Downloads/", "audio", "upload", "x"] {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
            let answer = malte.send(malte.request(method, &scene.at(rest))).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{rest}");
        }
    }
    assert_eq!(
        malte.post(&scene.at("")).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
    assert_eq!(scene.reached(), reached, "nothing reaches the container");
    let slug = &scene.kind.slug;
    for path in [
        format!("/desktops/{slug}/stop"),
        format!("/desktops/{slug}/remove"),
    ] {
        malte.post(&path).await;
    }
    for path in ["stop", "remove"] {
        let path = format!("/api/container/{path}?desktop_type={slug}");
        assert_eq!(malte.post(&path).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(malte.get("/api/shares").await.json()["shares"], json!([]));
    let shares = malte
        .post_json("/api/shares", &json!({"desktop_type": slug}))
        .await;
    assert_refused(&shares, 404, "not_found");
    let page = format!("/desktops/{slug}/share");
    assert_eq!(malte.open(&page).await.status, StatusCode::NOT_FOUND);
    let foreign = malte.delete(&format!("/api/shares/{id}")).await;
    let unknown = malte
        .delete(&format!("/api/shares/{}", ShareId::new()))
        .await;
    assert_refused(&foreign, 404, "not_found");
    assert_eq!(foreign.text(), unknown.text());
    let end = malte.post(&format!("{page}/{id}/end")).await;
    assert_eq!(end.status, StatusCode::NOT_FOUND);
    assert_eq!(
        scene.jane.open(&scene.at("")).await.status,
        StatusCode::OK,
        "it runs"
    );
    assert_eq!(
        malte.open(&scene.at("")).await.status,
        StatusCode::OK,
        "and is shared"
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn an_image_that_knows_no_watchers_shows_nothing_and_locks_nobody_out(pool: PgPool) {
    let scene = scene(pool).await;
    let (_, path) = link(&scene, "view").await;
    let malte = scene.app.user("malte").await;
    joins(&malte, &path, &scene).await;
    // As kasmweb images up to 1.14 have it. Five wrong passwords in ten seconds would ban the whole household.
    scene.standin.set_password("kasm_viewer", "of its own");
    for _ in 0..8 {
        let request = scene.handshake(&malte, "websockify");
        let refused = Socket::open(&scene.app, request).await.map(drop);
        assert_eq!(refused.unwrap_err().0, StatusCode::BAD_GATEWAY);
    }
    assert_eq!(scene.standin.auth_failures(), 1);
    let mut own = scene.socket(&scene.jane, "websockify").await;
    own.begin(Flavour::New).await;
}
