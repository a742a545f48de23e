//! A link, from the page that passes it on to the desktop behind it.

use fantoccini::key::Key;
use serde_json::json;

use crate::{
    DESKTOP,
    browser::with_browser,
    journey::{clicks_into_terminal, is_connected},
    looks::{looks_well, looks_well_as_it_is},
    sharing::in_german,
    sign_in,
    support::{
        http::{self, By},
        server::Server,
    },
    url,
};

pub(crate) async fn add_cast(server: &Server, key: &str) {
    let session = server.sign_in().await;
    let body = json!({ "name": format!("Link {key}"), "key": key, "desktop_type": DESKTOP, "allow_anonymous": true });
    let headers = [("Content-Type", "application/json")];
    let (by, method) = (By::Program(&session), hyper::Method::POST);
    let made = http::send(
        server.address,
        by,
        method,
        "/api/admin/casts",
        &headers,
        &body.to_string(),
    )
    .await;
    assert_eq!(made.status, 201, "{}", made.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_leads_somebody_without_an_account_to_a_desktop() {
    let server = Server::start().await;
    add_cast(&server, "open").await;
    with_browser("cast", async |guest| {
        // Without scripts it is a page with a button.
        let scripts = |off: bool| json!({ "value": off });
        guest.goto(&url(&server, "/login")).await;
        guest
            .devtools("Emulation.setScriptExecutionDisabled", scripts(true))
            .await;
        guest.goto(&url(&server, "/cast/open")).await;
        let said = guest.reads("main").await;
        assert!(said.contains("No account is needed"), "{said}");
        for width in [390, 1280] {
            guest.has_size(width, 800).await;
            guest.keeps_picture(&format!("cast-page-{width}")).await;
        }
        guest
            .devtools("Emulation.setScriptExecutionDisabled", scripts(false))
            .await;

        // The older form of the link, and the page that sends itself.
        guest.goto(&url(&server, "/#/cast/open")).await;
        is_connected(guest).await;
        clicks_into_terminal(guest).await;
        let there = guest.finds_out("return location.pathname").await;
        assert!(
            there.as_str().unwrap().starts_with("/desktop/guest-"),
            "{there}"
        );
        guest.keeps_picture("cast-desktop").await;
        // The page took no place in the history: going back leads to where somebody came from.
        let before = guest.finds_out("return history.length").await;
        guest.reload().await;
        is_connected(guest).await;
        assert_eq!(guest.finds_out("return history.length").await, before);
        guest.has_size(390, 740).await;
        guest.keeps_picture("cast-desktop-390").await;
        guest.has_size(1280, 800).await;
        let count = "select count(*) from desktops where cast_title = 'Link open'";
        let desktops: i64 = sqlx::query_scalar(count)
            .fetch_one(&server.installation.database)
            .await
            .unwrap();
        assert_eq!(desktops, 1, "one page, one desktop");

        guest.goto(&url(&server, "/cast/withdrawn")).await;
        let said = guest.reads("main").await;
        assert!(said.contains("This link leads nowhere"), "{said}");
        looks_well(guest, "not-found-cast", "main .gate-card").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_qr_code_of_a_cast_says_its_link() {
    let server = Server::start().await;
    add_cast(&server, "class-7b_qr").await;
    with_browser("cast-qr", async |admin| {
        sign_in(admin, &server).await;
        admin.goto(&url(&server, "/admin/casts")).await;
        admin.clicks("td.main a.what").await;
        let link = admin.reads("#link").await;
        assert_eq!(link, url(&server, "/cast/class-7b_qr"));
        for scheme in ["light", "dark"] {
            admin.prefers(scheme).await;
            for width in [1280, 390] {
                admin.has_size(width, 800).await;
                let show = "document.querySelector('svg.qr').scrollIntoView({ block: 'center' })";
                admin.finds_out(show).await;
                admin.keeps_picture(&format!("{scheme}-{width}")).await;
                let says = admin.picture().await.qr_codes();
                assert_eq!(says, std::slice::from_ref(&link), "{scheme} {width}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_become_links_that_open_one_desktop_each() {
    let server = Server::start().await;
    add_cast(&server, "exam").await;
    with_browser("cast-links", async |browser| {
        sign_in(browser, &server).await;
        browser.goto(&url(&server, "/admin/casts")).await;
        browser.clicks("td.main a.what").await;
        browser.clicks("main a[href$='/links']").await;
        looks_well_as_it_is(browser, "none").await;
        browser.has_size(1280, 800).await;
        browser.clicks("#names").await;
        browser.types("Mia Schmidt").await;
        browser.presses(Key::Enter).await;
        browser.types("Noah Weber").await;
        browser
            .clicks("form[action$='/links'] .button.primary")
            .await;
        let link = browser.reads("#given-1").await;
        assert!(
            link.starts_with(&url(&server, "/cast/exam?once=")),
            "{link}"
        );
        looks_well_as_it_is(browser, "made").await;
        browser.has_size(1280, 800).await;
        let list = browser.finds_out("return location.pathname").await;
        let list = url(&server, list.as_str().unwrap());
        with_browser("cast-link-guest", async |guest| {
            guest.goto(&link).await;
            is_connected(guest).await;
            // Whoever used it comes back by it, and nobody else.
            guest.goto(&link).await;
            is_connected(guest).await;
            with_browser("cast-link-late", async |late| {
                late.goto(&link).await;
                let said = late.reads("main").await;
                assert!(said.contains("works once"), "{said}");
                looks_well(late, "not-found-used", "main .gate-card").await;
            })
            .await;
        })
        .await;
        browser.goto(&list).await;
        let table = browser.reads("table.admin-table").await;
        assert!(
            table.contains("Mia Schmidt") && table.contains("guest-"),
            "{table}"
        );
        in_german(browser, "de").await;
    })
    .await;
}
