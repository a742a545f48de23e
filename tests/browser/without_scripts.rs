//! A browser that runs no scripts: plain forms and pages that load again lead as far as the picture itself.

use std::time::Duration;

use serde_json::json;

use crate::{
    browser::with_browser,
    sign_in,
    support::{installation::Kind, server::Server},
};

/// The waiting page loads itself again every three seconds.
const ARRIVES_WITHIN: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_a_desktop_is_started_waited_for_and_stopped_by_plain_forms() {
    let server = Server::start().await;
    // Slow enough that the waiting page is seen.
    let slow = Kind::with_fault("slow", "slow-start=4000");
    server.installation.add(&slow).await;
    with_browser("without-scripts", async |browser| {
        browser
            .devtools(
                "Emulation.setScriptExecutionDisabled",
                json!({ "value": true }),
            )
            .await;
        sign_in(browser, &server).await;
        browser
            .clicks("#card-slow button[data-action='main']")
            .await;
        browser.sees("[data-shown-state='starting']").await;
        browser.keeps_picture("starting").await;

        browser
            .sees_within("[data-shown-state='running'] iframe", ARRIVES_WITHIN)
            .await;
        let words = browser.reads("main noscript .viewer-notice").await;
        assert!(words.contains("needs JavaScript"), "{words}");
        browser.keeps_picture("viewer").await;

        browser
            .clicks(".viewer-bar form[action^='/desktops/slow/stop'] button")
            .await;
        browser
            .sees_within("[data-shown-state='stopped']", ARRIVES_WITHIN)
            .await;
        browser.clicks("a[href='/']").await;
        assert_eq!(
            browser.reads("#card-slow [data-action='main']").await,
            "Start slow"
        );
    })
    .await;
}
