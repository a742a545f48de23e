//! Secrets of signing in with a provider: those of the browser's way there and back, and the tokens behind it.

use std::time::Duration;

use hyper::Method;
use serde_json::json;
use url::Url;

use crate::{
    canaries::{Canaries, Home},
    idp::{CLIENT, Idp},
    support::{
        eventually,
        http::{self, Answer, By},
        server::Server,
        written_provider::Written,
    },
};

/// How long the server may take to renew what is due: it looks every fifteen seconds.
const RENEWED: Duration = Duration::from_secs(40);

/// A sign-in that comes to nothing, because nobody is there to ask.
pub(super) async fn does_not_answer(server: &Server, canaries: &mut Canaries) {
    let (to, cookies) = begins(server, canaries, "default").await;
    let code = "canary-authorization-code";
    canaries.add("a code", code, Home::Nowhere);
    for by in [cookies.as_str(), ""] {
        let answer = comes_back(server, &to, by, code).await;
        canaries.saw("the way back from a provider", &answer);
    }
}

/// A sign-in that succeeds, the renewal of its tokens, and what the person, an administrator (`admin`) and the database
/// see of it.
pub(super) async fn signs_somebody_in(server: &Server, canaries: &mut Canaries, admin: &str) {
    let idp = Idp::start(|script| {
        script.tokens = json!({
            "access_token": "canary-access-token", "refresh_token": "refresh-canary-of-the-provider",
        });
    })
    .await;
    canaries.add("the secret of a client", CLIENT.1, Home::Nowhere);
    is_written_down(server, &idp).await;

    let (to, cookies) = begins(server, canaries, "real").await;
    let code = idp.consent(&to);
    canaries.add("a code that counts", &code, Home::Nowhere);
    let answer = comes_back(server, &to, &cookies, &code).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    canaries.saw_body("the way back to a session", &answer);
    let session = cookie(&answer, "deskcast=");
    canaries.add("a session of a provider", &session, Home::Nowhere);

    renews(server, &idp).await;
    looks_around(server, canaries, &session, admin).await;
    let names: Vec<_> = idp.secrets();
    for name in [
        "the proof of a code",
        "an ID token",
        "an access token",
        "a refresh token",
    ] {
        assert!(
            names.iter().any(|(known, _)| *known == name),
            "{name} was never given"
        );
    }
    for (name, secret) in names.into_iter().filter(|(_, secret)| !secret.is_empty()) {
        canaries.add(name, secret, Home::Nowhere);
    }
    // The page that leads on to the provider has the ID token as a hint in its link: it is given to its owner there.
    let headers = [
        ("Cookie", format!("deskcast={session}")),
        ("Accept", "text/html".into()),
    ];
    let headers = headers
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let left = http::send(
        server.address,
        By::Browser(&session),
        Method::POST,
        "/logout",
        &headers[1..],
        "",
    )
    .await;
    assert!(left.text.contains("id_token_hint="), "{}", left.text);
}

async fn is_written_down(server: &Server, idp: &Idp) {
    let written = Written {
        name: "real",
        issuer: idp.issuer(),
        client: CLIENT,
        token_auth_method: "client_secret_basic",
        scopes: &["openid", "profile", "offline_access"],
        username_claim: "preferred_username",
        ..Written::default()
    };
    written.into(&server.installation.database).await;
}

/// Has the tokens renewed: another refresh token is given, and with it another ID token.
async fn renews(server: &Server, idp: &Idp) {
    let renewed = "refresh-canary-renewed";
    idp.script().tokens["refresh_token"] = renewed.into();
    sqlx::query("update login_sessions set refresh_at = now() where refresh_at is not null")
        .execute(&server.installation.database)
        .await
        .unwrap();
    let given = |idp: &Idp| idp.secrets().iter().any(|(_, secret)| secret == renewed);
    eventually("the tokens are renewed", RENEWED, async || {
        given(idp).then_some(())
    })
    .await;
}

/// Every page and answer that tells of people and providers.
async fn looks_around(server: &Server, canaries: &mut Canaries, session: &str, admin: &str) {
    for path in [
        "/",
        "/account",
        "/session",
        "/api/sessions",
        "/logout",
        "/no/such/page",
    ] {
        let answer = server.get(By::Browser(session), path).await;
        canaries.saw(path, &answer);
    }
    let providers = server
        .get(By::Browser(admin), "/api/admin/oidc-providers")
        .await;
    let mut paths = Vec::new();
    for provider in providers.json_with(200)["oidc_providers"]
        .as_array()
        .unwrap()
    {
        let id = provider["id"].as_str().unwrap();
        paths.push(format!("/api/admin/oidc-providers/{id}"));
        paths.push(format!("/admin/openid/{id}"));
    }
    let lists = [
        "/admin",
        "/admin/openid",
        "/admin/users",
        "/api/admin/users",
        "/api/admin/groups",
    ];
    paths.extend(lists.map(String::from));
    canaries.saw("the list of providers", &providers);
    for path in paths {
        let answer = server.get(By::Browser(admin), &path).await;
        assert_eq!(answer.status, 200, "{path}");
        canaries.saw(&path, &answer);
    }
}

/// Sends a browser to the provider `name`: where it goes, and the cookies it has then.
async fn begins(server: &Server, canaries: &mut Canaries, name: &str) -> (Url, String) {
    let begun = server.get(By::Nobody, &format!("/login/oidc/{name}")).await;
    assert!(
        begun.status.is_redirection(),
        "{} {}",
        begun.status,
        begun.text
    );
    let to: Url = begun.headers["location"].to_str().unwrap().parse().unwrap();
    canaries.add("a state", parameter(&to, "state"), Home::SignIn);
    canaries.add("a nonce", parameter(&to, "nonce"), Home::SignIn);
    let cookies: Vec<String> = begun
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|cookie| {
            cookie
                .to_str()
                .unwrap()
                .split(';')
                .next()
                .unwrap()
                .to_owned()
        })
        .collect();
    for cookie in &cookies {
        let (_, value) = cookie.split_once('=').unwrap();
        canaries.add("the cookie of a sign-in", value, Home::SignIn);
    }
    (to, cookies.join("; "))
}

fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs()
        .find_map(|(key, value)| (key == name).then(|| value.into_owned()))
        .unwrap_or_else(|| panic!("no {name} in {url}"))
}

async fn comes_back(server: &Server, to: &Url, cookies: &str, code: &str) -> Answer {
    let state = parameter(to, "state");
    let back = format!("/api/oidc_callback?state={state}&code={code}");
    let headers = [("Cookie", cookies), ("Accept", "text/html")];
    http::send(server.address, By::Nobody, Method::GET, &back, &headers, "").await
}

/// The value of the cookie that begins like this.
fn cookie(answer: &Answer, begins: &str) -> String {
    let cookies = answer.headers.get_all("set-cookie").iter();
    let value = cookies
        .filter_map(|cookie| cookie.to_str().unwrap().strip_prefix(begins))
        .find_map(|rest| rest.split(';').next());
    value.unwrap_or_else(|| panic!("no {begins}")).to_owned()
}
