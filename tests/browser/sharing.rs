//! Two people in front of one desktop: its owner shares it on a page, a guest opens the link and watches.

use std::time::Duration;

use fantoccini::key::Key;
use serde_json::json;

use crate::{
    browser::{Browser, with_browser},
    journey::{clicks_into_terminal, is_connected, main_button, running_container, type_until},
    looks::looks_well_as_it_is,
    sign_in,
    support::{
        docker::try_docker,
        http::{self, By},
        server::Server,
    },
    url,
};

/// Signs in with this on the page.
pub(crate) const GUEST: (&str, &str) = ("malte", "a birch by the lake");
/// From the owner's click to the guest's page that says so.
const ENDS_WITHIN: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_shares_a_desktop_and_a_guest_watches_it_until_the_owner_ends_it() {
    let server = Server::start().await;
    everybody_may_share(&server).await;
    add_guest(&server).await;
    with_browser("share-owner", async |owner| {
        sign_in(owner, &server).await;
        owner.clicks(&main_button()).await;
        is_connected(owner).await;
        clicks_into_terminal(owner).await;
        let container = running_container(&server).await;
        let link = makes_a_link(owner, &server).await;
        with_browser("share-guest", async |guest| {
            signs_in_by_the_link(guest, &link).await;
            joins(guest).await;
            clicks_into_terminal(guest).await;
            guest.keeps_picture("watching").await;
            guest.types("echo guest > /tmp/by-guest").await;
            guest.presses(Key::Enter).await;

            // What the guest typed came before this and would stand in front of it. The terminal still has the
            // keyboard.
            owner.clicks(".page-head a.button").await;
            is_connected(owner).await;
            let visits = owner.reads("[data-lookers] [data-kind='visits']").await;
            assert!(visits.contains("malte (by your link)"), "{visits}");
            let typed = "echo hello-$((6*7)) > /tmp/by-owner";
            type_until(owner, &container, typed, "/tmp/by-owner").await;
            let by_guest = try_docker(&["exec", &container, "test", "-e", "/tmp/by-guest"]);
            assert!(by_guest.is_err(), "a watcher's keys arrived");
            fits_phones(guest).await;

            ends_the_link(owner).await;
            guest.sees_within(".gate-icon", ENDS_WITHIN).await;
            guest.goto(&link).await;
            let over = guest.reads("main").await;
            assert!(over.contains("has ended this link"), "{over}");
        })
        .await;
    })
    .await;
}

/// From the bar to the page, and a link that may only be watched by.
async fn makes_a_link(owner: &Browser, server: &Server) -> String {
    owner.clicks(".viewer-bar a[href$='/share']").await;
    owner.clicks("form[action$='/share'] .button.primary").await;
    let link = owner.reads("#made").await;
    assert!(link.starts_with(&url(server, "/share/")), "{link}");
    copies(owner, server).await;
    looks_well_as_it_is(owner, "share-made-en").await;
    owner.has_size(1280, 800).await;
    link
}

async fn joins(guest: &Browser) {
    in_german(guest, "share-join-de").await;
    let asked = guest.reads("main").await;
    assert!(
        asked.contains("You can watch, but neither type nor click."),
        "{asked}"
    );
    looks_well_as_it_is(guest, "share-join-en").await;
    guest.has_size(1280, 800).await;
    guest.clicks("form[action^='/share/'] button").await;
    is_connected(guest).await;
    let bar = guest.reads(".viewer-bar").await;
    assert!(bar.contains("view only") && !bar.contains("Stop"), "{bar}");
}

async fn ends_the_link(owner: &Browser) {
    owner.clicks(".viewer-bar a[href$='/share']").await;
    let list = owner.reads(".event-list").await;
    assert!(
        list.contains("Only watch") && list.contains("Joined: malte"),
        "{list}"
    );
    in_german(owner, "share-de").await;
    owner.clicks(".event-list .button.danger").await;
    assert!(owner.reads(".banner").await.contains("The link has ended"));
}

async fn everybody_may_share(server: &Server) {
    sqlx::query(
        "update user_groups set settings = settings || '{\"allow_sharing\": true}' where everybody",
    )
    .execute(&server.installation.database)
    .await
    .unwrap();
}

pub(crate) async fn add_guest(server: &Server) {
    let session = server.sign_in().await;
    let body = json!({ "username": GUEST.0, "password": GUEST.1 }).to_string();
    let headers = [("Content-Type", "application/json")];
    let method = hyper::Method::POST;
    let (by, path) = (By::Program(&session), "/api/admin/users");
    let made = http::send(server.address, by, method, path, &headers, &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
}

async fn copies(browser: &Browser, server: &Server) {
    let origin = json!({ "origin": url(server, ""), "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
    browser.devtools("Browser.grantPermissions", origin).await;
    browser.clicks("[data-copy]").await;
    browser.sees("[data-copy] use[href$='#check']").await;
}

/// The link leads to the sign-in page and back.
async fn signs_in_by_the_link(guest: &Browser, link: &str) {
    guest.goto(link).await;
    guest.sees("#username:focus").await;
    guest.types(GUEST.0).await;
    guest.presses(Key::Tab).await;
    guest.types(GUEST.1).await;
    guest.presses(Key::Enter).await;
    guest.sees("form[action^='/share/'] button").await;
    let there = guest.finds_out("return location.href").await;
    assert_eq!(there, link, "back at the link");
}

/// Looks at the page in German, and leaves it in English.
pub(crate) async fn in_german(browser: &Browser, name: &str) {
    speaks(browser, "de").await;
    looks_well_as_it_is(browser, name).await;
    browser.has_size(1280, 800).await;
    speaks(browser, "en").await;
}

async fn speaks(browser: &Browser, language: &str) {
    let script = format!("document.cookie = 'deskcast-language={language}; path=/'");
    browser.finds_out(&script).await;
    browser.reload().await;
    browser
        .sees(&format!("html[lang='{language}'] main h1"))
        .await;
}

/// A visitor's window shows the whole desktop, however small it is, and its bar says what holds.
async fn fits_phones(guest: &Browser) {
    for width in [320, 390] {
        guest.has_size(width, 640).await;
        let wide = guest
            .finds_out("const bar = document.querySelector('.viewer-bar'); return bar.scrollWidth - bar.clientWidth")
            .await;
        assert_eq!(wide, 0, "at {width}");
        assert!(
            guest
                .reads(".viewer-bar .stands-out")
                .await
                .contains("view only")
        );
        guest.keeps_picture(&format!("watching-{width}")).await;
    }
    guest.has_size(1280, 800).await;
}
