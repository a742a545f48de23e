//! Every page in its states and both languages: fits a phone, light and dark, nothing to complain about, and the
//! keyboard's way is seen.

use std::time::Duration;

use fantoccini::key::Key;
use serde_json::Value;

use crate::{
    DESKTOP,
    browser::{Browser, with_browser},
    sign_in,
    support::{eventually, http::By, installation::Kind, server::Server},
    url,
};

/// Phones, old and new, and a desk.
const SIZES: [(u32, u32); 3] = [(320, 640), (390, 844), (1280, 800)];
/// A desktop's end by itself, or its start.
const CHANGES_WITHIN: Duration = Duration::from_secs(20);
/// From a change of the window to the desktop's own.
const FITS_WITHIN: Duration = Duration::from_secs(10);
/// From a change of the window to the page's own.
const LAID_OUT_WITHIN: Duration = Duration::from_secs(3);
/// What a browser says about a page that is meant to be missing, or to be there no more.
const MISSING: [&str; 2] = [
    "the server responded with a status of 404",
    "the server responded with a status of 410",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_a_phone_in_light_and_dark_and_the_browser_has_nothing_to_complain_about() {
    let server = Server::start().await;
    with_browser("looks", async |browser| {
        browser.goto(&url(&server, "/")).await;
        looks_well(browser, "sign-in", "main h1").await;
        only_types(&server, &[]).await;
        sign_in(browser, &server).await;
        assert!(browser.reads("main").await.contains("No desktop is set up"));
        looks_well(browser, "dashboard-empty", ".empty-state").await;

        let session = server.sign_in().await;
        start_one_of_each(&server, &session).await;
        browser.goto(&url(&server, "/")).await;
        browser.sees("#card-dies[data-state='error']").await;
        browser
            .sees(&format!("#card-{DESKTOP}[data-state='running']"))
            .await;
        looks_well(browser, "dashboard", "#card-dies[data-state='error']").await;

        for (slug, sign, name) in [
            ("slow", "[data-shown-state='starting']", "starting"),
            ("dies", "[data-shown-state='failed']", "failed"),
            (DESKTOP, "[data-connection='connected']", "viewer"),
        ] {
            browser
                .goto(&url(&server, &format!("/desktop/admin-{slug}/")))
                .await;
            looks_well(browser, name, sign).await;
        }
        for slug in [DESKTOP, "slow"] {
            let path = format!("/api/container/stop?desktop_type={slug}");
            let stopped = server
                .send(By::Program(&session), hyper::Method::POST, &path)
                .await;
            assert_eq!(stopped.status, 200, "{}", stopped.text);
        }
        browser
            .sees_within("[data-shown-state='stopped']", CHANGES_WITHIN)
            .await;
        looks_well(browser, "stopped", "[data-shown-state='stopped']").await;
        for (path, name) in [
            (format!("/desktops/{DESKTOP}/remove"), "remove"),
            ("/logout".to_owned(), "sign-out"),
        ] {
            browser.goto(&url(&server, &path)).await;
            looks_well(browser, name, "main h1").await;
        }

        browser.goto(&url(&server, "/no/such/page")).await;
        looks_well(browser, "not-found", "main h1").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboards_way_through_the_dashboard_is_seen_and_can_be_shortened() {
    let server = Server::start().await;
    with_browser("keyboard-way", async |browser| {
        sign_in(browser, &server).await;
        browser.sees(".desktop-card").await;
        let mut stops = 0;
        let mut link_first = false;
        loop {
            browser.presses(Key::Tab).await;
            let stop = browser.finds_out(FOCUSED).await;
            if stop["page"] == true {
                break;
            }
            if stops == 0 {
                link_first = stop["skip"] == true;
                browser.keeps_picture("first-stop").await;
            }
            assert_eq!(
                stop["marked"], true,
                "nothing shows where the focus is: {stop}"
            );
            assert_eq!(stop["in_view"], true, "the focus is out of sight: {stop}");
            assert_eq!(stop["named"], true, "a control without a name: {stop}");
            stops += 1;
            assert!(stops < 100, "the Tab key never leaves the page");
        }
        assert!(link_first, "the first stop leads past the header");
        assert!(stops >= 5, "only {stops} stops");

        browser.goto(&url(&server, "/")).await;
        browser.sees(".desktop-card").await;
        browser.presses(Key::Tab).await;
        browser.presses(Key::Enter).await;
        browser.presses(Key::Tab).await;
        let after = browser
            .finds_out("return document.activeElement.closest('main') !== null")
            .await;
        assert_eq!(after, Value::Bool(true), "past the header");
    })
    .await;
}

/// What has the focus, and whether it can be seen and told.
const FOCUSED: &str = r#"
    const at = document.activeElement;
    if (at === document.body) return { page: true };
    const style = getComputedStyle(at);
    const box = at.getBoundingClientRect();
    return {
        what: at.outerHTML.slice(0, 200),
        skip: at.matches(".skip-link"),
        marked: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none",
        in_view: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        named: Boolean((at.textContent || at.getAttribute("aria-label") || at.labels?.[0]?.textContent || "").trim()),
    };"#;

/// Takes pictures of the page as it is and looks whether it fits and runs clean.
pub(crate) async fn looks_well_as_it_is(browser: &Browser, name: &str) {
    for (width, height) in SIZES {
        browser.has_size(width, height).await;
        desktop_fits(browser).await;
        fits(browser, &format!("{name} at {width} pixels")).await;
        // The pictures show also what one has to scroll to.
        let whole = browser.finds_out(HEIGHT).await.as_u64();
        let whole = u32::try_from(whole.unwrap()).unwrap();
        browser.has_size(width, whole.max(height)).await;
        for scheme in ["light", "dark"] {
            browser.prefers(scheme).await;
            browser
                .keeps_picture(&format!("{name}-{width}-{scheme}"))
                .await;
        }
    }
    browser.prefers("light").await;
    let mut complaints = browser.complaints().await;
    if name.starts_with("not-found") {
        complaints.retain(|one| !MISSING.iter().any(|missing| one.contains(missing)));
    }
    assert_eq!(complaints, [""; 0], "{name}");
}

/// The languages of every page.
pub(crate) const LANGUAGES: [&str; 2] = ["en", "de"];

/// From now on pages speak `language`.
pub(crate) async fn speaks(browser: &Browser, language: &str) {
    let cookie = format!("document.cookie = 'deskcast-language={language}; path=/'");
    browser.finds_out(&cookie).await;
}

/// The same in both languages. `sign` tells that the page is there again.
pub(crate) async fn looks_well(browser: &Browser, name: &str, sign: &str) {
    for language in LANGUAGES {
        speaks(browser, language).await;
        // Narrow bars leave the word away; the state stays.
        browser.has_size(1280, 800).await;
        browser.reload().await;
        browser
            .sees_within(&format!("html[lang='{language}'] {sign}"), CHANGES_WITHIN)
            .await;
        looks_well_as_it_is(browser, &format!("{name}-{language}")).await;
    }
    speaks(browser, "en").await;
}

/// A desktop, where there is one, takes the size of its window; without scrolling it can be used on a phone.
async fn desktop_fits(browser: &Browser) {
    eventually("the desktop fits its window", FITS_WITHIN, async || {
        (browser.finds_out(FITS).await == true).then_some(())
    })
    .await;
}

/// Whether the desktop's picture is as large as its frame; true on pages without one.
const FITS: &str = r#"
    const frame = document.querySelector("iframe");
    if (!frame) return true;
    const canvas = frame.contentDocument?.querySelector("canvas");
    return canvas?.width === frame.clientWidth && canvas.height === frame.clientHeight;"#;

/// Nothing makes the page wider than its window, and no words leave the box they belong to.
async fn fits(browser: &Browser, what: &str) {
    // A window that has just become smaller is laid out twice: the second time with its scroll bar.
    let whole = format!("{what} does not scroll sideways");
    eventually(&whole, LAID_OUT_WITHIN, async || {
        match browser.finds_out(STICKS_OUT).await {
            wider if wider == serde_json::json!([]) => Ok(()),
            wider => Err(format!("because of these: {wider}")),
        }
    })
    .await;
    let cut = browser.finds_out(CUT_OFF).await;
    assert_eq!(cut, serde_json::json!([]), "{what} cuts off words");
}

const HEIGHT: &str = "return document.documentElement.scrollHeight";

/// What is wider than the window, if the page can be scrolled sideways.
const STICKS_OUT: &str = r#"
    const page = document.documentElement;
    if (page.scrollWidth <= page.clientWidth) return [];
    return [...document.querySelectorAll("body *")]
        .filter((one) => one.getBoundingClientRect().right > page.clientWidth)
        .map((one) => one.outerHTML.slice(0, 120));"#;

/// Buttons, labels and headings whose words are wider than they are; what ends in dots on purpose may.
const CUT_OFF: &str = r#"
    const all = document.querySelectorAll("button, a, h1, h2, h3, p, label, .state-chip, .fact");
    return [...all]
        .filter((one) => one.checkVisibility() && one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1)
        .filter((one) => getComputedStyle(one).textOverflow !== "ellipsis" && !one.querySelector(".seen-by-readers, .hide-on-phone, span"))
        .map((one) => one.outerHTML.slice(0, 200));"#;

/// Leaves only these types in the catalogue.
async fn only_types(server: &Server, slugs: &[&str]) {
    sqlx::query("update desktop_types set enabled = slug = any($1)")
        .bind(slugs)
        .execute(&server.installation.database)
        .await
        .unwrap();
}

/// One that runs, one that failed, one that takes its time, one that was never started, one without its image.
async fn start_one_of_each(server: &Server, session: &str) {
    let installation = &server.installation;
    installation
        .add(&Kind::with_fault("dies", "exit-at-start"))
        .await;
    installation
        .add(&Kind::with_fault("slow", "slow-start=55000"))
        .await;
    only_types(
        server,
        &[DESKTOP, "debian-browser", "ubuntu-vscode", "dies", "slow"],
    )
    .await;
    let failed = server.start_desktop(session, "dies").await;
    assert_eq!(failed.status, 503);
    let running = server.start_desktop(session, DESKTOP).await;
    assert_eq!(running.status, 201, "{}", running.text);
    // Claimed by the form of the page, which does not wait.
    let started = server
        .send(
            By::Browser(session),
            hyper::Method::POST,
            "/desktops/slow/start",
        )
        .await;
    assert_eq!(started.status, 303, "{}", started.text);
}
