//! Signing in and out with providers that other people wrote, as Authelia's example and the original's IServ are set
//! up.

use std::time::Duration;

use fantoccini::key::Key;
use serde_json::json;

use crate::{
    browser::{Browser, with_browser},
    provider::Provider,
    support::{
        eventually,
        installation::Installation,
        server::Server,
        written_provider::{SECRET_KEY, Written},
    },
    url,
};

/// How long a sign-out may take to be heard.
const HEARD: Duration = Duration::from_secs(5);

async fn server() -> Server {
    let settings = [("SECRET_KEY", SECRET_KEY)];
    Server::start_on(&Installation::new().await, &settings).await
}

/// Authelia's example as it is written: three addresses, `client_secret_basic`, one scope a line.
async fn authelia(server: &Server) -> Provider {
    let provider = Provider::certified("authelia", &url(server, ""));
    Written {
        name: "Authelia",
        authorization_url: &provider.url("/api/oidc/authorization"),
        token_url: &provider.url("/api/oidc/token"),
        userinfo_url: &provider.url("/api/oidc/userinfo"),
        client: ("kasm", "insecure_secret"),
        token_auth_method: "client_secret_basic",
        scopes: &["openid", "profile", "groups", "email"],
        username_claim: "preferred_username",
        admin_group: "admins",
        ..Written::default()
    }
    .into(&server.installation.database)
    .await;
    provider
}

/// IServ as the original uses it.
async fn iserv(server: &Server) -> Provider {
    let provider = Provider::certified("iserv", &url(server, ""));
    Written {
        name: "IServ",
        authorization_url: &provider.url("/iserv/oauth/v2/auth"),
        token_url: &provider.url("/iserv/oauth/v2/token"),
        userinfo_url: &provider.url("/iserv/public/oauth/userinfo"),
        jwks_url: &provider.url("/iserv/public/jwk"),
        client: ("deskcast", "another insecure secret & more"),
        token_auth_method: "client_secret_post",
        scopes: &["openid", "profile", "uuid", "email", "groups"],
        username_claim: "preferred_username",
        teacher_group: "lehrer",
        ..Written::default()
    }
    .into(&server.installation.database)
    .await;
    provider
}

/// Goes to the provider and signs in on its page.
async fn signs_in_at(browser: &Browser, server: &Server, provider: &str, who: (&str, &str)) {
    browser
        .goto(&url(server, &format!("/login/oidc/{provider}")))
        .await;
    browser.clicks("#name").await;
    browser.types(who.0).await;
    browser.clicks("#password").await;
    browser.types(who.1).await;
    browser.clicks("#sign-in").await;
}

/// Signs in at the provider while an administrator signs in here, as in another tab.
async fn comes_back_to_an_administrator(browser: &Browser, server: &Server) {
    browser
        .goto(&url(server, "/login/oidc/Authelia?next=%2Faccount"))
        .await;
    browser.clicks("#name").await;
    browser.types("alice").await;
    browser.clicks("#password").await;
    browser.types("wonderland").await;
    let session = json!({
        "name": "deskcast", "value": server.sign_in().await, "url": url(server, "/"), "httpOnly": true,
    });
    browser.devtools("Network.setCookie", session).await;
    browser.clicks("#sign-in").await;
    browser.sees("form[action='/login/switch']").await;
}

/// The name of whoever is signed in.
async fn is_signed_in_as(browser: &Browser) -> String {
    let script = "return fetch('/session').then((answer) => answer.json()).then((session) => session.user.username)";
    let name = browser.finds_out(script).await;
    name.as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_of_somebody_else_asks_first() {
    let server = server().await;
    let provider = authelia(&server).await;
    with_browser("provider-switch", async |browser| {
        comes_back_to_an_administrator(browser, &server).await;
        let words = browser.reads("main").await;
        assert!(words.contains("Alice Anders (alice)"), "{words}");
        browser.keeps_picture("asked").await;
        browser.prefers("dark").await;
        browser.has_size(390, 844).await;
        browser.keeps_picture("asked-phone-dark").await;
        browser.prefers("light").await;
        browser.has_size(1280, 800).await;
        assert_eq!(is_signed_in_as(browser).await, "admin");
        browser.clicks("button[value='stay']").await;
        browser.sees(".account-button").await;
        assert_eq!(is_signed_in_as(browser).await, "admin");

        let cookie = json!({ "name": "deskcast", "url": url(&server, "/") });
        browser.devtools("Network.deleteCookies", cookie).await;
        let there = json!({ "origin": provider.url(""), "storageTypes": "cookies" });
        browser.devtools("Storage.clearDataForOrigin", there).await;
        browser
            .finds_out("document.cookie = 'deskcast-language=de; path=/'")
            .await;
        comes_back_to_an_administrator(browser, &server).await;
        browser.has_size(390, 844).await;
        browser.keeps_picture("asked-phone-german").await;
        browser.has_size(1280, 800).await;
        browser.clicks("button[value='switch']").await;
        browser.sees(".account-button").await;
        assert_eq!(is_signed_in_as(browser).await, "alice");
        let at = browser.finds_out("return location.pathname").await;
        assert_eq!(at, "/account");
    })
    .await;
}

/// Name, slug, role and groups of the only person of a provider.
async fn person(server: &Server) -> (String, String, String, Vec<String>) {
    sqlx::query_as(
        "select u.username, u.slug, u.role::text, array(
             select g.external_id || ' ' || g.name from user_groups g join group_members m on m.group_id = g.id
             where m.user_id = u.id and g.provider_id is not null order by 1)
         from users u where u.issuer is not null",
    )
    .fetch_one(&server.installation.database)
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn authelias_example_works_as_written_and_signing_out_ends_there_too() {
    let server = server().await;
    let _provider = authelia(&server).await;
    with_browser("provider-authelia", async |browser| {
        signs_in_at(browser, &server, "Authelia", ("alice", "wonderland")).await;
        assert!(
            browser
                .reads(".account-button")
                .await
                .contains("Alice Anders")
        );
        browser.sees(".site-nav a[href='/admin']").await;
        browser.keeps_picture("signed-in").await;
        let (username, slug, role, groups) = person(&server).await;
        assert_eq!((username.as_str(), slug.as_str()), ("alice", "alice"));
        assert_eq!(role, "admin");
        assert_eq!(groups, ["admins admins", "dev dev"]);

        browser.clicks(".account-button").await;
        browser
            .clicks(".menu-list form[action='/logout'] button")
            .await;
        // The page goes on to the provider by itself.
        browser.sees("button[name='logout']").await;
        browser.keeps_picture("sign-out-there").await;
        browser.clicks("button[name='logout']").await;
        browser.sees("form[action='/login'] #username").await;

        // Nobody is signed in there either: it asks who somebody is.
        browser.goto(&url(&server, "/login/oidc/Authelia")).await;
        browser.sees("#password").await;
        browser.clicks("#deny").await;
        let words = browser.reads("main").await;
        assert!(
            words.contains("You cancelled signing in at Authelia."),
            "{words}"
        );
        browser.keeps_picture("cancelled").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn iserv_signs_a_teacher_in_and_signing_out_there_ends_the_session_here() {
    let server = server().await;
    let provider = iserv(&server).await;
    with_browser("provider-iserv", async |browser| {
        signs_in_at(browser, &server, "IServ", ("ivo", "schule")).await;
        assert!(browser.reads(".account-button").await.contains("Ivo Serv"));
        let (username, slug, role, groups) = person(&server).await;
        assert_eq!((username.as_str(), slug.as_str()), ("ivo.serv", "ivo-serv"));
        assert_eq!(role, "teacher");
        assert_eq!(groups, ["klasse.10a Klasse 10a", "lehrer Lehrer"]);

        // Signed in there still, nobody is asked a second time.
        let cookie = json!({ "name": "deskcast", "url": url(&server, "/") });
        browser.devtools("Network.deleteCookies", cookie).await;
        browser.goto(&url(&server, "/login/oidc/IServ")).await;
        browser.sees(".account-button").await;

        browser.goto(&provider.url("/iserv/oauth/v2/end")).await;
        browser.clicks("button[name='logout']").await;
        eventually("the session has ended here", HEARD, async || {
            let sessions: i64 = sqlx::query_scalar("select count(*) from login_sessions")
                .fetch_one(&server.installation.database)
                .await
                .unwrap();
            (sessions == 0).then_some(())
        })
        .await;
        browser.goto(&url(&server, "/")).await;
        browser.sees("form[action='/login'] #username").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn canaille_signs_somebody_in_by_its_issuer_alone() {
    let server = server().await;
    let provider = Provider::canaille(&url(&server, ""));
    Written {
        name: "Canaille",
        issuer: &provider.issuer,
        client: ("kasm", "insecure_secret"),
        token_auth_method: "client_secret_basic",
        scopes: &["openid", "profile", "groups", "email"],
        username_claim: "preferred_username",
        admin_group: "admins",
        ..Written::default()
    }
    .into(&server.installation.database)
    .await;
    with_browser("provider-canaille", async |browser| {
        browser.goto(&url(&server, "/login/oidc/Canaille")).await;
        browser.clicks("#login").await;
        browser.types("carla").await;
        browser.clicks("button[name='answer']").await;
        browser.clicks("#password").await;
        browser.types("correct horse battery").await;
        browser.presses(Key::Enter).await;
        let shown = browser.reads(".account-button").await;
        assert!(shown.contains("Carla Canaille"), "{shown}");
        let (username, slug, role, groups) = person(&server).await;
        assert_eq!((username.as_str(), slug.as_str()), ("carla", "carla"));
        assert_eq!(role, "admin");
        assert_eq!(groups, ["admins admins", "dev dev"]);
    })
    .await;
}
