//! A link, from the page that passes it on to the desktop behind it.

use serde_json::json;

use crate::{
    DESKTOP,
    browser::with_browser,
    journey::{clicks_into_terminal, is_connected},
    looks::looks_well,
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
