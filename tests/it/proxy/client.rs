//! Our pages around a VNC desktop, and its trusted client files.

use deskcast::runtime::{RuntimeError, fake::Call};
use hyper::{Method, StatusCode};
use kasm_standin::Flavour;
use sqlx::PgPool;

use super::Scene;
use crate::support::{Answer, eventually};

/// The address of the frame in the viewer page.
pub(crate) fn framed(page: &Answer) -> String {
    let (_, rest) = page.text().split_once("<iframe src=\"").expect("a frame");
    rest.split_once('"')
        .unwrap()
        .0
        .replace("&amp;", "&")
        .replace("&#38;", "&")
}

#[sqlx::test(migrations = "./migrations")]
async fn the_page_frames_a_client_that_finds_its_socket(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let page = scene.jane.open(&scene.at("")).await;
    assert_eq!(page.status, StatusCode::OK);
    let frame = framed(&page);
    let (path, query) = frame.split_once('?').unwrap();
    assert!(
        path.starts_with("client/v-") && path.ends_with('/'),
        "{path}"
    );
    assert!(
        query.contains(&format!(
            "path=desktop%2F{}%2Fwebsockify",
            scene.desktop.name
        )),
        "{query}"
    );
    let policy = page.header("content-security-policy");
    let origin = format!("http://{}", scene.app.address);
    let at = scene.at("");
    for own in [
        format!("frame-src {origin}{};", scene.at(path)),
        format!("connect-src {origin}{at} {origin}/api/events;"),
        format!("form-action {origin}/desktops/"),
    ] {
        assert!(policy.contains(&own), "{own} in {policy}");
    }
    assert!(
        policy.starts_with("sandbox ") && !policy.contains("popups"),
        "{policy}"
    );
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("nonce"));
    assert_eq!(
        page.header("cross-origin-opener-policy"),
        "noopener-allow-popups"
    );
    let client = scene.jane.open(&scene.at(&frame)).await;
    assert_eq!(client.status, StatusCode::OK);
    assert_eq!(client.text(), "<!DOCTYPE html><title>client</title>");
    let policy = client.header("content-security-policy");
    let prefix = format!("http://{}{}", scene.app.address, scene.at(""));
    assert!(
        policy.contains(&format!(
            "connect-src {prefix} {}",
            prefix.replacen("http", "ws", 1)
        )),
        "{policy}"
    );
    assert!(policy.contains("sandbox allow-scripts allow-same-origin allow-pointer-lock"));
    assert!(policy.contains("frame-ancestors 'self'"));
    assert_eq!(
        client.header("cross-origin-opener-policy"),
        "noopener-allow-popups"
    );
    assert_eq!(
        scene.reached(),
        1,
        "only the probe of the start reached the container"
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn client_files_may_be_kept_for_good_and_are_read_once(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let frame = framed(&scene.jane.open(&scene.at("")).await);
    let base = scene.at(frame.split_once('?').unwrap().0);
    for (path, kind) in [
        ("main.bundle.js", "text/javascript; charset=utf-8"),
        ("assets/decoder.wasm", "application/wasm"),
        (
            "assets/odd%20name%20&%20%231.txt",
            "text/plain; charset=utf-8",
        ),
    ] {
        let file = scene.jane.get(&format!("{base}{path}?ignored=1")).await;
        assert_eq!(file.status, StatusCode::OK, "{path}");
        assert_eq!(file.header("content-type"), kind);
        assert_eq!(
            file.header("cache-control"),
            "private, max-age=31536000, immutable"
        );
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        let mut again = scene.jane.request(Method::GET, &format!("{base}{path}"));
        let tag = file.header("etag").parse().unwrap();
        again.headers_mut().insert("if-none-match", tag);
        let again = scene.jane.send(again).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED);
        assert!(again.body.is_empty());
    }
    let page = scene.jane.get(&base).await;
    assert_eq!(page.header("cache-control"), "private, no-cache");
    let missing = scene.jane.get(&format!("{base}missing.js")).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    let worker = {
        let mut request = scene
            .jane
            .request(Method::GET, &format!("{base}main.bundle.js"));
        request
            .headers_mut()
            .insert("service-worker", "script".parse().unwrap());
        scene.jane.send(request).await
    };
    assert_eq!(worker.status, StatusCode::FORBIDDEN);
    let posted = scene.jane.post(&base).await;
    assert_eq!(posted.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(scene.app.engine.count(Call::ReadFolder), 1);
}

#[sqlx::test(migrations = "./migrations")]
async fn addresses_without_the_right_version_lead_to_it(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let frame = framed(&scene.jane.open(&scene.at("")).await);
    let base = scene.at(frame.split_once('?').unwrap().0);
    for (asked, to) in [
        ("client", ""),
        ("client/", ""),
        ("client/?a=b", "?a=b"),
        ("client/assets/decoder.wasm?x", "assets/decoder.wasm?x"),
        ("client/v-000000000000/main.bundle.js", "main.bundle.js"),
        ("client/v-000000000000", ""),
    ] {
        let moved = scene.jane.get(&scene.at(asked)).await;
        assert_eq!(moved.status, StatusCode::FOUND, "{asked}");
        assert_eq!(moved.header("location"), format!("{base}{to}"), "{asked}");
        assert_eq!(moved.header("cache-control"), "private, no-store");
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn many_visitors_at_once_read_the_image_once(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let page = scene.at("");
    let visits = (0..20).map(|_| scene.jane.open(&page));
    for answer in futures_util::future::join_all(visits).await {
        assert_eq!(answer.status, StatusCode::OK);
    }
    assert_eq!(scene.app.engine.count(Call::ReadFolder), 1);
}

#[sqlx::test(migrations = "./migrations")]
async fn an_image_without_client_files_says_what_to_do(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    scene.app.engine.set_folder(&[]);
    let page = scene.jane.open(&scene.at("")).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(
        page.text().contains("/usr/share/kasmvnc/www") && page.text().contains("administrator"),
        "{}",
        page.text()
    );
    scene.jane.open(&scene.at("")).await;
    assert_eq!(
        scene.app.engine.count(Call::ReadFolder),
        1,
        "not tried again at once"
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn an_engine_that_is_away_is_said_to_be_away(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let away = RuntimeError::Away {
        call: "read a folder".into(),
        source: None,
    };
    scene.app.engine.fail_next(Call::ReadFolder, away);
    let page = scene.jane.open(&scene.at("")).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    let again = scene.jane.open(&scene.at("")).await;
    assert_eq!(again.status, StatusCode::OK, "as soon as it is back");
    scene.app.engine.set_away(true);
    let kept = scene.jane.open(&scene.at("")).await;
    assert_eq!(kept.status, StatusCode::OK, "from memory");
}

#[sqlx::test(migrations = "./migrations")]
async fn a_stopped_desktop_shows_why(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    scene.stop().await;
    let page = scene.jane.open(&scene.at("")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("is stopped"), "{}", page.text());
    assert!(
        page.header("content-security-policy")
            .contains("frame-src 'none'")
    );
    for rest in ["client/", "websockify", "other"] {
        assert_eq!(
            scene.jane.get(&scene.at(rest)).await.status,
            StatusCode::NOT_FOUND,
            "{rest}"
        );
    }
    assert_eq!(
        scene.jane.post(&scene.at("")).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn a_starting_desktop_shows_its_progress(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    scene.app.user("kim").await;
    scene.app.engine.hang(Call::Start);
    let kim = scene.app.user("kim").await;
    let started = kim.post("/api/container/start?desktop_type=debian-desktop");
    let within = std::time::Duration::from_secs(20);
    let look = eventually("the desktop's page", within, async || {
        let answer = kim.open("/desktop/kim-debian-desktop/").await;
        (answer.status == StatusCode::OK).then_some(answer)
    });
    let page = tokio::select! {
        page = look => page,
        _ = started => panic!("the start should hang"),
    };
    assert!(page.text().contains("is starting"), "{}", page.text());
    scene.app.engine.release(Call::Start);
}
