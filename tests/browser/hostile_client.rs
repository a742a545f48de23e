//! A desktop whose pages are hostile, in front of an administrator: its client in the frame of our viewer page, and a
//! web application of its own. Neither reaches anything of ours outside its own desktop (threat T29).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    browser::{Browser, with_browser},
    sign_in,
    support::{eventually, installation::Kind, server::Server},
    url,
};

/// The script of all attempts; it needs `P`, `home` and `files`.
const ATTEMPTS: &str = include_str!("hostile_attempts.js");
/// Until the server has written its line.
const LOGGED_WITHIN: std::time::Duration = std::time::Duration::from_secs(10);
/// Fewer are no suite.
const AT_LEAST: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_client_stays_in_its_desktop() {
    let server = Server::start().await;
    server.installation.add(&Kind::stand_in("hostile")).await;
    let home = running(&server, "hostile").await;
    with_browser("hostile-client", async |browser| {
        sign_in(browser, &server).await;
        for realm in ["parent", "window"] {
            browser.goto(&url(&server, &home)).await;
            browser.sees("[data-connection]").await;
            browser.looks_into("iframe").await;
            nothing_of_ours_is_reached(browser, &server, &home, realm).await;
            browser.leaves_the_frame().await;
            let at = browser.finds_out("return location.pathname").await;
            assert_eq!(at, *home, "the page is still there");
        }
        is_still_signed_in(browser, &server).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_web_application_stays_in_its_desktop() {
    let server = Server::start().await;
    let plain = Kind {
        image: "deskcast/kasm-standin:plain",
        plain: true,
        ..Kind::stand_in("hostile")
    };
    server.installation.add(&plain).await;
    let home = running(&server, "hostile").await;
    with_browser("hostile-application", async |browser| {
        sign_in(browser, &server).await;
        browser.goto(&url(&server, &home)).await;
        nothing_of_ours_is_reached(browser, &server, &home, "window").await;
        is_still_signed_in(browser, &server).await;
    })
    .await;
}

/// Over plain http a page of our origin can push our cookies out of the browser and put its own in their place. The first
/// page of ours notices.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_a_desktop_plants_is_taken_away() {
    let server = Server::start().await;
    let plain = Kind {
        image: "deskcast/kasm-standin:plain",
        plain: true,
        ..Kind::stand_in("hostile")
    };
    server.installation.add(&plain).await;
    let home = running(&server, "hostile").await;
    with_browser("planted-sign-in", async |browser| {
        sign_in(browser, &server).await;
        for page in ["/", "/account?x=y", "/admin/users"] {
            browser.goto(&url(&server, &home)).await;
            let planted = server.sign_in().await;
            let script = format!(
                "const junk = (value) => {{ for (let i = 0; i < 400; i += 1) document.cookie = `junk${{i}}=${{value}}`; }};\n\
                 junk('x; path=/'); document.cookie = 'deskcast={planted}; path=/; max-age=3600'; junk('; path=/; max-age=0');\n\
                 return document.cookie;"
            );
            let cookies = browser.finds_out(&script).await;
            let stands = format!("deskcast={planted}");
            assert!(cookies.as_str().unwrap().contains(&stands), "{cookies}");
            browser.goto(&url(&server, page)).await;
            browser.sees("form[action='/login'] #username").await;
            let words = browser.reads("[role='alert']").await;
            assert!(words.contains("put a sign-in of its own"), "{words}");
            let left = browser.finds_out("return document.cookie").await;
            assert!(!left.as_str().unwrap().contains("deskcast="), "{left}");
            let script = "return fetch('/session').then((answer) => answer.status)";
            assert_eq!(browser.finds_out(script).await, 400, "{page}");
        }
        browser.keeps_picture("taken-away").await;
        // Signing in again is all there is to do.
        sign_in(browser, &server).await;
        is_still_signed_in(browser, &server).await;
    })
    .await;
}

/// Starts a desktop of this type for the administrator and answers its address, as soon as it runs.
async fn running(server: &Server, slug: &str) -> String {
    let session = server.sign_in().await;
    let started = server.start_desktop(&session, slug).await.json_with(201);
    let name = started["container"]["proxy_path"].as_str().unwrap();
    eventually("the desktop runs", LOGGED_WITHIN * 3, async || {
        let state: String = sqlx::query_scalar("select state::text from desktops")
            .fetch_one(&server.installation.database)
            .await
            .ok()?;
        (state == "running").then_some(())
    })
    .await;
    format!("/desktop/{name}/")
}

/// Every attempt is refused in the browser, and no request of it came to the server.
async fn nothing_of_ours_is_reached(browser: &Browser, server: &Server, home: &str, realm: &str) {
    let before = server.log_text().len();
    let files = deskcast::web::statics::base();
    let script = format!(
        "const P = {realm}; const home = '{home}'; const files = '{files}';\n\
         return (async () => {{ {ATTEMPTS} }})();"
    );
    let got: BTreeMap<String, String> =
        serde_json::from_value(browser.finds_out(&script).await).unwrap();
    assert!(got.len() > AT_LEAST, "{got:#?}");
    assert!(
        got["control"].parse::<u16>().is_ok(),
        "its own desktop is within reach, or this shows nothing: {got:#?}"
    );
    let succeeded: Vec<_> = got
        .iter()
        .filter(|(name, got)| *name != "control" && *got != "asked" && !got.starts_with("refused"))
        .collect();
    let asked = eventually("the last request is logged", LOGGED_WITHIN, async || {
        let lines = requests(&server.log_text()[before..]);
        let last = format!("{home}last-of-all");
        lines
            .iter()
            .any(|line| line.ends_with(&last))
            .then_some(lines)
    })
    .await;
    let allowed = [home, "/static/", "/api/events", "/favicon.ico", "/readyz"];
    // A page that writes its own scripts can have addresses fetched ahead; that is refused (`web/prefetch.rs`), and
    // nothing else that an administrator reads is.
    let fetched_ahead = "GET 403 ";
    let outside: Vec<_> = asked
        .iter()
        .filter(|line| {
            let path = line.rsplit(' ').next().unwrap();
            !allowed.iter().any(|start| path.starts_with(start)) && !line.starts_with(fetched_ahead)
        })
        .collect();
    assert!(
        succeeded.is_empty() && outside.is_empty(),
        "as {realm}: {succeeded:?}, asked for {outside:?}"
    );
}

/// Method, status and path of each request in the log.
fn requests(log: &str) -> Vec<String> {
    log.lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|line| {
            let field = |name: &str| line.get(name).or_else(|| line.get("fields")?.get(name));
            let text = |name: &str| field(name)?.as_str();
            let status = field("status")?.as_u64()?;
            Some(format!("{} {status} {}", text("method")?, text("path")?))
        })
        .collect()
}

async fn is_still_signed_in(browser: &Browser, server: &Server) {
    browser.goto(&url(server, "/account")).await;
    let at = browser.finds_out("return location.pathname").await;
    assert_eq!(at, "/account");
    let tokens: i64 = sqlx::query_scalar("select count(*) from api_tokens")
        .fetch_one(&server.installation.database)
        .await
        .unwrap();
    assert_eq!(tokens, 0, "nobody made a token");
}
