//! From the address to a desktop, and what becomes of it: the main story.

use std::time::Duration;

use fantoccini::key::Key;

use crate::{
    DESKTOP,
    browser::{Browser, with_browser},
    sign_in,
    support::{
        docker::{docker, try_docker},
        eventually,
        server::Server,
    },
    url,
};

/// From the click on Start to the picture.
const PICTURE_WITHIN: Duration = Duration::from_secs(30);
/// From the last key to what it does.
const TYPED_WITHIN: Duration = Duration::from_secs(10);
/// For stopping a desktop.
const STOPPED_WITHIN: Duration = Duration::from_secs(20);
/// A place of the viewer that the desktop's first window covers.
const IN_THE_TERMINAL: (u32, u32) = (300, 300);
/// The terminal's own colour.
const TERMINAL: [u8; 3] = [27, 38, 47];

#[tokio::test(flavor = "multi_thread")]
async fn from_sign_in_to_a_desktop_that_is_typed_into_left_resumed_stopped_and_started_again() {
    let server = Server::start().await;
    with_browser("journey", async |browser| {
        sign_in(browser, &server).await;
        browser.clicks(&main_button()).await;
        is_connected(browser).await;
        clicks_into_terminal(browser).await;
        assert!(browser.clicked() <= 4, "{} clicks", browser.clicked());
        let container = running_container(&server).await;

        type_until(
            browser,
            &container,
            "echo hello-$((6*7)) | tee ~/kept > /tmp/typed",
            "/tmp/typed",
        )
        .await;
        browser.keeps_picture("typed").await;
        assert_eq!(browser.complaints().await, [""; 0]);

        browser.reload().await;
        is_connected(browser).await;
        has_file(&container, "/tmp/typed");

        browser.close_tab_and_open_another().await;
        browser.goto(&url(&server, "/")).await;
        let open = format!("#card-{DESKTOP}[data-state='running'] a[data-action='main']");
        assert_eq!(browser.reads(&open).await, "Open");
        browser.clicks(&open).await;
        is_connected(browser).await;
        has_file(&container, "/tmp/typed");

        stop_in_the_viewer(browser).await;
        browser.keeps_picture("stopped").await;
        browser
            .clicks(&format!("form[action='/desktops/{DESKTOP}/start'] button"))
            .await;
        is_connected(browser).await;
        let again = running_container(&server).await;
        has_file(&again, "/home/kasm-user/kept");
        assert!(
            try_docker(&["exec", &again, "cat", "/tmp/typed"]).is_err(),
            "a fresh container, the same home"
        );
        assert_eq!(browser.complaints().await, [""; 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desktop_is_started_used_and_stopped_by_keyboard_alone() {
    let server = Server::start().await;
    with_browser("keyboard", async |browser| {
        browser.goto(&url(&server, "/")).await;
        browser.sees("#username:focus").await;
        let (name, password) = crate::ADMIN;
        browser.types(name).await;
        browser.presses(Key::Tab).await;
        browser.types(password).await;
        browser.presses(Key::Enter).await;
        browser.sees(&main_button()).await;
        tab_to(browser, &main_button()).await;
        browser.presses(Key::Enter).await;
        is_connected(browser).await;

        // The desktop has the keyboard by itself.
        let container = running_container(&server).await;
        sees_terminal(browser).await;
        type_until(
            browser,
            &container,
            "echo hello-$((6*7)) > /tmp/typed",
            "/tmp/typed",
        )
        .await;

        // Out of the desktop, onto the bar, and stop.
        browser
            .presses_with(&[Key::Control, Key::Alt, Key::Shift], 'P')
            .await;
        browser.sees(".viewer-bar a:focus").await;
        tab_to(browser, "[data-dialog='stop-dialog']").await;
        browser.presses(Key::Enter).await;
        browser.sees("#stop-dialog[open] [data-close]:focus").await;
        browser.presses(Key::Tab).await;
        browser.presses(Key::Enter).await;
        is_stopped(browser).await;
        // The way back is the first stop. It has not the focus by itself: whoever still types must not start it again.
        browser.presses(Key::Tab).await;
        browser
            .sees(&format!(
                "form[action='/desktops/{DESKTOP}/start'] button:focus"
            ))
            .await;
        assert_eq!(browser.clicked(), 0);
        assert_eq!(browser.complaints().await, [""; 0]);
    })
    .await;
}

pub(crate) fn main_button() -> String {
    format!("#card-{DESKTOP} [data-action='main']")
}

async fn tab_to(browser: &Browser, css: &str) {
    for _ in 0..40 {
        browser.presses(Key::Tab).await;
        let script = format!("return document.activeElement.matches(\"{css}\")");
        if browser.finds_out(&script).await == true {
            return;
        }
    }
    panic!("{css} is not reached with the Tab key");
}

/// The viewer says so, and so does the client inside it.
pub(crate) async fn is_connected(browser: &Browser) {
    browser
        .sees_within("[data-connection='connected']", PICTURE_WITHIN)
        .await;
    browser.looks_into("iframe").await;
    browser.sees("html[data-state='connected'] canvas").await;
    browser.leaves_the_frame().await;
}

async fn sees_terminal(browser: &Browser) {
    eventually("the desktop's first window", PICTURE_WITHIN, async || {
        let picture = browser.picture().await;
        picture.shows(IN_THE_TERMINAL, TERMINAL).then_some(())
    })
    .await;
}

pub(crate) async fn clicks_into_terminal(browser: &Browser) {
    sees_terminal(browser).await;
    browser.clicks_at(IN_THE_TERMINAL).await;
}

/// Types a command line; it has to arrive as it was typed.
pub(crate) async fn type_until(browser: &Browser, container: &str, line: &str, file: &str) {
    browser.types(line).await;
    browser.presses(Key::Enter).await;
    eventually("what was typed is done", TYPED_WITHIN, async || {
        try_docker(&["exec", container, "test", "-s", file]).ok()
    })
    .await;
    has_file(container, file);
}

fn has_file(container: &str, file: &str) {
    assert_eq!(docker(&["exec", container, "cat", file]), "hello-42");
}

pub(crate) async fn running_container(server: &Server) -> String {
    let running: Vec<String> =
        sqlx::query_scalar("select container_id from desktops where state = 'running'")
            .fetch_all(&server.installation.database)
            .await
            .unwrap();
    let [container] = &running[..] else {
        panic!("one desktop runs: {running:?}")
    };
    container.clone()
}

async fn stop_in_the_viewer(browser: &Browser) {
    browser.clicks("[data-dialog='stop-dialog']").await;
    browser.sees("#stop-dialog[open]").await;
    browser.keeps_picture("stop-question").await;
    browser.clicks("#stop-dialog[open] button.danger").await;
    is_stopped(browser).await;
}

async fn is_stopped(browser: &Browser) {
    browser
        .sees_within("[data-shown-state='stopped']", STOPPED_WITHIN)
        .await;
    let words = browser.reads("main").await;
    assert!(words.contains("is stopped"), "{words}");
    assert!(words.contains("You stopped it."), "{words}");
}
