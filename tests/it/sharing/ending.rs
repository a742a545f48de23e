//! When a visitor's right ends: every way it ends, on every replica, and what its link looks like then.

use std::time::{Duration, Instant};

use deskcast::people::Role;

use super::*;
use crate::{proxy::PASSWORD, support::Credential};

/// How long the end of a link may take to be felt everywhere (contract).
const FELT: Duration = Duration::from_secs(5);

#[sqlx::test(migrations = "./migrations")]
async fn a_link_that_ended_says_by_whom_to_its_visitors_alone(pool: PgPool) {
    let scene = scene(pool).await;
    let malte = scene.app.user("malte").await;
    let unknown = malte.open("/share/never").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert!(
        unknown
            .text()
            .contains("Ask whoever sent it for a new one.")
    );
    let stranger = scene.app.user("petra").await;
    let is_over = async |path: &str, why: &str| {
        let page = malte.open(path).await;
        assert_eq!(page.status, StatusCode::GONE, "{why}");
        assert!(page.text().contains(why), "{why}: {}", page.text());
        assert_eq!(page.header("referrer-policy"), "strict-origin");
        assert_eq!(malte.post(path).await.status, StatusCode::GONE, "{why}");
        let desktop = malte.open(&scene.at("")).await;
        assert_eq!(desktop.status, StatusCode::GONE, "{why}");
        assert!(desktop.text().contains(why), "{why}: {}", desktop.text());
        let wrong = malte.open(&format!("{path}x")).await;
        assert_eq!(main_of(&wrong), main_of(&unknown), "{why}");
        // For whoever never came by a link there is nothing.
        let foreign = stranger.open(&scene.at("")).await;
        assert_eq!(foreign.status, StatusCode::NOT_FOUND, "{why}");
        let none = stranger.open("/desktop/nobody-debian-desktop/").await;
        assert_eq!(main_of(&foreign), main_of(&none), "{why}");
    };
    let (id, revoked) = link(&scene, "view").await;
    joins(&malte, &revoked, &scene).await;
    let ended = scene.jane.delete(&format!("/api/shares/{id}")).await;
    assert_eq!(
        ended.json(),
        json!({"success": true, "message": "Sharing ended"})
    );
    is_over(&revoked, "jane has ended this link.").await;
    let again = scene.jane.delete(&format!("/api/shares/{id}")).await;
    assert_refused(&again, 404, "not_found");

    let (_, expired) = link(&scene, "view").await;
    joins(&malte, &expired, &scene).await;
    run(&scene.app, "update share_links set expires_at = now()").await;
    is_over(&expired, "the time that jane gave it is over").await;

    let (_, stopped) = link(&scene, "control").await;
    joins(&malte, &stopped, &scene).await;
    scene.stop().await;
    is_over(&stopped, "jane has stopped the desktop").await;
    start(&scene.app, "jane", &scene.kind).await;
    is_over(&stopped, "does not run any more").await;
    assert_eq!(
        scene.jane.get("/api/shares").await.json()["shares"],
        json!([])
    );
    let week = "update share_links set created_at = created_at - interval '8 days',
        expires_at = expires_at - interval '8 days', ended_at = ended_at - interval '8 days'";
    run(&scene.app, week).await;
    scene.app.state.sharing.sweep().await.unwrap();
    assert_eq!(
        count(&scene.app, "select count(*) from share_links").await,
        0
    );
}

/// Ways the right of a visitor ends, and the code their stream closes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Revoked,
    RevokedOnThePage,
    RanOut,
    /// The visitor's row goes.
    VisitGone,
    OwnerOff,
    SignedOut,
    VisitorOff,
    Stopped,
}

const WAYS: [(Way, u16); 8] = [
    (Way::Revoked, 4002),
    (Way::RevokedOnThePage, 4002),
    (Way::RanOut, 4002),
    (Way::VisitGone, 4002),
    (Way::OwnerOff, 4002),
    (Way::SignedOut, 4001),
    (Way::VisitorOff, 4001),
    (Way::Stopped, 4000),
];

async fn opens(scene: &Scene, app: &TestApp, session: &str) -> Socket {
    let client = Client::new(app.address, Credential::Cookie(session.to_owned()));
    let mut request = scene.handshake(&client, "websockify");
    let origin = format!("http://{}", app.address);
    request
        .headers_mut()
        .insert(header::ORIGIN, origin.parse().unwrap());
    let opened = Socket::open(app, request).await;
    opened.unwrap_or_else(|refused| panic!("{refused:?}"))
}

async fn ends(scene: &Scene, way: Way, id: &str, session: &str) {
    let app = &scene.app;
    match way {
        Way::Revoked => {
            let answer = scene.jane.delete(&format!("/api/shares/{id}")).await;
            assert_eq!(answer.status, StatusCode::OK);
        }
        Way::RevokedOnThePage => {
            let page = format!("/desktops/{}/share", scene.kind.slug);
            let answer = scene.jane.post(&format!("{page}/{id}/end")).await;
            assert_eq!(answer.header("location"), format!("{page}?done=ended"));
        }
        Way::RanOut => run(app, "update share_links set expires_at = now()").await,
        Way::VisitGone => run(app, "delete from share_visitors").await,
        Way::OwnerOff => {
            run(
                app,
                "update users set disabled_at = now() where username = 'jane'",
            )
            .await;
        }
        Way::SignedOut => {
            let malte = Client::new(app.address, Credential::Cookie(session.to_owned()));
            assert_eq!(malte.post("/logout").await.status, StatusCode::OK);
        }
        Way::VisitorOff => {
            run(
                app,
                "update users set disabled_at = now() where username = 'malte'",
            )
            .await;
        }
        Way::Stopped => scene.stop().await,
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn a_visitors_streams_end_with_the_link_on_every_replica(pool: PgPool) {
    let scene = scene(pool).await;
    let other = scene.app.replica(&[("VNC_PASSWORD", PASSWORD)]).await;
    let malte = scene.app.account("malte", Role::User).await;
    let petra = scene
        .app
        .session(scene.app.account("petra", Role::User).await)
        .await;
    let owner = scene.app.account("jane", Role::User).await;
    for (way, code) in WAYS {
        let (id, path) = link(&scene, "view").await;
        let session = scene.app.session(malte).await;
        let visitor = Client::new(scene.app.address, Credential::Cookie(session.clone()));
        joins(&visitor, &path, &scene).await;
        // By a link of her own, which goes on when the other one is revoked.
        let (_, of_petra) = link(&scene, "control").await;
        let guest = Client::new(scene.app.address, Credential::Cookie(petra.clone()));
        joins(&guest, &of_petra, &scene).await;
        let own_session = scene.app.session(owner).await;
        let mut own = opens(&scene, &scene.app, &own_session).await;
        let mut bystander = opens(&scene, &other, &petra).await;
        let mut here = opens(&scene, &scene.app, &session).await;
        let mut there = opens(&scene, &other, &session).await;
        let begun = Instant::now();
        ends(&scene, way, &id, &session).await;
        let (here, there) = tokio::join!(here.closed(), there.closed());
        let took = begun.elapsed();
        assert_eq!([here.0, there.0], [code; 2], "{way:?}: {here:?} {there:?}");
        assert!(took < FELT, "{way:?}: {took:?}");
        println!("{way:?}: {} ms", took.as_millis());
        match way {
            Way::Revoked | Way::RevokedOnThePage | Way::SignedOut | Way::VisitorOff => {
                own.begin(Flavour::New).await;
                bystander.begin(Flavour::New).await;
            }
            Way::RanOut | Way::VisitGone => own.begin(Flavour::New).await,
            Way::OwnerOff => assert_eq!(own.closed().await.0, 4001),
            Way::Stopped => assert_eq!(own.closed().await.0, 4000),
        }
        run(&scene.app, "update users set disabled_at = null").await;
        run(&scene.app, "delete from share_links").await;
    }
}
