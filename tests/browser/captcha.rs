//! A visitor without an account proves to be a person, as browsers and keyboards do it; and who decides how.

use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::{
    DESKTOP,
    browser::{Browser, with_browser},
    journey::is_connected,
    looks::{LANGUAGES, looks_well, looks_well_as_it_is, speaks},
    sign_in,
    siteverify::{PRIVATE_KEY, SITE_KEY, Siteverify},
    support::{
        http::{self, By},
        installation::Installation,
        server::Server,
    },
    url,
};

const KEY: (&str, &str) = ("SECRET_KEY", "a secret key of thirty-two characters");

/// In a new page: puzzles are begun and never solved.
const NEVER_SOLVED: &str = "Worker.prototype.postMessage = () => {};";
/// In a new page: no puzzle can be begun.
const NO_WORKERS: &str = "window.works = Worker.prototype.postMessage; Worker.prototype.postMessage = () => { throw new Error('none'); };";
const WORKERS_AGAIN: &str = "Worker.prototype.postMessage = window.works;";

async fn add_cast(server: &Server) {
    let session = server.sign_in().await;
    let body = json!({ "name": "With a check", "key": "checked", "desktop_type": DESKTOP, "allow_anonymous": true,
        "require_captcha": true });
    let headers = [("Content-Type", "application/json")];
    let (by, method) = (By::Program(&session), hyper::Method::POST);
    let casts = "/api/admin/casts";
    let body = body.to_string();
    let made = http::send(server.address, by, method, casts, &headers, &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
}

/// From now on `script` runs in new pages before theirs; answers how to end that.
async fn runs_first(browser: &Browser, script: &str) -> Value {
    let source = json!({ "source": script });
    browser
        .devtools("Page.addScriptToEvaluateOnNewDocument", source)
        .await
}

async fn runs_no_more(browser: &Browser, script: Value) {
    browser
        .devtools("Page.removeScriptToEvaluateOnNewDocument", script)
        .await;
}

async fn desktops(server: &Server) -> i64 {
    sqlx::query_scalar("select count(*) from desktops where cast_title = 'With a check'")
        .fetch_one(&server.installation.database)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_with_a_puzzle_opens_by_itself_by_keyboard_and_once() {
    let server = Server::start().await;
    add_cast(&server).await;
    let link = url(&server, "/cast/checked");
    with_browser("captcha", async |guest| {
        // Without scripts it says what it needs.
        let scripts = |off: bool| json!({ "value": off });
        guest.goto(&url(&server, "/login")).await;
        guest
            .devtools("Emulation.setScriptExecutionDisabled", scripts(true))
            .await;
        guest.goto(&link).await;
        let said = guest.reads("main").await;
        assert!(said.contains("needs JavaScript"), "{said}");
        for width in [390, 1280] {
            guest.has_size(width, 800).await;
            guest
                .keeps_picture(&format!("captcha-without-scripts-{width}"))
                .await;
        }
        guest
            .devtools("Emulation.setScriptExecutionDisabled", scripts(false))
            .await;

        // While it is checked, and when that does not work.
        let never = runs_first(guest, NEVER_SOLVED).await;
        guest.goto(&link).await;
        looks_well(guest, "captcha-checking", "[data-state='verifying']").await;
        let said = guest.reads("[role='status']").await;
        assert!(said.contains("Es wird geprüft"), "{said}");
        runs_no_more(guest, never).await;
        let none = runs_first(guest, NO_WORKERS).await;
        for language in LANGUAGES {
            speaks(guest, language).await;
            guest.goto(&link).await;
            guest.sees("[data-state='error']").await;
            looks_well_as_it_is(guest, &format!("captcha-failed-{language}")).await;
        }
        let said = guest.reads("[role='status']").await;
        assert!(said.contains("auf das Kästchen"), "{said}");
        assert_eq!(desktops(&server).await, 0);

        // The keyboard repeats it; then the page sends itself.
        guest.finds_out(WORKERS_AGAIN).await;
        runs_no_more(guest, none).await;
        guest.has_size(1280, 800).await;
        guest.presses(Key::Tab).await;
        let focused = "return document.activeElement.type";
        assert_eq!(guest.finds_out(focused).await, "checkbox");
        guest.types(" ").await;
        is_connected(guest).await;
        assert_eq!(desktops(&server).await, 1);

        // Whoever opens it anew has nothing to do at all. Going back leads to the same desktop.
        speaks(guest, "en").await;
        guest.goto(&link).await;
        is_connected(guest).await;
        guest.has_size(390, 740).await;
        guest.keeps_picture("captcha-desktop-390").await;
        assert_eq!(guest.complaints().await, [""; 0]);
        assert_eq!(desktops(&server).await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_with_google_s_checkbox_opens_when_it_is_ticked() {
    let google = Siteverify::start().await;
    let server = Server::start_on(&Installation::new().await, &[KEY]).await;
    let session = server.sign_in().await;
    let set = |url: &str| {
        json!({ "captcha_kind": "recaptcha", "recaptcha_site_key": SITE_KEY, "recaptcha_private_key": PRIVATE_KEY,
            "recaptcha_url": url })
        .to_string()
    };
    let sets = async |url: &str| {
        let headers = [("Content-Type", "application/json")];
        let (by, method) = (By::Program(&session), hyper::Method::PUT);
        let at = "/api/admin/settings";
        let saved = http::send(server.address, by, method, at, &headers, &set(url)).await;
        assert_eq!(saved.status, 200, "{}", saved.text);
    };
    sets(&google.url()).await;
    add_cast(&server).await;
    let link = url(&server, "/cast/checked");
    with_browser("recaptcha", async |guest| {
        for (language, width) in [("en", 1280), ("de", 390), ("de", 320)] {
            guest.goto(&url(&server, "/login")).await;
            speaks(guest, language).await;
            guest.has_size(width, 800).await;
            guest.goto(&link).await;
            guest.sees(".g-recaptcha iframe").await;
            let fits = "return document.documentElement.scrollWidth <= window.innerWidth";
            assert_eq!(guest.finds_out(fits).await, true, "{width}");
            guest
                .keeps_picture(&format!("recaptcha-{language}-{width}"))
                .await;
        }
        assert_eq!(guest.complaints().await, [""; 0]);
        speaks(guest, "en").await;
        // A narrow bar says in no word that it is connected.
        guest.has_size(1280, 800).await;
        guest.looks_into("iframe").await;
        guest.clicks("#human").await;
        guest.leaves_the_frame().await;
        is_connected(guest).await;
        assert_eq!(desktops(&server).await, 1);
        assert_eq!(google.asked().len(), 1);
        guest.complaints().await;
        // Where Google cannot be reached, the page says so.
        sets(&format!("{}/nothing", google.url())).await;
        guest.goto(&link).await;
        let status = "[role='status']:not(:empty)";
        let said = guest.reads(status).await;
        assert!(said.contains("could not be loaded"), "{said}");
        guest.keeps_picture("recaptcha-blocked").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_server_settings_looks_well_and_names_what_is_wrong() {
    let server = Server::start_on(&Installation::new().await, &[KEY]).await;
    with_browser("settings", async |browser| {
        sign_in(browser, &server).await;
        browser.goto(&url(&server, "/admin/settings")).await;
        looks_well(browser, "settings", ".form-card").await;
        browser
            .finds_out("document.getElementById('captcha_kind').value = 'recaptcha'; document.querySelector('.form-card').submit()")
            .await;
        browser.sees("#recaptcha_site_key[aria-invalid='true']").await;
        let complaints = browser.complaints().await;
        assert!(
            complaints.iter().all(|one| one.contains("status of 422")),
            "{complaints:?}"
        );
        looks_well_as_it_is(browser, "settings-refused").await;
        browser
            .finds_out(
                "for (const [name, value] of [['recaptcha_site_key', '6Le-site'], ['recaptcha_private_key', '6Le-private']])
                     document.getElementById(name).value = value;
                 document.querySelector('.form-card').submit()",
            )
            .await;
        browser.sees(".banner[data-kind='good']").await;
        looks_well(browser, "settings-saved", ".form-card").await;
    })
    .await;
}
