//! Sharing a running desktop: who may share what, who gets in by a link and how far, and when that ends.

use std::time::{Duration, Instant};

use deskcast::{ids::ShareId, people::Role};
use hyper::{Method, StatusCode, header};
use kasm_standin::{Flavour, messages};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    proxy::{PASSWORD, Scene, Socket, start},
    support::{Answer, Client, Credential, Logs, TestApp},
};

/// How long the end of a link may take to be felt everywhere (contract).
const FELT: Duration = Duration::from_secs(5);

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
    // Nor by a link that is there, however it came there.
    sqlx::query("insert into share_links (id, desktop_id, generation, access, key_hash, expires_at) select $1, id, generation, 'control', sha256('x'), now() + interval '1 h' from desktops")
        .bind(ShareId::new())
        .execute(&scene.app.pool)
        .await
        .unwrap();
    let malte = scene.app.user("malte").await;
    assert_eq!(malte.post("/share/x").await.status, StatusCode::NOT_FOUND);
    run(&scene.app, "insert into share_visitors select s.id, u.id from share_links s, users u where u.username = 'malte'").await;
    let reached = scene.reached();
    assert_eq!(
        malte.open(&scene.at("")).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(scene.reached(), reached);
}

#[sqlx::test(migrations = "./migrations")]
async fn links_that_hold_no_more_look_like_links_that_never_were(pool: PgPool) {
    let scene = scene(pool).await;
    let malte = scene.app.user("malte").await;
    let unknown = malte.open("/share/never").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert!(
        unknown
            .text()
            .contains("Ask whoever sent it for a new one.")
    );
    let is_over = async |path: &str, why: &str| {
        let page = malte.open(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{why}");
        assert_eq!(main_of(&page), main_of(&unknown), "{why}");
        assert_eq!(page.header("referrer-policy"), "strict-origin");
        assert_eq!(
            malte.post(path).await.status,
            StatusCode::NOT_FOUND,
            "{why}"
        );
        let desktop = malte.open(&scene.at("")).await;
        assert_eq!(desktop.status, StatusCode::NOT_FOUND, "{why}");
        let none = malte.open("/desktop/nobody-debian-desktop/").await;
        assert_eq!(main_of(&desktop), main_of(&none), "{why}");
    };
    let (id, revoked) = link(&scene, "view").await;
    joins(&malte, &revoked, &scene).await;
    let ended = scene.jane.delete(&format!("/api/shares/{id}")).await;
    assert_eq!(
        ended.json(),
        json!({"success": true, "message": "Sharing ended"})
    );
    is_over(&revoked, "revoked").await;
    let again = scene.jane.delete(&format!("/api/shares/{id}")).await;
    assert_refused(&again, 404, "not_found");

    let (_, expired) = link(&scene, "view").await;
    joins(&malte, &expired, &scene).await;
    run(&scene.app, "update share_links set expires_at = now()").await;
    is_over(&expired, "expired").await;

    let (_, stopped) = link(&scene, "control").await;
    joins(&malte, &stopped, &scene).await;
    scene.stop().await;
    is_over(&stopped, "stopped").await;
    start(&scene.app, "jane", &scene.kind).await;
    is_over(&stopped, "of an earlier start").await;
    assert_eq!(
        scene.jane.get("/api/shares").await.json()["shares"],
        json!([])
    );
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
    assert_eq!(
        malte.open(&scene.at("")).await.status,
        StatusCode::NOT_FOUND
    );
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
