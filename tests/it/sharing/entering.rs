//! Getting in by a link: asked first, many at once, and its key in no log.

use super::*;
use crate::support::Logs;

#[sqlx::test(migrations = "./migrations")]
async fn whoever_has_a_link_is_asked_first_and_then_watches(pool: PgPool) {
    let scene = scene(pool).await;
    let (id, path) = link(&scene, "view").await;
    let key = path.strip_prefix("/share/").unwrap();
    assert!(key.len() >= 43, "{key}");

    let stranger = scene.app.stranger().open(&path).await;
    assert_eq!(stranger.status, StatusCode::SEE_OTHER);
    let login = format!("/login?next=%2Fshare%2F{key}");
    assert_eq!(stranger.header("location"), login);
    let sign_in = scene.app.stranger().open(&login).await;
    for answer in [&stranger, &sign_in] {
        assert_eq!(answer.header("referrer-policy"), "strict-origin");
    }

    let malte = scene.app.user("malte").await;
    let asked = malte.open(&path).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert_eq!(asked.header("referrer-policy"), "strict-origin");
    for words in [
        "jane shares a desktop with you",
        "You can watch, but neither type nor click.",
        &scene.kind.title,
        "data-until",
        &format!("action=\"{path}\""),
    ] {
        assert!(asked.text().contains(words), "{words}: {}", asked.text());
    }
    // Looking at the link changes nothing.
    assert_eq!(
        count(&scene.app, "select count(*) from share_visitors").await,
        0
    );
    assert_eq!(
        malte.open(&scene.at("")).await.status,
        StatusCode::NOT_FOUND
    );

    joins(&malte, &path, &scene).await;
    joins(&malte, &path, &scene).await;
    assert_eq!(
        count(&scene.app, "select count(*) from share_visitors").await,
        1
    );
    let page = malte.open(&scene.at("")).await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    assert!(
        text.contains("Shared by jane · </span>view only<"),
        "{text}"
    );
    assert!(
        text.contains("view_only=true") && text.contains("resize=scale"),
        "{text}"
    );
    for not_theirs in ["/stop", "/share\"", "Not your desktop"] {
        assert!(!text.contains(not_theirs), "{not_theirs}: {text}");
    }
    let file = malte.get(&scene.at("client/")).await;
    assert_eq!(file.status, StatusCode::FOUND);
    let file = malte.get(file.header("location")).await;
    assert!(file.text().contains("<title>client</title>"));

    let listed = scene.jane.get("/api/shares").await.json();
    let share = &listed["shares"][0];
    assert_eq!(
        (&share["id"], &share["access"], &share["desktop_type"]),
        (&json!(id), &json!("view"), &json!("debian-desktop"))
    );
    assert_eq!(share["visitors"][0]["name"], "malte");
    assert!(share["visitors"][0]["joined_at"].is_string());
    assert!(!listed.to_string().contains(key), "the key is shown once");

    let own = scene.jane.open(&path).await;
    assert_eq!(own.status, StatusCode::SEE_OTHER);
    assert_eq!(own.header("location"), scene.at(""));
}

#[sqlx::test(migrations = "./migrations")]
async fn a_class_can_watch_and_leaves_the_owner_a_stream(pool: PgPool) {
    let scene = scene(pool).await;
    let (_, path) = link(&scene, "view").await;
    let malte = scene.app.user("malte").await;
    joins(&malte, &path, &scene).await;
    let mut open = Vec::new();
    let refused = loop {
        match Socket::open(&scene.app, scene.handshake(&malte, "websockify")).await {
            Ok(socket) => open.push(socket),
            Err(refused) => break refused,
        }
    };
    assert_eq!(
        (open.len(), refused.0),
        (36, StatusCode::SERVICE_UNAVAILABLE)
    );
    scene
        .socket(&scene.jane, "websockify")
        .await
        .begin(Flavour::New)
        .await;
}

#[sqlx::test(migrations = "./migrations")]
async fn no_line_of_the_log_holds_a_key(pool: PgPool) {
    let logs = Logs::capture();
    let scene = scene(pool).await;
    let (_, path) = link(&scene, "view").await;
    let key = path.strip_prefix("/share/").unwrap();
    let malte = scene.app.user("malte").await;
    let login = scene.app.stranger().open(&path).await;
    scene.app.stranger().open(login.header("location")).await;
    malte.open(&path).await;
    joins(&malte, &path, &scene).await;
    let mut wrong = malte.request(Method::POST, &path);
    wrong.headers_mut().remove(header::ORIGIN);
    assert_eq!(malte.send(wrong).await.status, StatusCode::FORBIDDEN);
    malte.open(&format!("{path}x")).await;
    scene.jane.get("/api/shares").await;
    let lines = logs.requests("/share/…").await;
    assert!(!lines.is_empty());
    assert!(!logs.text().contains(key));
}
