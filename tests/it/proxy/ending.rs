//! What has only begun when a session ends: it ends with it, as every stream does.

use std::time::Instant;

use deskcast::people::Role;
use kasm_standin::Fault;

use super::*;
use crate::support::Credential;

/// How long it may take (goal G14). Without the rule a desktop that is silent would be waited for longer.
const HEARD: Duration = Duration::from_secs(5);

async fn session(scene: &Scene) -> String {
    let jane = scene.app.account("jane", Role::User).await;
    scene.app.session(jane).await
}

async fn signs_out(scene: &Scene, session: &str) {
    let browser = Client::new(scene.app.address, Credential::Cookie(session.to_owned()));
    assert_eq!(browser.post("/logout").await.status, StatusCode::OK);
}

#[sqlx::test(migrations = "./migrations")]
async fn an_upload_under_way_ends_with_the_session(pool: PgPool) {
    let scene = Scene::plain(pool).await;
    let session = session(&scene).await;
    let (before, reached) = (scene.standin.connections(), scene.reached());
    let mut upload = TcpStream::connect(scene.app.address).await.unwrap();
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nCookie: deskcast={session}\r\n\
         Content-Length: 100000\r\n\r\nstart",
        scene.at("echo"),
        host = scene.app.address,
    );
    upload.write_all(head.as_bytes()).await.unwrap();
    eventually("the upload reaches the application", HEARD, async || {
        (scene.standin.connections() > before).then_some(())
    })
    .await;
    let began = Instant::now();
    signs_out(&scene, &session).await;
    let mut answer = String::new();
    let ended = tokio::time::timeout(HEARD, upload.read_to_string(&mut answer)).await;
    ended.expect("the upload ends").unwrap();
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(
        answer.contains("Nobody is signed in here any more."),
        "{answer}"
    );
    assert!(began.elapsed() < HEARD);
    assert_eq!(
        scene.reached(),
        reached,
        "the application never had all of it"
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn a_stream_that_is_not_connected_yet_ends_with_the_session(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let session = session(&scene).await;
    let before = scene.reached();
    scene.standin.fault_once(Fault::Hang);
    let browser = Client::new(scene.app.address, Credential::Cookie(session.clone()));
    let opening = Socket::open(&scene.app, scene.handshake(&browser, "websockify"));
    let ends = async {
        eventually("the desktop is asked", HEARD, async || {
            (scene.reached() > before).then_some(())
        })
        .await;
        let began = Instant::now();
        signs_out(&scene, &session).await;
        began
    };
    let (opened, began) = tokio::join!(opening, ends);
    assert!(began.elapsed() < HEARD);
    let (status, text) = opened.map(drop).unwrap_err();
    assert_eq!(status, StatusCode::UNAUTHORIZED, "{text}");
}
