//! The pictures of the README, taken from what is really there. Not a test of anything, so it runs only when asked:
//! `cargo nextest run --test browser --run-ignored only`

use std::{path::Path, time::Duration};

use fantoccini::key::Key;
use serde_json::json;

use crate::{
    DESKTOP,
    browser::{Browser, with_browser},
    journey::{clicks_into_terminal, is_connected, main_button, running_container},
    sign_in,
    support::{docker::docker, eventually, server::Server},
    url,
};

const SIZE: (u32, u32) = (1280, 800);
/// For the first start of a program in the desktop.
const WINDOW_WITHIN: Duration = Duration::from_secs(20);
/// A place of the first terminal that the file manager leaves free.
const BESIDE_THE_FILES: (u32, u32) = (900, 400);
/// For what a new window draws last.
const DRAWN: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes pictures for the README; tests nothing"]
async fn pictures_for_the_readme() {
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
        open_windows(browser, &running_container(&server).await).await;
        browser.keeps_picture("desktop").await;

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
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let taken = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../browser-shots/readme");
    for name in ["starting.png", "desktop.png", "dashboard.png"] {
        std::fs::copy(taken.join(name), docs.join(name)).unwrap();
    }
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
    tokio::time::sleep(DRAWN).await;
    runs(browser, "clear; head -n 3 /etc/os-release").await;
    runs(browser, "wc -w Documents/notes.txt").await;
    tokio::time::sleep(DRAWN).await;
}

async fn runs(browser: &Browser, line: &str) {
    browser.types(line).await;
    browser.presses(Key::Enter).await;
}
