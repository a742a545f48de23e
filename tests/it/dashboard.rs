//! The dashboard and its forms, as a browser without scripts uses them.

use std::time::Duration;

use deskcast::{ids::UserId, people::Role, runtime::fake::Call};
use hyper::{Method, StatusCode, header::ORIGIN};
use kasm_standin::Standin;
use sqlx::PgPool;

use crate::support::{Answer, Client, Credential, Logs, Statements, TestApp, eventually};

const PASSWORD: &str = "sesame1234567";

/// A server whose engine has the image of `debian-desktop`, and something that answers like it.
async fn place(pool: PgPool) -> (TestApp, Standin) {
    let app = TestApp::start_with(pool, &[("VNC_PASSWORD", PASSWORD)]).await;
    let standin = Standin::builder().password(PASSWORD).spawn();
    app.engine.add_image("deskcast/desktop:latest");
    app.engine.set_address(standin.addr());
    (app, standin)
}

/// The part of the page that is this type's card.
fn card(page: &Answer, slug: &str) -> String {
    let begin = format!("id=\"card-{slug}\"");
    let text = page.text();
    let at = text
        .find(&begin)
        .unwrap_or_else(|| panic!("no {slug} in {text}"));
    let end = text[at..]
        .find("</article>")
        .map_or(text.len(), |end| at + end);
    text[at..end].to_owned()
}

async fn card_when(client: &Client, slug: &str, state: &str) -> String {
    let what = format!("{slug} becomes {state}");
    eventually(&what, Duration::from_secs(10), async || {
        let card = card(&client.open(&format!("/desktops/{slug}/card")).await, slug);
        let there = card.contains(&format!("data-state=\"{state}\""));
        if there { Ok(card) } else { Err(card) }
    })
    .await
}

fn leads_to(answer: &Answer, address: &str) {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    assert_eq!(answer.header("location"), address);
}

async fn desktops_of(app: &TestApp, name: &str) -> Vec<deskcast::desktops::Desktop> {
    let owner: UserId = sqlx::query_scalar("select id from users where username = $1")
        .bind(name)
        .fetch_one(&app.pool)
        .await
        .unwrap();
    app.state.desktops.list_of(owner).await.unwrap()
}

#[sqlx::test(migrations = "./migrations")]
async fn plain_forms_start_stop_and_remove_a_desktop(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let jane = app.user("jane").await;
    let before = jane.open("/").await;
    assert!(before.text().contains("Nothing is open."));
    assert!(card(&before, "debian-desktop").contains("action=\"/desktops/debian-desktop/start\""));

    let started = jane.post("/desktops/debian-desktop/start").await;
    leads_to(&started, "/desktop/jane-debian-desktop/");
    let running = card_when(&jane, "debian-desktop", "running").await;
    assert!(running.contains("href=\"/desktop/jane-debian-desktop/\""));
    assert!(jane.open("/").await.text().contains("One is running."));

    leads_to(&jane.post("/desktops/debian-desktop/stop").await, "/");
    let stopped = card(&jane.open("/").await, "debian-desktop");
    assert!(stopped.contains("data-state=\"stopped\"") && stopped.contains("Last opened"));
    leads_to(&jane.post("/desktops/debian-desktop/stop").await, "/");
    // From the desktop's own page one stays there, where the way back is.
    let there = jane
        .post("/desktops/debian-desktop/stop?page=desktop")
        .await;
    leads_to(&there, "/desktop/jane-debian-desktop/");

    let asks = jane.open("/desktops/debian-desktop/remove").await;
    assert!(asks.text().contains("Remove Debian Desktop?"));
    leads_to(&jane.post("/desktops/debian-desktop/remove").await, "/");
    assert!(desktops_of(&app, "jane").await.is_empty());
    leads_to(&jane.open("/desktops/debian-desktop/remove").await, "/");
}

#[sqlx::test(migrations = "./migrations")]
async fn nobody_sees_or_ends_the_desktop_of_somebody_else(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let (jane, bob) = (app.user("jane").await, app.user("bob").await);
    jane.post("/desktops/debian-desktop/start").await;
    card_when(&jane, "debian-desktop", "running").await;
    for form in ["stop", "remove"] {
        leads_to(
            &bob.post(&format!("/desktops/debian-desktop/{form}")).await,
            "/",
        );
    }
    assert!(!bob.open("/").await.text().contains("jane"));
    let of_jane = desktops_of(&app, "jane").await;
    assert_eq!(of_jane[0].state, deskcast::desktops::DesktopState::Running);
}

#[sqlx::test(migrations = "./migrations")]
async fn a_stranger_is_asked_to_sign_in(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let front = app.stranger().open("/").await;
    assert_eq!(
        front.status,
        StatusCode::OK,
        "the part after # must survive"
    );
    assert!(front.text().contains("Sign in to your desktop"));
    for page in [
        "/desktops/debian-desktop/card",
        "/desktops/debian-desktop/remove",
    ] {
        let answer = app.stranger().open(page).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{page}");
        assert!(answer.header("location").starts_with("/login?next="));
    }
    let start = app.stranger().post("/desktops/debian-desktop/start").await;
    assert!(!start.status.is_success(), "{}", start.status);
}

#[sqlx::test(migrations = "./migrations")]
async fn a_form_on_a_foreign_page_starts_nothing(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let jane = app.user("jane").await;
    for form in ["start", "stop", "remove"] {
        let path = format!("/desktops/debian-desktop/{form}");
        let mut request = jane.request(Method::POST, &path);
        request
            .headers_mut()
            .insert(ORIGIN, "http://evil.test".parse().unwrap());
        assert_eq!(
            jane.send(request).await.status,
            StatusCode::FORBIDDEN,
            "{form}"
        );
    }
    assert!(desktops_of(&app, "jane").await.is_empty());
}

#[sqlx::test(migrations = "./migrations")]
async fn an_unknown_type_is_not_there(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let jane = app.user("jane").await;
    assert_eq!(
        jane.open("/desktops/nope/card").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        jane.post("/desktops/nope/start").await.status,
        StatusCode::NOT_FOUND
    );
    leads_to(&jane.open("/desktops/nope/start").await, "/");
}

#[sqlx::test(migrations = "./migrations")]
async fn the_page_comes_without_the_engine_and_says_so(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let jane = app.user("jane").await;
    app.engine.set_away(true);
    let page = jane.open("/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("Desktops cannot start right now."));
    assert!(card(&page, "debian-desktop").contains("data-action=\"main\" disabled"));
}

#[sqlx::test(migrations = "./migrations")]
async fn pages_that_are_reloaded_do_not_ask_the_engine_each_time(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let jane = app.user("jane").await;
    jane.open("/").await;
    let asked = app.engine.count(Call::Image);
    for _ in 0..5 {
        jane.open("/").await;
    }
    assert_eq!(app.engine.count(Call::Image), asked);
}

#[sqlx::test(migrations = "./migrations")]
async fn a_card_never_shows_an_image_as_missing_that_was_just_fetched(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let admin = app.admin().await;
    let before = card(&admin.open("/").await, "ubuntu-vscode");
    assert!(before.contains("data-fetch=\"/api/admin/desktop-types/ubuntu-vscode/pull\""));
    app.engine.add_image("kasmweb/vs-code:1.15.0");
    let after = admin.open("/desktops/ubuntu-vscode/card").await;
    assert!(card(&after, "ubuntu-vscode").contains("data-state=\"stopped\""));
}

#[sqlx::test(migrations = "./migrations")]
async fn the_page_takes_four_statements_for_five_types(pool: PgPool) {
    Logs::capture();
    let (app, _standin) = place(pool).await;
    let jane = app.user("jane").await;
    app.engine.add_image("deskcast/browser:latest");
    for slug in ["debian-desktop", "debian-browser"] {
        jane.post(&format!("/desktops/{slug}/start")).await;
        card_when(&jane, slug, "running").await;
    }
    let types: i64 = sqlx::query_scalar("select count(*) from desktop_types")
        .fetch_one(&app.pool)
        .await
        .unwrap();
    assert_eq!(types, 5);
    // A session is remembered for a moment only: as somebody whom the server does not know yet.
    let id = app.account("jane", Role::User).await;
    let anew = Client::new(app.address, Credential::Cookie(app.session(id).await));
    let page = anew.open("/").await;
    assert!(page.text().contains("Two are running."), "{}", page.text());
    let sent = Statements::of(&page).await;
    assert_eq!(sent.count(), 4, "{sent:#?}");
}
