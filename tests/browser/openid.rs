//! An administrator sets up an OpenID provider: with scripts the test's result comes in place, without them as a page.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    browser::{Browser, with_browser},
    looks::looks_well_as_it_is,
    sign_in,
    support::{
        installation::Installation,
        server::{ADMIN, Server},
    },
    url,
};

const KEY: (&str, &str) = ("SECRET_KEY", "a secret key of thirty-two characters");

async fn server() -> Server {
    let installation: Arc<Installation> = Installation::new().await;
    Server::start_on(&installation, &[KEY]).await
}

async fn fills(browser: &Browser, field: &str, text: &str) {
    let field = browser.sees(&format!("#{field}")).await;
    field.send_keys(text).await.unwrap();
}

/// From the list to a provider that is saved. Nobody answers as its issuer: our own server has no discovery.
async fn sets_one_up(browser: &Browser, server: &Server) {
    sign_in(browser, server).await;
    browser.goto(&url(server, "/admin/openid")).await;
    browser.clicks("a[href='/admin/openid/new']").await;
    fills(browser, "name", "IServ (Lindenschule)").await;
    fills(browser, "issuer", &url(server, "")).await;
    fills(browser, "client_id", "deskcast").await;
    browser.clicks(".form-end button").await;
    let problem = browser.reads("#client_secret-problem").await;
    assert!(problem.contains("Enter the client secret"), "{problem}");
    fills(browser, "client_secret", "insecure_secret").await;
    browser.clicks(".form-end button").await;
    assert_eq!(browser.reads("main h1").await, "IServ (Lindenschule)");
    assert!(browser.reads(".banner").await.contains("Saved."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_is_set_up_tested_in_place_and_offered_on_the_sign_in_page() {
    let server = server().await;
    with_browser("openid", async |browser| {
        sign_in(browser, &server).await;
        browser.goto(&url(&server, "/admin/openid")).await;
        looks_well_as_it_is(browser, "list-empty").await;
        browser.goto(&url(&server, "/admin/openid/new")).await;
        looks_well_as_it_is(browser, "new").await;
        browser.goto(&url(&server, "/logout")).await;
        browser.clicks("form[action='/logout'] button").await;
        assert!(browser.reads(".banner").await.contains("signed out"));

        sets_one_up(browser, &server).await;
        // What was refused on the way is an answer of the server, and the browser says so.
        let complaints = browser.complaints().await;
        assert!(complaints.iter().all(|one| one.contains("422")), "{complaints:?}");
        let mark = "window.same = true; return document.querySelectorAll('[data-copy]:not([hidden])').length";
        assert_eq!(browser.finds_out(mark).await, json!(4), "each address can be copied");
        browser.clicks("[data-check] button").await;
        browser.sees("#check-result [data-result='fail']").await;
        let same = browser.finds_out("return window.same === true").await;
        assert_eq!(same, Value::Bool(true), "the page is not loaded again");
        looks_well_as_it_is(browser, "tested").await;

        browser.has_size(1280, 800).await;
        browser.clicks("a[data-dialog='delete-dialog']").await;
        let asked = browser.reads("#delete-question").await;
        assert_eq!(asked, "Delete the provider IServ (Lindenschule)?");
        browser.clicks("#delete-dialog [data-close]").await;
        browser.goto(&url(&server, "/admin/openid")).await;
        looks_well_as_it_is(browser, "list").await;

        browser.goto(&url(&server, "/logout")).await;
        browser.clicks("form[action='/logout'] button").await;
        let button = browser.reads(".provider-button > span:nth-child(2)").await;
        assert_eq!(button, "Continue with IServ (Lindenschule)");
        looks_well_as_it_is(browser, "sign-in").await;
        // The form is still there, and is for whoever has no account at the provider.
        fills(browser, "username", ADMIN.0).await;
        fills(browser, "password", ADMIN.1).await;
        browser.clicks("form[action='/login'] button").await;
        browser.sees(".site-header").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_a_provider_is_set_up_tested_and_deleted_by_plain_forms() {
    let server = server().await;
    with_browser("openid-without-scripts", async |browser| {
        let off = json!({ "value": true });
        browser
            .devtools("Emulation.setScriptExecutionDisabled", off)
            .await;
        sets_one_up(browser, &server).await;
        browser.clicks("[data-check] button").await;
        browser.sees("#check-result [data-result='fail']").await;
        browser.clicks(".page-head a.danger").await;
        assert!(
            browser
                .reads("main p")
                .await
                .contains("Nobody is signed in with it now.")
        );
        browser.clicks("form button.danger").await;
        assert!(
            browser
                .reads(".banner")
                .await
                .contains("The provider was removed.")
        );
        assert!(
            browser
                .reads("main")
                .await
                .contains("No OpenID provider yet")
        );
    })
    .await;
}
