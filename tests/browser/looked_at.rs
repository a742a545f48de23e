//! An administrator looks at somebody else's desktop: its owner's bar says so while it lasts, in both languages and on a
//! phone, and again when control is taken and given back.

use std::time::Duration;

use serde_json::json;

use crate::{
    ADMIN, DESKTOP,
    browser::{Browser, with_browser},
    journey::is_connected,
    looks::looks_well_as_it_is,
    sign_in, signs_in_as,
    support::{
        eventually,
        http::{self, By},
        server::Server,
    },
    url,
};

const OWNER: (&str, &str) = ("malte", "a birch by the lake");
/// From what an administrator does to the owner's bar.
const TOLD_WITHIN: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_sees_an_administrator_come_take_control_and_leave() {
    let server = Server::start().await;
    let page = desktop_of_owner(&server).await;
    with_browser("looked-at-owner", async |owner| {
        signs_in_as(owner, &server, OWNER).await;
        owner.goto(&page).await;
        is_connected(owner).await;
        assert_eq!(lines(owner).await, 0, "nobody looks on");
        with_browser("looked-at-administrator", async |administrator| {
            sign_in(administrator, &server).await;
            administrator.goto(&page).await;
            is_connected(administrator).await;
            is_told(owner, "watches", "is watching").await;
            looks_well_as_it_is(owner, "lookers-en").await;
            owner
                .finds_out("document.cookie = 'deskcast-language=de; path=/'")
                .await;
            owner.reload().await;
            is_connected(owner).await;
            is_told(owner, "watches", "sieht zu").await;
            looks_well_as_it_is(owner, "lookers-de").await;
            owner.has_size(1280, 800).await;
            fits_phones(administrator).await;

            administrator
                .clicks("form[action$='/control'] button")
                .await;
            is_connected(administrator).await;
            is_told(owner, "controls", "die Steuerung").await;
            administrator.clicks("form[action$='/watch'] button").await;
            is_connected(administrator).await;
            is_told(owner, "watches", "sieht zu").await;
            administrator.goto(&url(&server, "/admin/audit")).await;
            let acts = administrator.reads("main").await;
            for act in ["began to look on", "took control", "gave control back"] {
                assert!(acts.contains(act), "{act}: {acts}");
            }
            looks_well_as_it_is(administrator, "audit-en").await;
        })
        .await;
        let none = async || (lines(owner).await == 0).then_some(());
        eventually("nobody looks on any more", TOLD_WITHIN, none).await;
    })
    .await;
}

async fn is_told(owner: &Browser, kind: &str, words: &str) {
    let line = format!("[data-lookers] [data-kind='{kind}']");
    owner.sees_within(&line, TOLD_WITHIN).await;
    let said = owner.reads(&line).await;
    assert!(said.contains(ADMIN.0) && said.contains(words), "{said}");
    assert_eq!(lines(owner).await, 1, "{said}");
}

/// The desktop keeps its owner's size; the bar around it fits.
async fn fits_phones(administrator: &Browser) {
    for width in [320, 390] {
        administrator.has_size(width, 640).await;
        let wide = administrator
            .finds_out("const bar = document.querySelector('.viewer-bar'); return bar.scrollWidth - bar.clientWidth")
            .await;
        assert_eq!(wide, 0, "at {width}");
        administrator
            .keeps_picture(&format!("looks-on-{width}"))
            .await;
    }
    administrator.has_size(1280, 800).await;
    administrator.keeps_picture("looks-on-1280").await;
}

async fn lines(owner: &Browser) -> u64 {
    let script = "return document.querySelectorAll('[data-lookers] > li').length";
    owner.finds_out(script).await.as_u64().unwrap()
}

/// Makes the owner and their desktop; the address of its page.
async fn desktop_of_owner(server: &Server) -> String {
    let session = server.sign_in().await;
    let body = json!({ "username": OWNER.0, "password": OWNER.1 }).to_string();
    let headers = [("Content-Type", "application/json")];
    let (by, path) = (By::Program(&session), "/api/admin/users");
    let made = http::send(
        server.address,
        by,
        hyper::Method::POST,
        path,
        &headers,
        &body,
    )
    .await;
    assert_eq!(made.status, 201, "{}", made.text);
    let signed_in = server.try_sign_in(OWNER).await.json_with(200);
    let own = signed_in["session"]["id"].as_str().unwrap();
    let started = server.start_desktop(own, DESKTOP).await;
    assert_eq!(started.status, 201, "{}", started.text);
    url(server, &format!("/desktop/{}-{DESKTOP}/", OWNER.0))
}
