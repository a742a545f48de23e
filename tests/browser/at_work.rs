//! Somebody at work: files and a terminal side by side. The pictures it keeps are those of the README; `make pictures`
//! puts them there.

use std::time::Duration;

use fantoccini::key::Key;
use serde_json::json;

use crate::{
    DESKTOP,
    browser::{Browser, with_browser},
    journey::{clicks_into_terminal, is_connected, main_button, running_container},
    sign_in,
    support::{
        docker::{docker, try_docker},
        eventually,
        server::Server,
    },
    url,
};

const SIZE: (u32, u32) = (1280, 800);
/// For the first start of a program in the desktop.
const WINDOW_WITHIN: Duration = Duration::from_secs(20);
/// For a command in a window that opens meanwhile, typed again until it is heard.
const TYPED_WITHIN: Duration = Duration::from_secs(40);
/// A place of the first terminal that the file manager leaves free.
const BESIDE_THE_FILES: (u32, u32) = (900, 400);
/// For what a new window draws last.
const DRAWN: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread")]
async fn somebody_works_with_files_and_a_terminal_side_by_side() {
    let server = Server::start().await;
    with_browser("readme", async |browser| {
        browser.has_size(SIZE.0, SIZE.1).await;
        sign_in(browser, &server).await;
        browser.prefers("light").await;

        browser.clicks(&main_button()).await;
        browser
            .sees("[data-step='starting'][data-phase='done']")
            .await;
        browser.keeps_picture("starting").await;
        is_connected(browser).await;
        let container = running_container(&server).await;
        open_windows(browser, &container).await;
        browser.keeps_picture("desktop").await;
        assert_eq!(
            counted(&container).unwrap().trim(),
            "7 Documents/notes.txt",
            "what was typed ran in the second terminal"
        );

        // One row below is enough to see what it is about.
        sqlx::query("update desktop_types set enabled = slug <> 'ubuntu-chromium'")
            .execute(&server.installation.database)
            .await
            .unwrap();
        // The whole page, as a larger screen shows it, in a picture of the same size.
        let screen =
            json!({ "width": 1600, "height": 1000, "deviceScaleFactor": 0.8, "mobile": false });
        browser
            .devtools("Emulation.setDeviceMetricsOverride", screen)
            .await;
        browser.goto(&url(&server, "/")).await;
        let running = format!("#card-{DESKTOP}[data-state='running']");
        browser.sees(&running).await;
        browser.keeps_picture("dashboard").await;
    })
    .await;
}

/// A desktop somebody works with: their files, and a terminal beside them in place of the large first one.
async fn open_windows(browser: &Browser, container: &str) {
    clicks_into_terminal(browser).await;
    runs(browser, "mkdir -p Documents/report Documents/pictures").await;
    let note = "echo Leaf in the dark box since Thursday > Documents/notes.txt";
    runs(browser, note).await;
    runs(browser, "(thunar Documents &> /dev/null &)").await;
    eventually("the file manager", WINDOW_WITHIN, async || {
        let processes = docker(&["exec", container, "ps", "-e", "-o", "comm="]);
        processes.to_lowercase().contains("thunar").then_some(())
    })
    .await;
    tokio::time::sleep(DRAWN).await;
    browser.clicks_at(BESIDE_THE_FILES).await;
    let smaller = "setsid sh -c 'sleep 1; exec lxterminal --no-remote --geometry=64x20 --title=Terminal' &> /dev/null & exit";
    runs(browser, smaller).await;
    eventually("the second terminal", TYPED_WITHIN, async || {
        // What was typed goes to it as soon as it has drawn itself and has the focus.
        tokio::time::sleep(DRAWN).await;
        runs(browser, "clear; head -n 3 /etc/os-release").await;
        runs(
            browser,
            "wc -w Documents/notes.txt | tee Documents/counted.txt",
        )
        .await;
        tokio::time::sleep(DRAWN).await;
        counted(container)
    })
    .await;
}

/// What the command in the second terminal wrote.
fn counted(container: &str) -> Option<String> {
    let file = "/home/kasm-user/Documents/counted.txt";
    let text = try_docker(&["exec", container, "cat", file]).ok()?;
    (!text.is_empty()).then_some(text)
}

async fn runs(browser: &Browser, line: &str) {
    browser.types(line).await;
    browser.presses(Key::Enter).await;
}
