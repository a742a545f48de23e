//! *Keep it*: a guest signs in and goes on where they were, in every tab.

use std::time::Duration;

use fantoccini::key::Key;

use crate::{
    browser::{Browser, with_browser},
    casts::add_cast,
    journey::{clicks_into_terminal, is_connected, running_container, type_until},
    looks::looks_well_as_it_is,
    sharing::{GUEST, add_guest, in_german},
    support::{docker::docker, eventually, server::Server},
    url,
};

/// From the moment the desktop is kept until another tab has its picture again.
const BACK_WITHIN: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_signs_in_and_goes_on_in_the_same_desktop() {
    let server = Server::start().await;
    add_cast(&server, "keep").await;
    add_guest(&server).await;
    with_browser("keep", async |browser| {
        browser.goto(&url(&server, "/cast/keep")).await;
        is_connected(browser).await;
        clicks_into_terminal(browser).await;
        let container = running_container(&server).await;
        let typed = "echo hello-$((6*7)) > /tmp/typed";
        type_until(browser, &container, typed, "/tmp/typed").await;
        let there = path(browser).await;
        browser.keeps_picture("guest").await;
        browser.has_size(390, 740).await;
        browser.sees(".viewer-bar a[href^='/keep/']").await;
        browser.keeps_picture("guest-390").await;
        browser.has_size(1280, 800).await;
        browser.opens_another_tab().await;
        browser.goto(&url(&server, &there)).await;
        is_connected(browser).await;
        browser.goes_to_tab(0).await;

        signs_in_and_keeps(browser).await;
        is_connected(browser).await;
        assert_eq!(path(browser).await, there, "the same address");
        assert_eq!(running_container(&server).await, container);
        assert_eq!(
            docker(&["exec", &container, "cat", "/tmp/typed"]),
            "hello-42"
        );
        // The pointer stands where the first window was looked for.
        browser.clicks_at((300, 400)).await;
        let typed = "echo hello-$((6*7)) > /tmp/afterwards";
        type_until(browser, &container, typed, "/tmp/afterwards").await;
        browser.keeps_picture("kept").await;

        // The other tab comes back by itself, with the bar of its owner.
        browser.goes_to_tab(1).await;
        eventually("the other tab is the owner's", BACK_WITHIN, async || {
            let links =
                "return document.querySelectorAll(\".viewer-bar a[href^='/keep/']\").length";
            (browser.finds_out(links).await == 0).then_some(())
        })
        .await;
        is_connected(browser).await;
        browser.goto(&url(&server, "/")).await;
        browser
            .sees("article[id^='card-~'][data-state='running']")
            .await;
        browser.keeps_picture("dashboard").await;
    })
    .await;
}

/// From the offer in the bar to the desktop, with everything that is asked on the way.
async fn signs_in_and_keeps(browser: &Browser) {
    browser.clicks(".viewer-bar a[href^='/keep/']").await;
    let said = browser.reads("main .banner").await;
    assert!(said.contains("Sign in to keep the desktop"), "{said}");
    in_german(browser, "sign-in-de").await;
    looks_well_as_it_is(browser, "sign-in-en").await;
    browser.has_size(1280, 800).await;
    browser.clicks("#username").await;
    browser.types(GUEST.0).await;
    browser.presses(Key::Tab).await;
    browser.types(GUEST.1).await;
    browser.presses(Key::Enter).await;

    browser.sees("form[action^='/keep/'] button").await;
    let said = browser.reads("main").await;
    assert!(said.contains("signed in as malte"), "{said}");
    in_german(browser, "question-de").await;
    looks_well_as_it_is(browser, "question-en").await;
    browser.has_size(1280, 800).await;
    browser.clicks("form[action^='/keep/'] button").await;
}

async fn path(browser: &Browser) -> String {
    let path = browser.finds_out("return location.pathname").await;
    path.as_str().unwrap().to_owned()
}
