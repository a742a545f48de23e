//! Who looks at somebody else's desktop: how far they get, what its owner is told, and what is written down.

use std::time::Duration;

use hyper::{Method, StatusCode};
use kasm_standin::{Flavour, messages};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    events::Stream,
    proxy::{Scene, Socket},
    sharing,
    support::{Client, Logs, Statements, eventually},
};

/// Longer than a look goes on without a word, and than the round that finds it.
const OVER: Duration = Duration::from_secs(30);

/// Every act that was written down, oldest first: kind, actor, whose.
async fn acts(scene: &Scene) -> Vec<(String, String, String)> {
    sqlx::query_as("select kind, actor_name, person_name from audit_events order by id")
        .fetch_all(&scene.app.pool)
        .await
        .unwrap()
}

fn act(kind: &str, actor: &str) -> (String, String, String) {
    (format!("look.{kind}"), actor.into(), "jane".into())
}

/// What the owner's page is told next about who looks on: name, as what, whether they control.
async fn told(stream: &mut Stream) -> Vec<(String, String, bool)> {
    loop {
        let (name, data) = stream.next().await;
        if name == "lookers" {
            assert_eq!(data["proxy_path"], "jane-debian-desktop");
            return lookers(&data);
        }
    }
}

fn lookers(data: &Value) -> Vec<(String, String, bool)> {
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let lookers = data["lookers"].as_array().unwrap().iter();
    let looker = |one: &Value| {
        assert!(one["since"].is_string());
        (
            word(&one["name"]),
            word(&one["role"]),
            one["controls"].as_bool().unwrap(),
        )
    };
    lookers.map(looker).collect()
}

async fn owners_page(scene: &Scene) -> Stream {
    Stream::open(&scene.app, &scene.app.session(scene.desktop.owner).await).await
}

/// Opens a stream and types; how many keys the desktop took and ignored of that.
async fn types(scene: &Scene, client: &Client) -> (Socket, (u32, u32)) {
    let mut socket = scene.socket(client, "websockify").await;
    socket.begin(Flavour::New).await;
    let before = counts(&mut socket).await;
    socket.send(2, &messages::key(true, 0x61)).await;
    let after = counts(&mut socket).await;
    (socket, (after.0 - before.0, after.1 - before.1))
}

/// What the desktop took and ignored so far, from anybody.
async fn counts(socket: &mut Socket) -> (u32, u32) {
    socket.send(2, &messages::counts()).await;
    let counts = messages::read_counts(&socket.bytes(messages::COUNTS_LENGTH).await).unwrap();
    (counts.keys, counts.ignored)
}

#[sqlx::test(migrations = "./migrations")]
async fn an_administrator_watches_and_the_owner_is_told(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let admin = scene.app.admin().await;
    let mut page = owners_page(&scene).await;
    assert_eq!(
        told(&mut page).await,
        [],
        "a stream begins with who is there"
    );
    let (one, typed) = types(&scene, &admin).await;
    assert_eq!(typed, (0, 1), "the desktop's own server ignores it");
    let user = scene.standin.requests().last().unwrap().user.clone();
    assert_eq!(user.as_deref(), Some("kasm_viewer"));
    let watches = [("admin".to_owned(), "administrator".to_owned(), false)];
    assert_eq!(told(&mut page).await, watches);
    let shown = scene.jane.open(&scene.at("")).await;
    assert!(
        shown.text().contains("<b data-name>admin</b>"),
        "{}",
        shown.text()
    );
    let own = admin.open(&scene.at("")).await;
    for words in ["resize=scale", "view_only=true", "Take control"] {
        assert!(own.text().contains(words), "{words}: {}", own.text());
    }
    // A second window, and a page that is loaded again, are the same look.
    let (two, _) = types(&scene, &admin).await;
    drop(one);
    drop(two);
    let (again, _) = types(&scene, &admin).await;
    assert_eq!(acts(&scene).await, [act("began", "admin")]);
    drop(again);
    assert_eq!(told(&mut page).await, [], "gone as soon as they left");
    assert_eq!(
        acts(&scene).await,
        [act("began", "admin"), act("ended", "admin")]
    );
    // The owner looks at their own.
    let (_own, typed) = types(&scene, &scene.jane).await;
    assert_eq!((typed, acts(&scene).await.len()), ((1, 0), 2));
}

/// What was asked of the database about who looks on, by anybody so far.
fn times_looked_up(logs: &Logs) -> usize {
    logs.text()
        .matches("from looks where desktop_id = any")
        .count()
}

fn of_stream(socket: &Socket) -> Statements {
    Statements::so_far(socket.headers["x-request-id"].to_str().unwrap())
}

#[sqlx::test(migrations = "./migrations")]
async fn a_change_is_looked_up_once_however_many_windows_show_it(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let admin = scene.app.admin().await;
    let logs = Logs::capture();
    let mut pages = Vec::new();
    for _ in 0..5 {
        let mut page = owners_page(&scene).await;
        told(&mut page).await;
        pages.push(page);
    }
    // The first stream also reads what all that follow know already; each of them may have to ask who its caller is.
    let (_first, _) = types(&scene, &scene.jane).await;
    let (second, _) = types(&scene, &scene.jane).await;
    let own = of_stream(&second).count() + 1;
    let before = times_looked_up(&logs);
    let (one, _) = types(&scene, &admin).await;
    for page in &mut pages {
        assert_eq!(told(page).await.len(), 1);
    }
    assert_eq!(times_looked_up(&logs) - before, 1, "for five windows");
    of_stream(&one).at_most(own + 4);
    let (two, _) = types(&scene, &admin).await;
    of_stream(&two).at_most(own + 3);
    let take = format!("/admin/looks/{}/control", scene.desktop.name);
    let taken = admin.post(&take).await;
    Statements::of(&taken).await.at_most(8);
}

#[sqlx::test(migrations = "./migrations")]
async fn control_ends_with_the_look(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let admin = scene.app.admin().await;
    let mut page = owners_page(&scene).await;
    told(&mut page).await;
    let take = format!("/admin/looks/{}/control", scene.desktop.name);
    admin.post(&take).await;
    assert_eq!(told(&mut page).await.len(), 1, "also before any stream");
    let (controlling, typed) = types(&scene, &admin).await;
    assert_eq!(typed, (1, 0));
    drop(controlling);
    assert_eq!(told(&mut page).await, []);
    let (_anew, typed) = types(&scene, &admin).await;
    assert_eq!(typed, (0, 1), "whoever comes again watches");
    let give_back = format!("/admin/looks/{}/watch", scene.desktop.name);
    let acts_before = acts(&scene).await;
    admin.post(&give_back).await;
    assert_eq!(acts(&scene).await, acts_before, "there was none to give");
}

#[sqlx::test(migrations = "./migrations")]
async fn control_is_a_second_act_and_can_be_given_back(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let admin = scene.app.admin().await;
    let mut page = owners_page(&scene).await;
    told(&mut page).await;
    let (_watching, _) = types(&scene, &admin).await;
    told(&mut page).await;
    let name = &scene.desktop.name;
    let (take, give_back) = (
        format!("/admin/looks/{name}/control"),
        format!("/admin/looks/{name}/watch"),
    );
    let mut foreign = admin.request(Method::POST, &take);
    foreign
        .headers_mut()
        .insert("origin", "https://elsewhere.test".parse().unwrap());
    assert_eq!(admin.send(foreign).await.status, StatusCode::FORBIDDEN);
    let visitor = scene.app.user("malte").await.post(&take).await;
    assert_eq!(visitor.status, StatusCode::FORBIDDEN);
    assert_eq!(acts(&scene).await.len(), 1);
    for _ in 0..2 {
        let taken = admin.post(&take).await;
        assert_eq!(taken.header("location"), scene.at(""));
    }
    let controls = [("admin".to_owned(), "administrator".to_owned(), true)];
    assert_eq!(told(&mut page).await, controls);
    let own = admin.open(&scene.at("")).await;
    assert!(own.text().contains("Give control back"), "{}", own.text());
    assert!(own.text().contains("resize=scale"), "never its size");
    let (mut controlling, typed) = types(&scene, &admin).await;
    assert_eq!(typed, (1, 0));
    admin.post(&give_back).await;
    assert_eq!(
        controlling.closed().await,
        (1012, "connect again".to_owned())
    );
    let (_watching_again, typed) = types(&scene, &admin).await;
    assert_eq!(typed, (0, 1));
    let expected = ["began", "control_taken", "control_given_back"];
    assert_eq!(acts(&scene).await, expected.map(|kind| act(kind, "admin")));
}

#[sqlx::test(migrations = "./migrations")]
async fn a_visitor_of_a_link_is_named_too(pool: PgPool) {
    let scene = sharing::scene(pool).await;
    let (_, path) = sharing::link(&scene, "control").await;
    let malte = scene.app.user("malte").await;
    malte.post(&path).await;
    let mut page = owners_page(&scene).await;
    told(&mut page).await;
    let (socket, typed) = types(&scene, &malte).await;
    assert_eq!(typed, (1, 0));
    let visits = [("malte".to_owned(), "visitor".to_owned(), false)];
    assert_eq!(told(&mut page).await, visits);
    drop(socket);
    assert_eq!(told(&mut page).await, []);
}

#[sqlx::test(migrations = "./migrations")]
async fn what_a_killed_server_leaves_is_ended_by_another(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    sqlx::query(
        "insert into looks (id, desktop_id, generation, desktop_name, owner_id, owner_name, user_id, user_name, role,
                            controls, began_at, seen_at, holds_until)
         select gen_random_uuid(), d.id, d.generation, d.name, o.id, o.display_name, gen_random_uuid(), 'Kim',
                'administrator', true, now() - interval '90 seconds', now() - interval '30 seconds', now()
         from desktops d join users o on o.id = d.owner_id",
    )
    .execute(&scene.app.pool)
    .await
    .unwrap();
    eventually("an end that is written down", OVER, async || {
        let acts = acts(&scene).await;
        (!acts.is_empty()).then_some(acts)
    })
    .await;
    assert_eq!(acts(&scene).await, [act("ended", "Kim")]);
    let admin = scene.app.admin().await;
    let kept = admin.get("/api/admin/audit").await.json();
    assert_eq!(kept["events"][0]["details"]["seconds"], 60);
    assert_eq!(kept["next"], Value::Null);
}

#[sqlx::test(migrations = "./migrations")]
async fn administrators_read_what_was_written_down_page_by_page(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    sqlx::query(
        "insert into audit_events (id, at, kind, actor_id, actor_name, person_id, person_name)
         select gen_random_uuid(), now() - make_interval(secs => n / 3), case n % 2 when 0 then 'look.began' else 'look.ended' end,
                '00000000-0000-0000-0000-000000000001', 'Kim ' || n, '00000000-0000-0000-0000-000000000002', 'Lou'
         from generate_series(1, 130) n",
    )
    .execute(&scene.app.pool)
    .await
    .unwrap();
    let admin = scene.app.admin().await;
    let (mut names, mut after) = (Vec::new(), String::new());
    loop {
        let page = admin
            .get(&format!("/api/admin/audit?limit=50&after={after}"))
            .await
            .json();
        let events = page["events"].as_array().unwrap();
        names.extend(
            events
                .iter()
                .map(|event| event["actor"]["name"].to_string()),
        );
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut after),
            None => break,
        }
    }
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!((all, names.len()), (130, 130), "each once");
    let began = admin
        .get("/api/admin/audit?kind=look.began&limit=200&person=00000000-0000-0000-0000-000000000002")
        .await;
    assert_eq!(began.json()["events"].as_array().unwrap().len(), 65);
    let nobody = admin
        .get("/api/admin/audit?person=00000000-0000-0000-0000-000000000003")
        .await;
    assert_eq!(nobody.json()["events"], json!([]));
    let wrong = admin.get("/api/admin/audit?kind=x&person=y").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = admin.open("/admin/audit").await;
    let text = page.text();
    assert!(
        text.contains("Kim 1<") && text.contains("rel=\"next\""),
        "{text}"
    );
    assert!(!text.contains("rel=\"prev\""));
}
