//! Who reaches what (T20).

use axum::body::Body;
use hyper::{Method, Request, StatusCode};
use kasm_standin::Flavour;
use sqlx::PgPool;

use super::{Scene, Socket, start};
use crate::support::{Answer, Client};

/// What everybody's requests give, by way.
async fn knock(
    scene: &Scene,
    client: &Client,
    name: &str,
) -> Vec<(&'static str, StatusCode, String)> {
    let rests = [
        "",
        "client/",
        "client/index.html",
        "websockify",
        "api/get_users",
        "Downloads/",
    ];
    let mut answers = Vec::new();
    for rest in rests {
        for method in [
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::OPTIONS,
            Method::PUT,
        ] {
            let request = client.request(method, &format!("/desktop/{name}/{rest}"));
            let answer = client.send(request).await;
            answers.push((rest, answer.status, answer.text().to_owned()));
        }
    }
    let mut request = scene.handshake(client, "websockify");
    *request.uri_mut() = format!("/desktop/{name}/websockify").parse().unwrap();
    let (status, text) = Socket::open(&scene.app, request)
        .await
        .map(drop)
        .unwrap_err();
    answers.push(("socket", status, text));
    answers
}

#[sqlx::test(migrations = "./migrations")]
async fn a_foreign_desktop_looks_like_none(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let mallory = scene.app.user("mallory").await;
    let reached = scene.reached();
    let foreign = knock(&scene, &mallory, &scene.desktop.name).await;
    let unknown = knock(&scene, &mallory, "nobody-debian-desktop").await;
    assert_eq!(foreign, unknown);
    assert!(
        foreign
            .iter()
            .all(|(_, status, _)| *status == StatusCode::NOT_FOUND),
        "{foreign:?}"
    );
    scene.stop().await;
    assert_eq!(
        knock(&scene, &mallory, &scene.desktop.name).await,
        unknown,
        "also when it is stopped"
    );
    assert_eq!(scene.reached(), reached);
}

#[sqlx::test(migrations = "./migrations")]
async fn without_a_session_there_is_only_the_way_to_sign_in(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let stranger = scene.app.stranger();
    let reached = scene.reached();
    let known = knock(&scene, &stranger, &scene.desktop.name).await;
    let unknown = knock(&scene, &stranger, "nobody-debian-desktop").await;
    let statuses = |answers: &[(&str, StatusCode, String)]| -> Vec<StatusCode> {
        answers.iter().map(|(_, status, _)| *status).collect()
    };
    assert_eq!(statuses(&known), statuses(&unknown));
    for (rest, status, _) in &known[1..] {
        assert_eq!(*status, StatusCode::UNAUTHORIZED, "{rest}");
    }
    let page = stranger.open(&scene.at("?x=1")).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    let next = format!("/login?next=%2Fdesktop%2F{}%2F%3Fx%3D1", scene.desktop.name);
    assert_eq!(page.header("location"), next);
    assert_eq!(scene.reached(), reached);
}

#[sqlx::test(migrations = "./migrations")]
async fn only_the_cookie_counts_here(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let script = scene.app.script("jane").await;
    let request = script.request(Method::GET, &scene.at("client/"));
    assert_eq!(script.send(request).await.status, StatusCode::UNAUTHORIZED);
    let header = script.request(Method::GET, "/").headers()["x-session-id"]
        .to_str()
        .unwrap()
        .to_owned();
    for request in [
        Request::get(format!("{}?session_id={header}", scene.at("client/"))),
        Request::get(scene.at("client/")).header("authorization", format!("Bearer {header}")),
    ] {
        let request = request.header("host", scene.app.address.to_string());
        let answer = script.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn an_administrator_may_look_at_any_vnc_desktop(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let admin = scene.app.admin().await;
    let page = admin.open(&scene.at("")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("Not your desktop"));
    let own = scene.jane.open(&scene.at("")).await;
    assert!(!own.text().contains("Not your desktop"));
    let mut socket = scene.socket(&admin, "websockify").await;
    socket.begin(Flavour::New).await;
}

#[sqlx::test(migrations = "./migrations")]
async fn an_administrator_never_loads_a_page_a_container_wrote(pool: PgPool) {
    let scene = Scene::plain(pool).await;
    let admin = scene.app.admin().await;
    let reached = scene.reached();
    for rest in ["", "echo"] {
        assert_eq!(
            admin.open(&scene.at(rest)).await.status,
            StatusCode::FORBIDDEN
        );
    }
    let request = scene.handshake(&admin, "ws");
    let refused = Socket::open(&scene.app, request).await.map(drop);
    assert_eq!(refused.unwrap_err().0, StatusCode::FORBIDDEN);
    assert_eq!(scene.reached(), reached);
    let own = start(&scene.app, "admin", &scene.kind).await;
    let page = admin.open(&format!("/desktop/{}/", own.name)).await;
    assert_eq!(page.status, StatusCode::OK);
}

#[sqlx::test(migrations = "./migrations")]
async fn strange_methods_reach_nobody(pool: PgPool) {
    let scene = Scene::plain(pool).await;
    let reached = scene.reached();
    for method in ["TRACE", "CONNECT"] {
        let head = format!(
            "{method} {} HTTP/1.1\r\nHost: {}\r\n\r\n",
            scene.at(""),
            scene.app.address
        );
        let answer = crate::support::raw(
            scene.app.address,
            format!("{head}GET / HTTP/1.0\r\n\r\n").as_bytes(),
        )
        .await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{method}: {answer}");
    }
    assert_eq!(scene.reached(), reached);
}

#[sqlx::test(migrations = "./migrations")]
async fn a_name_without_a_slash_gets_one(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let name = &scene.desktop.name;
    let moved: Answer = scene.jane.open(&format!("/desktop/{name}?a=b")).await;
    assert_eq!(moved.status, StatusCode::PERMANENT_REDIRECT);
    assert_eq!(moved.header("location"), format!("/desktop/{name}/?a=b"));
}
