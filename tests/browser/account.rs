//! The account page as a person uses it: another browser signed out, a token made and copied, German, dark.

use serde_json::{Value, json};

use crate::{
    browser::with_browser,
    looks::looks_well_as_it_is,
    sign_in,
    support::{http::By, server::Server},
    url,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_looks_after_their_own_account() {
    let server = Server::start().await;
    with_browser("account", async |browser| {
        sign_in(browser, &server).await;
        let phone = server.sign_in().await;
        browser.goto(&url(&server, "/account")).await;
        browser.sees("#signins").await;
        let list = browser.reads(".event-list").await;
        assert!(list.contains("This browser, Chrome on Linux"), "{list}");
        assert!(list.contains("since today "), "the time is in the reader's own clock: {list}");
        assert!(list.contains("A program"), "the script that signed in: {list}");

        browser.clicks("#token-name").await;
        browser.types("Morning script").await;
        browser.clicks("form[action^='/account/tokens'] .button:not(.danger)").await;
        let token = browser.reads("#made").await;
        assert!(token.starts_with("dct_"), "{token}");
        let address = browser.finds_out("return location.href").await;
        assert!(!address.as_str().unwrap().contains(&token), "{address}");
        let origin = json!({ "origin": url(&server, ""), "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
        browser.devtools("Browser.grantPermissions", origin).await;
        browser.clicks("[data-copy]").await;
        browser.sees("[data-copy] use[href$='#check']").await;
        let copied = browser.finds_out("return document.querySelector('[data-copy-says]').textContent").await;
        assert_eq!(copied, "Copied");
        looks_well_as_it_is(browser, "token-en").await;
        browser.has_size(1280, 800).await;

        // Not again by coming back, and no second token by changing the language.
        browser.clicks(".account-button").await;
        browser.clicks(".menu-list button[lang='de']").await;
        let german = browser.reads("main").await;
        assert!(german.contains("Wo Sie angemeldet sind") && german.contains("Morning script"), "{german}");
        assert!(german.contains("seit heute"), "{german}");
        assert!(!german.contains(&token));
        looks_well_as_it_is(browser, "account-de").await;
        browser.has_size(1280, 800).await;
        browser.clicks("label:has(input[name='language'][value='en'])").await;
        browser.clicks("label:has(input[name='theme'][value='dark'])").await;
        browser.clicks("form[action='/look'].stack .button").await;
        browser.sees("html[lang='en'][data-theme='dark'] .banner").await;
        browser.clicks("label:has(input[name='theme'][value='device'])").await;
        browser.clicks("form[action='/look'].stack .button").await;
        browser.sees("html[lang='en']:not([data-theme]) .banner").await;
        looks_well_as_it_is(browser, "account-en").await;
        browser.has_size(1280, 800).await;

        browser.clicks(".event-list li:nth-child(2) .button").await;
        assert!(browser.reads(".banner").await.contains("Signed out there."));
        let gone = server.get(By::Program(&phone), "/session").await;
        assert_eq!(gone.status, 401);

        browser.clicks("#password-old").await;
        browser.types("wrong password").await;
        for field in ["#password-new", "#password-again"] {
            browser.clicks(field).await;
            browser.types("a brand new password").await;
        }
        browser.clicks("form[action^='/account/password'] .button").await;
        browser.sees("#password-old-problem").await;
        assert!(browser.complaints().await.iter().all(|said| said.contains("422")), "only the refusal itself");
        looks_well_as_it_is(browser, "password-refused").await;
        let labels = browser.finds_out(UNNAMED).await;
        assert_eq!(labels, Value::Array(Vec::new()), "controls without a name");
    })
    .await;
}

const UNNAMED: &str = r#"
    return [...document.querySelectorAll("main button, main input:not([type=hidden]), main select, main a")]
        .filter((at) => !(at.textContent || at.getAttribute("aria-label") || at.labels?.[0]?.textContent || "").trim())
        .map((at) => at.outerHTML);"#;
